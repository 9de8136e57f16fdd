"""The way forth and the way back through a part of a life: every function here runs programs, so all are inlined.

Arguments as in tape.py; `lessons`: addresses of tasks and plan (lanes.Lanes); rows are 16 lanes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from evometa.language.signals import SEEDS
from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_OUTPUT,
    A_TARGET,
    COEFFICIENT_COUNT,
    OUTPUT,
    STATE_COUNT,
    TARGET,
    birth,
    birth_of_synapses,
    point_loss,
    point_rule,
)
from evometa.lifetime.numba.comparison import answers_of, output
from evometa.lifetime.numba.descent import comparison, shares, steps
from evometa.lifetime.numba.descent.memory import access_adjoint
from evometa.lifetime.numba.descent.rule import (
    ADJOINT_COUNT,
    ERR_BAR,
    GRAD_BAR,
    POST_BAR,
    PRE_BAR,
    REWARD_BAR,
    execute_adjoint,
    given,
    slots_of,
)
from evometa.lifetime.numba.descent.sweeps import list_twins
from evometa.lifetime.numba.descent.tape import (
    D_BACK,
    D_OUTBAR,
    D_SLOPES,
    D_STATE,
    D_SUMS,
    advance,
    remember,
    twins_of,
    wind,
)
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.kernel import grow, learn
from evometa.lifetime.numba.memory import begin as remember_nothing
from evometa.lifetime.numba.rule import evolved_loss, list_wide
from evometa.lifetime.numba.sweeps import fill
from evometa.lifetime.numba.transmission import transmit
from evometa.lifetime.numba.vector import LANES, at, put, skip
from evometa.system.jit import njit

LOSS_SEED = SEEDS["d_loss"].register


class View(NamedTuple):
    """A genome with one of its programs, the rule's or the adjoint's; all are addresses.

    `m`: its row of sizes, `p`: the plan of its arena, `b`: the batch's arrays; registers of the rule's program (offset,
    stride), what that reads of nodes (`wide`), and the registers of the loss (offset, stride).
    """

    m: Any
    p: Any
    b: Any
    offset: Any
    stride: Any
    wide: Any
    losses: Any


@njit(error_model="numpy", nogil=True, inline="always")
def begin(one: Any, two: Any, q: Any, arena: Any, lessons: Any, own: Any, piece: int, batch: int,
          length: int) -> None:  # fmt: skip
    """Be born, and begin with adjoints of 0; `one`: with the rule, `two`: with its adjoint; `own` as in `birth`."""
    birth(one.m, one.p, arena, one.b, own, LANES)
    birth_of_synapses(one.m, one.p, arena, one.b, piece, (FIXED_CREDIT >> lessons.credit) & 1 > 0, LANES)
    remember_nothing(one.m, one.p, arena, LANES)
    shares.begin(one.m, two.m, one.p, two.p, q, arena, two.b, batch, length, lessons.credit)
    ptr, src = skip(one.b.ptr, at(one.m, k.PTR)), skip(one.b.src, at(one.m, k.SRC))
    ends = skip(one.b.onward, at(one.m, k.PTR) + 2 * at(one.m, k.SRC))
    nodes = at(one.m, k.NODES)
    list_twins(ptr, src, ends, skip(ends, nodes + 1), at(one.m, k.INPUTS) + 1, nodes, twins_of(q))
    list_wide(one.m, one.b, one.wide, STATE_COUNT)
    list_wide(two.m, two.b, two.wide, ADJOINT_COUNT)
    for view in (one, two):
        point_rule(view.m, view.p, view.offset, view.stride, LANES)
        first = at(view.m, k.CODE)
        execute(arena, view.b.code, first, first + at(view.m, k.BIRTH_END), view.offset, view.stride, 1, LANES)


@njit(error_model="numpy", nogil=True, inline="always")
def live(one: Any, two: Any, q: Any, arena: Any, lessons: Any, met: Any, support: int, room: int, apart: bool,
         start: int, count: int, life: Any, bound: Any, batch: int) -> None:  # fmt: skip
    """Make `count` updates from number `start` on, each onto a row of the tape.

    `met`: the numbers of the examples of all updates, the first of which is number `support`; `room`, `apart` as in
    `learn`; `life`: updates of a whole life, which give the age, and of a task.
    """
    m, p, answers = one.m, one.p, answers_of(one.m, lessons)
    wind(m, p, two.p, q, (one.offset, two.offset), 0, 0, answers, batch)
    transmit(m, p, arena, 0, at(m, k.SYNAPSES), LANES)
    curved = steps.is_curved(m, one.b)
    for row in range(count):
        advance(m, q, arena, row, row + 1)
        wind(m, p, two.p, q, (one.offset, two.offset), row + 1, row, answers, batch)
        chosen = skip(met, (start + row) * batch * (LANES if apart else 1))
        aside = came_to(m, q, row, batch) if curved else -1
        learn(m, p, one.b, arena, one.offset, one.stride, one.wide, one.losses, lessons, support, chosen, room,
              apart, start + row, life, bound, aside, batch, LANES)  # fmt: skip
        remember(m, q, arena, row, row + 1, batch)


@njit(error_model="numpy", nogil=True, cache=True)
def came_to(m: Any, q: Any, row: int, batch: int) -> int:
    """Return where a row of the tape has what came back to nodes."""
    return at(q, D_BACK) + row * at(m, k.NODES) * batch * LANES


@njit(error_model="numpy", nogil=True, inline="always")
def reverse(one: Any, two: Any, q: Any, arena: Any, lessons: Any, room: int, row: int, update: int, life: Any,
            bound: Any, order: int, batch: int) -> None:  # fmt: skip
    """Go back through one update, that of a row of the tape, to which regions point."""
    m, p = one.m, one.p
    grow(p, arena, update, life, LANES)
    shares.begin_update(m, q, arena, batch)
    fill(arena, at(q, D_OUTBAR), lessons.ways * batch * LANES, 0.0)
    after = at(q, D_STATE) + (row + 1) * at(m, k.SYNAPSES) * LANES
    execute_adjoint(two.m, two.p, q, two.b, arena, two.offset, two.stride, two.wide, after, bound,
                    slots_of(m, one.b), order, batch)  # fmt: skip
    shares.add_sums(two.m, q, arena, two.b)
    if order > 1:
        sense_adjoint(one, two, q, arena, lessons, room, came_to(m, q, row, batch), batch)
        shares.perceive_adjoint(m, q, arena, batch)


@njit(error_model="numpy", nogil=True, inline="always")
def sense_adjoint(one: Any, two: Any, q: Any, arena: Any, lessons: Any, room: int, came: int, batch: int) -> None:
    """Make the steps behind the rule, those that anything depends on: what learning sensed, back to the weights.

    `room`: places of what a head compares with; `came` as in `steps.back_adjoint`.
    """
    m, p, b, compares = one.m, one.p, one.b, lessons.comparison >= 0
    grad, reward = given(two.m, two.b, GRAD_BAR) >= 0, given(two.m, two.b, REWARD_BAR) >= 0
    errors = grad or given(two.m, two.b, ERR_BAR) >= 0
    senses = errors or reward or given(two.m, two.b, PRE_BAR) >= 0 or given(two.m, two.b, POST_BAR) >= 0
    senses = senses or at(m, k.RECURRENT) > 0 or at(m, k.CELLS) > 0
    if grad:
        steps.gradient_adjoint(m, p, q, b, arena, batch)
    if compares and senses:
        comparison.know_again(m, p, arena, lessons, room, batch)
    if errors:
        steps.back_adjoint(m, p, q, b, arena, lessons.credit, came, batch)
        if compares:
            comparison.put_way(m, p, q, arena, lessons, room, batch)
        if at(m, k.LOSS_CODE) < 0:
            steps.error_adjoint(m, p, q, arena, lessons, batch)
        else:
            loss_adjoint(one, two, q, arena, lessons, batch)
        if compares:
            comparison.put_errors(m, p, q, arena, lessons, batch)
            comparison.errors_bar(m, p, q, arena, lessons, room, batch)
    if reward:
        steps.supervise_adjoint(m, p, q, arena, lessons, batch)
    if at(m, k.CELLS) > 0:
        access_adjoint(m, p, q, arena, lessons)
    if senses:
        steps.answer_adjoint(m, p, q, arena, lessons, batch)
        if compares:
            comparison.compare_adjoint(m, p, q, arena, lessons, room, batch)
        steps.forward_adjoint(m, p, q, b, arena, batch)


@njit(error_model="numpy", nogil=True, inline="always")
def loss_adjoint(one: Any, two: Any, q: Any, arena: Any, lessons: Any, batch: int) -> None:
    """Add what the head's errors made of answers and of coefficients, by way of an evolved loss."""
    m, p, step, code = one.m, one.p, batch * LANES, at(two.m, k.LOSS_CODE)
    middle, end = code + at(two.m, k.LOSS_BIRTH), code + at(two.m, k.LOSS_END)
    answers, count = output(m, p, lessons, A_ACT, A_OUTPUT, batch, LANES), answers_of(m, lessons)
    offset, stride = two.losses
    evolved_loss(m, p, one.b, arena, one.losses[0], one.losses[1], answers, at(q, D_SLOPES), count, batch, LANES)
    steps.through_adjoint(m, p, q, arena, lessons, batch)
    point_loss(two.m, two.p, offset, stride, batch, LANES)
    put(stride, LOSS_SEED, LANES)
    fill(arena, at(q, D_SUMS), COEFFICIENT_COUNT * LANES, 0.0)
    execute(arena, two.b.code, code, middle, offset, stride, 1, LANES)
    for o in range(count):
        put(offset, OUTPUT, answers + o * step)
        put(offset, TARGET, at(p, A_TARGET) + o * step)
        put(offset, LOSS_SEED, steps.errors_way(m, q, lessons, batch) + o * step)
        execute(arena, two.b.code, middle, end, offset, stride, batch, LANES)
        bar = steps.answers_bar(m, q, lessons, batch) + o * step
        steps.loss_shares(two.m, q, two.b, arena, offset, stride, bar, batch)
    shares.add_loss_sums(two.m, q, two.b, arena)
