"""Breeding by species, and of genomes whose topology evolves (NEAT; Stanley & Miikkulainen 2002).

A `Breeder` takes the place of breeding.py in a toolbox: it makes an island's first genomes and its offspring. It has
what breeding goes by besides the living: the marks of genes handed out so far, and the species of each island.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from deap import base
from numpy.typing import NDArray

from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.genomes import Genomes
from evometa.genetics.individual import Brood, Individual
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.seeding import Draws

from . import breeding
from .chromosomes import Pairs, Variations, first_topologies
from .compatibility import BehaviourDistance, GeneDistance
from .markings import Markings
from .selection import SCHEMES, ranks
from .species import Species, SpeciesSettings

I64 = NDArray[np.int64]

WORST = 1e6  # a fitness as large as this in size is that of a genome that is lost, which has no share in it
KEYS = ("threshold", "target", "step", "stagnation", "refocus", "champion", "survival", "interspecies")


def register(toolbox: base.Toolbox, settings: Any, start: WeightedGraph | None) -> None:
    """Let a toolbox breed by species, or topologies that begin with the network `start`, where the recipe says so."""
    picked = settings.evolution.parents or SCHEMES[settings.evolution.scheme].parents
    uniform = picked == "uniform"
    if start is None and settings.species.by == "none" and not uniform:
        return
    toolbox.heritage = Breeder(toolbox, settings, start, uniform)
    toolbox.cases = toolbox.cases or settings.species.by == "behaviour"
    toolbox.register("population", toolbox.heritage.population)
    toolbox.register("breed", toolbox.heritage.breed)


class Breeder:
    """Makes the genomes of islands: `population` and `breed` as in breeding.py, by the recipe's sections `settings`.

    `start`: the network that all topologies begin with, None where they do not evolve. `uniform`: parents are any of
    the best of their species, as in the paper, and its champion is copied, as no parent survives; else they are picked
    among these by the toolbox. `state()` is plain JSON.
    """

    def __init__(self, toolbox: base.Toolbox, settings: Any, start: WeightedGraph | None, uniform: bool) -> None:
        self.toolbox, self.settings, self.start, self.uniform = toolbox, settings, start, uniform
        self.variations = Variations(settings, toolbox.variations)
        self.markings = Markings(0, 0)
        if start is not None:
            self.markings = Markings.after(topologies_of(start.graph, np.zeros((1, start.graph.synapses), np.float32)))
        shares = {key: getattr(settings.species, key) for key in KEYS}
        self._species_settings = SpeciesSettings(**shares, alone=1.0 - min(settings.variation.crossover, 1.0))
        count = settings.evolution.islands if uniform or settings.species.by != "none" else 0
        self.species = [Species(self._species_settings) for _ in range(count)]
        self.labels: list[list[int]] = [[] for _ in range(count)]  # of the parents that bred last, and which of these
        self.representatives: list[list[int]] = [[] for _ in range(count)]  # represent a species
        self._generation = 0

    def population(self, count: int, *, rng: Draws, island: int = 0) -> Brood:
        """Return an island's first genomes."""
        brood = self.toolbox.founders(rng, count)
        return brood._replace(genomes=self._with_topologies(brood.genomes, rng))

    def breed(
        self,
        individuals: Sequence[Individual],
        children: int,
        newcomers: int,
        *,
        rng: Draws,
        island: int = 0,
        generation: int = 0,
    ) -> Brood:
        """Return an island's children, and after them newcomers without parents."""
        if generation != self._generation:  # the same change has the same mark on all islands
            self._generation = generation
            self.markings.begin_generation()
        broods = self._children(individuals, children, island, rng) if children else []
        if newcomers:
            brood = self.toolbox.newcomers(rng, newcomers)
            broods.append(brood._replace(genomes=self._with_topologies(brood.genomes, rng)))
        return breeding.joined(broods)

    def state(self) -> dict[str, Any]:
        """Return what breeding goes by besides the living, in plain JSON types.

        Of each island's parents that bred last, `labels`: the species of each; `representatives`: ids of those of the
        species, who may be dead.
        """
        return {
            "markings": self.markings.state(),
            "species": [one.state() for one in self.species],
            "labels": [list(each) for each in self.labels],
            "representatives": [list(each) for each in self.representatives],
        }

    def needs(self, state: Mapping[str, Any]) -> set[int]:
        """Return the ids of individuals that a state refers to."""
        return {id for each in state.get("representatives", ()) for id in each}

    def restore(self, state: Mapping[str, Any], individuals: Mapping[int, Individual]) -> None:
        """Go back to a state; `individuals` by id."""
        self.markings = Markings.restored(state["markings"])
        self.labels = [list(each) for each in state["labels"]]
        self.representatives = [list(each) for each in state.get("representatives", [[]] * len(self.labels))]
        members = [self._members([individuals[id] for id in each]) for each in self.representatives]
        self.species = [
            Species.restored(one, self._species_settings, each)
            for one, each in zip(state["species"], members, strict=True)
        ]

    def _children(self, individuals: Sequence[Individual], count: int, island: int, rng: Draws) -> list[Brood]:
        """Return an island's children, in one brood or several."""
        rank = ranks([one.fitness.wvalues for one in individuals])
        if not self.species:
            return [self._varied(individuals, self._pairs(individuals, np.arange(len(rank)), count, rank, rng), rng)]
        species = self.species[island]
        labels = species.assign(self._distance(individuals))
        self.labels[island] = labels.tolist()
        planned = species.mate(_shared(individuals), count, rng.arrays)
        self.representatives[island] = [individuals[row].id for row in species.represented.tolist()]
        if self.uniform and self.start is not None:
            pairs = Pairs(planned.first, planned.second, planned.equal)
            return [self._varied(individuals, pairs, rng, planned.champion)]
        pools = {label: self._pool(np.flatnonzero(labels == label), rank) for label in np.unique(planned.species)}
        quotas = {label: int(np.sum(planned.species == label)) for label in pools}
        if self.start is not None:
            parts = [self._pairs(individuals, pool, quotas[label], rank, rng) for label, pool in pools.items()]
            joined = (np.concatenate(each) for each in zip(*parts, strict=True))
            return [self._varied(individuals, Pairs(*joined), rng)]
        copied = set(planned.species[planned.champion].tolist()) if self.uniform else set()
        broods = []
        for label, pool in pools.items():  # no topology evolves: one variation makes each child
            some, champion = [individuals[row] for row in pool.tolist()], label in copied
            if champion:
                broods.append(Brood(Genomes.of([some[0].genome]), [(some[0].id,)], ["champion"]))
            if quotas[label] > champion:
                broods.append(breeding.breed(self.toolbox, some, quotas[label] - champion, 0, rng=rng))
        return broods

    def _pool(self, rows: I64, rank: I64) -> I64:
        """Return the rows of a species that may become parents, the best first."""
        order = rows[np.argsort(-rank[rows], kind="stable")]
        return order[: max(1, int(np.ceil(self._species_settings.survival * len(rows))))]

    def _distance(self, individuals: Sequence[Individual]) -> Any:
        s = self.settings.species
        if s.by == "none":
            return BehaviourDistance(np.zeros((len(individuals), 1), np.float32))  # all are of one species
        if s.by == "behaviour":
            return BehaviourDistance(np.stack([one.cases for one in individuals if one.cases is not None]))
        genes = Genomes.of([one.genome for one in individuals]).topology
        assert isinstance(genes, Topologies), "genes of networks that do not evolve"
        return GeneDistance(genes, s.c1, s.c2, s.c3, s.small)

    def _members(self, individuals: Sequence[Individual]) -> Any:
        """Return what represents species that these are representatives of; None where there are none yet."""
        return self._distance(individuals).members(np.arange(len(individuals))) if individuals else None

    def _pairs(self, individuals: Sequence[Individual], pool: I64, count: int, rank: I64, rng: Draws) -> Pairs:
        """Pick the parents of so many children among the individuals at some rows."""
        crossed = rng.arrays.random(count) < self.settings.variation.crossover
        some = {individuals[row].id: row for row in pool.tolist()}
        picked = self.toolbox.select([individuals[row] for row in some.values()], count + int(crossed.sum()), rng=rng)
        chosen = np.array([some[one.id] for one in picked], np.int64)
        first, second = chosen[:count], np.full(count, -1, np.int64)
        second[crossed] = chosen[count:]
        better = crossed & (rank[second] > rank[first])
        equal = crossed & (rank[second] == rank[first])
        return Pairs(np.where(better, second, first), np.where(better, first, second), equal)

    def _varied(
        self, individuals: Sequence[Individual], pairs: Pairs, rng: Draws, champion: NDArray[np.bool_] | None = None
    ) -> Brood:
        """Return the children of pairs, with all chromosomes varied; champions are copied."""
        parents = Genomes.of([one.genome for one in individuals])
        kept = np.zeros(len(pairs.first), bool) if champion is None else champion
        born = self.variations.children(parents, pairs, self.markings, rng, ~kept)
        ids = [one.id for one in individuals]
        couples = [
            (ids[a],) if b < 0 else (ids[a], ids[b])
            for a, b in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        ]
        names = ["crossover" if len(couple) == 2 else "mutation" for couple in couples]
        for row in np.flatnonzero(kept).tolist():
            names[row] = "champion"
        return Brood(born, couples, names)

    def _with_topologies(self, genomes: Genomes, rng: Draws) -> Genomes:
        """Return genomes with first topologies, where these evolve."""
        if self.start is None:
            return genomes
        return genomes.replace(topology=first_topologies(self.settings, self.start, len(genomes), rng.arrays))


def _shared(individuals: Sequence[Individual]) -> NDArray[np.float64]:
    """Return the fitness that species share: in the first objective, none of genomes that are lost."""
    values = np.array([one.fitness.wvalues[0] for one in individuals])
    return np.where(np.abs(values) < WORST, values, np.nan)
