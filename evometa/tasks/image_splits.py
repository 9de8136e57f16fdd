"""How the classes of a folder of images are divided over the splits: by share, by lists, or each by its images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evometa.config.keys import nearest_name
from evometa.config.tasks import SPLITS
from evometa.errors import InputError
from evometa.tasks.episodes import I64, hold_out

if TYPE_CHECKING:
    from evometa.tasks.families.images import ImagesTasks

Members = dict[str, I64]
"""Rows of each class."""


class Need(NamedTuple):
    """How many classes a split takes, the key that says so, and the fewest that it may say."""

    classes: int
    key: str
    fewest: int


def by_share(members: Members, settings: ImagesTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Divide classes by share, at least enough for a task each: by chance, or the last by name."""
    names = list(members)
    if settings.divide == "classes":
        names = [names[i] for i in rng.permutation(len(names))]
    total = len(names)
    needs = [_shared(need, split, settings, total) for split, need in _needs(settings).items()]
    train, validation, test = (need.classes for need in needs)
    if total < train + validation + test:
        found = [f"lower {keys}"] if (keys := _to_lower(needs, total)) else []
        text = ", or ".join([*found, *_anew(members, settings)]) or "add classes"
        raise InputError(
            f"at least {train + validation + test} classes "
            f"({train} for train, {validation} for validation, {test} for test)",
            str(total), f"{path} (tasks.path)", f"{text[0].upper()}{text[1:]}.",
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
        train, needs = lists["train"], _needs(settings)
        least, own = needs["train"].classes, needs["validation"].classes
        if len(train) < least + own:
            keys = _to_lower([needs["train"], needs["validation"]], len(train))
            raise InputError(
                f"at least {least + own} classes ({least} for train, {own} for validation)",
                str(len(train)), "tasks.train", f"List more, or lower {keys}." if keys else "List more.",
            )  # fmt: skip
        count = max(own, round(len(train) * settings.validation_fraction))
        count = min(count, len(train) - least)
        kept, held = hold_out(np.arange(len(train)), count / len(train), rng, least=1)
        lists["train"], lists["validation"] = ([train[i] for i in part] for part in (kept, held))
    return {split: _pick(members, names) for split, names in lists.items()}


def of_each(members: Members, settings: ImagesTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Divide the images of each class by share, at least enough of them for a task in each split."""
    least = _images(settings)
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


def _needs(settings: ImagesTasks) -> dict[str, Need]:
    """Return how many classes a task of each split takes; those of evolution may be turned."""
    found: dict[str, Need] = {
        split: Need(settings.episodes(split).ways, settings.key("ways", split), 2) for split in SPLITS
    }
    widest = max((other.ways for other in settings.others()), default=0)
    if widest > found["test"].classes:
        found["test"] = Need(widest, "the ways in tasks.other_tests", 2)
    train, turned = found["train"], settings.symmetries
    found["train"] = train._replace(classes=-(-train.classes // turned), fewest=-(-train.fewest // turned))
    return found


def _shared(need: Need, split: str, settings: ImagesTasks, total: int) -> Need:
    """Return what a split takes of `total` classes: at least its share."""
    count = round(total * getattr(settings, f"{split}_fraction")) if split != "train" else 0
    return need if count <= need.classes else Need(count, f"tasks.{split}_fraction", need.fewest)


def _to_lower(needs: Sequence[Need], total: int) -> str:
    """Name the keys to lower until `total` classes are enough, what takes most first; "" where they never are."""
    keys: dict[str, None] = {}
    count = sum(need.classes for need in needs)
    for need in sorted(needs, key=lambda need: -need.classes):
        if count > total and need.classes > need.fewest:
            keys[need.key] = None
            count -= need.classes - need.fewest
    return " and ".join(keys) if count <= total else ""


def _anew(members: Members, settings: ImagesTasks) -> list[str]:
    """Offer to learn the same classes from other images, where each has enough, and say what else that takes."""
    total, smallest, splits = len(members), min(map(len, members.values())), len(SPLITS)
    if smallest < 2 * splits or total < 2:
        return []
    wide = dict.fromkeys(need.key for need in _needs(settings).values() if need.classes > total)
    more = [f"{' and '.join(wide)} of at most {total}"] if wide else []
    more += ["fewer tasks.shots or tasks.queries"] if smallest < sum(_images(settings).values()) else []
    given = f", with {' and '.join(more)}," if more else ""
    return [f'set tasks.divide = "images"{given} to learn these classes from other images']


def _images(settings: ImagesTasks) -> dict[str, int]:
    """Return how many images of a class a task of each split takes."""
    found: dict[str, int] = {split: sum(settings.episodes(split)[1:]) for split in SPLITS}
    return {**found, "test": max([found["test"], *(other.shots + other.queries for other in settings.others())])}


def _count(total: int, share: float, least: int, left: int) -> int:
    """Return a share of images: at least `least`, and so that `left` stay."""
    return min(max(round(total * share), least), total - left)


def _pick(members: Members, names: Sequence[str]) -> Members:
    return {name: members[name] for name in sorted(names)}
