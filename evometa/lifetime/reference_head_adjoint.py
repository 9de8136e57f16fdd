"""The adjoints of a head's steps, in plain NumPy: from errors, rewards and answers to what the outputs give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.language.generated_nodes import ANSWER_ADJOINT, ERROR_ADJOINT, REWARD_SLOPE, THROUGH_S, THROUGH_Y
from evometa.language.native import fmaf
from evometa.language.program import Program, evaluate
from evometa.lifetime import F32, NONE
from evometa.lifetime.reference import Learner
from evometa.lifetime.reference_comparison_adjoint import UpdateAdjoint

ZERO = np.float32(0)


class HeadAdjoint(Learner):
    """The part of `Adjoint` (reference_adjoint.py) that is the head's; `output_bar f32[A, B, L]`: of answers that are
    compared."""  # fmt: skip

    act_bar: F32
    err_bar: F32
    reward_bar: F32
    coefficients_bar: F32
    output_bar: F32
    loss_adjoint: Program | None

    def error_adjoint(self) -> None:
        """Add what the outputs' errors made of the answers, and of an evolved loss' coefficients."""
        own, y, head = slice(self.first_output, None), self.y.swapaxes(0, 1), self.plan.head
        given, answer, back = self.err_bar[own], self.output, self.update_adjoint()
        given = given if back is None else back.way(given)
        if self.loss is None:
            self.answers_bar = self.answers_bar + ERROR_ADJOINT[head](answer, y, given)
        else:
            self.loss_adjoints(y, given)
        if back is not None:
            self.act_bar = self.act_bar.copy()
            self.act_bar[own] = self.act_bar[own] + back.errors(self.head_error(y))
            self.add_to_coefficients(self.plan.metric.by, back.metric)

    def loss_adjoints(self, y: F32, given: F32) -> None:
        """Add what the errors of an evolved loss made of the answers and of coefficients; y f32[A, B, L]."""
        assert self.loss_adjoint is not None
        assert self.loss is not None
        head, answer = self.plan.head, self.output
        named: dict[str, Any] = {f"c{i}": c for i, c in enumerate(self.coefficients)}
        known = [{**named, "output": output, "target": target} for output, target in zip(answer, y, strict=True)]
        slope = np.stack([np.broadcast_to(evaluate(self.loss, each)["derivative"], given[0].shape) for each in known])
        bars = self.answers_bar + THROUGH_Y[head](answer, slope, given)
        totals = np.zeros_like(self.coefficients_bar)
        for bar, seed, each in zip(bars, THROUGH_S[head](answer, given), known, strict=True):
            found = evaluate(self.loss_adjoint, {**each, "d_loss": seed})
            if "output" in found:
                bar[:] = bar + found["output"]
            for i, total in enumerate(totals):
                for more in np.broadcast_to(found.get(f"c{i}", ZERO), bar.shape):
                    total[:] = total + more
        self.answers_bar, self.coefficients_bar = bars, self.coefficients_bar + totals

    def supervise_adjoint(self) -> None:
        """Add what the reward made of the answers."""
        bars, share = self.answers_bar.copy(), self.reward_bar / np.float32(len(self.y))
        for k in range(len(self.y)):
            slope = REWARD_SLOPE[self.plan.head](self.output[:, k], self.y[k])
            bars[:, k] = fmaf(slope, share, bars[:, k])
        self.answers_bar = bars

    def answer_adjoint(self) -> None:
        """Turn the adjoints of the answers into those of the head's net inputs."""
        self.answers_bar = ANSWER_ADJOINT[self.plan.head](self.output, self.answers_bar)

    def compare_adjoint(self) -> None:
        """Add what net inputs made of the embeddings that were compared."""
        back = self.update_adjoint()
        if back is not None:
            own = slice(self.first_output, None)
            self.act_bar = self.act_bar.copy()
            self.act_bar[own] = self.act_bar[own] + back.answers(self.answers_bar)
            self.add_to_coefficients(self.plan.metric.by, back.metric)

    @property
    def answers_bar(self) -> F32:
        """The adjoints of answers, and then of net inputs: those of the outputs, if these are not compared."""
        return self.act_bar[self.first_output :] if self.comparison is None else self.output_bar

    @answers_bar.setter
    def answers_bar(self, bars: F32) -> None:
        if self.comparison is not None:
            self.output_bar = bars
            return
        self.act_bar = self.act_bar.copy()
        self.act_bar[self.first_output :] = bars

    def update_adjoint(self) -> UpdateAdjoint | None:
        """Return what goes back through the comparison of the examples at hand, if they were compared."""
        e, y = self.act[self.first_output :], self.y.swapaxes(0, 1)
        return None if self.comparison is None else UpdateAdjoint(self.comparison, e, y)

    def add_to_coefficients(self, places: Sequence[int], bars: F32) -> None:
        """Add adjoints of numbers, f32[·, L], to the coefficients that they are: those at `places`, NONE for none."""
        self.coefficients_bar = self.coefficients_bar.copy()
        for place, bar in zip(places, bars, strict=True):
            if place != NONE:
                self.coefficients_bar[place] = self.coefficients_bar[place] + bar
