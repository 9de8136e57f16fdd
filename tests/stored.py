"""Runs written by hand, an individual at a time, for tests of what is read from them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from evometa.evolution.stored import columns_of
from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_from_json
from evometa.store import Evaluation, Evaluations, Genomes, Individuals, Writer
from evometa.store.records import Json


class Born(NamedTuple):
    """An individual at birth; `genome`: its text, None where it is not kept."""

    id: int
    parents: tuple[int, ...]
    operator: str
    genome: str | None
    signature: bytes = b""


def commit(
    writer: Writer,
    generation: int,
    born: Sequence[Born],
    evaluations: Sequence[Evaluation],
    state: Json,
    statistics: Json,
    timing: Json,
    graphs: dict[str, str] | None = None,
) -> None:
    """Commit a generation."""
    known = tuple((graphs or {}).items())
    rows = [row for row, one in enumerate(born) if one.genome is not None]
    kept = columns_of([_genome(born[row].genome, known) for row in rows])
    first = born[0].id if born else 0
    individuals = Individuals.of(
        first, [one.parents for one in born], [one.operator for one in born], [one.signature for one in born]
    )
    writer.encode(individuals, kept)
    left = None if len(rows) == len(born) else Genomes(kept, np.array(rows, np.int64))
    writer.commit(generation, Evaluations.of(evaluations), state, statistics, timing, graphs, left)


@lru_cache(maxsize=4096)
def _genome(text: str, graphs: tuple[tuple[str, str], ...]) -> Genome:
    return Genome.from_json(text, {key: graph_from_json(graph) for key, graph in graphs})
