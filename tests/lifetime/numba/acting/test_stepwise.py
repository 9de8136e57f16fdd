"""A world that is driven from outside, tick by tick, gives the bits of the built-in driver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evometa.errors import ContractError, InputError
from evometa.language.worlds.program import DONE, OVER, REWARD
from evometa.lifetime.acting import FAULTY, ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.numba.acting import cpu
from evometa.lifetime.numba.acting.stepwise import Life
from evometa.lifetime.outside import outside
from evometa.lifetime.reference_world import WorldLives
from evometa.spec.acting import MEASURES
from tests.lifetime.acting.learners import actor, dense, lives_in, place, plan_of, rule_of
from tests.lifetime.acting.strategies import random_acting_batch
from tests.lifetime.acting.test_random_lives import assert_same
from tests.properties import examples

SHARED = [MEASURES.code(name) for name in ("reward", "trials", "visited")]


def driven(actors: Actors, lives: Lives, plan: ActingPlan) -> ActingOutcomes:
    """Live in the world of `lives`, which is run here, for every genome."""
    program, size = lives.world, (len(actors), lives.lanes)
    again = np.tile(np.arange(lives.lanes), len(actors))
    world = WorldLives(program, lives.parameters[:, again], lives.noise[0][:, again])
    life = Life(actors, outside(len(program.observe), program.actions, plan.ticks, program.ids), lives.draws, plan)
    reward, done, over = np.zeros((3, len(again)), np.float32)

    def seen(tick: int) -> tuple[Any, ...]:
        x, legal, ids = world.show(tick)
        number = None if ids is None else ids.reshape(size)
        parts = [part.reshape(len(part), *size) for part in (x, legal)]
        cut = (over > 0) & ~(done > 0)
        told = (row.reshape(size) for row in (reward, done, cut.astype(np.float32)))
        return parts[0], *told, parts[1] if len(legal) else None, number

    for tick in range(plan.ticks):
        action = life.perceive(*seen(tick)).reshape(-1)
        reward, done, over = world.step(action.astype(np.float32), lives.noise[tick + 1][:, again])[
            [REWARD, DONE, OVER]
        ]
    return life.close(*seen(plan.ticks))


def shared(found: ActingOutcomes) -> ActingOutcomes:
    """What both ways measure."""
    return ActingOutcomes(found.measures[SHARED], found.status, found.weights)


@examples(25)
@given(st.integers(0, 2**32 - 1))
def test_a_world_from_outside_gives_the_bits_of_the_driver(seed: int) -> None:
    batch = random_acting_batch(seed)
    assume(not batch[1].world.afterstates)  # which are seen of a world's equations alone
    with np.errstate(all="ignore"):
        found = driven(*batch)
    assert_same(shared(found), shared(cpu.act(*batch)))


def test_lanes_of_several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = lives_in(place("rooms", size=3, length=30), 40, 6)
    rule = rule_of({"update": "c0*m*s1", "s1": "c1*s1 - grad", "modulator": "reward + value - before"})
    one = actor(rule, dense(9, 4), (0.5, 0.9), "next tick", optimism=0.5)
    monkeypatch.setattr("evometa.lifetime.numba.acting.stepwise.choose_width", lambda *_: 16)
    batch = one.take([0, 0]), wide, plan_of(6, 2, 5, policy="greedy", ties="random", keep_weights=True)
    assert_same(shared(driven(*batch)), shared(cpu.act(*batch)))


def test_what_is_not_finite_is_the_fault_of_that_life() -> None:
    one = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "next tick")
    for part in range(2):
        life = Life(one, outside(1, 2, 3), np.zeros((3, 2, 4), np.float32), plan_of(3))
        x, reward, none = np.zeros((1, 1, 4)), np.zeros((1, 4)), np.zeros((1, 4))
        life.perceive(x, reward, none, none)
        (x, reward)[part][..., 2] = (np.nan, 1e300)[part]
        life.perceive(x, reward, none, none)
        x, reward = np.zeros((1, 1, 4)), np.zeros((1, 4))
        life.perceive(x, reward, none, none)
        assert life.close(x, reward, none, none).status.tolist() == [[0, 0, FAULTY, 0]]


def test_calls_out_of_turn_and_arrays_of_other_sizes_are_refused() -> None:
    one = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "next tick")
    draws, none = np.zeros((1, 2, 3), np.float32), np.zeros((1, 3), np.float32)
    life = Life(one, outside(1, 2, 1), draws, plan_of(1))
    with pytest.raises(ContractError, match="1 ticks before the end"):
        life.close(none[None], none, none, none)
    with pytest.raises(ContractError, match=r"f32\[6, 1, 3\] of a world"):
        life.perceive(np.zeros((1, 1, 2), np.float32), *(np.zeros((3, 1, 2), np.float32)))
    assert life.perceive(none[None], none, none, none).shape == (1, 3)
    with pytest.raises(ContractError, match="and then the end"):
        life.perceive(none[None], none, none, none)
    assert life.close(none[None], none, none, none).measures.shape == (6, 1, 1, 3)


def test_lives_beyond_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "next tick")
    monkeypatch.setattr(cpu, "memory", lambda: 1_000)
    with pytest.raises(InputError, match="this machine's memory"):
        Life(one, outside(1, 2, 1), np.zeros((1, 2, 3), np.float32), plan_of(1))
