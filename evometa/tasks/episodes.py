"""Few-shot episodes: classes, examples and labels, drawn for all lanes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.lifetime import F32, Tasks

I64 = NDArray[np.int64]

MANY = 64  # beyond this many picks, one shuffle for each set is cheaper than tracing all pairs of picks


@dataclass(frozen=True)
class Pool:
    """What one split draws from: C classes (or groups) of `rows i64` into a common array of examples.

    Class c owns `rows[start[c] : start[c] + size[c]]`; `names[c]` is what people call it.
    """

    names: tuple[str, ...]
    rows: I64
    start: I64
    size: I64

    @classmethod
    def of(cls, members: dict[str, I64]) -> Pool:
        """Make a pool of the rows of each named class."""
        size = np.array([len(rows) for rows in members.values()], dtype=np.int64)
        rows = np.concatenate([*members.values(), np.empty(0, np.int64)])
        return cls(tuple(members), rows, np.cumsum(size) - size, size)

    def check(
        self,
        ways: int,
        each: int,
        what: tuple[str, str],
        where: str,
        fewer: str = "Add {0}, or lower tasks.ways.",
        smaller: str = "Lower tasks.shots or tasks.queries, or leave that one out.",
        counted: str = "shots + queries",
    ) -> None:
        """Refuse fewer than `ways` classes, or a class with fewer than `each` examples, with InputError.

        `what`: the words for a class and for its examples, in the plural; `fewer`, `smaller`: what to do about it;
        `counted`: the keys that `each` comes of.
        """
        if len(self.names) < ways:
            raise InputError(f"at least {ways} {what[0]}", str(len(self.names)), where, fewer.format(what[0]))
        small = int(np.argmin(self.size))
        if self.size[small] < each:
            raise InputError(
                f"at least {each} {what[1]} each ({counted})",
                f"{self.size[small]} in {self.names[small]}",
                where,
                smaller,
            )

    def choose(self, ways: int, count: int, rng: np.random.Generator) -> I64:
        """Draw `ways` different classes in random order, i64[ways, count]: the first step of `draw`."""
        return distinct(rng, np.full(count, len(self.size)), ways)

    def draw(self, ways: int, each: int, count: int, rng: np.random.Generator) -> I64:
        """Draw `ways` different classes in random order and `each` rows of them, i64[each, ways, count]."""
        return self.rows_of(self.choose(ways, count, rng), each, rng)

    def rows_of(self, classes: I64, each: int, rng: np.random.Generator) -> I64:
        """Draw `each` different rows of classes i64[ways, count], i64[each, ways, count]."""
        return self.rows[self.start[classes] + distinct(rng, self.size[classes], each)]


def distinct(rng: np.random.Generator, sizes: I64, picks: int) -> I64:
    """Draw `picks` different numbers below each of `sizes`, in random order: i64[picks, *sizes.shape].

    The first steps of a Fisher-Yates shuffle for all sets at once, without writing the sets down: what stands
    at a position is found by following the earlier swaps back. `picks` must not exceed any of the sizes.
    """
    if picks > MANY:
        shuffled = [rng.permutation(size)[:picks] for size in sizes.ravel()]
        return np.stack(shuffled, axis=1).reshape(picks, *sizes.shape)
    step = np.arange(picks).reshape(-1, *(1,) * sizes.ndim)
    swapped = (rng.random((picks, *sizes.shape)) * (sizes - step)).astype(np.int32) + step.astype(np.int32)
    drawn = swapped.copy()
    for i in range(1, picks):
        for j in range(i - 1, -1, -1):
            np.copyto(drawn[i], j, where=drawn[i] == swapped[j])
    return drawn.astype(np.int64)


def hold_out(rows: I64, fraction: float, rng: np.random.Generator, least: int = 1) -> tuple[I64, I64]:
    """Divide rows by chance into those kept and a share held out, `least` of each where there are enough."""
    count = max(0, min(max(round(len(rows) * fraction), least), len(rows) - least))
    shuffled = rng.permutation(rows)
    return np.sort(shuffled[count:]), np.sort(shuffled[:count])


def gather(examples: F32, rows: I64) -> F32:
    """Collect examples f32[R, I] by rows i64[S, L] into f32[S, I, L]."""
    out = np.empty((rows.shape[0], examples.shape[1], rows.shape[1]), np.float32)
    for s, lane_rows in enumerate(rows):  # whole rows are copied, then one small transpose that stays in cache
        out[s] = examples[lane_rows].T
    return out


def one_hot(labels: Sequence[int] | I64, classes: int, count: int) -> F32:
    """Return the same labels for every lane as one-hot targets f32[S, classes, count]."""
    return np.repeat(np.eye(classes, dtype=np.float32)[np.asarray(labels)][:, :, None], count, axis=2)


def few_shot(
    examples: F32,
    pool: Pool,
    ways: int,
    shots: int,
    queries: int,
    count: int,
    rng: np.random.Generator,
    outputs: int | None = None,
) -> Tasks:
    """Draw `count` episodes; labels are dealt to classes by chance, anew in each lane (see `labelled`)."""
    rows = pool.draw(ways, shots + queries, count, rng)
    support, query = rows[:shots].reshape(-1, count), rows[shots:].reshape(-1, count)
    return labelled(gather(examples, support), gather(examples, query), ways, outputs)


def labelled(support_x: F32, query_x: F32, ways: int, outputs: int | None = None) -> Tasks:
    """Return episodes of examples f32[S, I, L] and f32[Q, I, L] of which number s has label s mod ways.

    So any `ways` examples in a row show every class. `outputs`: how wide targets are where they are wider than `ways`;
    no example is of the classes beyond.
    """
    support_y, query_y = (one_hot(np.arange(len(x)) % ways, outputs or ways, x.shape[2]) for x in (support_x, query_x))
    return Tasks(support_x, support_y, query_x, query_y)
