"""Glyphs one after the other, the label of each told one tick late (Santoro et al. 2016, arXiv:1605.06065)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from evometa.config.section import show
from evometa.config.tasks import FamilySettings, FilePath, Ways, model
from evometa.errors import InputError
from evometa.lifetime import Tasks
from evometa.spec.heads import Kind
from evometa.tasks.content import Content
from evometa.tasks.episodes import I64
from evometa.tasks.family import Family
from evometa.tasks.few_shot import EpisodeSettings
from evometa.tasks.sequences import SequenceFamily
from evometa.tasks.symmetries import Symmetries


class SequenceTasks(FamilySettings):
    """Images of a few new classes in random order; each one's label is told one tick late (Santoro 2016)."""

    family: Literal["sequence"] = "sequence"
    kind: ClassVar[Kind] = "classification"
    of: Literal["alphabets", "digits", "omniglot"] = Field("alphabets", description="family that images are from")
    ways: Ways = 5
    instances: int = Field(10, ge=1, le=1000, description="images of each class in a sequence")
    train_instances: int | None = Field(
        None, ge=1, le=1000, description="images of each class in a sequence of evolution; left out: instances"
    )
    train_symmetries: Symmetries = Field(
        "none", description="in evolution, classes are also those turned alike (turns), or mirrored, too (all)"
    )
    label_inputs: bool = Field(
        True, description="the label of the image before is an input, too; false: it is the target of that tick alone"
    )
    size: Literal[7, 14, 28] = Field(14, description="height and width of the images; those of digits are 8")
    path: FilePath | None = Field(None, description="file of the images, where their family reads one")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.path is not None and "path" not in model(self.of).model_fields:
            expected = f"left out, as the images of {self.of} come with evometa"
            raise InputError(expected, show(self.path), "tasks.path", "Remove it, or change tasks.of.")
        self.images()
        return self

    def images(self) -> EpisodeSettings:
        """Return the settings of the family that images are from: classes and images of each, as episodes have them.

        Raises InputError for more classes than that family has.
        """
        keys: dict[str, Any] = {"ways": self.ways, "shots": self.instances, "queries": 1}
        keys |= {"train_shots": self.train_instances, "train_symmetries": self.train_symmetries}
        more = {"size": self.size, "path": self.path}
        own = model(self.of)
        try:
            found = own.model_validate(keys | {key: more[key] for key in more if key in own.model_fields})
        except ValidationError as error:
            cause = error.errors()[0].get("ctx", {}).get("error")
            if not isinstance(cause, InputError):
                raise
            remedy = "Lower tasks.ways, or choose other images."  # keys of that family are none of a sequence
            raise InputError(cause.expected, cause.found, "tasks.of", remedy) from None
        assert isinstance(found, EpisodeSettings)
        return found.in_sequence()

    def open(self, seed: int, splits: Sequence[str], base: Path) -> GlyphSequence:
        return GlyphSequence(self, self.images().open(seed, splits, base))


class GlyphSequence(SequenceFamily):
    """`ways` · `instances` images in random order, each of them asked but the first, of which nothing can be known.

    Inputs: the image, and one-hot the label of the image before, which a rule has as the target of that tick anyway.
    Labels are dealt to classes anew in each lane. No class occurs in two splits where that is so of the images'
    family. Raises InputError as that does.
    """

    def __init__(self, settings: SequenceTasks, images: Family) -> None:
        self._images, told = images, settings.ways if settings.label_inputs else 0
        ticks = {split: images.support[split] for split in images.splits}
        super().__init__(
            name="sequence", kind=settings.kind, inputs=images.inputs + told, outputs=settings.ways,
            support=ticks, queries={split: count - 1 for split, count in ticks.items()}, splits=images.splits,
        )  # fmt: skip
        self.notes, self.image = images.notes, images.image

    def content(self) -> Content:
        return self._images.content()

    def instances(self, tasks: Tasks) -> I64:
        labels = tasks.support_y.argmax(axis=1)[:, None]
        found: I64 = np.take_along_axis(tasks.support_y.astype(np.int64).cumsum(axis=0), labels, axis=1)[1:, 0]
        return found

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        drawn = self._images.sample(split, count, rng)
        images, labels = drawn.support_x, drawn.support_y
        order = rng.permuted(np.tile(np.arange(len(images))[:, None], count), axis=0)[:, None]
        x, y = np.zeros((len(images), self.inputs, count), np.float32), np.take_along_axis(labels, order, axis=0)
        x[:, : images.shape[1]] = np.take_along_axis(images, order, axis=0)
        x[1:, images.shape[1] :] = y[:-1, : self.inputs - images.shape[1]]
        return Tasks(x, y, x[1:].copy(), y[1:].copy())
