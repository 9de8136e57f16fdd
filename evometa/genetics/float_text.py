"""Numbers as text: base64 of little-endian float32, exact and the same on every machine; and whole ones as JSON has."""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.spec.arrays import F32

_STORED = np.dtype("<f4")


def encode(values: F32) -> str:
    """Return the text of numbers, whatever their shape."""
    return binascii.b2a_base64(values.astype(_STORED, copy=False).tobytes(), newline=False).decode()


def decode(text: str) -> F32:
    """Return the numbers of a text in one row. Raises ValueError (`binascii.Error`) where it is none."""
    return np.frombuffer(binascii.a2b_base64(text, strict_mode=True), _STORED).astype(np.float32)


def whole_numbers(values: Sequence[Any], dtype: Any = np.int64) -> Any:
    """Return whole numbers of a list. Raises TypeError where one is none (true is none)."""
    if not all(type(value) is int for value in values):
        raise TypeError("a list of whole numbers expected")
    return np.array(values, dtype)
