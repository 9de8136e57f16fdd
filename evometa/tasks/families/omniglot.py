"""Few-shot classification of handwritten characters (Lake, Salakhutdinov, Tenenbaum 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from evometa.config.tasks import FamilySettings, FilePath, Queries, Share, Shots, Ways
from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks import omniglot_archive
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import I64, Pool, few_shot, hold_out
from evometa.tasks.family import Family

KNOWN, ALL = 1200, 1623  # characters to learn from and in all, in the usual random split (Vinyals 2016)


class OmniglotTasks(FamilySettings):
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
    ways: Ways = 5
    shots: Shots = 5
    queries: Queries = 10

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Omniglot:
        return Omniglot(self, seed, base)


class Omniglot(Family):
    """Episodes of `ways` characters, pixels 0 (paper) to 1 (ink); no character occurs in two splits."""

    unit = "character"

    def __init__(self, settings: OmniglotTasks, seed: int, base: Path) -> None:
        if settings.path is None:
            characters = omniglot_archive.fetched()
        else:
            characters = omniglot_archive.read(base / settings.path)
        self._settings, self._source = settings, characters
        drawings = characters.x.shape[1]
        self._examples = _shrunk(characters.x, settings.size)
        members = _divide(settings, characters.keys, stream(seed, 0, "tasks/omniglot/characters"))
        rows = np.arange(len(self._examples)).reshape(-1, drawings)
        where = "tasks of family omniglot"
        self._pools: dict[str, Pool] = {}
        for split, chosen in members.items():
            self._pools[split] = Pool.of({characters.keys[c]: rows[c] for c in chosen})
            self._pools[split].check(
                settings.ways, settings.shots + settings.queries, (f"{split} characters", "drawings"), where
            )
        super().__init__(
            name="omniglot",
            kind=settings.kind,
            inputs=settings.size**2,
            outputs=settings.ways,
            support=settings.ways * settings.shots,
            queries=dict.fromkeys(members, settings.ways * settings.queries),
            splits={split: _statement(settings, pool) for split, pool in self._pools.items()},
        )

    def content(self) -> Content:
        names, drawings = self._source.keys, self._source.x
        return {"characters": len(names), "names": digest(np.array(names)), "drawings": digest(drawings)}

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        return self._pools[split].choose(self._settings.ways, count, rng)

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        s = self._settings
        return few_shot(self._examples, self._pools[split], s.ways, s.shots, s.queries, count, rng)


def _statement(settings: OmniglotTasks, pool: Pool) -> str:
    alphabets = {name.rpartition("/")[0] for name in pool.names}
    counts = f"{len(pool.names)} characters of {len(alphabets)} alphabets"
    return f"{counts} ({settings.split} split), found in no other split"


def _shrunk(x: NDArray[np.uint8], size: int) -> F32:
    """Average blocks of pixels: u8[C, D, 28, 28] to f32[C · D, size²], 0 to 1 (whole numbers sum exactly)."""
    block = x.shape[-1] // size
    sums = sum(x[..., i::block, j::block].astype(np.uint16) for i in range(block) for j in range(block))
    return (np.asarray(sums).reshape(-1, size * size) / (255.0 * block * block)).astype(np.float32)


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
