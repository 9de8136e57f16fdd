"""The contract of gradients of lifetimes: what a backend's `descend` gives, and the order of every operation.

    descend(phenotypes, tasks, births, plan, adjoints, weights, loss_adjoints=(), order=2) -> Slopes

differentiates M_g = Σ_c weights[g, c] · (mean over lanes of the head's standard loss on the queries of checkpoint c)
with respect to what genome g is born with. `weights f32[G, C]`, finite. `adjoints` follows `phenotypes.programs`
(language/adjoint.py: of each rule), `loss_adjoints` follows `phenotypes.losses`. All backends give the same bits,
whatever the threads, the other genomes of the call, and how a backend keeps or lives again what it needs of a life.

**Derivative.** That of what runs. Held constant: targets, age, feedback weights, drawn weights, thresholds (gates,
signs, right or wrong answers, what a synapse costs). At a kink: that of the branch taken; 0 where the bound holds a
weight. An activation without slope (`step`) has the one its row says. With `order` 1 all that learning senses (pre,
post, err, grad, reward, and what recurrent synapses and memories read) is held constant, too: the first-order method of
Finn et al. 2017; then only what is marked ¹ is done. Reverse mode: Griewank & Walther 2008; sweeps: Pearlmutter 1994.

**Order.** Each lane for itself, from the last checkpoint back to birth; at each number of updates first the checkpoint,
then the adjoints of the steps of the update before it (spec/steps.py, ADJOINT). A bar is an adjoint, 0 at the end of
life: w̄[E], one of each state, w̄0[E], p̄[K, E], c̄[Kc], and ā[N, B], that of the activations that an update left; those
of a memory stand in memory.py. "Adds" means: to what is there, one by one, in the order named; a product that is added
is a fused multiply-add, as in `live`; any other operation rounds. Of a synapse e, from node i to j, `x` is what it
reads in example k: act[i, k], or, if recurrent, before[i, k], whose adjoint is b̄[i, k]. ẘ: its weight, 0 where its gate
is closed; such synapses have nothing added to w̄ but in `execute_adjoint`. An *inner* synapse leads forward from a
hidden node. A GRU j (spec/activations.py) has node c = j−2 as its candidate, g = j−1 as its gate, and was h. Order of
synapses: ascending. Backwards: by j descending, and ascending within j. Examples, queries:
ascending.

*Checkpoint*¹, of weight γ ≠ 0: act as in `live`; z̄ of outputs: error(y, t) · (γ / Q), with
Q the number of queries that it is asked. Nodes descending, of a hidden j:
ā_j = 0 + ẘ·z̄ over the inner synapses that leave j, backwards; z̄_j = slope(a_j, ā_j). w̄ adds z̄_j·x, query by query.
Before its slope, ā of a node adds what GRUs behind it make of it: as their candidate z̄_j·a_g, then as the gate of
another one z̄_j·(a_c − h). With order 2: each query's own b̄ = 0 + ẘ·z̄, backwards, over the recurrent synapses, and
b̄_j adds z̄_j·(1 − a_g) of each GRU; then ā[:, 0] adds b̄ of each query.

Where the head compares: z̄ is that of its net inputs, and comparison.py says how it goes back: 1., 2. and 4., query by
query, to ē of the query, with which its outputs begin. v̄, s̄ and ν̄ begin at 0 at each checkpoint. After the last query,
of each support example, one by one: 3., from ū = 0, and 4. give ē, from which it goes on as from a query's. Then c̄ adds
s̄, ν̄ and ρ̄, in this order, those that are coefficients.

*Update*, with δ for err and δ̄ for its adjoint, which begins at 0, as b̄ does:
1. `bound_adjoint`¹: d_update = w̄ where |w| after the update is below the bound, else 0 (w̄ itself, if the rule has no
   update); the others: adjoints of states.
2. `execute_adjoint`¹: the adjoint program for each synapse that is not FIXED, in their order, reading what the rule
   read. w̄ becomes d_update, and adds w; adjoints of states become what is given, or 0; ḡ is what is given. w̄0 and p̄
   add what is given; c̄ and r̄ (of the reward) add the sums of this update, which begin at 0. δ̄[j, 0] adds err, ā[j, 0]
   post; ā[i, 0], or b̄[i, 0], pre. A FIXED synapse keeps w̄ and has ḡ = 0.
3. `gradient_adjoint`, if `grad` is given: h = ḡ · (1 / B). δ̄[j, k] adds h·x in order of synapses. Then ā[i, k], or
   b̄[i, k], adds h·δ[j, k], backwards.
4. `back_adjoint`, if `err` or `grad` is given. Where all hidden nodes have the same error: δ̄ of each output adds
   shared_adjoint of their Σ δ̄, ascending from 0. Where errors go back through weights v (ẘ, or those of feedback, 0
   where closed): nodes ascending, δ̄_j adds v·t̄_i over the inner synapses that enter j, in their order; of a GRU j
   δ̄_j adds t̄_c·a_g, ā_g adds t̄_c·δ_j, δ̄_j adds t̄_g·(a_c − h), ā_c adds t̄_g·δ_j, b̄_j adds −t̄_g·δ_j, in this order,
   where c, and g, are hidden; of a hidden j,
   whose error was t_j before its slope: ā_j adds curve(a_j, t_j · δ̄_j), and t̄_j = slope(a_j, δ̄_j). Where v is ẘ: w̄ of
   inner synapses adds δ_j·t̄_i, example by example.
5. `error_adjoint`, if `err` or `grad` is given: ȳ adds error_adjoint(y, t, δ̄); or, of an evolved loss with slopes s:
   through_y(y, s, δ̄), then `output` of the loss' adjoint, whose seed d_loss is through_s(y, δ̄). c̄ adds the sum of what
   that gives for coefficients, which begins at 0 and goes by outputs, and by examples within each. Where the head
   compares, comparison.py says what stands for δ̄ (ż), and what ā of the outputs, and then c̄ (s̄, ν̄, ρ̄), add.
6. `supervise_adjoint`, if `reward` is given: ȳ adds reward_slope(y, t)·(r̄ / B).
7. `access_adjoint`, where there is a memory: memory.py. `answer_adjoint`: z̄ of the head is answer_adjoint(y, ȳ).
   `compare_adjoint`, where it compares: ā of the outputs adds ē of comparison.py, and then c̄ its s̄, ν̄ and ρ̄.
8. `forward_adjoint`: nodes descending, of a hidden j: ā_j adds ẘ·z̄ over the inner synapses that leave j, backwards,
   and what GRUs make of it, as at a checkpoint; z̄_j = slope(a_j, ā_j). b̄[i, k] adds ẘ·z̄, backwards; then as at a
   checkpoint b̄ of GRUs, and ā of the last input, if it is a candidate. w̄ adds z̄_j·x, example by example.
9. `perceive_adjoint`: ā is b̄; memory.py. This, 7. and 8. if anything that learning senses is given, if the graph is
   recurrent, or if there is a memory; else ā stays 0.

*Birth*: `innate` is w̄ + w̄0; nothing else at birth depends on the genome.

**Lanes.** A lane has status DIVERGED where one of its losses, its weights at the end, or its share of a slope that is
returned is not finite. It counts 0 in all sums. These go over blocks of 16 lanes, filled up with zeros: l + 8, then
l + 4, l + 2, l + 1; blocks are added in their order, beginning at 0; then a division by L (DIVERGED lanes included).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from evometa.spec.arrays import F32, U8

SENSED = ("pre", "post", "err", "grad", "reward")  # signals that depend on weights by way of the network
BLOCK = 16  # lanes that are added by a tree


@dataclass(frozen=True, eq=False)
class Slopes:
    """The derivative of each genome's M, and the losses and status of its lives.

    `innate`: of each genome, None where its weights are drawn; `plasticity`: of each genome; what a genome's rule does
    not read has slope 0. `losses`: as computed, the head's standard loss.
    """

    losses: Annotated[F32, "G C L"]
    innate: Annotated[list[F32 | None], "E"]
    plasticity: Annotated[list[F32], "K E"]
    coefficients: Annotated[F32, "G Kc"]
    status: Annotated[U8, "G L"]


def mean_of_lanes(shares: F32, sound: NDArray[np.bool_]) -> F32:
    """Return the mean over lanes of f32[…, L], those that are not sound counted 0, in the order of the contract."""
    *shape, lanes = shares.shape
    blocks = -(-lanes // BLOCK)
    rows = np.zeros((*shape, blocks * BLOCK), np.float32)
    rows[..., :lanes] = np.where(sound, shares, np.float32(0))
    rows = rows.reshape(*shape, blocks, BLOCK)
    while rows.shape[-1] > 1:
        half = rows.shape[-1] // 2
        rows = rows[..., :half] + rows[..., half:]
    total = np.zeros(shape, np.float32)
    for block in range(blocks):
        total = total + rows[..., block, 0]
    return total / np.float32(lanes)
