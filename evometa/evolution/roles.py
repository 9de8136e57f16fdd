"""What the outer loop asks of those around it: settings, a tuner, and whatever goes on beside the population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Protocol

from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual
from evometa.store.reader import Reader
from evometa.store.records import Json


class Settings(Protocol):
    """Section `evolution` of a recipe, as far as the loop reads it."""

    population: int
    offspring: int
    islands: int
    migrate_every: int
    reset_every: int
    hall: int

    @property
    def newcomers(self) -> int: ...

    @property
    def movers(self) -> int: ...


class Tuner(Protocol):
    """What makes better genomes of some individuals, by whatever search, before their island breeds."""

    def tune(self, individuals: Sequence[Individual], generation: int) -> list[tuple[Individual, Genome]]:
        """Return the best of the individuals, some of them, each with the genome that it comes to."""
        ...


class Companion(Protocol):
    """What goes on beside the population: its state, in plain JSON types, and the ids of those it goes by."""

    def state(self) -> Json: ...

    def needs(self, state: Json) -> Set[int]: ...

    def restore(self, state: Json, individuals: Mapping[int, Individual]) -> None: ...


class Judge(Companion, Protocol):
    """A companion that knows how sure a fitness is; it goes by what became of the dead, too, as the run file has it."""

    def recall(self, reader: Reader) -> None: ...

    def error(self, individual: Individual) -> float: ...
