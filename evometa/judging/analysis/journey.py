"""Where a learner goes in one held-out life, and what its modulator says there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from evometa.evolution.acting import ActingLessons
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Journey
from evometa.judging.scores import finite
from evometa.language.worlds.drawing import open_world
from evometa.lifetime import F32
from evometa.lifetime.acting import Actors, Lives
from evometa.lifetime.reference_acting import Actor
from evometa.spec.acting import MEASURES, TICKS
from evometa.tasks.families.world import WorldFamily

WORK = 2e5  # synapses × ticks × what is asked in one, some seconds: so much of a life is followed for its modulator
LEAST = 50  # ticks that tell anything of it
PART = 5  # first and last fifth of a life are told apart
OUTSIDE = "where it goes is not known: nobody follows lives in environments outside"
SHORT = "what the modulator says is not known: a tick of this world takes the reference too long"


class _Followed(Actor):
    """A life of which is noted, in each tick, what m is, and what goes with it: surprise, reward, end, visits."""

    def follow(self, ticks: int) -> F32:
        """Live so many ticks; return m, surprise, reward, done and visits, f32[T, 5]."""
        self.course: list[list[float]] = []
        self.measures = np.zeros((len(MEASURES), len(self.acting.windows), 1), np.float32)
        with np.errstate(all="ignore"):
            for tick in range(ticks):
                self.tick = tick
                self.take(TICKS[self.order])
        return np.array(self.course, np.float32)

    def modulate(self) -> None:
        super().modulate()
        row = (self.lane["m"], self.lane["surprise"], self.reward, self.lane["done"], self.lane["visits"])
        self.course.append([float(value[0]) for value in row])


def journey_of(evaluator: Evaluator, genome: Genome) -> tuple[Journey | None, list[str]]:
    """Return where a learner goes in a held-out life, None where it lives in no world; and what had to be left out."""
    (course, lesson), *_ = evaluator.draw("test", 0, 1)
    if not isinstance(lesson, ActingLessons):
        return None, []
    if not isinstance(lesson.tasks, Lives) or not isinstance(course.family, WorldFamily):
        return None, [OUTSIDE]
    actors, ticks = lesson.actors([genome], course.world), lesson.plan.ticks
    found: dict[str, Any] = {"world": course.family.name, "states": lesson.tasks.world.ids, "ticks": ticks}
    found["side"] = course.family.side
    evaluator.lived["analysis"] += 1
    if found["states"]:
        states, fifth = _states(evaluator, actors, lesson, course.family), max(1, ticks // PART)
        parts = {"early": slice(fifth), "late": slice(-fifth, None), "visits": slice(None)}
        found |= {name: _visits(states[part]) for name, part in parts.items()}
    if actors.lane[0] < 0:
        return Journey(**found), []
    world = lesson.tasks.world
    asked = 1 + world.actions * world.afterstates
    followed = min(ticks, int(WORK / (actors.phenotypes[0].graph.synapses * asked)))
    if followed < min(LEAST, ticks):
        return Journey(**found), [SHORT]
    course_of = _Followed(actors, 0, lesson.tasks, lesson.plan).follow(followed)
    found |= {"modulator": _modulator(course_of, foresees=lesson.plan.projection is not None), "followed": followed}
    note = f"what the modulator says is of the first {followed:,} of {ticks:,} ticks: more take the reference too long"
    return Journey(**found), [note] if followed < ticks else []


def _states(evaluator: Evaluator, actors: Actors, lesson: ActingLessons, family: WorldFamily) -> Any:
    """Return the number of the state in each tick of the life, i64[T].

    The life is lived by the recipe's backend, in the same world but for its tally, which is that number, and is told
    at the end of every window: a tick.
    """
    own, place = family.worlds["test"], family.places["test"]
    program = open_world(replace(own, tally=own.id), place.row).program
    assert isinstance(lesson.tasks, Lives)
    ticks = np.arange(lesson.plan.ticks)
    plan = replace(lesson.plan, windows=(ticks + 1).astype(np.int32), keep_weights=False)
    told = evaluator.ways.act(actors, replace(lesson.tasks, world=program), plan).measure("tally")[0, :, 0]
    worlds = max(1, family.counts.get("test", 1))  # each of several in a row numbers its own states
    states = program.ids // worlds
    first = ticks // (lesson.plan.task or lesson.plan.ticks) * states
    return np.clip(np.nan_to_num(told), 0, states - 1).astype(np.int64) + first


def _modulator(course: F32, *, foresees: bool) -> dict[str, Any]:
    """Return the mean of m at moments that are named; `foresees`: the learner has predictions, which surprise it."""
    m, surprise, reward, done, visits = course.T
    usual, ends = reward > reward.mean(), done > 0
    moments = {"at rewards above the mean": usual, "at other rewards": ~usual}
    moments |= {"at ends of trials": ends, "within trials": ~ends} if ends.any() else {}
    rare, first = surprise > np.quantile(surprise, 0.9), visits == 1
    if foresees and rare.any():
        moments |= {"where surprised most": rare, "elsewhere": ~rare}
    elif first.any():  # without predictions nothing says what surprises; a state that was never met comes nearest
        moments |= {"where never before": first, "where before": ~first}
    return {name: finite(float(m[at].mean())) for name, at in moments.items() if at.any()}


def _visits(states: Any) -> list[list[int]]:
    """Return each state that was met with how often it was."""
    return [[int(state), count] for state, count in sorted(Counter(states.tolist()).items())]
