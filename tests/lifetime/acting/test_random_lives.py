"""Random lives that act: what must hold of all of them."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.lifetime.acting import ActingOutcomes
from evometa.lifetime.reference_acting import act
from tests.lifetime.acting.strategies import random_acting_batch
from tests.properties import SAME, examples

pytestmark = SAME


def assert_same(one: ActingOutcomes, other: ActingOutcomes) -> None:
    """Whether outcomes are equal bit for bit, NaN of any payload."""
    for a, b in ((one.measures, other.measures), *zip(one.weights or [], other.weights or [], strict=True)):
        same = (a.view(np.uint32) == b.view(np.uint32)) | (np.isnan(a) & np.isnan(b))
        assert a.shape == b.shape
        assert same.all()
    assert np.array_equal(one.status, other.status)


@examples(25)
@given(st.integers(0, 2**32 - 1))
def test_lanes_and_genomes_do_not_know_of_each_other(seed: int) -> None:
    actors, lives, plan = random_acting_batch(seed)
    rng = np.random.default_rng(seed)
    lanes, genomes = rng.permutation(lives.lanes), rng.permutation(len(actors))
    births = actors.births.take(lanes)
    whole = act(actors, lives, plan)
    other = act(type(actors)(**{**vars(actors.take(genomes.tolist())), "births": births}), lives.take(lanes), plan)
    expected = ActingOutcomes(whole.measures[:, genomes][..., lanes], whole.status[genomes][:, lanes])
    assert_same(ActingOutcomes(other.measures, other.status), expected)


@examples(10)
@given(st.integers(0, 2**32 - 1))
def test_a_pickled_batch_lives_the_same_lives(seed: int) -> None:
    batch = random_acting_batch(seed)
    assert_same(act(*pickle.loads(pickle.dumps(batch))), act(*batch))
