"""Learners on the same tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.exam import Exam, figures, lost, main_measure, open_exam, part
from evometa.judging.intervals import mean_interval
from evometa.judging.tuning import stock_genome
from evometa.language.library import RULES
from evometa.lifetime.numba import cpu
from tests.judging.analysis.learners import SETS, evaluator, genome

DIGITS = ["network.hidden=[8]", "sampling.test_tasks=40", "lifetime.epochs=1"]


def opened(recipe: Any, *settings: str) -> Evaluator:
    """Return what lives lifetimes of a recipe."""
    config = load(recipe, settings).config
    return Evaluator(config, open_courses(config), cpu.live)


def sgd(rate: float = 0.3) -> Genome:
    """Gradient descent."""
    return stock_genome(RULES["sgd"], {"rate": rate}, 5)


def test_tasks_of_all_classes_are_asked_class_by_class_with_the_same_scores() -> None:
    exam = open_exam(opened("digits", *DIGITS), "test", 40)
    assert (exam.apart, exam.parts) == ([True], [5])
    assert exam.over() == {"unit": "class", "units": [5], "tasks": 40, "repeats": 1}
    (outcomes,), (whole,) = exam.live([sgd()], "test"), exam.evaluator.outcomes([sgd()], exam.drawn)
    for measure in ("accuracy", "loss", "closeness"):
        (scores,) = exam.scores([outcomes], 0, measure)
        assert scores.shape == (5, 40)
        plain = 1 - whole.mae if measure == "closeness" else getattr(whole, measure)
        assert scores.mean(axis=0) == pytest.approx(plain[0, -1], abs=1e-5)


def test_an_interval_over_classes_is_that_of_the_classes_means() -> None:
    exam = open_exam(opened("digits", *DIGITS), "test", 40)
    (scores,) = exam.scores(exam.live([sgd()], "test"), 0, "accuracy")
    (units,) = exam.members
    classes = [scores[units == unit].mean() for unit in np.unique(units)]
    mean, half = mean_interval(classes)
    told = exam.score([scores], "accuracy")
    assert (told["mean"], told["ci95"]) == pytest.approx((mean, half))
    assert told["n"] == 40
    naive = mean_interval(scores.mean(axis=0))[1]
    assert naive is not None
    assert told["ci95"] is not None
    assert told["ci95"] > 2 * naive  # what was printed before


def test_what_a_part_is_about_is_what_the_family_says() -> None:
    """Query q of a lane is of the class that the support shows under label q mod ways, and `units` names that class."""
    exam = open_exam(opened("digits", *DIGITS), "test", 30)
    course, lesson = exam.drawn[0]
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    known = {(row / 16).astype(np.float32).tobytes(): int(label) for row, label in zip(pixels, labels, strict=True)}
    pool = course.family._pools["test"]  # type: ignore[attr-defined]
    for k in range(5):
        tasks = part(lesson.tasks, k, 5)
        for lane in range(30):
            seen = {known[np.ascontiguousarray(row).tobytes()] for row in tasks.query_x[:, :, lane]}
            assert seen == {int(pool.names[exam.members[0][k, lane]])}


def test_fewer_ways_than_classes_need_no_parts() -> None:
    exam = open_exam(opened("digits", *DIGITS, "tasks.ways=2"), "test", 40)
    assert exam.parts == [1]
    assert exam.members[0].shape == (2, 40)
    (scores,) = exam.scores(exam.live([sgd()], "test"), 0, "accuracy")
    assert scores.shape == (1, 40)


def test_repeats_are_averaged_before_anything_else() -> None:
    exam = open_exam(opened("digits", *DIGITS, "tasks.ways=2", "sampling.repeats=3"), "test", 20)
    outcomes = exam.live([sgd()], "test")
    (scores,) = exam.scores(outcomes, 0, "accuracy")
    assert scores[0] == pytest.approx(outcomes[0].accuracy[0, -1].reshape(20, 3).mean(axis=1))
    assert exam.over()["repeats"] == 3


def test_several_sets_make_a_geometric_mean_of_losses_and_a_mean_of_accuracies() -> None:
    exam = open_exam(evaluator("sets"), "test", 6)
    one, other = genome(0.01, update="-c0*grad"), genome(0.3, update="-c0*grad")
    outcomes = exam.live([one, other], "test")
    means = {m: [s.mean() for s in exam.scores(outcomes, 0, m)] for m in ("loss", "accuracy")}
    assert exam.score(exam.scores(outcomes, 0, "loss"), "loss")["mean"] == pytest.approx(
        np.sqrt(np.prod(means["loss"]))
    )
    assert exam.score(exam.scores(outcomes, 0, "accuracy"), "accuracy")["mean"] == pytest.approx(
        np.mean(means["accuracy"])
    )
    assert figures(outcomes, "loss")[0] == pytest.approx(np.sqrt(np.prod(means["loss"])))
    told = exam.by_set(exam.scores(outcomes, 0, "loss"), "loss")
    assert [row["set"] for row in told] == ["dataset moons", "dataset wine"]
    assert [row["mean"] for row in told] == pytest.approx(means["loss"])
    ahead = exam.difference(exam.scores(outcomes, 0, "loss"), exam.scores(outcomes, 1, "loss"), "loss")
    assert ahead["mean"] == pytest.approx(figures(outcomes, "loss")[0] - figures(outcomes, "loss")[1])
    assert exam.over() == {"unit": "task", "units": [6, 6], "tasks": 6, "repeats": 1}  # of both kinds: a common word


def test_what_was_lived_is_counted_by_purpose() -> None:
    engine = opened("digits", *DIGITS)
    exam = open_exam(engine, "test", 40)
    exam.live([sgd(), sgd(0.1)], "test")
    engine.outcomes([sgd()], engine.draw("validation", 0, 7), "choice")
    engine.outcomes([sgd()], engine.draw("train", 0, 3))
    assert engine.lived == {"test": 2 * 5 * 40, "choice": 7, "evolution": 3}


def test_learners_that_met_fewer_tasks_are_compared_on_those() -> None:
    exam = open_exam(opened("digits", *DIGITS), "test", 40)
    (scores,) = exam.scores(exam.live([sgd()], "test"), 0, "accuracy")
    fewer = [scores[:, :25] - 0.1]
    assert exam.difference([scores], fewer, "accuracy") == {
        "mean": pytest.approx(0.1),
        "ci95": pytest.approx(0.0),
        "n": 25,
    }
    assert exam.score(fewer, "accuracy")["n"] == 25


def test_classes_are_reported_by_accuracy_and_loss_whatever_the_recipe_measures() -> None:
    def measures(*settings: str) -> list[str]:
        engine = opened("digits", *DIGITS, *settings)
        return Exam(engine, engine.draw("test", 0, 2)).measures

    assert measures() == ["accuracy", "loss"]
    assert measures("champion.measure=loss") == ["loss", "accuracy"]
    assert measures("champion.measure=closeness") == ["closeness", "accuracy", "loss"]
    sines = evaluator("network")
    assert Exam(sines, sines.draw("test", 0, 2)).measures == ["loss"]
    assert main_measure(load(SETS).config) == "loss"


def test_lost_lifetimes_cost_what_fitness_says() -> None:
    exam = open_exam(evaluator("network"), "test", 6)
    bad = genome(update="div(grad, 0) - div(grad, 0)")
    outcomes = open_exam(evaluator("network"), "test", 6, fresh=True).live([bad], "test")
    assert lost(outcomes) == 6
    assert (exam.scores(outcomes, 0, "loss")[0] == 1e6).all()
    assert (exam.scores(outcomes, 0, "closeness")[0] == 0).all()
    assert (exam.scores(outcomes, 0, "loss", 0)[0] < 1e6).all()  # what came later does not spoil an earlier checkpoint
