"""The analysis of a learner: whole and altered forms on the same held-out tasks."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from evometa.genetics.genome import Genome
from evometa.judging import behaviour
from evometa.judging.analysis import analyse
from evometa.judging.analysis import measurement as measuring
from evometa.judging.analysis.measurement import brief, short
from evometa.judging.analysis.whole import MOST
from evometa.judging.exam import Exam
from evometa.judging.scores import Score, finite
from tests.judging.analysis.learners import evaluator, genome, network_genome
from tests.lifetime.strategies import random_text

KEYS = {
    *("tasks", "measure", "lower_is_better", "whole", "innate", "diverged", "lifetimes", "ablation"),
    *("ablation_left_out", "sensitivity", "biography", "curves", "notes", "over", "wiring", "wiring_left_out"),
    *("gates", "plasticity", "descent"),
}
DELTA = "4*pre*(target - post) + 0.001*w"


def made(name: str, one: Genome, **more: Any) -> dict[str, Any]:
    found = analyse(evaluator(name), one, **more).plain()
    assert set(found) == KEYS
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def score(name: str, one: Genome, tasks: int, fresh: bool = False) -> Score:
    """Score a genome by other ways."""
    engine = evaluator(name)
    drawn = engine.draw("test", 0, tasks, fresh=fresh, updates=engine.config.champion.updates)
    outcomes = engine.outcomes([one], drawn)
    exam = Exam(engine, drawn)
    measure = exam.measures[0]
    return brief(exam.score(exam.scores(outcomes, 0, measure), measure))


def test_the_whole_is_scored_as_the_champion_is() -> None:
    one = genome(update=DELTA)
    found = made("neuron", one)
    assert (found["tasks"], found["measure"], found["lower_is_better"]) == (12, "closeness", False)
    assert found["whole"] == score("neuron", one, 12)
    assert found["whole"]["mean"] > found["innate"]["mean"] + 0.2


def test_a_part_taken_out_is_scored_as_the_rule_without_it() -> None:
    found = made("neuron", genome(update=DELTA))
    rows = {(row["term"], row["change"]): row for row in found["ablation"]}
    without = score("neuron", genome(update="4*pre*(target - post)"), 12)
    assert rows["0.001·w", "removed"]["mean"] == pytest.approx(without["mean"], abs=1e-3)
    assert abs(rows["0.001·w", "removed"]["difference"]["mean"]) < 0.05
    vital = rows["4·pre·target", "removed"]
    assert vital["difference"]["mean"] - vital["difference"]["ci95"] > 0.2
    assert vital["difference"]["mean"] == pytest.approx(found["whole"]["mean"] - vital["mean"])
    assert [row["size"] for row in found["ablation"]] == sorted(
        (row["size"] for row in found["ablation"]), reverse=True
    )


def test_differences_are_paired_by_task() -> None:
    found = made("neuron", genome(update=DELTA))
    row = next(row for row in found["ablation"] if (row["term"], row["change"]) == ("0.001·w", "removed"))
    assert row["difference"]["ci95"] < row["ci95"] / 3


def test_signals_are_held() -> None:
    found = made("neuron", genome(update=DELTA))
    rows = {row["signal"]: row for row in found["sensitivity"]}
    assert list(rows) == ["pre", "post", "target", "w"]
    assert rows["target"]["difference"]["mean"] > 0.2
    assert abs(rows["w"]["difference"]["mean"]) < 0.05
    assert 0 < rows["target"]["usual"] < 1
    assert rows["target"]["share"] > 0.2 > rows["w"]["share"]
    assert rows["target"]["change"] == "held at its mean"
    held = score("neuron", genome(update=f"4*pre*({rows['target']['usual']} - post) + 0.001*w"), 12)
    assert rows["target"]["mean"] == pytest.approx(held["mean"], abs=1e-4)


def test_a_life_and_its_curves() -> None:
    found = made("neuron", genome(update=DELTA), rivals={"delta": {"rate": 2.0}, "ridge": {"rate": 0.1}})
    assert [curve["name"] for curve in found["curves"]] == ["champion", "delta"]
    champion, delta = found["curves"]
    assert champion["updates"] == delta["updates"] == list(range(13))
    assert champion["mean"][-1] == pytest.approx(found["whole"]["mean"], rel=1e-5)
    assert champion["mean"][0] == pytest.approx(found["innate"]["mean"], rel=1e-5)
    assert delta["mean"][-1] == pytest.approx(
        score("neuron", genome(update="2*pre*(target - post)"), 12)["mean"], rel=1e-5
    )
    life = found["biography"]
    assert life["updates"] == list(range(13))
    assert life["set"] == "boolean"
    assert life["change"]["mean"][0] is None
    for name in ("error", "loss", "weights", "change"):
        assert all(len(life[name][part]) == 13 for part in ("mean", "low", "high"))
    assert life["error"]["mean"][0] > life["error"]["mean"][-1]
    for low, high in zip(life["weights"]["low"], life["weights"]["high"], strict=True):
        assert low <= high


def test_inherited_weights_states_and_loss() -> None:
    one = network_genome(update="-c0*s1*exp(p0 + 4)", s1="0.5*s1 + grad", loss="square(output - target)")
    found = made("network", one, rivals={"sgd": {"rate": 0.01}})
    assert (found["measure"], found["lower_is_better"]) == ("loss", True)
    assert found["whole"] == score("network", one, 6)
    slots = {row["slot"] for row in found["ablation"]}
    assert slots == {"update", "s1", "loss"}
    assert {row["change"] for row in found["ablation"] if row["slot"] == "loss"} == {"removed"}
    assert "error" not in found["biography"]
    drawn = score("network", genome(0.01, update="-c0*grad"), 6, fresh=True)
    assert found["curves"][1]["mean"][-1] == pytest.approx(drawn["mean"], rel=1e-5)  # born as stock rules are


def test_several_sets() -> None:
    one = genome(0.3, update="-c0*grad - 0.001*w")
    found = made("sets", one, rivals={"adam": {"rate": 0.01}})
    assert found["tasks"] == 6
    assert found["whole"] == score("sets", one, 6)
    assert found["biography"]["set"] == "dataset moons"
    assert found["notes"] == []


def test_the_same_again() -> None:
    one = genome(update=DELTA)
    assert made("neuron", one) == made("neuron", one)
    assert made("neuron", one, tasks=5)["tasks"] == 5


@pytest.mark.parametrize(
    "rule", ["div(pre, 0) - div(pre, 0)", "exp(exp(exp(pre)))*1e38*w", "div(1, w - w)", "0.5", "w - w", "grad", "s2"]
)
def test_odd_rules(rule: str) -> None:
    found = made("neuron", genome(update=rule))
    assert found["whole"]["mean"] is not None
    assert 0 <= found["diverged"] <= found["lifetimes"] == 12


def test_lost_lifetimes_are_counted() -> None:
    found = made("network", network_genome(update="div(grad, 0) - div(grad, 0)"))
    assert found["diverged"] == found["lifetimes"] == 6
    assert found["whole"] == {"mean": 1e6, "ci95": 0.0}
    assert found["biography"]["loss"]["mean"][-1] is None
    assert all(np.isfinite(row["difference"]["mean"]) for row in found["ablation"])


def test_a_rule_without_update() -> None:
    found = made("neuron", genome(s1="pre"))
    assert (found["ablation"], found["sensitivity"]) == ([], [])


def test_large_rules_are_bounded() -> None:
    rule = " + ".join(f"0.0{k}*pre*tanh({k}*w + target)" for k in range(10, 60))
    started = time.process_time()
    found = made("neuron", genome(update=rule))
    assert time.process_time() - started < 100  # three are usual
    assert len(found["ablation"]) == MOST
    assert found["ablation_left_out"] >= 76


def test_where_lifetimes_take_long_fewer_tasks_and_changes_are_lived(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = " + ".join(f"0.0{k}*pre*tanh({k}*w + target)" for k in range(10, 40))
    monkeypatch.setattr(measuring, "BUDGET", 1.0)
    monkeypatch.setattr(measuring, "FEW_TASKS", 2)
    monkeypatch.setattr(measuring, "FEW_LEARNERS", 8)
    found = made("neuron", genome(update=rule))
    assert (found["tasks"], len(found["ablation"])) == (2, 4)
    assert any("take long" in note for note in found["notes"])
    assert made("neuron", genome(update=rule), tasks=3)["tasks"] == 3


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "MOST_LANES", 4)
    monkeypatch.setattr(measuring, "FEW_TASKS", 2)
    assert made("neuron", genome(update=DELTA))["tasks"] == 4


def test_where_nothing_can_be_watched_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour, "WORK", 1.0)
    found = made("neuron", genome(update=DELTA))
    assert {row["change"] for row in found["ablation"]} == {"removed"}
    assert [row["mean"] for row in found["sensitivity"]] == [None] * 4
    assert "weights" not in found["biography"]
    assert any("too large" in note for note in found["notes"])


def test_numbers_of_json() -> None:
    assert [finite(value) for value in (None, float("nan"), np.inf, 0.5)] == [None, None, None, 0.5]
    assert [short(value) for value in (None, float("nan"), 1 / 3)] == [None, None, 0.333333]


@pytest.mark.parametrize("seed", range(12))
def test_random_rules(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signals = ["pre", "post", "target", "w", "s1", "s2", "age", "c0"]
    slots = {"update": random_text(rng, signals, 5), "s1": random_text(rng, signals, 4)}
    found = made("neuron", genome(0.5, **slots))
    assert len(found["ablation"]) <= MOST
    for row in (*found["ablation"], *found["sensitivity"]):
        assert row["difference"].keys() == {"mean", "ci95"}
