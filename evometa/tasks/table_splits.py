"""How a table is divided over the splits: by its classes, by the rows of each class, or by its groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evometa.config.keys import nearest_name
from evometa.errors import InputError
from evometa.tasks.episodes import I64, hold_out
from evometa.tasks.table_settings import TableSettings

Members = dict[str, I64]
"""Rows of each class or group."""


def divide_classes(
    members: Members, settings: TableSettings, path: Path, rng: np.random.Generator
) -> dict[str, Members]:
    """Divide classes over train and test; validation has a list of its own, or other rows of train's."""
    if settings.train:
        parts = _listed(members, settings, path)
    else:
        count = max(settings.ways, round(len(members) * settings.test_fraction))
        if len(members) < count + settings.ways:
            raise InputError(
                f"at least {count + settings.ways} classes ({settings.ways} for train, {count} for test)",
                str(len(members)),
                f"{path}, column {settings.target}",
                _remedy(members, settings),
            )
        names = [list(members)[i] for i in rng.permutation(len(members))]
        parts = {
            "train": _pick(members, names[count:]),
            "validation": {},
            "test": _pick(members, names[:count]),
        }
    if not parts["validation"]:
        halves = {
            name: hold_out(rows, settings.validation_fraction, rng, settings.shots + settings.queries)
            for name, rows in parts["train"].items()
        }
        parts["train"] = {name: kept for name, (kept, _) in halves.items()}
        parts["validation"] = {name: held for name, (_, held) in halves.items()}
    return parts


def divide_rows(members: Members, settings: TableSettings, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Divide the rows of each class over all splits, at least enough of them for a task in each."""
    least = settings.shots + settings.queries
    small = min(members, key=lambda name: len(members[name]))
    if len(members[small]) < 3 * least:
        raise InputError(
            f"at least {3 * least} rows of each class: {least} (shots + queries) in each of three splits",
            f"{len(members[small])} of {small}",
            f"{path}, column {settings.target}",
            "Lower tasks.shots or tasks.queries, or leave that class out.",
        )
    parts: dict[str, Members] = {"train": {}, "validation": {}, "test": {}}
    for name, rows in members.items():
        rest, parts["test"][name] = _held(rows, settings.test_fraction, rng, least, 2 * least)
        share = settings.validation_fraction * len(rows) / len(rest)
        parts["train"][name], parts["validation"][name] = _held(rest, share, rng, least, least)
    return parts


def _held(rows: I64, share: float, rng: np.random.Generator, least: int, left: int) -> tuple[I64, I64]:
    """Hold out a share of rows: at least `least`, and so that `left` stay."""
    count = min(max(round(len(rows) * share), least), len(rows) - left)
    return hold_out(rows, count / len(rows), rng)


def _remedy(members: Members, settings: TableSettings) -> str:
    """Say what makes tasks of a table of few classes: fewer ways or a smaller share, other rows of the same classes
    where each has enough, or groups."""
    total, ways, least = len(members), settings.ways, settings.shots + settings.queries
    share = "tasks.test_fraction" if round(total * settings.test_fraction) > ways else ""
    lower = [key for key in ("tasks.ways" if ways > 2 else "", share) if key]
    found = [f"lower {' or '.join(lower)}"] if lower and total >= 4 else []  # two for train, two for the test
    each = min(map(len, members.values())) // 3
    if each >= 2:
        keys = 'tasks.divide = "rows"' + (f" and tasks.ways = {total}" if total < ways else "")
        fewer = f" (with tasks.shots + tasks.queries of at most {each})" if each < least else ""
        found.append(f"set {keys}{fewer} to learn these classes from other rows")
    text = ", or ".join([*found, "name a group column in tasks.group"])
    return f"{text[0].upper()}{text[1:]}."


def divide_groups(
    members: Members, settings: TableSettings, path: Path, rng: np.random.Generator
) -> dict[str, Members]:
    """Divide groups over the splits, by list or chance; validation without a list is a share of train's."""
    if settings.train:
        parts = _listed(members, settings, path)
        if parts["validation"]:
            return parts
        test, names = parts["test"], list(parts["train"])
    else:
        names = [list(members)[i] for i in rng.permutation(len(members))]
        count = max(1, round(len(members) * settings.test_fraction))
        test, names = _pick(members, names[:count]), names[count:]
    if len(names) < 2:
        raise InputError(
            "at least 3 groups: one for train, one for validation, one for test",
            str(len(names) + len(test)),
            f"{path}, column {settings.group}",
            "Add groups, or lower tasks.test_fraction.",
        )
    share = settings.validation_fraction * (1 if settings.train else len(members) / len(names))
    kept, held = hold_out(np.arange(len(names)), share, rng)
    return {
        "train": _pick(members, [names[i] for i in kept]),
        "validation": _pick(members, [names[i] for i in held]),
        "test": test,
    }


def _pick(members: Members, names: list[str]) -> Members:
    return {name: members[name] for name in sorted(names)}


def _listed(members: Members, settings: TableSettings, path: Path) -> dict[str, Members]:
    """Take the classes or groups that the settings list; raises InputError for one that the file has not."""
    parts: dict[str, Members] = {}
    for split in ("train", "validation", "test"):
        names = getattr(settings, split)
        missing = next((name for name in names if name not in members), None)
        if missing is not None:
            column = settings.target if settings.group is None else settings.group
            expected = f"a name that occurs in column {column} of {path}"
            raise InputError(expected, missing, f"tasks.{split}", nearest_name(missing, members))
        parts[split] = _pick(members, list(names))
    return parts
