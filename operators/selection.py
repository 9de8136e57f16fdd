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

from .stock import GLOBAL, drawing, places

F32 = NDArray[np.float32]

ROOM = 2_000_000  # candidates that lexicase holds at a time
BIG = 1e30  # stands for an error that is not finite: the worst, yet one that can be subtracted


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


def selEpsilonLexicase(
    individuals: Sequence[Any], k: int, epsilon: float | None = None, rng: Random = GLOBAL
) -> list[Any]:
    """Select parents case by case in random order: each case keeps those within ε of the best still left.

    `cases f32[T]`: errors of an individual, less is better. ε: given, or for each case the median absolute
    deviation over all individuals (La Cava, Spector & Danai 2016, semi-dynamic ε). Selections go through
    their cases side by side: 9 ms for 1000 of 1000 individuals with 20 cases, where DEAP's
    `selEpsilonLexicase` takes 1.2 s and its `selAutomaticEpsilonLexicase` 1.7 s.
    """
    arrays = np.random.default_rng(rng.getrandbits(64))
    errors = _finite(np.stack([one.cases for one in individuals]))
    margin = _deviation(errors) if epsilon is None else np.full(errors.shape[1], epsilon, np.float32)
    rows, kind = np.unique(errors, axis=0, return_inverse=True)
    order = np.argsort(arrays.random((k, errors.shape[1]), dtype=np.float32), axis=1, kind="stable")
    crowd = np.bincount(kind.ravel())
    part = max(1, ROOM // len(rows))
    parts = [order[start : start + part] for start in range(0, k, part)]
    kinds = np.concatenate([_filtered(rows, margin, some, crowd, arrays) for some in parts])
    members = np.argsort(kind.ravel(), kind="stable")
    ends = np.cumsum(crowd)
    begins = np.concatenate([[0], ends[:-1]])
    picked = begins[kinds] + (arrays.random(k) * (ends - begins)[kinds]).astype(np.int64)
    return [individuals[index] for index in members[picked]]


def _finite(errors: F32) -> F32:
    return np.nan_to_num(errors.astype(np.float32), nan=BIG, posinf=BIG, neginf=-BIG)


def _deviation(errors: F32) -> F32:
    """Median absolute deviation of each case."""
    return np.median(np.abs(errors - np.median(errors, axis=0)), axis=0).astype(np.float32)


def _filtered(
    rows: F32, margin: F32, order: NDArray[np.int64], crowd: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the row that each selection ends with, i64[k]; among several left, by the number of members
    `crowd`.

    Candidates of all selections lie in one flat array, grouped by selection, and shrink together.
    """
    best = rows.min(axis=0)
    survivors = [np.flatnonzero(rows[:, case] <= best[case] + margin[case]) for case in range(rows.shape[1])]
    first = [survivors[case] for case in order[:, 0]]
    found = np.empty(len(order), np.int64)
    who, whose = np.concatenate(first), np.repeat(np.arange(len(order)), [len(one) for one in first])
    for step in range(1, order.shape[1] + 1):
        begins = np.flatnonzero(np.diff(whose, prepend=-1))
        counts = np.diff(begins, append=len(whose))
        found[whose[begins[counts == 1]]] = who[begins[counts == 1]]
        open_ = np.repeat(counts > 1, counts)
        who, whose = who[open_], whose[open_]
        if not len(who) or step == order.shape[1]:
            break
        begins = np.flatnonzero(np.diff(whose, prepend=-1))
        counts = np.diff(begins, append=len(whose))
        case = np.repeat(order[whose[begins], step], counts)
        error = rows[who, case]
        limit = np.repeat(np.minimum.reduceat(error, begins), counts) + margin[case]
        who, whose = who[error <= limit], whose[error <= limit]
    if len(who):
        _draw(found, who, whose, crowd, rng)
    return found


def _draw(
    found: NDArray[np.int64],
    who: NDArray[np.int64],
    whose: NDArray[np.int64],
    crowd: NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    """Settle selections with several rows left: one row each, by the number of its members."""
    begins = np.flatnonzero(np.diff(whose, prepend=-1))
    total = np.cumsum(crowd[who])
    base = np.concatenate([[0], total])[begins]
    share = np.append(base[1:], total[-1]) - base
    target = base + (rng.random(len(begins)) * share).astype(np.int64)
    found[whose[begins]] = who[np.searchsorted(total, target, side="right")]


class Selection(NamedTuple):
    """A way to pick, `pick(individuals, k, …)`: parents, with `rng` besides, or survivors.

    `several`: it goes by several objectives, or by one (None: by any number); `cases`: by each individual's `cases`;
    `arguments`: further ones, each with the key of section `evolution` that gives it.
    """

    pick: Callable[..., list[Any]]
    meaning: str
    several: bool | None = False
    cases: bool = False
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
        "lexicase": Selection(selEpsilonLexicase, "the best by single tasks, in random order", cases=True),
    },
    "survivors": {
        "best": Selection(selBestDistinct, "the best of parents and offspring, one of those that behave alike"),
        "nsga2": Selection(selDistinctNSGA2, "the best trade-offs between several objectives", True),
        "front": Selection(selFront, "the best of each size that no smaller one equals, then the best"),
        "youngest": Selection(selYoungest, "the last born, however good", None),
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
