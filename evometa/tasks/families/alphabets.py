"""Few-shot classification of printed characters, tested on scripts that evolution never met; nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.config.tasks import Shots
from evometa.spec.heads import Kind
from evometa.tasks.alphabets import DRAWINGS, GREYS, Characters, characters, classes
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import Pool
from evometa.tasks.few_shot import EpisodeSettings, FewShot
from evometa.tasks.pixels import shrunk


class AlphabetsTasks(EpisodeSettings):
    """Few-shot classification of printed characters from thirteen scripts, tested on scripts never met."""

    family: Literal["alphabets"] = "alphabets"
    kind: ClassVar[Kind] = "classification"
    size: Literal[7, 14, 28] = Field(default=14, description="height and width of the images, by block means")
    shots: Shots = 1

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Alphabets:
        return Alphabets(self, splits)


class Alphabets(FewShot):
    """Episodes of `ways` characters, pixels 0 (paper) to 1 (ink); no script, and no form, occurs in two splits.

    Characters that the fonts draw alike are one class (see `tasks.alphabets.classes`).
    """

    unit = "character"
    streams = "images"  # so that a folder with the same images gives the same episodes

    def __init__(self, settings: AlphabetsTasks, splits: Sequence[str]) -> None:
        self._source = found = characters()
        rows = np.arange(len(found.x) * DRAWINGS).reshape(-1, DRAWINGS)
        members = {
            split: {name: rows[same].ravel() for name, same in forms.items()} for split, forms in classes(found).items()
        }
        super().__init__(
            settings, splits, shrunk(found.x, settings.size, GREYS), members, ("characters", "drawings"),
            "tasks of family alphabets", partial(_statement, found), (settings.size, settings.size, 1),
        )  # fmt: skip

    def content(self) -> Content:
        names, drawings = self._source.names, self._source.x
        return {"characters": len(names), "names": digest(np.array(names)), "drawings": digest(drawings)}


def _statement(found: Characters, pool: Pool) -> str:
    scripts = list(dict.fromkeys(found.scripts[row // DRAWINGS] for row in pool.rows.tolist()))
    return f"{len(pool.names)} characters, no two alike, of {', '.join(scripts)}; found in no other split"
