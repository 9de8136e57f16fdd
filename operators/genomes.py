"""Operators on populations: each varies one chromosome, of many genomes at once.

An operator is called as `operator(genomes, first, second, kind, rng)`: it makes n children, one of each genome `first`
by a variation of its `kind`, in a crossover with the genome `second`; each i64[n], rows of `genomes`. It returns the
children, and which of them differ from their first parents. `adapt(strategies, index, noise)` mutates the genomes' own
steps before they are used (see strategy.py); None leaves them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evometa import elementary
from evometa.genetics.genome import STEPS, Genome
from evometa.genetics.genomes import Genomes
from evometa.language.codes import Trees, pieces
from evometa.language.tree import Tree
from evometa.seeding import Draws
from evometa.spec.arrays import I64

from . import numbers
from .habits import Guidance
from .numbers import F32, F64
from .rules import UNWEIGHTED
from .vocabulary import Limits, Words

Flags = NDArray[np.bool_]
Adapt = Callable[[F32, int, F64], F32]
Guide = Callable[[I64, I64, Draws], Guidance]  # of first and second parents

CROSSOVER, MUTATION = 0, 1  # kinds of variation of numbers


class Operator(Protocol):
    """What makes children, as said above."""

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]: ...


@dataclass(frozen=True, eq=False)
class Rules:
    """Varies a tree of one of `slots`, drawn by its share of nodes, so that every node is as likely to be met.

    Kinds as in trees.py. `unit`: of constants' shifts; `guidance`: what habits say of nodes, of each genome as a first
    and as a second parent (see habits.py), None where all are met alike.
    """

    slots: Sequence[str]
    words: Words
    limits: Limits
    unit: float
    adapt: Adapt | None = None
    guidance: Guide | None = None

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]:
        """Return children with one tree changed."""
        from .trees import NUMBER, vary  # what is compiled takes its time to import

        guidance = None
        if self.guidance is not None:  # each child meets its parents by habits of its own, and by numbers drawn for it
            guidance = self.guidance(first, second, rng)
            genomes = Genomes.join([genomes.take(first), genomes.take(second)])
            first = np.arange(len(first))
            second = len(first) + first
        trees = [genomes.rules[slot] for slot in self.slots]
        starts = np.cumsum([0, *(len(each.codes) for each in trees)])
        begins = np.stack([each.begins + start for each, start in zip(trees, starts, strict=False)])
        codes = trees[0].codes if len(trees) == 1 else np.concatenate([each.codes for each in trees])
        others = {slot: each for slot, each in genomes.rules.items() if slot not in self.slots}
        children, noise = genomes.replace(rules=others).take(first), np.zeros(len(first))
        shifted = kind == NUMBER
        steps, sigma = stepped(children.strategy[shifted], "constants", self.adapt, rng)
        noise[shifted] = sigma * rng.arrays.standard_normal(len(sigma))
        keys = np.array([rng.getrandbits(64)], np.uint64)
        weights, shifts = UNWEIGHTED, UNWEIGHTED
        if guidance is not None:
            own = genomes.strategy[:, STEPS.index("constants")].astype(np.float64)
            own[np.flatnonzero(shifted)] = sigma
            weights, shifts = guidance.nodes(codes, begins, own, np.concatenate([noise, noise]))
        slots, new, places = vary(
            codes, begins, first, second, kind, noise, self.unit, 0, 2, self.words, self.limits, keys, weights, shifts
        )
        changed = np.diff(places) > 0
        everything, rules = np.concatenate([codes, new]), dict(children.rules)
        for number, slot in enumerate(self.slots):
            own = changed & (slots == number)
            rules[slot] = pieces(
                everything,
                np.where(own, len(codes) + places[:-1], begins[number, first]),
                np.where(own, len(codes) + places[1:], begins[number, first + 1]),
            )
        strategy = children.strategy.copy()
        strategy[shifted] = np.where(changed[shifted, None], steps, strategy[shifted])
        return children.replace(rules=rules, strategy=strategy), changed


@dataclass(frozen=True, eq=False)
class Numbers:
    """Varies the array `chromosome`, whose rows `shift(rows f32[n, N], sigma f64[n], rng)` mutates."""

    chromosome: str
    shift: Callable[[F32, F64, np.random.Generator], F32]
    adapt: Adapt | None = None

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]:
        """Return children with new numbers."""
        children, values = genomes.take(first), getattr(genomes, self.chromosome)
        rows = values[first].reshape(len(first), -1)
        crossed, moved = kind == CROSSOVER, kind == MUTATION
        others = values[second[crossed]].reshape(-1, rows.shape[1])
        mix = numbers.mixing(others.shape, rng.arrays)
        rows[crossed] = mix(rows[crossed], others)
        if children.moments is not None and genomes.moments is not None and crossed.any():
            theirs = genomes.moments.take(second[crossed])
            moments = children.moments.mixed(theirs, np.flatnonzero(crossed), self.chromosome, mix)
            children = children.replace(moments=moments)
        strategy = children.strategy.copy()
        strategy[moved], sigma = stepped(strategy[moved], self.chromosome, self.adapt, rng)
        rows[moved] = self.shift(rows[moved], sigma, rng.arrays)
        new = {self.chromosome: rows.reshape(-1, *values.shape[1:]), "strategy": strategy}
        changed = (rows != values[first].reshape(rows.shape)).any(axis=1)  # the parents of a crossover may be alike
        return children.replace(**new), changed


@dataclass(frozen=True, eq=False)
class Whole:
    """Varies the slots of a rule together, one genome after the other, by `kinds[kind](rule, rng=…)`; see states.py."""

    kinds: Sequence[Callable[..., tuple[Mapping[str, Tree]]]]

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]:
        """Return children with new rules."""
        old = [genomes.part("rule", row) for row in first.tolist()]
        new = [self.kinds[each](rule, rng=rng)[0] for rule, each in zip(old, kind.tolist(), strict=True)]
        rules = {slot: Trees.of([rule[slot] for rule in new]) for slot in genomes.rules}
        changed = [child is not parent for child, parent in zip(new, old, strict=True)]
        return genomes.take(first).replace(rules=rules), np.array(changed)


@dataclass(frozen=True, eq=False)
class Single:
    """Varies genomes one at a time, by `vary(*genomes, rng=…)`, which takes so many `parents`; see own.py."""

    vary: Callable[..., tuple[Genome, ...]]
    parents: int

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]:
        """Return what the function makes."""
        parents = [[genomes[row] for row in rows[: self.parents]] for rows in zip(first, second, strict=True)]
        children = [self.vary(*some, rng=rng)[0] for some in parents]
        changed = [child is not some[0] for child, some in zip(children, parents, strict=True)]
        return Genomes.of(children), np.array(changed)


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of variation that an operator makes, as a function of one genome, or of two that cross."""

    operator: Operator
    kind: int = 0

    def __call__(self, *parents: Genome, rng: Draws) -> tuple[Genome, ...]:
        """Return a child of each genome; the very genome where nothing changes."""
        rows = np.arange(len(parents))
        kinds = np.full(len(parents), self.kind)
        children, changed = self.operator(Genomes.of(parents), rows, rows[::-1].copy(), kinds, rng)
        return tuple(child if new else old for child, new, old in zip(children, changed, parents, strict=True))


