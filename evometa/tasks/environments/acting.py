"""Learners that live in an environment of a user's own: all genomes and lanes in one step, tick by tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from evometa.errors import FunctionFailed, InputError, RunFailed
from evometa.language.worlds.program import WorldProgram
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors
from evometa.lifetime.numba.acting.stepwise import Life
from evometa.lifetime.outside import outside
from evometa.seeding import stream
from evometa.spec.arrays import F32
from evometa.tasks.environments.opening import WHERE
from evometa.tasks.environments.process import EnvironmentProcess
from evometa.tasks.environments.protocol import Facts
from evometa.tasks.environments.rehearsal import Rehearsal, not_finite
from evometa.tasks.environments.spec import EnvironmentSpec

Progress = Callable[[int, int], None]  # ticks that are done, and all
Watch = Callable[[int, Mapping[str, Any]], None]  # what is seen (`course.Seen`), behind a tick; -1: at the beginning


def tried(spec: EnvironmentSpec, seed: int = 0) -> Rehearsal:
    """Try an environment before a run begins, in a process of its own. Raises InputError that says what is wrong."""
    try:
        with EnvironmentProcess(spec) as process:
            found = process.ask("rehearse", spec=spec.written(), seed=seed)
            return Rehearsal(Facts(*found["facts"]), found["speed"], tuple(found["notes"]))
    except FunctionFailed as error:
        raise error.tried(WHERE) from error
    except RunFailed as error:
        raise InputError("an environment that can be tried before a run", str(error), WHERE) from error


def world_of(facts: Facts, ticks: int) -> WorldProgram:
    """Return the world that an environment is to learners."""
    return outside(facts.inputs, facts.actions, ticks, facts.ids)


def act_in(spec: EnvironmentSpec, actors: Actors, plan: ActingPlan, *, lanes: int, seed: int, generation: int = 0,
           first: int = 0, progress: Progress | None = None, watch: Watch | None = None) -> ActingOutcomes:  # fmt: skip
    """Live every learner's lives in an environment; what the contract's `act` returns, with worth = reward.

    The lives of every genome are those of lanes `first`, `first` + 1, …, which are seeded by (seed, generation, lane,
    trial), and chosen in by numbers that are drawn likewise: alike for all genomes, and whoever lives beside them.
    Raises RunFailed where the environment hangs, dies or fails, ContractError.
    """
    numbers = range(first, first + lanes)
    draws = np.stack([stream(seed, generation, f"environments/draws/{lane}").random((plan.ticks, 2), np.float32)
                      for lane in numbers], axis=2)  # fmt: skip
    with EnvironmentProcess(spec) as process:
        everyone = [lane for _ in range(len(actors)) for lane in numbers]
        seen = process.ask("begin", spec=spec.written(), lanes=everyone, seed=seed, generation=generation)
        facts = Facts(*seen["facts"])
        life = Life(actors, world_of(facts, plan.ticks), draws, plan)
        for tick in range(plan.ticks):
            if watch:
                watch(tick - 1, seen)
            actions = life.perceive(*_told(facts, seen, len(actors)))
            seen = process.ask("step", actions=actions.reshape(-1))
            if progress:
                progress(tick + 1, plan.ticks)
        if watch:
            watch(plan.ticks - 1, seen)
        found = life.close(*_told(facts, seen, len(actors)))
    return found


def fault_in(spec: EnvironmentSpec, actors: Actors, plan: ActingPlan, *, lane: int, seed: int) -> str:
    """Let one life go again, of one learner; return what was not finite, and in which tick; "" where all was."""
    found: list[str] = []

    def watch(tick: int, seen: Mapping[str, Any]) -> None:
        if not found and (wrong := not_finite(seen["x"][:, 0], seen["reward"][0])):
            found.append(f"environment {spec.name}, {f'in tick {tick}' if tick >= 0 else 'at birth'}: {wrong}")

    act_in(spec, actors, plan, lanes=1, seed=seed, first=lane, watch=watch)
    return "".join(found)


def _told(facts: Facts, seen: Mapping[str, Any], genomes: int) -> tuple[F32, F32, F32, F32, F32 | None, F32 | None]:
    """Return what is seen as `Life.perceive` takes it, [..., G, L]."""
    x = seen["x"].reshape(facts.inputs, genomes, -1)
    reward, ended, cut = (seen[name].astype(np.float32).reshape(genomes, -1) for name in ("reward", "ended", "cut"))
    legal = None if seen["legal"] is None else seen["legal"].reshape(facts.actions, genomes, -1)
    return x, reward, ended, cut, legal, x.argmax(axis=0).astype(np.float32) if facts.ids else None
