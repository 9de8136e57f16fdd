"""What goes back to the numbers of a metric (evometa/lifetime/comparison.py); arguments as in descent/comparison.py."""

from __future__ import annotations

from typing import Any

from evometa.lifetime import Metric
from evometa.lifetime import columns as k
from evometa.lifetime.numba.comparison import is_plain, norm_of
from evometa.lifetime.numba.descent.tape import D_C, D_SUMS, D_UBAR, D_WAY
from evometa.lifetime.numba.generated_switch import exp_f, log_f
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.spec.comparisons import EPSILON
from evometa.system.jit import njit

METRIC = len(Metric().by)  # numbers of a metric, whose adjoints lie in D_SUMS


@njit(error_model="numpy", nogil=True, cache=True)
def bend(m: Any, p: Any, q: Any, arena: Any, lessons: Any, e: int, way: int, batch: int) -> None:
    """Add to D_WAY, adjoints of embeddings, what errors made of ū, at D_UBAR, get as lengths change."""
    if is_plain(lessons):
        return
    dims, step, zero, norm = at(m, k.OUTPUTS), batch * LANES, F(0.0), norm_of(p, arena, lessons, LANES)
    for i in range(0, step, LANES):
        n, a, b, c = F(EPSILON), zero, zero, zero
        for d in range(dims):
            x, bar = load(arena, e + d * step + i), load(arena, at(q, D_UBAR) + d * step + i)
            own = load(arena, way + d * step + i)
            n, a, b, c = fmaf(x, x, n), fmaf(bar, own, a), fmaf(own, x, b), fmaf(bar, x, c)
        log = log_f(n)
        x = (norm * F(-0.5)) * log
        held = select(x < F(-87.0), zero, select(x > F(88.0), zero, exp_f(x)))
        part, log = (b * c) / n, log * F(-0.5)
        middle, share = a - (norm + F(2.0)) * part, (-norm * held) / n
        row = at(q, D_SUMS) + LANES
        store(arena, row, load(arena, row) + held * (log * (a - norm * part) - part))
        for d in range(dims):
            x, bar = load(arena, e + d * step + i), load(arena, at(q, D_UBAR) + d * step + i)
            own = load(arena, way + d * step + i)
            place = at(q, D_WAY) + d * step + i
            more = fmaf(x, middle, fmaf(bar, b, own * c))
            store(arena, place, fmaf(share, more, load(arena, place)))


@njit(error_model="numpy", nogil=True, cache=True)
def metric_adjoint(q: Any, arena: Any, lessons: Any) -> None:
    """Add what the numbers of the metric got to the coefficients that they are."""
    metric = lessons.metric
    for i in range(METRIC):
        place = metric.scale_by if i == 0 else metric.norm_by if i == 1 else metric.ridge_by
        if place >= 0:
            row = at(q, D_C) + place * LANES
            store(arena, row, load(arena, row) + load(arena, at(q, D_SUMS) + i * LANES))
