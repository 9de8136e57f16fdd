"""Selection that DEAP lacks, or has in a form too slow for batches of thousands; no individual is copied.

Individuals are anything with a `fitness`; some operators also read `cases`, `signature`, `size`, `born` or
`id`. `rng`: what they draw from, by default Python's global generator, as DEAP does. Ties are broken by size (smaller
wins), then by age (newer wins).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, chain
from operator import attrgetter
from random import Random
from typing import Any, NamedTuple

import numpy as np
from deap import tools
from numpy.typing import NDArray

from .lexicase import selEpsilonLexicase
from .stock import GLOBAL, drawing, places


def selTournament(
    individuals: Sequence[Any], k: int, tournsize: int, fit_attr: str = "fitness", rng: Random = GLOBAL
) -> list[Any]:
    """Select the best of `tournsize`, the first drawn of equals, k times: DEAP's choice from DEAP's draws, all at once.

    Fitness is compared as a number, its place among all; 0.5 ms for 1000 of 1000, where DEAP's takes 2.6.
    """
    fitness = list(map(attrgetter(fit_attr), individuals))
    place = ranks(list(map(attrgetter("wvalues"), fitness)) if hasattr(fitness[0], "wvalues") else fitness)
    drawn = places(rng, len(individuals), k * tournsize).reshape(k, tournsize)
    best = drawn[np.arange(k), place[drawn].argmax(axis=1)]
    return [individuals[place] for place in best.tolist()]


def ranks(values: Sequence[Any]) -> NDArray[np.int64]:
    """Return each value's place among the different ones, the least first; values are numbers, or tuples of them."""
    rank = np.zeros(len(values), np.int64)
    if len(values):
        table = _table(values) if isinstance(values[0], tuple) else np.array(values, np.float64)[:, None]
        order = np.lexsort(table.T[::-1])
        rank[order[1:]] = np.cumsum((table[order[1:]] != table[order[:-1]]).any(axis=1))
    return rank


def _table(values: Sequence[tuple[float, ...]]) -> NDArray[np.float64]:
    """Return tuples of one length as rows, f64[n, m]: np.array looks at each of them for longer than lexsort sorts."""
    return np.fromiter(chain.from_iterable(values), np.float64, len(values) * len(values[0])).reshape(len(values), -1)


def best_first(individuals: Sequence[Any]) -> list[Any]:
    """Sort by fitness, then smaller, then newer first."""
    if not individuals:
        return []
    worth = _table(list(map(attrgetter("fitness.wvalues"), individuals)))
    sizes, ids = (np.fromiter(map(attrgetter(name), individuals), np.int64, len(worth)) for name in ("size", "id"))
    return [individuals[place] for place in np.lexsort((-ids, sizes, *-worth.T[::-1])).tolist()]


