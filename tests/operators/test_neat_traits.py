"""Markings of genes; traits, activations and removal, which NEAT's paper has not; operators on single topologies."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from evometa.genetics.decoding import decode
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.topologies import Topology
from evometa.genetics.validity import check
from operators import structure, variation
from operators.markings import Markings
from operators.topologies import (
    cxTopology,
    mutActivation,
    mutAddNode,
    mutAddSynapse,
    mutEnable,
    mutPlastic,
    mutRemoveNode,
    mutRemoveSynapse,
    mutToggle,
    mutTopologyPlasticity,
    mutTopologyWeights,
)
from tests.operators.cousins import MANY, SIGMOID, TANH, cousins, minimal, rng

# Historical markings


def test_the_same_change_within_a_generation_has_the_same_mark() -> None:
    markings = Markings.after(minimal(1))
    islands = [structure.add_nodes(minimal(200), markings, rng(seed), 1.0) for seed in (1, 2)]
    for genes in islands:
        for one in genes:
            split = int(one.mark[(one.traits & ENABLED) == 0][0])
            of_other = next(two for two in islands[0] if two.traits[split] & ENABLED == 0)
            assert (one.node.tolist(), one.mark.tolist()) == (of_other.node.tolist(), of_other.mark.tolist())
    assert markings.state() == {"nodes": 7, "synapses": 9}  # three splits, of a node and two synapses each
    markings.begin_generation()
    later = structure.add_nodes(minimal(1), markings, rng(), 1.0)
    assert (later.node.tolist(), later.mark.tolist()) == ([7], [0, 1, 2, 9, 10])


def test_counters_are_all_that_markings_need_to_go_on() -> None:
    pair, markings = cousins()
    markings.begin_generation()
    again = Markings.restored(markings.state())
    found = [structure.add_nodes(pair.take([0, 1] * 20), each, rng(4), 0.5) for each in (markings, again)]
    assert list(found[0]) == list(found[1])
    assert again.state() == markings.state()


def test_a_gene_split_twice_within_a_generation_stays_valid() -> None:
    markings = Markings.after(minimal(1))
    genes = minimal(1).keep(np.array([True, False, False]))
    for seed in range(6):
        genes = structure.add_nodes(genes, markings, rng(seed), 1.0)
        genes = variation.enable(genes, rng(seed), 1.0)
        check(genes, "twice", recurrent=False)


# Beyond the paper: traits, activations, removal


def test_traits_flip_one_at_a_time() -> None:
    genes = minimal(MANY)
    for change, bit in ((variation.toggle, ENABLED), (variation.flip_plastic, PLASTIC)):
        flipped = (change(genes, rng(), 0.3).traits ^ genes.traits).reshape(MANY, 3)
        assert set(np.unique(flipped)) == {0, bit}
        assert (flipped > 0).sum(axis=1).max() == 1
        assert flipped.any(axis=1).mean() == pytest.approx(0.3, abs=0.012)
        assert (flipped > 0).mean(axis=0) == pytest.approx([0.1] * 3, abs=0.01)


def test_the_last_way_to_an_output_is_left() -> None:
    lone = minimal(50).keep(np.tile([False, True, False], 50))
    assert list(variation.toggle(lone, rng(), 1.0)) == list(lone)
    assert list(structure.remove_synapses(lone, rng(), 1.0)) == list(lone)
    chain = structure.add_nodes(lone, Markings.after(minimal(1)), rng(), 1.0)
    assert list(structure.remove_nodes(chain, rng(), 1.0)) == list(chain)


def test_enabling_finds_what_is_disabled() -> None:
    pair, _ = cousins()
    found = variation.enable(pair, rng(), 1.0)
    assert (found.traits & ENABLED == 0).sum() == 1  # of one in the first, two in the second
    assert list(variation.enable(minimal(5), rng(), 1.0)) == list(minimal(5))


def test_activations_change_to_others() -> None:
    pair, _ = cousins()
    many = pair.take(np.zeros(3000, int))
    found = variation.change_activations(many, rng(), 1.0, (TANH, SIGMOID, 3))
    assert np.bincount(found.activation).tolist()[SIGMOID] == 0
    assert np.bincount(found.activation)[[TANH, 3]] / 3000 == pytest.approx([0.5, 0.5], abs=0.03)
    assert list(variation.change_activations(many, rng(), 1.0, (SIGMOID,))) == list(many)
    assert list(variation.change_activations(minimal(3), rng(), 1.0, (TANH, 3))) == list(minimal(3))


def test_what_is_removed_takes_along_what_hangs_on_it() -> None:
    pair, _ = cousins()
    without = structure.remove_nodes(pair.take(np.ones(200, int)), rng(), 1.0)
    check(without, "without", recurrent=False)
    assert {tuple(one.mark) for one in without} == {(0, 1, 2, 5, 6), (0, 1, 2, 7, 8)}
    assert (np.diff(without.node_begins) == 1).all()
    fewer = structure.remove_synapses(pair.take(np.ones(200, int)), rng(), 1.0)
    check(fewer, "fewer", recurrent=False)
    assert np.diff(fewer.begins).max() == 6
    assert decode(fewer).begins[-1] > 0


# In DEAP's idiom


class Network(Topology):
    """A class of the user's own."""


def test_single_operators_return_new_ones_of_the_class_given() -> None:
    pair, markings = cousins()
    one = Network(pair, 1)
    before = one.key
    draws = rng()
    for (found,) in (
        mutAddNode(one, markings, draws, codes=(TANH,)),
        mutAddSynapse(one, markings, draws, recurrent=True),
        *(change(one, draws) for change in (mutRemoveNode, mutRemoveSynapse, mutToggle, mutEnable, mutPlastic)),
        mutTopologyWeights(one, draws, step=0.1),
        mutTopologyPlasticity(one, draws),
        mutActivation(one, draws, codes=(TANH, SIGMOID)),
    ):
        assert type(found) is Network
        assert found != one
        check(found.genes, "single")
    assert one.key == before


def test_a_single_crossover_goes_by_fitness() -> None:
    pair, _ = cousins()
    one, two = Network(pair, 0), Network(pair, 1)
    one.fitness, two.fitness = SimpleNamespace(wvalues=(1.0,)), SimpleNamespace(wvalues=(2.0,))
    for born in (cxTopology(one, two, rng()), cxTopology(two, one, rng())):
        assert [each.mark.tolist() for each in born] == [two.mark.tolist()] * 2
        assert [type(each) for each in born] == [Network, Network]
    two.fitness = one.fitness
    sizes = {len(each.mark) for seed in range(30) for each in cxTopology(one, two, rng(seed))}
    assert len(sizes) > 2
