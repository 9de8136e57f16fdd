"""Who lives on, and on which island."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

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
