"""A world's program as the kernel runs it: the interpreter between lookups, one row of lanes a register."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.numbering import LOOKUP
from evometa.language.worlds.program import ACTION, FIRST_NOISE, MOVE, OVER, TICK, TRIAL
from evometa.language.worlds.program import DONE as GIVES_DONE
from evometa.language.worlds.program import REWARD as GIVES_REWARD
from evometa.lifetime.numba.acting import layout as w
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, at, load, look, number, put, select, store
from evometa.system.jit import njit

F_ONE = np.float32(1)


@njit(error_model="numpy", nogil=True, cache=True)
def look_up(i: int, s: Any, arena: Any, cells: Any, offset: Any, width: int) -> None:
    """Write the rows that each lane's own index names, of a table or of rows that follow each other.

    `cells`: the arena as an array, to write single numbers.
    """
    target, index = at(offset, at(s.code, 5 * i + 1)), at(offset, at(s.code, 5 * i + 2))
    first, last = at(offset, at(s.code, 5 * i + 3)), at(offset, at(s.code, 5 * i + 4))
    base = FIRST_NOISE + at(s.sizes, w.NOISE) + at(s.sizes, w.STATES) + at(s.sizes, w.PARAMETERS)
    table = at(s.code, 5 * i + 3) - base
    for v in range(0, width, LANES):
        x, most = load(arena, index + v), load(arena, last + v)
        place = select(x > F(0.0), select(x > most, most, x), F(0.0))
        if table >= 0:
            store(arena, target + v, look(s.tables, at(s.begins, table), place, 1, 0))
        else:
            store(arena, target + v, look(arena, first + v, place, width, 1))


@njit(error_model="numpy", nogil=True, cache=True)
def run(start: int, stop: int, s: Any, arena: Any, cells: Any, offset: Any, stride: Any, width: int) -> None:
    """Run loops start … stop − 1 (rerolling.py)."""
    for i in range(3 * start, 3 * stop, 3):
        begin = at(s.loops, i)
        if at(s.code, 5 * begin) == LOOKUP:
            look_up(begin, s, arena, cells, offset, width)
        else:
            execute(arena, s.code, begin, at(s.loops, i + 1), offset, stride, at(s.loops, i + 2), width)


@njit(error_model="numpy", nogil=True, cache=True)
def settle(q: Any, s: Any, arena: Any, cells: Any, offset: Any, stride: Any, piece: int, width: int) -> None:
    """Begin a life in the world: parameters and constants in place, then states as they are at birth."""
    base = at(q, w.Q_WORLD)
    for r in range(at(s.sizes, w.REGISTERS)):
        put(offset, r, base + r * width)
        put(stride, r, 0)
    for r in range(at(s.sizes, w.ALIASES)):
        put(offset, at(s.sizes, w.REGISTERS) + r, base + at(s.aliases, 2 * r) * width)
        put(stride, at(s.sizes, w.REGISTERS) + r, at(s.aliases, 2 * r + 1) * width)
    fill(arena, base, at(q, w.Q_ACT) - base, 0.0)
    for region in w.SINGLE:
        fill(arena, at(q, region), width, 0.0)
    fill(arena, at(q, w.Q_OVER), width, 1.0)
    fill(arena, at(q, w.Q_ACTION), width, -1.0)
    fill(arena, at(q, w.Q_MET), at(s.sizes, w.IDS) * width, 0.0)
    fill(arena, at(q, w.Q_FORETOLD), at(s.sizes, w.PREDICTIONS) * width, 0.0)
    states, count = FIRST_NOISE + at(s.sizes, w.NOISE), at(s.sizes, w.PARAMETERS)
    parameters = base + (states + at(s.sizes, w.STATES)) * width
    for i in range(0, count * width, LANES):
        store(arena, parameters + i, load(s.parameters, piece * count * width + i))
    first = parameters + (count + at(s.sizes, w.TABLES)) * width
    for c in range(at(s.sizes, w.CONSTANTS)):
        fill(arena, first + c * width, width, number(s.constants, c))
    fill(arena, base + TRIAL * width, width, -1.0)
    take_noise(q, s, arena, piece, 0, width)
    run(0, at(s.sizes, w.CODE_END), s, arena, cells, offset, stride, width)
    take_states(q, s, arena, offset, s.born, width)


@njit(error_model="numpy", nogil=True, cache=True)
def take_noise(q: Any, s: Any, arena: Any, piece: int, row: int, width: int) -> None:
    """Put the noise of a step in place; row 0 is that of birth."""
    count, lanes = at(s.sizes, w.NOISE), at(s.sizes, w.LIVES)
    own, begin = at(q, w.Q_WORLD) + FIRST_NOISE * width, row * count * lanes + piece * width
    for d in range(count):
        for v in range(0, width, LANES):
            store(arena, own + d * width + v, load(s.noise, begin + d * lanes + v))


@njit(error_model="numpy", nogil=True, cache=True)
def take_states(q: Any, s: Any, arena: Any, offset: Any, registers: Any, width: int) -> None:
    """Take states from registers, all of them read before any is written; mark lanes where one is not finite."""
    count, own = at(s.sizes, w.STATES), at(q, w.Q_WORLD) + (FIRST_NOISE + at(s.sizes, w.NOISE)) * width
    for r in range(count):
        copy(arena, at(q, w.Q_AFTER) + r * width, at(offset, at(registers, r)), width)
    copy(arena, own, at(q, w.Q_AFTER), count * width)
    inspect(q, arena, own, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def inspect(q: Any, arena: Any, rows: int, count: int, width: int) -> None:
    """Mark lanes in which some of the world's rows are not finite."""
    for v in range(0, width, LANES):
        faulty = load(arena, at(q, w.Q_FAULTY) + v)
        for i in range(rows + v, rows + count * width, width):
            x = load(arena, i)
            faulty = select(x - x == F(0.0), faulty, F(1.0))
        store(arena, at(q, w.Q_FAULTY) + v, faulty)


