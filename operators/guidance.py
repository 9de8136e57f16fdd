"""The brood of an island whose breeding goes by habits (see guided.py)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from deap import base

from evometa.genetics.genomes import Genomes
from evometa.genetics.individual import Brood, Individual
from evometa.seeding import Draws
from evometa.spec.arrays import I64
from evometa.spec.habits import WHICH

from .breeding import brood_of, drawn, joined, vary, ways
from .guided import PARENTS, Guided, guided_ways, own_of
from .selection import best_first


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
    """Return children of an island's individuals, as habits say, and newcomers behind them (see breeding.py)."""
    fresh = [toolbox.newcomers(rng, newcomers)] if newcomers else []
    if not children:
        return joined(fresh)
    return joined([guided_brood(toolbox, individuals, children, rng, generation), *fresh])


def guided_brood(
    toolbox: base.Toolbox, individuals: Sequence[Individual], children: int, rng: Draws, generation: int
) -> Brood:
    """Return so many children of an island's individuals, each varied once, as habits say."""
    guided: Guided = toolbox.guided(individuals)
    ranked = best_first(individuals)
    places = {one.id: place for place, one in enumerate(ranked)}
    rows = {name: values[0] for name, values in guided.living(ranked, generation).items()}
    genomes = Genomes.of([one.genome for one in ranked]).replace()
    variations = ways(toolbox.variations)
    names, asked = [one.name for one in variations], np.array([one.parents for one in variations])
    shares = np.array([one.share for one in variations])
    own = guided.habits is None

    def picked(count: int) -> I64:
        if guided.fixed(PARENTS):
            chosen = toolbox.select(individuals, count, rng=rng)
        else:
            chosen = guided.pick(ranked, {name: values[None] for name, values in rows.items()}, count, rng)
        return np.array([places[one.id] for one in chosen], np.int64)

    if not own and guided.fixed(*WHICH):  # the same draws as without habits
        chosen = drawn(np.broadcast_to(shares, (children, len(shares))), rng.arrays)
        counts = asked[chosen]
        everyone = picked(int(counts.sum()))
        last = np.cumsum(counts) - 1
        first, second = everyone[last + 1 - counts], everyone[last]
        pool, parents, of = genomes, (first, second), [guided.habits or {}]
        signals = rows
    else:
        first = picked(children)
        second = picked(children)
        parents = np.arange(children), children + np.arange(children)
        mine = genomes.take(first)
        mine = toolbox.own_habits.mutated(mine, rng) if own else mine
        pool = Genomes.join([mine, genomes.take(second)])
        signals = {name: values[np.concatenate([first, second])] for name, values in rows.items()}
        of = own_of(pool) if own else [guided.habits or {}]
        theirs = {name: values[:children] for name, values in signals.items()}
        weighed = guided.shares(shares, names, theirs, of[:children] if own else of, rng)
        chosen = drawn(weighed, rng.arrays)
    if not guided.fixed("where", "step") or own:
        variations = guided_ways(variations, guided.guide(signals, of))
    crossed = np.where(asked[chosen] == 2, second, first)
    made = vary(variations, pool, parents[0], parents[1].copy(), chosen, rng)
    return brood_of(toolbox, variations, made, genomes, chosen, [one.id for one in ranked], (first, crossed), rng)
