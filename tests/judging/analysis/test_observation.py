"""What is seen of a few lifetimes."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.genetics.genome import Genome
from evometa.judging import behaviour
from evometa.judging.analysis.observation import SAMPLE, Watched, spaced, watch
from evometa.language.text import parse
from tests.judging.analysis.learners import evaluator, genome, network_genome


def watched(name: str, one: Genome) -> Watched:
    engine = evaluator(name)
    config = engine.config
    drawn = engine.draw("test", 0, config.sampling.test_tasks, updates=config.champion.updates)
    lengths = [config.lifetime.length(course.family.support["test"]) for course, _ in drawn]
    return watch(one, drawn, lengths, config.seed)


def test_signals_are_those_of_lifetimes() -> None:
    found = watched("neuron", genome(update="0.5*pre*(target - post) - 0.01*w"))
    assert found.lifetimes == 12
    assert set(found.before) == {"pre", "post", "target", "w"}
    assert set(found.before["target"]) == {0.0, 1.0}
    assert SAMPLE / 2 < len(found.before["pre"]) <= SAMPLE * 1.1
    rule = parse("0.5*pre*(target - post) - 0.01*w")
    assert np.allclose(found.values(rule, "update"), found.results["update"], atol=1e-6)
    assert found.updates[0] == 0
    assert found.updates[-1] == 12
    assert found.changes[0] is None
    assert found.weights[0] is not None
    assert 0 < found.weights[0][0] < found.weights[-1][0]


def test_states_are_seen_before_and_after() -> None:
    found = watched("network", network_genome(update="-c0*s1", s1="0.5*s1 + grad", loss="square(output - target)"))
    assert np.allclose(found.after["s1"], found.results["s1"])
    assert not np.allclose(found.after["s1"], found.before["s1"])
    assert np.allclose(found.values(parse("0.5*s1 + grad"), "s1"), found.results["s1"], atol=1e-6)
    assert np.allclose(found.values(parse("-c0*s1"), "update"), found.results["update"], atol=1e-6)


def test_the_same_is_seen_again() -> None:
    one = genome(0.3, update="-c0*grad + 0.01*w")
    first, second = watched("sets", one), watched("sets", one)
    assert first.before.keys() == second.before.keys()
    assert all(np.array_equal(first.before[name], second.before[name]) for name in first.before)
    assert first.weights == second.weights
    assert first.lifetimes == 12  # six tasks of each set


def test_what_is_too_large_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    one = genome(update="pre*(target - post)")
    monkeypatch.setattr(behaviour, "WORK", 6.0 * 2 * 5)  # 6 synapses, 2 lanes, 5 updates
    found = watched("neuron", one)
    assert "the first" in found.note
    assert len(found.updates) < 12
    monkeypatch.setattr(behaviour, "WORK", 1.0)
    found = watched("neuron", one)
    assert "too large" in found.note
    assert (found.lifetimes, found.before, found.updates) == (0, {}, [])


def test_not_a_number_everywhere() -> None:
    found = watched("neuron", genome(update="div(pre, 0) - div(pre, 0)"))
    assert not np.isfinite(found.results["update"]).any()
    assert found.weights[0] is not None
    assert found.changes[-1] is None or np.isfinite(found.changes[-1]).all()


def test_a_rule_without_signals_and_one_without_update() -> None:
    found = watched("neuron", genome(update="0.5"))
    assert (found.before, set(found.results["update"])) == ({}, {0.5})
    assert watched("neuron", genome(s1="pre")).lifetimes == 0


def test_spaced() -> None:
    assert spaced(3) == [0, 1, 2, 3]
    assert spaced(0) == [0]
    points = spaced(1000)
    assert (points[0], points[-1], len(points)) == (0, 1000, 41)
