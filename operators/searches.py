"""Many small searches side by side, each driven by the same habits: what a set of habits does in its lifetime.

A search evolves trees as evometa evolves rules: the same variations, compiled; of those that behave alike one survives;
of those as good the smaller. What lane l draws depends on its seed alone, so that no lane depends on others beside it.
Axis letters: L lanes (one lane = one search), N individuals of each, n = L·N of all, S slots of their trees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from evometa.genetics.counted import keys_of, keys_within, uniform
from evometa.language.codes import Trees, offsets, pieces
from evometa.language.generated_numpy import exp_f
from evometa.language.habits import F32, F64, Habits
from evometa.spec.arrays import I64

from .gauss import U64, Gauss
from .habits import Guidance, operators, parents, survivors
from .populations import Judge, Population, Space, judged

(FIRST, FRESH, PICK, PICKING, WHICH, WEIGHING, VARY, AGAIN, NOISE, STEP, PARENT) = range(11)  # purposes of draws


class Found(NamedTuple):
    """What came of L searches: `curve f64[T, L]`, the worth of the best after each generation; the best `trees`, L."""

    curve: F64
    trees: Sequence[Trees]


class Sharing(NamedTuple):
    """Sets of habits, and by which of them each lane goes, i64[L]."""

    habits: Sequence[Habits]
    who: I64


def search(space: Space, by: Sharing, seeds: U64, judge: Judge) -> Found:
    """Search in L lanes, u64[L] seeds, each by its habits."""
    lanes, count = len(seeds), space.population
    trees = fresh(space, keys_of(seeds, 0, FIRST), count)
    people = judged(trees, np.full((lanes, count), space.steps.sigma), judge, 0, 0).ordered()
    curve = [people.verdict.worth[:, 0]]
    for generation in range(1, space.generations):
        rows = people.living(space, generation).rows()
        gauss = Gauss(seeds, generation, PARENT)
        bred = breed(space, by, people, rows, seeds, generation, gauss)
        young = judged(*bred, judge, generation, count * generation)
        both = people.beside(young).ordered()
        people = both.take(survivors(*by, both.living(space, generation).rows(), count))
        curve.append(people.verdict.worth[:, 0])
    best = np.arange(lanes) * count
    return Found(np.stack(curve), [each.take(best) for each in people.trees])


def fresh(space: Space, keys: U64, count: int) -> list[Trees]:
    """Return so many new trees of each slot for each lane."""
    from .growth import ramped

    limits, deepest = space.limits, min(space.deepest, space.limits.depth)
    return [
        Trees(*ramped(space.words, slot, len(keys) * count, 1, deepest, limits, keys_of(keys, slot)))
        for slot in range(space.slots)
    ]


def breed(
    space: Space,
    by: Sharing,
    people: Population,
    rows: Mapping[str, F32],
    seeds: U64,
    generation: int,
    gauss: Gauss,
) -> tuple[list[Trees], F64]:
    """Return the children of all lanes, their newcomers behind them, and the steps of all, f64[L, N]."""
    lanes, count = people.ids.shape
    children = count - space.newcomers
    numbers = uniform(keys_of(seeds, generation, PICK), 2 * children)
    picked = parents(*by, space.tournament, rows, numbers, gauss.of(PICKING, count)) + count * np.arange(lanes)[:, None]
    pair = np.concatenate([picked[:, :children].reshape(-1), picked[:, children:].reshape(-1)])  # first, then second
    mine = {name: values.reshape(-1)[pair] for name, values in rows.items()}
    n = lanes * children
    which, first = np.repeat(by.who, children), {name: values[:n] for name, values in mine.items()}
    weighed = operators(by.habits, which, space.shares, first, gauss.of(WEIGHING, children))
    chosen = _drawn(weighed, uniform(keys_of(seeds, generation, WHICH), children).reshape(-1))
    pool = [each.take(pair) for each in people.trees]
    bred, steps = vary(space, by, pool, mine, weighed, chosen, seeds, generation, gauss)
    sigma = np.full((lanes, count), space.steps.sigma)
    sigma[:, :children] = steps.reshape(lanes, children)
    if not space.newcomers:
        return bred, sigma
    new = fresh(space, keys_of(seeds, generation, FRESH), space.newcomers)
    at = np.arange(lanes)[:, None]
    order = np.concatenate(
        [children * at + np.arange(children), n + space.newcomers * at + np.arange(space.newcomers)], axis=1
    ).reshape(-1)
    return [Trees.join(two).take(order) for two in zip(bred, new, strict=True)], sigma


def vary(
    space: Space, by: Sharing, pool: Sequence[Trees], rows: Mapping[str, F32], shares: F64, chosen: I64, seeds: U64,
    generation: int, gauss: Gauss,
) -> tuple[list[Trees], F64]:  # fmt: skip
    """Return a child of each first parent, and its step; `pool`: n first parents, and the second ones behind them.

    A variation that finds nothing to change gives way to another of one parent, until all have been tried.
    """
    from . import trees as compiled

    n = len(chosen)
    codes = np.concatenate([each.codes for each in pool])
    starts = offsets([len(each.codes) for each in pool])
    begins = np.stack([each.begins + start for each, start in zip(pool, starts, strict=False)])
    which = np.tile(np.repeat(by.who, n // len(seeds)), 2)
    guidance = Guidance(
        by.habits, which, rows, space.limits.nodes, space.limits.depth, space.unit, gauss.nodes(n // len(seeds))
    )
    sigma = rows["sigma"].astype(np.float64)
    own, moved = space.steps, exp_f((space.steps.tau * gauss.lanes(STEP, n // len(seeds))).astype(np.float32))
    steps = np.clip(sigma[:n] * moved.reshape(-1), own.low, own.high)
    noise, numbered = steps * gauss.lanes(NOISE, n // len(seeds)).reshape(-1), np.zeros(n, bool)
    both = np.concatenate([steps, sigma[n:]]), np.concatenate([noise, noise])
    weights, shifts = guidance.nodes(codes, begins, *both)
    keys = keys_within(keys_of(seeds, generation, VARY), n // len(seeds)).reshape(-1)
    untried = shares.copy()
    untried[:, 0] = 0.0
    at, kinds, found = np.arange(n), chosen, np.stack([begins[:, :n], begins[:, 1 : n + 1]])  # where children lie
    everything, attempt = codes, 0
    while len(at):
        untried[at, kinds] = 0.0
        slots, new, places = compiled.vary(
            codes, begins, at, n + at, kinds, noise[at], space.unit, 0, 2, space.words, space.limits, keys[at], weights,
            shifts,
        )  # fmt: skip
        done = np.diff(places) > 0
        found[0][slots[done], at[done]] = len(everything) + places[:-1][done]
        found[1][slots[done], at[done]] = len(everything) + places[1:][done]
        numbered[at[done & (kinds == compiled.NUMBER)]] = True
        everything = np.concatenate([everything, new])
        at = at[~done]
        at = at[untried[at].any(axis=1)]
        attempt += 1
        again = uniform(keys_of(seeds, generation, AGAIN, attempt), n // len(seeds)).reshape(-1)
        kinds = _drawn(untried[at], again[at])
        keys = keys_of(keys, attempt)
    bred = [pieces(everything, found[0][slot], found[1][slot]) for slot in range(space.slots)]
    return bred, np.where(numbered, steps, sigma[:n])


def _drawn(shares: F64, numbers: F64) -> I64:
    """Return the place of each row that its number in [0, 1) stands for, by its shares."""
    sums = np.cumsum(shares, axis=1)
    reach = np.minimum(numbers * sums[:, -1], np.nextafter(sums[:, -1], 0.0))
    found: I64 = (sums <= reach[:, None]).sum(axis=1)
    return found
