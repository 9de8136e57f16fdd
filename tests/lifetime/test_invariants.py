"""What holds of any life, whatever it computes: the judge itself is judged by these."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import layered
from evometa.language.program import Program, compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.lifetime import FIXED, Births, Graph, Outcomes, Phenotype, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference import live
from evometa.spec import CREDITS, GRU
from tests.lifetime.strategies import OWN, random_batch, random_graph
from tests.lifetime.test_parity import assert_same, same_bits
from tests.properties import examples

SEEDS = st.integers(0, 2**32 - 1)
few = examples(15)


def rule_of(**slots: str) -> Program:
    return compile_rule({slot: parse(text) for slot, text in slots.items()})


def numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def learner(graph: Graph, program: Program, **parts: Any) -> Phenotype:
    """Return a learner with innate weights, coefficients and per-synapse coefficients of some numbers."""
    return Phenotype(
        graph, program, numbers(1, graph.synapses), numbers(2, 3), numbers(3, 2, graph.synapses),
        numbers(4, graph.synapses),
    )._replace(**parts)  # fmt: skip


def lessons(
    graph: Graph, seed: int, batch: int = 2, updates: int = 3, lanes: int = 3, **plan: Any
) -> tuple[Tasks, Births, Plan]:
    """Return tasks of numbers, no births, and a plan whose queries are asked after every update."""
    sizes = ((5, graph.inputs), (5, graph.outputs), (4, graph.inputs), (4, graph.outputs))
    tasks = Tasks(*(numbers(seed + place, *size, lanes) for place, size in enumerate(sizes)))
    order = np.random.default_rng(seed).integers(0, 5, (updates, batch, lanes)).astype(np.int32)
    points = np.arange(updates + 1, dtype=np.int32)
    return tasks, Births(), Plan(order, points, **{"head": "linear", "credit": "backprop", **plan}, keep_weights=True)


def alike(*learners: Phenotype, **plan: Any) -> None:
    """Require that learners of one shape live the same lives, bit for bit."""
    for seed in range(4):
        found = live(batch_of(learners), *lessons(learners[0].graph, seed, **plan))
        assert found.weights is not None
        for g in range(1, len(learners)):
            assert same_bits(found.scores[:, g], found.scores[:, 0])
            assert same_bits(found.weights[g], found.weights[0])


NET = layered(3, (4,), 2)


@few
@given(SEEDS)
def test_a_rule_that_gives_nothing_changes_nothing(seed: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    for program in (rule_of(update="0.0"), rule_of(s1="grad"), compile_rule({})):
        idle = replace(phenotypes, programs=[program] * len(phenotypes.programs))
        found = live(idle, tasks, births, replace(plan, bound=1e6))
        for g in range(len(idle)):
            born, weights = idle[g].innate, births.weights[idle.graph[g]]
            assert found.weights is not None
            assert weights is not None
            assert np.array_equal(found.weights[g], weights[:, 0] if born is None else born)
            graph = idle[g].graph
            forgets = (graph.src < graph.dst).all() and GRU not in graph.activation
            if forgets:  # every checkpoint answers as at birth
                assert same_bits(found.scores[:, g], np.repeat(found.scores[:, g, :1], len(plan.checkpoints), 1))


@few
@given(SEEDS)
def test_weights_stay_within_the_bound(seed: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    found = live(phenotypes, tasks, births, plan)
    if len(plan.order):
        for g, weights in enumerate(found.weights or []):
            learning = phenotypes[g].graph.traits & FIXED == 0
            assert (np.isnan(weights) | (np.abs(weights) <= plan.bound))[learning].all()


@few
@given(SEEDS)
def test_a_life_does_not_depend_on_those_beside_it(seed: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    lane = seed % tasks.lanes
    others = np.arange(tasks.lanes) != lane
    other_tasks = replace(tasks, support_x=np.where(others, np.float32(7), tasks.support_x),
                          query_x=np.where(others, np.float32(-3), tasks.query_x))  # fmt: skip
    other_order = replace(plan, order=np.where(others, plan.order[..., ::-1], plan.order))
    expected = live(phenotypes, tasks, births, plan)
    found = live(phenotypes, other_tasks, births, other_order)
    assert same_bits(found.scores[..., lane].copy(), expected.scores[..., lane].copy())
    assert np.array_equal(found.status[:, lane], expected.status[:, lane])


@few
@given(SEEDS)
def test_questions_teach_nothing(seed: int) -> None:
    """Whenever a learner is asked, and however often, it answers and learns the same."""
    phenotypes, tasks, births, plan = random_batch(seed)
    often = replace(plan, checkpoints=np.arange(len(plan.order) + 1, dtype=np.int32))
    expected = live(phenotypes, tasks, births, often)
    found = live(phenotypes, tasks, births, plan)  # ends with the last update, too
    assert same_bits(found.scores, expected.scores[:, :, plan.checkpoints].copy())
    assert all(same_bits(a, b) for a, b in zip(found.weights or (), expected.weights or (), strict=True))


@few
@given(SEEDS)
def test_each_question_is_asked_of_the_same_learner(seed: int) -> None:
    """Scores are means of those of single questions, added up in their order."""
    phenotypes, tasks, births, plan = random_batch(seed)
    expected = live(phenotypes, tasks, births, plan)
    total = np.zeros_like(expected.scores)
    with np.errstate(all="ignore"):
        for q in range(len(tasks.query_x)):
            one = replace(tasks, query_x=tasks.query_x[q : q + 1], query_y=tasks.query_y[q : q + 1])
            total += live(phenotypes, one, births, plan).scores
        assert same_bits(expected.scores, total / np.float32(len(tasks.query_x)))


@few
@given(SEEDS)
def test_drawn_weights_that_all_lanes_share_are_innate_ones(seed: int) -> None:
    phenotypes, tasks, _, plan = random_batch(seed)
    own = [phenotypes[g]._replace(innate=numbers(5, phenotypes[g].graph.synapses)) for g in range(len(phenotypes))]
    drawn = batch_of([one._replace(innate=None) for one in own])
    weights = [np.repeat(numbers(5, graph.synapses)[:, None], tasks.lanes, axis=1) for graph in drawn.graphs]
    assert_same(live(drawn, tasks, Births(weights), plan), live(batch_of(own), tasks, Births(), plan))


def test_a_coefficient_of_all_synapses_alike_is_a_coefficient_and_a_constant() -> None:
    half = np.full((2, NET.synapses), 0.375, np.float32)
    coefficients = np.array([0.375, 0, 0], np.float32)
    alike(
        learner(NET, rule_of(update="-c0*grad", s1="c0*s1 + w"), coefficients=coefficients),
        learner(NET, rule_of(update="-p1*grad", s1="p1*s1 + w"), plasticity=half, coefficients=coefficients),
        learner(NET, rule_of(update="-0.375*grad", s1="0.375*s1 + w"), coefficients=coefficients),
    )


def test_plasticity_of_zero_leaves_a_synapse_as_it_was_born() -> None:
    plasticity = np.ones((2, NET.synapses), np.float32)
    plasticity[0, ::2] = 0
    one = learner(NET, rule_of(update="-0.1*p0*grad"), plasticity=plasticity)
    found = live(batch_of([one]), *lessons(NET, 0))
    assert found.weights is not None
    changed = found.weights[0] != one.innate
    assert not changed[::2].any()
    assert changed[1::2].all()


@pytest.mark.parametrize("head", OWN)
def test_without_hidden_nodes_every_credit_mode_is_one(head: str) -> None:
    graph = layered(3, (), 2)
    one = batch_of([learner(graph, rule_of(update="-0.5*grad - 0.01*w"))])
    tasks, births, plan = lessons(graph, 0, head=head)
    expected = live(one, tasks, births, plan)
    for credit in CREDITS.names:
        assert_same(live(one, tasks, births, replace(plan, credit=credit)), expected)


def credited(graph: Graph, credit: str, updates: int, feedback: np.ndarray | None = None) -> Outcomes:
    """Return what becomes of a learner by gradients in a credit mode."""
    one = learner(graph, rule_of(update="-0.5*grad"))
    one = one if feedback is None else one._replace(feedback=feedback)
    return live(batch_of([one]), *lessons(graph, 1, updates=updates, credit=credit))


@pytest.mark.parametrize("seed", range(6))
def test_feedback_of_nothing_is_local_and_of_the_weights_themselves_backprop(seed: int) -> None:
    graph = random_graph(np.random.default_rng(seed), 3, 5, 2, recurrent=seed % 2 > 0)
    assert_same(credited(graph, "feedback", 3, np.zeros(graph.synapses, np.float32)), credited(graph, "local", 3))
    weights = numbers(1, graph.synapses)  # those that the learner is born with: alike for one update
    assert_same(credited(graph, "feedback", 1, weights), credited(graph, "backprop", 1))


def test_hidden_nodes_learn_nothing_locally() -> None:
    found, hidden = credited(NET, "local", 3), NET.dst < NET.nodes - NET.outputs
    assert found.weights is not None
    assert np.array_equal(found.weights[0][hidden], numbers(1, NET.synapses)[hidden])
    assert (found.weights[0][~hidden] != numbers(1, NET.synapses)[~hidden]).all()


def test_the_squared_error_as_an_evolved_loss_is_the_linear_head_s_own() -> None:
    squared = compile_loss(parse("square(output - target)", signals=SLOTS["loss"].signals))
    for outputs in (1, 2, 3):
        graph = layered(3, (4,), outputs)
        own = learner(graph, rule_of(update="-0.5*grad"))
        alike(own, own._replace(loss=squared))


@pytest.mark.parametrize("credit", CREDITS.names)
def test_the_order_of_examples_within_an_update_does_not_matter(credit: str) -> None:
    """With whole numbers every sum is exact, so that not a bit may change."""
    graph = layered(3, (4,), 2, activation="relu")
    whole = np.random.default_rng(0)

    def small(*shape: int) -> np.ndarray:
        return whole.integers(-3, 4, shape).astype(np.float32)

    one = learner(graph, rule_of(update="grad + reward", s1="s1 + grad"), innate=small(graph.synapses),
                  feedback=small(graph.synapses))  # fmt: skip
    tasks, births, plan = lessons(graph, 2, batch=4, updates=1, credit=credit, bound=1e6)
    tasks = Tasks(*(small(*part.shape) for part in (tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y)))
    expected = live(batch_of([one]), tasks, births, plan)
    for _ in range(5):
        shuffled = whole.permuted(plan.order, axis=1)
        assert_same(live(batch_of([one]), tasks, births, replace(plan, order=shuffled)), expected)
    twice = replace(plan, order=np.repeat(plan.order, 2, axis=1))  # a mean does not feel that each comes twice
    assert_same(live(batch_of([one]), tasks, births, twice), expected)
