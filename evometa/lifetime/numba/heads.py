"""Output layers in the kernel: answers, their errors, the reward signal and the scores on queries.

Rows as in sweeps.py: output o's rows for `count` examples begin at `out + o*step`, its targets at
`target + o*step`. All formulas are per lane; sums run over outputs, then over examples, in that order.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime.numba.generated_switch import exp_f, log_f
from evometa.lifetime.numba.jit import njit
from evometa.lifetime.numba.vector import LANES, F, fabs, load, select, store

# Positions in HEADS of the contract.
LINEAR, SIGMOID, SOFTMAX = range(3)


@njit(error_model="numpy", nogil=True, cache=True)
def answer(arena: Any, head: int, out: int, outputs: int, step: int, span: int) -> None:
    """Turn net inputs into answers in place, for `span` example-lanes (softmax after subtracting the largest)."""
    if head == SIGMOID:
        for o in range(outputs):
            for i in range(out + o * step, out + o * step + span, LANES):
                store(arena, i, F(1.0) / (F(1.0) + exp_f(-load(arena, i))))
    elif head == SOFTMAX:
        for i in range(out, out + span, LANES):
            top = load(arena, i)
            for o in range(1, outputs):
                x = load(arena, i + o * step)
                top = select(x > top, x, top)
            total = F(0.0)
            for o in range(outputs):
                x = exp_f(load(arena, i + o * step) - top)
                store(arena, i + o * step, x)
                total = total + x
            for o in range(outputs):
                store(arena, i + o * step, load(arena, i + o * step) / total)


@njit(error_model="numpy", nogil=True, cache=True)
def output_errors(arena: Any, head: int, out: int, target: int, err: int, outputs: int, step: int, span: int) -> None:
    """Write ∂loss/∂(net input) of the head's own loss to the error rows."""
    scale = F(1.0)
    if head == LINEAR:
        scale = F(2.0) / F(outputs)
    elif head == SIGMOID:
        scale = F(1.0) / F(outputs)
    for o in range(outputs):
        for i in range(o * step, o * step + span, LANES):
            delta = load(arena, out + i) - load(arena, target + i)
            if head != SOFTMAX:
                delta = delta * scale
            store(arena, err + i, delta)


@njit(error_model="numpy", nogil=True, cache=True)
def through_head(arena: Any, head: int, out: int, err: int, outputs: int, step: int, span: int) -> None:
    """Turn ∂loss/∂answer of an evolved loss (in the error rows) into the mean over outputs' ∂loss/∂(net input)."""
    scale = F(1.0) / F(outputs)
    for i in range(0, span, LANES):
        if head == SOFTMAX:
            dot = F(0.0)
            for o in range(outputs):
                dot = dot + load(arena, err + i + o * step) * load(arena, out + i + o * step)
            for o in range(outputs):
                j = i + o * step
                store(arena, err + j, load(arena, out + j) * (load(arena, err + j) - dot) * scale)
        else:
            for o in range(outputs):
                j = i + o * step
                delta = load(arena, err + j) * scale
                if head == SIGMOID:
                    y = load(arena, out + j)
                    delta = delta * (y * (F(1.0) - y))
                store(arena, err + j, delta)


@njit(error_model="numpy", nogil=True, cache=True)
def rightness(arena: Any, head: int, out: int, target: int, outputs: int, step: int) -> Any:
    """Return for 16 lanes of one example: the share of answers that are right (0 for a linear head)."""
    right = F(0.0)
    if head == SIGMOID:
        for o in range(outputs):
            yes = select(load(arena, out + o * step) > F(0.5), F(1.0), F(0.0))
            truth = select(load(arena, target + o * step) > F(0.5), F(1.0), F(0.0))
            right = right + select(yes == truth, F(1.0), F(0.0))
        right = right / F(outputs)
    elif head == SOFTMAX:
        best, wanted, chosen, truth = load(arena, out), load(arena, target), F(0.0), F(0.0)
        for o in range(1, outputs):
            x, y = load(arena, out + o * step), load(arena, target + o * step)
            chosen = select(x > best, F(o), chosen)
            best = select(x > best, x, best)
            truth = select(y > wanted, F(o), truth)
            wanted = select(y > wanted, y, wanted)
        right = select(chosen == truth, F(1.0), F(0.0))
    return right


@njit(error_model="numpy", nogil=True, cache=True)
def squared(arena: Any, out: int, target: int, outputs: int, step: int) -> Any:
    """Return for 16 lanes of one example: the mean squared error over outputs."""
    total = F(0.0)
    for o in range(outputs):
        d = load(arena, out + o * step) - load(arena, target + o * step)
        total = total + d * d
    return total / F(outputs)


@njit(error_model="numpy", nogil=True, cache=True)
def reward(arena: Any, head: int, out: int, target: int, result: int, outputs: int, step: int, count: int,
           width: int) -> None:  # fmt: skip
    """Write the reward row: mean over `count` examples of rightness, or of minus the squared error (linear head)."""
    for v in range(0, width, LANES):
        total = F(0.0)
        for k in range(count):
            i = k * width + v
            if head == LINEAR:
                total = total - squared(arena, out + i, target + i, outputs, step)
            else:
                total = total + rightness(arena, head, out + i, target + i, outputs, step)
        store(arena, result + v, total / F(count))


@njit(error_model="numpy", nogil=True, cache=True)
def score(arena: Any, head: int, out: int, target: int, sums: int, outputs: int, step: int, count: int,
          width: int) -> None:  # fmt: skip
    """Add loss, rightness and mean |target − answer| of `count` queries to the three rows at `sums`."""
    for v in range(0, width, LANES):
        loss, right, mae = load(arena, sums + v), load(arena, sums + width + v), load(arena, sums + 2 * width + v)
        for k in range(count):
            i = k * width + v
            a = out + i
            b = target + i
            gap = F(0.0)
            cost = F(0.0)
            for o in range(outputs):
                y, t = load(arena, a + o * step), load(arena, b + o * step)
                gap = gap + fabs(t - y)
                if head == SIGMOID:
                    cost = cost - (t * log_f(y) + (F(1.0) - t) * log_f(F(1.0) - y))
                elif head == SOFTMAX:
                    cost = cost - t * log_f(y)
            if head == LINEAR:
                cost = squared(arena, a, b, outputs, step)
            elif head == SIGMOID:
                cost = cost / F(outputs)
            loss = loss + cost
            right = right + rightness(arena, head, a, b, outputs, step)
            mae = mae + gap / F(outputs)
        store(arena, sums + v, loss)
        store(arena, sums + width + v, right)
        store(arena, sums + 2 * width + v, mae)