@njit(error_model="numpy", nogil=True, cache=True)
def show(q: Any, s: Any, arena: Any, cells: Any, offset: Any, stride: Any, act: int, tick: int, width: int) -> None:
    """Show the world: inputs from `act` on, what may be chosen, visits; what starts, and which trial it is."""
    base, lane, previous = at(q, w.Q_WORLD), at(q, w.Q_LANE), at(q, w.Q_PREVIOUS)
    copy(arena, previous, at(q, w.Q_ACTION), width)
    fill(arena, at(q, w.Q_ACTION), width, -1.0)
    fill(arena, base + TICK * width, width, tick)
    copy(arena, base + TRIAL * width, at(q, w.Q_TRIAL), width)
    copy(arena, base + MOVE * width, at(q, w.Q_MOVE), width)
    run(at(s.sizes, w.BIRTH_END), at(s.sizes, w.SHOW_END), s, arena, cells, offset, stride, width)
    copy(arena, lane + w.START * width, at(q, w.Q_OVER), width)
    copy(arena, lane + w.TRIAL * width, at(q, w.Q_TRIAL), width)
    shown, actions = at(s.sizes, w.SHOWN), at(s.sizes, w.ACTIONS)
    see(s, arena, offset, act, 0, width)
    inspect(q, arena, act, shown, width)
    i, rows = shown, shown * max(1, at(s.sizes, w.WAYS))  # of other afterstates
    while i < rows:
        count = in_a_row(s.observe, i, rows)
        inspect(q, arena, at(offset, at(s.observe, i)), count, width)
        i += count
    if at(s.sizes, w.SEE_REWARD) > 0:
        copy(arena, act + shown * width, at(q, w.Q_EARNED), width)
        shown += 1
    if at(s.sizes, w.SEE_ACTION) > 0:
        one_hot(arena, act + shown * width, previous, actions, width)
    allow(q, s, arena, offset, actions, width)
    for a in range(at(s.sizes, w.LEGAL)):
        inspect(q, arena, at(offset, at(s.legal, a)), 1, width)
    if at(s.sizes, w.ID) >= 0:
        inspect(q, arena, at(offset, at(s.sizes, w.ID)), 1, width)
        visit(q, s, arena, cells, at(offset, at(s.sizes, w.ID)), width)


@njit(error_model="numpy", nogil=True, cache=True)
def one_hot(arena: Any, rows: int, action: int, actions: int, width: int) -> None:
    """Write 1 in the row of each lane's action, 0 in others."""
    for a in range(actions):
        for v in range(0, width, LANES):
            store(arena, rows + a * width + v, select(load(arena, action + v) == F(a), F(1.0), F(0.0)))


@njit(error_model="numpy", nogil=True, cache=True)
def see(s: Any, arena: Any, offset: Any, act: int, action: int, width: int) -> None:
    """Put what the world shows in place, inputs from `act` on; with afterstates what it shows of an action."""
    shown, i = at(s.sizes, w.SHOWN), 0
    while i < shown:
        count = in_a_row(s.observe, action * shown + i, (action + 1) * shown)
        copy(arena, act + i * width, at(offset, at(s.observe, action * shown + i)), count * width)
        i += count


