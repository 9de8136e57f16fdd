"""Tasks of more classes, and more images of each, than there are: classes turned and mixed, images moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32, Tasks
from evometa.tasks.episodes import I64, Pool, distinct, labelled
from evometa.tasks.symmetries import places, turned


class Drawn(NamedTuple):
    """`classes i64[ways, L]` of each task, and `rows i64[each · ways, L]` of their examples: s of class s mod ways."""

    classes: I64
    rows: I64


@dataclass(frozen=True)
class Variety:
    """What episodes are drawn from: classes in so many `symmetries`, a share of them `mixtures` of two; images of
    `image` (height, width, channels), each moved by up to `shift` pixels.
    """

    symmetries: int
    mixtures: float
    shift: int
    image: tuple[int, int, int]

    def draw(
        self,
        examples: F32,
        pool: Pool,
        episodes: tuple[int, int, int],
        count: int,
        rng: np.random.Generator,
        outputs: int | None = None,
    ) -> Tasks:
        """Draw `count` episodes of (ways, shots, queries), as `few_shot` does."""
        ways, shots, queries = episodes
        own = self._drawn(pool, ways, shots + queries, count, rng)
        others = self._drawn(pool, ways, shots + queries, count, rng) if self.mixtures else own
        mixed = rng.random(own.classes.shape) < self.mixtures
        mixed &= ~repeated(own.classes, others.classes, mixed)
        steps = rng.integers(-self.shift, self.shift + 1, size=(len(own.rows), 2, count))
        x = np.empty((len(own.rows), examples.shape[1], count), np.float32)
        for s in range(len(x)):
            way = s % ways
            images = self._images(examples, own, s, way)
            if mixed[way].any():
                other = self._images(examples, others, s, way)
                np.maximum(images, other, out=images, where=mixed[way, :, None])
            x[s] = (moved(images, self.image, steps[s]) if self.shift else images).T
        return labelled(x[: ways * shots], x[ways * shots :], ways, outputs)

    def choose(self, pool: Pool, ways: int, count: int, rng: np.random.Generator) -> I64:
        """Draw different classes in random order, i64[ways, count], turned ones among them: first step of `draw`."""
        return distinct(rng, np.full(count, self.symmetries * len(pool.size)), ways)

    def _drawn(self, pool: Pool, ways: int, each: int, count: int, rng: np.random.Generator) -> Drawn:
        classes = self.choose(pool, ways, count, rng)
        return Drawn(classes, pool.rows_of(classes // self.symmetries, each, rng).reshape(-1, count))

    def _images(self, examples: F32, drawn: Drawn, s: int, way: int) -> F32:
        """Return the s-th example of each task, f32[L, I], as its class has it."""
        return turned(examples[drawn.rows[s]], drawn.classes[way] % self.symmetries, self._places)

    @cached_property
    def _places(self) -> I64:
        return places(self.image[0], self.image[2])


def repeated(classes: I64, others: I64, mixed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of which mixtures [ways, L] a task has the same before: b with a after a with b."""
    found = np.zeros_like(mixed)
    for way in range(1, len(classes)):
        alike = (classes[:way] == others[way]) & (others[:way] == classes[way]) & mixed[:way]
        found[way] = alike.any(axis=0)
    return found


def moved(images: F32, image: tuple[int, int, int], steps: I64) -> F32:
    """Move images f32[L, I], each by its steps i64[2, L] down and to the right; what comes in is 0."""
    height, width, _ = image
    grid = images.reshape(-1, *image)
    found = np.zeros_like(grid)
    for down, right in np.unique(steps, axis=1).T.tolist():
        own = np.flatnonzero((steps[0] == down) & (steps[1] == right))
        (to_y, from_y), (to_x, from_x) = _spans(down, height), _spans(right, width)
        found[own, to_y, to_x] = grid[own, from_y, from_x]
    return found.reshape(images.shape)


def disturbed(images: F32, image: tuple[int, int, int]) -> dict[str, F32]:
    """Return images f32[R, I] as they are not drawn: each moved by a pixel, slanted by a fourth, with thicker strokes
    where background is 0; none of images too small for it."""
    height, width, _ = image
    if min(height, width) < 4:
        return {}
    steps = np.array([[-1, 0, 1, 0], [0, 1, 0, -1]])[:, np.arange(len(images)) % 4]
    grid = images.reshape(-1, *image)
    slanted = np.zeros_like(grid)
    for y in range(height):
        (to, source) = _spans((height // 2 - y) // 4, width)
        slanted[:, y, to] = grid[:, y, source]
    thicker = np.maximum(images, moved(images, image, np.array([[0], [1]]).repeat(len(images), axis=1)))
    return {
        "images moved by a pixel": moved(images, image, steps), "images slanted": slanted.reshape(images.shape),
        "strokes a pixel wider": thicker,
    }  # fmt: skip


def _spans(step: int, size: int) -> tuple[slice, slice]:
    """Return where what stays in an image of that size goes to, and where it comes from."""
    size = max(0, size - abs(step))
    to, source = max(0, step), max(0, -step)
    return slice(to, to + size), slice(source, source + size)
