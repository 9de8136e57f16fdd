"""Batches are plain data: positions instead of identities, so that copies and pickles live the same lives."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import ContractError
from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import NONE, Births, Graph, Phenotype, Phenotypes, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda import streaming
from evometa.lifetime.numba import cpu
from tests.lifetime.host_device import HostDevice
from tests.lifetime.strategies import random_batch
from tests.lifetime.test_parity import assert_same
from tests.properties import examples

NOTHING = np.zeros(0, np.float32)


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def learner(graph: Graph, text: str = "-grad", **parts: Any) -> Phenotype:
    none = np.zeros((0, graph.synapses), np.float32)
    return Phenotype(graph, compile_rule({"update": parse(text)}), None, NOTHING, none)._replace(**parts)


@examples(60)
@given(st.integers(0, 2**32 - 1))
def test_a_pickled_batch_lives_the_same_lives(seed: int) -> None:
    batch = random_batch(seed)
    expected = cpu.live(*batch)
    assert_same(cpu.live(*pickle.loads(pickle.dumps(batch))), expected)
    apart = tuple(pickle.loads(pickle.dumps(part)) for part in batch)
    assert_same(cpu.live(*apart), expected)
    assert_same(reference.live(*apart), expected)


@pytest.mark.parametrize("seed", range(8))
def test_the_cuda_text_lives_a_pickled_batch_too(cuda_on_host: Path, seed: int) -> None:
    batch = random_batch(seed)
    assert_same(streaming.live(HostDevice(cuda_on_host), *pickle.loads(pickle.dumps(batch))), cpu.live(*batch))


@examples(40)
@given(st.integers(0, 2**32 - 1))
def test_copies_of_parts_are_those_parts(seed: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    whole = cpu.live(phenotypes, tasks, births, plan)
    copies = [pickle.loads(pickle.dumps(phenotypes[g])) for g in range(len(phenotypes)) for _ in (0, 1)]
    again = batch_of(copies)
    assert (len(again.graphs), len(again.programs)) == (len(phenotypes.graphs), len(phenotypes.programs))
    twice = cpu.live(again, tasks, births, plan)
    assert np.array_equal(twice.loss[::2], twice.loss[1::2], equal_nan=True)
    assert np.array_equal(twice.loss[::2], whole.loss, equal_nan=True)


@examples(40)
@given(st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
def test_some_learners_of_a_batch_live_as_they_do_in_it(seed: int, random: Any) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    some = [random.randrange(len(phenotypes)) for _ in range(random.randrange(1, 5))]
    whole, part = cpu.live(phenotypes, tasks, births, plan), cpu.live(phenotypes.take(some), tasks, births, plan)
    assert np.array_equal(part.loss, whole.loss[some], equal_nan=True)


def test_equal_graphs_are_one() -> None:
    one, other = layered(3, (2,), 1), layered(3, (2,), 1)
    assert one is not other
    assert one == other
    assert len({one, other, copy.deepcopy(one), pickle.loads(pickle.dumps(one))}) == 1
    phenotypes = batch_of([learner(one), learner(other), learner(layered(3, (3,), 1))])
    assert phenotypes.graph.tolist() == [0, 0, 1]
    assert len(phenotypes.programs) == 1


@pytest.mark.parametrize("name", [f.name for f in fields(Graph)])
def test_graphs_differ_where_any_field_does(name: str) -> None:
    graph = layered(3, (2,), 2)
    value = getattr(graph, name)
    other = replace(graph, **{name: value + 1})
    assert other != graph
    assert other.key != graph.key
    assert graph != "a graph"


def test_parts_are_found_again() -> None:
    graph, small = layered(3, (2,), 1), layered(3, (), 1)
    feedback = numbers(graph.synapses)
    learners = [
        learner(graph, innate=numbers(graph.synapses), feedback=feedback, coefficients=np.ones(2, np.float32)),
        learner(small, "c0*pre", plasticity=numbers(2, small.synapses)),
        learner(graph, feedback=feedback.copy(), loss=compile_rule({"update": parse("w")})),
    ]
    phenotypes = batch_of(learners)
    assert phenotypes.innate.tolist() == [0, NONE, NONE]
    assert phenotypes.loss.tolist() == [NONE, NONE, 0]
    assert phenotypes.coefficients.tolist() == [[1, 1], [0, 0], [0, 0]]
    assert phenotypes.feedback[1] is None
    for g, one in enumerate(learners):
        found = phenotypes[g]
        assert (found.graph, found.program.key) == (one.graph, one.program.key)
        assert (found.innate is None, found.loss is None) == (one.innate is None, one.loss is None)
        assert np.array_equal(found.plasticity, one.plasticity)


def test_one_graph_has_one_set_of_feedback_weights() -> None:
    graph = layered(3, (2,), 1)
    with pytest.raises(ContractError, match="same feedback weights"):
        batch_of([learner(graph, feedback=numbers(graph.synapses, seed=n)) for n in (1, 2)])


def test_births_follow_the_graphs() -> None:
    """Two networks with drawn weights: each learner is born with those of its own graph."""
    phenotypes, tasks, _, plan = random_batch(11)
    graph, one = phenotypes.graphs[0], phenotypes[0]._replace(innate=None)
    both = batch_of([one, one._replace(graph=replace(graph, group=graph.group + 1))])
    lanes = tasks.lanes
    weights = [numbers(graph.synapses, lanes, seed=n) for n in (1, 2)]
    outcomes = cpu.live(both, tasks, Births(weights), replace(plan, checkpoints=np.zeros(1, np.int32)))
    assert outcomes.weights is not None
    assert [w.tolist() for w in outcomes.weights] == [own[:, 0].tolist() for own in weights]


def test_lanes_are_cut_from_births() -> None:
    births = Births([numbers(4, 6), None])
    cut = births.take(np.array([5, 0]))
    assert cut.weights[1] is None
    assert np.array_equal(cut.weights[0], births.weights[0][:, [5, 0]])  # type: ignore[index]


def test_a_batch_holds_arrays_and_lists_alone() -> None:
    phenotypes, *_ = random_batch(3)
    kinds = {type(getattr(phenotypes, f.name)) for f in fields(Phenotypes)}
    assert kinds == {list, np.ndarray}
