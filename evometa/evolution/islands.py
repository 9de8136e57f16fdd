"""Who lives on, and on which island."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from random import Random

from deap import tools

from evometa.genetics.individual import Individual

Individuals = list[Individual]


def survivors(
    survive: Callable[[Sequence[Individual], int], Individuals],
    individuals: Individuals,
    count: int,
    dropouts: Set[int] = frozenset(),
) -> Individuals:
    """Pick who lives on by `survive(individuals, count)`; `dropouts`, by id, where there are not enough others."""
    equals = [one for one in individuals if one.id not in dropouts]
    found = survive(equals, count)
    if len(found) < count and len(equals) < len(individuals):
        found = [*found, *survive([one for one in individuals if one.id in dropouts], count - len(found))]
    return found


def migrate(islands: list[Individuals], movers: int) -> None:
    """Copy the best of each island to the next, where they take the place of the worst."""
    tools.migRing(islands, movers, tools.selBest, tools.selWorst)


def restart(islands: Sequence[Individuals], rng: Random) -> list[Individuals]:
    """Let the worse half of the islands begin again, each with the best of one of the others, drawn.

    So islands come apart, and none is stuck (Romera-Paredes et al. 2024, Nature 625, FunSearch).
    """
    best = [max(island, key=lambda one: (one.fitness.wvalues, -one.size, -one.id)) for island in islands]
    order = sorted(range(len(islands)), key=lambda place: best[place].fitness.wvalues, reverse=True)
    better = order[: (len(islands) + 1) // 2]
    return [island if place in better else [best[rng.choice(better)]] for place, island in enumerate(islands)]
