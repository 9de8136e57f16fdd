"""What genomes side by side are made of, as bytes, without an object for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genome import content_of, form
from evometa.genetics.genomes import CHROMOSOMES, Genomes
from evometa.lifetime import Graph
from evometa.spec.arrays import U8


def contents(genomes: Genomes, without: frozenset[str]) -> U8:
    """Return the bytes of `Genome.content` of each genome as a row; `without` the rule and what differs in length."""
    columns = []
    left = without if genomes.plastic is not None else without | {"plastic"}  # as `Genome.content` has it
    for name in sorted(CHROMOSOMES):
        if name not in left:
            part = getattr(genomes, name)
            if part is None or isinstance(part, Graph):
                whole = content_of(part)
                columns.append(same_bytes(b"%s %d:%s" % (name.encode(), len(whole), whole), len(genomes)))
                continue
            head, rows = form(part.dtype, part.shape[1:]), row_bytes(part)
            columns += [same_bytes(b"%s %d:%s" % (name.encode(), len(head) + rows.shape[1], head), len(genomes)), rows]
    return np.concatenate([same_bytes(b"", len(genomes)), *columns], axis=1)


def row_bytes(array: NDArray[Any]) -> U8:
    """Return the bytes of each row of an array, u8[G, bytes]."""
    found: U8 = np.ascontiguousarray(array).reshape(len(array), -1).view(np.uint8)
    return found


def same_bytes(text: bytes, count: int) -> U8:
    """Return the same bytes in every row, u8[count, bytes]."""
    return np.broadcast_to(np.frombuffer(text, np.uint8), (count, len(text)))
