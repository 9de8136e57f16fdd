"""Operators on topologies: what each changes, what it leaves alone, and that nothing ever comes out invalid."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, strategies

from evometa.genetics.decoding import decode
from evometa.genetics.starts import sparse, topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered
from evometa.genetics.validity import check, recurs
from evometa.lifetime import SILENT
from evometa.lifetime.graph_check import check_graphs
from evometa.lifetime.graphs import Graphs
from operators import structure, variation
from operators.compatibility import GeneDistance
from operators.markings import Markings
from operators.species import Parents, Species, SpeciesSettings
from tests.properties import examples

CODES = (1, 2, 3)


def start(count: int, rng: np.random.Generator, hidden: tuple[int, ...] = (), columns: int = 1) -> Topologies:
    graph = layered(3, hidden, 2)
    size = (count, graph.synapses)
    plasticity = rng.normal(size=(count, columns, size[1])).astype(np.float32)
    return topologies_of(graph, rng.normal(size=size).astype(np.float32), plasticity)


def varied(
    parents: Parents, markings: Markings, rng: np.random.Generator, recurrent: bool, limits: dict[str, int]
) -> Iterator[Callable[[Topologies], Topologies]]:
    """Yield every operator with random settings, in a random order; those who are crossed are of one species."""
    chances = iter(rng.random(12) ** 2)
    first, second, equal = parents[:3]
    nodes = {**limits, "codes": CODES}
    most = {"max_synapses": limits["max_synapses"]}
    changes: list[Callable[[Topologies], Topologies]] = [
        lambda t: variation.crossed(t, first, second, equal, rng, next(chances), next(chances), **limits),
        lambda t: variation.change_weights(t, rng, next(chances)),
        lambda t: variation.change_plasticity(t, rng, next(chances)),
        lambda t: variation.toggle(t, rng, next(chances)),
        lambda t: variation.enable(t, rng, next(chances)),
        lambda t: variation.flip_plastic(t, rng, next(chances)),
        lambda t: variation.change_activations(t, rng, next(chances), CODES),
        lambda t: structure.add_nodes(t, markings, rng, next(chances), **nodes),
        lambda t: structure.add_synapses(t, markings, rng, next(chances), recurrent, **most),
        lambda t: structure.remove_nodes(t, rng, next(chances) / 2),
        lambda t: structure.remove_synapses(t, rng, next(chances) / 2),
    ]
    for place in rng.permutation(len(changes)):
        yield changes[place]


def targets_of(graphs: Graphs) -> np.ndarray:
    """Return the targets of all synapses."""
    return np.concatenate([graph.dst for graph in graphs])


def evolve(seed: int, count: int, generations: int, recurrent: bool, hidden: tuple[int, ...] = ()) -> Topologies:
    """Vary a population at random, all of it checked after each operator; and what it grows into after each round."""
    rng = np.random.default_rng(seed)
    genes = start(count, rng, hidden)
    genes = sparse(genes, float(rng.uniform(0.1, 1)), rng)
    markings = Markings.after(start(1, rng, hidden))
    limits = {"max_nodes": int(rng.integers(1, 24)) + sum(hidden), "max_synapses": int(rng.integers(30, 80))}
    species = Species(SpeciesSettings(target=5, interspecies=0.1, survival=0.5))
    for _ in range(generations):
        markings.begin_generation()
        species.assign(GeneDistance(genes))
        parents = species.mate(rng.integers(0, 9, len(genes)).astype(float), len(genes), rng)
        for change in varied(parents, markings, rng, recurrent, limits):
            genes = change(genes)
            check(genes, "a child", recurrent)
            assert np.diff(genes.node_begins).max() <= limits["max_nodes"]
            assert np.diff(genes.begins).max() <= max(limits["max_synapses"], 8 + 12 * sum(hidden))
        for candidates in (False, True):  # disabled genes are expressed, too, where a rule gates synapses
            networks = decode(genes, candidates=candidates)
            check_graphs(networks.graphs)
            assert ((networks.traits & SILENT) > 0).any() <= candidates
            assert recurrent or (networks.graphs.src < targets_of(networks.graphs)).all()
    return genes


@given(
    strategies.integers(0, 2**32), strategies.integers(1, 6), strategies.integers(1, 12), strategies.booleans(),
    strategies.sampled_from([(), (2,), (3, 2)]),
)  # fmt: skip
@examples(60)
def test_no_variation_makes_an_invalid_genome(
    seed: int, count: int, generations: int, recurrent: bool, hidden: tuple[int, ...]
) -> None:
    evolve(seed, count, generations, recurrent, hidden)


@pytest.mark.slow
@pytest.mark.parametrize("recurrent", [False, True])
def test_half_a_million_mixed_variations_make_no_invalid_genome(recurrent: bool) -> None:
    """Of both kinds 625 topologies, 11 operators a generation in any order, with any chances: 550 000 variations."""
    genes = evolve(7, 625, 40, recurrent)
    assert np.diff(genes.node_begins).max() > 5
    assert recurs(genes).any() == recurrent
