"""Tables of numbers of which a few decide the class: the same few in every task, or others in each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.config.tasks import FamilySettings
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks.episodes import I64, distinct
from evometa.tasks.family import Family


class DistractorsTasks(FamilySettings):
    """Two classes that a few of many numbers decide, the same few in every task or others in each."""

    family: Literal["distractors"] = "distractors"
    kind: ClassVar[Kind] = "classification"
    relevant: int = Field(3, ge=1, le=1000, description="inputs that decide the class")
    distractors: int = Field(30, ge=0, le=10_000, description="inputs that say nothing")
    places: Literal["same", "drawn"] = Field(
        "same", description="where the relevant inputs stand: at the same places in every task, or drawn for each"
    )
    shots: int = Field(20, ge=1, le=100_000, description="support examples of a task")
    queries: int = Field(20, ge=1, le=100_000, description="query examples of a task")
    outputs: Literal[1, 2] = Field(
        1,
        description="targets of an example: 1, whether it is of the second class, or 2, one for each class (softmax, "
        "heads that compare)",
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Distractors:
        return Distractors(self, seed)


class Distractors(Family):
    """Normal inputs; the class is the side of a plane through 0 whose normal, drawn for each task, is 0 but at the
    relevant inputs."""

    def __init__(self, settings: DistractorsTasks, seed: int) -> None:
        self._settings = settings
        inputs = settings.relevant + settings.distractors
        self._same = np.sort(stream(seed, 0, "tasks/distractors/places").permutation(inputs)[: settings.relevant])
        what = "planes and examples drawn from a stream of this split's own"
        super().__init__(
            name="distractors",
            kind=settings.kind,
            inputs=inputs,
            outputs=settings.outputs,
            support=settings.shots,
            queries=dict.fromkeys(("train", "validation", "test"), settings.queries),
            splits=dict.fromkeys(("train", "validation", "test"), what),
        )

    def relevant(self, split: str, count: int, rng: np.random.Generator) -> I64:
        """Return the relevant inputs of the tasks that `sample` draws from the same state of `rng`, i64[K, count]."""
        return self._places(count, self._stream(split, rng))

    def _places(self, count: int, rng: np.random.Generator) -> I64:
        if self._settings.places == "same":
            return np.repeat(self._same[:, None], count, axis=1)
        return np.sort(distinct(rng, np.full(count, self.inputs), self._settings.relevant), axis=0)

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        places = self._places(count, rng)
        normal = rng.standard_normal(places.shape)
        x = rng.standard_normal((self.support[split] + self.queries[split], self.inputs, count)).astype(np.float32)
        side = np.zeros((len(x), count))
        for place, weight in zip(places, normal, strict=True):  # no BLAS: the same bits on every processor
            side += weight * np.take_along_axis(x, place[None, None], axis=1)[:, 0]
        y: F32 = (side > 0).astype(np.float32)[:, None]
        if self.outputs == 2:
            y = np.concatenate([1 - y, y], axis=1)
        shown = self.support[split]
        return Tasks(x[:shown], y[:shown], np.ascontiguousarray(x[shown:]), np.ascontiguousarray(y[shown:]))
