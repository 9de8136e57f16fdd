"""What the checks at a backend's door are made of: each raises ContractError where something is not as it must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.errors import ContractError


def require(sound: bool, expected: str, found: object, where: str) -> None:
    """Refuse what is not sound."""
    if not sound:
        raise ContractError(expected, str(found), where)


def forbid(wrong: Any, expected: str, found: str, what: str) -> None:
    """Refuse the first of a list that is wrong (bool[n])."""
    if np.any(wrong):
        raise ContractError(expected, found, f"{what} {int(np.flatnonzero(wrong)[0])}")


def array_of(array: Any, dtype: Any, axes: int, what: str) -> None:
    """Refuse what is not an array of that type with so many axes."""
    if not (isinstance(array, np.ndarray) and array.dtype == dtype and array.ndim == axes):
        found = f"{array.dtype}{[*array.shape]}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ContractError(f"{np.dtype(dtype)} with {axes} axes", found, what)


def finite(array: Any, axes: int, what: str) -> None:
    """Refuse what is not an array of finite float32."""
    array_of(array, np.float32, axes, what)
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):
        raise ContractError("finite numbers", "others", what)


def within(array: Any, low: int, high: int, what: str) -> None:
    """Refuse numbers beyond `low` to `high`."""
    if array.size and not (low <= array.min() and array.max() <= high):
        raise ContractError(f"numbers from {low} to {high}", f"{array.min()} to {array.max()}", what)


def joined(parts: Sequence[Any], dtype: Any, axes: int, what: str) -> Any:
    """Return arrays of that type, one behind the other; refuse them where one is another type or has other axes."""
    try:
        whole = np.concatenate(parts)
    except (TypeError, ValueError) as error:
        raise ContractError(f"arrays of {np.dtype(dtype)} with {axes} axes", str(error), what) from None
    array_of(whole, dtype, axes, what)
    return whole


def broken(wrong: Any, owner: Any, count: int) -> Any:
    """Return bool[count]: which owners have something that is wrong."""
    return np.bincount(owner[wrong], minlength=count) > 0
