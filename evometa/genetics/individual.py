"""An individual: a genome with its place in the family tree and what became of it. Any DEAP tool takes it."""

from __future__ import annotations

from functools import cache

from deap import base

from evometa.genetics.genome import Genome
from evometa.lifetime import F32


@cache
def fitness_class(weights: tuple[float, ...]) -> type[base.Fitness]:
    """Return DEAP's fitness with these weights (> 0: more is better), without the global `creator`."""
    return type("Fitness", (base.Fitness,), {"weights": weights})


class Individual:
    """A genome and what is known of it.

    `id`: unique in a run; `parents`: their ids; `born`: generation; `operator`: the variation that made it.
    Set by evaluation: `fitness.values`; `cases f32[tasks]` (errors, less is better, or None); `innate`,
    `adapted` (performance before and after learning); `diverged` (lifetimes); `signature` (equal for genomes
    that behave alike).
    """

    __slots__ = (
        *("adapted", "born", "cases", "diverged", "fitness", "genome", "id", "innate", "operator", "parents"),
        "signature",
    )

    def __init__(
        self,
        genome: Genome,
        fitness: base.Fitness,
        id: int = -1,
        parents: tuple[int, ...] = (),
        born: int = 0,
        operator: str = "",
    ) -> None:
        self.genome, self.fitness = genome, fitness
        self.id, self.parents, self.born, self.operator = id, parents, born, operator
        self.cases: F32 | None = None
        self.innate: float | None = None
        self.adapted: float | None = None
        self.diverged = 0
        self.signature: bytes | None = None

    @property
    def size(self) -> int:
        """Nodes of the rule."""
        return self.genome.size

    def clone(self) -> Individual:
        """Return a copy that shares the genome; its fitness may be changed without changing this one's."""
        fitness = self.fitness.__class__()
        fitness.wvalues = self.fitness.wvalues
        new = Individual(self.genome, fitness, self.id, self.parents, self.born, self.operator)
        new.cases, new.innate, new.adapted = self.cases, self.innate, self.adapted
        new.diverged, new.signature = self.diverged, self.signature
        return new

    def __deepcopy__(self, memo: dict[int, object]) -> Individual:
        return self.clone()

    def __repr__(self) -> str:
        rule = "; ".join(f"{slot} = {tree}" for slot, tree in self.genome.rule.items())
        return f"<Individual {self.id} {self.fitness} {rule}>"
