"""A run in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evometa.config.load import load as load_config
from evometa.judging.reports import Report
from evometa.presentation.run import Run, load
from evometa.report.narrative import further_tests, rivals, summary
from tests.inspected import REPORT
from tests.reporting import full
from tests.showcase import SHOWCASE
from tests.small import SCHEMES


def test_rivals_come_best_first(place: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "b", "mean": 0.2, "ci95": 0.01, "rate": 0.5}, {"name": "a", "mean": 0.99, "ci95": None},
        {"name": "gone", "mean": None},
    ]  # fmt: skip
    run = load(full(place / "rivals", report={**REPORT, "baselines": rows}))
    assert [(r.name, r.score, r.tuned, r.level) for r in rivals(run)] == [
        ("a", "0.9900", "–", "worse"), ("b", "0.2000 ± 0.0100", "rate 0.5", "better"),
    ]  # fmt: skip


def test_of_further_tests_the_best_plain_learner_is_told_whichever_way_is_better() -> None:
    def learner(name: str, mean: float | None, ahead: float) -> dict[str, Any]:
        return {"name": name, "mean": mean, "ci95": 0.01, "difference": {"mean": ahead, "ci95": 0.02}}

    rows = [learner("one", 0.5, 0.3), learner("other", 0.7, 0.1), learner("none", None, 0.0)]
    tests = [
        {"name": "20-way", "mean": 0.8, "ci95": 0.02, "also": {"x": {"mean": 0.6, "ci95": 0.1}}, "baselines": rows},
        {"name": "alone", "mean": 0.9, "ci95": None},
    ]
    told: dict[str, Any] = {"champion": 0, "also": {"x": {"mean": 1.0}, "y": {"mean": 1.0}}, "other_tests": tests}
    first, second = further_tests(Report.model_validate(told | {"measure": "accuracy"}))
    assert first == (
        "20-way", "0.8000 ± 0.0200", ("0.6000 ± 0.1000", "–"), "other", "0.7000 ± 0.0100", "+0.1 ± 0.0200", "better",
    )  # fmt: skip
    assert second == ("alone", "0.9000", ("–", "–"), "–", "–", "–", "")
    first, _ = further_tests(Report.model_validate(told | {"measure": "loss"}))
    assert (first.rival, first.level) == ("one", "worse")
    assert further_tests(None) == []


def test_a_finished_run_is_told_in_three_paragraphs(run: Run) -> None:
    sought, found, score = summary(run)
    assert sought.startswith("The run searched for a learning rule, the formula by which a network changes")
    assert "In 12 generations, 96 candidates were born; there were 1,920 lifetimes in evolution." in found
    assert "The champion is number 95. Compared with the classic rules:" in found
    assert score == (
        "On 200 tasks that evolution never met, its closeness after learning is 0.9500 ± 0.0100 "
        "(95 % interval over tasks). It is worse than delta."
    )


def test_a_measure_that_is_no_noun_of_a_learner_is_named() -> None:
    *_, score = summary(load(SHOWCASE / "teacher"))
    assert score.startswith("On 16 tasks that evolution never met, the measure lessons is ")


def test_what_was_sought_is_what_evolved(place: Path) -> None:
    config = load_config(SCHEMES["baldwin"]).config.model_dump(mode="json")
    told = summary(load(full(place / "sought", generations=1, **config)))[0]
    assert "the weights that a network is born with" in told
    assert "how plastic its synapses are" in told
    assert "“sinusoid”" in told
    config = load_config("distractors").config.model_dump(mode="json")
    told = summary(load(full(place / "grown", generations=1, **config)))[0]
    assert "searched for the network that learns, its nodes and synapses and the coefficients of the rule." in told


def test_an_unfinished_run_says_how_far_it_is(place: Path) -> None:
    told = " ".join(summary(load(full(place / "two of nine", generations=2, asked=9))))
    assert "not finished: 2 of 9 generations are done" in told
    assert "The best so far is number 15" in told
    untested = " ".join(summary(load(full(place / "untested", generations=2))))
    assert "its test is still to come" in untested
