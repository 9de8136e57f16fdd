"""The adjoint of an update, step by step, in plain NumPy: slow, obvious, and the judge, as `reference` is of updates.

The order of operations is that of the contract (evometa/lifetime/slopes.py).
"""

from __future__ import annotations

import numpy as np

from evometa.language.generated_nodes import (
    CURVE,
    SHARED_ADJOINT,
    SLOPE,
)
from evometa.language.native import fmaf, in_order
from evometa.language.program import Program, evaluate
from evometa.lifetime import F32, FIXED, NONE, Births, Phenotypes, Plan, Tasks
from evometa.lifetime.reference_head_adjoint import HeadAdjoint
from evometa.lifetime.reference_memory_adjoint import AccessAdjoint
from evometa.lifetime.reference_steps import ONE
from evometa.lifetime.slopes import SENSED
from evometa.spec import CREDITS
from evometa.spec.states import GATE, MEMORY, RULE, SYNAPSE

ZERO = np.float32(0)
OPEN = SYNAPSE[GATE].name


class Adjoint(HeadAdjoint):
    """One genome's lifetimes in all lanes, with the adjoints of all that they are made of: what each counts.

    Each step of ADJOINT is a method, and what it reads and writes an attribute: those of the learner as they were in
    the update at hand (`states` before it, `after` behind it), and the adjoints, of the same shapes: `states_bar` by
    name, `w0_bar`, `plasticity_bar f32[K, E, L]`, `coefficients_bar f32[Kc, L]`, `act_bar`, `before_bar`, `err_bar`,
    `grad_bar`, `reward_bar`; of a memory `memory_bar`, by name; `seeds` by name. `order`: 1 or 2.
    """

    def __init__(self, phenotypes: Phenotypes, g: int, tasks: Tasks, births: Births, plan: Plan, adjoint: Program,
                 loss_adjoint: Program | None, order: int) -> None:  # fmt: skip
        super().__init__(phenotypes, g, tasks, births, plan)
        self.adjoint, self.loss_adjoint, self.order = adjoint, loss_adjoint, order
        self.after = self.states
        self.states_bar = {state.name: np.zeros_like(self.w) for state in SYNAPSE}
        self.w0_bar, self.act_bar = np.zeros_like(self.w), np.zeros_like(self.act)
        self.output_bar = np.zeros((tasks.support_y.shape[1], *self.act.shape[1:]), np.float32)
        self.plasticity_bar = np.zeros((len(self.plasticity), *self.w.shape), np.float32)
        self.coefficients_bar = np.zeros((len(self.coefficients), self.lanes), np.float32)
        self.memory_bar = {name: np.zeros_like(part) for name, part in self.memory.items()}

    def bound_adjoint(self) -> None:
        """Set what each slot's result counts; that of the update nothing where the bound holds the weight."""
        self.seeds = {f"d_{state.slot}": self.states_bar[state.name] for state in SYNAPSE}
        if self.program.outputs[RULE.index("update")] != NONE:
            free = np.abs(self.after["w"]) < np.float32(self.plan.bound)
            self.seeds["d_update"] = np.where(free, self.states_bar["w"], ZERO)

    def execute_adjoint(self) -> None:
        """Run the rule's adjoint for each synapse that is not FIXED, and add up what it gives."""
        free = self.graph.traits & FIXED == 0
        found = evaluate(self.adjoint, {**self.signals, **self.seeds})
        given = {name: np.broadcast_to(value, self.w0_bar.shape) for name, value in found.items()}
        if self.order == 1:
            given = {name: value for name, value in given.items() if name not in SENSED}
        nothing, learned = np.zeros_like(self.w0_bar), free[:, None]
        w_bar = self.seeds["d_update"] + given["w"] if "w" in given else self.seeds["d_update"]
        memory = {name: np.where(learned, given.get(name, nothing), nothing) for name in MEMORY}
        self.states_bar = {"w": np.where(learned, w_bar, self.states_bar["w"]), **memory}
        self.grad_bar = np.where(learned, given.get("grad", nothing), nothing)
        if "w0" in given:
            self.w0_bar = np.where(learned, self.w0_bar + given["w0"], self.w0_bar)
        p_bar, c_bar = self.plasticity_bar.copy(), self.coefficients_bar.copy()
        for i, own in enumerate(p_bar):
            if f"p{i}" in given:
                own[free] = own[free] + given[f"p{i}"][free]
        for i, own in enumerate(c_bar):
            if f"c{i}" in given:
                own[:] = own + in_order(given[f"c{i}"][free])
        self.plasticity_bar, self.coefficients_bar = p_bar, c_bar
        self.reward_bar = in_order(given["reward"][free]) if "reward" in given else nothing[0]
        self.err_bar, self.before_bar = np.zeros_like(self.act_bar), np.zeros_like(self.act_bar)
        self.act_bar, self.output_bar = (
            self.act_bar.copy(),
            np.zeros((self.tasks.support_y.shape[1], *self.act_bar.shape[1:]), np.float32),
        )
        for e in np.flatnonzero(free).tolist():
            self.sense_adjoint(e, {name: given[name][e] for name in ("err", "post", "pre") if name in given})

    def sense_adjoint(self, e: int, given: dict[str, F32]) -> None:
        """Add what a synapse made of the first example's errors and activations."""
        j, i = self.dst[e], self.graph.src[e]
        for name, bar, node in (("err", self.err_bar, j), ("post", self.act_bar, j), ("pre", self.read_bar(e), i)):
            if name in given:
                bar[node, 0] = bar[node, 0] + given[name]

    def gradient_adjoint(self) -> None:
        """Add what the gradients made of errors, and then of activations."""
        share = self.grad_bar * (ONE / np.float32(self.err.shape[1]))
        self.err_bar, self.act_bar, self.before_bar = self.err_bar.copy(), self.act_bar.copy(), self.before_bar.copy()
        for j in range(self.graph.inputs + 1, self.graph.nodes):
            for e in self.into(j):
                self.err_bar[j] = fmaf(share[e], self.read(e), self.err_bar[j])
        for j in range(self.graph.nodes - 1, self.graph.inputs, -1):
            for e in self.into(j):
                bar, i = self.read_bar(e), self.graph.src[e]
                bar[i] = fmaf(share[e], self.err[j], bar[i])

    def back_adjoint(self) -> None:
        """Add what the errors of hidden nodes made of those of the outputs, of activations and of weights."""
        credit, hidden = self.plan.credit, range(self.graph.inputs + 1, self.first_output)
        self.err_bar, self.act_bar, self.before_bar = self.err_bar.copy(), self.act_bar.copy(), self.before_bar.copy()
        if credit in SHARED_ADJOINT:
            outputs, total = self.err_bar[self.first_output :], in_order(self.err_bar[hidden.start : hidden.stop])
            outputs[:] = outputs + SHARED_ADJOINT[credit](np.broadcast_to(total, outputs.shape))
        if not CREDITS[credit].back:
            return
        own = self.w if CREDITS[credit].back == "w" else self.feedback
        assert own is not None
        weights = self.through(own if own.ndim > 1 else own[:, None])
        errors = self.errors_back(weights)
        for j in range(self.graph.inputs + 1, self.graph.nodes):
            for e in self.inner(j):
                self.err_bar[j] = fmaf(weights[e], self.err_bar[self.graph.src[e]], self.err_bar[j])
            if j in self.graph.grus:
                self.gru_adjoint(j, hidden)
            if j in hidden:
                kind, bar = self.graph.activation_of(j), self.err_bar[j]
                self.act_bar[j] = self.act_bar[j] + CURVE[kind](self.act[j], errors[j] * bar)
                self.err_bar[j] = SLOPE[kind](self.act[j], bar)
        if CREDITS[credit].back == "w":
            w_bar = self.states_bar["w"].copy()
            for j in range(self.graph.inputs + 1, self.graph.nodes):
                for e in self.inner(j):
                    self.add_to_weight(w_bar, e, self.err[j], self.err_bar[self.graph.src[e]])
            self.states_bar = {**self.states_bar, "w": w_bar}

    def gru_adjoint(self, j: int, hidden: range) -> None:
        """Add what the error of a GRU made of those of its candidate and of its gate, and what they sent it by."""
        g, c, error = j - 1, j - 2, self.err[j]
        if c in hidden:
            self.err_bar[j] = fmaf(self.err_bar[c], self.act[g], self.err_bar[j])
            self.act_bar[g] = fmaf(self.err_bar[c], error, self.act_bar[g])
        if g in hidden:
            self.err_bar[j] = fmaf(self.err_bar[g], self.act[c] - self.before[j], self.err_bar[j])
            self.act_bar[c] = fmaf(self.err_bar[g], error, self.act_bar[c])
            self.before_bar[j] = fmaf(-self.err_bar[g], error, self.before_bar[j])

    def errors_back(self, weights: F32) -> F32:
        """Return the errors of hidden nodes before their slopes, f32[N, B, L]."""
        errors = np.zeros_like(self.err)
        for j in range(self.graph.nodes - 1, self.graph.inputs, -1):
            errors[j] = self.through_grus(j, errors[j], self.err)
            for e in self.inner(j):
                errors[self.graph.src[e]] = fmaf(weights[e], self.err[j], errors[self.graph.src[e]])
        return errors

    def access_adjoint(self) -> None:
        """Add what a memory made of what hidden nodes said, of what it was before, and of its numbers."""
        if self.storage is None:
            return
        one = AccessAdjoint(self.storage, self.memory, self.act[self.saying, 0], self.memory_bar)
        one.back()
        self.memory_bar, self.act_bar = one.bars, self.act_bar.copy()
        self.act_bar[self.saying, 0] = self.act_bar[self.saying, 0] + one.z_bar
        self.add_to_coefficients(self.plan.memory.by, one.numbers)

    def forward_adjoint(self) -> None:
        """Sweep once over the nodes, backwards: activations to net inputs, and these to sources and weights."""
        w, w_bar = self.through(self.w), self.states_bar["w"].copy()
        self.act_bar, self.before_bar = self.act_bar.copy(), self.before_bar.copy()
        for j in range(self.graph.nodes - 1, self.graph.inputs, -1):
            if j < self.first_output:
                total = self.through_grus(j, self.act_bar[j], self.act_bar)
                self.act_bar[j] = SLOPE[self.graph.activation_of(j)](self.act[j], total)
            for e in self.into(j):
                bar, i = self.read_bar(e), self.graph.src[e]
                bar[i] = fmaf(w[e], self.act_bar[j], bar[i])
                self.add_to_weight(w_bar, e, self.act_bar[j], self.read(e))
        for j in self.graph.grus:
            self.before_bar[j] = fmaf(self.act_bar[j], ONE - self.act[j - 1], self.before_bar[j])
        last = self.graph.inputs - 1  # which the first hidden node may have as its candidate: what was read of a memory
        self.act_bar[last] = self.through_grus(last, self.act_bar[last], self.act_bar)
        self.states_bar = {**self.states_bar, "w": w_bar}

    def perceive_adjoint(self) -> None:
        """Go over to the activations that the update found, and to what it read of a memory."""
        if self.storage:
            self.memory_bar = {**self.memory_bar, "read": self.act_bar[self.reading, 0]}
        self.act_bar = self.before_bar

    def into(self, j: int) -> range:
        """Return the synapses that enter a node."""
        return range(self.graph.ptr[j], self.graph.ptr[j + 1])

    def inner(self, j: int) -> list[int]:
        """Return those of them that lead forward from hidden nodes: the ways on which errors go back."""
        src, end = self.graph.src, min(j, self.first_output)
        return [e for e in self.into(j) if self.graph.inputs < src[e] < end]

    def read(self, e: int) -> F32:
        """Return what a synapse reads of all examples, f32[B, L]."""
        i = self.graph.src[e]
        read: F32 = (self.before if i >= self.dst[e] else self.act)[i]
        return read

    def read_bar(self, e: int) -> F32:
        """Return the adjoints among which is that of what a synapse reads, f32[N, B, L]."""
        return self.before_bar if self.graph.src[e] >= self.dst[e] else self.act_bar

    def add_to_weight(self, w_bar: F32, e: int, error: F32, read: F32) -> None:
        """Add error·read, example by example, to the adjoint of a weight, if its gate is open."""
        total = w_bar[e]
        for own, x in zip(error, read, strict=True):
            total = fmaf(own, x, total)
        w_bar[e] = np.where(self.states[OPEN][e] > 0, total, w_bar[e])
