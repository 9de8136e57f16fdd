"""Habits of a search: what drives the choice of parents, variations, nodes, steps and survivors.

They are formulas (evometa.spec.habits) over rows of NumPy: individuals × signal, or nodes × signal. A slot whose text
is the fixed one is not evaluated: what it stands for is done as ever, with the same draws, so that fixed habits change
no digest. Axis letters: L searches side by side, N individuals of each, R rows, C nodes of all trees, S slots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.codes import CONSTANT
from evometa.language.habits import F32, F64, LARGEST, Habits, evaluate, evaluate_each, fixed_habits, held
from evometa.spec.arrays import I64
from evometa.spec.habits import WHICH

from .rules import UNWEIGHTED

AGED, SLOW, STALE = 8.0, 16.0, 8.0  # generations at which age, progress and stagnation are a half


@dataclass(frozen=True, eq=False)
class Living:
    """Individuals of L searches, the best first: what habits read of them.

    `fitness f64[L, N]`, more is better; `sizes`, `born i64[L, N]`; `novel bool[L, N]`: whether none better behaves
    alike; `sigma f64[L, N]`; `generation`: how many are done; `most`: nodes that a tree may have.
    """

    fitness: F64
    sizes: I64
    born: I64
    novel: NDArray[np.bool_]
    sigma: F64
    generation: int
    most: int

    def rows(self) -> dict[str, F32]:
        """Return the signals of individuals and searches, f32[L, N] each."""
        shape, count = self.fitness.shape, self.fitness.shape[1]
        age = np.maximum(self.generation - self.born, 0).astype(np.float64)
        median, best = np.median(self.fitness, axis=1, keepdims=True), self.fitness[:, :1]
        spread = np.where(best > median, best - median, 1.0)
        stale = age[:, :1]
        found = {
            "rank": (count - 0.5 - np.arange(count)) / count,
            "size": self.sizes / self.most,
            "age": age / (age + AGED),
            "novelty": self.novel,
            "gain": np.clip((self.fitness - median) / spread, -1.0, 1.0),
            "sigma": self.sigma,
            "progress": self.generation / (self.generation + SLOW),
            "stagnation": stale / (stale + STALE),
        }
        return {name: np.broadcast_to(values, shape).astype(np.float32) for name, values in found.items()}


def plain(habits: Habits, slot: str, size: int) -> bool:
    """Tell whether a habit is the fixed one; `size`: of tournaments."""
    return slot not in habits or habits[slot] == fixed_habits(size)[slot]


def by_weight(given: F64, fallback: F64, numbers: F64) -> I64:
    """Return the places that numbers in [0, 1), f64[L, k], stand for, i64[L, k], by the weights f64[L, N] of each row.

    Where all weights of a row are 0, those of `fallback` stand in for them.
    """
    used = np.where(given.sum(axis=1, keepdims=True) > 0.0, given, fallback)
    sums = np.cumsum(used / used.max(axis=1, keepdims=True), axis=1)
    reach = np.minimum(numbers * sums[:, -1:], np.nextafter(sums[:, -1:], 0.0))
    return (sums[:, None, :] <= reach[:, :, None]).sum(axis=2)


def parents(habits: Sequence[Habits], who: I64, size: int, rows: Mapping[str, F32], numbers: F64, gauss: Any) -> I64:
    """Return the places of parents, i64[L, k], that the habit `pick` gives to numbers in [0, 1), f64[L, k].

    `who i64[L]`: by which of the habits each search goes.
    """
    shape, fixed = rows["rank"].shape, fixed_habits(size)["pick"]
    flat, which = _flat(rows, gauss), np.repeat(who, shape[1])
    given = held(evaluate_each(habits, which, "pick", fixed, flat)).reshape(shape)
    return by_weight(given, held(evaluate(fixed, flat, len(which))).reshape(shape), numbers)


def operators(habits: Sequence[Habits], which: I64, shares: F64, rows: Mapping[str, F32], gauss: Any) -> F64:
    """Return the shares f64[R, O] of variations of trees after habits have weighed them, and of others.

    `which i64[R]`: by which of the habits each row goes; `shares f64[O]`: those of OPERATORS first, as the recipe has
    them. Where all are 0, they are as they were.
    """
    flat, given = _flat(rows, gauss), np.tile(shares, (len(which), 1))
    for place, slot in enumerate(WHICH):
        if shares[place] > 0.0:
            given[:, place] *= held(evaluate_each(habits, which, slot, fixed_habits(2)[slot], flat))
    return np.where(given.sum(axis=1, keepdims=True) > 0.0, given, shares)


def survivors(habits: Sequence[Habits], who: I64, rows: Mapping[str, F32], k: int) -> I64:
    """Return the places of the k individuals of each search to whom the habit `keep` gives most, i64[L, k], in order.

    Of equals those that are better are first; what is not a number is less than any. Where it gives the same to all, it
    says nothing, and the fixed habit does. `who`: as of `parents`.
    """
    shape, fixed = rows["rank"].shape, fixed_habits(2)["keep"]
    flat, which = _flat(rows, np.zeros), np.repeat(who, shape[1])
    both = (evaluate_each(habits, which, "keep", fixed, flat), evaluate(fixed, flat, len(which)))
    mine, usual = (np.nan_to_num(each.astype(np.float64), nan=-np.inf).reshape(shape) for each in both)
    says = (mine != mine[:, :1]).any(axis=1, keepdims=True)
    return np.sort(np.argsort(-np.where(says, mine, usual), axis=1, kind="stable")[:, :k], axis=1)


def _flat(rows: Mapping[str, F32], gauss: Any) -> dict[str, Any]:
    """Return rows as habits take them; `gauss(count)`: what draws the signal of that name."""
    flat = {name: values.reshape(-1) for name, values in rows.items()}
    return _Drawn(flat, gauss, len(flat["rank"]))


class _Drawn(dict[str, Any]):
    """Rows whose Gaussian numbers are drawn when they are asked for, which few habits do."""

    def __init__(self, rows: Mapping[str, Any], gauss: Callable[[int], Any], count: int) -> None:
        super().__init__(rows)
        self.gauss, self.count = gauss, count

    def __missing__(self, name: str) -> Any:
        if name != "gauss":
            raise KeyError(name)
        self[name] = np.asarray(self.gauss(self.count), np.float32)
        return self[name]


@dataclass(frozen=True, eq=False)
class Guidance:
    """What habits say of the nodes of trees that are about to be varied.

    `of`: habits, `which i64[G]`: by which of them each owner of a tree goes; `rows`: signals of owners, f32[G] each;
    `most`: nodes, and `deepest`: levels that a tree may have; `unit`: the largest new number; `gauss(owner)` draws,
    f32[C], for nodes of owners i64[C].
    """

    of: Sequence[Habits]
    which: I64
    rows: Mapping[str, F32]
    most: int
    deepest: int
    unit: float
    gauss: Callable[[I64], Any]

    def nodes(self, codes: I64, begins: I64, sigma: F64, noise: F64) -> tuple[F64, F64]:
        """Return the weight of each node, and what shifts it, f64[C] each; none where habits are the fixed ones.

        `begins i64[S, G + 1]`: where trees begin, one behind the other, slot after slot; `sigma f64[G]`: of the owners;
        `noise f64[G]`: what shifts their numbers where the step is the fixed one.
        """
        usual = {slot: np.array([plain(one, slot, 2) for one in self.of]) for slot in ("where", "step")}
        if usual["where"].all() and usual["step"].all():
            return UNWEIGHTED, UNWEIGHTED
        columns, owner = self._columns(codes, begins)
        columns["sigma"] = sigma[owner].astype(np.float32)
        which, fixed, weights, shifts = self.which[owner], fixed_habits(2), UNWEIGHTED, UNWEIGHTED
        if not usual["where"].all():
            weights = held(evaluate_each(self.of, which, "where", fixed["where"], columns))
        if not usual["step"].all():
            step = evaluate_each(self.of, which, "step", fixed["step"], columns).astype(np.float64)
            moved = np.nan_to_num(step, nan=0.0, posinf=LARGEST, neginf=-LARGEST)
            shifts = np.where(usual["step"][which], noise[owner], moved)
        return weights, shifts

    def _columns(self, codes: I64, begins: I64) -> tuple[dict[str, Any], I64]:
        from .nodes import depths_and_sizes  # compiled

        count = begins.shape[1] - 1
        starts, stops = begins[:, :-1].reshape(-1), begins[:, 1:].reshape(-1)
        owner = np.repeat(np.tile(np.arange(count), len(begins)), stops - starts)
        depth, size, place = depths_and_sizes(codes, starts, stops)
        numbered = codes >= CONSTANT
        bits = np.where(numbered, codes - CONSTANT, 0).astype(np.uint32)
        columns = {name: values[owner] for name, values in self.rows.items()}
        columns |= {
            "depth": (depth / self.deepest).astype(np.float32), "size": (size / self.most).astype(np.float32),
            "place": place.astype(np.float32), "value": bits.view(np.float32) / np.float32(self.unit or 1.0),
        }  # fmt: skip
        return _Drawn(columns, lambda count: self.gauss(owner), len(codes)), owner
