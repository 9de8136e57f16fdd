"""Who is born in a generation, as arrays, and with which genomes: what a run file keeps of them, and one of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.spec.arrays import I64
from evometa.store.columns import Columns, of_kind, size_of


class GenomeRow(NamedTuple):
    """A genome: its row in the columns of several, and what is equal for equal columns."""

    columns: Columns
    row: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Individual:
    """One individual as it was born; `genome` is its row or (formats 1 and 2) its text, None where it was pruned."""

    id: int
    generation: int
    parents: tuple[int, ...]
    operator: str
    signature: bytes
    genome: GenomeRow | str | None


@dataclass(frozen=True, slots=True, eq=False)
class Individuals:
    """The n individuals born in a generation, numbered one after the other from `first`.

    `parents i64[*]` from `begins i64[n + 1]` on; `operator u16[n]`: what made each, one of `operators`;
    `signatures u8[n, S]`: hashes of what they do on probe inputs.
    """

    first: int
    begins: I64
    parents: I64
    operator: NDArray[np.uint16]
    operators: tuple[str, ...]
    signatures: NDArray[np.uint8]

    @classmethod
    def of(
        cls, first: int, parents: Sequence[Sequence[int]], operators: Sequence[str], signatures: Sequence[bytes]
    ) -> Individuals:
        """Gather individuals. Raises ValueError for signatures of several lengths."""
        begins = np.fromiter(accumulate(map(len, parents), initial=0), np.int64, len(parents) + 1)
        names = {name: place for place, name in enumerate(sorted(set(operators)))}
        sizes = set(map(len, signatures))
        if len(sizes) > 1:
            raise ValueError("signatures of several lengths")
        return cls(
            first,
            begins,
            np.fromiter(chain.from_iterable(parents), np.int64, int(begins[-1])),
            np.fromiter(map(names.__getitem__, operators), np.uint16, len(operators)),
            tuple(names),
            np.frombuffer(b"".join(signatures), np.uint8).reshape(len(signatures), sizes.pop() if sizes else 0),
        )

    def __len__(self) -> int:
        return len(self.operator)

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return size_of(self.columns())

    def columns(self) -> Columns:
        """Return what is written of them; `first` stands in the run file's table of contents."""
        names = np.frombuffer(json.dumps(self.operators).encode(), np.uint8)
        return {
            "begins": self.begins, "parents": self.parents, "operator": self.operator, "operators": names,
            "signatures": self.signatures,
        }  # fmt: skip

    @classmethod
    def from_columns(cls, first: int, born: int, columns: Columns) -> Individuals:
        """Read what was written. Raises ValueError for columns that contradict each other."""
        kinds = {"begins": np.int64, "parents": np.int64, "operator": np.uint16, "operators": np.uint8}
        begins, parents, operator, names = (of_kind(columns, name, kind) for name, kind in kinds.items())
        operators = tuple(map(str, json.loads(names.tobytes())))
        signatures = of_kind(columns, "signatures", np.uint8, 2)
        sound = (
            len(begins) == born + 1 and begins[0] == 0 and begins[-1] == len(parents) and (np.diff(begins) >= 0).all()
            and len(operator) == len(signatures) == born and (operator < len(operators)).all()
        )  # fmt: skip
        if not sound:
            raise ValueError("individuals whose columns contradict each other")
        return cls(first, begins, parents, operator, operators, signatures)

    def individual(self, row: int, generation: int, genome: GenomeRow | str | None) -> Individual:
        """Return the individual of a row."""
        parents = tuple(self.parents[self.begins[row] : self.begins[row + 1]].tolist())
        operator = self.operators[self.operator[row]]
        return Individual(self.first + row, generation, parents, operator, self.signatures[row].tobytes(), genome)

    def children(self, number: int) -> list[int]:
        """Return the numbers of those who have a parent of that number, ascending."""
        rows = np.searchsorted(self.begins, np.flatnonzero(self.parents == number), side="right") - 1
        return [self.first + row for row in np.unique(rows).tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class Genomes:
    """The genomes that are kept of those born in a generation: columns, and whose (`rows i64[k]`; None: all's)."""

    columns: Columns
    rows: I64 | None = None
    key: bytes = b""  # what is equal for equal columns that were read

    def genome(self, row: int) -> GenomeRow | None:
        """Return the genome of who was born as number `row` of a generation; None where it was pruned."""
        if self.rows is None:
            return GenomeRow(self.columns, row, self.key)
        place = int(np.searchsorted(self.rows, row))
        return GenomeRow(self.columns, place, self.key) if place < len(self.rows) and self.rows[place] == row else None

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return size_of(self.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The same of a generation that is stored in rows: one text each, None where it was pruned."""

    texts: tuple[str | None, ...]

    def genome(self, row: int) -> str | None:
        """Return the genome of who was born as number `row` of a generation; None where it was pruned."""
        return self.texts[row]

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(len(text) for text in self.texts if text is not None)
