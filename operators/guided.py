"""Breeding by habits: of one set for a whole population, or of each genome's own.

A slot that is fixed leaves its draws as they are without habits. Own habits mutate before they make the child that
inherits them, and drive what becomes of the child alone (`OWN`): who breeds and who survives, each would say of itself.
Axis letters: G genomes, n children.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evometa.genetics.genome import STEPS
from evometa.genetics.genomes import Genomes
from evometa.genetics.individual import Individual
from evometa.language.codes import Trees
from evometa.language.habits import F32, F64, Habits
from evometa.seeding import Draws
from evometa.spec.arrays import I64
from evometa.spec.habits import OPERATORS, OWN

from .genomes import Kind, Rules
from .habits import Guidance, Living, parents, plain, survivors
from .habits import operators as weighed
from .selection import best_first
from .vocabulary import Limits, Words

ALL = np.zeros(1, np.int64)  # the one search that there is goes by the one set of habits
PARENTS = "pick"
SURVIVORS = "keep"


@dataclass(frozen=True, eq=False)
class Guided:
    """What habits make of the breeding of one population.

    `habits`: of all, None where each genome has its own; `size`: of tournaments; `most`, `deepest`: the limits of
    trees; `unit`: the largest new number.
    """

    habits: Habits | None
    size: int
    most: int
    deepest: int
    unit: float

    def fixed(self, *slots: str) -> bool:
        """Tell whether slots are as they are without habits."""
        own = {} if self.habits is None else self.habits
        return all(plain(own, slot, self.size) for slot in slots)

    def living(self, ranked: Sequence[Individual], generation: int) -> dict[str, F32]:
        """Return what habits read of individuals, the best first, f32[1, N] each."""
        worth = np.array([one.fitness.wvalues[0] for one in ranked])
        keys = [one.id if one.signature is None else one.signature for one in ranked]
        first: dict[Any, int] = {}
        novel = [first.setdefault(key, place) == place for place, key in enumerate(keys)]
        at = STEPS.index("constants")
        sigma = [float(one.genome.strategy[at]) for one in ranked]
        sizes, born = np.array([(one.size, one.born) for one in ranked], np.int64).T
        living = Living(
            worth[None], sizes[None], born[None], np.array([novel]), np.array([sigma]), generation, self.most
        )
        return living.rows()

    def pick(self, ranked: Sequence[Individual], rows: Mapping[str, F32], k: int, rng: Draws) -> list[Individual]:
        """Return k parents."""
        assert self.habits is not None
        numbers = rng.arrays.random((1, k))
        places = parents([self.habits], ALL, self.size, rows, numbers, rng.arrays.standard_normal)
        return [ranked[place] for place in places[0].tolist()]

    def shares(
        self, usual: F64, names: Sequence[str], rows: Mapping[str, F32], own: Sequence[Habits], rng: Draws
    ) -> F64:
        """Return the shares of variations for each child, f64[n, O]; `own`: its habits, or those of all."""
        places = [names.index(name) if name in names else -1 for name in NAMES]
        ours = np.array([usual[place] if place >= 0 else 0.0 for place in places])
        count = len(rows["rank"])
        given: F64 = np.tile(usual, (count, 1))
        part = weighed(own, _which(own, count), ours, rows, rng.arrays.standard_normal)
        for at, place in enumerate(places):
            if place >= 0:
                given[:, place] = part[:, at]
        return given

    def guide(self, rows: Mapping[str, F32], own: Sequence[Habits]) -> Callable[[I64, I64, Draws], Guidance]:
        """Return what guides variations of trees: `rows` of G genomes, `own`: habits of each, or of all."""

        def guidance(first: I64, second: I64, rng: Draws) -> Guidance:
            both = np.concatenate([first, second])
            which = np.zeros(len(both), np.int64) if len(own) == 1 else both
            signals = {name: each[both] for name, each in rows.items()}
            return Guidance(
                own,
                which,
                signals,
                self.most,
                self.deepest,
                self.unit,
                lambda owner: rng.arrays.standard_normal(len(owner)),
            )

        return guidance

    def survive(
        self, survive: Callable[..., list[Individual]], individuals: Sequence[Individual], k: int
    ) -> list[Individual]:
        """Return who lives on; `survive`: what says so without habits."""
        if self.habits is None or self.fixed(SURVIVORS) or len(individuals) <= k:
            return survive(individuals, k)
        ranked = best_first(individuals)
        now = max(one.born for one in ranked)
        places = survivors([self.habits], ALL, self.living(ranked, now), k)
        return [ranked[place] for place in places[0].tolist()]


NAMES = tuple(name if name == "crossover" else f"mutate {name}" for name in OPERATORS)


def guided_ways(ways: Sequence[Any], guide: Callable[[I64, I64, Draws], Guidance]) -> tuple[Any, ...]:
    """Return variations of which those of trees are guided."""
    made: dict[Rules, Rules] = {}

    def of(way: Any) -> Any:
        kind = way.vary
        if not (isinstance(kind, Kind) and isinstance(kind.operator, Rules)):
            return way
        operator = made.setdefault(kind.operator, replace(kind.operator, guidance=guide))
        return way._replace(vary=Kind(operator, kind.kind))

    return tuple(map(of, ways))


@dataclass(frozen=True, eq=False)
class OwnHabits:
    """How habits of genomes mutate: `words`, of the slots OWN; with the chance `chance` a child's."""

    words: Words
    limits: Limits
    unit: float
    chance: float

    def mutated(self, genomes: Genomes, rng: Draws) -> Genomes:
        """Return genomes some of whose habits have mutated, each once."""
        met = np.flatnonzero(rng.arrays.random(len(genomes)) < self.chance)
        if not len(met):
            return genomes
        kinds = rng.arrays.integers(1, len(OPERATORS), len(met))
        operator = Rules(OWN, self.words, self.limits, self.unit)
        children, _ = operator(genomes, met, met.copy(), kinds, rng)
        order = np.arange(len(genomes))
        order[met] = len(genomes) + np.arange(len(met))
        rules = {slot: Trees.join([genomes.rules[slot], children.rules[slot]]).take(order) for slot in OWN}
        return genomes.replace(rules={**genomes.rules, **rules})


def own_of(genomes: Genomes) -> list[Habits]:
    """Return the habits of each genome."""
    columns = [list(genomes.rules[slot]) for slot in OWN]
    return [dict(zip(OWN, each, strict=True)) for each in zip(*columns, strict=True)]


def _which(own: Sequence[Habits], count: int) -> I64:
    """Return by which habits each of so many rows goes: by its own, or by those of all."""
    return np.zeros(count, np.int64) if len(own) == 1 else np.arange(count)
