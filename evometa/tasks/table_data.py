"""Reading a user's table, CSV or npz; whatever is wrong in it is refused with file, row and column."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import exists
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.tasks.archive import arrays
from evometa.tasks.columns import LARGEST, check_leaks, check_roles, inputs, numbers
from evometa.tasks.delimited import Sheet, read_delimited
from evometa.tasks.table_settings import TableSettings
from evometa.tasks.table_time import given_moments, moments


@dataclass(frozen=True)
class Rows:
    """A table as arrays: `x f64[R, I]`; `target` f64[R] or texts[R]; `group` texts[R] or None; `columns`: x's names.

    `notes`: what people should know of how it was read; `time` f64[R] or None: when each row was.
    """

    x: NDArray[np.float64]
    target: NDArray[np.float64] | NDArray[np.str_]
    group: NDArray[np.str_] | None
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    time: NDArray[np.float64] | None = None


def read_table(path: Path, settings: TableSettings) -> Rows:
    """Read the table that `settings` describes; raises InputError with file, row and column."""
    where = f"{path} (tasks.path)"
    if not exists(path):
        raise InputError("a CSV or npz file", "no such file", where)
    if path.suffix.lower() != ".npz":
        return _read_text(path, settings)
    try:
        return _read_npz(path, settings)
    except InputError:
        raise
    except (MemoryError, OverflowError) as error:
        raise InputError("a table that fits into memory", "a larger one, or a wrong header", where) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("a readable npz file", f"{type(error).__name__}: {error}", where) from error


def _read_text(path: Path, settings: TableSettings) -> Rows:
    named = {name for name in (settings.target, settings.group, settings.time) if name is not None}
    sheet = read_delimited(path, named | {*settings.features})
    check_roles(sheet, settings)
    if not sheet.rows:
        raise InputError("rows of data under the header", "none", str(path))
    features, mark = inputs(sheet, settings)
    x = np.array([numbers(sheet, name, mark) for name in features]).T
    target = (
        np.array(numbers(sheet, settings.target, mark))
        if settings.kind == "regression"
        else _texts(sheet, settings.target)
    )
    if not settings.features:
        check_leaks(sheet, features, x, target)
    group = _texts(sheet, settings.group) if settings.group is not None else None
    time = None
    if settings.time is not None:
        places = [f"{path}, row {line}, column {settings.time}" for line in sheet.lines]
        time = moments(sheet.column(settings.time), mark, places)
    return Rows(x, target, group, tuple(features), tuple(sheet.notes), time)


def _texts(sheet: Sheet, name: str) -> NDArray[np.str_]:
    """Return a column's names; raises InputError with the first row that has none."""
    values = sheet.column(name)
    if "" in values:
        place = f"{sheet.path}, row {sheet.lines[values.index('')]}, column {name}"
        raise InputError("a name", "nothing", place, "Fill it in.")
    return np.array(values)


def _read_npz(path: Path, settings: TableSettings) -> Rows:
    for key in ("features", "omit"):
        if getattr(settings, key):
            raise InputError(
                "no list of columns for an npz file", "a list", f"tasks.{key}", "Store only the inputs in x."
            )
    with arrays(path) as data:
        extra = [name for name in (settings.group, settings.time) if name is not None]
        wanted = ["x", settings.target, *extra]
        for name in wanted:
            if name not in data:
                raise InputError(
                    f"an array {name!r}",
                    f"the arrays {', '.join(data)}",
                    str(path),
                    "Rename it, or name another.",
                )
        x, target, *more = (np.asarray(data[name]) for name in wanted)
    if x.ndim != 2 or 0 in x.shape:
        raise InputError("x as a matrix of rows and inputs, neither empty", f"x{list(x.shape)}", str(path))
    for name, values in zip(wanted[1:], (target, *more), strict=True):
        if values.shape != x.shape[:1]:
            raise InputError(f"one value for each of the {len(x)} rows of x", f"{name}{list(values.shape)}", str(path))
    return Rows(
        _finite(x, path, "x"),
        _finite(target, path, settings.target)
        if settings.kind == "regression"
        else _names(target, path, settings.target),
        _names(more[0], path, settings.group) if settings.group is not None else None,
        tuple(f"x[{i}]" for i in range(x.shape[1])),
        time=given_moments(more[-1], path, settings.time) if settings.time is not None else None,
    )


def _finite(values: NDArray[np.generic], path: Path, name: str) -> NDArray[np.float64]:
    """Return an array as float64; raises InputError for what is no finite number."""
    if values.dtype.kind not in "biuf":
        raise InputError("numbers", f"values of type {values.dtype}", f"{path}, array {name}")
    numbers = values.astype(np.float64)
    bad = np.argwhere(~(np.abs(numbers) <= LARGEST))
    if len(bad):
        raise InputError(
            "a finite number",
            f"{numbers[tuple(bad[0])]}",
            f"{path}, array {name}{_place(bad[0])}",
            "Correct or remove it.",
        )
    return numbers


def _names(values: NDArray[np.generic], path: Path, name: str) -> NDArray[np.str_]:
    """Return labels (texts or numbers) as texts; raises InputError for NaN and for other types."""
    if values.dtype.kind == "f":
        _finite(values, path, name)
    if values.dtype.kind not in "biufU":
        raise InputError("texts or numbers", f"values of type {values.dtype}", f"{path}, array {name}")
    return np.array([str(value) for value in values.tolist()])


def _place(index: Sequence[int] | NDArray[np.int64]) -> str:
    row, *column = (int(i) for i in index)
    return f", row {row}" + (f", column {column[0]}" if column else "") + " (counted from 0)"
