"""A table of the user's own: few-shot by class, or one task for each group of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evometa.config.tasks import TableTasks
from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import I64, Pool, few_shot, gather, hold_out
from evometa.tasks.family import Family
from evometa.tasks.table_data import Rows, read_table

Members = dict[str, I64]


class Table(Family):
    """Tasks from a CSV or npz file; no row is in two splits, and no class or group in both train and test.

    Without a group column a task is `ways` classes with `shots` and `queries` rows each; with one it is a
    group, `shots` of its rows to learn from and `queries` others. With `divide = "rows"`
    every class is in all splits. Raises InputError for whatever is wrong.
    """

    def __init__(self, settings: TableTasks, seed: int, base: Path) -> None:
        path = base / settings.path
        rows = read_table(path, settings)
        self._settings, self._rows = settings, rows
        if rows.left_out:
            self.notes = (f"{path}: left out as no inputs: {', '.join(rows.left_out)}; tasks.features may list them",)
        rng = stream(seed, 0, "tasks/table/rows")
        classes = _classes(rows, path, settings)
        if rows.group is None:
            members = _divide_classes(_members(rows.target), settings, path, rng)
            ways, words = settings.ways, ("classes", "rows")
        else:
            members = _divide_groups(_members(rows.group), settings, path, rng)
            ways, words = 1, ("groups", "rows")
        self._pools = {split: Pool.of(chosen) for split, chosen in members.items()}
        for split, pool in self._pools.items():
            pool.check(
                ways,
                settings.shots + settings.queries,
                (f"{split} {words[0]}", f"{split} {words[1]}"),
                str(path),
            )
        self._ways, self.unit = ways, "class" if rows.group is None else "group"
        train = self._pools["train"].rows
        self._x = _scaled(rows.x, train, settings.standardise)
        self._y = _targets(rows, classes, train, settings.standardise)
        super().__init__(
            name="table",
            kind=settings.kind,
            inputs=self._x.shape[1],
            outputs=self._y.shape[1] if rows.group is not None else ways,
            support=ways * settings.shots,
            queries=dict.fromkeys(members, ways * settings.queries),
            splits={split: _statement(pool, words[0]) for split, pool in self._pools.items()},
        )

    def content(self) -> Content:
        rows = self._rows
        parts: Content = {"columns": list(rows.columns), "rows": len(rows.x), "inputs": digest(rows.x)}
        parts["targets"] = digest(rows.target)
        return parts if rows.group is None else {**parts, "groups": digest(rows.group)}

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        return self._pools[split].choose(self._ways, count, rng)

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        s, pool = self._settings, self._pools[split]
        if s.group is None:
            return few_shot(self._x, pool, s.ways, s.shots, s.queries, count, rng)
        rows = pool.draw(1, s.shots + s.queries, count, rng)[:, 0]
        return Tasks(*(gather(a, part) for part in (rows[: s.shots], rows[s.shots :]) for a in (self._x, self._y)))


def _members(names: NDArray[np.generic]) -> Members:
    """Rows of each name, in the order of the names."""
    found, codes = np.unique(names, return_inverse=True)
    return {str(name): np.flatnonzero(codes == code) for code, name in enumerate(found)}


def _classes(rows: Rows, path: Path, settings: TableTasks) -> list[str]:
    """Return the names of the classes (none for regression); raises InputError for a single one."""
    if settings.kind == "regression":
        return []
    classes = np.unique(rows.target)
    if len(classes) < 2:
        raise InputError(
            "at least two classes",
            f"only {classes[0]}",
            f"{path}, column {settings.target}",
            "Is it the right target?",
        )
    return [str(name) for name in classes]


def _divide_classes(members: Members, settings: TableTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
    """Divide classes over train and test; validation has a list of its own, or other rows of train's.

    With `divide = "rows"` every class is in all splits, each with rows of its own.
    """
    if settings.divide == "rows":
        return _divide_rows(members, settings, rng)
    if settings.train:
        parts = _listed(members, settings, path)
    else:
        count = max(settings.ways, round(len(members) * settings.test_fraction))
        if len(members) < count + settings.ways:
            raise InputError(
                f"at least {count + settings.ways} classes ({settings.ways} for train, {count} for test)",
                str(len(members)),
                f"{path}, column {settings.target}",
                "Lower tasks.ways or tasks.test_fraction, or name a group column in tasks.group.",
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


def _divide_rows(members: Members, settings: TableTasks, rng: np.random.Generator) -> dict[str, Members]:
    """Divide the rows of every class over the splits, by share, with enough for a task in each where there are."""
    parts: dict[str, Members] = {"train": {}, "validation": {}, "test": {}}
    least = settings.shots + settings.queries
    for name, rows in members.items():
        rest, parts["test"][name] = hold_out(rows, settings.test_fraction, rng, least)
        share = settings.validation_fraction / (1 - settings.test_fraction)
        parts["train"][name], parts["validation"][name] = hold_out(rest, share, rng, least)
    return parts


def _divide_groups(members: Members, settings: TableTasks, path: Path, rng: np.random.Generator) -> dict[str, Members]:
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


def _listed(members: Members, settings: TableTasks, path: Path) -> dict[str, Members]:
    """Take the classes or groups that the settings list; raises InputError for one that the file has not."""
    parts: dict[str, Members] = {}
    for split in ("train", "validation", "test"):
        names = getattr(settings, split)
        missing = next((name for name in names if name not in members), None)
        if missing is not None:
            column = settings.target if settings.group is None else settings.group
            raise InputError(
                f"a name that occurs in column {column} of {path} ({', '.join(list(members)[:12])})",
                missing,
                f"tasks.{split}",
            )
        parts[split] = _pick(members, list(names))
    return parts


def _scaled(values: NDArray[np.float64], train: I64, standardise: bool) -> F32:
    """Return float32 columns, by mean and deviation of the train rows if asked."""
    if standardise:
        values = values - values[train[0]]  # what is constant becomes exactly 0, and its deviation too
        deviation = values[train].std(axis=0)
        values = (values - values[train].mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    return np.ascontiguousarray(values, dtype=np.float32)


def _targets(rows: Rows, classes: list[str], train: I64, standardise: bool) -> F32:
    """Return targets f32[R, O]: one-hot over all classes, or scaled numbers."""
    if not classes:
        return _scaled(rows.target.astype(np.float64)[:, None], train, standardise)
    return np.eye(len(classes), dtype=np.float32)[np.searchsorted(classes, rows.target.astype(np.str_))]


def _statement(pool: Pool, word: str) -> str:
    shown = " ".join(pool.names[:8]) + (" …" if len(pool.names) > 8 else "")
    return f"{len(pool.names)} {word} ({shown}), {len(pool.rows)} rows found in no other split"
