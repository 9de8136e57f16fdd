"""Slopes of lifetimes are derivatives: those of a life that is written once more, in float64, for this alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_of
from evometa.language.library import RULES
from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree
from evometa.lifetime import Births, Phenotype, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference_descent import descend
from evometa.spec import ACTIVATIONS, CREDITS, HEADS
from tests.lifetime.double import doubled, in_double
from tests.lifetime.plain_life import PlainLife, by_differences
from tests.lifetime.strategies import random_batch, random_graph
from tests.properties import SAME, examples

pytestmark = SAME
STEP, STEPS = 1e-6, ACTIVATIONS.code("step")
Trees = Mapping[bytes, Any]


class Batch(NamedTuple):
    """Lives in one lane, the trees of their programs, and what each checkpoint counts."""

    phenotypes: Phenotypes
    tasks: Tasks
    births: Births
    plan: Plan
    trees: Trees
    weights: np.ndarray


def slopes(batch: Batch, order: int = 2, double: bool = False) -> Slopes:
    """Return the slopes that the reference gives, in float32 or in float64."""
    people, tasks, births, plan, _, weights = batch
    adjoints, losses = ([adjoint_of(each) for each in programs] for programs in (people.programs, people.losses))
    if not double:
        return descend(people, tasks, births, plan, adjoints, weights, losses, order)
    with in_double():
        numbers = doubled(people, tasks, births)
        return descend(*numbers, plan, adjoints, weights.astype(np.float64), losses, order)


def flat(found: Slopes, g: int, synapses: int) -> np.ndarray:
    """Return a genome's slopes one behind the other; those of drawn weights are 0."""
    innate = found.innate[g]
    parts = (np.zeros(synapses) if innate is None else innate, found.coefficients[g], found.plasticity[g].reshape(-1))
    return np.concatenate(parts)


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


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a - b) / (np.linalg.norm(b) + 1e-3))


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


TEXTS: dict[str, dict[str, str]] = {
    "sgd, rates by synapse": {"update": "-exp(p0)*grad"},
    "momentum that ages": {"update": "-c0*exp(c2*age)*s1 - c3*w", "s1": "c1*s1 + grad"},
    "adam": {"update": "-c0*div(s1, sqrtabs(s2) + 0.01)", "s1": "c1*s1 + (1 - c1)*grad",
             "s2": "c2*s2 + (1 - c2)*square(grad)"},
    "rmsprop": {"update": "-c0*aq(c2*grad, c2*sqrtabs(s1))", "s1": "c1*s1 + (1 - c1)*square(grad)"},
    "lion": {"update": "-c0*sign(c1*s1 + (1 - c1)*grad)", "s1": "c2*s1 + (1 - c2)*grad"},
    "anchored": {"update": "-c0*grad + c1*(w0 - w)*exp(p1)"},
    "gated": {"update": "-c0*grad", "gate": "abs(grad) - 0.02*exp(p0)"},
    "rewarded": {"update": "-c0*grad*(1 + reward)", "s1": "0.5*s1 + reward"},
    "mixed": {"update": "-c0*aq(grad + c1*s1, sigmoid(w)) * max(0.5, abs(s2)) + min(0.01*w, c2)",
              "s1": "tanh(c3*s1 + grad)", "s2": "select(grad, 0.9*s2 + 0.1*grad, sin(s2) + log(abs(w) + 1))"},
    "delta": {"update": "c0*(pre*(target - post))"},
    "oja with errors": {"update": "0.1*c0*post*(pre - post*w) - p0*err*pre + c1*(w0 - w)"},
    "abcd with a trace": {"update": "c0*(p0*s1 + p1*pre + p2*post + p3)", "s1": "c1*s1 + pre*post"},
    "node perturbation by reward": {"update": "c0*reward*pre*post - c1*err"},
}  # fmt: skip
NAMED = {
    **{name: parse_rule(slots) for name, slots in TEXTS.items()},
    **{name: row.slots for name, row in RULES.items()},
}
LOSSES = (None, None, "c4*square(output - target) + abs(output)*c5", "log(1 + exp(output - target*c4))")


def of_a_rule(rule: Mapping[str, Tree], seed: int, updates: int = 4) -> Batch:
    """Return lives with a rule in one lane: a layered network and a sparse, perhaps recurrent one."""
    rng = np.random.default_rng(seed)
    read = {item.name for tree in rule.values() for item in tree}
    single = not read.isdisjoint({"pre", "post", "err", "target"})
    head, credit = HEADS.names[seed % 3], CREDITS.names[seed // 3 % 4]
    outputs, size = 2, 1 if single else int(rng.integers(1, 6))
    graphs = [layered(3, (4, 3), outputs, "tanh"), random_graph(rng, 3, 4, outputs, bool(rng.random() < 0.5), True)]

    def numbers(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    text = LOSSES[seed % len(LOSSES)]
    tree = None if text is None else parse(text, signals=SLOTS["loss"].signals)
    loss, program = None if tree is None else compile_loss(tree), compile_rule(rule)
    coefficients = np.array([0.05, 0.8, 0.9, 0.3, 0.7, 0.2, 0.1, 0.4], np.float32)
    people = batch_of([
        Phenotype(graph, program, 0.5 * numbers(graph.synapses), coefficients, 0.3 * numbers(4, graph.synapses) - 1,
                  numbers(graph.synapses), loss)
        for graph in graphs
    ])  # fmt: skip

    def targets(count: int) -> np.ndarray:
        labels = rng.integers(0, outputs, (count, 1, 1))
        return numbers(count, outputs, 1) if head == "linear" else (labels == [[0], [1]]).astype(np.float32)

    tasks = Tasks(numbers(6, 3, 1), targets(6), numbers(5, 3, 1), targets(5))
    order = rng.integers(0, 6, (updates, size, 1)).astype(np.int32)
    plan = Plan(order, np.array([0, updates // 2, updates], np.int32), head, credit, synapse_cost=0.01 * (seed % 2),
                length=[0, updates + 2][seed % 2])  # fmt: skip
    trees = {program.key: rule} if loss is None else {program.key: rule, loss.key: tree}
    return Batch(people, tasks, Births(), plan, trees, np.array([[0.5, 0.3, 1.0]] * 2, np.float32))


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
