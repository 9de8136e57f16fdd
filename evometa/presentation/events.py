"""What is told of a run while it goes on, to views and, in plain JSON types, to callbacks."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from evometa.config.schema import Config
from evometa.store.records import Json, Record, Statistics, Whole


class Start(Record):
    """A run begins, or goes on after `resumed_from` generations, to so many `generations` in all; `out`: its folder."""

    recipe: str = ""
    seed: Whole = 0
    backend: str = ""
    out: str = ""
    generations: Whole = 0
    resumed_from: Whole | None = None
    config: Json = {}

    @classmethod
    def of(cls, config: Config, out: Path, backend: str, done: int | None) -> Self:
        """Return what is told of a run of a recipe, begun or gone on with after `done` generations."""
        return cls(
            recipe=config.name, seed=config.seed, backend=backend, out=str(out), generations=config.run.generations,
            resumed_from=done, config=config.model_dump(mode="json"),
        )  # fmt: skip


class Generation(Statistics):
    """A generation is committed, of so many `generations` in all; the best so far: the `formula` of its rule, and how
    large its `network` is, where that evolves. `cluster`: how the workers of the run stand, if it has some.
    """

    generations: Whole = 0
    formula: str = ""
    network: str = ""
    cluster: str = ""

    @property
    def learner(self) -> str:
        """The best so far in a line."""
        return " · ".join(part for part in (self.formula, self.network) if part)
