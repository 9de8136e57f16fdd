"""Many programs in flat arrays, each of them a `Program` when it is asked for.

Axis letters: P programs, S slots (`names`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, overload

import numpy as np

from evometa.language.codes import offsets
from evometa.language.program import Program
from evometa.language.program_columns import CODE, COLUMNS, CONSTANT, CONSTANT_COUNT, ROWS, TILES
from evometa.language.signals import INPUTS, SIGNAL_COUNT
from evometa.spec.arrays import F32, I32, I64
from evometa.spec.states import RULE


@dataclass(frozen=True, eq=False)
class Programs(Sequence[Program]):
    """P programs that give the same slots; several may share a piece of `code` and of `constants`.

    `columns` of each: first instruction, ends of birth and node section, instructions, first constant, constants, rows,
    temporaries, signals that are read (`Program.mask`).
    """

    code: Annotated[I32, "*"]  # five numbers an instruction
    constants: Annotated[F32, "*"]
    columns: Annotated[I64, "P COLUMNS"]
    outputs: Annotated[I32, "P S"]
    names: tuple[str, ...] = RULE

    @classmethod
    def of(cls, programs: Sequence[Program], names: tuple[str, ...] = RULE) -> Programs:
        """Return programs side by side; `names`: of their slots, where there are none."""
        if isinstance(programs, Programs):
            return programs
        if not programs:
            none = np.zeros(0, np.int32)
            return cls(
                none, none.view(np.float32), np.zeros((0, COLUMNS), np.int64), none.reshape(0, len(names)), names
            )
        rows = [(p.birth_end, p.node_end, len(p.code), len(p.constants), p.n_rows, p.n_tiles, p.mask) for p in programs]
        birth, node, length, constants, tops, tiles, reads = np.array(rows, np.int64).T
        begins = offsets(length)[:-1], offsets(constants)[:-1]
        columns = np.stack([begins[0], birth, node, length, begins[1], constants, tops, tiles, reads], axis=1)
        return cls(
            np.concatenate([p.code.reshape(-1) for p in programs]), np.concatenate([p.constants for p in programs]),
            columns, np.stack([p.outputs for p in programs]), programs[0].names,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.columns)

    @overload
    def __getitem__(self, row: int) -> Program: ...
    @overload
    def __getitem__(self, row: slice) -> Programs: ...
    def __getitem__(self, row: int | slice) -> Program | Programs:
        if isinstance(row, slice):
            return self.take(row)
        code, birth, node, length, first, constants, rows, tiles, mask = self.columns[row].tolist()
        reads = frozenset(name for name, signal in INPUTS.items() if mask >> signal.register & 1)
        return Program(
            self.code[5 * code : 5 * (code + length)].reshape(-1, 5), birth, node,
            self.constants[first : first + constants], self.outputs[row], reads, rows, tiles, self.names,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Program]:
        return (self[row] for row in range(len(self)))

    def take(self, rows: Any) -> Programs:
        """Return the programs at some rows, in that order; rows may repeat, and code is shared."""
        return replace(self, columns=self.columns[rows], outputs=self.outputs[rows])

    @classmethod
    def join(cls, batches: Sequence[Programs]) -> Programs:
        """Return the programs of several batches, one behind the other."""
        first = batches[0]
        if len(batches) == 1:
            return first
        columns = np.concatenate([each.columns for each in batches])
        counts = [len(each) for each in batches]
        columns[:, CODE] += np.repeat(offsets([len(each.code) // 5 for each in batches])[:-1], counts)
        columns[:, CONSTANT] += np.repeat(offsets([len(each.constants) for each in batches])[:-1], counts)
        return cls(
            np.concatenate([each.code for each in batches]), np.concatenate([each.constants for each in batches]),
            columns, np.concatenate([each.outputs for each in batches]), first.names,
        )  # fmt: skip

    @cached_property
    def registers(self) -> I64:
        """Number of registers of each, i64[P]."""
        counts: I64 = SIGNAL_COUNT + self.columns[:, [CONSTANT_COUNT, ROWS, TILES]].sum(axis=1)
        return counts

    def distinct(self) -> tuple[Programs, I32]:
        """Return the programs of different content, as each first occurs, and the position of each one among them."""
        from evometa.language.batch_equality import first_of_each

        first = first_of_each(self.code, self.constants.view(np.uint32), self.columns, self.outputs)
        kept, position = np.unique(first, return_inverse=True)
        return (self if len(kept) == len(self) else self.take(kept)), position.reshape(-1).astype(np.int32)
