"""A batch that was cut, sent, lived in pieces and put together again has the bits of the batch lived at once."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.cluster.slices import Lives, costs, cuts, joined, split, whole
from evometa.cluster.worker import live
from evometa.language.programs import Programs
from evometa.lifetime import Phenotypes
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.acting import cpu as acting
from evometa.lifetime.numba.descent import cpu as descent
from evometa.lifetime.numba.teaching.cpu import teach
from tests.lifetime.acting.strategies import random_acting_batch
from tests.lifetime.numba.test_descent import arguments
from tests.lifetime.numba.test_descent import assert_same as assert_same_slopes
from tests.lifetime.strategies import asked_batch, random_batch
from tests.lifetime.test_parity import assert_same
from tests.lifetime.test_teaching import RULES, classes_of, end_game, lives_of, plan_of
from tests.properties import examples

SEEDS = st.integers(0, 2**32 - 1)


def in_columns(phenotypes: Phenotypes) -> Phenotypes:
    """Return the same learners, whose graphs and programs are flat arrays."""
    own = {"graphs": Graphs.of(phenotypes.graphs), "programs": Programs.of(phenotypes.programs)}
    return Phenotypes(**{**vars(phenotypes), **own})


@examples(40)
@given(SEEDS, st.integers(1, 9), st.booleans())
def test_slices_live_the_same_lives(seed: int, count: int, flat: bool) -> None:
    phenotypes, *rest = asked_batch(seed)
    lives = Lives(in_columns(phenotypes) if flat else phenotypes, *rest)
    shared, slices = split(lives, cuts(costs(lives), count))
    sent, parts = pickle.loads(pickle.dumps(shared)), pickle.loads(pickle.dumps(slices))
    assert sum(map(len, parts)) == len(phenotypes)
    outcomes = []
    for part in reversed(parts):  # in any order
        own = whole(sent, part)
        outcomes.append(cpu.live(own.phenotypes, own.tasks, own.births, own.plan))
    assert_same(joined(outcomes[::-1]), cpu.live(phenotypes, *rest))


@examples(20)
@given(SEEDS, st.integers(1, 5))
def test_slices_have_the_same_slopes(seed: int, count: int) -> None:
    *batch, adjoints, weights, losses, order = arguments(random_batch(seed), seed)
    shared, slices = split(lives := Lives(*batch, adjoints, losses, weights, order), cuts(costs(lives), count))
    found = []
    for part in slices:
        own = whole(shared, part)
        prepared = descent.Repeated(own.adjoints, own.loss_adjoints, own.order)
        found.append(prepared(own.phenotypes, own.tasks, own.births, own.plan, own.weights))
    assert_same_slopes(joined(found), descent.descend(*batch, adjoints, weights, losses, order))


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=50), st.integers(1, 60))
def test_cuts_are_in_order_none_is_empty_and_none_is_far_above_its_share(cost: list[float], count: int) -> None:
    parts = cuts(np.array(cost), count)
    assert [g for part in parts for g in range(len(cost))[part]] == [*range(len(cost))]
    assert len(parts) <= count
    assert all(part.stop > part.start for part in parts)
    assert all(sum(cost[part]) <= sum(cost) / count + max(cost) + 1e-6 for part in parts)


def test_what_all_slices_need_is_sent_once_and_what_one_needs_with_it_alone() -> None:
    phenotypes, *rest = random_batch(3)
    many = phenotypes.take([*range(len(phenotypes))] * 20)
    shared, slices = split(Lives(many, *rest), cuts(np.ones(len(many)), len(many)))
    assert shared.lists.keys() >= {"graphs", "feedback", "births", "programs"}
    assert all(not part.lists for part in slices)
    shared, slices = split(Lives(many, *rest), cuts(np.ones(len(many)), 1))
    assert len(phenotypes.programs) < 2 or "programs" not in shared.lists


@pytest.mark.parametrize("updates", [0, 3])
def test_costs_grow_with_synapses_instructions_and_updates(updates: int) -> None:
    phenotypes, tasks, births, plan = random_batch(5)
    own = costs(Lives(phenotypes, tasks, births, plan))
    assert own.shape == (len(phenotypes),)
    assert (own > 0).all()


@examples(20)
@given(SEEDS, st.integers(1, 5))
def test_slices_of_lives_that_act_are_the_same_lives(seed: int, count: int) -> None:
    actors, lives, plan = random_acting_batch(seed)
    whole_batch = Lives(actors.phenotypes, lives, actors.births, plan, actors=actors)
    shared, slices = split(whole_batch, cuts(costs(whole_batch), count))
    sent, parts = pickle.loads(pickle.dumps(shared)), pickle.loads(pickle.dumps(slices))
    found = []
    for part in parts:
        own = whole(sent, part)
        assert own.actors is not None
        found.append(acting.act(own.actors, own.tasks, own.plan))
    one, other = joined(found), acting.act(actors, lives, plan)
    assert one.measures.tobytes() == other.measures.tobytes()
    assert one.status.tobytes() == other.status.tobytes()


def test_slices_of_students_are_the_same_students() -> None:
    classes, lives, plan = classes_of(RULES * 2, 3), lives_of(end_game(), 3, 6), plan_of(2, 6)
    own = classes.students
    batch = Lives(own.phenotypes, lives, own.births, plan, actors=own, classes=classes)
    shared, slices = split(batch, cuts(costs(batch), 4))
    sent, parts = pickle.loads(pickle.dumps(shared)), pickle.loads(pickle.dumps(slices))
    assert len(parts) == 4
    one, other = joined([live(sent, part, "numba", 1).result for part in parts]), teach(classes, lives, plan)
    assert one.results.tobytes() == other.results.tobytes()
    assert one.status.tobytes() == other.status.tobytes()
    assert one.lessons.tobytes() == other.lessons.tobytes()  # type: ignore[union-attr]
    assert [w.tobytes() for w in one.weights] == [w.tobytes() for w in other.weights or ()]
