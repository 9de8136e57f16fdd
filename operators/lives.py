"""The lives of habits: searches for rules, or, deeper, searches for habits whose lives are such searches.

One function, `life`, calls itself: at depth 2 a set of habits is judged by searches for hidden rules, or by runs of
recipes in small form; at depth d by searches for other habits, by it, each of which is judged at depth d − 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from evometa.genetics.counted import keys_of
from evometa.genetics.genome import Genome
from evometa.language.codes import Trees
from evometa.language.habits import F64, Habits
from evometa.language.signals import HABIT_SLOTS
from evometa.lifetime.searches import Ground, Recipes, Searches, SearchPlan, reach, recovery
from evometa.seeding import Draws
from evometa.spec.arrays import I64
from evometa.spec.habits import HABITS

from .populations import Judge, Space, Steps, Verdict
from .searches import Found, Sharing, search
from .toolbox import make_toolbox
from .vocabulary import Limits, Vocabulary, words_of

CHANCES = 4  # attempts of a child, as in the populations of recipes
LAST = 1  # purpose of seeds
TOGETHER = 192  # lanes that are searched side by side: of more, arrays leave the processor's caches
HABIT_PRIMITIVES = (
    "add",
    "sub",
    "mul",
    "aq",
    "neg",
    "abs",
    "sign",
    "square",
    "tanh",
    "min",
    "max",
    "exp",
    "step",
    "select",
)
SHARES = (0.3, 0.2, 0.15, 0.1, 0.1, 0.15)
NODES, DEPTH, LARGEST = 12, 5, 4.0  # of habits that are searched for within a life


@dataclass(frozen=True)
class Searcher:
    """What lives batches of searches (contract: evometa.lifetime.searches.Search); `draw(rng, n)`: random genomes.

    `elsewhere(live, habits, searches, plan, progress)`: what has them lived on other machines, by the function `live`;
    `ready(searches, search)`: what gives searches on recipes what they need to be lived.
    """

    draw: Callable[[Draws, int], Sequence[Genome]]
    elsewhere: Callable[..., F64] | None = None
    ready: Callable[[Searches, Any], Searches] = lambda searches, search: searches

    def __call__(
        self, habits: Sequence[Habits], searches: Searches, plan: SearchPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> F64:  # fmt: skip
        """Live a batch of searches, by NumPy and one thread, whatever is asked."""
        searches = self.ready(searches, self)
        if self.elsewhere is not None:
            return self.elsewhere(live, habits, searches, plan, progress)
        return live(habits, searches, plan, progress)

    def fresh(self, rng: Draws, count: int) -> Sequence[Genome]:
        """Return random habits."""
        return self.draw(rng, count)


def live(
    habits: Sequence[Habits],
    searches: Searches,
    plan: SearchPlan,
    progress: Callable[[int, int], None] | None = None,
) -> F64:
    """Return what came of each set of habits in all lanes, f64[G, T, L] after each generation."""
    lanes = searches.lanes
    who, lane = np.repeat(np.arange(len(habits)), lanes), np.tile(np.arange(lanes), len(habits))
    found = lived(habits, who, searches.take(lane), plan, progress)
    return np.ascontiguousarray(found.reshape(-1, len(habits), lanes).swapaxes(0, 1))


def lived(
    habits: Sequence[Habits], who: I64, searches: Searches, plan: SearchPlan,
    progress: Callable[[int, int], None] | None = None,
) -> F64:  # fmt: skip
    """Return what came of lanes, each by the habits that `who i64[L]` says, f64[T, L]: some at a time."""
    parts, lanes = [], len(who)
    together = 1 if isinstance(searches.ground, Recipes) else TOGETHER
    for first in range(0, lanes, together):
        if progress is not None:
            progress(len(habits) * first // lanes, len(habits))
        rows = np.arange(first, min(first + together, lanes))
        some, which = np.unique(who[rows], return_inverse=True)
        parts.append(life(Sharing([habits[one] for one in some], which), searches.take(rows), plan).curve)
    return np.concatenate(parts, axis=1)


def life(by: Sharing, searches: Searches, plan: SearchPlan) -> Found:
    """Return what came of lives by habits: how much each lane has recovered after each generation."""
    ground, seeds = searches.ground, searches.lane_seeds
    if plan.depth == 2 and isinstance(ground, Recipes):
        return Found(runs(by, searches, ground), [])
    if plan.depth == 2:
        assert isinstance(ground, Ground)
        found = search(space_of_rules(ground), by, seeds, _judge_of_rules(searches))
        return Found(recovery(found.curve).astype(np.float64), found.trees)
    within = replace(plan, depth=plan.depth - 1)
    space = space_of_habits(ground.tournament, plan.population, plan.generations)
    found = search(space, by, seeds, _judge_of_habits(searches, within, plan.tasks))
    final = _last(found.trees, searches, within, plan.tasks)
    return Found(np.concatenate([found.curve[:-1], final[None]]), found.trees)


def runs(by: Sharing, searches: Searches, ground: Recipes) -> F64:
    """Return what came of runs of recipes by habits, f64[T, L] after each generation."""
    assert ground.live is not None
    lanes = zip(searches.rules.tolist(), by.who.tolist(), searches.seeds.tolist(), strict=True)
    each = [ground.live(make_toolbox, ground.forms[form], by.habits[who], seed) for form, who, seed in lanes]
    found = np.stack(each, axis=1)
    if ground.scales is None:
        return found
    end, unit = ground.scales[searches.rules].T
    return reach(found, end, unit)


def space_of_rules(ground: Ground) -> Space:
    """Return the space of rules of a ground."""
    return Space(
        words_of([Vocabulary(ground.signals, ground.primitives, ground.constants)]), 1,
        Limits(ground.max_nodes, ground.max_depth, CHANCES), max(map(abs, ground.constants)),
        np.array(ground.shares), Steps(*ground.steps), ground.tournament, ground.population, ground.generations,
        ground.newcomers,
    )  # fmt: skip


@lru_cache(maxsize=8)
def space_of_habits(tournament: int, population: int, generations: int) -> Space:
    """Return the space of habits, as a search within a life has it."""
    words = words_of([Vocabulary(HABIT_SLOTS[slot].signals, HABIT_PRIMITIVES, (0.0, LARGEST)) for slot in HABITS])
    return Space(
        words, len(HABITS), Limits(NODES, DEPTH, CHANCES), LARGEST, np.array(SHARES), Steps(0.2, 0.2, 1e-4, 1.0),
        min(tournament, population), population, generations, 0, deepest=2,
    )  # fmt: skip


def _judge_of_rules(searches: Searches) -> Judge:
    def judge(trees: Sequence[Trees], lanes: int) -> Verdict:
        fitness, worth, keys = searches.judged(trees[0])
        shape = lanes, -1
        return Verdict(fitness.reshape(shape), keys.reshape(shape), worth.reshape(shape))

    return judge


def _judge_of_habits(searches: Searches, within: SearchPlan, tasks: int) -> Judge:
    """Return what judges habits by lives one level down, all of a lane on its own tasks, with the same seeds."""
    parts = searches.parts(tasks)

    def judge(trees: Sequence[Trees], lanes: int) -> Verdict:
        each = len(trees[0]) // lanes
        own = [habits_at(trees, row) for row in range(lanes * each)]
        keys = np.array([hash_of(one) for one in own], np.int64).reshape(lanes, each)
        worth = _worth(own, np.repeat(np.arange(lanes), each), parts, within, tasks).reshape(lanes, each)
        return Verdict(worth, keys, worth)

    return judge


def _worth(habits: Sequence[Habits], lanes: I64, parts: Searches, within: SearchPlan, tasks: int) -> F64:
    """Return what each set of habits comes to on the tasks of a lane, in the mean, f64[n]."""
    mine = (tasks * lanes[:, None] + np.arange(tasks)).reshape(-1)
    found = lived(habits, np.repeat(np.arange(len(habits)), tasks), parts.take(mine), within)
    return np.asarray(found[-1].reshape(-1, tasks).mean(axis=1), np.float64)


def _last(trees: Sequence[Trees], searches: Searches, within: SearchPlan, tasks: int) -> F64:
    """Return what the best habits of each lane are worth on its tasks with other seeds, f64[L]."""
    parts = searches.parts(tasks)
    fresh = replace(parts, seeds=keys_of(parts.seeds, LAST))
    best = [habits_at(trees, lane) for lane in range(searches.lanes)]
    return _worth(best, np.arange(searches.lanes), fresh, within, tasks)


def habits_at(trees: Sequence[Trees], row: int) -> Habits:
    """Return the habits of a row."""
    return {slot: each[row] for slot, each in zip(HABITS, trees, strict=True)}


def hash_of(habits: Mapping[str, Any]) -> int:
    """Return a number that is equal for equal texts."""
    from hashlib import blake2b

    text = ";".join(f"{slot}={tree}" for slot, tree in habits.items())
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
