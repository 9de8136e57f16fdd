"""What is said of a rule in its own lives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load as load_config
from evometa.evolution.courses import lessons, open_courses
from evometa.genetics.genome import Genome
from evometa.genetics.topology import layered
from evometa.judging.behaviour import MOST_LANES, WORK, behaviour, extent, follow
from evometa.judging.reports import Report
from evometa.language.fit import run
from evometa.language.recognition import recognise
from evometa.lifetime import Graph, Plan
from tests.export.exported import BOOLEAN, CLUSTERS, SINE, genome_of, learner_of, recipe

DEEP = {"network": {"hidden": [8]}, "lifetime": {"batch": 5, "updates": 50}}
LOCAL = {"network": {"credit": "local"}, "lifetime": {"batch": 1, "updates": 40}}


def life(rule: dict[str, str], tasks: dict[str, Any] = CLUSTERS, **sections: Any) -> tuple[Genome, Any, Any]:
    """A genome with a rule, its course, and lessons of validation tasks."""
    config = load_config(recipe(tasks, rule, **sections)).config
    course = open_courses(config)[0]
    return genome_of(config, rule), course, lessons(course, config, "validation", 0, 16)


def told(rule: dict[str, str], tasks: dict[str, Any] = CLUSTERS, **sections: Any) -> dict[str, Any]:
    """What is said of a rule."""
    found = behaviour(*life(rule, tasks, **sections))
    assert found is not None
    told = found.plain()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    return told


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"update": "-0.3*tanh(grad)"}, "in its own lives like gradient descent × 0.29"),
        ({"update": "-(0.49 - 0.32*age)*grad"},
         "in its own lives like gradient descent whose step falls from 0.49 to 0.17"),
        ({"update": "-0.3*s1", "s1": "0.83*s1 + grad"}, "in its own lives like momentum (c1 = 0.83) × 0.3 (R² 1.0000)"),
        ({"update": "-(0.3 - 0.2*age)*s1", "s1": "0.9*s1 + grad", "s2": "s2"},
         "in its own lives like momentum whose step falls from 0.3 to 0.1"),
        ({"update": "-0.3*grad", "loss": "abs(output - target)"},
         "in its own lives (on its evolved loss) like gradient descent × 0.3"),
        ({"update": "0.01*abs(grad)"}, "none of the classic rules in its own lives; no weight ever falls"),
        ({"update": "-0.01*abs(grad)"}, "none of the classic rules in its own lives; no weight ever rises"),
    ],
)  # fmt: skip
def test_rules_of_deep_networks(rule: dict[str, str], text: str) -> None:
    assert told(rule, **DEEP)["text"].startswith(text)


@pytest.mark.parametrize(
    ("update", "name"),
    [
        ("5*(target - post)*min(pre, 1)", "delta"),  # inputs are 0 or 1 there
        ("0.3*pre*(target - step(post - 0.5))", "perceptron"),
        ("0.1*min(pre, post)*abs(pre)", "hebb"),
    ],
)
def test_rules_that_are_classic_on_their_tasks_only(update: str, name: str) -> None:
    assert recognise(life({"update": update}, BOOLEAN, **LOCAL)[0].rule).name in (None, name)
    found = told({"update": update}, BOOLEAN, **LOCAL)
    assert (found["name"], found["r2"] > 0.999) == (name, True)


def test_what_begins_as_a_classic_rule_and_grows_out_of_it_is_none() -> None:
    """On weights as they are drawn the factor is 1; in lives they grow to where it is a tenth."""
    rule = {"update": "11*pre*(target - post)*exp(-abs(w))"}
    found = told(rule, BOOLEAN, **LOCAL)
    assert found["name"] is None
    assert found["r2"] < 0.9
    assert found["text"].startswith("none of the classic rules; nearest in its own lives: the delta rule")
    assert recognise(life(rule, BOOLEAN, **LOCAL)[0].rule).name is None


def test_the_steps_are_told_in_numbers_too() -> None:
    found = told({"update": "-(0.49 - 0.32*age)*grad"}, **DEEP)
    assert found["steps"] == pytest.approx([0.49, 0.17], abs=1e-3)
    assert found["scale"] == pytest.approx(0.33, abs=1e-3)
    assert (found["name"], found["updates"], found["sign"]) == ("sgd", 50, 0)


def test_nothing_is_said_where_nothing_is_learned() -> None:
    assert behaviour(*life({"update": "w - w"}, **DEEP)) is None
    genome, course, lesson = life({"update": "w"}, **DEEP)
    assert behaviour(genome.replace(rule={"s1": genome.rule["update"]}), course, lesson) is None


def test_lives_that_diverge_are_survived() -> None:
    found = behaviour(*life({"update": "exp(exp(exp(grad)))*1e30*sign(w)"}, **DEEP))
    assert found is None or isinstance(found["text"], str)


def test_what_is_watched_is_what_is_lived() -> None:
    rule = {"update": "-0.1*s1 - 0.01*w", "s1": "0.9*s1 + grad"}
    genome, course, lesson = life(rule, SINE, network={"hidden": [5]}, lifetime={"batch": 2, "updates": 20})
    lives = follow(genome, course, lesson)
    assert lives is not None
    assert lives.changes.shape == (20, min(1024, 16 * lives.lifetimes))
    assert {"pre", "post", "target", "err", "s1"}.isdisjoint(lives.signals)  # of a batch there is no single one
    again = run(genome.rule, {}, lives.signals)
    np.testing.assert_array_equal(again.astype(np.float64), lives.changes)
    assert (lives.least, lives.most) <= (lives.changes.min(), np.inf)
    assert lives.most >= lives.changes.max()


def test_large_networks_are_watched_in_their_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    from evometa.judging import behaviour as module

    arguments = life({"update": "-0.3*tanh(grad)"}, **DEEP)
    monkeypatch.setattr(module, "WORK", 10_000.0)
    found = behaviour(*arguments)
    assert found is not None
    assert 3 <= found["updates"] < 50
    assert found["text"].startswith(f"in the first {found['updates']} updates of its own lives like gradient descent")
    monkeypatch.setattr(module, "WORK", 10.0)
    assert behaviour(*arguments) is None


def test_large_lives_are_watched_in_part_or_not_at_all() -> None:
    def plan_of(updates: int, batch: int) -> Plan:
        return Plan(np.zeros((updates, batch, 1), np.int32), np.array([0], np.int32), "linear", "backprop")

    small, large = layered(5, (), 1), layered(784, (128,), 10)
    assert extent(small, plan_of(100, 1), 100) == (MOST_LANES, 100)
    lanes, updates = extent(large, plan_of(1000, 8), 1000)
    assert lanes == 2
    assert 3 <= updates < 1000
    assert lanes * updates * 8 * large.synapses <= WORK
    assert extent(large, plan_of(1000, 100), 1000) == (0, 0)
    assert extent(small, plan_of(100, 1), 0) == (MOST_LANES, 0)
    none = np.zeros(0, np.int32)
    bare = Graph(1, 1, np.zeros(4, np.int32), none, np.zeros(3, np.uint8), none)
    assert extent(bare, plan_of(9, 1), 9) == (MOST_LANES, 9)


def test_the_same_lives_give_the_same_words() -> None:
    arguments = life({"update": "-0.3*tanh(grad) - 0.01*w"}, **DEEP)
    assert behaviour(*arguments) == behaviour(*arguments)


def test_algebra_speaks_first_then_the_lives(tmp_path: Path) -> None:
    seen = {"text": "in its own lives like the moon (R² 0.99)", "title": "the moon", "scale": 2.0, "r2": 0.99}
    exact = learner_of(tmp_path, recipe(CLUSTERS, {"update": "-0.5*grad"}, **DEEP))
    exact.report = Report.model_validate({"champion": 0, "behaviour": seen})
    assert exact.recognised == "gradient descent × 0.5"
    other = learner_of(tmp_path, recipe(CLUSTERS, {"update": "-tanh(grad)"}, **DEEP))
    other.report = Report.model_validate({"champion": 0, "behaviour": seen})
    assert other.recognised == seen["text"]
    for scores, text in (
        (
            {"behaviour": {key: seen[key] for key in ("title", "scale", "r2")}},
            "on its own tasks, the moon × 2 (R² 0.9900)",
        ),
        ({"behaviour": None}, "none of the classic rules, by algebra"),
        ({}, "none of the classic rules, by algebra"),
    ):
        del other.recognised
        other.report = Report.model_validate({"champion": 0, **scores})
        assert other.recognised == text


def test_nothing_is_said_of_lives_without_updates() -> None:
    compared = {"network": {"head": "prototype"}, "lifetime": {"updates": 0}}
    assert behaviour(*life({"update": "-0.1*grad"}, **compared)) is None