@njit(error_model="numpy", nogil=True, cache=True)
def in_a_row(registers: Any, begin: int, end: int) -> int:
    """Return how many registers from one on follow each other, as their rows do."""
    count = 1
    while begin + count < end and at(registers, begin + count) == at(registers, begin) + count:
        count += 1
    return count


@njit(error_model="numpy", nogil=True, cache=True)
def see_taken(q: Any, s: Any, arena: Any, offset: Any, act: int, width: int) -> None:
    """Put in place what the world shows of the action that each lane takes; zeros where none is taken."""
    shown = at(s.sizes, w.SHOWN)
    for v in range(0, width, LANES):
        action = load(arena, at(q, w.Q_ACTION) + v)
        for i in range(shown):
            x = F(0.0)
            for a in range(at(s.sizes, w.WAYS)):
                x = select(action == F(a), load(arena, at(offset, at(s.observe, a * shown + i)) + v), x)
            store(arena, act + i * width + v, x)


@njit(error_model="numpy", nogil=True, cache=True)
def allow(q: Any, s: Any, arena: Any, offset: Any, actions: int, width: int) -> None:
    """Write 1 where an action may be chosen: what is legal; everything where nothing is."""
    may = at(q, w.Q_MAY)
    for v in range(0, width, LANES):
        some = F(0.0)
        for a in range(actions):
            legal = F(1.0)
            if at(s.sizes, w.LEGAL) > 0:
                legal = select(load(arena, at(offset, at(s.legal, a)) + v) > F(0.0), F(1.0), F(0.0))
            some = some + legal
            store(arena, may + a * width + v, legal)
        for a in range(actions):
            own = load(arena, may + a * width + v)
            store(arena, may + a * width + v, select(some > F(0.0), own, F(1.0)))


@njit(error_model="numpy", nogil=True, cache=True)
def visit(q: Any, s: Any, arena: Any, cells: Any, row: int, width: int) -> None:
    """Count the visits of the state that is shown, and the states that were met."""
    last = at(s.sizes, w.IDS) - 1
    for lane in range(width):
        x, place = number(arena, row + lane), 0
        if x > 0:
            place = last if x > last else int(x)
        met = at(q, w.Q_MET) + place * width + lane
        count = number(arena, met) + F_ONE
        cells[met] = count
        cells[at(q, w.Q_LANE) + w.VISITS * width + lane] = count
        if count == F_ONE:
            cells[at(q, w.Q_SEEN) + lane] = number(arena, at(q, w.Q_SEEN) + lane) + F_ONE


@njit(error_model="numpy", nogil=True, cache=True)
def move(q: Any, s: Any, arena: Any, cells: Any, offset: Any, stride: Any, piece: int, tick: int, width: int) -> None:
    """Make the world's step, and add what came of it to the sums of the window."""
    copy(arena, at(q, w.Q_WORLD) + ACTION * width, at(q, w.Q_ACTION), width)
    take_noise(q, s, arena, piece, tick + 1, width)
    run(at(s.sizes, w.SHOW_END), at(s.sizes, w.CODE_END), s, arena, cells, offset, stride, width)
    sums, lane = at(q, w.Q_SUMS), at(q, w.Q_LANE)
    for place in range(OVER):
        inspect(q, arena, at(offset, at(s.step, place)), 1, width)
    for v in range(0, width, LANES):
        done = load(arena, at(offset, at(s.step, GIVES_DONE)) + v)
        over = load(arena, at(offset, at(s.step, OVER)) + v)
        store(arena, at(q, w.Q_OVER) + v, over)
        store(arena, at(q, w.Q_EARNED) + v, load(arena, at(offset, at(s.step, GIVES_REWARD)) + v))
        store(arena, lane + w.DONE * width + v, done)
        ended = select(done > F(0.0), F(0.0), F(1.0))
        store(arena, lane + w.CUT * width + v, select(over > F(0.0), ended, F(0.0)))
        for measure in range(3):  # reward, worth, best: places of the step's outputs and of measures alike
            own = sums + measure * width + v
            store(arena, own, load(arena, own) + load(arena, at(offset, at(s.step, measure)) + v))
        store(arena, sums + 3 * width + v, load(arena, sums + 3 * width + v) + over)
        store(arena, sums + 4 * width + v, load(arena, at(offset, at(s.step, 3)) + v))
        store(arena, sums + 5 * width + v, load(arena, at(q, w.Q_SEEN) + v))
        trial, moves = at(q, w.Q_TRIAL) + v, at(q, w.Q_MOVE) + v
        store(arena, trial, load(arena, trial) + over)
        store(arena, moves, select(over > F(0.0), F(0.0), load(arena, moves) + F(1.0)))
    take_states(q, s, arena, offset, s.after, width)
