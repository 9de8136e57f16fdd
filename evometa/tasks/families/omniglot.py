"""Few-shot classification of handwritten characters (Lake, Salakhutdinov, Tenenbaum 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.config.tasks import FilePath, Share
from evometa.errors import InputError
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks import omniglot_archive
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import Pool, hold_out
from evometa.tasks.few_shot import EpisodeSettings, FewShot
from evometa.tasks.pixels import shrunk

KNOWN, ALL = 1200, 1623  # characters to learn from and in all, in the usual random split (Vinyals 2016)


class OmniglotTasks(EpisodeSettings):
    """Few-shot classification of handwritten characters from 50 alphabets (Lake 2015)."""

    family: Literal["omniglot"] = "omniglot"
    kind: ClassVar[Kind] = "classification"
    path: FilePath | None = Field(
        None,
        description="npz file with x uint8[characters, drawings, 28, 28] (ink bright) and keys "
        "images_background/ALPHABET/CHARACTER; left out: the original archives are fetched once",
    )
    size: Literal[7, 14, 28] = Field(14, description="height and width of the images, by block means")
    split: Literal["official", "random"] = Field(
        "official",
        description="official: background alphabets for train and validation, evaluation alphabets for test; "
        "random: characters of all alphabets, 1200 in 1623 of them for train and validation",
    )
    validation_fraction: Share = Field(
        0.15, description="share of the train alphabets (official) or characters (random) kept for validation"
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Omniglot:
        return Omniglot(self, seed, splits, base)


class Omniglot(FewShot):
    """Episodes of `ways` characters, pixels 0 (paper) to 1 (ink); no character occurs in two splits."""

    unit = "character"

    def __init__(self, settings: OmniglotTasks, seed: int, splits: Sequence[str], base: Path) -> None:
        if settings.path is None:
            characters = omniglot_archive.fetched()
        else:
            characters = omniglot_archive.read(base / settings.path)
        self._source = characters
        rows = np.arange(characters.x.shape[0] * characters.x.shape[1]).reshape(-1, characters.x.shape[1])
        members = {
            split: {characters.keys[c]: rows[c] for c in chosen}
            for split, chosen in _divide(
                settings, characters.keys, stream(seed, 0, "tasks/omniglot/characters")
            ).items()
        }
        super().__init__(
            settings, splits, shrunk(characters.x, settings.size, 255), members, ("characters", "drawings"),
            "tasks of family omniglot", partial(_statement, settings), (settings.size, settings.size, 1),
        )  # fmt: skip

    def content(self) -> Content:
        names, drawings = self._source.keys, self._source.x
        return {"characters": len(names), "names": digest(np.array(names)), "drawings": digest(drawings)}


def _statement(settings: OmniglotTasks, pool: Pool) -> str:
    alphabets = {name.rpartition("/")[0] for name in pool.names}
    counts = f"{len(pool.names)} characters of {len(alphabets)} alphabets"
    return f"{counts} ({settings.split} split), found in no other split"


def _divide(settings: OmniglotTasks, keys: tuple[str, ...], rng: np.random.Generator) -> dict[str, list[int]]:
    """Divide characters (positions in `keys`) over the splits; raises InputError without official parts."""
    if settings.split == "random":
        known, test = hold_out(np.arange(len(keys)), 1 - KNOWN / ALL, rng)
        train, validation = hold_out(known, settings.validation_fraction, rng)
        return {"train": train.tolist(), "validation": validation.tolist(), "test": test.tolist()}
    alphabets = sorted({key.rpartition("/")[0] for key in keys if key.startswith("images_background/")})
    if len(alphabets) < 2:
        raise InputError(
            "at least two alphabets under images_background/",
            str(len(alphabets)),
            "tasks of family omniglot",
            'Set tasks.split = "random", or use the whole data.',
        )
    _, held = hold_out(np.arange(len(alphabets)), settings.validation_fraction, rng)
    chosen = {alphabets[a] for a in held}
    members: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for position, key in enumerate(keys):
        alphabet = key.rpartition("/")[0]
        split = "test" if alphabet not in alphabets else "validation" if alphabet in chosen else "train"
        members[split].append(position)
    return members
