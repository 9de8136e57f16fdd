"""Base learners → one batch in which equal graphs and programs stand once, and genomes point to parts by position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.errors import ContractError
from evometa.language.programs import Programs
from evometa.lifetime import F32, I32, NONE, Births, Graph, Phenotype, Phenotypes
from evometa.lifetime.graphs import Graphs

if TYPE_CHECKING:
    from evometa.language.program import Program


def batch_of(learners: Sequence[Phenotype]) -> Phenotypes:
    """Return learners as a batch; short rows of coefficients are filled up with zeros.

    Raises ContractError where learners with equal graphs have different feedback weights.
    """
    graphs, graph = distinct([one.graph for one in learners])
    programs, program = distinct([one.program for one in learners])
    losses, loss = distinct([one.loss for one in learners])
    innates, innate = _listed([one.innate for one in learners])
    plasticities, plasticity = _listed([one.plasticity for one in learners])
    coefficients = rows_of([one.coefficients for one in learners])
    return Phenotypes(
        graphs, programs, losses, innates, plasticities, _feedback(learners, graph, len(graphs)), coefficients,
        graph, program, loss, innate, plasticity,
    )  # fmt: skip


def apart(
    graphs: Sequence[Graph],
    programs: Sequence[Program],
    losses: Sequence[Program | None],
    coefficients: Sequence[F32],
    innates: Sequence[F32] | None,
    plasticities: Sequence[F32],
    feedback: Sequence[F32 | None],
) -> Phenotypes:
    """Return a batch of one learner for each graph, equal or not, as each may be born otherwise."""
    own = np.arange(len(graphs), dtype=np.int32)
    (programs, program), (derived, loss) = distinct(programs), distinct(losses)
    return Phenotypes(
        graphs, programs, derived, innates or [], plasticities, feedback, rows_of(coefficients),
        own, program, loss, np.full_like(own, NONE) if innates is None else own, own,
    )  # fmt: skip


LISTS = {
    "graph": "graphs", "program": "programs", "loss": "losses", "innate": "innates", "plasticity": "plasticities",
}  # fmt: skip


def together(batches: Sequence[Phenotypes], places: Sequence[Sequence[int]]) -> Phenotypes:
    """Return the learners of several batches as one, those of each at its places; lists lie one behind the other."""
    order = np.argsort(np.concatenate(places))
    joined: dict[str, Any] = {
        name: [part for each in batches for part in getattr(each, name)] for name in (*LISTS.values(), "feedback")
    }
    for name, parts in LISTS.items():
        sizes = [len(getattr(each, parts)) for each in batches]
        begins = np.cumsum([0, *sizes[:-1]])
        own = [getattr(each, name) for each in batches]
        moved = [np.where(at == NONE, NONE, at + begin) for at, begin in zip(own, begins, strict=True)]
        joined[name] = np.concatenate(moved)[order].astype(np.int32)
    rows = rows_of([row for each in batches for row in each.coefficients])
    return Phenotypes(**joined, coefficients=rows[order])


def born(phenotypes: Phenotypes, g: int, births: Births, lanes: int) -> F32:
    """Return the weights at birth of genome g, f32[E, L]."""
    innate = phenotypes[g].innate
    drawn = births.weights[phenotypes.graph[g]] if innate is None else innate[:, None]
    assert drawn is not None
    return np.repeat(drawn, lanes // drawn.shape[1], axis=1)


def rows_of(arrays: Sequence[F32]) -> F32:
    """Return arrays as rows, the shorter ones filled up with zeros, f32[n, longest]."""
    lengths = np.array([len(array) for array in arrays], np.int64)
    rows = np.zeros((len(arrays), lengths.max(initial=0)), np.float32)
    if rows.size:
        rows[np.arange(rows.shape[1]) < lengths[:, None]] = np.concatenate(arrays)
    return rows


def distinct(parts: Sequence[Any]) -> tuple[Any, I32]:
    """Return the parts of different content, and the position of each part among them, NONE for None."""
    if isinstance(parts, Programs):
        return parts.distinct()
    keys = parts.keys if isinstance(parts, Graphs) else [None if part is None else part.key for part in parts]
    known: dict[bytes | None, None] = dict.fromkeys(keys)
    known.pop(None, None)
    numbers: dict[bytes | None, int] = {**dict(zip(known, range(len(known)), strict=True)), None: NONE}
    positions = np.fromiter(map(numbers.__getitem__, keys), np.int32, len(keys))
    first = np.empty(len(known) + 1, np.int64)  # the last place is for None
    first[positions[::-1]] = np.arange(len(keys))[::-1]
    return parts.take(first[:-1]) if isinstance(parts, Graphs) else [parts[place] for place in first[:-1]], positions


def rows_once(array: F32) -> tuple[list[F32], I32]:
    """Return the rows of f32[G, …], one where all are the same (stride 0), and the position of each."""
    once = array.strides[0] == 0 and len(array) > 0
    return list(array[:1] if once else array), np.arange(len(array), dtype=np.int32) * (not once)


def _listed(arrays: Sequence[F32 | None]) -> tuple[list[F32], I32]:
    """Return the arrays, what neighbours share once (numbers are too many to be compared), and each one's position."""
    listed: list[F32] = []
    positions = []
    for array in arrays:
        if array is not None and (not listed or array is not listed[-1]):
            listed.append(array)
        positions.append(NONE if array is None else len(listed) - 1)
    return listed, np.array(positions, np.int32)


def _feedback(learners: Sequence[Phenotype], graph: I32, graphs: int) -> list[F32 | None]:
    """Return each graph's feedback weights."""
    weights: list[F32 | None] = [None] * graphs
    for place, one in zip(graph.tolist(), learners, strict=True):
        known = weights[place]
        if known is None:
            weights[place] = one.feedback
        elif one.feedback is not known and (one.feedback is None or not np.array_equal(known, one.feedback)):
            raise ContractError("the same feedback weights for equal graphs", "others", f"graph {place}")
    return weights
