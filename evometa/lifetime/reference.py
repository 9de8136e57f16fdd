"""The lifetime in plain NumPy: slow, obvious, and the judge, as every other backend must give the same bits.

It makes the steps that evometa/spec/steps.py lists, which stand in reference_steps.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Self

import numpy as np

from evometa.lifetime import DIVERGED, F32, OK, Births, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.reference_steps import Steps
from evometa.lifetime.validation import check
from evometa.spec import SCORES
from evometa.spec.steps import EMBEDDING, QUERY, UPDATE


def live(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan) -> Outcomes:
    """Live every lifetime of the batch (contract: evometa.lifetime). Raises ContractError."""
    check(phenotypes, tasks, births, plan)
    genomes, points, lanes = len(phenotypes), len(plan.checkpoints), tasks.lanes
    scores = np.zeros((len(SCORES), genomes, points, lanes), np.float32)
    status = np.zeros((genomes, lanes), np.uint8)
    opened = np.zeros((genomes, points, lanes), np.float32)
    weights = []
    with np.errstate(all="ignore"):
        for g in range(genomes):
            learner = Learner(phenotypes, g, tasks, births, plan)
            learner.live(scores[:, g], opened[g])
            sound = np.isfinite(learner.w).all(axis=0) & np.isfinite(scores[:, g]).all(axis=(0, 1))
            status[g] = np.where(sound, OK, DIVERGED)
            weights.append(learner.w[:, 0].copy())
    return Outcomes(scores, status, weights if plan.keep_weights else None, opened)


class Learner(Steps):
    """One genome's lifetimes in all lanes, as they go: updates, and checkpoints with their queries."""

    def live(self, scores: F32, opened: F32) -> None:
        """Alternate updates and checkpoints; scores f32[M, C, L], how many synapses are open f32[C, L]."""
        checkpoints = self.plan.checkpoints.tolist()
        for update in range(checkpoints[-1] + 1):
            if update in checkpoints:
                c = checkpoints.index(update)
                scores[:, c], opened[c] = self.query(update), self.through(np.ones_like(self.w)).sum(axis=0)
            if update < checkpoints[-1]:
                self.learn(update)

    def learn(self, update: int) -> None:
        """Make one weight update."""
        self.meet(update)
        self.take(UPDATE)

    def meet(self, update: int) -> None:
        """Choose the examples of an update, each lane's own."""
        chosen = self.plan.order[update][:, None]
        self.x, self.y = (np.take_along_axis(a, chosen, axis=0) for a in (self.tasks.support_x, self.tasks.support_y))
        self.age = np.float32(min(update, self.plan.length - 1)) / np.float32(max(self.plan.length - 1, 1))
        task, place = divmod(update, self.plan.task) if self.plan.task else (0, update)
        self.novel, self.task = np.float32(place == 0), np.float32(task)

    def query(self, update: int) -> F32:
        """Return the mean scores of the queries of a checkpoint, f32[M, L]; nothing is learned."""
        sums, one = np.zeros((len(SCORES), self.lanes), np.float32), self.informed()
        asked = self.queries(update)
        for x, y in asked:
            sums = sums + one.asked(x, y).scores
        return sums / np.float32(len(asked))

    def queries(self, update: int) -> list[tuple[F32, F32]]:
        """Return what is asked at the checkpoint after so many updates: x f32[I, L] and y f32[O, L] of each."""
        x, y = self.tasks.query_x, self.tasks.query_y
        first, end = self.plan.asked_of(len(x))[self.plan.checkpoints.tolist().index(update)]
        return list(zip(x[first:end], y[first:end], strict=True))

    def answers(self, queries: F32) -> F32:
        """Return the answers f32[Q, O, L] to queries f32[Q, I, L]; nothing is learned."""
        unknown, one = np.zeros_like(self.tasks.query_y[0]), self.informed()
        return np.array([one.asked(x, unknown).output[:, 0] for x in queries], np.float32).reshape(-1, *unknown.shape)

    def informed(self) -> Self:
        """Return a copy that knows what queries are compared with, if they are: what it makes of the support set."""
        one, x, y = copy(self), self.tasks.support_x, self.tasks.support_y
        if self.comparison is not None:
            rows = [self.asked(*each, EMBEDDING).act[self.first_output :, 0] for each in zip(x, y, strict=True)]
            one.support = np.stack(rows, axis=1), y.swapaxes(0, 1)
        return one

    def asked(self, x: F32, y: F32, steps: Sequence[str] = QUERY) -> Self:
        """Return a copy that has answered one query x f32[I, L] with the target y f32[A, L]."""
        one = copy(self)
        one.x, one.y, one.act = x[None], y[None], self.act[:, :1]
        one.take(steps)
        return one
