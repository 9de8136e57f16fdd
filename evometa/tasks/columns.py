"""Which columns of a table are inputs: not those that number or name its rows, say nothing, or give the target away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evometa.config.keys import nearest_name
from evometa.errors import InputError
from evometa.tasks.delimited import Sheet
from evometa.tasks.numerals import Mark, decimal_mark, is_missing, numeral
from evometa.tasks.table_settings import TableSettings

LARGEST = float(np.finfo(np.float32).max)
LISTED = 12  # names or values that are listed, of perhaps many
KEY_NAME = re.compile(
    r"(?:.*[\W_])?(?:id|idx|index|key|nr|no|num|number|row|uuid|code)|.*[a-z]I[Dd]|unnamed: \d+", re.I
)
MEASURE = re.compile(r"[+-]?[0-9][0-9.,]*\s*[^\s0-9]{0,8}")  # a number with a unit, or in another notation: not a name
WHOLE = re.compile(r"[+-]?[0-9]{1,40}")


def check_roles(sheet: Sheet, settings: TableSettings) -> None:
    """Refuse, with InputError, names that the header has not or has twice, and a column in two roles."""
    header, where = sheet.header, f"{sheet.path}, row 1"
    roles = {
        "target": [settings.target],
        "group": [settings.group] if settings.group is not None else [],
        "time": [settings.time] if settings.time is not None else [],
        "features": list(settings.features),
        "omit": list(settings.omit),
    }
    for key, names in roles.items():
        for name in names:
            if name not in header:
                raise InputError(
                    f"a column {name!r} (tasks.{key})",
                    f"the columns {_listed(header) or 'of an empty file'}",
                    where,
                    _header_hint(header) or nearest_name(name, [one for one in header if one][: LISTED**2]),
                )
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise InputError("each column name once", f"{twice[0]!r} twice", where, "Rename one of the two.")
    owner: dict[str, str] = {}
    for key, names in roles.items():
        for name in names:
            if name in owner:
                expected = "different columns for target, group, time, features and omit"
                raise InputError(expected, f"{name!r} in two roles ({owner[name]}, {key})", f"tasks.{key}")
            owner[name] = key


def inputs(sheet: Sheet, settings: TableSettings) -> tuple[list[str], Mark]:
    """Return the names of the input columns and the decimal mark of their numbers, and note what is left out.

    A column that `settings.features` names is taken as it is. Raises InputError for what cannot be told.
    """
    special = {settings.target, settings.group, settings.time, *settings.omit}
    names = list(settings.features) or [name for name in sheet.header if name not in special]
    cells = {name: sheet.column(name) for name in names}
    if settings.decimal != "auto":
        mark: Mark = settings.decimal
    else:
        numbers = [settings.target] if settings.kind == "regression" else []
        mark = decimal_mark([*cells.values(), *(sheet.column(name) for name in numbers)], str(sheet.path))
    if settings.features:
        return names, mark
    reasons = {name: reason for name in names if (reason := _useless(name, cells[name], mark, str(sheet.path)))}
    names = [name for name in names if name not in reasons]
    if reasons:
        told = [f"{name or 'the column without a name'} ({reason})" for name, reason in reasons.items()]
        more = f" and {len(told) - LISTED} more" if len(told) > LISTED else ""
        text = f"{sheet.path.name}: left out of the inputs: {', '.join(told[:LISTED])}{more}"
        sheet.notes.append(f"{text}; tasks.features takes the columns that it names")
    if not names:
        found = f"none but {_listed(reasons)}, which were left out" if reasons else "only target and group"
        raise InputError("at least one column to predict from", found, f"{sheet.path}, row 1")
    if "" in names:
        raise InputError(
            "a name for each column that is no index of the rows", "a column without one", f"{sheet.path}, row 1"
        )
    return names, mark


def numbers(sheet: Sheet, name: str, mark: Mark) -> list[float]:
    """Return a column's numbers; raises InputError with the first row that has none."""
    column = sheet.column(name)
    texts = [numeral(cell, mark) for cell in column]
    values = [float("nan") if text is None else float(text) for text in texts]
    bad = [r for r, value in enumerate(values) if not abs(value) <= LARGEST]  # false for NaN as well
    if not bad:
        return values
    place = f"{sheet.path}, row {sheet.lines[bad[0]]}, column {name}"
    remedy = f'Correct it, remove the row, or leave the column out: tasks.omit = ["{name}"].'
    if all(text is None for text in texts) and not all(map(is_missing, column)):
        kinds = list(dict.fromkeys(column))
        found = f"text of {len(kinds)} values ({_listed([repr(kind) for kind in kinds])})"
        remedy = f'Leave it out (tasks.omit = ["{name}"]), or write each value as a column of 0 and 1.'
        raise InputError("numbers", found, place, remedy)
    cell = column[bad[0]]
    missing = sum(is_missing(one) for one in column)
    found = repr(cell) if cell else "nothing"
    if is_missing(cell) and missing > 1:
        found += f" (no number in {missing} of {len(column)} rows)"
    raise InputError("a finite number", found, place, remedy)


