"""Choosing a champion, and what its report says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.objectives import fitness_weights
from evometa.genetics.individual import Individual, fitness_class
from evometa.judging.champion import examine, stock_learners
from evometa.judging.exam import open_exam
from evometa.judging.reports import Report
from evometa.judging.tuning import stock_genome
from evometa.judging.verdict import standings, verdict
from evometa.language.library import RULES
from evometa.lifetime.numba import cpu
from tests.judging.analysis.learners import evaluator, genome

DIGITS = [
    "network.hidden=[8]", "sampling.test_tasks=40", "lifetime.epochs=1", "sampling.validation_tasks=20",
    "champion.baselines=[sgd, nesterov]",
]  # fmt: skip


def opened(recipe: Any, *settings: str) -> Evaluator:
    """Return what lives lifetimes of a recipe."""
    config = load(recipe, settings).config
    return Evaluator(config, open_courses(config), cpu.live)


def candidate(engine: Evaluator, number: int, text: str, *coefficients: float) -> Individual:
    """An individual with that rule."""
    fitness = fitness_class(fitness_weights(engine.config.fitness.objectives))
    return Individual(genome(*coefficients, update=text), fitness(), number, (), 0, "first")


def examined(engine: Evaluator, text: str = "-0.3*grad") -> dict[str, Any]:
    """The report on a run whose champion has that rule."""
    return examine(engine, [candidate(engine, 7, text)]).plain()


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """The report on gradient descent on digits."""
    return examined(opened("digits", *DIGITS, "sampling.repeats=2"))


def test_a_report_is_json_of_the_form_that_readers_rely_on(report: dict[str, Any]) -> None:
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    Report.model_validate(report)
    assert report["champion"] == 7


def test_classification_is_reported_by_accuracy_and_loss(report: dict[str, Any]) -> None:
    assert (report["measure"], set(report["also"])) == ("accuracy", {"loss"})
    other = examined(opened("digits", *DIGITS, "champion.measure=loss"))
    assert (other["measure"], set(other["also"])) == ("loss", {"accuracy"})
    for row in other["baselines"]:
        own = row["name"] in RULES
        assert (row["mean"] is not None) == own  # plain learners give classes, and no loss
        assert row["also"]["accuracy"]["mean"] > 0.3
        assert isinstance(row["also"]["accuracy"]["difference"]["ci95"], float)


def test_a_report_says_what_it_rests_on(report: dict[str, Any]) -> None:
    assert report["over"] == {"unit": "class", "units": [5], "tasks": 40, "repeats": 2}
    assert {row["tuned_on"] for row in report["baselines"] if "dials" in row} == {32}


def test_lifetimes_are_counted_by_purpose(report: dict[str, Any]) -> None:
    each = 40 * 5 * 2  # tasks, classes asked one by one, repeats
    lived = dict(report["lived"])
    assert lived.pop("tuning") > 2000
    assert lived == {"choice": 20 * 2, "test": each * 3}
    assert report["lifetimes"] == each


def test_a_rule_that_is_its_own_rival_is_level_with_it() -> None:
    engine = opened("digits", *DIGITS, "champion.baselines=[sgd]")
    (row, *_) = examined(engine)["baselines"]
    own = examine(engine, [candidate(engine, 1, str(stock_genome(RULES["sgd"], row["dials"], 5).rule["update"]),
                                     *stock_genome(RULES["sgd"], row["dials"], 5).coefficients)])  # fmt: skip
    (again, *_) = own["baselines"]
    assert again["dials"] == row["dials"]
    assert again["difference"] == {"mean": 0.0, "ci95": 0.0, "n": 40}
    assert again["mean"] == own["meta_test"]["mean"]


def test_differences_are_champion_less_rival_on_the_same_tasks(report: dict[str, Any]) -> None:
    for row in report["baselines"]:
        assert row["difference"]["mean"] == pytest.approx(report["meta_test"]["mean"] - row["mean"])
        assert row["difference"]["n"] == row["n"] == 40
    names = [row["name"] for row in report["baselines"]]
    assert names == [
        "sgd", "nesterov", "nearest prototype", "1-nearest neighbour", "ridge classification", "support vector machine",
    ]  # fmt: skip


def test_plain_learners_have_the_intervals_of_the_same_units(report: dict[str, Any]) -> None:
    engine = opened("digits", *DIGITS)
    exam = open_exam(engine, "test", 40)
    rows = stock_learners(exam, {"accuracy": [np.zeros((5, 40))]}, stock_genome(RULES["sgd"], {"rate": 0.1}, 1))
    found = {row["name"]: row for row in rows}
    assert found["nearest prototype"]["ci95"] == pytest.approx(report["baselines"][2]["ci95"])
    for row in rows:
        assert row["difference"] is not None
        assert row["mean"] is not None
        assert row["difference"]["mean"] == pytest.approx(-row["mean"])
        assert row["difference"]["ci95"] == pytest.approx(row["ci95"])


def table(path: Path, groups: int) -> str:
    """Write a regression table whose groups differ a lot, and return a recipe's tasks."""
    rng = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "y", "machine"])
        for machine in range(groups):
            level = rng.normal()
            for _ in range(30):
                a, b = rng.normal(size=2)
                writer.writerow([a, b, level + 0.1 * a + 0.1 * rng.normal(), f"m{machine}"])
    return (
        f'tasks={{family="table", path="{path.as_posix()}", target="y", group="machine", kind="regression", shots=5}}'
    )


