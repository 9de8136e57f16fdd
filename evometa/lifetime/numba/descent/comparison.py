"""What goes back through the comparison of an update's batch with itself: from errors, and from net inputs.

Arguments as in numba/comparison.py, `q` as in tape.py; formulas: evometa/lifetime/comparison.py. Rows are 16 lanes. A
way is a direction: D_WAY has the derivative of what was compared along the adjoints of errors, D_KEYWAY that of keys,
D_NEARWAY half that of squared distances, D_ZWAY that of net inputs.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_COUNTS,
    A_KEYBAR,
    A_KEYS,
    A_KTARGET,
    A_MEANS,
    A_NEAR,
    A_OUTBAR,
    A_OUTPUT,
    A_PARTS,
    A_TARGET,
    A_TOTALS,
    A_UNIT,
)
from evometa.lifetime.numba.comparison import by_class, compare, is_plain, means, own_of, scale_of, slope_of
from evometa.lifetime.numba.comparison_adjoint import compare_back, through_keys, unit_back
from evometa.lifetime.numba.descent.metric import METRIC, bend, metric_adjoint
from evometa.lifetime.numba.descent.ridge import ridge_again, ridge_errors, ridge_way
from evometa.lifetime.numba.descent.rule import add
from evometa.lifetime.numba.descent.tape import (
    D_ABAR,
    D_BENT,
    D_EBAR,
    D_GBAR,
    D_KEYWAY,
    D_NEARWAY,
    D_OUTBAR,
    D_SHARE,
    D_SLOPES,
    D_SUMS,
    D_UBAR,
    D_WAY,
    D_ZWAY,
)
from evometa.lifetime.numba.ridge import solves
from evometa.lifetime.numba.ridge_adjoint import solve_back
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def embeddings(m: Any, p: Any, batch: int) -> int:
    """Return where the outputs' rows of an update lie."""
    return at(p, A_ACT) + (at(m, k.NODES) - at(m, k.OUTPUTS)) * batch * LANES


@njit(error_model="numpy", nogil=True, cache=True)
def know_again(m: Any, p: Any, arena: Any, lessons: Any, room: int, batch: int) -> None:
    """Compare the batch at hand once more, as it was, and answer: what that leaves is not on the tape."""
    compare(m, p, arena, lessons, at(p, A_ACT), room, 0, at(p, A_OUTPUT), batch, batch, LANES)
    node_rows.answer(arena, lessons.head, at(p, A_OUTPUT), lessons.ways, batch * LANES, batch * LANES)


@njit(error_model="numpy", nogil=True, cache=True)
def put_way(m: Any, p: Any, q: Any, arena: Any, lessons: Any, room: int, batch: int) -> None:
    """Write the derivatives along the adjoints of errors; D_OUTBAR's second half gets those of net inputs, too."""
    dims, ways, step, zero = at(m, k.OUTPUTS), lessons.ways, batch * LANES, F(0.0)
    e, way, near = embeddings(m, p, batch), at(q, D_WAY), at(q, D_NEARWAY)
    u = e if is_plain(lessons) else at(p, A_UNIT)
    copy(arena, way, at(q, D_EBAR) + (at(m, k.NODES) - dims) * step, dims * step)
    unit_back(m, p, arena, lessons, e, batch, way, batch, -1, batch, LANES)
    classes, solved = by_class(lessons), solves(lessons)
    keys, key, key_room = (ways, at(p, A_MEANS), ways) if classes else (batch, at(p, A_KEYS), room)
    if solved:
        ridge_way(m, p, q, arena, ways, u, room, batch)
    elif classes:
        means(arena, dims, way, batch, at(p, A_KTARGET), room, at(p, A_COUNTS) + ways * LANES, ways,
              at(q, D_KEYWAY), batch, LANES)  # fmt: skip
    else:
        for d in range(dims):
            copy(arena, at(q, D_KEYWAY) + d * room * LANES, way + d * step, step)
    double = slope_of(p, arena, lessons, LANES)
    fill(arena, at(q, D_ZWAY), ways * step, 0.0)
    for j in range(keys):
        target = at(p, A_KTARGET) + j * LANES
        for i in range(0, step, LANES):
            total = load(arena, near + j * step + i) if solved else zero
            for d in range(0 if solved else dims):
                place = (d * key_room + j) * LANES
                apart = load(arena, u + d * step + i) - load(arena, key + place)
                total = fmaf(apart, load(arena, way + d * step + i) - load(arena, at(q, D_KEYWAY) + place), total)
            store(arena, near + j * step + i, total)
            if classes:
                there = load(arena, at(p, A_COUNTS) + j * LANES) > zero
                store(arena, at(q, D_ZWAY) + j * step + i, select(there, total * double, zero))
                continue
            share = load(arena, at(p, A_PARTS) + j * step + i)
            share = share / own_of(arena, target, room * LANES, at(p, A_TOTALS) + i, step, ways)
            store(arena, at(q, D_SHARE) + j * step + i, share)
            for c in range(ways):
                own = load(arena, at(q, D_ZWAY) + c * step + i)
                member = load(arena, target + c * room * LANES) > zero
                store(arena, at(q, D_ZWAY) + c * step + i, select(member, fmaf(share, total * double, own), own))
    copy(arena, at(q, D_OUTBAR) + ways * step, at(q, D_ZWAY), ways * step)


