"""A batch of lifetimes, cut into slices that are lived anywhere, and their results, put together again.

Neither lanes nor genomes ever meet, so a slice of the genomes is a pure function: of itself, and of what all slices
share. Shared are tasks, the plan, and whichever lists of the batch have no more entries than there are slices; of the
others each slice brings what its genomes point to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.cluster.search_batches import SearchBatch, SearchSlice
from evometa.language.acting import Order
from evometa.language.program import Program
from evometa.language.programs import Programs
from evometa.lifetime import F32, I32, NONE, Births, Outcomes, Phenotypes, Plan, Slopes, Tasks, acting
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.ragged import Ragged
from evometa.lifetime.teaching import Classes, TeachingLives, TeachingOutcomes

F64 = NDArray[np.float64]

LISTS: Mapping[str, tuple[str, ...]] = {
    "graph": ("graphs", "feedback", "births"), "program": ("programs", "adjoints"), "loss": ("losses", "loss_adjoints"),
    "innate": ("innates",), "plasticity": ("plasticities",), "lane": ("lanes",),
    "teacher": ("teachers",),
}  # fmt: skip
"""Positions that genomes have, and the lists that these are places of."""


@dataclass(frozen=True, eq=False)
class Lives:
    """A batch as a backend is given it; of slopes also what `descend` is (contract: evometa.lifetime.slopes).

    `actors`: of lives that act, whose phenotypes and births are those here; `classes`: of students, who are these.
    """

    phenotypes: Phenotypes
    tasks: Tasks | acting.Lives | TeachingLives
    births: Births
    plan: Plan | ActingPlan
    adjoints: Sequence[Program] = ()
    loss_adjoints: Sequence[Program] = ()
    weights: F32 | None = None
    order: int = 2
    actors: Actors | None = None
    classes: Classes | None = None

    def lists(self) -> dict[str, Any]:
        """Return all lists that genomes point into."""
        own = {name: getattr(self.phenotypes, name) for name in ("graphs", "feedback", "programs", "losses", "innates",
                                                                  "plasticities")}  # fmt: skip
        return own | {
            "births": self.births.weights, "adjoints": self.adjoints, "loss_adjoints": self.loss_adjoints,
            "lanes": () if self.actors is None else self.actors.lanes,
            "teachers": () if self.classes is None else self.classes.teachers,
        }  # fmt: skip

    def positions(self) -> dict[str, I32]:
        """Return all that genomes point into these lists by."""
        own = {name: getattr(self.phenotypes, name) for name in LISTS if name not in ("lane", "teacher")}
        own |= {} if self.actors is None else {"lane": self.actors.lane}
        return own | ({} if self.classes is None else {"teacher": self.classes.teacher})


@dataclass(frozen=True, eq=False)
class Shared:
    """What all slices of a batch have in common; `tick`: the order of ticks of lives that act, None of others."""

    tasks: Tasks | acting.Lives | TeachingLives
    plan: Plan | ActingPlan
    order: int
    tick: Order | None
    lists: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Slice:
    """Some genomes, from number `first` on: their positions and numbers, and the lists that are not shared."""

    first: int
    positions: Mapping[str, I32]
    coefficients: F32
    weights: F32 | None
    lists: Mapping[str, Any]
    numbers: tuple[F32, F32] | None = None  # optimism and bound of learners that act

    def __len__(self) -> int:
        return len(self.coefficients)


Batch = Lives | SearchBatch


def split(lives: Batch, parts: Sequence[slice]) -> tuple[Shared | SearchBatch, Sequence[Slice | SearchSlice]]:
    """Return a batch cut into parts of its genomes, and what they share."""
    if isinstance(lives, SearchBatch):
        return lives.split(parts)
    columns, own_actors = lives.positions(), lives.actors
    lists = lives.lists()
    shared = {name: part for name, part in lists.items() if len(part) <= len(parts)}
    apart = {column: [name for name in LISTS[column] if name not in shared] for column in columns}
    slices = []
    for genomes in parts:
        positions, own = {}, dict[str, Any]()
        for column, names in apart.items():
            position = columns[column][genomes]
            if names:
                rows, position = renumbered(position)
                own |= {name: taken(lists[name], rows) for name in names}
            positions[column] = position
        weights = None if lives.weights is None else lives.weights[genomes]
        numbers = None if own_actors is None else (own_actors.optimism[genomes], own_actors.bound[genomes])
        slices.append(Slice(genomes.start, positions, lives.phenotypes.coefficients[genomes], weights, own, numbers))
    tick = None if own_actors is None else own_actors.order
    return Shared(lives.tasks, lives.plan, lives.order, tick, shared), slices


def whole(shared: Shared | SearchBatch, part: Slice | SearchSlice) -> Batch:
    """Return a slice as a batch of its own."""
    if isinstance(shared, SearchBatch) or isinstance(part, SearchSlice):
        assert isinstance(shared, SearchBatch)
        assert isinstance(part, SearchSlice)
        return shared.whole(part)
    lists: dict[str, Any] = {**shared.lists, **part.lists, **part.positions}
    births, adjoints, loss_adjoints, lanes, teachers = (
        lists.pop(name) for name in ("births", "adjoints", "loss_adjoints", "lanes", "teachers")
    )  # fmt: skip
    lane, teacher, actors, classes = lists.pop("lane", None), lists.pop("teacher", None), None, None
    phenotypes, born = Phenotypes(**lists, coefficients=part.coefficients), Births(births)
    if shared.tick is not None and part.numbers is not None:
        actors = Actors(phenotypes, lanes, lane, *part.numbers, shared.tick, born)
    if actors is not None and teacher is not None:
        classes = Classes(actors, teachers, teacher)
    return Lives(
        phenotypes, shared.tasks, born, shared.plan, adjoints, loss_adjoints, part.weights, shared.order, actors,
        classes,
    )  # fmt: skip


def cuts(cost: F64, count: int) -> list[slice]:
    """Return where a row of costs is cut into at most `count` parts of about equal cost, none of them empty."""
    ends = np.cumsum(cost)
    at = np.searchsorted(ends, ends[-1] * np.arange(1, count) / count, side="right") if len(cost) else []
    edges = np.unique([0, *at, len(cost)]).tolist()
    return [slice(first, last) for first, last in pairwise(edges)]


def costs(lives: Batch) -> F64:
    """Return roughly how many operations the lives of each genome take, f64[G]."""
    if isinstance(lives, SearchBatch):
        return lives.costs()
    own, updates, batch, queries = lives.phenotypes, lives.plan.length, 1, 0.0
    if isinstance(lives.plan, Plan) and isinstance(lives.tasks, Tasks):
        updates, batch, _ = lives.plan.order.shape
        asked = lives.plan.asked_of(len(lives.tasks.query_x))
        queries = float((asked[:, 1] - asked[:, 0]).sum())
    synapses = own.graphs.synapses if isinstance(own.graphs, Graphs) else np.array([g.synapses for g in own.graphs])
    instructions = np.array([len(program.code) for program in own.programs])[own.program]
    if isinstance(lives.tasks, TeachingLives):  # who is examined after each lesson
        queries = float(updates * len(lives.tasks.game.choices))
    examples = updates * batch * (6.0 + instructions) + 2.0 * queries
    return synapses[own.graph] * examples * lives.tasks.lanes * (1.0 if lives.weights is None else 3.0)


def renumbered(positions: I32) -> tuple[Any, I32]:
    """Return which places positions name, in ascending order, and the position of each among these; NONE stays."""
    rows, found = np.unique(positions, return_inverse=True)
    missing = int(len(rows) > 0 and rows[0] == NONE)
    return rows[missing:].astype(np.int64), (found.reshape(-1) - missing).astype(np.int32)


def taken(parts: Any, rows: Any) -> Any:
    """Return the entries of a list at some rows, without any array of the others behind them."""
    if not len(parts):
        return parts
    if isinstance(parts, Programs):
        return Programs.of([parts[row] for row in rows.tolist()], parts.names)
    return parts.take(rows) if isinstance(parts, Graphs | Ragged) else [parts[row] for row in rows.tolist()]


def joined(parts: Sequence[Any]) -> Any:
    """Return the outcomes, or the slopes, of slices in the order of genomes as one."""
    match parts[0]:
        case Outcomes():
            return _outcomes(parts)
        case ActingOutcomes():
            return _acting(parts)
        case TeachingOutcomes():
            return _taught(parts)
        case np.ndarray():
            return np.concatenate(parts)
        case _:
            return _slopes(parts)


def _acting(parts: Sequence[ActingOutcomes]) -> ActingOutcomes:
    weights = None if parts[0].weights is None else [w for part in parts for w in part.weights or ()]
    measures, status = [part.measures for part in parts], [part.status for part in parts]
    return ActingOutcomes(np.concatenate(measures, axis=1), np.concatenate(status), weights)


def _taught(parts: Sequence[TeachingOutcomes]) -> TeachingOutcomes:
    weights = None if parts[0].weights is None else [w for part in parts for w in part.weights or ()]
    results, status = [part.results for part in parts], [part.status for part in parts]
    first = parts[0]  # lessons are told of the first genome
    return TeachingOutcomes(
        np.concatenate(results, axis=1), np.concatenate(status), weights, first.lessons, first.m
    )  # fmt: skip


def _outcomes(parts: Sequence[Outcomes]) -> Outcomes:
    first = parts[0]
    weights = None if first.weights is None else [w for part in parts for w in part.weights or ()]
    opened = None if first.opened is None else np.concatenate([part.opened for part in parts])  # type: ignore[misc]
    return Outcomes(
        np.concatenate([part.scores for part in parts], axis=1), np.concatenate([part.status for part in parts]),
        weights, opened, first.names,
    )  # fmt: skip


def _slopes(parts: Sequence[Slopes]) -> Slopes:
    return Slopes(
        np.concatenate([part.losses for part in parts]), [w for part in parts for w in part.innate],
        [p for part in parts for p in part.plasticity], np.concatenate([part.coefficients for part in parts]),
        np.concatenate([part.status for part in parts]),
    )  # fmt: skip
