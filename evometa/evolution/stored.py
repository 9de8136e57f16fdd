"""Genomes between evolution and the run file, which keeps a generation's in columns (formats 1 and 2: a text each)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.topology import graph_from_json, graph_key
from evometa.lifetime import Graph
from evometa.spec.arrays import I64
from evometa.store.columns import Columns
from evometa.store.individuals import GenomeRow, Individual
from evometa.store.reader import Reader

BATCHES = 64  # generations whose genomes are remembered


class StoredGenomes:
    """The genomes of a run; those of a generation are views of one batch, of which the last ones are remembered.

    `networks`: graphs that are in use already; a stored graph equal to one of them becomes that very object.
    """

    def __init__(self, reader: Reader, networks: Sequence[Graph] = ()) -> None:
        self._reader, self._networks = reader, networks
        self._batches: dict[bytes, Genomes] = {}

    @cached_property
    def graphs(self) -> dict[str, Graph]:
        """All topologies by key."""
        known = {graph_key(graph): graph for graph in self._networks}
        where = str(self._reader.path)
        texts = self._reader.graphs().items()
        return {**known, **{key: graph_from_json(text, where) for key, text in texts if key not in known}}

    def of(self, individuals: Iterable[Individual]) -> list[Genome | None]:
        """Return the genomes of stored individuals, None of who was pruned. InputError for what is no genome."""
        return [self._one(stored) for stored in individuals]

    def _one(self, stored: Individual) -> Genome | None:
        place = f"{self._reader.path}, individual {stored.id}"
        if isinstance(stored.genome, GenomeRow):
            return self._batch(stored.genome, place)[stored.genome.row]
        return None if stored.genome is None else Genome.from_json(stored.genome, self.graphs, place)

    def _batch(self, genome: GenomeRow, place: str) -> Genomes:
        if genome.key not in self._batches:
            while len(self._batches) >= BATCHES:
                del self._batches[next(iter(self._batches))]  # the one that was read longest ago
            self._batches[genome.key] = Genomes.from_columns(genome.columns, self.graphs, place)
        return self._batches[genome.key]


def texts_of(genome: Genome) -> dict[str, str]:
    """Return the texts of a genome's rule by slot."""
    return {slot: str(tree) for slot, tree in genome.rule.items()}


def columns_of(genomes: Sequence[Genome]) -> Columns:
    """Return what is stored of genomes."""
    return Genomes.of(genomes).columns() if genomes else {}


def take(columns: Columns, rows: I64, graphs: Mapping[str, Graph]) -> Columns:
    """Return the columns of some rows."""
    return Genomes.from_columns(columns, graphs).take(rows).columns() if len(rows) else {}
