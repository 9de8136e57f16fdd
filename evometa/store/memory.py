"""What a reader remembers of the generations that it has read, within bounds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

BYTES = 256 << 20
ENTRIES = 256


class Memory:
    """The parts of generations that were asked for last; they are never changed."""

    def __init__(self) -> None:
        self._parts: OrderedDict[Hashable, Any] = OrderedDict()
        self._bytes = 0

    def clear(self) -> None:
        """Forget everything."""
        self._parts.clear()
        self._bytes = 0

    def get(self, key: Hashable) -> Any:
        """Return a part; None where it is not remembered."""
        if key not in self._parts:
            return None
        self._parts.move_to_end(key)
        return self._parts[key]

    def put(self, key: Hashable, part: Any) -> None:
        """Remember a part, and forget those that were asked for longest ago."""
        self._parts[key] = part
        self._bytes += part.size
        while len(self._parts) > ENTRIES or (self._bytes > BYTES and len(self._parts) > 1):
            _, gone = self._parts.popitem(last=False)
            self._bytes -= gone.size
