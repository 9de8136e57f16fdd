"""Rows of a table in the order of time: when each was, how a series is divided, and what tasks are made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.tasks.episodes import I64, Pool
from evometa.tasks.numerals import Mark, numeral
from evometa.tasks.table_settings import TableSettings

F64 = NDArray[np.float64]
PARTS = ("first part", "middle part", "last part")  # of a series: for train, validation and test


def moments(cells: Sequence[str], mark: Mark, places: Sequence[str]) -> F64:
    """Return when each row was, as numbers that rise with time, of numbers or of ISO 8601 dates.

    `places`: how errors name each cell. Raises InputError.
    """
    texts = [numeral(cell, mark) for cell in cells]
    dated = all(text is None for text in texts)
    found = [_date(cell) if dated else _number(text) for cell, text in zip(cells, texts, strict=True)]
    for value, cell, place in zip(found, cells, places, strict=True):
        if value is None:
            what = "a date such as 2024-03-31 or 2024-03-31T12:00" if dated else "a number, as other rows have"
            raise InputError(what, repr(cell) if cell else "nothing", place, "Rows are ordered by it.")
    return np.array(found, np.float64)


def given_moments(values: NDArray[np.generic], path: Path, name: str) -> F64:
    """Return the same of an array of numbers, dates or texts. Raises InputError."""
    if values.dtype.kind == "M":
        whole = values.astype("datetime64[us]")
        if not np.isnat(whole).any():
            return whole.astype(np.int64).astype(np.float64)
    elif values.dtype.kind in "biuf":
        numbers = values.astype(np.float64)
        if np.isfinite(numbers).all():
            return numbers
    elif values.dtype.kind == "U":
        cells = [str(value) for value in values.tolist()]
        return moments(cells, ".", [f"{path}, array {name}, row {row} (counted from 0)" for row in range(len(cells))])
    raise InputError("numbers, or dates", f"others (of type {values.dtype})", f"{path}, array {name}")


def series(time: F64, settings: TableSettings, path: Path) -> dict[str, dict[str, I64]]:
    """Divide the rows of one series: the first part is for train, the last for the test. InputError for too few."""
    order, least = np.argsort(time, kind="stable"), settings.shots + settings.queries
    if len(order) < 3 * least:
        raise InputError(
            f"at least {3 * least} rows: {least} (shots + queries) in each of three parts", str(len(order)), str(path),
            "Lower tasks.shots or tasks.queries.",
        )  # fmt: skip
    test = min(max(round(len(order) * settings.test_fraction), least), len(order) - 2 * least)
    validation = min(max(round(len(order) * settings.validation_fraction), least), len(order) - test - least)
    parts = np.split(order, [len(order) - test - validation, len(order) - test])
    return {
        split: {name: rows} for split, name, rows in zip(("train", "validation", "test"), PARTS, parts, strict=True)
    }


def in_time(members: Mapping[str, dict[str, I64]], time: F64) -> dict[str, dict[str, I64]]:
    """Return the rows of groups, in each split, in the order of time; those of one moment as they stand."""
    ordered = {}
    for split, groups in members.items():
        ordered[split] = {name: rows[np.argsort(time[rows], kind="stable")] for name, rows in groups.items()}
    return ordered


def windows(pool: Pool, length: int, count: int, rng: np.random.Generator) -> tuple[I64, I64]:
    """Draw rows that follow each other, i64[length, count], of groups in the order of time.

    And what each was drawn from, i64[count]: its group, or, of one series, which part of that length it begins in.
    """
    groups = pool.choose(1, count, rng)[0]
    starts = (rng.random(count) * (pool.size[groups] - length + 1)).astype(np.int64)
    rows = pool.rows[pool.start[groups] + starts + np.arange(length)[:, None]]
    return rows, groups if len(pool.names) > 1 else starts // length


def _number(text: str | None) -> float | None:
    value = None if text is None else float(text)
    return value if value is not None and np.isfinite(value) else None


def _date(cell: str) -> float | None:
    """Return seconds since 1970; a date without a zone counts as of Greenwich."""
    try:
        found = datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
