"""The lifetime contract: what goes into the inner loop and what comes out, for every backend.

A backend is a function `live(phenotypes, tasks, births, plan) -> Outcomes`. All of them (reference, Numba,
CUDA) give the same bits. Axis letters: G genomes, L lanes (one lane = one lifetime), S support examples,
B examples per weight update, U weight updates, C checkpoints, Q queries, N nodes, E synapses, I inputs,
O outputs, A answers, K per-synapse coefficients, Kc coefficients of the rule, M scores, P program length. Lanes are
always the innermost axis. Types and axes of arrays stand at the fields (evometa/spec/arrays.py).

A = O, but where the head compares (evometa/lifetime/comparison.py): then the network's outputs are an embedding.

A synapse transmits its weight, forward and back, where its gate is above 0, else 0; its gradient stays err·pre.
Where synapses cost something in life, `synapse_cost`·|w| of each that is open is part of the loss whose gradient it is.

**One weight update**: (1) forward on B support examples, and answers; (2) error at the outputs; (3) error at the other
nodes by the credit mode; (4) signals; (5) the rule's program runs for each synapse; (6) weights are bounded.
Errors go back to hidden nodes along forward synapses alone, not to the past; of a GRU j, of error δ, to its candidate
as δ·a_{j−1}, and to its gate as δ·(a_{j−2} − h), added in this order to what synapses bring these.
At each checkpoint (a number of updates; 0 is innate performance) the queries are answered without learning.
Each query is asked of the same learner: recurrent synapses read the activations of stream 0 as they stood
after the last update, and zero before the first. Where each checkpoint has queries of its own (`Plan.asked`), a
life is a **sequence** of ticks: with B = 1, a query on the example of update u, asked at checkpoint u, is what the
learner answers to that example after those before it, its target not yet known.

**A batch is plain data.** Graphs, programs, losses and arrays of numbers stand in lists, and genomes point to them by
position (NONE: they have none); equal graphs, programs and losses stand there once. What is equal is so by content,
never because it is one object; so a pickled batch gives the same bits. Numbers of genomes (coefficients, innate
weights, per-synapse coefficients) may be infinite or NaN, as evolution may come by them: such lifetimes come out
DIVERGED, or unharmed. Tasks, births, feedback weights and the bound are finite. Every backend begins with
`evometa.lifetime.validation.check`, which raises ContractError.

A backend may also have a function `descend`, which gives the derivative of lifetimes: evometa/lifetime/slopes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime.comparison import PLAIN, Metric
from evometa.lifetime.graph import FIXED, SILENT, Graph
from evometa.lifetime.memory import NO_MEMORY, Memory
from evometa.lifetime.ragged import Ragged
from evometa.lifetime.slopes import Slopes
from evometa.spec import SCORES
from evometa.spec.arrays import F32, FINITE, I32, U8

if TYPE_CHECKING:
    from evometa.language.program import Program

__all__ = [
    "DIVERGED", "F32", "FIXED", "I32", "NONE", "OK", "SILENT", "Births", "Graph", "Memory", "Metric", "Outcomes",
    "Phenotype", "Phenotypes", "Plan", "Slopes", "Tasks", "in_all_lanes",
]  # fmt: skip

OK, DIVERGED = 0, 1
NONE = -1  # a position that points to nothing


@dataclass(frozen=True, eq=False)
class Tasks:
    """L tasks of one shape, one per lane.

    Classification targets are one-hot (A ≥ 2) or 0/1 (A = 1); regression targets are numbers.
    """

    support_x: Annotated[F32, "S I L", FINITE]
    support_y: Annotated[F32, "S A L", FINITE]
    query_x: Annotated[F32, "Q I L", FINITE]
    query_y: Annotated[F32, "Q A L", FINITE]

    @property
    def lanes(self) -> int:
        """Number of lanes L."""
        return self.support_x.shape[2]

    def take(self, lanes: NDArray[np.int64]) -> Tasks:
        """Return the tasks of the given lanes (repeats allowed), in that order."""
        return Tasks(
            *(np.ascontiguousarray(a[..., lanes]) for a in (self.support_x, self.support_y, self.query_x, self.query_y))
        )


class Phenotype(NamedTuple):
    """One base learner.

    `innate f32[E]`: weights at birth, alike in every lane, or None (drawn anew for each lifetime, see Births);
    `coefficients f32[Kc]`: the rule's c0, c1, …; `plasticity f32[K, E]`: its p0, p1, …; `feedback f32[E]`: fixed random
    weights of the credit mode "feedback", or None, the same for all learners with that graph; `loss`: derivative
    program of an evolved loss, or None for the head's own.
    """

    graph: Graph
    program: Program
    innate: F32 | None
    coefficients: F32
    plasticity: F32
    feedback: F32 | None = None
    loss: Program | None = None


@dataclass(frozen=True, eq=False)
class Phenotypes:
    """G base learners (see Phenotype), made by `evometa.lifetime.batch.batch_of`.

    `graph`, `program`, `loss`, `innate`, `plasticity` point into the lists, NONE for no loss of its own and for weights
    that are drawn. `feedback` follows `graphs`. Lists may be flat arrays that look like them (`Graphs`, `Ragged`).
    """

    graphs: Sequence[Graph]
    programs: Sequence[Program]
    losses: Sequence[Program]
    innates: Annotated[Sequence[F32], "E"]
    plasticities: Annotated[Sequence[F32], "K E"]
    feedback: Annotated[Sequence[F32 | None], "E", FINITE]
    coefficients: Annotated[F32, "G Kc"]
    graph: Annotated[I32, "G"]
    program: Annotated[I32, "G"]
    loss: Annotated[I32, "G"]
    innate: Annotated[I32, "G"]
    plasticity: Annotated[I32, "G"]

    def __len__(self) -> int:
        return len(self.graph)

    def __getitem__(self, g: int) -> Phenotype:
        graph, loss, innate = int(self.graph[g]), int(self.loss[g]), int(self.innate[g])
        return Phenotype(
            self.graphs[graph], self.programs[self.program[g]], None if innate == NONE else self.innates[innate],
            self.coefficients[g], self.plasticities[self.plasticity[g]], self.feedback[graph],
            None if loss == NONE else self.losses[loss],
        )  # fmt: skip

    def take(self, genomes: slice | Sequence[int]) -> Phenotypes:
        """Return some of the learners (repeats allowed); the lists stay, and so do births that follow `graphs`."""
        names = ("coefficients", "graph", "program", "loss", "innate", "plasticity")
        return replace(self, **{name: getattr(self, name)[genomes] for name in names})


@dataclass(frozen=True, eq=False)
class Births:
    """Weights drawn anew for each lifetime, the same for every genome with that graph.

    `weights`: for each of `Phenotypes.graphs`, None where no learner asks for them (an empty list: nowhere).
    """

    weights: Annotated[Sequence[F32 | None], "E L", FINITE] = field(default_factory=list)

    def take(self, lanes: NDArray[np.int64]) -> Births:
        """Return those of the given lanes, in that order."""
        if isinstance(self.weights, Ragged):
            return Births(replace(self.weights, values=np.ascontiguousarray(self.weights.values[:, lanes])))
        return Births([None if each is None else np.ascontiguousarray(each[:, lanes]) for each in self.weights])


@dataclass(frozen=True, eq=False)
class Plan:
    """How a lifetime goes, the same for the whole batch.

    `order`: support examples of each weight update, in each lane; `checkpoints`: ascending numbers of updates at which
    the queries are answered (0 = innate, U = adapted): all of them, or those that each is `asked`, its first one and
    the last one + 1 (one at least); scores are means over these. `head`: the output layer and its standard loss,
    `credit`: the credit mode; weights are kept within ± `bound`; `keep_weights`: return the learned weights of lane 0;
    `synapse_cost`: what an open synapse adds to the learner's own loss for each unit of |w| (Bellec et al. 2018; scores
    are without it); `length`: updates of a whole life, which give the age (0: those of `order`). A plan that is cut
    short keeps it; where there are more updates, age stays 1. `metric`: how a head that compares does so; `memory`:
    that of each life, if there is one. `task`: updates of each of the tasks of a life, which follow one another; in
    the first update of each a rule reads `novel` as 1, and always their number so far as `task` (0: there is one task).
    """

    order: Annotated[I32, "U B L"]
    checkpoints: Annotated[I32, "C"]
    head: str
    credit: str
    bound: float = 20.0
    keep_weights: bool = False
    synapse_cost: float = 0.0
    length: int = 0
    metric: Metric = PLAIN
    asked: Annotated[I32 | None, "C 2"] = None
    memory: Memory = NO_MEMORY
    task: int = 0

    def __post_init__(self) -> None:
        if not self.length:
            object.__setattr__(self, "length", len(self.order))

    @property
    def life(self) -> tuple[int, int]:
        """Updates of a whole life, and of each of its tasks (0: there is one)."""
        return self.length, self.task

    def take(self, lanes: NDArray[np.int64]) -> Plan:
        """Return the plan of the given lanes, in that order."""
        return replace(self, order=np.ascontiguousarray(self.order[..., lanes]))

    def asked_of(self, queries: int) -> I32:
        """Return the first and the last + 1 of so many queries that each checkpoint is asked, i32[C, 2]."""
        return np.array([[0, queries]] * len(self.checkpoints), np.int32) if self.asked is None else self.asked


def in_all_lanes(order: I32, lanes: int) -> I32:
    """Return an order i32[U, B] that all lanes share, as i32[U, B, L]; it takes no more memory."""
    return np.broadcast_to(order[..., None], (*order.shape, lanes))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What became of every lifetime: `scores`, the M of SCORES on the queries, and `status`.

    A lane whose weights or scores are not finite has status DIVERGED; its numbers are as computed. `weights`: of each
    genome, as learned in lane 0, where kept. `opened`: how many synapses are open at each checkpoint (all
    that a learner without gates has), None where nobody counted. `names`: of the scores, where these are others.
    """

    scores: Annotated[F32, "M G C L"]
    status: Annotated[U8, "G L"]
    weights: Annotated[list[F32] | None, "E"] = None
    opened: Annotated[F32 | None, "G C L"] = None
    names: tuple[str, ...] = SCORES.names

    def score(self, name: str) -> F32:
        """Return one of the scores, f32[G, C, L]."""
        found: F32 = self.scores[self.names.index(name)]
        return found

    @property
    def loss(self) -> F32:
        """The head's standard loss, f32[G, C, L]."""
        return self.score("loss")

    @property
    def accuracy(self) -> F32:
        """Share of queries answered rightly, f32[G, C, L]."""
        return self.score("accuracy")

    @property
    def mae(self) -> F32:
        """Mean |target − answer|, f32[G, C, L]."""
        return self.score("mae")
