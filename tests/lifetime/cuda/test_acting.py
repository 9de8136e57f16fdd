"""Lives that act through the CUDA text, compiled for the host: the bits of the reference, however they are cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import ContractError, RunFailed
from evometa.language.acting import Order
from evometa.language.numbering import LOOKUP
from evometa.language.worlds.program import WorldProgram
from evometa.lifetime import reference_acting
from evometa.lifetime.acting import ActingOutcomes
from evometa.lifetime.cuda import acting, staging
from evometa.lifetime.cuda.acting import act
from evometa.lifetime.cuda.shared_memory import MOST_FLOATS, MOST_ROWS, WIDTH
from evometa.lifetime.numba.acting import cpu
from tests.lifetime.acting.learners import actor, dense, lives_in, place, plan_of, rule_of
from tests.lifetime.acting.strategies import Batch, random_acting_batch, worlds
from tests.lifetime.acting.test_agents import agent
from tests.lifetime.acting.test_faults import BROKEN, broken
from tests.lifetime.acting.test_random_lives import assert_same
from tests.lifetime.cuda.barriers import barriers, is_missed
from tests.lifetime.cuda.test_streaming import ShortOfMemory
from tests.lifetime.host_device import HostDevice, compile_for_host
from tests.lifetime.test_cuda import ROOM, swap
from tests.properties import examples, some


@examples(25)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4))
def test_host_equals_reference(cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int) -> None:
    batch = random_acting_batch(seed)
    assert_same(act(HostDevice(cuda_on_host, order, shared, blocks), *batch), reference_acting.act(*batch))


@lru_cache
def many_lives() -> tuple[Batch, ActingOutcomes]:
    """Return lives in more lanes than a block has, of several genomes, and what comes of them."""
    lives = lives_in(place("rooms", size=3, length=30), WIDTH + 8, 6)
    one, plan = agent("q_lambda", lives, 2, keep_weights=True)
    batch = one.take([0] * 5), lives, plan
    return batch, cpu.act(*batch)


@pytest.mark.parametrize("most", [1, 3, 100])
def test_parts_and_pieces_change_no_bit(cuda_on_host: Path, most: int) -> None:
    batch, expected = many_lives()
    device, heard = HostDevice(cuda_on_host), []
    device.most = most
    assert_same(act(device, *batch, progress=lambda *told: heard.append(told)), expected)
    assert [kernel for kernel, *_ in device.launched] == [acting.KERNEL] * -(-5 // most)
    assert heard[-1] == (5, 5)


@pytest.mark.parametrize("memory", [10_000_000, 120_000, 90_000])
def test_short_of_memory_the_parts_are_halved(cuda_on_host: Path, memory: int) -> None:
    batch, expected = many_lives()
    device = ShortOfMemory(cuda_on_host, memory)
    device.shared = 2_000
    assert_same(act(device, *batch), expected)
    assert (device.refused > 0) == (memory < 1_000_000)


@pytest.mark.parametrize("part", BROKEN)
@pytest.mark.parametrize("order", ["next tick", "same tick"])
def test_whatever_is_not_finite_is_seen_as_the_reference_sees_it(cuda_on_host: Path, part: str, order: Order) -> None:
    rule = rule_of({"update": "c0*m*s1 + done", "s1": "act*pre", "modulator": "reward + value + cut"})
    own = actor(rule, dense(2, 2), (0.1,), order)
    for what in ("1e30*1e30", "1e30*1e30 - 1e30*1e30"):
        batch = own, broken(part, what), plan_of(5, 3)
        assert_same(act(HostDevice(cuda_on_host), *batch), reference_acting.act(*batch))


def test_its_door_is_closed_to_what_is_no_batch(cuda_on_host: Path) -> None:
    actors, lives, plan = random_acting_batch(3)
    with pytest.raises(ContractError):
        act(HostDevice(cuda_on_host), actors, lives, replace(plan, policy="best"))


def large(**sizes: object) -> WorldProgram:
    return replace(worlds()[0].program, **sizes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("world", "what"),
    [(large(temporaries=MOST_ROWS), "numbers in its equations"), (large(ids=MOST_FLOATS), "visits of its states"),
     (large(tables=np.broadcast_to(np.float32(0), MOST_FLOATS)), "numbers in its tables")],
    ids=["registers", "visits", "tables"],
)  # fmt: skip
def test_a_world_beyond_what_kernels_can_name_is_refused_by_what_is_large(world: WorldProgram, what: str) -> None:
    with pytest.raises(RunFailed, match=f"The world has .* {what}, .* use --backend numba"):
        staging.check_world_size(world)


@pytest.mark.parametrize("number", range(len(worlds())))
def test_instructions_are_those_of_the_world(number: int) -> None:
    world = worlds()[number].program
    op, registers, operands, flags = staging.instructions(world).astype(np.int64).T
    looked = op == LOOKUP
    assert np.array_equal(np.stack([op, registers >> 1 & 0x7FFF, registers >> 17 & 0x7FFF]), world.code[:, :3].T)
    assert np.array_equal(operands[~looked] >> 1 & 0x7FFF, world.code[~looked, 3])
    assert np.array_equal(operands[~looked] >> 17 & 0x7FFF, world.code[~looked, 4])
    ends = {*np.flatnonzero(looked), world.birth_end, world.show_end, len(op)}
    stops = [min(end for end in ends if end > place) for place in np.flatnonzero(~looked)]
    assert (flags[~looked] >> 4).tolist() == stops
    assert np.array_equal(flags[looked] >> 1, world.constants[world.code[looked, 4] - world.inputs])


# What would be noticed

FORESEEN = next(number for number, place in enumerate(worlds()) if place.program.afterstates)


def differs(library: Path) -> bool:
    """Whether one of 60 batches, a third of them with afterstates, comes out otherwise in either order of threads."""
    asked = [seed for seed in range(1000) if np.random.default_rng(seed).integers(len(worlds())) == FORESEEN]
    for seed, order in product((*range(40), *asked[:20]), (0, 1)):
        batch, outcomes = lived(seed)
        try:
            assert_same(act(HostDevice(library, order), *batch), outcomes)
        except AssertionError:
            return True
    return False


@lru_cache
def lived(seed: int) -> tuple[Batch, ActingOutcomes]:
    batch = random_acting_batch(seed)
    return batch, cpu.act(*batch)


@pytest.mark.slow
def test_without_a_planted_difference_there_is_none(cuda_on_host: Path) -> None:
    assert not differs(cuda_on_host)


PLANTS: dict[str, Callable[[str], str]] = {
    "a wrong row of a table": swap("now.b_c + held(", "now.b_c + 1 - 1 * held("),
    "a forbidden action": swap("const bool own = a.s.legals == 0 ||", "const bool own = true ||"),
    "a share too many": swap("if (v < total) break;", "if (v <= total * 0.5f) break;"),
    "no optimism": swap("w + b.optimism[l.genome] : w", "w : w"),
    "an end that is a cut": swap("over > 0.0f && !(done > 0.0f) ? 1.0f", "over > 0.0f ? 1.0f"),
    "memories that change too soon": swap("a.number(agent::NEXT + i) = out", "a.signal(lane::M1 + i) = out"),
    "what is intrinsic as a reward": swap("felt = felt + given(0)", "a.signal(lane::REWARD) = felt = felt + given(0)"),
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(PLANTS, 2))
def test_a_planted_difference_is_noticed(plant: str, tmp_path: Path) -> None:
    assert differs(compile_for_host(tmp_path, PLANTS[plant], ("-O0",)))


FIRST = "world.cuh"
BARRIERS = barriers("acting", FIRST)


@pytest.mark.slow
@pytest.mark.parametrize("number", some(range(len(BARRIERS)), 2))
def test_a_missing_barrier_is_noticed(number: int, tmp_path: Path) -> None:
    assert is_missed(BARRIERS[number], FIRST, __name__, tmp_path)
