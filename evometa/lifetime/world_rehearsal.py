"""Some lives in a world at random actions, before anybody lives there: what its equations get wrong is found soon."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evometa.language.worlds.drawing import Place
from evometa.language.worlds.program import DONE, OVER
from evometa.lifetime.acting import Lives
from evometa.lifetime.acting_faults import Moment, fault_at_birth, fault_in
from evometa.lifetime.reference_choice import allowed, numbered
from evometa.lifetime.reference_world import WorldLives


class Rehearsal(NamedTuple):
    """What came of so many `ticks`: `faulty` lives were ended by the world's own fault, the first as is `said`;
    `ended`: the world's `end` came true in one."""

    ticks: int
    faulty: int
    said: str
    ended: bool


def rehearse(place: Place, lives: Lives, most: int) -> Rehearsal:
    """Live all lives side by side at random actions, for as many ticks as come to `most` instructions: maybe none."""
    program, said, ended = lives.world, "", False
    ticks = min(lives.ticks, most // max(1, len(program.code)))
    with np.errstate(all="ignore"):
        world = WorldLives(program, lives.parameters, lives.noise[0])
        faulty = ~np.isfinite(world.states).all(axis=0)
        if faulty.any():
            said = fault_at_birth(place, lives.take(np.flatnonzero(faulty)[:1]))
        for tick in range(ticks):
            _, legal, _ = world.show(tick)
            before, unseen = (world.trial, world.move, world.states.copy()), np.asarray(~world.sound)
            action = numbered(allowed(legal, program.actions, lives.lanes), lives.draws[tick, 0]).astype(np.float32)
            given = world.step(action, lives.noise[tick + 1])
            sound = np.isfinite(given[:OVER]).all(axis=0) & np.isfinite(world.states).all(axis=0)
            wrong = np.asarray((unseen | ~sound) & ~faulty)
            if wrong.any() and not said:
                lane = int(np.flatnonzero(wrong)[0])
                one = np.array([lane])
                trial, move, states = (each[..., one] for each in before)
                moment = Moment(tick, trial, move, states, action[one], bool(given[OVER, lane] > 0))
                said = fault_in(place, lives.take(one), moment, shown=bool(unseen[lane]))
            faulty |= wrong
            ended |= bool((given[DONE] > 0).any())
            if faulty.all():
                break
    return Rehearsal(ticks, int(faulty.sum()), said, ended)
