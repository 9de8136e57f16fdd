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


class Moment(NamedTuple):
    """What a tick of one life began with, and the action f32[1] of its step; `over`: a trial ended by it."""

    tick: int
    trial: F32
    move: F32
    states: F32
    action: F32
    over: bool = False


class _Watched(Actor):
    """A life of one lane, which keeps what each tick began with."""

    def show(self) -> None:
        super().show()
        world = self.world
        self.began = Moment(self.tick, world.trial, world.move, world.states.copy(), self.action.astype(np.float32))


def explained(place: Place, actors: Actors, lives: Lives, plan: ActingPlan, genome: int, lane: int,
              most: int | None = None) -> str:  # fmt: skip
    """Return which equations of a world were not finite, and in which tick of a life; "" for a life without a fault,
    or with none in its first `most` ticks (None: all are looked at).

    `lives` are those of the place, by its own compiled program.
    """
    one = np.array([lane])
    births = actors.births.take(one) if len(actors.births.weights) else actors.births
    own = replace(actors.take([genome]), births=births)
    with np.errstate(all="ignore"):
        life = _Watched(own, 0, lives.take(one), plan)
        life.measures = np.zeros((len(MEASURES), len(plan.windows), 1), np.float32)
        if life.faulty.any():
            return fault_at_birth(place, life.lives)
        ticks = plan.ticks + (own.order == "next tick")
        for tick in range(ticks if most is None else min(ticks, most)):
            life.tick = tick
            for step in TICKS[own.order] if tick < plan.ticks else LAST:
                life.take([step])
                if life.faulty.any():
                    moment = life.began._replace(action=life.action.astype(np.float32), over=bool(life.over.any()))
                    return fault_in(place, life.lives, moment, shown=step == "show")
    return ""


def fault_at_birth(place: Place, lives: Lives) -> str:
    """Return which states of one life are not finite as it begins."""
    states = _judge(place, lives).born(_named(place, lives.noise[0]))
    return _said(place, "at birth", {_begin(place, name): rows for name, rows in states.items()})


def fault_in(place: Place, lives: Lives, moment: Moment, *, shown: bool) -> str:
    """Return which equations of one life are not finite in a tick: of what is shown, or else of the step."""
    return _said(place, f"in tick {moment.tick}", _parts(place, lives, moment, shown))


def _judge(place: Place, lives: Lives, world: int = 0) -> Interpreter:
    """Return the equations over the parameters of a life, or of one world of it."""
    parameters, begin, own = lives.parameters, 0, {}
    if place.row is not None:
        parameters = place.alone(parameters, world)
    for name, rows in place.rows.items():
        own[name] = parameters[begin : begin + rows]
        begin += rows if place.row is None else place.row.rows(name, rows)
    found = Interpreter(place.equations, own)
    found.lanes = 1
    return found


def _clock(place: Place, moment: Moment) -> tuple[int, dict[str, F32]]:
    """Return which world goes on, and the clock that it has of its own."""
    tick, trial, move = np.full(1, moment.tick, np.float32), moment.trial, moment.move
    if place.row is None:
        return 0, dict(zip(CLOCK, (tick[None], trial[None], move[None]), strict=True))
    number, first = moment.states[-STATES:]
    begin = number * np.float32(place.program.ticks // place.row.worlds)
    return int(number[0]), dict(zip(CLOCK, ((tick - begin)[None], (trial - first)[None], move[None]), strict=True))


def _parts(place: Place, lives: Lives, moment: Moment, shown: bool) -> dict[str, F32]:
    """Return the rows of the equations by then: of what is shown, or of a step."""
    world, clock = _clock(place, moment)
    judge = _judge(place, lives, world)
    noise = _named(place, lives.noise[min(moment.tick, lives.ticks - 1) + 1])
    counts = [len(rows) for rows in judge.born(_named(place, lives.noise[0])).values()]
    blocks = np.split(moment.states, np.cumsum(counts))[:-1]
    states = dict(zip(place.equations.states, blocks, strict=True)) if counts else {}
    if shown:
        ways = range(place.program.actions if place.program.afterstates else 1)
        found = [judge.parts(clock, np.full(1, way, np.float32), noise, states) for way in ways]
        told = [{part: rows for part, rows in parts.items() if part.startswith(_SHOWN)} for parts in found]
        wrong = (parts for parts in told if not all(np.isfinite(rows).all() for rows in parts.values()))
        return next(wrong, told[0])
    parts = judge.parts(clock, moment.action, noise, states)
    after = judge.step(clock, moment.action, noise, states).states
    anew = {_begin(place, name): after[name] for name in place.equations.world.start}
    return {**parts, **(anew if moment.over else {})}


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