def distinct(individuals: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Part the first of each `signature` (genomes that behave alike share one) from its repeats, in order."""
    keys = [one.id if one.signature is None else one.signature for one in individuals]
    first: dict[Any, int] = {}  # an individual may be there twice, and is its own repeat then
    repeats = [individuals[place] for place, key in enumerate(keys) if first.setdefault(key, place) != place]
    return [individuals[place] for place in first.values()], repeats


def selBestDistinct(individuals: Sequence[Any], k: int) -> list[Any]:
    """Select the best, one of each signature; repeats are taken only when there are not enough others."""
    chosen, repeats = distinct(best_first(individuals))
    return (chosen + repeats)[:k]


def selFront(individuals: Sequence[Any], k: int) -> list[Any]:
    """Select the best of each size, if no smaller one is as good, then the others by fitness; repeats come last."""
    chosen, repeats = distinct(best_first(individuals))
    least = [0, *accumulate((one.size for one in chosen), min)]  # of all that are better
    later = [one.size >= least[place] > 0 for place, one in enumerate(chosen)]
    return ([chosen[place] for place in np.argsort(later, kind="stable")] + repeats)[:k]


def selYoungest(individuals: Sequence[Any], k: int) -> list[Any]:
    """Select the last born: the oldest die, however good (Real et al. 2019, regularised evolution)."""
    return sorted(individuals, key=attrgetter("born", "id"), reverse=True)[:k]


def selDistinctNSGA2(individuals: Sequence[Any], k: int) -> list[Any]:
    """Select by DEAP's NSGA-II, one of each signature; repeats are taken only when there are not enough
    others.

    `nd="log"` (Fortin 2013): 9 ms for 2000 individuals; DEAP's default needs seconds.
    """
    chosen, repeats = distinct(best_first(individuals))
    if len(chosen) > k:
        return tools.selNSGA2(chosen, k, nd="log")
    return (chosen + repeats)[:k]


def selTournamentNSGA2(individuals: Sequence[Any], k: int, tournsize: int, rng: Random = GLOBAL) -> list[Any]:
    """Select by tournaments of front, then crowding distance (DEAP's `selTournamentDCD`: any k, any size).

    Fronts and distances are taken from the given individuals alone, so nothing has to be remembered for it.
    """
    for rank, front in enumerate(tools.sortLogNondominated(list(individuals), len(individuals))):
        tools.emo.assignCrowdingDist(front)
        for one in front:
            one.fitness.standing = (-rank, one.fitness.crowding_dist)
    return selTournament(individuals, k, tournsize, fit_attr="fitness.standing", rng=rng)


def selRoulette(individuals: Sequence[Any], k: int, fit_attr: str = "fitness", rng: Random = GLOBAL) -> list[Any]:
    """Select k times in proportion to fitness (Holland 1975): DEAP's choice from DEAP's draws, all at once.

    Less than 0 counts as 0, and where all have nothing, all have the same chance. 0.5 ms for 2000 of 1000, where DEAP's
    takes 150.
    """
    values = np.array([getattr(one, fit_attr).values[0] for one in individuals], np.float64)
    order = np.argsort(-ranks(values.tolist()), kind="stable")  # as DEAP has them: the best first
    worth = np.maximum(values, 0.0)[order]
    sums = np.cumsum(worth if worth.any() else np.ones(len(worth)))
    drawn = np.array([rng.random() for _ in range(k)]) * sums[-1]
    places = np.minimum(np.searchsorted(sums, drawn, side="right"), len(sums) - 1)
    return [individuals[place] for place in order[places].tolist()]


class Selection(NamedTuple):
    """A way to pick, `pick(individuals, k, …)`: parents, with `rng` besides, or survivors.

    `several`: it goes by several objectives, or by one (None: by any number); `cases`: by each individual's `cases`;
    `rising`: by fitness as a number, of which more is better; `renewing`: whoever is younger goes first; `arguments`:
    further ones, each with the key of section `evolution` that gives it.
    """

    pick: Callable[..., list[Any]]
    meaning: str
    several: bool | None = False
    cases: bool = False
    rising: bool = False
    renewing: bool = False
    arguments: Mapping[str, str] = {}


class Scheme(NamedTuple):
    """A way to pick parents and one to pick survivors, together by one name."""

    parents: str
    survivors: str
    meaning: str


SELECTIONS: dict[str, dict[str, Selection]] = {
    "parents": {
        "tournament": Selection(
            selTournament, "the best of a few, drawn for each parent", arguments={"tournsize": "tournament"}
        ),
        "crowded_tournament": Selection(
            selTournamentNSGA2,
            "the same by front, then by distance to others",
            True,
            arguments={"tournsize": "tournament"},
        ),
        "uniform": Selection(drawing(tools.selRandom), "any, with the same chance", None),
        "roulette": Selection(selRoulette, "in proportion to fitness, of which more is better", rising=True),
        "lexicase": Selection(selEpsilonLexicase, "the best by single tasks, in random order", cases=True),
    },
    "survivors": {
        "best": Selection(selBestDistinct, "the best of parents and offspring, one of those that behave alike"),
        "nsga2": Selection(selDistinctNSGA2, "the best trade-offs between several objectives", True),
        "front": Selection(selFront, "the best of each size that no smaller one equals, then the best"),
        "youngest": Selection(selYoungest, "the last born, however good", None, renewing=True),
    },
}
SCHEMES = {
    "plus": Scheme("tournament", "best", "the best of parents and offspring"),
    "nsga2": Scheme("crowded_tournament", "nsga2", "several objectives"),
    "lexicase": Scheme("lexicase", "best", "parents picked by single tasks"),
    "front": Scheme("tournament", "front", "the best of each size live on, however small"),
    "ageing": Scheme("tournament", "youngest", "the oldest die"),
    "neat": Scheme("uniform", "youngest", "the best of each species breed, and are all replaced"),
}
