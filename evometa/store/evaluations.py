"""How everyone did who was evaluated in a generation, as arrays: what a run file keeps of it, and that of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.spec.arrays import F32, I64
from evometa.store.columns import Columns, of_kind, size_of

F64 = NDArray[np.float64]


class Evaluation(NamedTuple):
    """What evaluating one individual gave: fitness, performance before and after learning (None: not a number).

    `diverged` of the `lifetimes` lived did not stay finite. Where they are kept: `cases f32[tasks]`, errors on each
    task, and `record f64[R]`, what is known from all lives of those that behave alike.
    """

    id: int
    fitness: tuple[float, ...]
    innate: float | None = None
    adapted: float | None = None
    lifetimes: int = 0
    diverged: int = 0
    cases: F32 | None = None
    record: F64 | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluations:
    """How the m individuals evaluated in a generation did, ascending by `ids i64[m]`.

    `fitness f64[m, objectives]`, `innate f64[m]`, `adapted f64[m]` (NaN: none), `lifetimes i64[m]`, `diverged i64[m]`,
    `cases f32[m, tasks]`, `records f64[m, R]` (None: not kept).
    """

    ids: I64
    fitness: F64
    innate: F64
    adapted: F64
    lifetimes: I64
    diverged: I64
    cases: F32 | None = None
    records: F64 | None = None

    @classmethod
    def of(cls, evaluations: Sequence[Evaluation]) -> Evaluations:
        """Gather evaluations. Raises ValueError where some have more objectives than others, or an id comes twice."""
        ordered = sorted(evaluations, key=lambda one: one.id)
        parts = zip(*ordered, strict=True) if ordered else [()] * len(Evaluation._fields)
        ids, fitness, innate, adapted, lifetimes, diverged, cases, records = parts
        table = np.array(fitness, np.float64).reshape(len(ordered), -1 if ordered else 0)
        found = cls(
            np.array(ids, np.int64), table, reals(innate), reals(adapted), np.array(lifetimes, np.int64),
            np.array(diverged, np.int64), table_of(cases, np.float32), table_of(records, np.float64),
        )  # fmt: skip
        if (np.diff(found.ids) == 0).any():
            raise ValueError("an individual is evaluated twice")
        return found

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return size_of(self.columns())

    def columns(self) -> Columns:
        """Return what is written of them."""
        kept = {"cases": self.cases, "records": self.records}
        return {
            "ids": self.ids, "fitness": self.fitness, "innate": self.innate, "adapted": self.adapted,
            "lifetimes": self.lifetimes, "diverged": self.diverged,
            **{name: table for name, table in kept.items() if table is not None},
        }  # fmt: skip

    @classmethod
    def from_columns(cls, columns: Columns) -> Evaluations:
        """Read what was written. Raises ValueError for columns that contradict each other."""
        kinds = {"ids": np.int64, "innate": np.float64, "adapted": np.float64, "lifetimes": np.int64}
        ids, innate, adapted, lifetimes = (of_kind(columns, name, kind) for name, kind in kinds.items())
        fitness, diverged = of_kind(columns, "fitness", np.float64, 2), of_kind(columns, "diverged", np.int64)
        cases = of_kind(columns, "cases", np.float32, 2) if "cases" in columns else None
        records = of_kind(columns, "records", np.float64, 2) if "records" in columns else None
        if {len(array) for array in columns.values()} != {len(ids)} or (np.diff(ids) <= 0).any():
            raise ValueError("evaluations whose columns contradict each other")
        return cls(ids, fitness, innate, adapted, lifetimes, diverged, cases, records)

    def evaluation(self, number: int) -> Evaluation | None:
        """Return how an individual did; None where it was not evaluated."""
        row = int(np.searchsorted(self.ids, number))
        if row == len(self.ids) or self.ids[row] != number:
            return None
        innate, adapted = float(self.innate[row]), float(self.adapted[row])
        return Evaluation(
            number,
            tuple(self.fitness[row].tolist()),
            None if innate != innate else innate,
            None if adapted != adapted else adapted,
            int(self.lifetimes[row]),
            int(self.diverged[row]),
            None if self.cases is None else self.cases[row],
            None if self.records is None else self.records[row],
        )


def table_of(rows: Sequence[Any], kind: type) -> NDArray[Any] | None:
    """Return rows as a table, or None where some of them, or all, were not kept."""
    return None if not rows or any(row is None for row in rows) else np.array(rows, kind)


def reals(values: Sequence[float | None]) -> F64:
    """Return numbers, one NaN for each that is none: NaNs differ between machines."""
    found = np.array(values, np.float64)  # None becomes NaN
    found[np.isnan(found)] = np.nan
    return found
