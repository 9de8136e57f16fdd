"""What tasks are made of, by content: a run keeps it, so that other data is never taken for its own."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Content = dict[str, str | int | list[str]]
"""Each part of what a family draws from, in words, with a count, names, or a digest."""

DIGEST = "sha256:"


def digest(*arrays: NDArray[Any]) -> str:
    """Return a digest of arrays' types, shapes and values."""
    total = hashlib.sha256()
    for array in arrays:
        if array.dtype.kind in "UO":  # how wide texts are stored says nothing of them
            values = "\0".join(map(str, array.ravel().tolist())).encode()
            total.update(f"texts {array.shape} ".encode() + values)
        else:
            total.update(f"{array.dtype.str} {array.shape} ".encode() + np.ascontiguousarray(array).tobytes())
    return DIGEST + total.hexdigest()


def changes(known: Content, content: Content) -> str:
    """Say what of `known` is other in `content`, part by part; nothing where they agree."""
    told = []
    for part in [*content, *(part for part in known if part not in content)]:
        before, now = known.get(part), content.get(part)
        if before == now:
            continue
        if isinstance(before, list) and isinstance(now, list):
            told.append(_names(part, before, now))
        elif before is None or now is None or str(before).startswith(DIGEST):
            told.append(part)
        else:
            told.append(f"{now} {part} in place of {before}")
    return ", ".join(told)


def _names(part: str, before: list[Any], now: list[Any]) -> str:
    """Say which names came, and which are gone."""
    gone = [str(name) for name in before if name not in now]
    came = [str(name) for name in now if name not in before]
    words = [f"{sign} {', '.join(names[:6])}" for sign, names in (("without", gone), ("with", came)) if names]
    return f"{part} {' and '.join(words) or 'in another order'}"
