"""What goes into lives and comes out: parts of tasks, plans, births and learners, graphs by content, scores by name."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import layered
from evometa.lifetime import NONE, Births, Graph, Outcomes, Phenotype, in_all_lanes
from evometa.spec import ACTIVATIONS, SCORES
from tests.lifetime.strategies import random_batch, random_graph
from tests.properties import examples

SEEDS = st.integers(0, 2**32 - 1)


def some_lanes(seed: int, lanes: int) -> np.ndarray:
    """Return lanes in a random order, some of them twice or not at all."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, lanes, int(rng.integers(1, 2 * lanes + 1)))


@examples(25)
@given(SEEDS)
def test_lanes_are_taken_in_the_order_asked_for(seed: int) -> None:
    _, tasks, births, plan = random_batch(seed)
    lanes = some_lanes(seed, tasks.lanes)
    taken = tasks.take(lanes), births.take(lanes), plan.take(lanes)
    assert taken[0].lanes == len(lanes)
    for name in ("support_x", "support_y", "query_x", "query_y"):
        part = getattr(taken[0], name)
        assert part.flags.c_contiguous
        for place, lane in enumerate(lanes):
            assert np.array_equal(part[..., place], getattr(tasks, name)[..., lane])
    for weights, old in zip(taken[1].weights, births.weights, strict=True):
        assert weights is not None
        assert old is not None
        assert weights.flags.c_contiguous
        assert np.array_equal(weights, old[:, lanes])
    assert np.array_equal(taken[2].order, plan.order[..., lanes])
    assert taken[2].checkpoints is plan.checkpoints
    assert (taken[2].head, taken[2].credit, taken[2].bound) == (plan.head, plan.credit, plan.bound)


def test_births_of_nobody_stay_nobody_s() -> None:
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    first, second = Births([None, weights]).take(np.array([2, 0])).weights
    assert first is None
    assert second is not None
    assert second.tolist() == [[2, 0], [5, 3]]


@examples(25)
@given(SEEDS)
def test_learners_are_taken_whole(seed: int) -> None:
    phenotypes, *_ = random_batch(seed)
    chosen = some_lanes(seed, len(phenotypes)).tolist()
    taken = phenotypes.take(chosen)
    assert len(taken) == len(chosen)
    assert taken.graphs is phenotypes.graphs  # births follow them
    for place, g in enumerate(chosen):
        for ours, theirs in zip(taken[place], phenotypes[g], strict=True):
            assert ours is theirs or np.array_equal(ours, theirs)
    half = phenotypes.take(slice(0, 1))
    assert len(half) == 1


def test_a_learner_points_to_its_own_parts() -> None:
    phenotypes, *_ = random_batch(3)
    for g in range(len(phenotypes)):
        one: Phenotype = phenotypes[g]
        assert one.graph is phenotypes.graphs[phenotypes.graph[g]]
        assert one.program is phenotypes.programs[phenotypes.program[g]]
        assert (one.innate is None) == (phenotypes.innate[g] == NONE)
        assert (one.loss is None) == (phenotypes.loss[g] == NONE)
        assert one.feedback is phenotypes.feedback[phenotypes.graph[g]]


@examples(40)
@given(SEEDS)
def test_graphs_are_equal_by_content(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 3, 4, 2, recurrent=bool(seed % 2))
    twin: Graph = pickle.loads(pickle.dumps(graph))
    assert twin == graph
    assert hash(twin) == hash(graph)
    assert len({graph, twin}) == 1
    assert graph != "a graph"


@pytest.mark.parametrize("name", ["ptr", "src", "activation", "group", "traits"])
def test_a_graph_that_differs_in_one_number_is_another(name: str) -> None:
    graph = layered(3, (4,), 2)
    for place in range(len(getattr(graph, name))):
        array = getattr(graph, name).copy()
        array[place] += 1
        assert replace(graph, **{name: array}) != graph
    wider: dict[str, Any] = {name: getattr(graph, name).astype(np.int64)}
    assert replace(graph, **wider) != graph


def test_the_same_numbers_with_other_inputs_are_another_graph() -> None:
    graph = layered(3, (), 2)
    assert replace(graph, inputs=2) != graph
    assert replace(graph, outputs=1) != graph
    # what ends one array must not begin the next: [1, 2] + [3] is not [1] + [2, 3]
    one = Graph(1, 1, *(np.array(a, np.int32) for a in ([0, 1], [2], [3, 4], [5])))  # type: ignore[arg-type]
    two = Graph(1, 1, *(np.array(a, np.int32) for a in ([0], [1, 2], [3, 4], [5])))  # type: ignore[arg-type]
    assert one != two


@examples(40)
@given(SEEDS)
def test_targets_of_synapses_follow_from_ptr(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, int(rng.integers(1, 4)), int(rng.integers(0, 6)), 2, recurrent=bool(seed % 2))
    expected = [node for node in range(graph.nodes) for _ in range(graph.ptr[node], graph.ptr[node + 1])]
    assert graph.dst.tolist() == expected
    assert graph.synapses == len(expected)
    assert min(expected) == graph.inputs + 1
    names = [graph.activation_of(node) for node in range(graph.nodes)]
    assert [ACTIVATIONS.code(name) for name in names] == graph.activation.tolist()


def test_an_order_that_lanes_share_takes_no_more_memory() -> None:
    order = np.arange(6, dtype=np.int32).reshape(3, 2)
    shared = in_all_lanes(order, 1000)
    assert shared.shape == (3, 2, 1000)
    assert np.shares_memory(shared, order)
    assert (shared == order[..., None]).all()


def test_scores_have_names() -> None:
    scores = np.arange(len(SCORES) * 6, dtype=np.float32).reshape(len(SCORES), 1, 2, 3)
    found = Outcomes(scores, np.zeros((1, 3), np.uint8))
    for place, name in enumerate(SCORES.names):
        assert np.array_equal(found.score(name), scores[place])
    assert np.array_equal(found.loss, found.score("loss"))
    assert np.array_equal(found.accuracy, found.score("accuracy"))
    assert np.array_equal(found.mae, found.score("mae"))
    with pytest.raises(ValueError, match="not in"):
        found.score("hinge")
