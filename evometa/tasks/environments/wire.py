"""Messages between two processes: a kind and what goes with it, as JSON, arrays behind it as they lie in memory."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from typing import IO, Any, NamedTuple

import numpy as np

_LENGTH = struct.Struct("!Q")
_KINDS = "biuf"  # of arrays: truth values, whole numbers, floats


class Message(NamedTuple):
    """`body`: arrays, and what JSON has, by name."""

    kind: str
    body: Mapping[str, Any]


def send(pipe: IO[bytes], kind: str, **body: Any) -> None:
    """Write a message. Raises TypeError or ValueError for what JSON does not have."""
    arrays = {name: np.ascontiguousarray(value) for name, value in body.items() if isinstance(value, np.ndarray)}
    shapes = {name: [value.dtype.str, list(value.shape)] for name, value in arrays.items()}
    head = json.dumps([kind, {k: v for k, v in body.items() if k not in arrays}, shapes]).encode()
    pipe.write(b"".join([_LENGTH.pack(len(head)), head, *(value.tobytes() for value in arrays.values())]))
    pipe.flush()


def messages(pipe: IO[bytes]) -> Iterator[Message]:
    """Yield messages until there are no more."""
    while len(size := pipe.read(_LENGTH.size)) == _LENGTH.size:
        head = pipe.read(_LENGTH.unpack(size)[0])
        if len(head) < _LENGTH.unpack(size)[0]:
            return
        kind, body, shapes = json.loads(head)
        for name, (code, shape) in shapes.items():
            dtype = np.dtype(code)
            if dtype.kind not in _KINDS:
                raise ValueError(f"an array of {dtype}")
            data = pipe.read(dtype.itemsize * int(np.prod(shape, dtype=np.int64)))
            body[name] = np.frombuffer(data, dtype).reshape(shape).copy()
        yield Message(kind, body)
