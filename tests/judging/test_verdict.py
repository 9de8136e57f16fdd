"""What a final report comes to in words, those of older versions and odd ones included."""

from __future__ import annotations

import math
from typing import Any

import pytest

from evometa.judging.reports import Comparison, Report
from evometa.judging.scores import Over, Score
from evometa.judging.verdict import basis, level_of, lifetimes, listed, over, standings, verdict


@pytest.mark.parametrize(
    ("score", "other", "name", "level"),
    [(0.9, 0.8, "accuracy", "better"), (0.8, 0.9, "accuracy", "worse"), (0.9, 0.89, "accuracy", "level"),
     (0.9, 0.8, "loss", "worse"), (0.8, 0.9, "loss", "better")],
)  # fmt: skip
def test_without_a_difference_level_is_what_the_intervals_cannot_tell_apart(
    score: float, other: float, name: str, level: str
) -> None:
    assert level_of(Score(mean=score, ci95=0.01), Comparison(mean=other, ci95=0.01), name) == level


def test_the_interval_of_a_difference_that_is_not_told_is_that_of_both() -> None:
    assert level_of(Score(mean=0.5, ci95=0.03), Comparison(mean=0.45, ci95=0.04), "accuracy") == "level"  # 3, 4 make 5
    assert level_of(Score(mean=0.5, ci95=0.03), Comparison(mean=0.449, ci95=0.04), "accuracy") == "better"
    assert level_of(Score(mean=0.5), Comparison(mean=0.5), "loss") == "level"


def difference(mean: float, half: float | None, **more: Any) -> dict[str, Any]:
    """A stock learner's score, paired with the champion's."""
    return {"mean": 0.5, "ci95": 0.3, "difference": {"mean": mean, "ci95": half}, **more}


def test_a_paired_difference_decides_where_there_is_one() -> None:
    champion = Score(mean=0.51, ci95=0.3)

    def paired(mean: float, half: float | None) -> Comparison:
        return Comparison.model_validate(difference(mean, half))

    assert level_of(champion, paired(0.01, 0.005), "accuracy") == "better"
    assert level_of(champion, paired(0.01, 0.005), "loss") == "worse"
    assert level_of(champion, paired(0.01, 0.02), "accuracy") == "level"
    assert level_of(champion, paired(0.01, None), "accuracy") == "level"  # a single unit shows nothing
    assert level_of(champion, paired(math.nan, 0.1), "accuracy") is None
    assert level_of(Score(), Comparison(mean=0.5), "loss") is None


def told(*rows: dict[str, Any], **champion: Any) -> Report:
    """The report on a champion."""
    test = {"mean": 0.142, "ci95": 0.01}
    return Report.model_validate(
        {"champion": 1, "meta_test": test, "measure": "loss", "baselines": list(rows), **champion}
    )


def test_measures_that_disagree_are_told() -> None:
    """Findings: a champion of .142 beat gradient descent's loss of .207; its accuracy was behind it, and not shown."""
    sgd = difference(-0.065, 0.01, name="sgd", also={"accuracy": difference(-0.01, 0.002)})
    vectors = {"name": "SVM", "mean": None, "also": {"accuracy": difference(-0.01, 0.004)}}
    found = told(sgd, vectors, also={"accuracy": {"mean": 0.949, "ci95": 0.01}})
    assert [(s.learner, s.measure, s.level, s.paired) for s in standings(found)] == [
        ("sgd", "loss", "better", True), ("sgd", "accuracy", "worse", True), ("SVM", "accuracy", "worse", True),
    ]  # fmt: skip
    assert verdict(found) == (
        "By loss it is better than sgd. By accuracy it is worse than sgd and SVM. The measures disagree about sgd."
    )


def test_one_measure_is_not_named() -> None:
    rows = [difference(-0.1, 0.01, name="a"), difference(0.1, 0.01, name="b"), difference(0.0, 0.01, name="c")]
    assert verdict(told(*rows)) == "It is better than a, level with c, and worse than b."
    assert verdict(told()) == ""


def test_what_intervals_are_over() -> None:
    def over_(told: dict[str, Any]) -> str:
        return over(Over.model_validate(told))

    assert over_({"unit": "class", "units": [5]}) == "over 5 classes"
    assert over_({"unit": "group", "units": [1]}) == "over 1 group"
    assert over_({"unit": "task", "units": [1000]}) == "over 1,000 tasks"
    assert (
        over_({"unit": "division of the same rows", "units": [20, 20]})
        == "over 20 divisions of the same rows of each set"
    )
    assert over_({"unit": "task", "units": [20, 30]}) == "over 20, 30 tasks of each set"
    assert over(None) == over_({}) == "over tasks"  # as older versions reckoned


def test_what_a_test_rests_on() -> None:
    own = {"unit": "class", "units": [5], "tasks": 1000, "repeats": 1}
    assert basis(told(over=own), 4) == "It rests on one run (seed 4) and 1,000 tasks, each lived once."
    one = basis(told({"name": "sgd", "tuned_on": 1}, over={**own, "tasks": 1}), 4)
    assert one == "It rests on one run (seed 4) and 1 task, each lived once; rules were tuned on 1 train task."
    more = basis(told({"name": "sgd", "tuned_on": 200}, over={**own, "repeats": 3, "units": [5, 5]}), 4)
    assert more == (
        "It rests on one run (seed 4) and 1,000 tasks of each of 2 sets, each lived 3 times, with other births and "
        "orders of examples; rules were tuned on 200 train tasks."
    )
    assert basis(told(), 4) == basis(told(over={"unit": "class"}), 4) == ""


def test_lifetimes_are_told_by_purpose() -> None:
    lived = {"tuning": 400_000, "evolution": 17_683_200, "test": 0}
    assert lifetimes(lived) == "17,683,200 lifetimes in evolution, 400,000 to tune stock rules"
    assert lifetimes({}) == "no lifetimes"


def test_words_are_joined_as_people_do() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
