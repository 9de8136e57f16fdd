"""The weakest synapses give way to others: how many, of whom, into where, and that nothing comes out invalid."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies

from evometa.genetics.starts import sparse, topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered
from evometa.genetics.validity import check
from operators.markings import Markings
from operators.rewiring import rewire
from operators.topologies import mutRewire
from tests.properties import examples


def start(rng: np.random.Generator, count: int = 3, density: float = 0.4) -> Topologies:
    graph = layered(8, [10, 6], 3)
    weights = rng.normal(size=(count, graph.synapses)).astype(np.float32)
    plasticity = rng.normal(size=(count, 1, graph.synapses)).astype(np.float32)
    return sparse(topologies_of(graph, weights, plasticity), density, rng)


def layer(genes: Topologies, mark: np.ndarray) -> np.ndarray:
    """Return the layer of nodes of the start: 0 of inputs and the constant, 1 and 2, 3 of outputs."""
    return np.select([mark <= 8, mark <= 11, mark <= 21], [0, 3, 1], 2)


@given(seed=strategies.integers(0, 10**6), share=strategies.floats(0, 1), chance=strategies.floats(0, 1))
@examples(60)
def test_counts_targets_and_layers_stay(seed: int, share: float, chance: float) -> None:
    rng = np.random.default_rng(seed)
    genes = start(rng)
    found = rewire(genes, Markings.after(genes), rng, chance, share, neutral=True)
    check(found, "here", recurrent=False)
    for old, new in zip(genes, found, strict=True):
        assert sorted(old.target.tolist()) == sorted(new.target.tolist())
        fresh = new.mark > genes.mark.max()
        assert not new.weight[fresh].any()
        assert (new.source[fresh] != genes.inputs).all()  # the constant is read by those who read it
        assert (layer(genes, new.target) - layer(genes, new.source) == 1)[new.source != genes.inputs].all()


def test_the_weakest_go_and_their_numbers_of_learning_stay() -> None:
    rng = np.random.default_rng(3)
    genes = start(rng, count=1)
    found = rewire(genes, Markings.after(genes), rng, 1.0, 0.2, neutral=True)
    gone = ~np.isin(genes.mark, found.mark)
    free = genes.source != genes.inputs
    weakest = np.sort(np.abs(genes.weight[free]))[: int(np.ceil(0.2 * free.sum()))]
    assert 0 < gone.sum() <= len(weakest)
    assert np.isin(np.abs(genes.weight[gone]), weakest).all()
    fresh = found.mark > genes.mark.max()
    assert sorted(found.plasticity[fresh].ravel()) == sorted(genes.plasticity[gone].ravel())


def test_a_node_comes_to_read_what_those_read_who_share_a_source_with_it() -> None:
    rng = np.random.default_rng(0)
    genes = start(rng, count=1, density=1.0)
    first = layer(genes, genes.target) == 1
    apart = (genes.source < 4) == (genes.target < 17)  # two halves that share no input
    genes = genes.keep((~first | apart | (genes.source == 8)) & (rng.random(len(first)) < 0.7))
    for seed in range(20):
        found = rewire(genes, Markings.after(genes), np.random.default_rng(seed), 1.0, 0.5)
        inner = (layer(genes, found.target) == 1) & (found.source < 8)
        assert ((found.source < 4) == (found.target < 17))[inner].all()


def test_one_in_deaps_idiom_leaves_its_argument_alone() -> None:
    genes = start(np.random.default_rng(1), count=1)
    before = genes.weight.copy()
    (child,) = mutRewire(genes[0], Markings.after(genes), np.random.default_rng(2), share=0.3)
    assert child.mark.tolist() != genes[0].mark.tolist()
    assert (genes.weight == before).all()


def test_no_share_changes_nothing() -> None:
    genes = start(np.random.default_rng(1))
    found = rewire(genes, Markings.after(genes), np.random.default_rng(2), 1.0, 0.0)
    assert found.mark.tolist() == genes.mark.tolist()
