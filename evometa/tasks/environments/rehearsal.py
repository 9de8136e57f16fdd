"""What is tried before a run begins: that lanes do not depend on the batch, and come out the same twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from evometa.seeding import stream
from evometa.spec.arrays import F32
from evometa.tasks.environments.course import Course, Seen
from evometa.tasks.environments.protocol import Beat, Facts, Wrong
from evometa.tasks.environments.spec import EnvironmentSpec

WHOLE, SOME = (0, 1, 2, 3), (2, 0)  # lanes
TICKS = 20
_REMEDY = "Draw each lane's numbers from its own seed alone, as gymnasium.vector.SyncVectorEnv does with seeds."


class Rehearsal(NamedTuple):
    """What came of it: what the environment is, ticks of one lane a second, and what else there is to say."""

    facts: Facts
    speed: float
    notes: tuple[str, ...] = ()


def rehearse(spec: EnvironmentSpec, seed: int, beat: Beat) -> Rehearsal:
    """Act at random in lanes {0, 1, 2, 3}, twice, and in {2, 0}; Wrong names the lane and the tick that differ."""
    began = time.perf_counter()
    facts, whole = played(spec, WHOLE, seed, beat)
    speed = len(WHOLE) * TICKS / max(time.perf_counter() - began, 1e-9)
    _, again = played(spec, WHOLE, seed, beat)
    compare(whole, again, WHOLE, WHOLE, "the same twice")
    _, some = played(spec, SOME, seed, beat)
    compare(whole, some, WHOLE, SOME, f"the same among lanes {WHOLE} and among {SOME}")
    over = any(bool(np.any(seen.ended | seen.cut)) for seen in whole)
    notes = [f"no trial was over in {TICKS} ticks of {len(WHOLE)} lanes: say `cut`, if trials are to be"]
    notes = [] if over or spec.cut else notes
    if faults := faults_of(whole):
        lane, told = next(iter(faults.items()))
        if len(faults) == len(WHOLE):
            raise Wrong("finite observations and rewards", f"{told}; all lanes come to that at random actions", lane)
        notes.append(f"{len(faults)} of {len(WHOLE)} lanes at random actions were ended by a fault of their world: "
                     f"environment {spec.name}, {told}")  # fmt: skip
    return Rehearsal(facts, speed, tuple(notes))


def faults_of(seen: Sequence[Seen]) -> dict[int, str]:
    """Return by lane what was not finite first, and in which tick; those that came first stand first."""
    found: dict[int, str] = {}
    for behind, now in enumerate(seen):
        for lane in range(len(now.reward)):
            if lane not in found and (wrong := not_finite(now.x[:, lane], now.reward[lane])):
                found[lane] = f"{f'in tick {behind - 1}' if behind else 'at birth'}: {wrong}"
    return found


def not_finite(x: F32, reward: float) -> str:
    """Say which number of an observation f32[I], or that the reward, is not finite; "" where all are."""
    if not np.isfinite(reward):
        return f"reward is {reward}"
    wrong = np.flatnonzero(~np.isfinite(x))
    return f"observation.{wrong[0]} is {x[wrong[0]]}" if len(wrong) else ""


def played(spec: EnvironmentSpec, lanes: Sequence[int], seed: int, beat: Beat) -> tuple[Facts, list[Seen]]:
    """Return what is seen of lanes, tick by tick, at random actions that each lane has of its own."""
    course = Course(spec, lanes, seed, 0, beat)
    try:
        chances = np.stack([stream(seed, 0, f"environments/rehearsal/{lane}").random(TICKS) for lane in lanes], axis=1)
        seen = [course.begin()]
        for row in chances:
            may = np.ones((course.facts.actions, len(lanes))) if seen[-1].legal is None else seen[-1].legal
            seen.append(course.step(drawn(may, row)))
        return course.facts, seen
    finally:
        course.close()


def drawn(may: Any, chance: Any) -> Any:
    """Return one of the actions that may be chosen in each lane, i64[L], by numbers in [0, 1)."""
    may = (may > 0) | ~(may > 0).any(axis=0)
    number = np.floor(chance * may.sum(axis=0))
    return (np.cumsum(may, axis=0) - 1 == number).argmax(axis=0)


def compare(one: Sequence[Seen], other: Sequence[Seen], lanes: Sequence[int], some: Sequence[int], what: str) -> None:
    """Refuse what differs, bit by bit; NaN equals NaN."""
    for tick, (a, b) in enumerate(zip(one, other, strict=True)):
        for name in Seen._fields:
            left, right = getattr(a, name), getattr(b, name)
            if left is None or right is None:
                if left is not right:
                    raise Wrong(f"lanes that are {what}", f"{name} said at tick {tick} once alone", -1, _REMEDY)
                continue
            for place, lane in enumerate(some):
                x, y = (np.asarray(part)[..., at] for part, at in ((left, lanes.index(lane)), (right, place)))
                if x.tobytes() != y.tobytes():
                    raise Wrong(
                        f"lanes that are {what}", f"another {name} of lane {lane} at tick {tick}", lane, _REMEDY
                    )
