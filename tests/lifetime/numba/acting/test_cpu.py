"""Lives that act in Numba are those of the reference, bit for bit, however a batch is cut; and they learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import ContractError, InputError
from evometa.language.acting import Order
from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.world import World
from evometa.lifetime import OK, reference_acting
from evometa.lifetime.acting import FAULTY
from evometa.lifetime.numba.acting import cpu
from evometa.lifetime.numba.vector import LANES
from tests.lifetime.acting.learners import actor, dense, lives_in, place, plan_of, rule_of
from tests.lifetime.acting.strategies import random_acting_batch
from tests.lifetime.acting.test_agents import agent
from tests.lifetime.acting.test_faults import BROKEN, broken
from tests.lifetime.acting.test_random_lives import assert_same
from tests.properties import SAME, examples


@examples(40)
@given(st.integers(0, 2**32 - 1))
def test_numba_equals_reference(seed: int) -> None:
    batch = random_acting_batch(seed)
    assert_same(cpu.act(*batch), reference_acting.act(*batch))


def test_threads_and_pieces_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    lives = lives_in(place("rooms", size=3, length=30), 40, 6)
    one, plan = agent("q_lambda", lives, 2, keep_weights=True)
    whole = cpu.act(one, lives, plan, threads=1)
    monkeypatch.setattr(cpu, "PIECE", 1.0)
    monkeypatch.setattr(cpu, "choose_width", lambda *_: 16)
    heard: list[tuple[int, int]] = []
    assert_same(cpu.act(one, lives, plan, threads=2, progress=lambda done, all_: heard.append((done, all_))), whole)
    assert heard[-1] == (3, 3)


@pytest.mark.parametrize("rows", [1, 15, 328, 2028, 2**31 - 1])
@pytest.mark.parametrize("lanes", [1, 15, 16, 17, 32, 200, 1000, 10_000])
def test_a_width_is_whole_vectors_and_leaves_work_for_every_thread(rows: int, lanes: int) -> None:
    for genomes, threads in ((1, 1), (1, 16), (20, 2), (3, 64)):
        width = cpu.choose_width(rows, lanes, genomes, threads)
        assert LANES <= width <= cpu.WIDEST
        assert width % LANES == 0
        assert width < lanes + LANES  # no vector of padding alone
        assert width == LANES or (width - LANES) * threads < lanes * genomes
        assert width == LANES or (width - LANES) * rows < cpu.CACHE // 2


def test_a_lookup_takes_each_lane_s_own_row_whatever_the_index() -> None:
    world = World("odd", observe=("tick",), reward="lookup(ways, place) + lookup(own, place)",
                  tables={"ways": [3, 5, 7]}, parameters={"place": "rows(1)", "own": "rows(4)"})  # fmt: skip
    lives = lives_in(open_world(world), 40, 2)
    rng, parameters = np.random.default_rng(1), lives.parameters.copy()
    parameters[0] = rng.choice(np.array([-3e38, -1, -0.0, 0.99, 1, 1.5, 2.999, 3, 3e38], np.float32), 40)
    parameters[1:] = rng.standard_normal((4, 40))
    learner = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "same tick")
    batch = learner, replace(lives, parameters=parameters), plan_of(2)
    found, places = cpu.act(*batch), np.clip(parameters[0], 0, 4).astype(int)
    paid = np.array([3, 5, 7], np.float32)[np.minimum(places, 2)] + parameters[1 + np.minimum(places, 3), np.arange(40)]
    assert np.array_equal(found.measure("reward")[0, 0], 2 * paid)
    assert_same(found, reference_acting.act(*batch))


def test_its_door_is_closed_to_what_is_no_batch() -> None:
    actors, lives, plan = random_acting_batch(3)
    with pytest.raises(ContractError):
        cpu.act(actors, lives, replace(plan, policy="best"))


def test_a_world_that_goes_wrong_is_named_as_such() -> None:
    world = World("bad", observe=("place",), parameters={"growth": "rows(1) + 1"}, start={"place": 1},
                  next={"place": "place*growth"})  # fmt: skip
    lives = lives_in(open_world(world), 20, 4)
    growth = np.ones((1, 20), np.float32)
    growth[0, 7] = 1e20
    own = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "same tick")
    found = cpu.act(own, replace(lives, parameters=growth), plan_of(4))
    assert np.flatnonzero(found.status[0]).tolist() == [7]
    assert found.status[0, 7] == FAULTY


@pytest.mark.parametrize("part", BROKEN)
@pytest.mark.parametrize("order", ["next tick", "same tick"])
def test_whatever_is_not_finite_is_seen_as_the_reference_sees_it(part: str, order: Order) -> None:
    rule = rule_of({"update": "c0*m*s1 + done", "s1": "act*pre", "modulator": "reward + value + cut"})
    own = actor(rule, dense(2, 2), (0.1,), order)
    for what in ("1e30*1e30", "1e30*1e30 - 1e30*1e30"):
        for ticks in range(1, 5):
            batch = own, broken(part, what), plan_of(5, ticks)
            assert_same(cpu.act(*batch), reference_acting.act(*batch))
    assert cpu.act(*batch).status.tolist() == [[OK, FAULTY, OK]]


def test_more_than_memory_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = random_acting_batch(3)
    monkeypatch.setattr(cpu, "memory", lambda: 10_000)
    with pytest.raises(InputError, match="for the visits of"):
        cpu.act(*batch)


@SAME
def test_poles_are_balanced_longer_and_longer() -> None:
    """ASE and ACE with the settings of 1983: 145, 346, 417, 433 by quarters of 20 000 ticks, at random 24."""
    lives = lives_in(place("cartpole_boxes"), 32, 5000, seed=2)
    one, plan = agent("ase_ace", lives, 1250, 2500, 3750)
    found = cpu.act(one, lives, plan)
    lengths = 1250 / np.maximum(found.measure("trials")[0].mean(axis=1), 1)
    assert lengths[0] > 30
    assert lengths[-1] > 100
