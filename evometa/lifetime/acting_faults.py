"""Why a life was its world's fault: it is lived again, slowly, up to the equation that gave what is not finite."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from evometa.language.worlds.drawing import Place
from evometa.language.worlds.equations import CLOCK
from evometa.language.worlds.in_a_row import STATES
from evometa.language.worlds.interpreter import Interpreter, Known
from evometa.lifetime import F32
from evometa.lifetime.acting import ActingPlan, Actors, Lives
from evometa.lifetime.reference_acting import Actor
from evometa.spec.acting import LAST, MEASURES, TICKS

MOST = 3  # equations that are named
_SHOWN = ("let.", "observe.", "legal", "id")  # parts that are known before an action is chosen


class _Before(NamedTuple):
    """What a step began with."""

    clock: tuple[F32, F32, F32]
    states: F32


class _Watched(Actor):
    """A life of one lane, which keeps what each step began with."""

    def show(self) -> None:
        super().show()
        self.began = _Before((np.full(1, self.tick, np.float32), self.world.trial, self.world.move),
                             self.world.states.copy())  # fmt: skip


def explained(place: Place, actors: Actors, lives: Lives, plan: ActingPlan, genome: int, lane: int) -> str:
    """Return which equations of a world were not finite, and in which tick of a life; "" for a life without a fault.

    `lives` are those of the place, by its own compiled program.
    """
    one = np.array([lane])
    births = actors.births.take(one) if len(actors.births.weights) else actors.births
    own = replace(actors.take([genome]), births=births)
    with np.errstate(all="ignore"):
        life = _Watched(own, 0, lives.take(one), plan)
        life.measures = np.zeros((len(MEASURES), len(plan.windows), 1), np.float32)
        if life.faulty.any():
            states = _judge(place, life).born(_named(place, life.lives.noise[0]))
            return _said(place, "at birth", {_begin(place, name): rows for name, rows in states.items()})
        for tick in range(plan.ticks + (own.order == "next tick")):
            life.tick = tick
            for step in TICKS[own.order] if tick < plan.ticks else LAST:
                life.take([step])
                if life.faulty.any():
                    return _said(place, f"in tick {tick}", _parts(place, life, step))
    return ""


def _judge(place: Place, life: _Watched, world: int = 0) -> Interpreter:
    """Return the equations over the parameters of a life, or of one world of it."""
    parameters, begin, own = life.lives.parameters, 0, {}
    if place.row is not None:
        parameters = place.alone(parameters, world)
    for name, rows in place.rows.items():
        own[name] = parameters[begin : begin + rows]
        begin += rows if place.row is None else place.row.rows(name, rows)
    found = Interpreter(place.equations, own)
    found.lanes = 1
    return found


def _clock(place: Place, before: _Before) -> tuple[int, dict[str, F32]]:
    """Return which world goes on, and the clock that it has of its own."""
    tick, trial, move = before.clock
    if place.row is None:
        return 0, dict(zip(CLOCK, (tick[None], trial[None], move[None]), strict=True))
    number, first = before.states[-STATES:]
    begin = number * np.float32(place.program.ticks // place.row.worlds)
    return int(number[0]), dict(zip(CLOCK, ((tick - begin)[None], (trial - first)[None], move[None]), strict=True))


def _parts(place: Place, life: _Watched, step: str) -> dict[str, F32]:
    """Return the rows of the equations by then: of what is shown, or of a step."""
    world, clock = _clock(place, life.began)
    judge = _judge(place, life, world)
    noise = _named(place, life.lives.noise[min(life.tick, life.acting.ticks - 1) + 1])
    counts = [len(rows) for rows in judge.born(_named(place, life.lives.noise[0])).values()]
    blocks = np.split(life.began.states, np.cumsum(counts))[:-1]
    states = dict(zip(place.equations.states, blocks, strict=True)) if counts else {}
    if step == "show":
        ways = range(place.program.actions if place.program.afterstates else 1)
        found = [judge.parts(clock, np.full(1, way, np.float32), noise, states) for way in ways]
        told = [{part: rows for part, rows in parts.items() if part.startswith(_SHOWN)} for parts in found]
        wrong = (parts for parts in told if not all(np.isfinite(rows).all() for rows in parts.values()))
        return next(wrong, told[0])
    parts = judge.parts(clock, life.action.astype(np.float32), noise, states)
    after = judge.step(clock, life.action.astype(np.float32), noise, states).states
    anew = {_begin(place, name): after[name] for name in place.equations.world.start}
    return {**parts, **(anew if life.over.any() else {})}


def _named(place: Place, noise: F32) -> Known:
    return {name: noise[k : k + 1] for k, name in enumerate(place.equations.world.noise)}


def _begin(place: Place, state: str) -> str:
    return f"{'start' if state in place.equations.world.start else 'birth'}.{state}"


def _said(place: Place, when: str, parts: dict[str, F32]) -> str:
    wrong: dict[str, Any] = {
        part: rows[~np.isfinite(rows)][0] for part, rows in parts.items() if not np.isfinite(rows).all()
    }
    told = ", ".join(f"{part} is {value}" for part, value in list(wrong.items())[:MOST])
    more = f", and {len(wrong) - MOST} more" if len(wrong) > MOST else ""
    return f"world {place.equations.world.name}, {when}: {told}{more}"