def check_leaks(sheet: Sheet, names: Sequence[str], x: NDArray[np.float64], target: NDArray[np.generic]) -> None:
    """Refuse, with InputError, an input that is the target: the same numbers, or a number of its own for each class."""
    kinds, codes = np.unique(target, return_inverse=True)
    for name, values in zip(names, x.T, strict=True):
        if target.dtype.kind == "f":
            same = bool(np.array_equal(values, target))
        else:
            own, places = np.unique(values, return_inverse=True)
            same = 1 < len(own) == len(kinds) == len(np.unique(codes * len(own) + places))
        if same:
            raise InputError(
                "inputs that do not give the target away",
                f"column {name!r}, which is the target in other words",
                str(sheet.path),
                f'Leave it out: tasks.omit = ["{name}"] (or name it in tasks.features to have it all the same).',
            )


def _useless(name: str, cells: Sequence[str], mark: Mark, where: str) -> str:
    """Say why a column is no input; nothing if it is one."""
    if len(set(cells)) == 1:
        return "nothing in any row" if is_missing(cells[0]) else "the same in all rows"
    if all(map(WHOLE.fullmatch, cells)):
        return _numbering(name, cells, where)
    if len(set(cells)) == len(cells) and not any(numeral(cell, mark) or MEASURE.fullmatch(cell) for cell in cells):
        return "a name of its own in each row"
    return ""


def _numbering(name: str, cells: Sequence[str], where: str) -> str:
    """Say that whole numbers number the rows; nothing if they do not. Raises InputError where they may.

    They do without a name over them, by their name where all differ, and where they are consecutive, in whatever order,
    or go on by the same step. Numbers that rise from row to row are like keys of a sorted table, and like measurements.
    """
    values = [int(cell) for cell in cells]
    alike = len(set(values)) < len(values) or len(values) < 3
    steps = {after - before for before, after in pairwise(values)}
    if not name or (not alike and (KEY_NAME.fullmatch(name) or len(steps) == 1)):
        return "it numbers the rows"
    if alike:
        return ""
    if max(values) - min(values) == len(values) - 1:
        return "it numbers the rows"
    if min(steps) > 0 or max(steps) < 0:
        found = f"whole numbers that rise or fall from row to row in column {name!r}: an identifier, or measured?"
        remedy = f'Leave it out (tasks.omit = ["{name}"]), or list the columns to predict from in tasks.features.'
        raise InputError("columns to predict from", found, where, remedy)
    return ""


def _header_hint(header: Sequence[str]) -> str:
    """Say what may be wrong with a header that lacks what is asked for; nothing if it looks like one."""
    if header and all(numeral(cell, ".") is not None for cell in header):
        return "Its first row must name the columns."
    return "" if len(header) > 1 or not header else "Cells are separated by commas, semicolons, tabs or bars."


def _listed(names: Sequence[str] | dict[str, str]) -> str:
    shown = [name or "''" for name in names][:LISTED]
    return ", ".join(shown) + (" …" if len(names) > LISTED else "")