def kind_of(vary: Callable[..., Any], parents: int) -> Kind:
    """Return what makes many children as `vary` makes one."""
    return vary if isinstance(vary, Kind) else Kind(Single(vary, parents))


def coefficients(
    rows: F32, sigma: F64, rng: np.random.Generator, low: F64, high: F64, log: bool, indpb: float = 0.5
) -> F32:
    """Shift the rules' coefficients within their bounds, f64[Kc] each, each with probability `indpb`."""
    return numbers.bounded(rows, sigma, low, high, rng, log, indpb)


def many(rows: F32, sigma: F64, rng: np.random.Generator, unit: Any) -> F32:
    """Shift numbers of each synapse by Gaussian noise in units `unit`: a number, or f32[N]. See `any_share`."""
    return numbers.gaussian(rows, sigma, unit, rng, any_share(rows.shape[1], len(rows), rng))


def any_share(size: int, n: int, rng: np.random.Generator) -> F64:
    """Draw the share of numbers that each of n mutations touches: half the time all, else of any order of magnitude.

    Shares without a scale (Doerr et al. 2017) let a good genome improve whose own step is too large for all its
    numbers at once. Measured on a quadratic of 25 weights: touching all of them stalled at 3e-3 for ever, this
    passed 1e-4 within 100 generations; on 1761 weights it was 5 % behind after 200.
    """
    return np.where(rng.random(n) < 0.5, 1.0, elementary.power(float(max(1, size)), -rng.random(n)))


def stepped(strategies: F32, kind: str, adapt: Adapt | None, rng: Draws) -> tuple[F32, F64]:
    """Let the steps of this kind mutate, f32[n, steps]; return all steps, and those of the kind, f64[n]."""
    index = STEPS.index(kind)
    if adapt is not None:
        strategies = adapt(strategies, index, rng.arrays.standard_normal(len(strategies)))
    return strategies, strategies[:, index].astype(np.float64)