def test_a_tables_interval_is_over_its_groups(tmp_path: Path) -> None:
    settings = ["sampling.test_tasks=200", "network.head=auto", "fitness.objectives=[adapted_loss]", "lifetime.batch=5",
                "sampling.validation_tasks=20", "champion.baselines=[sgd]", "champion.measure=loss"]  # fmt: skip
    engine = opened("digits", table(tmp_path / "t.csv", 24), *settings)
    found = examined(engine, "-0.05*grad")
    assert found["over"]["unit"] == "group"
    (groups,) = found["over"]["units"]
    assert 2 < groups < 15
    exam = open_exam(engine, "test", 200)
    (scores,) = exam.scores(exam.live([genome(update="-0.05*grad")], "test"), 0, "loss")
    naive = 1.97 * scores.std(ddof=1) / np.sqrt(200)
    assert found["meta_test"]["ci95"] > 2 * naive  # what was printed before
    names = [row["name"] for row in found["baselines"]]
    assert names == [
        "sgd",
        "mean of the examples",
        "1-nearest neighbour",
        "ridge regression",
        "support vector regression",
    ]


def test_where_loss_and_accuracy_disagree_the_verdict_says_so() -> None:
    """A champion of a low loss that is behind plain learners in accuracy."""
    engine = opened("digits", *DIGITS, "champion.measure=loss", "champion.baselines=[]", "lifetime.epochs=1")
    found = examined(engine, "-0.3*grad")
    rows = [{"name": "noisy", "mean": 9.0, "ci95": 0.1, "difference": {"mean": -8.0, "ci95": 0.1},
                          "also": {"accuracy": {"mean": 0.9, "ci95": 0.1, "difference": {"mean": -0.2, "ci95": 0.1}}}},
                         *found["baselines"]]  # fmt: skip
    told = Report.model_validate({**found, "baselines": rows})
    assert {(s.measure, s.level) for s in standings(told) if s.learner == "noisy"} == {
        ("loss", "better"), ("accuracy", "worse"),
    }  # fmt: skip
    assert verdict(told).endswith("The measures disagree about noisy.")


def test_a_learner_that_would_take_too_long_is_named_without_a_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evometa.judging.peers.WORK", 1)
    found = examined(opened("digits", *DIGITS, "champion.baselines=[]"))
    scores = {row["name"]: (row["mean"], row["n"]) for row in found["baselines"]}
    assert scores["support vector machine"] == (None, 0)
    assert scores["nearest prototype"][1] == 40


def test_several_sets_are_told_one_by_one() -> None:
    found = examined(evaluator("sets"), "-0.05*grad")
    assert [row["set"] for row in found["sets"]] == ["dataset moons", "dataset wine"]
    assert found["over"]["units"] == [6, 6]
    (row,) = [row for row in found["baselines"] if row["name"] == "sgd"]
    assert [each["set"] for each in row["sets"]] == ["dataset moons", "dataset wine"]
    geometric = np.sqrt(np.prod([each["mean"] for each in row["sets"]]))
    assert row["mean"] == pytest.approx(geometric)


def test_further_tests_stand_beside_the_main_one() -> None:
    settings = [
        "lifetime.batch=all",
        "lifetime.epochs=3",
        "tasks.ways=2",
        "tasks.train_ways=5",
        "tasks.shots=1",
        "tasks.queries=4",
        "champion.baselines=[]",
    ]
    others = "tasks.other_tests=[{ways = 3}, {shots = 5}]"
    alone, more = (examined(opened("digits", *DIGITS, *settings, *more)) for more in ([], [others]))
    assert alone["other_tests"] == []
    assert more["meta_test"] == alone["meta_test"]  # further tests change nothing of it
    three, five = more["other_tests"]
    assert [three["name"], five["name"]] == ["3-way 1-shot", "2-way 5-shot"]
    assert three["n"] == five["n"] == 40
    assert three["mean"] < more["meta_test"]["mean"] < five["mean"]
    neighbour = [
        next(row["mean"] for row in one["baselines"] if row["name"] == "nearest prototype") for one in (three, five)
    ]
    assert 1 / 3 < neighbour[0] < neighbour[1] < 1
    assert "loss" in three["also"]
