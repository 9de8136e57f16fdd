"""Whole classification data sets, a task each: to evolve and test optimizers on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from evometa.config.reals import Real
from evometa.config.section import show
from evometa.config.tasks import FamilySettings
from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import I64, distinct, gather
from evometa.tasks.family import Family
from evometa.tasks.sine import sine
from evometa.tasks.synthetic import clusters

SHARES = {"train": 2, "validation": 1, "test": 1}
DRAWN = 256
Distance = Annotated[Real, Field(ge=0, le=1000)]


class DatasetTasks(FamilySettings):
    """Whole classification data sets, a task each: scikit-learn's, two moons, or synthetic ones."""

    family: Literal["dataset"] = "dataset"
    kind: ClassVar[Kind] = "classification"
    name: Literal["digits", "wine", "breast_cancer", "moons", "synthetic"] = Field(description="which data set")
    support: int | None = Field(
        None, ge=1, le=100_000, description="rows to learn from; left out: half of them (256 for drawn sets)"
    )
    queries: int | None = Field(
        None, ge=1, le=100_000, description="rows asked for; left out: all other rows (256 for drawn sets)"
    )
    noise: Real = Field(0.2, ge=0, le=100, description="deviation of the noise on the two moons")
    inputs: int = Field(16, ge=1, le=1024, description="inputs of a synthetic set")
    classes: int = Field(4, ge=2, le=64, description="classes of a synthetic set")
    distance: tuple[Distance, Distance] = Field(
        (1.5, 4.0), description="lowest and highest distance between the clusters of a synthetic set, in deviations"
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.distance[0] > self.distance[1]:
            raise InputError("the lowest distance first", show(self.distance), "tasks.distance", "Swap them.")
        return self

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Dataset:
        return Dataset(self, seed, splits)


class Dataset(Family):
    """A whole data set: every lane divides it by chance into rows to learn from and rows asked for.

    The rows of a set that is not drawn afresh are first divided over the splits it serves for, once for the
    run; train gets twice the share of another. Inputs are standardised by each lane's support.
    """

    def __init__(self, settings: DatasetTasks, seed: int, splits: Sequence[str]) -> None:
        self._rows: dict[str, I64] = {}
        if settings.name == "moons":
            inputs, classes, words = 2, 2, "two moons, drawn anew for each lane"
        elif settings.name == "synthetic":
            inputs, classes, words = (
                settings.inputs,
                settings.classes,
                "sets of varied difficulty, drawn anew for each lane",
            )
        else:
            self._x, self._y = _loaded(settings.name)
            inputs, classes, words = self._x.shape[1], int(self._y.max()) + 1, "rows found in no other split"
            self._rows = _divided(len(self._x), splits, stream(seed, 0, "tasks/dataset/rows"))
        self._settings, self._classes = settings, classes
        if self._rows:
            self.unit = "division of the same rows"
        support, queries = _sizes(settings, {split: len(rows) for split, rows in self._rows.items()})
        super().__init__(
            name="dataset",
            kind=settings.kind,
            inputs=inputs,
            outputs=classes,
            support=support,
            queries={split: queries.get(split, settings.queries or DRAWN) for split in splits},
            splits={s: f"{settings.name}: {len(self._rows[s])} {words}" if self._rows else words for s in splits},
        )

    def content(self) -> Content:
        if not self._rows:
            return {}
        return {"rows": len(self._x), "inputs": digest(self._x), "classes": digest(self._y)}

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        total = self.support[split] + self.queries[split]
        if self._rows:
            mine = self._rows[split]
            rows = mine[distinct(rng, np.full(count, len(mine)), total)]
            x, labels = gather(self._x, rows), self._y[rows]
        elif self._settings.name == "moons":
            x, labels = _moons(total, count, self._settings.noise, rng)
        else:
            x, labels = clusters(total, self.inputs, self._classes, count, self._settings.distance, rng)
        _standardise(x, self.support[split])
        y = (labels[:, None, :] == np.arange(self._classes)[None, :, None]).astype(np.float32)
        s = self.support[split]
        return Tasks(*(np.ascontiguousarray(a) for a in (x[:s], y[:s], x[s:], y[s:])))


def _loaded(name: str) -> tuple[F32, I64]:
    """Load one of scikit-learn's data sets: f32[R, I] and classes i64[R]."""
    from sklearn import datasets

    load = {
        "digits": datasets.load_digits,
        "wine": datasets.load_wine,
        "breast_cancer": datasets.load_breast_cancer,
    }
    x, y = load[name](return_X_y=True)
    return np.ascontiguousarray(x, dtype=np.float32), y.astype(np.int64)


def _divided(count: int, splits: Sequence[str], rng: np.random.Generator) -> dict[str, I64]:
    """Divide rows by chance over the splits in use, in proportion to SHARES."""
    order = rng.permutation(count)
    ends = np.cumsum([SHARES[split] for split in splits]) * count // sum(SHARES[split] for split in splits)
    return dict(zip(splits, np.split(order, ends[:-1]), strict=True))


def _sizes(settings: DatasetTasks, rows: dict[str, int]) -> tuple[int, dict[str, int]]:
    """Return the number of support examples, and of queries in each split that has a number of `rows`.

    Raises InputError when a split has too few rows.
    """
    if not rows:
        return settings.support or DRAWN, {}
    least = min(rows.values())
    support = settings.support or max(1, min(least // 2, least - (settings.queries or 1)))
    for split, count in rows.items():
        if support + (settings.queries or 1) > count:
            raise InputError(
                f"at most {count} rows of {settings.name} for {split}, support and queries together",
                f"{support} + {settings.queries or 1}",
                "tasks.queries" if settings.queries else "tasks.support",
                "Ask for fewer, or let the set serve for fewer splits.",
            )
    return support, {split: settings.queries or count - support for split, count in rows.items()}


def _standardise(x: F32, support: int) -> None:
    """Scale f32[S + Q, I, L] in place by each lane's mean and deviation over its first `support` examples."""
    x -= x[:1].copy()  # what is constant becomes exactly 0, and its deviation too
    x -= x[:support].mean(axis=0)
    deviation = np.sqrt(np.square(x[:support]).mean(axis=0))
    x /= np.where(deviation > 0, deviation, np.float32(1))


def _moons(examples: int, lanes: int, noise: float, rng: np.random.Generator) -> tuple[F32, I64]:
    """Draw two interleaved half circles, f32[examples, 2, lanes], and which of them, i64[examples, lanes]."""
    angle = rng.uniform(0.0, math.pi, (examples, lanes))
    moon = rng.integers(0, 2, (examples, lanes))
    across, up = sine(angle + math.pi / 2), sine(angle)
    points: NDArray[np.float64] = np.stack([np.where(moon, 1.0 - across, across), np.where(moon, 0.5 - up, up)], axis=1)
    return (points + noise * rng.standard_normal(points.shape)).astype(np.float32), moon
