"""Few-shot classification of a user's own images: a folder with one folder for each class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from evometa.config.tasks import SPLITS, FilePath, NameList, Share, check_lists
from evometa.errors import InputError
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import I64, Pool
from evometa.tasks.few_shot import EpisodeSettings, FewShot
from evometa.tasks.image_folder import read_folder
from evometa.tasks.image_splits import by_folder, by_list, by_share, of_each


class ImagesTasks(EpisodeSettings):
    """Few-shot classification of images of your own: a folder with one folder for each class."""

    family: Literal["images"] = "images"
    kind: ClassVar[Kind] = "classification"
    folder: ClassVar[bool] = True
    path: FilePath = Field(
        description="folder with one folder of images for each class (ImageFolder of torchvision), any sizes and modes"
    )
    size: int = Field(default=14, ge=1, le=512, description="height and width that images are stretched to, by means")
    channels: Literal["grey", "colour"] = Field(default="grey", description="read as grey, or red, green and blue")
    divide: Literal["classes", "names", "folders", "images"] = Field(
        default="classes",
        description="what is held out, without lists: classes by chance; names: the last classes by name; "
        "folders: classes lie in folders train, validation and test; images: of every class some, to learn the same "
        "classes anew from few examples",
    )
    train: NameList = Field(default=(), description="classes that evolution meets; []: as divide says")
    validation: NameList = Field(
        default=(), description="classes for validation; []: as divide says, with lists a share of train by chance"
    )
    test: NameList = Field(default=(), description="classes for test; []: as divide says")
    validation_fraction: Share = Field(
        default=0.2, description="share kept for validation (at least enough for a task), without a list"
    )
    test_fraction: Share = Field(
        default=0.3, description="share kept for test (at least enough for a task), without a list"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_lists(self.train, self.validation, self.test, self.validation_fraction, self.test_fraction)
        if self.train and self.divide != "classes":
            raise InputError(
                '"classes", as lists say what is held out', f'"{self.divide}"', "tasks.divide",
                "Leave it out, or the lists.",
            )  # fmt: skip
        return self

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Images:
        return Images(self, seed, splits, base)


class Images(FewShot):
    """Episodes of `ways` classes of images, values 0 (black) to 1; no image is in two splits, and no class unless
    `divide = "images"`."""

    def __init__(self, settings: ImagesTasks, seed: int, splits: Sequence[str], base: Path) -> None:
        path = base / settings.path
        parts = SPLITS if settings.divide == "folders" else ()
        found = read_folder(path, settings.size, settings.channels == "colour", parts)
        rng = stream(seed, 0, "tasks/images/classes")
        divide = (
            by_folder if settings.divide == "folders"
            else of_each if settings.divide == "images"
            else by_list if settings.train
            else by_share
        )  # fmt: skip
        members = divide(found.members, settings, path, rng)
        self.unit = "image" if settings.divide == "images" else "class"
        self._members, self._x, self.notes = found.members, found.x, found.notes
        super().__init__(
            settings, splits, found.x, members, ("classes", "images"), f"{path} (tasks.path)", _statement,
            (settings.size, settings.size, found.x.shape[1] // settings.size**2),
        )  # fmt: skip

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        if self.unit == "class":
            return super()._units(split, count, rng)
        ways, shots, queries = self._episodes[split]
        rows = self._pools[split].draw(ways, shots + queries, count, rng)
        return rows[shots:].reshape(-1, count)  # those asked about

    def strata(self, units: I64) -> I64 | None:
        if self.unit == "class":
            return None
        kinds = np.empty(len(self._x), np.int64)
        for kind, rows in enumerate(self._members.values()):
            kinds[rows] = kind
        return kinds[units]

    def content(self) -> Content:
        sizes = np.array([len(rows) for rows in self._members.values()])
        names = np.array(list(self._members))
        return {"classes": len(names), "names": digest(names), "images": digest(self._x, sizes)}


def _statement(pool: Pool) -> str:
    shown = " ".join(pool.names[:8]) + (" …" if len(pool.names) > 8 else "")
    return f"{len(pool.names)} classes ({shown}), {len(pool.rows)} images found in no other split"
