"""Synapses crossed at one point: all that is theirs goes with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.genetics.genomes import Genomes
from evometa.genetics.moments import Moments
from evometa.seeding import Draws
from operators.linkage import OnePoint
from operators.toolbox import make_toolbox
from tests.searching import NETWORK, recipe, shapes

SYNAPSES = NETWORK.synapses
COUNT = 300


def parents() -> Genomes:
    """Two genomes, all of whose numbers say whose they are, and of which synapse."""
    config = recipe(topology={"plastic": "evolved"}, plasticity={"count": 2, "tie": "synapse"})
    both = make_toolbox(config, shapes(config)).genomes(Draws(np.random.default_rng(0)), 2)
    number = np.arange(SYNAPSES, dtype=np.float32)
    own = np.stack([number, number + 1000])
    moments = replace(
        Moments.none(2, 1, both.coefficients.shape[1], SYNAPSES, (2, SYNAPSES)),
        weights=np.stack([own, own], axis=1), plasticity=np.stack([np.stack([own, own], 1)] * 2, 1),
    )  # fmt: skip
    plastic = np.array([[0] * SYNAPSES, [1] * SYNAPSES], np.uint8)
    return both.replace(weights=own, plasticity=np.stack([own, own], 1), plastic=plastic, moments=moments)


def test_synapses_before_the_point_are_the_firsts_with_all_that_is_theirs() -> None:
    both, zeros = parents(), np.zeros(COUNT, np.int64)
    cross = OnePoint(("weights", "plastic", "plasticity"))
    children, changed = cross(both, zeros, zeros + 1, zeros, Draws(np.random.default_rng(1)))
    seconds = children.weights >= 1000
    assert (np.diff(seconds.astype(int), axis=1) >= 0).all()  # one point, behind which all are the second's
    assert set(seconds.sum(axis=1).tolist()) == set(range(1, SYNAPSES))
    assert (children.plastic == seconds).all()
    assert children.plastic.dtype == np.uint8
    assert children.moments is not None
    for values in (children.plasticity, children.moments.weights, *children.moments.plasticity.swapaxes(0, 1)):
        assert ((values >= 1000) == seconds[:, None]).all()
    assert changed.all()


def test_equal_parents_have_equal_children() -> None:
    both, zeros = parents(), np.zeros(9, np.int64)
    children, changed = OnePoint(("weights",))(both, zeros, zeros, zeros, Draws(np.random.default_rng(1)))
    assert not changed.any()
    assert (children.weights == both.weights[0]).all()


@pytest.mark.parametrize("more", [{"weights": {"mode": "drawn"}}, {"topology": {"mode": "evolved"}}])
def test_without_synapses_side_by_side_it_is_refused(more: dict[str, dict[str, str]]) -> None:
    more = {"weights": {"mode": "evolved", "init": "normal"}, **more}
    with pytest.raises(ValueError, match="crossover_synapses: expected numbers of synapses"):
        recipe(variation={"crossover_synapses": 1.0}, plasticity={"count": 0}, **more)
