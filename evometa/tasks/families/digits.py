"""Few-shot classification of scikit-learn's 8×8 digits, tested on digits that evolution never saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from evometa.config.section import each_once
from evometa.config.tasks import Share, check_apart
from evometa.errors import InputError
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import I64, Pool, hold_out
from evometa.tasks.few_shot import EpisodeSettings, FewShot

Digit = Annotated[int, Field(ge=0, le=9)]
DigitList = Annotated[tuple[Digit, ...], AfterValidator(each_once)]


class DigitsTasks(EpisodeSettings):
    """Few-shot classification of scikit-learn's 8×8 digits, by classes never seen in evolution."""

    family: Literal["digits"] = "digits"
    kind: ClassVar[Kind] = "classification"
    train_classes: DigitList = Field((0, 1, 2, 3, 4), min_length=2, description="digits that evolution meets")
    validation_classes: DigitList = Field(
        (), description="digits that the champion is chosen on; []: those of train_classes, other drawings"
    )
    test_classes: DigitList = Field((5, 6, 7, 8, 9), min_length=2, description="digits that it is reported on")
    validation_fraction: Share = Field(
        0.3,
        description="share of each train digit's drawings kept for validation (at least enough for a task), "
        "without validation_classes",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        lists = ("train_classes", "validation_classes", "test_classes")
        check_apart({key: getattr(self, key) for key in lists})
        for key in lists:
            classes = getattr(self, key)
            asked = "train_ways" if key == "train_classes" and self.train_ways else "ways"
            ways = getattr(self, asked)
            least = -(-ways // self.symmetries) if key == "train_classes" else ways
            if classes and len(classes) < least:
                raise InputError(
                    f"at least {least} classes, as tasks.{asked} is {ways}",
                    str(len(classes)),
                    f"tasks.{key}",
                    f"Add classes, or lower tasks.{asked}.",
                )
        return self

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Digits:
        return Digits(self, seed, splits)


class Digits(FewShot):
    """Episodes of `ways` digits, pixels scaled to 0 to 1; validation drawings are never met in evolution."""

    unit = "class"

    def __init__(self, settings: DigitsTasks, seed: int, splits: Sequence[str]) -> None:
        from sklearn.datasets import load_digits

        pixels, labels = load_digits(return_X_y=True)
        examples = np.ascontiguousarray(pixels / 16.0, dtype=np.float32)
        self._pixels, self._labels = examples, labels
        members = _divide(settings, labels, stream(seed, 0, "tasks/digits/drawings"))
        words, where = ("digits", "drawings"), "tasks of family digits"
        super().__init__(settings, splits, examples, members, words, where, _statement, (8, 8, 1))

    def content(self) -> Content:
        return {"drawings": len(self._pixels), "pixels": digest(self._pixels), "labels": digest(self._labels)}


def _statement(pool: Pool) -> str:
    return f"digits {' '.join(pool.names)}, {len(pool.rows)} drawings found in no other split"


def _divide(settings: DigitsTasks, labels: I64, rng: np.random.Generator) -> dict[str, dict[str, I64]]:
    """Divide the drawings over the splits by class, or train's by drawing where validation has no classes."""

    def rows(classes: tuple[int, ...]) -> dict[str, I64]:
        return {str(c): np.flatnonzero(labels == c) for c in classes}

    train, validation = rows(settings.train_classes), rows(settings.validation_classes)
    if not validation:
        least = max(one.shots + one.queries for one in map(settings.episodes, ("train", "validation")))
        halves = {name: hold_out(members, settings.validation_fraction, rng, least) for name, members in train.items()}
        train = {name: kept for name, (kept, _) in halves.items()}
        validation = {name: held for name, (_, held) in halves.items()}
    return {"train": train, "validation": validation, "test": rows(settings.test_classes)}
