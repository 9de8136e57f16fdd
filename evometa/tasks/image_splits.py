"""How the classes of a folder of images are divided over the splits: by share, by lists, or each by its images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evometa.config.keys import nearest_name
from evometa.config.tasks import SPLITS
from evometa.errors import InputError
from evometa.tasks.episodes import I64, hold_out

if TYPE_CHECKING:
    from evometa.tasks.families.images import ImagesTasks

Members = dict[str, I64]
"""Rows of each class."""


def by_share(members: Members, settings: ImagesTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Divide classes by share, at least enough for a task each: by chance, or the last by name."""
    names = list(members)
    if settings.divide == "classes":
        names = [names[i] for i in rng.permutation(len(names))]
    least, total = _least(settings), len(names)
    test = max(least["test"], round(total * settings.test_fraction))
    validation = max(least["validation"], round(total * settings.validation_fraction))
    if total < test + validation + least["train"]:
        raise InputError(
            f"at least {test + validation + least['train']} classes "
            f"({least['train']} for train, {validation} for validation, {test} for test)",
            str(total), f"{path} (tasks.path)",
            'Lower tasks.ways, or set tasks.divide = "images" to learn these classes from other images.',
        )  # fmt: skip
    ends = total - test - validation, total - test
    parts = names[: ends[0]], names[ends[0] : ends[1]], names[ends[1] :]
    return {split: _pick(members, part) for split, part in zip(SPLITS, parts, strict=True)}


def by_folder(members: Members, settings: ImagesTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Take the classes that lie in the folder of each split."""
    return {split: _pick(members, [name for name in members if name.startswith(f"{split}/")]) for split in SPLITS}


def by_list(members: Members, settings: ImagesTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Take the classes that are listed; those for validation, without a list, are a share of train's, by chance."""
    lists = {split: list(getattr(settings, split)) for split in SPLITS}
    for split, names in lists.items():
        missing = next((name for name in names if name not in members), None)
        if missing is not None:
            expected = f"a class, which has a folder in {path}"
            raise InputError(expected, missing, f"tasks.{split}", nearest_name(missing, members))
    if not lists["validation"]:
        train, least = lists["train"], _least(settings)
        if len(train) < least["train"] + least["validation"]:
            raise InputError(
                f"at least {least['train'] + least['validation']} classes "
                f"({least['train']} for train, {least['validation']} for validation)",
                str(len(train)), "tasks.train", "List more, or lower tasks.ways.",
            )  # fmt: skip
        count = max(least["validation"], round(len(train) * settings.validation_fraction))
        count = min(count, len(train) - least["train"])
        kept, held = hold_out(np.arange(len(train)), count / len(train), rng, least=1)
        lists["train"], lists["validation"] = ([train[i] for i in part] for part in (kept, held))
    return {split: _pick(members, names) for split, names in lists.items()}


def of_each(members: Members, settings: ImagesTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Divide the images of each class by share, at least enough of them for a task in each split."""
    one = {split: settings.episodes(split) for split in SPLITS}
    least = {split: each.shots + each.queries for split, each in one.items()}
    least["test"] = max([least["test"], *(other.shots + other.queries for other in settings.others())])
    need, small = sum(least.values()), min(members, key=lambda name: len(members[name]))
    if len(members[small]) < need:
        raise InputError(
            f"at least {need} images of each class, enough in each of three splits (shots + queries)",
            f"{len(members[small])} of {small}", f"{path} (tasks.path)",
            "Lower tasks.shots or tasks.queries, or remove the folder of that class.",
        )  # fmt: skip
    parts: dict[str, Members] = {split: {} for split in SPLITS}
    for name, rows in members.items():
        test = _count(len(rows), settings.test_fraction, least["test"], need - least["test"])
        validation = _count(len(rows) - test, settings.validation_fraction * len(rows) / (len(rows) - test),
                            least["validation"], least["train"])  # fmt: skip
        shuffled = rng.permutation(rows)
        cuts = np.split(shuffled, np.cumsum([len(rows) - test - validation, validation]))
        for split, part in zip(SPLITS, cuts, strict=True):
            parts[split][name] = np.sort(part)
    return parts


def _least(settings: ImagesTasks) -> dict[str, int]:
    """Return how many classes a task of each split takes."""
    ways: dict[str, int] = {split: settings.episodes(split).ways for split in SPLITS}
    return {**ways, "test": max([ways["test"], *(other.ways for other in settings.others())])}


def _count(total: int, share: float, least: int, left: int) -> int:
    """Return a share of images: at least `least`, and so that `left` stay."""
    return min(max(round(total * share), least), total - left)


def _pick(members: Members, names: Sequence[str]) -> Members:
    return {name: members[name] for name in sorted(names)}
