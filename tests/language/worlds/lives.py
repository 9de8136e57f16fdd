"""Lives in worlds at random actions, as they are compiled and as the trees say, and what comes of them tick by tick."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from evometa.language.worlds.drawing import Place
from evometa.language.worlds.equations import CLOCK
from evometa.language.worlds.interpreter import Interpreter
from evometa.lifetime.reference_world import WorldLives

F = np.float32


class Course(NamedTuple):
    """What happened: parameters by name, noise f32[T + 1, D, L], actions i64[T, L]; seen f32[T, I, L], states before
    each step f32[T + 1, R, L], what each step gave f32[T, 6, L], trial and move before it f32[T, L]."""

    parameters: dict[str, Any]
    noise: Any
    actions: Any
    seen: Any
    states: Any
    given: Any
    trials: Any
    moves: Any


def drawn(place: Place, lanes: int, ticks: int, seed: int) -> tuple[dict[str, Any], Any, np.random.Generator]:
    """Return parameters, noise, and the generator that goes on."""
    rng = np.random.default_rng(seed)
    parameters = place.draw(lanes, rng)
    return parameters, rng.random((ticks + 1, place.program.noise, lanes), np.float32), rng


def chosen(rng: np.random.Generator, legal: Any, actions: int, lanes: int) -> Any:
    """Return an action for each lane, of those that are legal."""
    allowed = legal > 0 if len(legal) else np.ones((actions, lanes), bool)
    return np.where(allowed, rng.random((actions, lanes)), -1).argmax(axis=0)


def lived(place: Place, lanes: int, ticks: int, seed: int) -> Course:
    """Live at random in the compiled world."""
    parameters, noise, rng = drawn(place, lanes, ticks, seed)
    life = WorldLives(place.program, stacked(parameters, lanes), noise[0])
    actions, seen, states, given, trials, moves = [], [], [life.states.copy()], [], [], []
    for tick in range(ticks):
        x, legal, _ = life.show(tick)
        seen.append(x.copy())
        trials.append(life.trial.copy())
        moves.append(life.move.copy())
        actions.append(chosen(rng, legal, place.program.actions, lanes))
        given.append(life.step(actions[-1], noise[tick + 1]).copy())
        states.append(life.states.copy())
    return Course(parameters, noise, *map(np.array, (actions, seen, states, given, trials, moves)))


def interpreted(place: Place, course: Course) -> Course:
    """Live the same by the trees."""
    names, lanes = place.equations.world.noise, course.actions.shape[1]
    noise = [{name: rows[k : k + 1] for k, name in enumerate(names)} for rows in course.noise]
    one = Interpreter(place.equations, course.parameters)
    states = one.born(noise[0], lanes)
    trial, move = np.zeros(lanes, F), np.zeros(lanes, F)
    seen, kept, given, trials, moves = [], [joined(states, lanes)], [], [], []
    for tick, action in enumerate(course.actions):
        clock = dict(zip(CLOCK, (np.full((1, lanes), tick, F), trial[None], move[None]), strict=True))
        seen.append(one.shown(clock, states)["observe"])
        trials.append(trial)
        moves.append(move)
        *values, states = one.step(clock, action.astype(F), noise[tick + 1], states)
        given.append(np.array(values))
        trial, move = trial + values[-1], np.where(values[-1] > 0, F(0), move + F(1))
        kept.append(joined(states, lanes))
    rows = dict(zip(("seen", "states", "given", "trials", "moves"), (seen, kept, given, trials, moves), strict=True))
    return course._replace(**{name: np.array(each) for name, each in rows.items()})


def stacked(parameters: dict[str, Any], lanes: int) -> Any:
    """Return parameters as the program has them, f32[P, L]."""
    return np.concatenate([*parameters.values(), np.zeros((0, lanes), F)])


def joined(states: Any, lanes: int) -> Any:
    """Return states by name as f32[R, L]."""
    return np.concatenate([*states.values(), np.zeros((0, lanes), F)])


def same(one: Any, other: Any) -> bool:
    """Whether arrays are equal bit for bit, NaN of any payload."""
    one, other = np.asarray(one, F), np.asarray(other, F)
    return one.shape == other.shape and bool(
        np.all((one.view(np.uint32) == other.view(np.uint32)) | (np.isnan(one) & np.isnan(other)))
    )
