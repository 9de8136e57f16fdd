"""What is watched from near is what the reference lives, but for the last digit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Graph, Phenotype, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.observer import MOST_LANES, WORK, Observer, blocks_of, lanes_to_watch
from evometa.lifetime.reference import Learner
from tests.lifetime.strategies import random_batch, random_graph

STATE = ("w", "s1", "s2", "act")
SMOOTH = {"update": parse("0.1*tanh(grad) - 0.01*w + 0.01*s1"), "s1": parse("0.5*s1 + 0.1*tanh(w)")}


def told(learner: Learner, update: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Let the reference make an update; return what it read and gave, [E, L]."""
    rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
    learner.witness = lambda signals, results: rows.append((signals, results))
    learner.learn(update)

    def table(part: int, name: str) -> np.ndarray:
        return np.stack([np.broadcast_to(row[part][name], learner.lanes) for row in rows])

    return {name: table(0, name) for name in rows[0][0]}, {name: table(1, name) for name in rows[0][1]}


def close(ours: Any, theirs: np.ndarray) -> bool:
    shown = np.broadcast_to(ours, theirs.shape)
    return bool(np.allclose(shown, theirs, rtol=1e-3, atol=1e-4, equal_nan=True))


@pytest.mark.parametrize("seed", range(60))
def test_it_sees_what_the_reference_reads(seed: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    with np.errstate(all="ignore"):
        for g in range(len(phenotypes)):
            learner = Learner(phenotypes, g, tasks, births, plan)
            observer = Observer(phenotypes, g, tasks, births, plan, frozenset({"grad"} | phenotypes[g].program.reads))
            for update in range(len(plan.order)):
                for name in STATE:  # from the same state each time: rules may blow a rounding up
                    setattr(observer.learner, name, getattr(learner, name).copy())
                moment = observer.learn(update)
                signals, _ = told(learner, update)
                for name, value in moment.signals.items():
                    if np.abs(signals[name][np.isfinite(signals[name])]).max(initial=0) < 1e6:
                        assert close(value, signals[name]), name


def test_a_whole_life_ends_alike() -> None:
    phenotypes, tasks, births, plan = random_batch(3)
    rule = compile_rule(SMOOTH)
    calm = batch_of([phenotypes[g]._replace(program=rule, loss=None) for g in range(len(phenotypes))])
    order = np.tile(plan.order, (20, 1, 1)) if len(plan.order) else np.zeros((20, *plan.order.shape[1:]), np.int32)
    long = Plan(order, np.array([0, len(order)], np.int32), plan.head, plan.credit)
    learner, observer = Learner(calm, 0, tasks, births, long), Observer(calm, 0, tasks, births, long, frozenset())
    for update in range(len(order)):
        learner.learn(update)
        moment = observer.learn(update)
        assert moment.update == update
    for name in ("w", "s1"):
        assert np.allclose(getattr(observer.learner, name), getattr(learner, name), rtol=1e-3, atol=1e-4)


def test_a_difference_would_be_noticed() -> None:
    phenotypes, tasks, births, plan = next(b for b in map(random_batch, range(9)) if len(b[3].order))
    learner = Learner(phenotypes, 0, tasks, births, plan)
    observer = Observer(phenotypes, 0, tasks, births, plan, frozenset({"w", "grad"}))
    observer.learner.w += 0.5
    with np.errstate(all="ignore"):
        signals, _ = told(learner, 0)
        assert not close(observer.learn(0).signals["w"], signals["w"])


def test_layers_are_blocks_and_what_looks_back_is_not() -> None:
    assert [(b.start, b.stop) for b in blocks_of(layered(3, (4, 5), 2))] == [(4, 8), (8, 13), (13, 15)]
    recurrent = blocks_of(layered(3, (2,), 1, recurrent=True))
    assert [(b.start, b.stop) for b in recurrent] == [(4, 5), (5, 6), (6, 7)]
    graph = random_graph(np.random.default_rng(0), 3, 6, 2, recurrent=True)
    covered = [node for block in blocks_of(graph) for node in range(block.start, block.stop)]
    assert covered == list(range(graph.inputs + 1, graph.nodes))


def plan_of(updates: int, batch: int, lanes: int = 1) -> Plan:
    return Plan(np.zeros((updates, batch, lanes), np.int32), np.array([0, updates], np.int32), "linear", "backprop")


def test_large_lives_are_watched_in_part_or_not_at_all() -> None:
    small, large = layered(5, (), 1), layered(784, (128,), 10)
    assert lanes_to_watch(small, plan_of(100, 1), 100) == (MOST_LANES, 100)
    lanes, updates = lanes_to_watch(large, plan_of(1000, 8), 1000)
    assert lanes == 2
    assert 3 <= updates < 1000
    assert lanes * updates * 8 * large.synapses <= WORK
    assert lanes_to_watch(large, plan_of(1000, 100), 1000) == (0, 0)
    assert lanes_to_watch(small, plan_of(100, 1), 0) == (MOST_LANES, 0)
    none = np.zeros(0, np.int32)
    bare = Graph(1, 1, np.zeros(4, np.int32), none, np.zeros(3, np.uint8), none)
    assert lanes_to_watch(bare, plan_of(9, 1), 9) == (MOST_LANES, 9)


def test_a_graph_of_single_synapses() -> None:
    graph = Graph(1, 1, np.array([0, 0, 0, 1], np.int32), np.array([0], np.int32), np.zeros(3, np.uint8),
                  np.zeros(1, np.int32))  # fmt: skip
    ones = np.ones((2, 1, 3), np.float32)
    rule, nothing = compile_rule({"update": parse("-0.5*grad")}), np.zeros((0, 1), np.float32)
    phenotypes = batch_of([Phenotype(graph, rule, np.zeros(1, np.float32), nothing[:, 0], nothing)])
    observer = Observer(phenotypes, 0, Tasks(ones, ones, ones, ones), Births(), plan_of(1, 2, 3), frozenset())
    moment = observer.learn(0)
    assert np.allclose(moment.results["update"], 1.0)  # −0.5 · ∂(0 − 1)²/∂w
    assert np.allclose(observer.learner.w, 1.0)
