"""What is printed of a learner from near."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from rich.console import Console, RenderableType

from evometa.judging.analyses import Analysis
from evometa.presentation.learner_text import PARTS, close_up, descent
from evometa.presentation.lineage import Step


def change(mean: float | None, half: float | None) -> dict[str, Any]:
    return {"mean": 0.5, "ci95": 0.1, "difference": {"mean": mean, "ci95": half}, "diverged": 0}


def part(term: str, how: str, mean: float | None, half: float | None = 0.01) -> dict[str, Any]:
    return {
        "slot": "update",
        "term": term,
        "kind": "term",
        "change": how,
        "formula": "",
        "size": 1.0,
        **change(mean, half),
    }


def signal(name: str, mean: float | None, share: float | None = 0.25) -> dict[str, Any]:
    more = {"meaning": "", "change": "held at its mean", "usual": 0.5, "share": share, "slope": -0.5}
    return {"signal": name, **more, **change(mean, 0.01)}


LIFE = {"mean": [0.5, 0.25, None], "low": [0.1, 0.1, None], "high": [0.9, 0.9, None]}
ANALYSIS: dict[str, Any] = {
    "tasks": 9,
    "measure": "closeness",
    "lower_is_better": False,
    "whole": {"mean": 0.95, "ci95": 0.01},
    "innate": {"mean": 0.5, "ci95": None},
    "diverged": 2,
    "lifetimes": 18,
    "ablation": [
        part("0.02·w", "removed", 0.001),
        part("[red]pre·post[/red]", "removed", 0.45),
        part("[red]pre·post[/red]", "frozen", -0.3),
        part("lost", "frozen", None, None),
    ],
    "ablation_left_out": 3,
    "sensitivity": [signal("w", 0.0, None), signal("pre", 0.4)],
    "biography": {"set": "boolean", "updates": [0, 1, 2], "error": LIFE, "weights": LIFE, "loss": {"mean": [None]}},
    "curves": [],
    "notes": ["something was left out"],
}


def shown(**changes: Any) -> Iterator[RenderableType]:
    """The parts of the analysis, with changes to it."""
    return close_up(Analysis.model_validate({**ANALYSIS, **changes}))


def printed(parts: Iterable[RenderableType], width: int = 200) -> list[str]:
    page = io.StringIO()
    Console(file=page, width=width, color_system=None).print(*parts, sep="\n")
    return [line.rstrip() for line in page.getvalue().splitlines()]


def test_an_analysis_is_told() -> None:
    lines = printed(shown())
    for line in (
        "what it is made of: closeness on 9 held-out tasks",
        "the whole rule 0.9500 ± 0.0100, at birth 0.5000 (± 95 % interval over tasks)",
        "2 of its 18 lifetimes diverged",
        "slot    part of the rule     closeness if removed  if held at its mean",
        "update  [red]pre·post[/red]        −0.45 ± 0.0100        +0.3 ± 0.0100",
        "update  0.02·w                    −0.001 ± 0.0100                    –",
        "update  lost                                    –                    –",
        "3 smaller changes were not tried",
        "signal  its mean  closeness if held there  share of Δw  slope",
        "pre       0.5000            −0.4 ± 0.0100          25%   −0.5",
        "w         0.5000              +0 ± 0.0100            –   −0.5",
        "within a life  from birth to update 2, set boolean",
        "error  █▁   0.5000 → 0.2500",
        "|w|    █▁   0.5000 → 0.2500",
        "something was left out",
    ):
        assert line in lines, line
    assert not any(line.startswith("loss") for line in lines)


def test_of_many_parts_those_that_matter_most() -> None:
    rows = [part(f"{k}·w", "removed", 0.01 * k) for k in range(40)]
    lines = printed(shown(ablation=rows, ablation_left_out=0))
    parts = [line for line in lines if line.startswith("update")]
    assert len(parts) == PARTS
    assert "39·w" in parts[0]
    assert f"and {40 - PARTS} parts that matter less" in lines
    assert not any("not tried" in line for line in lines)


def test_a_loss_is_better_lower_and_a_rule_may_have_no_parts() -> None:
    less = {"measure": "loss", "lower_is_better": True, "ablation": [], "diverged": 0, "sensitivity": [], "notes": []}
    lines = printed(shown(**less, biography={"set": "x", "updates": [0]}))
    assert lines[0] == "what it is made of: loss on 9 held-out tasks (lower is better)"
    assert any("no parts" in line for line in lines)
    assert len(lines) == 4  # no lifetimes lost, no signals, no course of a life


@pytest.mark.parametrize("width", [60, 80])
def test_it_fits_a_terminal(width: int) -> None:
    wide = [part("x·" * 100, "removed", 0.5), part("y·" * 100, "frozen", 0.5)]
    assert max(map(len, printed(shown(ablation=wide), width))) <= width
    steps = [Step(31234, 99, "mutate constant", (31233, 31232), (0.9, 5.0), "Δw: " + "w·" * 90, 0.1, 31233)] * 3
    lines = printed(descent(steps, 2), width)
    assert max(map(len, lines)) <= width
    assert any(line.startswith("31234") for line in lines)
    assert lines[-1] == "and more"


def test_a_descent() -> None:
    steps = [
        Step(2, 3, "crossover", (1, 0), (0.7,), "from #1: Δw: [b]", -0.1, 1), Step(1, 2, "", (), (), "", None, None),
    ]  # fmt: skip
    assert printed(descent(steps, 10)) == [
        "descent, itself first: what changed at each step, and what that gained",
        "id  born  by         from  fitness  gain  change",
        " 2     3  crossover  1, 0  0.7000   −0.1  from #1: Δw: [b]",
        " 1     2  unknown    –     –           –  –",
    ]
    assert printed(descent(steps[1:], 10)) == printed(descent([], 10)) == ["no ancestors"]
