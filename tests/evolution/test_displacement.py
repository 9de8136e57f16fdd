"""Reptile's direction: where lives end, seen from where they began."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evometa.evolution.displacement import displacement
from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.lifetime import DIVERGED, NONE, OK, Births, Phenotype, Plan, Tasks, in_all_lanes
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba import cpu
from tests.lifetime.comparisons import comparing_batch


def test_reptile_goes_where_lives_end() -> None:
    """A linear neuron, whose lives are written out here; a life that is lost counts nothing."""
    graph, rng, rate, updates, lanes = layered(2, (), 1), np.random.default_rng(1), 0.1, 3, 19
    assert graph.src.tolist() == [0, 1, 2]
    w = rng.normal(size=3).astype(np.float32)
    x, y = (rng.normal(size=(4, size, lanes)).astype(np.float32) for size in (2, 1))
    y[0, 0, 7] = 3e38
    order = np.array([[0, 1], [2, 3], [1, 2]], np.int32)[:, :, None]
    plan = Plan(in_all_lanes(order[:, :, 0], lanes), np.array([updates], np.int32), "linear", "backprop")
    rules: list[dict[str, Tree]] = [{"update": parse(f"-{rate} * grad")}, {}]
    none = np.zeros((0, 3), np.float32)
    batch = batch_of([Phenotype(graph, compile_rule(rule), w, none[:, 0], none) for rule in rules])
    found = displacement(batch, Tasks(x, y, x, y), Births(), plan, np.zeros((2, 1), np.float32))
    assert found.status[0].tolist() == [DIVERGED if lane == 7 else OK for lane in range(lanes)]
    total = np.zeros(3)
    for lane in range(lanes):
        own = w.astype(np.float64)
        for some in order[:, :, 0]:
            read = np.stack([x[some, 0, lane], x[some, 1, lane], np.ones(2)])
            own = own - rate * 2 * (read * (own @ read - y[some, 0, lane])).mean(axis=1)
        total += np.where(lane == 7, 0.0, w - own)
    assert found.innate[0] is not None
    assert np.allclose(found.innate[0], total / lanes, rtol=1e-4, atol=1e-6)
    assert found.innate[1] is not None
    assert not found.innate[1].any()  # who learns nothing stays


def test_lives_are_those_of_the_plan_with_its_metric() -> None:
    """In a single lane the way is what the kernel learns there, whatever the head compares by."""
    for seed in range(12):
        phenotypes, tasks, births, plan = comparing_batch(seed)
        one = np.zeros(1, np.int64)
        batch = phenotypes, tasks.take(one), births.take(one), replace(plan.take(one), keep_weights=True)
        lived = cpu.live(*batch)
        found = displacement(*batch, np.zeros((len(phenotypes), len(plan.checkpoints)), np.float32), threads=1)
        assert lived.weights is not None
        assert np.array_equal(found.losses, lived.loss, equal_nan=True)
        assert np.array_equal(found.status, lived.status)
        for g, (way, weights) in enumerate(zip(found.innate, lived.weights, strict=True)):
            own = phenotypes.innate[g] != NONE
            assert (way is not None) == own
            if way is not None and lived.status[g, 0] == OK:
                assert np.array_equal(way, phenotypes.innates[phenotypes.innate[g]] - weights)
