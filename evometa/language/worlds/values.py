"""Elements of a world's equations as values of the numbering: what the compiler expands them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evometa.language.numbering import Numbering
from evometa.spec.primitives import PRIMITIVES


class Values:
    """Values of a numbering; `registers`: the first one of each name."""

    def __init__(self, values: Numbering, registers: Mapping[str, int]) -> None:
        self.values, self.registers = values, registers

    def constant(self, value: float) -> int:
        """Return the value of a number."""
        return self.values.constant(int(np.float32(value).view(np.uint32)))

    def apply(self, name: str, arguments: Sequence[int]) -> int:
        """Return the value of a primitive over others."""
        op = PRIMITIVES[name].opcode
        if len(arguments) == 1:
            return self.values.unary(op, arguments[0])
        if len(arguments) == 2:
            return self.values.binary(op, *arguments)
        return self.values.ternary(op, *arguments)

    def gather(self, name: str, index: int, rows: int) -> int:
        """Return the row of a name with an index, of so many rows."""
        return self.values.lookup(index, self.registers[name], rows)

    def number(self, element: int) -> float | None:
        """Return the number that a value is, if it is a constant."""
        return float(np.uint32(self.values.bits[~element]).view(np.float32)) if element < 0 else None
