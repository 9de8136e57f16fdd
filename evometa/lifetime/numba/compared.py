"""How much of a kernel's arena heads that compare take, from sizes alone, as arena.py and tape.py have it."""

from __future__ import annotations

from typing import NamedTuple

from evometa.lifetime.numba.cpu import BLOCK


class Compared(NamedTuple):
    """Sizes of a comparison: numbers of an embedding, classes, most examples known, whether weights are solved for."""

    embedding: int
    ways: int
    room: int
    solved: bool

    def rows(self, batch: int) -> int:
        """Return the rows of a life, with `batch` examples in an update."""
        size, ways, room, _ = self
        streams, keys = max(batch, BLOCK), max(ways, room)
        rows = 2 * ways * (batch + BLOCK) + 2 * ways * streams  # targets and answers, of examples and queries
        rows += (size + ways) * room + (size + 2) * ways + size * (streams + keys)
        rows += (keys + room) * streams
        return rows + (room * (room + 2 * ways) if self.solved else 0)

    def tape(self, batch: int, length: int) -> int:
        """Return the rows that going back through a part of `length` updates takes besides."""
        size, ways, room, _ = self
        keys = max(ways, room)
        rows = (length + 5) * ways * batch + size * (2 * batch + keys) + 4 * keys * batch
        return rows + (ways * (2 * room + size) if self.solved else 0)