@njit(error_model="numpy", nogil=True, cache=True)
def put_errors(m: Any, p: Any, q: Any, arena: Any, lessons: Any, batch: int) -> None:
    """Write the errors of the head's net inputs to A_OUTBAR; slopes of an evolved loss are at D_SLOPES."""
    step, answers, errors = batch * LANES, at(p, A_OUTPUT), at(p, A_OUTBAR)
    if at(m, k.LOSS_CODE) < 0:
        node_rows.error(arena, lessons.head, answers, at(p, A_TARGET), errors, lessons.ways, step, step)
        return
    copy(arena, errors, at(q, D_SLOPES), lessons.ways * step)
    node_rows.through(arena, lessons.head, answers, errors, lessons.ways, step, step)


@njit(error_model="numpy", nogil=True, cache=True)
def put_curves(p: Any, q: Any, arena: Any, lessons: Any, room: int, batch: int) -> None:
    """Write ḡ of the errors' own z̄, which is at A_OUTBAR, and what it bends, of each key and example."""
    ways, step, zero, classes = lessons.ways, batch * LANES, F(0.0), by_class(lessons)
    double = scale_of(p, arena, lessons, LANES) * F(-2.0)
    for j in range(ways if classes else batch):
        target = at(p, A_KTARGET) + j * LANES
        for i in range(0, step, LANES):
            place = j * step + i
            if classes:
                there = load(arena, at(p, A_COUNTS) + j * LANES) > zero
                store(arena, at(q, D_GBAR) + place, select(there, load(arena, at(p, A_OUTBAR) + place), zero))
                continue
            member = zero
            for c in range(ways):
                member = select(load(arena, target + c * room * LANES) > zero, F(1.0), member)
            own = own_of(arena, target, room * LANES, at(p, A_OUTBAR) + i, step, ways)
            own = select(member > zero, own * load(arena, at(q, D_SHARE) + place), zero)
            given = own_of(arena, target, room * LANES, at(q, D_ZWAY) + i, step, ways)
            store(arena, at(q, D_GBAR) + place, own)
            store(arena, at(q, D_BENT) + place, own * (load(arena, at(q, D_NEARWAY) + place) * double - given))


@njit(error_model="numpy", nogil=True, cache=True)
def spread_curves(m: Any, p: Any, q: Any, arena: Any, lessons: Any, room: int, batch: int) -> None:
    """Write what the errors' adjoints make of what was compared to D_UBAR, of keys to A_KEYBAR, of the scale."""
    dims, ways, step, classes = at(m, k.OUTPUTS), lessons.ways, batch * LANES, by_class(lessons)
    u = embeddings(m, p, batch) if is_plain(lessons) else at(p, A_UNIT)
    keys, key, key_room = (ways, at(p, A_MEANS), ways) if classes else (batch, at(p, A_KEYS), room)
    double = scale_of(p, arena, lessons, LANES) * F(-2.0)
    fill(arena, at(p, A_KEYBAR), dims * key_room * LANES, 0.0)
    for d in range(dims):
        for i in range(0, step, LANES):
            own, own_way, total = load(arena, u + d * step + i), load(arena, at(q, D_WAY) + d * step + i), F(0.0)
            for j in range(keys):
                place = (d * key_room + j) * LANES
                row, g = at(p, A_KEYBAR) + place, load(arena, at(q, D_GBAR) + j * step + i) * double
                apart = own_way - load(arena, at(q, D_KEYWAY) + place)
                total, sums = fmaf(g, apart, total), fmaf(-g, apart, load(arena, row))
                if not classes:
                    g = load(arena, at(q, D_BENT) + j * step + i) * double
                    apart = own - load(arena, key + place)
                    total, sums = fmaf(g, apart, total), fmaf(-g, apart, sums)
                store(arena, row, sums)
            store(arena, at(q, D_UBAR) + d * step + i, total)
    total = load(arena, at(q, D_SUMS))
    for i in range(0, step, LANES):
        for j in range(keys):
            place = j * step + i
            way = load(arena, at(q, D_NEARWAY) + place) * F(-2.0)
            total = fmaf(load(arena, at(q, D_GBAR) + place), way, total)
            if not classes:
                total = fmaf(load(arena, at(q, D_BENT) + place), -load(arena, at(p, A_NEAR) + place), total)
    store(arena, at(q, D_SUMS), total)


