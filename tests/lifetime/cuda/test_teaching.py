"""Students that are taught through the CUDA text, compiled for the host: the bits of the reference, however cut."""

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

from evometa.errors import ContractError
from evometa.lifetime.acting import ActingPlan
from evometa.lifetime.cuda.shared_memory import WIDTH
from evometa.lifetime.cuda.teaching import KERNEL, teach
from evometa.lifetime.numba.teaching import cpu
from evometa.lifetime.teaching import Answer, Classes, TeachingLives, TeachingOutcomes
from evometa.tasks.games import tictactoe
from tests.lifetime.cuda.barriers import barriers, is_missed
from tests.lifetime.host_device import HostDevice, compile_for_host
from tests.lifetime.students import random_students
from tests.lifetime.test_cuda import ROOM, swap
from tests.lifetime.test_parity import same_bits
from tests.lifetime.test_teaching import RULES, classes_of, end_game, lives_of, plan_of
from tests.properties import examples, some

Batch = tuple[Classes, TeachingLives, ActingPlan]
CLASSES: tuple[tuple[Answer, int, int], ...] = (
    ("favourite", 3, 60), ("drawn", 17, 60), ("favourite", WIDTH + 3, 60), ("favourite", 5, 120),
)  # answers, lanes, and where games begin; what the last one asks fits into one sweep  # fmt: skip


def assert_same(one: TeachingOutcomes, other: TeachingOutcomes) -> None:
    """Whether outcomes are equal bit for bit, NaN of any payload."""
    for name in ("results", "status", "lessons", "m"):
        assert same_bits(getattr(one, name), getattr(other, name)), name
    assert all(map(same_bits, one.weights or (), other.weights or ()))


@lru_cache
def taught(answer: Answer, lanes: int, place: int) -> tuple[Batch, TeachingOutcomes]:
    """Return students in the end of a game, and what they come to."""
    batch = classes_of(RULES, lanes), lives_of(end_game(place), lanes, 12, answer), plan_of(1, 5, 12)
    return batch, cpu.teach(*batch)


@pytest.mark.parametrize("some_class", CLASSES)
@pytest.mark.parametrize("order", range(3))
def test_host_equals_numba(cuda_on_host: Path, some_class: tuple[Answer, int, int], order: int) -> None:
    batch, expected = taught(*some_class)
    assert_same(teach(HostDevice(cuda_on_host, order, ROOM[order + 1], order + 1), *batch), expected)


@examples(12)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 3))
def test_random_students_are_those_of_numba(cuda_on_host: Path, seed: int, order: int, room: int, blocks: int) -> None:
    batch = random_students(seed)
    assert_same(teach(HostDevice(cuda_on_host, order, room, blocks), *batch), cpu.teach(*batch))


def test_the_whole_game_has_the_same_bits_too(cuda_on_host: Path) -> None:
    batch = classes_of(RULES[:2], 2), lives_of(tictactoe("canonical"), 2, 2), plan_of(2)
    assert_same(teach(HostDevice(cuda_on_host), *batch), cpu.teach(*batch))


def test_parts_change_no_bit(cuda_on_host: Path) -> None:
    batch, expected = taught(*CLASSES[0])
    device, heard = HostDevice(cuda_on_host), []
    device.most = 1
    assert_same(teach(device, *batch, progress=lambda *told: heard.append(told)), expected)
    assert [kernel for kernel, *_ in device.launched] == [KERNEL] * 3
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_who_is_unbeatable_is_taught_no_more(cuda_on_host: Path) -> None:
    game = end_game()
    perfect = replace(game, sound=game.legal)  # where nothing loses, nothing is wrong
    lives = replace(lives_of(game, 2, 4), game=perfect, candidates=game.losing.astype(np.int32))
    batch = classes_of(RULES[:1], 2), lives, plan_of(2, 4)
    found = teach(HostDevice(cuda_on_host), *batch)
    assert_same(found, cpu.teach(*batch))
    assert not found.result("lessons").any()


def test_what_is_not_finite_is_marked(cuda_on_host: Path) -> None:
    wild = {"lesson": "noise", "insist": "64", "update": "div(grad, w - w)*1e38 - exp(88)*exp(88)*grad"}
    batch = classes_of([wild], 2), lives_of(end_game(), 2, 4), plan_of(4)
    found = teach(HostDevice(cuda_on_host), *batch)
    assert found.status.tolist() == cpu.teach(*batch).status.tolist()
    assert found.status.any()


def test_its_door_is_closed_to_what_is_no_batch(cuda_on_host: Path) -> None:
    (classes, lives, plan), _ = taught(*CLASSES[0])
    with pytest.raises(ContractError):
        teach(HostDevice(cuda_on_host), classes, lives, replace(plan, policy="greedy"))


# What would be noticed


def differs(library: Path) -> bool:
    """Whether one of a few classes comes out otherwise in either order of threads."""
    for one, order in product(CLASSES, (0, 1)):
        batch, outcomes = taught(*one)
        try:
            assert_same(teach(HostDevice(library, order), *batch), outcomes)
        except AssertionError:
            return True
    return False


@pytest.mark.slow
def test_without_a_planted_difference_there_is_none(cuda_on_host: Path) -> None:
    assert not differs(cuda_on_host)


PLANTS: dict[str, Callable[[str], str]] = {
    "a blunder that is not one": swap("sound[choice] ? 0.0f : 1.0f", "legal[choice] ? 0.0f : 1.0f"),
    "the opponent's moves as its own": swap("const bool mine = g.ply[place] % 2 == role;", "const bool mine = false;"),
    "a wrong position": swap("g.numbers[(*offset + place) % t", "g.numbers[(*offset + 1) % t"),
    "the last candidate": swap("if (t.priority[i * WIDTH] > best) best", "if (t.priority[i * WIDTH] >= best) best"),
    "the first move": swap("t.favourite[place * WIDTH] == (float)i", "t.choice[place * WIDTH] == (float)i"),
    "lessons that are not forgotten": swap("taught ? 0.0f : t.fact(fact::SINCE", "t.fact(fact::SINCE"),
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(PLANTS, 1))
def test_a_planted_difference_is_noticed(plant: str, tmp_path: Path) -> None:
    assert differs(compile_for_host(tmp_path, PLANTS[plant], ("-O0",)))


FIRST = "examination.cuh"
BARRIERS = barriers("teaching", FIRST)


@pytest.mark.slow
@pytest.mark.parametrize("number", some(range(len(BARRIERS)), 2))
def test_a_missing_barrier_is_noticed(number: int, tmp_path: Path) -> None:
    assert is_missed(BARRIERS[number], FIRST, __name__, tmp_path)
