"""Breeding: all genomes that an island brings forth in one generation, each child made by one variation.

`population(toolbox, count, …)` makes the first, `breed(toolbox, individuals, children, newcomers, …)` the later
ones. Both get the draws of their island and generation, `rng`; what is made depends on those and on the individuals.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from deap import base
from numpy.typing import NDArray

from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.individual import Brood, Individual
from evometa.seeding import Draws
from evometa.spec.arrays import I64

from .genomes import kind_of

NONE = -1
MUTATION = "mutation"  # of whom no variation alone has made
RECOMBINED = 0.5  # share of the crossovers in which a chromosome other than the topology is recombined, too


class Copy(NamedTuple):
    """What makes children where nothing varies, as numbers are tuned by other means."""

    name: str = "copy"
    share: float = 1.0
    parents: int = 1

    @staticmethod
    def vary(genome: Genome, rng: Draws) -> tuple[Genome]:
        """Return the genome."""
        return (genome,)


COPY = Copy()


def population(toolbox: base.Toolbox, count: int, *, rng: Draws, island: int = 0) -> Brood:
    """Return an island's first genomes."""
    return toolbox.founders(rng, count)  # type: ignore[no-any-return]


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
    fresh = [toolbox.newcomers(rng, newcomers)] if newcomers else []
    if not children:
        return joined(fresh)
    variations = ways(toolbox.variations)
    asked, shares = np.array([one.parents for one in variations]), np.array([one.share for one in variations])
    chosen = drawn(np.broadcast_to(shares, (children, len(shares))), rng.arrays)
    counts = asked[chosen]
    picked = toolbox.select(individuals, int(counts.sum()), rng=rng)
    places = {one.id: place for place, one in enumerate(individuals)}
    rows = np.array([places[one.id] for one in picked], np.int64)
    last = np.cumsum(counts) - 1
    first, second = rows[last + 1 - counts], rows[last]
    genomes = Genomes.of([one.genome for one in individuals]).replace()  # without programs: children get their own
    made = vary(variations, genomes, first, second, chosen, rng)
    born = [one.id for one in individuals]
    return joined([brood_of(toolbox, variations, made, genomes, chosen, born, (first, second), rng), *fresh])


def brood_of(
    toolbox: base.Toolbox, variations: Sequence[Any], made: Genomes, genomes: Genomes, chosen: I64, ids: Sequence[int],
    rows: tuple[I64, I64], rng: Draws,
) -> Brood:  # fmt: skip
    """Return children that variations `chosen` have made of `genomes`, after what meets every child.

    `ids`: of the parents; `rows`: first and second parents of each child.
    """
    first, second = rows
    children, asked = len(chosen), np.array([one.parents for one in variations])
    beside = [one for one in toolbox.variations if one.beside]
    made, changed = met(beside, made, genomes, np.full(children, NONE), rng)
    names = [one.name for one in variations]
    parents = [
        (ids[one], ids[other])[:count]
        for one, other, count in zip(first.tolist(), second.tolist(), asked[chosen].tolist(), strict=True)
    ]
    made_by = [names[place] for place in chosen.tolist()]
    made_by = [MUTATION if new and name == COPY.name else name for name, new in zip(made_by, changed, strict=True)]
    return Brood(made, parents, made_by)


def apart(variations: Sequence[Any]) -> tuple[Any, ...]:
    """Return the variations of which one makes a child."""
    return tuple(one for one in variations if not one.beside)


def ways(variations: Sequence[Any]) -> tuple[Any, ...]:
    """Return the variations of which one makes a child; what shares of crossovers leave goes to copies, which others
    may meet, where no mutation is among them.
    """
    found = apart(variations)
    left = 1.0 - sum(one.share for one in found)
    if not found or (left > 0.0 and len(found) < len(variations) and all(one.parents > 1 for one in found)):
        found = (*found, COPY._replace(share=left))
    return found


def met(
    variations: Sequence[Any], born: Genomes, parents: Genomes, second: I64, rng: Draws, chance: Any = 1.0
) -> tuple[Genomes, NDArray[np.bool_]]:
    """Let each variation meet genomes, by its share times `chance`; return what they are then, and who was met.

    Crossovers meet RECOMBINED of those who have a `second` parent, by its row (else NONE).
    """
    count, touched = len(born), np.zeros(len(born), bool)
    for one in variations:
        kind, crossing = kind_of(one.vary, one.parents), one.parents == 2
        share = np.where(second < 0, 0.0, RECOMBINED) if crossing else one.share * chance
        rows = np.flatnonzero(rng.arrays.random(count) < share)
        if len(rows):
            pool = Genomes.join([born, parents]) if crossing else born
            others = count + second[rows] if crossing else rows
            children, changed = kind.operator(pool, rows, others, np.full(len(rows), kind.kind), rng)
            places = np.arange(count)
            places[rows] = count + np.arange(len(rows))
            born = Genomes.join([born, children]).take(places)
            touched[rows] |= changed
    return born, touched


def settle(individuals: Sequence[Individual]) -> None:
    """Let the genomes of individuals lie in one batch, so that those they came from, with all the others, can go."""
    for one, genome in zip(individuals, Genomes.of([one.genome for one in individuals]), strict=True):
        one.genome = genome


def vary(variations: Sequence[Any], genomes: Genomes, first: I64, second: I64, chosen: I64, rng: Draws) -> Genomes:
    """Make a child of each genome `first` by the variation `chosen`, in a crossover with genome `second`.

    A variation that finds nothing to change gives way to another that needs one parent, until all have been tried;
    `chosen` says afterwards which it was.
    """
    every = [kind_of(one.vary, one.parents) for one in variations]
    shares = np.array([one.share if one.parents == 1 else 0.0 for one in variations])
    untried = np.tile(shares, (len(first), 1))
    pending = np.arange(len(first))
    made, places = [], []
    while len(pending):
        untried[pending, chosen[pending]] = 0.0
        over, again = np.array(~untried.any(axis=1)), [pending[:0]]
        for operator in dict.fromkeys(one.operator for one in every):
            kinds = np.array([one.kind if one.operator is operator else NONE for one in every])[chosen]
            here = pending[kinds[pending] != NONE]
            if len(here):
                children, changed = operator(genomes, first[here], second[here], kinds[here], rng)
                done = np.logical_or(changed, over[here])
                made.append(children if done.all() else children.take(np.flatnonzero(done)))
                places.append(here[done])
                again.append(here[~done])
        pending = np.sort(np.concatenate(again))
        chosen[pending] = drawn(untried[pending], rng.arrays)
        second[pending] = first[pending]
    return Genomes.join(made).take(np.argsort(np.concatenate(places)))


def drawn(shares: NDArray[np.float64], rng: np.random.Generator) -> I64:
    """Draw a place of each row with the probability of its share, i64[n]."""
    sums = np.cumsum(shares, axis=1)
    places = np.minimum(rng.random(len(shares)) * sums[:, -1], np.nextafter(sums[:, -1], 0.0))
    return np.sum(sums <= places[:, None], axis=1)


def joined(broods: Sequence[Brood]) -> Brood:
    """Return broods, of which there is one at least, as one."""
    if len(broods) == 1:
        return broods[0]
    genomes, parents, operators = zip(*broods, strict=True)
    return Brood(Genomes.join(genomes), [*chain(*parents)], [*chain(*operators)])


def without_parents(genomes: Genomes, operator: str) -> Brood:
    """Return genomes that an operator made of nothing."""
    return Brood(genomes, [()] * len(genomes), [operator] * len(genomes))