@njit(error_model="numpy", nogil=True, cache=True)
def errors_bar(m: Any, p: Any, q: Any, arena: Any, lessons: Any, room: int, batch: int) -> None:
    """Add what errors made of embeddings and of the metric, beside the answers; their z̄ is at A_OUTBAR."""
    dims, step, e = at(m, k.OUTPUTS), batch * LANES, embeddings(m, p, batch)
    u, bar = e if is_plain(lessons) else at(p, A_UNIT), at(q, D_ABAR) + (at(m, k.NODES) - dims) * step
    fill(arena, at(q, D_SUMS), METRIC * LANES, 0.0)
    put_curves(p, q, arena, lessons, room, batch)
    if solves(lessons):
        ridge_errors(m, p, q, arena, lessons, u, room, batch)
    else:
        spread_curves(m, p, q, arena, lessons, room, batch)
        through_keys(m, p, arena, lessons, room, at(q, D_UBAR), batch, 0, batch, LANES)
    unit_back(m, p, arena, lessons, e, batch, at(q, D_UBAR), batch, at(q, D_SUMS) + LANES, batch, LANES)
    copied = at(q, D_WAY)  # what was there is no longer read
    copy(arena, copied, at(q, D_UBAR), dims * step)
    if solves(lessons):
        ridge_again(m, p, q, arena, lessons.ways, batch)
    else:
        fill(arena, at(p, A_KEYBAR), dims * max(lessons.ways, room) * LANES, 0.0)
        compare_back(m, p, arena, lessons, u, batch, room, batch, at(p, A_OUTBAR), batch, at(q, D_UBAR), batch, -1,
                     batch, LANES)  # fmt: skip
        through_keys(m, p, arena, lessons, room, at(q, D_UBAR), batch, 0, batch, LANES)
    bend(m, p, q, arena, lessons, e, at(q, D_EBAR) + (at(m, k.NODES) - dims) * step, batch)
    add(arena, bar, LANES, copied, LANES, dims * batch)
    metric_adjoint(q, arena, lessons)


@njit(error_model="numpy", nogil=True, cache=True)
def compare_adjoint(m: Any, p: Any, q: Any, arena: Any, lessons: Any, room: int, batch: int) -> None:
    """Add what net inputs, whose adjoints are at D_OUTBAR, made of embeddings and of the metric."""
    know_again(m, p, arena, lessons, room, batch)
    dims, step, e = at(m, k.OUTPUTS), batch * LANES, embeddings(m, p, batch)
    u = e if is_plain(lessons) else at(p, A_UNIT)
    fill(arena, at(q, D_SUMS), METRIC * LANES, 0.0)
    fill(arena, at(p, A_KEYBAR), dims * max(lessons.ways, room) * LANES, 0.0)
    compare_back(m, p, arena, lessons, u, batch, room, batch, at(q, D_OUTBAR), batch, at(q, D_UBAR), batch,
                 at(q, D_SUMS), batch, LANES)  # fmt: skip
    if solves(lessons):
        solve_back(m, p, arena, lessons, room, batch, at(q, D_SUMS) + 2 * LANES, LANES)
    through_keys(m, p, arena, lessons, room, at(q, D_UBAR), batch, 0, batch, LANES)
    unit_back(m, p, arena, lessons, e, batch, at(q, D_UBAR), batch, at(q, D_SUMS) + LANES, batch, LANES)
    add(arena, at(q, D_ABAR) + (at(m, k.NODES) - dims) * step, LANES, at(q, D_UBAR), LANES, dims * batch)
    metric_adjoint(q, arena, lessons)
