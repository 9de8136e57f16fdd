"""Lives of many tasks: those of another family, one after another, worlds in a row, or classes in a stream."""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from evometa.config.learner import Lifetime
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.tasks.families.world import WorldFamily
from evometa.tasks.family import Family
from evometa.tasks.few_shot import FewShot


class InARow(Family):
    """Tasks of another family, as many in a row as a lifetime of each split has.

    Support examples and queries stand task by task; where answers are told, a task's queries stand behind its support
    examples, too. `each`: support examples and queries of a task of each split.
    """

    unit = "lifetime"
    whole = True

    def __init__(self, family: Family, lifetime: Lifetime) -> None:
        if family.limits or family.sequence or family.kind == "acting":
            outside = "lie outside" if family.kind == "acting" else "come to an end"
            what = "are sequences" if family.sequence else outside
            expected = f"1, as tasks of family {family.name} {what}"
            raise InputError(expected, str(lifetime.tasks), "lifetime.tasks", "Set it to 1.")
        self.family, self.told = family, lifetime.corrections > 0
        self.counts = {split: lifetime.in_a_row(split) for split in family.splits}
        self.each = {split: (family.support[split], family.queries[split]) for split in family.splits}
        family.check_turns(self.counts)
        self.queries_seen, self.whole = family.queries_seen or self.told, not family.ordered
        super().__init__(
            name=family.name, kind=family.kind, inputs=family.inputs, outputs=family.outputs,
            support={split: self.counts[split] * self.known(split) for split in family.splits},
            queries={split: self.counts[split] * self.each[split][1] for split in family.splits},
            splits={split: f"{self.counts[split]} tasks in a row: {told}" for split, told in family.splits.items()},
        )  # fmt: skip
        self.unit = family.unit if family.ordered else type(self).unit
        self.notes, self.content = family.notes, family.content  # type: ignore[method-assign]
        self.others = {name: InARow(other, lifetime) for name, other in family.others.items()}

    @property
    def head(self) -> str:
        """That of the family."""
        return self.family.head

    def known(self, split: str) -> int:
        """Return how many examples of a task are learned from: with its queries, where answers are told."""
        support, queries = self.each[split]
        return support + self.told * queries

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        n = self.counts[split]
        drawn = self.family.in_turn(split, count, n, rng)
        support = [drawn.support_x, drawn.support_y]
        if self.told:
            support = [
                np.concatenate([drawn.support_x, drawn.query_x]),
                np.concatenate([drawn.support_y, drawn.query_y]),
            ]
        return Tasks(*(row_of(part, n) for part in (*support, drawn.query_x, drawn.query_y)))

    def _units(self, split: str, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        return self.family.units_in_turn(split, count, self.counts[split], rng)


def row_of(examples: F32, tasks: int) -> F32:
    """Return examples f32[S, I, L·n] of n tasks in a row of each of L lives as f32[n·S, I, L]."""
    size, width, lanes = examples.shape
    apart = examples.reshape(size, width, lanes // tasks, tasks).transpose(3, 0, 1, 2)
    return np.ascontiguousarray(apart.reshape(tasks * size, width, lanes // tasks))


def apart(examples: F32, tasks: int) -> F32:
    """Return the inverse of `row_of`: each task in a lane of its own."""
    size, width, lanes = examples.shape
    each = examples.reshape(tasks, size // tasks, width, lanes).transpose(1, 2, 3, 0)
    return np.ascontiguousarray(each.reshape(size // tasks, width, lanes * tasks))


def of_lives(family: Family, config: Config) -> Family:
    """Return a family as the lives of a recipe meet it: in a row, as streams of classes, or as it is. InputError."""
    if family.ordered and config.lifetime.order != "fixed":
        raise InputError('"fixed", as rows are in the order of time (tasks.time)', f'"{config.lifetime.order}"',
                         "lifetime.order", "Set it.")  # fmt: skip
    if config.lifetime.tasks > 1 and isinstance(family, WorldFamily):
        return family.in_a_row(config.lifetime)
    if config.lifetime.tasks > 1:
        return InARow(family, config.lifetime)
    if config.lifetime.order == "classes":
        return streamed(family, config.network.compares)
    return family


def streamed(family: Family, narrow: bool) -> Family:
    """Return a family whose classes come one after another; `narrow`: no output of a network is a class."""
    if family.kind != "classification" or family.sequence:
        what = "sequences" if family.sequence else "no classes"
        expected = f'"shuffled" or "fixed": tasks of family {family.name} are {what}'
        raise InputError(expected, '"classes"', "lifetime.order", "Change it.")
    found = copy(family)
    found.unit, found.whole = "stream", True
    if isinstance(found, FewShot):
        found.narrow = narrow
    found.others = {name: streamed(other, narrow) for name, other in family.others.items()}
    return found
