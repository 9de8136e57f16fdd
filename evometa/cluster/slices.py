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

from evometa.language.program import Program
from evometa.language.programs import Programs
from evometa.lifetime import F32, I32, NONE, Births, Outcomes, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.ragged import Ragged

F64 = NDArray[np.float64]

LISTS: Mapping[str, tuple[str, ...]] = {
    "graph": ("graphs", "feedback", "births"), "program": ("programs", "adjoints"), "loss": ("losses", "loss_adjoints"),
    "innate": ("innates",), "plasticity": ("plasticities",),
}  # fmt: skip
"""Positions that genomes have, and the lists that these are places of."""


@dataclass(frozen=True, eq=False)
class Lives:
    """A batch as a backend is given it; of slopes also what `descend` is (contract: evometa.lifetime.slopes)."""

    phenotypes: Phenotypes
    tasks: Tasks
    births: Births
    plan: Plan
    adjoints: Sequence[Program] = ()
    loss_adjoints: Sequence[Program] = ()
    weights: F32 | None = None
    order: int = 2

    def lists(self) -> dict[str, Any]:
        """Return all lists that genomes point into."""
        own = {name: getattr(self.phenotypes, name) for name in ("graphs", "feedback", "programs", "losses", "innates",
                                                                  "plasticities")}  # fmt: skip
        return own | {
            "births": self.births.weights, "adjoints": self.adjoints, "loss_adjoints": self.loss_adjoints,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shared:
    """What all slices of a batch have in common."""

    tasks: Tasks
    plan: Plan
    order: int
    lists: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Slice:
    """Some genomes, from number `first` on: their positions and numbers, and the lists that are not shared."""

    first: int
    positions: Mapping[str, I32]
    coefficients: F32
    weights: F32 | None
    lists: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.coefficients)


def split(lives: Lives, parts: Sequence[slice]) -> tuple[Shared, list[Slice]]:
    """Return a batch cut into parts of its genomes, and what they share."""
    columns = {name: getattr(lives.phenotypes, name) for name in LISTS}
    lists = lives.lists()
    shared = {name: part for name, part in lists.items() if len(part) <= len(parts)}
    apart = {column: [name for name in names if name not in shared] for column, names in LISTS.items()}
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
        slices.append(Slice(genomes.start, positions, lives.phenotypes.coefficients[genomes], weights, own))
    return Shared(lives.tasks, lives.plan, lives.order, shared), slices


def whole(shared: Shared, part: Slice) -> Lives:
    """Return a slice as a batch of its own."""
    lists: dict[str, Any] = {**shared.lists, **part.lists, **part.positions}
    births, adjoints, loss_adjoints = (lists.pop(name) for name in ("births", "adjoints", "loss_adjoints"))
    phenotypes = Phenotypes(**lists, coefficients=part.coefficients)
    return Lives(
        phenotypes, shared.tasks, Births(births), shared.plan, adjoints, loss_adjoints, part.weights, shared.order
    )


def cuts(cost: F64, count: int) -> list[slice]:
    """Return where a row of costs is cut into at most `count` parts of about equal cost, none of them empty."""
    ends = np.cumsum(cost)
    at = np.searchsorted(ends, ends[-1] * np.arange(1, count) / count, side="right") if len(cost) else []
    edges = np.unique([0, *at, len(cost)]).tolist()
    return [slice(first, last) for first, last in pairwise(edges)]


def costs(lives: Lives) -> F64:
    """Return roughly how many operations the lives of each genome take, f64[G]."""
    own, (updates, batch, _) = lives.phenotypes, lives.plan.order.shape
    asked = lives.plan.asked_of(len(lives.tasks.query_x))
    queries = float((asked[:, 1] - asked[:, 0]).sum())
    synapses = own.graphs.synapses if isinstance(own.graphs, Graphs) else np.array([g.synapses for g in own.graphs])
    instructions = np.array([len(program.code) for program in own.programs])[own.program]
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
    return _outcomes(parts) if isinstance(parts[0], Outcomes) else _slopes(parts)


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
