"""Gates after learning: which synapses are open, in how many lives, and whether tasks differ in that."""

from __future__ import annotations

import tomllib
from itertools import combinations

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import lessons, open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_key
from evometa.judging.analysis import analyse
from evometa.judging.analysis import gates as module
from evometa.judging.analysis.gates import LIVES, gates, overlaps
from evometa.judging.verdict import wirings
from evometa.language.text import parse_rule
from evometa.lifetime import Graph
from evometa.lifetime.numba import cpu

RECIPE = """
[tasks]
family = "distractors"
places = "drawn"
relevant = 2
distractors = 5
shots = 20
[network]
hidden = []
head = "sigmoid"
[lifetime]
epochs = 10
[weights]
mode = "drawn"
[sampling]
test_tasks = 8
validation_tasks = 8
"""
SHUTTING = {"update": "-0.1*grad", "gate": "abs(w) - 1.5*age"}


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    """What lives lifetimes of tasks in which 2 of 7 inputs matter, others in each."""
    config = load(tomllib.loads(RECIPE)).config
    return Evaluator(config, open_courses(config), cpu.live)


def test_shares_are_those_of_the_lives_that_are_lived(evaluator: Evaluator) -> None:
    genome = Genome(parse_rule(SHUTTING))
    found, why = gates(evaluator, genome)
    assert (found is not None, why) == (True, "")
    assert found is not None
    (course,), config = evaluator.courses, evaluator.config
    repeated = config.model_copy(update={"sampling": config.sampling.model_copy(update={"repeats": LIVES})})
    lesson = lessons(course, repeated, "test", 0, len(found.wirings), purpose="gates ")
    (outcomes,) = evaluator.outcomes([genome], [(course, lesson)])
    assert outcomes.opened is not None
    assert found.graph == graph_key(course.network)
    assert found.lives == lesson.tasks.lanes
    opened = outcomes.opened[0, -1] / course.network.synapses
    assert np.mean(found.share) == pytest.approx(opened.mean(), abs=1e-3)
    by_task = opened.reshape(-1, LIVES).mean(axis=1)
    assert np.mean(found.wirings, axis=1) == pytest.approx(by_task, abs=1e-3)
    assert found.within.mean is not None
    assert found.within.mean > (found.between.mean or 0) + 0.2
    assert "the wiring differs by task" in wirings(found)


def test_overlaps_are_those_of_sets() -> None:
    rng = np.random.default_rng(0)
    opened = rng.random((9, 5 * LIVES)) < np.repeat([0.1, 0.3, 0.5, 0.7, 0.0], LIVES)
    sound = rng.random(opened.shape[1]) < 0.8
    sets = [set(np.flatnonzero(column)) for column in opened.T]

    def jaccard(a: int, b: int) -> float:
        return len(sets[a] & sets[b]) / len(sets[a] | sets[b]) if sets[a] | sets[b] else 1.0

    lives = [[lane for lane in range(t * LIVES, (t + 1) * LIVES) if sound[lane]] for t in range(5)]
    within = [np.mean([jaccard(a, b) for a, b in combinations(own, 2)]) for own in lives]
    between = [
        np.mean([jaccard(a, b) for a in own for other in lives if other is not own for b in other]) for own in lives
    ]
    one, other, lead = overlaps(opened, sound)
    assert one.mean == pytest.approx(np.mean(within))
    assert other.mean == pytest.approx(np.mean(between))
    assert lead.mean == pytest.approx(np.mean(within) - np.mean(between))


def test_of_one_task_there_is_nothing_to_tell_apart() -> None:
    one, other, lead = overlaps(np.ones((3, LIVES), bool), np.ones(LIVES, bool))
    assert (one.mean, one.ci95, other.mean, lead.mean) == (1.0, None, None, None)
    told = module.Gates(share=[1.0, 0.5], wirings=[[1.0]], within=one, between=other, difference=lead)
    assert wirings(told).startswith("After learning, 1.5 of 2 synapses are open in the mean. There are too few lives")


def test_who_wires_all_tasks_alike_is_told_so(evaluator: Evaluator) -> None:
    found, _ = gates(evaluator, Genome(parse_rule({"update": "-0.1*grad", "gate": "0.5 - age"})))
    assert found is not None
    assert (found.within.mean, found.between.mean, set(found.share)) == (1.0, 1.0, {0.0})
    assert "no difference between tasks is shown" in wirings(found)


def test_where_there_are_no_gates_there_is_nothing(evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gates(evaluator, Genome(parse_rule({"update": "-0.1*grad"}))) == (None, "")
    inputs = evaluator.courses[0].network.inputs
    ptr, nothing = np.zeros(inputs + 3, np.int32), np.zeros(0, np.int32)
    bare = Graph(inputs, 1, ptr, nothing, np.zeros(inputs + 2, np.uint8), nothing)
    assert gates(evaluator, Genome(parse_rule(SHUTTING), bare)) == (None, "")
    lost = Genome(parse_rule({"update": "1e38*1e38*pre - 1e38*1e38*w", "gate": "w"}))
    assert gates(evaluator, lost)[1] == "distractors: all lives in which gates were followed diverged"
    monkeypatch.setattr(module, "LONGEST", 7)
    assert gates(evaluator, Genome(parse_rule(SHUTTING)))[1].endswith("too large for its gates to be followed")


def test_of_many_synapses_those_that_differ_most_are_told_by_task(
    evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    genome = Genome(parse_rule(SHUTTING))
    whole, _ = gates(evaluator, genome)
    monkeypatch.setattr(module, "SHOWN", 3)
    part, _ = gates(evaluator, genome)
    assert whole is not None
    assert part is not None
    assert whole.shown == list(range(8))
    assert part.share == whole.share
    spread = np.var(whole.wirings, axis=0)
    assert sorted(spread[part.shown]) == sorted(spread)[-3:]
    assert np.array_equal(np.array(part.wirings), np.array(whole.wirings)[:, part.shown])


def test_the_analysis_has_them(evaluator: Evaluator) -> None:
    found = analyse(evaluator, Genome(parse_rule(SHUTTING)), tasks=4)
    assert found.gates == gates(evaluator, Genome(parse_rule(SHUTTING)))[0]
    assert analyse(evaluator, Genome(parse_rule({"update": "-0.1*grad"})), tasks=4).gates is None
