"""Slopes of lifetimes are derivatives: those of a life that is written once more, in float64, for this alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import layered
from evometa.language.tree import Tree
from evometa.spec import ACTIVATIONS, CREDITS
from tests.lifetime.lives_of_rules import LOSSES, NAMED, TEXTS, Batch, distance, flat, lives_of, single, slopes
from tests.lifetime.plain_life import PlainLife, by_differences
from tests.lifetime.strategies import OWN, random_batch, random_graph
from tests.properties import SAME, examples

pytestmark = SAME
STEP, STEPS = 1e-6, ACTIVATIONS.code("step")


def expected(batch: Batch, g: int, order: int, losses: np.ndarray) -> np.ndarray | None:
    """Return a genome's slopes by differences, one behind the other; None at a kink, or where nothing is precise.

    `losses f32[C]`: as the reference has them.
    """
    people, tasks, births, plan, trees, weights = batch
    one = people[g]
    loss = None if one.loss is None else trees[one.loss.key]
    life = PlainLife(one.graph, trees[one.program.key], loss, tasks, plan, one.feedback, 0, order)
    drawn = births.weights[people.graph[g]] if one.innate is None else one.innate[:, None]
    assert drawn is not None
    w0, c, p = (part.astype(np.float64) for part in (drawn[:, 0], one.coefficients, one.plasticity))
    with np.errstate(all="ignore"):
        found = by_differences(life, w0, c, p, weights[g], STEP)
    known = (weights[g] * losses).sum()
    precise = np.isfinite(found.slopes).all() and abs(known - found.value) <= 1e-6 * (1 + abs(found.value))
    smooth = found.bend <= 1e-3 * (1e-3 + float(np.linalg.norm(found.slopes)))
    if one.innate is None:
        found.slopes[: one.graph.synapses] = 0
    return found.slopes if precise and smooth else None


def of_one_lane(seed: int) -> Batch:
    """Return random lives in one lane."""
    trees: dict[bytes, Any] = {}
    people, tasks, births, plan = random_batch(seed, trees)
    first, weights = np.zeros(1, np.int64), np.random.default_rng(seed).standard_normal
    gamma = weights((len(people), len(plan.checkpoints))).astype(np.float32)
    return Batch(people, tasks.take(first), births.take(first), plan.take(first), trees, gamma)


def compare(batch: Batch, order: int) -> int:
    """Compare all slopes of a batch; return how many genomes could be."""
    found, compared = slopes(batch, order, double=True), 0
    for g in range(len(batch.phenotypes)):
        wanted = expected(batch, g, order, found.losses[g, :, 0])
        if wanted is not None and not found.status[g, 0]:
            assert distance(flat(found, g, batch.phenotypes[g].graph.synapses), wanted) < 1e-5
            compared += 1
    return compared


@pytest.mark.parametrize("order", [1, 2])
def test_slopes_of_random_lives_are_those_of_a_life_in_float64(order: int) -> None:
    batches = [of_one_lane(seed) for seed in range(24)]
    compared = sum(compare(batch, order) for batch in batches)
    assert compared > 0.95 * sum(len(batch.phenotypes) for batch in batches)


@examples(30)
@given(st.integers(min_value=1000, max_value=1 << 30), st.sampled_from([1, 2]))
def test_slopes_of_any_life(seed: int, order: int) -> None:
    compare(of_one_lane(seed), order)


def of_a_rule(rule: Mapping[str, Tree], seed: int, updates: int = 4) -> Batch:
    """Return lives with a rule in one lane: a layered network and a sparse, perhaps recurrent one."""
    rng = np.random.default_rng(seed)
    head, credit = OWN[seed % 3], CREDITS.names[seed // 3 % 4]
    size = 1 if single(rule) else int(rng.integers(1, 6))
    graphs = [layered(3, (4, 3), 2, "tanh"), random_graph(rng, 3, 4, 2, bool(rng.random() < 0.5), True)]
    plan = {"head": head, "credit": credit, "synapse_cost": 0.01 * (seed % 2)}
    return lives_of(rule, graphs, rng, size, updates, LOSSES[seed % len(LOSSES)], **plan)


def test_twenty_rules_and_more() -> None:
    assert len(NAMED) >= 20


@pytest.mark.parametrize("name", NAMED)
def test_slopes_of_rules_with_all_heads_and_credit_modes(name: str) -> None:
    batches = [of_a_rule(NAMED[name], seed) for seed in range(12)]
    compared = sum(compare(batch, 2) for batch in batches)
    assert compared >= 20


@pytest.mark.parametrize("name", TEXTS)
def test_float32_is_as_near_as_rounding_lets_it(name: str) -> None:
    """In float64 all are within 1e-5; in float32, of lives that do not go wrong, roundings of 6e-8 add up to this."""
    for seed in (0, 4, 8, 9):
        batch = of_a_rule(NAMED[name], seed)
        single, double = slopes(batch), slopes(batch, double=True)
        for g in range(2):
            graph = batch.phenotypes[g].graph
            if STEPS not in graph.activation and double.losses[g].max() < 10:  # there, `step` is linear
                assert distance(flat(single, g, graph.synapses), flat(double, g, graph.synapses)) < 1e-4
