"""The lifetime contract: what goes into the inner loop and what comes out, for every backend.

A backend is a function `live(phenotypes, tasks, births, plan) -> Outcomes`. All of them (reference, Numba,
CUDA) give the same bits. Axis letters: G genomes, L lanes (one lane = one lifetime), S support examples,
B examples per weight update, U weight updates, C checkpoints, Q queries, N nodes, E synapses, I inputs,
O outputs, K per-synapse coefficients, P program length. Lanes are always the innermost axis.

**One weight update**: (1) forward on B support examples; (2) error at the outputs; (3) error at the other
nodes by the credit mode; (4) signals; (5) the rule's program runs for each synapse; (6) weights are bounded.
At each checkpoint (a number of updates; 0 is innate performance) the queries are answered without learning.
Each query is asked of the same learner: recurrent synapses read the activations of stream 0 as they stood
after the last update, and zero before the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from evometa.language.program import Program

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

HEADS = ("linear", "sigmoid", "softmax")
CREDITS = ("local", "broadcast", "feedback", "backprop")
ACTIVATIONS = ("linear", "tanh", "sigmoid", "relu", "step")

OK, DIVERGED = 0, 1


@dataclass(frozen=True)
class Tasks:
    """L tasks of one shape, one per lane.

    `support_x f32[S, I, L]`, `support_y f32[S, O, L]`, `query_x f32[Q, I, L]`, `query_y f32[Q, O, L]`.
    Classification targets are one-hot (O ≥ 2) or 0/1 (O = 1); regression targets are numbers.
    """

    support_x: F32
    support_y: F32
    query_x: F32
    query_y: F32

    @property
    def lanes(self) -> int:
        """Number of lanes L."""
        return self.support_x.shape[2]

    def take(self, lanes: NDArray[np.int64]) -> Tasks:
        """Return the tasks of the given lanes (repeats allowed), in that order."""
        return Tasks(
            *(np.ascontiguousarray(a[..., lanes]) for a in (self.support_x, self.support_y, self.query_x, self.query_y))
        )


@dataclass(frozen=True)
class Graph:
    """A network as a general graph; nodes are ordered inputs, one constant (1.0), hidden, outputs.

    `ptr i32[N + 1]`: synapses `ptr[j]` to `ptr[j + 1]` enter node j; `src i32[E]`: where each comes from,
    ascending within a node. A forward pass is one sweep over j; a synapse with src ≥ its target is recurrent
    and reads the previous trial's activation. `activation u8[N]` indexes ACTIVATIONS (outputs: "linear", the
    head follows). `group i32[E]`: synapses that share per-synapse coefficients when a recipe ties them.
    """

    inputs: int
    outputs: int
    ptr: I32
    src: I32
    activation: NDArray[np.uint8]
    group: I32

    @property
    def nodes(self) -> int:
        """Number of nodes N, the constant included."""
        return len(self.ptr) - 1

    @property
    def synapses(self) -> int:
        """Number of synapses E."""
        return len(self.src)

    @property
    def dst(self) -> I32:
        """Target node of each synapse, i32[E]."""
        return np.repeat(np.arange(self.nodes, dtype=np.int32), np.diff(self.ptr))


@dataclass(frozen=True)
class Phenotypes:
    """G base learners. Ragged: each has its own graph, program and weights; equal parts may be one object.

    `innate[g]`: f32[E] (born alike in every lane) or None (drawn fresh for each lifetime: `Births.weights`).
    `coefficients f32[G, Kc]`: the rule's c0, c1, …; `plasticity[g]`: f32[K, E], the rule's p0, p1, ….
    `feedback[g]`: f32[E], fixed random weights of the credit mode "feedback", or None.
    `loss[g]`: derivative program of an evolved loss, or None for the head's own loss.
    """

    graphs: list[Graph]
    programs: list[Program]
    innate: list[F32 | None]
    coefficients: F32
    plasticity: list[F32]
    feedback: list[F32 | None]
    losses: list[Program | None]

    def __len__(self) -> int:
        return len(self.graphs)


@dataclass(frozen=True)
class Births:
    """What is drawn anew for each lifetime, the same for every genome with that graph.

    `weights`: for each graph (by `id`) whose genomes have no innate weights of their own, f32[E, L].
    """

    weights: dict[int, F32] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """How a lifetime goes, the same for the whole batch.

    `order i32[U, B]`: support examples of each weight update; `checkpoints i32[C]`: ascending numbers of
    updates at which the queries are answered (0 = innate, U = adapted); `head` names the output layer and its
    standard loss (linear: squared error, sigmoid: binary cross-entropy, softmax: cross-entropy); `credit` the
    credit mode; weights are kept within ± `bound`; `keep_weights`: return the learned weights of lane 0.
    """

    order: I32
    checkpoints: I32
    head: str
    credit: str
    bound: float = 20.0
    keep_weights: bool = False


@dataclass(frozen=True)
class Outcomes:
    """What became of every lifetime: `loss`, `accuracy`, `mae` f32[G, C, L], `status u8[G, L]`.

    `loss` is the head's standard loss on the queries, `accuracy` the share of queries answered rightly (0 for a
    linear head), `mae` the mean |target - output|. A lane whose weights or answers are not finite has status
    DIVERGED; its numbers are as computed. `weights[g] f32[E]`: learned weights of lane 0, where kept.
    """

    loss: F32
    accuracy: F32
    mae: F32
    status: NDArray[np.uint8]
    weights: list[F32] | None = None
