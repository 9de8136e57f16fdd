"""Reading a user's table, CSV or npz; whatever is wrong in it is refused with file, row and column."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import exists
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evometa.config.keys import nearest_name
from evometa.config.tasks import TableTasks
from evometa.errors import InputError
from evometa.tasks.archive import arrays
from evometa.tasks.table_text import UNNAMED, Cells, no_inputs, read_cells

LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Rows:
    """A table as arrays: `x f64[R, I]`; `target` f64[R] or texts[R]; `group` texts[R] or None; `columns`: x's names.

    `left_out`: columns that are no inputs, each with the reason.
    """

    x: NDArray[np.float64]
    target: NDArray[np.float64] | NDArray[np.str_]
    group: NDArray[np.str_] | None
    columns: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def read_table(path: Path, settings: TableTasks) -> Rows:
    """Read the table that `settings` describes; raises InputError with file, row and column."""
    where = f"{path} (tasks.path)"
    try:
        if not exists(path):
            raise FileNotFoundError(path)
        return _read_npz(path, settings) if path.suffix.lower() == ".npz" else _read_csv(path, settings)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError("a CSV or npz file", "no such file", where) from error
    except (MemoryError, OverflowError) as error:
        raise InputError("a table that fits into memory", "a larger one, or a wrong header", where) from error
    except (OSError, ValueError, EOFError, csv.Error, zipfile.BadZipFile) as error:
        raise InputError("a readable CSV or npz file", f"{type(error).__name__}: {error}", where) from error


def _read_csv(path: Path, settings: TableTasks) -> Rows:
    cells = read_cells(path)
    header, lines = cells.header, cells.lines
    features = _columns(path, header, settings)
    for row, line in zip(cells.rows, lines, strict=True):
        if len(row) != len(header):
            raise InputError(
                f"{len(header)} columns, as in the header", f"{len(row)}", f"{path}, row {line}", "Complete the row."
            )
    if not cells.rows:
        raise InputError("rows of data under the header", "none", str(path))
    reasons = {} if settings.features else no_inputs(cells, features, path)
    features = [name for name in features if name not in reasons]
    if unnamed := next((name for name in features if UNNAMED.fullmatch(name)), None) if not settings.features else None:
        raise InputError("a name over every column", f"{unnamed!r}", f"{path}, row 1", "Name it, or remove it.")
    if not features:
        raise InputError("at least one column to predict from", "none that is an input", f"{path}, row 1")

    def numbers(name: str) -> list[float]:
        column = header.index(name)
        return [_number(cells, row[column], path, line, name) for row, line in zip(cells.rows, lines, strict=True)]

    def texts(name: str) -> NDArray[np.str_]:
        column = header.index(name)
        values = [row[column].strip() for row in cells.rows]
        if "" in values:
            raise InputError(
                "a name", "nothing", f"{path}, row {lines[values.index('')]}, column {name}", "Fill it in."
            )
        return np.array(values)

    return Rows(
        np.array([numbers(name) for name in features]).T,
        np.array(numbers(settings.target)) if settings.kind == "regression" else texts(settings.target),
        texts(settings.group) if settings.group is not None else None,
        tuple(features),
        tuple(f"column {name or 'without a name'!r} ({reason})" for name, reason in reasons.items()),
    )


def _columns(path: Path, header: list[str], settings: TableTasks) -> list[str]:
    """Check the header against the settings and return the names of the input columns."""
    twice = [name for i, name in enumerate(header) if name in header[:i]]
    if twice:
        raise InputError("each column name once", f"{twice[0]!r} twice", f"{path}, row 1", "Rename one of the two.")
    special = [settings.target] + ([settings.group] if settings.group is not None else [])
    for key, names in (("target", special[:1]), ("group", special[1:]), ("features", settings.features)):
        for name in names:
            if name not in header:
                near = nearest_name(name, header)
                hint = near if near.startswith("Did") else ""
                raise InputError(
                    f"a column {name!r} (tasks.{key})",
                    f"the columns {', '.join(header[:12]) or 'of an empty file'}",
                    f"{path}, row 1",
                    f"Name one of these in tasks.{key}. {hint}".rstrip(),
                )
    both = [name for name in settings.features if name in special]
    if both or special[:1] == special[1:]:
        name = both[0] if both else special[0]
        raise InputError("different columns for features, target and group", f"{name!r} in two roles", "tasks.features")
    features = list(settings.features) or [name for name in header if name not in special]
    if not features:
        raise InputError("at least one column to predict from", "only target and group", f"{path}, row 1")
    return features


def _number(cells: Cells, text: str, path: Path, row: int, column: str) -> float:
    value = cells.number(text)
    if not abs(value) <= LARGEST:  # false for NaN as well
        raise InputError(
            "a finite number",
            repr(text) if text.strip() else "nothing",
            f"{path}, row {row}, column {column}",
            "Correct it, remove the row, or leave the column out with tasks.features.",
        )
    return value


def _read_npz(path: Path, settings: TableTasks) -> Rows:
    if settings.features:
        raise InputError(
            "no list of columns for an npz file", "a list", "tasks.features", "Store only the inputs in x."
        )
    with arrays(path) as data:
        wanted = ["x", settings.target] + ([settings.group] if settings.group is not None else [])
        for name in wanted:
            if name not in data:
                raise InputError(
                    f"an array {name!r}",
                    f"the arrays {', '.join(data)}",
                    str(path),
                    "Rename it, or name another.",
                )
        x, target, *group = (np.asarray(data[name]) for name in wanted)
    if x.ndim != 2 or 0 in x.shape:
        raise InputError("x as a matrix of rows and inputs, neither empty", f"x{list(x.shape)}", str(path))
    for name, values in zip(wanted[1:], (target, *group), strict=True):
        if values.shape != x.shape[:1]:
            raise InputError(f"one value for each of the {len(x)} rows of x", f"{name}{list(values.shape)}", str(path))
    return Rows(
        _finite(x, path, "x"),
        _finite(target, path, settings.target)
        if settings.kind == "regression"
        else _names(target, path, settings.target),
        _names(group[0], path, str(settings.group)) if group else None,
        tuple(f"x[{i}]" for i in range(x.shape[1])),
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
