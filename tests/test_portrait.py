"""What `evometa inspect` prints, for a terminal and for a pipe."""

from __future__ import annotations

import math
from pathlib import Path

from evometa.inspect import load
from evometa.portrait import curve, number, spaced
from tests.inspected import folder, printed

__all__ = ["folder"]  # a fixture


def test_the_portrait_for_a_pipe_has_whole_lines(folder: Path) -> None:
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
        " 1     2  crossover  0     0.6000, 5  update = mul(pre, sub(target, post))",
        "60 lifetimes, 3 of them diverged · 0.8 of 1.5 s spent on them",
        f"digest {load(folder).digest}",
    ):
        assert line in text.splitlines(), line
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_the_portrait_fits_a_terminal(folder: Path) -> None:
    text = printed(load(folder), width=80, terminal=True)
    assert max(map(len, text.splitlines())) <= 80
    assert "Δw = 0.5·pre·(target − post)" in text
    assert "generation 2 of 3, as it was then" in printed(load(folder), width=200, terminal=True, generation=2)


def test_curves_and_numbers() -> None:
    assert curve([0.0, 1.0, None, math.nan, 2.0]) == "▁▅  █"
    assert curve([3.0, 3.0]) == "▁▁"
    assert curve([None]) == ""
    assert curve([1e6, *range(20)])[0] == "█"
    assert curve([1e6, *range(20)])[10] in "▄▅"
    assert len(curve(list(range(1000)))) == 60
    assert spaced(list(range(100)), 10) == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]
    assert spaced([1, 2, 3], 10) == [1, 2, 3]
    assert [number(v) for v in (None, 3, 1234567, 7.0, 0.5, 1e-7, 1e9, 0.0)] == [
        *("–", "3", "1,234,567", "7", "0.5000", "1e-07", "1e+09", "0.0000"),
    ]
