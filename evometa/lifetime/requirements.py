"""What the checks at a backend's door are made of: each raises ContractError where something is not as it must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.errors import ContractError
from evometa.spec.arrays import Row, arrays_of


def require(sound: bool, expected: str, found: object, where: str) -> None:
    """Refuse what is not sound."""
    if not sound:
        raise ContractError(expected, str(found), where)


def forbid(wrong: Any, expected: str, found: str, what: str) -> None:
    """Refuse the first of a list that is wrong (bool[n])."""
    if np.count_nonzero(wrong):
        raise ContractError(expected, found, f"{what} {int(np.flatnonzero(wrong)[0])}")


def array_of(array: Any, row: Row, what: str = "") -> None:
    """Refuse what is not an array of the row's type with so many axes, or not finite where the row says so."""
    if not (isinstance(array, np.ndarray) and array.dtype == row.dtype and array.ndim == len(row.axes)):
        found = f"{array.dtype}{[*array.shape]}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ContractError(str(row), found, what or row.name)
    if row.finite and array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):
        raise ContractError("finite numbers", "others", what or row.name)


def of_sizes(array: Any, row: Row, sizes: dict[str, int]) -> None:
    """Refuse an array that is not as its row says; `sizes`: of axes, to which those that are new are added."""
    array_of(array, row)
    for axis, size in zip(row.axes, array.shape, strict=True):
        if sizes.setdefault(axis, size) != size:
            raise ContractError(f"{row} with {axis} = {sizes[axis]}", f"{[*array.shape]}", row.name)


def all_of_sizes(parts: Any, sizes: dict[str, int]) -> None:
    """Refuse an object with an array that is not as its row says."""
    kind: Any = type(parts)
    for row in arrays_of(kind).values():
        if not row.many and not (row.optional and getattr(parts, row.name) is None):
            of_sizes(getattr(parts, row.name), row, sizes)


def within(array: Any, low: int, high: int, what: str) -> None:
    """Refuse numbers beyond `low` to `high`."""
    if array.size and not (low <= array.min() and array.max() <= high):
        raise ContractError(f"numbers from {low} to {high}", f"{array.min()} to {array.max()}", what)


def joined(parts: Sequence[Any], row: Row, what: str) -> Any:
    """Return an array of each part, one behind the other; refuse them where one is another type or has other axes."""
    what = f"{row.name} of the {what}"
    try:
        whole = np.concatenate([getattr(part, row.name) for part in parts])
    except (TypeError, ValueError) as error:
        raise ContractError(f"arrays {row}", str(error), what) from None
    array_of(whole, row, what)
    return whole


def broken(wrong: Any, owner: Any, count: int) -> Any:
    """Return bool[count]: which owners have something that is wrong."""
    return np.bincount(owner[wrong], minlength=count) > 0
