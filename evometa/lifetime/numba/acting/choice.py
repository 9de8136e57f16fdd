"""What is expected of actions, and which one is taken, in 16 lanes at a time."""

from __future__ import annotations

from typing import Any

from evometa.lifetime.numba.acting import layout as w
from evometa.lifetime.numba.generated_switch import exp_f
from evometa.lifetime.numba.sweeps import copy
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, number, select, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def appraise(q: Any, s: Any, arena: Any, act: int, outputs: int, width: int) -> None:
    """Turn net inputs of actions into answers (from row `outputs` on); write value, before and surprise."""
    actions, lane = at(s.sizes, w.ACTIONS), at(q, w.Q_LANE)
    critic, z, may = at(s.sizes, w.CRITIC), at(q, w.Q_Z), at(q, w.Q_MAY)
    copy(arena, lane + w.BEFORE * width, at(q, w.Q_EXPECTED), width)
    for v in range(0, width, LANES):
        best = largest(arena, z + v, may + v, actions, width)
        if at(s.sizes, w.SOFTMAX) > 0:
            total = F(0.0)
            for a in range(0, actions * width, width):
                y = select(load(arena, may + a + v) > F(0.0), exp_f(load(arena, z + a + v) - best), F(0.0))
                store(arena, outputs + a + v, y)
                total = total + y
            for a in range(0, actions * width, width):
                store(arena, outputs + a + v, load(arena, outputs + a + v) / total)
        value = best
        if critic > 0:
            value = load(arena, outputs + actions * width + v)
        store(arena, at(q, w.Q_EXPECTED) + v, value)
        if at(s.sizes, w.NEXT_TICK) > 0:
            value = select(load(arena, lane + w.DONE * width + v) > F(0.0), F(0.0), value)
        store(arena, lane + w.VALUE * width + v, value)
        if at(s.sizes, w.PREDICTIONS) > 0:
            compare(q, s, arena, act + v, outputs + (actions + critic) * width + v, v, width)


@njit(error_model="numpy", nogil=True, forceinline=True)
def compare(q: Any, s: Any, arena: Any, act: int, outputs: int, v: int, width: int) -> None:
    """Write what was missed by what was foretold in the tick before, how much that is, and what is foretold now."""
    count, shown, lane = at(s.sizes, w.PREDICTIONS), at(s.sizes, w.SHOWN), at(q, w.Q_LANE) + v
    start, total = load(arena, lane + w.START * width), F(0.0)
    for h in range(count):
        foretold = at(q, w.Q_FORETOLD) + h * width + v
        off = load(arena, foretold) - target(s, arena, act, h, shown, width)
        off = select(start > F(0.0), F(0.0), off)
        store(arena, at(q, w.Q_MISSED) + h * width + v, off)
        store(arena, foretold, load(arena, outputs + h * width))
        total = total + off * off
    store(arena, lane + w.SURPRISE * width, total / F(count))


@njit(error_model="numpy", nogil=True, forceinline=True)
def largest(arena: Any, z: int, may: int, actions: int, width: int) -> Any:
    """Return the largest net input of those that may be chosen, in 16 lanes; the first one's where it is NaN."""
    best, known = F(0.0), F(0.0)
    for a in range(0, actions * width, width):
        own, x = load(arena, may + a), load(arena, z + a)
        better = select(x > best, F(1.0), select(known > F(0.0), F(0.0), F(1.0)))
        best = select(own > F(0.0), select(better > F(0.0), x, best), best)
        known = select(own > F(0.0), F(1.0), known)
    return best


@njit(error_model="numpy", nogil=True, forceinline=True)
def target(s: Any, arena: Any, act: int, h: int, shown: int, width: int) -> Any:
    """Return what a predicting output of the tick before was to say, in 16 lanes."""
    total = F(0.0)
    for i in range(shown):
        total = fmaf(F(number(s.projection, h * shown + i)), load(arena, act + i * width), total)
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def choose(q: Any, s: Any, arena: Any, outputs: int, draws: int, width: int) -> None:
    """Write the action that is taken, by the numbers from `draws` on, and whether it is one of the largest."""
    actions, z, may = at(s.sizes, w.ACTIONS), at(q, w.Q_Z), at(q, w.Q_MAY)
    for v in range(0, width, LANES):
        luck, which = load(s.draws, draws + v), load(s.draws, draws + at(s.sizes, w.LIVES) + v)
        best = largest(arena, z + v, may + v, actions, width)
        count, equals = F(0.0), F(0.0)
        for a in range(0, actions * width, width):
            own = load(arena, may + a + v)
            count = count + own
            equals = equals + select(load(arena, z + a + v) == best, own, F(0.0))
        tie = which * equals if at(s.sizes, w.RANDOM_TIES) > 0 else F(0.0)
        some, any_one, first, chosen = which * count, F(0.0), F(-1.0), F(-1.0)
        met, found, total, drawn, equal = F(0.0), F(0.0), F(0.0), F(0.0), F(0.0)
        for a in range(actions):
            row = a * width + v
            own = load(arena, may + row)
            any_one = select(own > F(0.0), select(met <= some, F(a), any_one), any_one)
            first = select(own > F(0.0), select(first < F(0.0), F(a), first), first)
            met = met + own
            # by shares: the first at which their sum exceeds the draw, else the last
            if at(s.sizes, w.SOFTMAX) > 0:
                total = total + load(arena, outputs + row)
            drawn = select(own > F(0.0), select(found > F(0.0), drawn, F(a)), drawn)
            found = select(own > F(0.0), select(which < total, F(1.0), found), found)
            # by size: of the largest the one with the number that is drawn
            same = select(load(arena, z + row) == best, own, F(0.0))
            chosen = select(same > F(0.0), select(equal <= tie, F(a), chosen), chosen)
            equal = equal + same
        own = select(chosen < F(0.0), first, chosen)
        if at(s.sizes, w.SOFTMAX) > 0:
            own = drawn
        action = select(luck < F(s.epsilon), any_one, own)
        take(q, s, arena, action, best, v, width)


@njit(error_model="numpy", nogil=True, forceinline=True)
def take(q: Any, s: Any, arena: Any, action: Any, best: Any, v: int, width: int) -> None:
    """Write an action in 16 lanes, whether its net input is the largest, and what it lets expect."""
    taken = F(0.0)
    for a in range(at(s.sizes, w.ACTIONS)):
        taken = select(action == F(a), load(arena, at(q, w.Q_Z) + a * width + v), taken)
    store(arena, at(q, w.Q_ACTION) + v, action)
    store(arena, at(q, w.Q_LANE) + w.GREEDY * width + v, select(taken == best, F(1.0), F(0.0)))
    if at(s.sizes, w.CRITIC) == 0:
        store(arena, at(q, w.Q_EXPECTED) + v, taken)
