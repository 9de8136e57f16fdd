"""Breeding: all genomes that an island brings forth in one generation, each child made by one variation.

`population(toolbox, count, …)` makes the first, `breed(toolbox, individuals, children, newcomers, …)` the later
ones. Both get the draws of their island and generation, `rng`; what is made depends on those and on the individuals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deap import base

from evometa.genetics.genome import Genome
from evometa.genetics.individual import Brood, Individual
from evometa.seeding import Draws


def population(toolbox: base.Toolbox, count: int, *, rng: Draws, island: int = 0) -> Brood:
    """Return an island's first genomes."""
    return _fresh([toolbox.genome(rng) for _ in range(count)], "first")


def breed(
    toolbox: base.Toolbox,
    individuals: Sequence[Individual],
    children: int,
    newcomers: int,
    *,
    rng: Draws,
    island: int = 0,
    generation: int = 0,
) -> Brood:
    """Return `children` of an island's individuals, each varied once, and after them `newcomers` without parents."""
    variations = toolbox.variations
    drawn = rng.choices(variations, [one.share for one in variations], k=children)
    parents = iter(toolbox.select(individuals, sum(one.parents for one in drawn), rng=rng))
    born = [_child(variations, one, [next(parents) for _ in range(one.parents)], rng) for one in drawn]
    fresh = _fresh([toolbox.immigrant(rng) for _ in range(newcomers)], "random immigrant")
    if not born:
        return fresh
    return Brood(*([*some, *more] for some, more in zip(zip(*born, strict=True), fresh, strict=True)))


def _child(
    variations: Sequence[Any], one: Any, parents: list[Individual], rng: Draws
) -> tuple[Genome, tuple[int, ...], str]:
    """Return a child, its parents' ids, its variation's name; one that finds nothing to change gives way to another."""
    (genome, *_) = one.vary(*(parent.genome for parent in parents), rng=rng)
    untried = [other for other in variations if other.parents == 1]
    while genome is parents[0].genome and (untried := [other for other in untried if other is not one]):
        (one,) = rng.choices(untried, [other.share for other in untried])
        parents = parents[:1]
        (genome,) = one.vary(parents[0].genome, rng=rng)
    return genome, tuple(parent.id for parent in parents), one.name


def _fresh(genomes: Sequence[Genome], operator: str) -> Brood:
    return Brood(genomes, [()] * len(genomes), [operator] * len(genomes))
