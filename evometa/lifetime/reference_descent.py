"""The derivative of lifetimes in plain NumPy: lives are traced, and then gone through backwards.

It keeps all that every update computed. Contract: evometa/lifetime/slopes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from evometa.language.generated_nodes import ERROR
from evometa.language.program import Program
from evometa.lifetime import DIVERGED, F32, NONE, OK, Births, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.reference_adjoint import Adjoint
from evometa.lifetime.reference_comparison_adjoint import QueryAdjoint
from evometa.lifetime.slopes import SENSED, mean_of_lanes
from evometa.lifetime.validation import check, check_descent
from evometa.spec import SCORES
from evometa.spec.steps import ADJOINT, EMBEDDING

LOSS = SCORES.code("loss")
TRACED = ("after", "act", "before", "output", "err", "signals", "x", "y")  # of each update; states and memory before it


def descend(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, adjoints: Sequence[Program], weights: F32,
            loss_adjoints: Sequence[Program] = (), order: int = 2) -> Slopes:  # fmt: skip
    """Differentiate every lifetime of the batch (contract: evometa.lifetime.slopes). Raises ContractError."""
    check(phenotypes, tasks, births, plan)
    check_descent(phenotypes, plan, adjoints, weights, loss_adjoints, order)
    genomes, lanes = len(phenotypes), tasks.lanes
    losses = np.zeros((genomes, len(plan.checkpoints), lanes), np.float32)
    slopes = Slopes(losses, [], [], np.zeros_like(phenotypes.coefficients), np.zeros((genomes, lanes), np.uint8))
    with np.errstate(all="ignore"):
        for g in range(genomes):
            loss = phenotypes.loss[g]
            loss_adjoint = None if loss == NONE else loss_adjoints[loss]
            one = Descent(phenotypes, g, tasks, births, plan, adjoints[phenotypes.program[g]], loss_adjoint, order)
            one.trace(losses[g])
            last = one.w
            one.descend(weights[g])
            shares = {"plasticity": one.plasticity_bar, "coefficients": one.coefficients_bar}
            if phenotypes.innate[g] != NONE:
                shares["innate"] = one.states_bar["w"] + one.w0_bar
            finite = [np.isfinite(each).reshape(-1, lanes).all(axis=0) for each in (losses[g], last, *shares.values())]
            sound = np.logical_and.reduce(finite)
            slopes.status[g] = np.where(sound, OK, DIVERGED)
            means = {name: mean_of_lanes(share, sound) for name, share in shares.items()}
            slopes.innate.append(means.get("innate"))
            slopes.plasticity.append(means["plasticity"])
            slopes.coefficients[g] = means["coefficients"]
    return slopes


def steps_of(adjoint: Program, recurrent: bool, order: int, remembers: bool = False) -> list[str]:
    """Return the steps that are made of each update: those that anything depends on; `remembers`: has a memory."""
    given = {name for name, register in zip(adjoint.names, adjoint.outputs.tolist(), strict=True) if register >= 0}
    errors, senses = not given.isdisjoint(("err", "grad")), recurrent or remembers or not given.isdisjoint(SENSED)
    needed = {
        "gradient_adjoint": "grad" in given, "back_adjoint": errors, "error_adjoint": errors,
        "supervise_adjoint": "reward" in given, "access_adjoint": remembers,
        "answer_adjoint": senses, "compare_adjoint": senses, "forward_adjoint": senses, "perceive_adjoint": senses,
    }  # fmt: skip
    return [name for name in ADJOINT if name not in needed or (order == 2 and needed[name])]


class Descent(Adjoint):
    """One genome's lifetimes, lived and then gone through backwards; the adjoints at the end are those at birth."""

    def trace(self, losses: F32) -> None:
        """Live, and keep what every update computed; losses f32[C, L]."""
        self.tape: list[dict[str, Any]] = []
        checkpoints = self.plan.checkpoints.tolist()
        for update in range(checkpoints[-1] + 1):
            if update in checkpoints:
                losses[checkpoints.index(update)] = self.query(update)[LOSS]
            if update < checkpoints[-1]:
                found = {"states": self.states, "memory": self.memory}
                self.learn(update)
                self.after = self.states
                self.tape.append({**found, **{name: getattr(self, name) for name in TRACED}})

    def descend(self, weights: F32) -> None:
        """Go from the last checkpoint back to birth; weights f32[C]."""
        weight = dict(zip(self.plan.checkpoints.tolist(), weights, strict=True))
        recurrent, remembers = self.graph.recurrent, self.storage is not None
        steps = steps_of(self.adjoint, recurrent, self.order, remembers)
        for update in range(max(weight), -1, -1):
            if weight.get(update, 0) != 0:
                self.query_adjoint(update, weight[update])
            if update > 0:
                vars(self).update(self.tape[update - 1])
                self.take(steps)
                self.act = self.before  # as the update found them

    def query_adjoint(self, update: int, weight: np.float32) -> None:
        """Add what a checkpoint's mean loss, times a weight, makes of weights and previous activations."""
        asked, known, own = self.queries(update), self.informed(), slice(self.first_output, None)
        share, back = weight / np.float32(len(asked)), None
        if known.comparison is not None and known.support is not None:
            back = QueryAdjoint(known.comparison, *known.support)
        for x, y in asked:
            one = known.asked(x, y)
            error = ERROR[self.plan.head](one.output, one.y.swapaxes(0, 1)) * share
            self.fall(one, error if back is None else back.query(one.act[own], error))
        if back is None:
            return
        support = zip(self.tasks.support_x, self.tasks.support_y, back.support().swapaxes(0, 1), strict=True)
        for x, y, bar in support:
            self.fall(self.asked(x, y, EMBEDDING), bar[:, None])
        self.add_to_coefficients(self.plan.metric.by, back.metric)

    def fall(self, one: Self, bar: F32) -> None:
        """Add what the outputs of one example, whose adjoints are f32[O, 1, L], make of weights, past and memory."""
        one.act_bar, one.before_bar = np.zeros_like(one.act), np.zeros_like(one.act)
        one.act_bar[self.first_output :], one.states_bar = bar, self.states_bar
        one.forward_adjoint()
        self.states_bar = one.states_bar
        if self.order == 2:
            self.act_bar = self.act_bar.copy()
            self.act_bar[:, 0] = self.act_bar[:, 0] + one.before_bar[:, 0]
            if self.storage:
                read_bar = self.memory_bar["read"] + one.act_bar[self.reading, 0]
                self.memory_bar = {**self.memory_bar, "read": read_bar}
