"""An individual: a genome with its place in the family tree and what became of it. Any DEAP tool takes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from operator import attrgetter, mul
from typing import NamedTuple

import numpy as np
from deap import base
from numpy.typing import NDArray

from evometa.genetics.genome import Genome
from evometa.lifetime import F32


class _Fitness(base.Fitness):  # type: ignore[misc]
    """DEAP's, but that it checks no weights: that would take a third of the time in which individuals are made."""

    def __init__(self, values: Sequence[float] = ()) -> None:
        if values:
            self.values = values


@cache
def fitness_class(weights: tuple[float, ...]) -> type[base.Fitness]:
    """Return DEAP's fitness with these weights (> 0: more is better), without the global `creator`."""
    return type("Fitness", (_Fitness,), {"weights": weights})


class Judgement(NamedTuple):
    """What evaluation found of a genome: `values`, one for each objective; `innate`, `adapted`: performance before and
    after learning; `diverged`: lifetimes lost; `cases f32[tasks]`: errors, less is better (None: not kept); `record`:
    what is known from all lives of those that behave alike, where such records are kept (see evolution/merit.py)."""

    values: tuple[float, ...] = ()
    innate: float | None = None
    adapted: float | None = None
    diverged: int = 0
    cases: F32 | None = None
    record: NDArray[np.float64] | None = None


UNJUDGED = Judgement()


class Brood(NamedTuple):
    """Genomes just made, and of each the ids of its `parents` and the `operators`' name that made it."""

    genomes: Sequence[Genome]
    parents: Sequence[tuple[int, ...]]
    operators: Sequence[str]


class Individual:
    """A genome and what is known of it.

    `id`: unique in a run; `parents`: their ids; `born`: generation; `operator`: the variation that made it;
    `family`: what it descends from by first parents (see `guesses.family_of`; empty: not known).
    Set by evaluation: `judgement`, and `fitness.values` with it; `signature` (equal for genomes that behave alike).
    """

    __slots__ = ("born", "family", "fitness", "genome", "id", "judgement", "operator", "parents", "signature")

    def __init__(
        self,
        genome: Genome,
        fitness: base.Fitness,
        id: int = -1,
        parents: tuple[int, ...] = (),
        born: int = 0,
        operator: str = "",
        family: str = "",
    ) -> None:
        self.genome, self.fitness = genome, fitness
        self.id, self.parents, self.born, self.operator, self.family = id, parents, born, operator, family
        self.judgement = UNJUDGED
        self.signature: bytes | None = None

    size = property(attrgetter("genome.size"), doc="Nodes of the rule.")  # asked for so often that it is C that answers

    def accept(self, judgement: Judgement) -> None:
        """Take a judgement as one's own, and its values as fitness."""
        accept((self,), (judgement,))

    @property
    def innate(self) -> float | None:
        """Performance before learning."""
        return self.judgement.innate

    @property
    def adapted(self) -> float | None:
        """Performance after learning."""
        return self.judgement.adapted

    @property
    def diverged(self) -> int:
        """Lifetimes lost."""
        return self.judgement.diverged

    @property
    def cases(self) -> F32 | None:
        """Errors on each task, f32[tasks], less is better."""
        return self.judgement.cases

    def clone(self) -> Individual:
        """Return a copy that shares the genome; its fitness may be changed without changing this one's."""
        fitness = self.fitness.__class__()
        fitness.wvalues = self.fitness.wvalues
        new = Individual(self.genome, fitness, self.id, self.parents, self.born, self.operator, self.family)
        new.judgement, new.signature = self.judgement, self.signature
        return new

    def __deepcopy__(self, memo: dict[int, object]) -> Individual:
        return self.clone()

    def __repr__(self) -> str:
        rule = "; ".join(f"{slot} = {tree}" for slot, tree in self.genome.rule.items())
        return f"<Individual {self.id} {self.fitness} {rule}>"


def accept(individuals: Sequence[Individual], judgements: Iterable[Judgement]) -> None:
    """Let each individual take its judgement as its own, and the values as fitness.

    Without DEAP's setter, which would take most of the time.
    """
    for one, judgement in zip(individuals, judgements, strict=True):
        one.judgement, fitness = judgement, one.fitness
        fitness.wvalues = tuple(map(mul, judgement.values, fitness.weights))
