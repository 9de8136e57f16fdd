"""Where a learner goes in one held-out life, and what its modulator says there."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from evometa.evolution.acting import ActingLessons
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Journey
from evometa.judging.scores import finite
from evometa.lifetime import F32
from evometa.lifetime.acting import Lives
from evometa.lifetime.reference_acting import Actor
from evometa.spec.acting import MEASURES

WORK = 2e6  # synapses × ticks × what is asked in one; of larger lives there is no journey
PART = 5  # first and last fifth of a life are told apart


class _Followed(Actor):
    """A life of whose every tick is noted: the state's number, the reward, what m is, and the surprise."""

    def modulate(self) -> None:
        super().modulate()
        ids = self.world.show(self.tick)[2] if self.tick < self.acting.ticks else None
        row = (self.lane["m"], self.lane["surprise"], self.reward, self.lane["done"])
        self.__dict__.setdefault("course", []).append([-1 if ids is None else int(ids[0]), *(float(v[0]) for v in row)])


def journey_of(evaluator: Evaluator, genome: Genome) -> Journey | None:
    """Follow a learner through a held-out life; None in environments outside, and where that is too long a life."""
    (course, lesson), *_ = evaluator.draw("test", 0, 1)
    if not isinstance(lesson, ActingLessons) or not isinstance(lesson.tasks, Lives):
        return None
    actors, plan = lesson.actors([genome], course.world), lesson.plan
    world = lesson.tasks.world
    asked = 1 + world.actions * world.afterstates
    if actors.phenotypes[0].graph.synapses * plan.ticks * asked > WORK:
        return None
    evaluator.lived["analysis"] += 1
    actor = _Followed(actors, 0, lesson.tasks, plan)
    measures: F32 = np.zeros((len(MEASURES), len(plan.windows), 1), np.float32)
    with np.errstate(all="ignore"):
        actor.live(measures)
    rows = np.array(actor.__dict__["course"])[: plan.ticks]
    states, m, surprise, reward, _ = rows.T
    fifth = max(1, plan.ticks // PART)
    found: dict[str, Any] = {"world": course.family.name, "states": world.ids, "ticks": plan.ticks}
    found["side"] = int(getattr(course.family, "side", 0))
    found |= {name: _visits(states[part]) for name, part in (("early", slice(fifth)), ("late", slice(-fifth, None)))}
    usual, rare = reward > reward.mean(), surprise > np.quantile(surprise, 0.9)
    moments = {"at rewards above the mean": usual, "at other rewards": ~usual}
    moments |= {"where surprised most": rare, "elsewhere": ~rare} if rare.any() and len(actor.missed) else {}
    if actor.slots is not None:
        found["modulator"] = {name: finite(float(m[at].mean())) for name, at in moments.items() if at.any()}
    return Journey(**found)


def _visits(states: Any) -> list[list[int]]:
    """Return each state that was met with how often it was, none where states have no numbers."""
    return [[int(state), count] for state, count in sorted(Counter(states.tolist()).items()) if state >= 0]
