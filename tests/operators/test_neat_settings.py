"""Crossover and mutations, setting by setting as in section 4.1 of NEAT's paper, on topologies small enough to count.

What the paper leaves open (the size of a shift, the range of new weights, limits) is named in the docstrings.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from evometa.genetics.decoding import decode
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies, Topology
from evometa.genetics.topology import layered
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

MANY = 20_000
SIGMOID, TANH = 2, 1


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def minimal(count: int, columns: int = 1) -> Topologies:
    """Two inputs and the constant, all linked to one output; weights 1, coefficients 0."""
    return topologies_of(layered(2, [], 1), np.ones((count, 3), np.float32), np.zeros((count, columns, 3), np.float32))


def cousins() -> tuple[Topologies, Markings]:
    """Two genomes of one ancestor: the first split synapse 0, the second synapses 1 and then 2."""
    markings, draws = Markings.after(minimal(1)), rng()
    ancestor = minimal(1)
    born = []
    for genes, synapses in ((ancestor, [0]), (ancestor, [1, 2])):
        for synapse in synapses:
            markings.begin_generation()
            alone = replace(genes, traits=np.where(genes.mark == synapse, genes.traits, 0).astype(np.uint8))
            grown = structure.add_nodes(alone, markings, draws, 1.0, (SIGMOID,))
            traits = np.where(grown.mark == synapse, PLASTIC, np.where(grown.mark > 2, 3, 0)).astype(np.uint8)
            known = dict(zip(genes.mark.tolist(), genes.traits.tolist(), strict=True))
            traits[[m in known and m != synapse for m in grown.mark.tolist()]] = [
                known[m] for m in grown.mark.tolist() if m in known and m != synapse
            ]
            genes = replace(grown, traits=traits)
        born.append(genes)
    pair = Topologies.join(born)
    check(pair, "cousins", recurrent=False)
    return pair, markings


def children(
    pair: Topologies, equal: bool = False, count: int = MANY, disabled: float = 0.75, average: float = 0.0
) -> Topologies:
    """Cross the first topology, the fitter one unless they are equal, with the second, many times."""
    first, second = np.zeros(count, np.int64), np.ones(count, np.int64)
    found = variation.crossed(pair, first, second, np.full(count, equal), rng(), disabled, average)
    check(found, "a child", recurrent=False)
    return found


# Crossover: matching genes from either parent, disjoint and excess genes from the fitter


def test_children_have_the_structure_of_the_fitter_parent() -> None:
    pair, _ = cousins()
    assert pair[0].mark.tolist() == [0, 1, 2, 3, 4]
    assert pair[1].mark.tolist() == [0, 1, 2, 5, 6, 7, 8]
    assert {tuple(one.mark) for one in children(pair, count=500)} == {(0, 1, 2, 3, 4)}
    turned = children(pair.take([1, 0]), count=500)
    assert {tuple(one.mark) for one in turned} == {(0, 1, 2, 5, 6, 7, 8)}
    assert {tuple(one.node) for one in turned} == {tuple(pair[1].node)}


def test_matching_genes_come_from_either_parent() -> None:
    pair, _ = cousins()
    weight = np.where(np.arange(len(pair.mark)) < 5, np.float32(1), np.float32(2))
    found = children(replace(pair, weight=weight))
    weights = found.weight.reshape(MANY, 5)
    assert weights[:, :3].mean(axis=0) == pytest.approx([1.5] * 3, abs=0.02)
    assert np.corrcoef(weights[:, 0], weights[:, 1])[0, 1] == pytest.approx(0, abs=0.03)  # each gene by itself
    assert (weights[:, 3:] == 1).all()


def test_equal_parents_hand_on_disjoint_and_excess_genes_at_random() -> None:
    pair, _ = cousins()
    found = children(pair, equal=True, disabled=0.0)  # else an output may be cut off, and the structure the first's
    share = np.bincount(found.mark, minlength=9) / MANY
    assert share[:3].tolist() == [1, 1, 1]
    assert share[3:] == pytest.approx([0.5] * 6, abs=0.012)


def test_averaging_takes_means_of_matching_genes() -> None:
    pair, _ = cousins()
    numbers = np.arange(len(pair.mark), dtype=np.float32)
    found = children(replace(pair, weight=numbers, plasticity=-numbers[:, None]), count=10, average=1.0)
    assert found[3].weight.tolist() == [2.5, 3.5, 4.5, 3.0, 4.0]
    assert found[3].plasticity[:, 0].tolist() == [-2.5, -3.5, -4.5, -3.0, -4.0]


def test_a_gene_disabled_in_either_parent_is_inherited_disabled_with_chance_three_quarters() -> None:
    pair, _ = cousins()  # gene 0 is disabled in the first, genes 1 and 2 in the second
    off = (children(pair).traits.reshape(MANY, 5) & ENABLED) == 0
    assert off.mean(axis=0) == pytest.approx([0.75, 0.75, 0.75, 0, 0], abs=0.012)
    off = (children(pair, disabled=0.2).traits.reshape(MANY, 5) & ENABLED) == 0
    assert off.mean(axis=0)[:3] == pytest.approx([0.2] * 3, abs=0.012)


def test_a_synapse_that_equal_parents_found_each_is_there_once() -> None:
    markings, draws = Markings.after(minimal(1)), rng()
    bare = minimal(1).keep(np.array([True, False, True]))  # no synapse from input 1
    found = []
    for _ in range(2):
        markings.begin_generation()
        found.append(structure.add_synapses(bare, markings, draws, 1.0))
    assert [one[0].mark.tolist() for one in found] == [[0, 2, 3], [0, 2, 4]]
    born = children(Topologies.join(found), equal=True, count=2000)
    assert {tuple(one.mark) for one in born} == {(0, 2), (0, 2, 3), (0, 2, 4)}


def test_no_child_loses_an_output_or_outgrows_the_limits() -> None:
    pair, _ = cousins()
    spoilt = replace(pair, traits=np.where(pair.mark < 3, PLASTIC, pair.traits).astype(np.uint8))
    children(spoilt, equal=True)  # all that is checked there
    first, second = np.zeros(500, np.int64), np.ones(500, np.int64)
    found = variation.crossed(pair, first, second, first == 0, rng(), max_nodes=2, max_synapses=6)
    assert np.diff(found.begins).max() <= 6
    assert np.diff(found.node_begins).max() <= 2


# Mutation of weights: .8 of the genomes; of their weights .9 are shifted, .1 drawn anew


def test_weights_of_eight_genomes_in_ten_change_and_a_tenth_is_drawn_anew() -> None:
    genes = replace(minimal(MANY), weight=np.full(3 * MANY, 5.0, np.float32))
    weights = variation.change_weights(genes, rng(), step=1.0, scale=2.0).weight.reshape(MANY, 3)
    changed = (weights != 5).any(axis=1)
    assert changed.mean() == pytest.approx(0.8, abs=0.01)
    moved = weights[changed]
    anew = np.abs(moved) <= 2
    assert anew.mean() == pytest.approx(0.1, abs=0.005)
    assert ((moved[~anew] >= 4) & (moved[~anew] <= 6)).all()
    assert moved[~anew].std() == pytest.approx(1 / np.sqrt(3), abs=0.01)  # uniformly
    assert moved[anew].std() == pytest.approx(2 / np.sqrt(3), abs=0.02)


def test_weights_stay_within_their_bound_and_steps_may_be_each_topologys_own() -> None:
    genes = replace(minimal(100), weight=np.full(300, 7.9, np.float32))
    assert variation.change_weights(genes, rng(), 1.0, step=3.0, bound=8.0).weight.max() == 8
    step = np.where(np.arange(100) < 50, 0.0, 1.0)
    moved = variation.change_weights(genes, rng(), 1.0, 0.0, step).weight.reshape(100, 3) != np.float32(7.9)
    assert not moved[:50].any()
    assert moved[50:].all()


def test_coefficients_of_synapses_change_alike() -> None:
    genes = minimal(MANY, columns=2)
    found = variation.change_plasticity(genes, rng(), low=3.0, high=4.0).plasticity.reshape(MANY, 6)
    changed = (found != 0).any(axis=1)
    assert changed.mean() == pytest.approx(0.8, abs=0.01)
    assert (found[changed] >= 3).mean() == pytest.approx(0.1, abs=0.005)


# New node .03, new synapse .05


def test_three_genomes_in_a_hundred_get_a_node() -> None:
    genes = replace(minimal(MANY), weight=np.full(3 * MANY, 0.5, np.float32))
    found = structure.add_nodes(genes, Markings.after(minimal(1)), rng(), codes=(SIGMOID,))
    grown = np.flatnonzero(np.diff(found.node_begins))
    assert len(grown) / MANY == pytest.approx(0.03, abs=0.004)
    one = found[grown[0]]
    (old,) = np.flatnonzero((one.traits & ENABLED) == 0)
    assert one.source[3:].tolist() == [one.source[old], one.node[0]]
    assert one.target[3:].tolist() == [one.node[0], one.target[old]]
    assert one.weight[3:].tolist() == [1.0, 0.5]  # into it 1, out of it the old weight
    assert (one.place.tolist(), one.activation.tolist()) == ([0.5], [SIGMOID])
    split = [one.mark[(one.traits & ENABLED) == 0][0] for one in found.take(grown)]
    assert np.bincount(split) / len(split) == pytest.approx([1 / 3] * 3, abs=0.07)


def test_five_genomes_in_a_hundred_get_a_synapse() -> None:
    bare = minimal(MANY).keep(np.tile([True, False, True], MANY))
    found = structure.add_synapses(bare, Markings.after(minimal(1)), rng())
    assert (np.diff(found.begins) == 3).mean() == pytest.approx(0.05, abs=0.006)
    new = found.source[found.mark == 3]
    assert (new == 1).all()
    assert np.abs(found.weight[found.mark == 3]).max() <= 2
    full = structure.add_synapses(minimal(100), Markings.after(minimal(1)), rng(), 1.0)
    assert np.diff(full.begins).tolist() == [3] * 100  # nothing is left to link


def test_synapses_go_back_only_where_they_may() -> None:
    pair, markings = cousins()
    ahead = structure.add_synapses(pair.take(np.zeros(500, int)), markings, rng(), 1.0)
    check(ahead, "ahead", recurrent=False)
    back = structure.add_synapses(pair.take(np.zeros(500, int)), markings, rng(), 1.0, recurrent=True)
    check(back, "back")
    assert {4, 3} <= set(back.source[back.mark > 8].tolist())  # from the hidden node and the output, too
    assert any((one.source == one.target).any() for one in back)


def test_a_synapse_that_goes_back_is_split_without_a_fault() -> None:
    pair, markings = cousins()
    genes = pair.take(np.zeros(300, int))
    for _ in range(8):
        markings.begin_generation()
        genes = structure.add_synapses(genes, markings, rng(1), 0.7, recurrent=True)
        genes = structure.add_nodes(genes, markings, rng(2), 0.7)
        check(genes, "split")


def test_limits_hold() -> None:
    markings = Markings.after(minimal(1))
    genes = minimal(50)
    for seed in range(12):
        genes = structure.add_nodes(genes, markings, rng(seed), 1.0, max_nodes=3, max_synapses=8)
        genes = structure.add_synapses(genes, markings, rng(seed), 1.0, max_synapses=8)
    assert np.diff(genes.node_begins).max() == 2  # a third would need nine synapses
    assert np.diff(genes.begins).max() == 8


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
