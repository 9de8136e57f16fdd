"""Named arrays as one blob of bytes that describes itself: hashed as a whole, deflated in pieces.

A blob is a line of JSON, `[[name, dtype, shape], …]`, then each array, little-endian, from a multiple of 8 bytes on.
What is hashed are these bytes, never what zlib makes of them: its versions differ.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]

ALIGNMENT = 8  # bytes
LEVEL = 1  # of zlib: the next one takes half as long again and saves a few per cent
PIECE = 4 << 20  # bytes that are deflated as one
MOST = 1 << 30  # bytes of a blob
_HEADER = 1 << 16  # bytes of the longest line of JSON
_DTYPE = re.compile(r"[<|][biufS][0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Blob:
    """Columns ready to be written: the SHA-256 of their bytes, and these bytes deflated in pieces."""

    hash: bytes
    pieces: tuple[bytes, ...]

    @classmethod
    def of(cls, columns: Columns, *, deflated: bool = True) -> Blob:
        """Pack columns; without pieces where only their hash is wanted. DataError where they are too large."""
        data = memoryview(pack(columns))
        if len(data) > MOST:
            raise sqlite3.DataError("arrays larger than any of ours")
        starts = range(0, len(data), PIECE) if deflated else ()
        pieces = tuple(zlib.compress(data[start : start + PIECE], LEVEL) for start in starts)
        return cls(sha256(data).digest(), pieces)


def pack(columns: Columns) -> bytes:
    """Return the bytes of columns, the same on every machine."""
    arrays = [np.ascontiguousarray(array, array.dtype.newbyteorder("<")) for array in columns.values()]
    described = [[name, array.dtype.str, array.shape] for name, array in zip(columns, arrays, strict=True)]
    parts: list[Any] = [(json.dumps(described, separators=(",", ":")) + "\n").encode()]
    parts += [array.tobytes() for array in arrays]
    return b"".join(part + bytes(-len(part) % ALIGNMENT) for part in parts)


def unpack(data: bytes) -> Columns:
    """Return columns as views on their bytes. Raises ValueError for bytes that are none."""
    described, starts = layout(data)
    if starts[-1] != len(data):
        raise ValueError("columns of another length than they say")
    return {
        name: np.frombuffer(data, dtype, prod(shape), start).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
        for (name, dtype, shape), start in zip(described, starts, strict=False)
    }


def layout(data: bytes) -> tuple[list[tuple[str, np.dtype[Any], tuple[int, ...]]], list[int]]:
    """Return name, dtype and shape of each column of a blob that begins with these bytes, and where each begins.

    One more start says how long the blob is. Raises ValueError for bytes that are no columns.
    """
    end = data.find(b"\n", 0, _HEADER)
    if end < 0:
        raise ValueError("columns that nothing describes")
    described, starts = [], [_aligned(end + 1)]
    for name, dtype, shape in json.loads(data[:end]):
        whole = all(type(side) is int and side >= 0 for side in shape)
        if not (isinstance(name, str) and _DTYPE.fullmatch(dtype) and whole):
            raise ValueError("a column of an unknown kind")
        described.append((name, np.dtype(dtype), tuple(shape)))
        starts.append(starts[-1] + _aligned(np.dtype(dtype).itemsize * prod(shape)))
    return described, starts


def inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a blob, piece by piece. Raises ValueError for what was not deflated so, or is too large."""
    size = 0
    for piece in pieces:
        stream = zlib.decompressobj()
        try:
            data = stream.decompress(piece, PIECE)
            rest = stream.decompress(stream.unconsumed_tail, 1)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        size += len(data)
        if rest or not stream.eof or stream.unused_data or size > MOST:
            raise ValueError("a piece of another length than any of ours")
        yield data


def of_kind(columns: Columns, name: str, kind: type, axes: int = 1) -> NDArray[Any]:
    """Return a column. Raises ValueError where there is none of that kind and so many axes."""
    found = columns.get(name)
    if found is None or found.dtype != kind or found.ndim != axes:
        raise ValueError(f"no column {name} of {np.dtype(kind)}, {axes} axes")
    return found


def size_of(columns: Columns) -> int:
    """Return the bytes that arrays take."""
    return sum(array.nbytes for array in columns.values())


def _aligned(size: int) -> int:
    return size + -size % ALIGNMENT
