"""What a terminal shows of a champion's test."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from evometa.judging.reports import Report
from evometa.presentation.score_table import AT_EDGE, scoreboard


def shown(champion: dict[str, Any], *rows: dict[str, Any], width: int = 140) -> str:
    """The scoreboard as text."""
    console = Console(width=width, file=StringIO())
    test = {"mean": 0.142, "ci95": 0.01}
    told = {"champion": 1, "meta_test": test, "measure": "loss", "baselines": list(rows), **champion}
    console.print(*scoreboard(Report.model_validate(told), 3), sep="\n")
    return console.file.getvalue()  # type: ignore[attr-defined]


SGD = {
    "name": "sgd", "mean": 0.207, "ci95": 0.02, "rate": 0.08, "dials": {"rate": 0.08, "β": 0.9, "decay": 0.0},
    "at_edge": ["β"], "tuned_on": 200, "difference": {"mean": -0.065, "ci95": 0.004},
    "also": {"accuracy": {"mean": 0.94, "ci95": 0.01, "difference": {"mean": 0.009, "ci95": 0.02}}},
}  # fmt: skip
VECTORS = {
    "name": "support vector machine", "mean": None, "ci95": None,
    "also": {"accuracy": {"mean": 0.959, "ci95": 0.01, "difference": {"mean": -0.01, "ci95": 0.004}}},
}  # fmt: skip
OVER = {"unit": "class", "units": [5], "tasks": 1000, "repeats": 1}


def test_everything_is_told() -> None:
    text = shown({"also": {"accuracy": {"mean": 0.949, "ci95": 0.01}}, "over": OVER}, SGD, VECTORS)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if "│" in line]
    assert rows == [
        ["champion", "0.1420 ± 0.0100", "0.9490 ± 0.0100", ""],
        ["sgd (rate 0.08, β 0.9*, decay to 0)", "0.2070 ± 0.0200", "0.9400 ± 0.0100", "−0.065 ± 0.0040"],
        ["support vector machine", "–", "0.9590 ± 0.0100", "−0.01 ± 0.0040 accuracy"],
    ]
    assert "loss on held-out tasks (lower is better), mean ± 95 % interval over 5 classes" in text
    assert AT_EDGE in text
    assert "By loss it is better than sgd. By accuracy it is level with sgd, and worse than support vector" in text
    assert "It rests on one run (seed 3) and 1,000 tasks, each lived once; rules were tuned on 200 train tasks." in text


@pytest.mark.parametrize(("width", "columns"), [(110, 4), (90, 3), (40, 3)])
def test_a_narrow_terminal_leaves_out_further_measures_before_it_folds(width: int, columns: int) -> None:
    also = {"accuracy": {"mean": 0.949, "ci95": 0.01}}
    head = next(line for line in shown({"also": also}, SGD, VECTORS, width=width).splitlines() if "learner" in line)
    assert head.count("┃") == columns + 1
    assert ("champion − learner" in head) == (width > 40)


def test_loss_beside_accuracy_is_said_to_be_better_when_lower() -> None:
    text = shown({"measure": "accuracy", "also": {"loss": {"mean": 0.3, "ci95": None}}})
    assert "accuracy on held-out tasks (of loss, lower is better)" in text
    assert "(lower" not in shown({"measure": "accuracy"})


@pytest.mark.parametrize(("measure", "best"), [("accuracy", "other"), ("loss", "one")])
def test_a_further_test_has_the_best_plain_learner_beside_it(measure: str, best: str) -> None:
    rows = [{"name": "one", "mean": 0.25, "ci95": 0.01}, {"name": "other", "mean": 0.75, "ci95": 0.02}]
    test = {"name": "20-way 1-shot", "mean": 0.625, "ci95": None, "baselines": [*rows, {"name": "none", "mean": None}]}
    text = shown({"measure": measure, "other_tests": [test, {**test, "name": "alone", "baselines": []}]})
    beside = {"one": "one 0.2500 ± 0.0100", "other": "other 0.7500 ± 0.0200"}[best]
    assert f"20-way 1-shot: 0.6250; {beside}\nalone: 0.6250\n" in text


@pytest.mark.parametrize("old", [{}, {"over": None, "also": {}}])
def test_a_report_of_an_older_version_is_shown(old: dict[str, Any]) -> None:
    text = shown(
        old, {"name": "delta", "mean": 0.2, "ci95": 0.01, "rate": 6.73}, {"name": "nearest prototype", "mean": 0.1}
    )
    assert "│ delta (rate 6.73)" in text
    assert "mean ± 95 % interval over tasks" in text
    assert "champion − learner" not in text
    assert "It rests on" not in text
    assert "*" not in text


def test_before_the_test_there_is_nothing() -> None:
    assert list(scoreboard(None, 3)) == []
    assert list(scoreboard(Report(champion=1), 3)) == []
