"""What `evometa inspect` prints, for a terminal and for a pipe."""

from __future__ import annotations

from pathlib import Path

from evometa.presentation.run import load
from evometa.store import open_writer
from tests.inspected import REPORT, folder, printed
from tests.presentation.test_learner_text import ANALYSIS

__all__ = ["folder"]  # a fixture


def test_a_run_in_a_pipe_has_whole_lines(folder: Path) -> None:
    text = printed(load(folder), width=30)
    for line in (
        f"delta · seed 7 · generation 3 of 3, finished · {folder}",
        "champion  #2, born in generation 3 (crossover)",
        "rule             Δw = 0.5·pre·(target − post)",
        "as text, update  mul(c0, mul(pre, sub(target, post)))",
        "network          5 inputs → 1 sigmoid output, fully connected, 6 synapses; learns locally",
        "pre              activation of the node that the synapse comes from",
        "c0 = 0.5000      coefficient 0 of the rule, one number a genome",
        "fitness  adapted_closeness 0.7000, size 5",
        "innate 0.5000 → adapted 0.7000 on the tasks of evolution",
        "│ champion       │ 0.9500 ± 0.0100 │",
        "│ delta (rate 2) │ 0.9790 ± 0.0020 │",
        "best   ▁▅█",
        "         3  0.7000  0.5000       –        –         2         20",
        " 2     3  crossover  1     0.7000, 5  +0.1  Δw: pre·(target − post) → c0·pre·(target − post)",
        " 0     1  first      –     0.5000, 5     –  –",
        f"No analysis of this individual is stored. Make one with: evometa inspect {folder} --analyse",
        "60 lifetimes in evolution",
        "3 of those in evolution diverged · 0.8 of 1.5 s spent on them",
        f"digest {load(folder).digest}",
    ):
        assert line in text.splitlines(), line
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_a_run_on_paper_fits_a_terminal(folder: Path) -> None:
    text = printed(load(folder), width=80, terminal=True)
    assert max(map(len, text.splitlines())) <= 80
    assert "Δw = 0.5·pre·(target − post)" in text
    assert "generation 2 of 3, as it was then" in printed(load(folder), width=200, terminal=True, generation=2)


def test_a_stored_analysis_is_shown(folder: Path) -> None:
    with open_writer(folder) as writer:
        writer.report({**REPORT, "analysis": ANALYSIS})
    assert "what it is made of: closeness on 9 held-out tasks" in printed(load(folder))
    assert "No analysis of this individual is stored" in printed(load(folder), individual=0)
    made = printed(load(folder), individual=0, analysis=ANALYSIS)
    assert "what it is made of" in made
