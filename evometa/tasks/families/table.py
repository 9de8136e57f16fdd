"""A table of the user's own: few-shot by class, met before or not, one task for each group of rows, or rows in the
order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream
from evometa.tasks.content import Content, digest
from evometa.tasks.episodes import I64, Pool, few_shot, gather
from evometa.tasks.family import Family
from evometa.tasks.numerals import numeral
from evometa.tasks.table_data import Rows, read_table
from evometa.tasks.table_settings import TableSettings
from evometa.tasks.table_splits import Members, divide_classes, divide_groups, divide_rows
from evometa.tasks.table_time import in_time, series, windows

FEW_NUMBERS = 10  # so many different numbers are classes, as digits are, and nothing is said


class TableTasks(TableSettings):
    """A table of your own, CSV or npz: few-shot by class, a task for each group of rows, or rows in time order."""

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Table:
        return Table(self, seed, base)


class Table(Family):
    """Tasks from a CSV or npz file; no row is in two splits, and no class or group in both train and test.

    Without a group column a task is `ways` classes with `shots` and `queries` rows each; with one it is a
    group, `shots` of its rows to learn from and `queries` others. With `divide = "rows"` every class is in all
    splits. With a time column a task is `shots` rows that follow each other, of a group or of the whole table, and the
    `queries` behind them; so are the tasks of a life that has several. Raises InputError for whatever is wrong.
    """

    def __init__(self, settings: TableSettings, seed: int, base: Path) -> None:
        path = base / settings.path
        rows = read_table(path, settings)
        classes, doubts = _classes(rows, path, settings)
        self._settings, self._rows, self.notes = settings, rows, (*rows.notes, *doubts)
        rng = stream(seed, 0, "tasks/table/rows")
        self.ordered = rows.time is not None
        if rows.group is not None:
            members = divide_groups(_members(rows.group), settings, path, rng)
            ways, words = 1, ("groups", "rows")
            members = members if rows.time is None else in_time(members, rows.time)
        elif rows.time is not None:
            members, ways, words = series(rows.time, settings, path), 1, ("series", "rows")
        else:
            divide = divide_rows if settings.divide == "rows" else divide_classes
            members = divide(_members(rows.target), settings, path, rng)
            ways, words = settings.ways, ("classes", "rows")
        self._pools = {split: Pool.of(chosen) for split, chosen in members.items()}
        for split, pool in self._pools.items():
            pool.check(
                ways,
                settings.shots + settings.queries,
                (f"{split} {words[0]}", f"{split} {words[1]}"),
                str(path),
            )
        self._ways, self._path = ways, path
        other = "part" if self.ordered else "row" if settings.divide == "rows" else "class"
        self.unit = "group" if rows.group is not None else other
        train = self._pools["train"].rows
        self._x = _scaled(rows.x, train, settings.standardise)
        self._y = _targets(rows, classes, train, settings.standardise)
        super().__init__(
            name="table",
            kind=settings.kind,
            inputs=self._x.shape[1],
            outputs=self._y.shape[1] if rows.group is not None or self.ordered else ways,
            support=ways * settings.shots,
            queries=dict.fromkeys(members, ways * settings.queries),
            splits={split: _statement(pool, words[0]) for split, pool in self._pools.items()},
        )

    def content(self) -> Content:
        rows = self._rows
        parts: Content = {"columns": list(rows.columns), "rows": len(rows.x), "inputs": digest(rows.x)}
        parts["targets"] = digest(rows.target)
        parts |= {} if rows.group is None else {"groups": digest(rows.group)}
        return parts if rows.time is None else {**parts, "times": digest(rows.time)}

    def in_turn(self, split: str, count: int, tasks: int, rng: np.random.Generator) -> Tasks:
        if not self.ordered:
            return super().in_turn(split, count, tasks, rng)
        each, shots = self._settings.shots + self._settings.queries, self._settings.shots
        rows = windows(self._pools[split], tasks * each, count, rng)[0]
        rows = rows.reshape(tasks, each, count).transpose(1, 2, 0).reshape(each, count * tasks)
        return Tasks(*(gather(a, part) for part in (rows[:shots], rows[shots:]) for a in (self._x, self._y)))

    def units_in_turn(self, split: str, count: int, tasks: int, rng: np.random.Generator) -> I64:
        if not self.ordered:
            return super().units_in_turn(split, count, tasks, rng)
        each = self._settings.shots + self._settings.queries
        return windows(self._pools[split], tasks * each, count, rng)[1][None]

    def check_turns(self, counts: Mapping[str, int]) -> None:
        each, what = self._settings.shots + self._settings.queries, ("groups", "rows")
        for split, count in counts.items() if self.ordered else ():
            smaller = f"Lower tasks.shots, tasks.queries or lifetime.tasks ({count}), or leave that one out."
            self._pools[split].check(1, count * each, what, str(self._path), smaller=smaller)

    def strata(self, units: I64) -> I64 | None:
        return self._y.argmax(axis=1)[units] if self.unit == "row" else None

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        s, pool = self._settings, self._pools[split]
        if self.ordered:
            return self.units_in_turn(split, count, 1, rng)
        if self.unit != "row":
            return pool.choose(self._ways, count, rng)
        return pool.draw(s.ways, s.shots + s.queries, count, rng)[s.shots :].reshape(-1, count)  # those asked about

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        s, pool = self._settings, self._pools[split]
        if self.ordered:
            return self.in_turn(split, count, 1, rng)
        if s.group is None:
            return few_shot(self._x, pool, s.ways, s.shots, s.queries, count, rng)
        rows = pool.draw(1, s.shots + s.queries, count, rng)[:, 0]
        return Tasks(*(gather(a, part) for part in (rows[: s.shots], rows[s.shots :]) for a in (self._x, self._y)))


def _members(names: NDArray[np.generic]) -> Members:
    """Rows of each name, in the order of the names."""
    found, codes = np.unique(names, return_inverse=True)
    return {str(name): np.flatnonzero(codes == code) for code, name in enumerate(found)}


def _classes(rows: Rows, path: Path, settings: TableSettings) -> tuple[list[str], list[str]]:
    """Return the names of the classes (none for regression), and notes where they may be meant as numbers.

    Raises InputError for a single one, and for numbers most of which stand in one row alone.
    """
    if settings.kind == "regression":
        return [], []
    classes = [str(name) for name in np.unique(rows.target)]
    place = f"{path}, column {settings.target}"
    if len(classes) < 2:
        raise InputError("at least two classes", f"only {classes[0]}", place, "Is it the right target?")
    if len(classes) <= FEW_NUMBERS or any(numeral(name, ".") is numeral(name, ",") is None for name in classes):
        return classes, []
    found, remedy = f"{len(classes):,} different numbers", 'tasks.kind = "regression" predicts the number'
    if len(classes) > len(rows.target) / 2:
        found = f"{found} in {len(rows.target):,} rows"
        raise InputError("classes to be told apart (tasks.kind)", found, place, f"{remedy}.")
    by_class = settings.group is None and settings.time is None
    return classes, [] if by_class else [f"{path.name}: {settings.target}: {found} are taken for classes; {remedy}"]


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
