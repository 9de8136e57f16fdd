"""What a student makes of every position, and which of them it may come to: 16 lanes at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.lifetime import columns as k
from evometa.lifetime.numba import trial
from evometa.lifetime.numba.generated_switch import exp_f, log_f
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.teaching import layout as y
from evometa.lifetime.numba.vector import LANES, F, at, load, number, select, skip, store
from evometa.lifetime.teaching import RARE
from evometa.system.jit import njit

NEVER, OFTEN, SELDOM = np.float32(np.inf), np.float32(1 - RARE), np.float32(RARE)


@njit(error_model="numpy", nogil=True, cache=True)
def examine(m: Any, p: Any, r: Any, b: Any, room: Any, arena: Any, row: int, width: int) -> None:
    """Ask a student in every position that counts for its teacher, whose row of programs is `row`."""
    count = at(room.sizes, y.ASKED if at(room.programs, row + y.T_CHANCE) else y.LEAN)
    inputs, moves, act = at(room.sizes, y.SHOWN), at(room.sizes, y.MOVES), at(r, y.R_ACT)
    first = act + (at(m, k.NODES) - at(m, k.OUTPUTS)) * y.BLOCK * width
    for begin in range(0, count, y.BLOCK):
        some = min(y.BLOCK, count - begin)
        for i in range(some):
            place = at(room.asked, begin + i)
            for j in range(inputs):
                fill(arena, act + (j * y.BLOCK + i) * width, width, number(room.x, place * inputs + j))
        trial.forward(m, p, b, arena, act, y.BLOCK, some, width)
        for i in range(some):
            place = at(room.asked, begin + i)
            judge(r, skip(room.legal, place * moves), skip(room.sound, place * moves), moves, place,
                  at(room.sizes, y.POSITIONS), arena, first + i * width, at(room.programs, row + y.T_LOSS) > 0,
                  width)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def judge(r: Any, legal: Any, sound: Any, moves: int, place: int, positions: int, arena: Any, z: int, loss: bool,
          width: int) -> None:  # fmt: skip
    """Write a student's move, its favourite sound one and what is wrong, of net inputs that begin at `z`."""
    step, seen = y.BLOCK * width, at(r, y.R_SEEN) + place * width
    for v in range(0, width, LANES):
        best, good, bad = F(0.0), F(0.0), F(0.0)
        choice, favourite, blunder = F(0.0), F(0.0), F(0.0)
        any_legal, any_sound, any_bad = False, False, False
        for a in range(moves):
            if at(legal, a) == 0:
                continue
            x = load(arena, z + a * step + v)
            choice = select(x > best, F(a), choice) if any_legal else F(a)
            best = select(x > best, x, best) if any_legal else x
            any_legal = True
            if at(sound, a):
                favourite = select(x > good, F(a), favourite) if any_sound else F(a)
                good = select(x > good, x, good) if any_sound else x
                any_sound = True
            else:
                bad = select(x > bad, x, bad) if any_bad else x
                any_bad = True
        for a in range(moves):
            if at(legal, a) > at(sound, a):
                blunder = select(choice == F(a), F(1.0), blunder)
        store(arena, at(r, y.R_CHOICE) + place * width + v, choice)
        store(arena, at(r, y.R_FAVOURITE) + place * width + v, favourite)
        store(arena, seen + y.BLUNDER * positions * width + v, blunder)
        store(arena, seen + y.GAP * positions * width + v, bad - good if any_bad else F(0.0))
        if loss:
            total, share = F(0.0), F(0.0)
            for a in range(moves):
                if at(legal, a):
                    e = exp_f(load(arena, z + a * step + v) - best)
                    total = total + e
                    share = share + e if at(sound, a) else share
            store(arena, seen + y.LOSS * positions * width + v, log_f(total / share))


