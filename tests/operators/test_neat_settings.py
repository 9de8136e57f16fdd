"""Crossover and mutations, setting by setting as in section 4.1 of NEAT's paper, on topologies small enough to count.

What the paper leaves open (the size of a shift, the range of new weights, limits) is named in the docstrings.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.topologies import Topologies
from evometa.genetics.validity import check
from operators import structure, variation
from operators.markings import Markings
from tests.operators.cousins import MANY, SIGMOID, cousins, minimal, rng


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
