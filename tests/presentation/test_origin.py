"""How learners came about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Analysis
from evometa.language.text import parse
from evometa.presentation.origin import FEW, Origin, origin_of
from evometa.presentation.run import Run, load
from evometa.store import Evaluation, create
from tests.inspected import CONFIG
from tests.small import DELTA, recipe
from tests.stored import Born, commit

LINE = [  # an individual a generation, each the child of the one before: operator, rule, signature
    ("guess nesterov with decay (library)", "-c0*(grad + c1*s1)", b"a"),
    ("mutate node", "-c0*(grad + c1*s1) + 0*w", b"a"),
    ("mutate coefficients", "-c0*(grad + 2*s1)", b"b"),
    ("crossover", "-c0*(2*grad + 2*s1)", b"c"),
]
DESCENT = [  # the nearest first
    {"id": 2, "n": 40, "gain": {"mean": 0.002, "ci95": 0.004}, "difference": {"mean": 0.002, "ci95": 0.004}},
    {"id": 1, "n": 40, "gain": {"mean": 0.051, "ci95": 0.012}, "difference": {"mean": 0.053, "ci95": 0.013}},
]
MEASURED = {"measure": "accuracy", "tasks": 90, "over": {"unit": "class", "units": [5]}, "descent": DESCENT}


def written(folder: Path, line: list[tuple[str, str, bytes]] = LINE, **config: Any) -> Run:
    """Write a run with that line."""
    with create(folder, {**CONFIG, **config}, {}) as writer:
        for number, (operator, rule, signature) in enumerate(line):
            genome = Genome({"update": parse(rule)}, coefficients=np.array([0.25, 0.875], np.float32))
            born = Born(number, (number - 1,) if number else (), operator, genome.to_json(), signature)
            state, told = {"hall": [number]}, {"best_id": number}
            commit(writer, number, [born], [Evaluation(number, (0.5, 1.0))], state, told, {})
    return load(folder)


def origin(run: Run, number: int, **told: Any) -> Origin:
    return origin_of(run, run.individual(number), Analysis.model_validate({**MEASURED, **told}))


def test_gains_are_those_that_show_on_held_out_tasks(tmp_path: Path) -> None:
    found = origin(written(tmp_path), 3)
    assert (found.start, found.founder, found.steps, found.neutral) == (
        "Nesterov's momentum with decay (library)", 0, 3, 1,
    )  # fmt: skip
    assert [(one.id, one.since, one.operator) for one in found.gains] == [
        (3, 2, "crossover"), (2, 1, "mutate coefficients"),
    ]  # fmt: skip
    assert found.total == {"mean": 0.053, "ci95": 0.013}  # of one comparison, not a sum
    assert found.sentence == (
        "found from Nesterov's momentum with decay (library) by 3 steps: +0.053 ± 0.013 accuracy in all; "
        "+0.051 ± 0.012 by Δw: −c0·c1·s1 → −2·c0·s1; 1 change without a gain that shows; "
        "1 step that changed no behaviour; on 40 held-out tasks, ± 95 % interval over 5 classes"
    )


def test_less_loss_is_a_gain(tmp_path: Path) -> None:
    turned = [{**row, "gain": {**row["gain"], "mean": -row["gain"]["mean"]}} for row in DESCENT]  # type: ignore[dict-item]
    run = written(tmp_path)
    assert [one.id for one in origin(run, 3, descent=turned, lower_is_better=True, measure="loss").sure] == [2]
    assert origin(run, 3, descent=turned).sure == []
    assert origin(run, 3, lower_is_better=True).sure == []


def test_steps_that_were_not_lived_one_by_one_stand_together(tmp_path: Path) -> None:
    gain = {"mean": 0.06, "ci95": 0.01}
    found = origin(written(tmp_path), 3, descent=[{"id": 1, "gain": gain, "difference": gain}])
    assert [(one.id, one.since, one.operator) for one in found.gains] == [(3, 1, "")]
    assert found.total == gain
    nearest = origin(written(tmp_path / "other"), 3, descent=[DESCENT[0]])  # the founder's genome was not kept, say
    assert nearest.total is None
    assert " in all" not in nearest.sentence


def test_many_gains_are_counted(tmp_path: Path) -> None:
    line = [("first", "w", b"0"), *[("mutate node", f"{n}*w", b"%d" % n) for n in range(1, FEW + 3)]]
    gain = {"mean": 0.1, "ci95": 0.01}
    rows = [{"id": id, "gain": gain, "difference": gain} for id in range(FEW + 1, -1, -1)]
    said = origin(written(tmp_path, line), FEW + 2, descent=rows).sentence
    assert said.count("+0.100 ± 0.010 by Δw: ") == FEW
    assert "; 2 further changes with a gain; on" in said


def test_without_an_analysis_nothing_is_said_to_have_gained(tmp_path: Path) -> None:
    run = written(tmp_path)
    found = origin_of(run, run.individual(3))
    assert found.sentence == (
        "found from Nesterov's momentum with decay (library) by 3 steps: 1 step that changed no behaviour"
    )
    assert (found.gains, found.total) == ((), None)


@pytest.mark.parametrize(
    ("operator", "config", "said"),
    [
        (
            "guess nesterov (library)",
            {},
            "is Nesterov's momentum (library) without a change, with rate 0.25, β 0.875",
        ),
        ("guess nesterov (library), varied", {}, "is Nesterov's momentum (library), varied, and no more"),
        ("guess individual 3 (runs/x)", {}, "is individual 3 (runs/x) without a change"),
        ("first", {}, "is a random tree without a change"),
        ("first", {"rule": {"init": {"update": "w"}}}, "is the recipe's own rule without a change"),
        (
            "first",
            {"rule": {"init": {"update": "w"}}, "evolution": {"start": {"library": 1.0, "random": 1.0}}},
            "is a random tree without a change",
        ),
        (
            "first",
            {"rule": {"init": {"update": "w"}}, "evolution": {"start": {"init": 1.0, "random": 1.0}}},
            "is the recipe's own rule or a random tree without a change",
        ),
        ("random immigrant", {}, "is a random immigrant without a change"),
        ("first", {"topology": {"mode": "evolved"}}, "is a first network without a change"),
    ],
)
def test_who_has_no_ancestors_is_what_was_given(
    operator: str, config: dict[str, Any], said: str, tmp_path: Path
) -> None:
    run = written(tmp_path, [(operator, "-c0*(grad + c1*s1)", b"")], **config)
    assert origin_of(run, run.individual(0)).sentence == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("-(c0*(1 - (1 - 0)*age))*(grad + c1*s1)", ", with rate 0.25, β 0.875, decay 0"),
        ("-(0.0625*p0*(1 - (1 - 0.5)*age))*(grad + c1*s1)", ", with rate 0.0625, β 0.875, decay 0.5"),
        ("-(c0*(1 - (1 - 0.5)*age))*grad", ", with rate 0.25"),  # not the rule, but for what its coefficients are
    ],
)
def test_dials_may_be_constants(rule: str, said: str, tmp_path: Path) -> None:
    run = written(tmp_path, [("guess nesterov with decay (library)", rule, b"")])
    assert origin_of(run, run.individual(0)).sentence.endswith(said)


def test_a_long_line_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evometa.presentation.origin.LONGEST", 2)
    run = written(tmp_path)
    found = origin_of(run, run.individual(3))
    assert (found.founder, found.steps, found.start) == (None, 2, "#1")
    assert found.sentence.startswith("found from #1 by 2 steps")


def test_a_run_lives_its_champion_s_ancestors_again(tmp_path: Path) -> None:
    run = evometa.run(recipe(DELTA, evolution={"immigrants": 0}), out=tmp_path / "run")
    found, steps = run.origin, run.lineage()
    assert found is not None
    assert (found.steps, found.founder, found.start) == (len(steps) - 1, steps[-1].id, "a random tree")
    assert run.summary()["champion"]["origin"] == found.summary()
    analysis = run.analysis
    assert analysis is not None
    changed = len(steps) - 1 - found.neutral
    assert len(analysis.descent) == len(found.gains) == changed > 0
    whole, founder = analysis.whole.mean, analysis.descent[-1]
    assert founder.difference.mean == pytest.approx(whole - founder.mean)  # type: ignore[operator]
    assert sum(row.gain.mean or 0.0 for row in analysis.descent) == pytest.approx(founder.difference.mean)
    assert run.analyse(tasks=5).descent == analysis.descent