@njit(error_model="numpy", nogil=True, cache=True)
def roam(r: Any, room: Any, arena: Any, row: int, width: int) -> None:
    """Write which positions a student may come to, by how many blunders, and what that leaves to be taught."""
    positions, chance = at(room.sizes, y.POSITIONS), at(room.programs, row + y.T_CHANCE) > 0
    for role in range(2):
        walk(r, room, arena, role, chance, width)
    seen, sums = at(r, y.R_SEEN), at(r, y.R_SUMS)
    for v in range(0, width, LANES):
        wrong, left = F(0.0), F(0.0)
        for place in range(positions):
            here = place * width + v
            detour, gap = load(arena, at(r, y.R_DETOUR) + here), load(arena, seen + y.GAP * positions * width + here)
            blunder = load(arena, seen + y.BLUNDER * positions * width + here)
            wrong = wrong + select(detour == F(0.0), select(blunder > F(0.0), F(1.0), F(0.0)), F(0.0))
            left = left + select(detour < F(NEVER), select(gap > F(0.0), gap, F(0.0)), F(0.0))
            store(arena, seen + y.REACHED * positions * width + here, F(1.0) / (F(1.0) + detour))
        store(arena, sums + y.BLUNDERS * width + v, wrong)
        store(arena, sums + y.OPEN * width + v, left)
        over = at(r, y.R_FINISHED) + v
        store(arena, over, select(wrong == F(0.0), F(1.0), load(arena, over)))


@njit(error_model="numpy", nogil=True, cache=True)
def walk(r: Any, room: Any, arena: Any, role: int, chance: bool, width: int) -> None:
    """Go from the first position on, whatever the opponent does; write the way to the student's own positions."""
    positions, moves = at(room.sizes, y.POSITIONS), at(room.sizes, y.MOVES)
    way, luck, seen = at(r, y.R_WAY), at(r, y.R_CHANCE), at(r, y.R_SEEN)
    fill(arena, way, positions * width, NEVER)
    fill(arena, way, width, 0.0)
    fill(arena, luck, positions * width, 0.0)
    fill(arena, luck, width, 1.0)
    for place in range(positions):
        mine, legal, here = at(room.ply, place) % 2 == role, 0, place * width
        for a in range(moves):
            legal += at(room.legal, place * moves + a)
        for a in range(moves):
            to = at(room.following, place * moves + a)
            if to >= 0:
                lead(r, arena, here, to * width, F(a), mine, positions * width, width)
                if chance:
                    lead_luck(r, arena, here, to * width, F(a), F(legal), mine, width)
        if mine:
            copy(arena, at(r, y.R_DETOUR) + here, way + here, width)
            copy(arena, seen + y.CHANCE * positions * width + here, luck + here, width)


@njit(error_model="numpy", nogil=True, forceinline=True)
def lead(r: Any, arena: Any, here: int, there: int, move: Any, mine: bool, rows: int, width: int) -> None:
    """Take the way to a position on by one move."""
    for v in range(0, width, LANES):
        own = load(arena, at(r, y.R_WAY) + here + v)
        if mine:
            blunder = load(arena, at(r, y.R_SEEN) + y.BLUNDER * rows + here + v)
            favourite = load(arena, at(r, y.R_FAVOURITE) + here + v)
            own = select(favourite == move, own + blunder, F(NEVER))
        known = load(arena, at(r, y.R_WAY) + there + v)
        store(arena, at(r, y.R_WAY) + there + v, select(own < known, own, known))


@njit(error_model="numpy", nogil=True, forceinline=True)
def lead_luck(r: Any, arena: Any, here: int, there: int, move: Any, legal: Any, mine: bool, width: int) -> None:
    """Take the chance of a position on by one move."""
    for v in range(0, width, LANES):
        own = load(arena, at(r, y.R_CHANCE) + here + v)
        share = own / legal
        if mine:
            usual = select(load(arena, at(r, y.R_CHOICE) + here + v) == move, own * F(OFTEN), F(0.0))
            share = usual + share * F(SELDOM)
        store(arena, at(r, y.R_CHANCE) + there + v, load(arena, at(r, y.R_CHANCE) + there + v) + share)
