"""How a launch is cut: long lives first, as few teams as fill the device, fewer blocks where memory is short."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.lifetime.columns import CODE_END, SYNAPSES
from evometa.lifetime.cuda.device import BATCH
from evometa.lifetime.cuda.launch import blocks_of, lifetime_work, work_items
from evometa.lifetime.cuda.schedule import Schedules
from evometa.lifetime.cuda.shape import BLOCK, TEAMS, WARPS, Shape, choose_shape, shared_rows
from evometa.lifetime.cuda.shared_memory import HOT, WIDTH, region_sizes
from evometa.lifetime.lanes import Lanes, cut
from evometa.lifetime.packing import Packed, pack
from tests.lifetime.strategies import deep_batch
from tests.properties import examples


class Card:
    """A device that only says how large it is, and has so many bytes of memory."""

    def __init__(self, multiprocessors: int = 4, shared: int = 100_000, memory: int = 1 << 40, held: int = 64) -> None:
        self.multiprocessors, self.shared, self.shared_all = multiprocessors, shared, 2 * shared
        self.memory, self.held = memory, held
        self.asked: list[int] = []

    def room(self, side: int, name: str, size: int, clear: bool = False) -> int:
        self.asked.append(size)
        if size > self.memory:
            raise MemoryError(name)
        return len(self.asked)

    def resident(self, kernel: str, teams: int, shared: int) -> int:
        return self.held


def prepared(seed: int, copies: int = 1) -> tuple[Packed, Schedules, Any, Lanes]:
    """Return a deep batch as the launcher has it, each genome several times."""
    phenotypes, tasks, births, plan = deep_batch(seed)
    phenotypes = phenotypes.take(list(range(len(phenotypes))) * copies)
    schedules = Schedules(phenotypes.graphs)
    columns = schedules.columns[phenotypes.graph]
    return pack(phenotypes, births, WIDTH), schedules, columns, cut(tasks, plan, WIDTH)


def shape_of(card: Card, packed: Packed, schedules: Schedules, columns: Any, pieces: int, lanes: Lanes) -> Shape:
    """Return how a launch of lives is cut."""

    def sizes_of(teams: int, block: int) -> dict[str, Any]:
        return region_sizes(packed.genomes, teams, lanes.order.shape[2], block)

    items = len(packed.genomes) * pieces
    return choose_shape(card, items, schedules, columns, lanes, sizes_of, HOT)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("pieces", [1, 3])
def test_every_life_is_an_item_and_long_ones_come_first(seed: int, pieces: int) -> None:
    packed, _, _, lanes = prepared(seed, copies=3)
    items = work_items(packed, pieces, lanes)
    assert sorted(map(tuple, items.tolist())) == [(g, piece) for g in range(9) for piece in range(pieces)]
    work = [float(m[SYNAPSES] * lifetime_work(lanes, m[CODE_END])) for m in packed.genomes[items[:, 0]]]
    assert work == sorted(work, reverse=True)


def test_work_counts_updates_and_questions() -> None:
    def lives(checkpoints: list[int], batch: int = 2, queries: int = 10, ways: int = 0) -> Any:
        points, support = np.array(checkpoints), np.zeros((1, 7, 1, 1))
        return SimpleNamespace(order=np.zeros((1, 9, batch, 1)), checkpoints=points, answers=len(points) * queries,
                               support_x=support, ways=ways)  # fmt: skip

    assert lifetime_work(lives([0]), 5) == 2 * 10
    assert lifetime_work(lives([0, 4]), 5) == 4 * 2 * (6 + 5) + 2 * 2 * 10
    assert lifetime_work(lives([4], batch=6, queries=1), 0) == 4 * 6 * 6 + 2
    assert lifetime_work(lives([9]), np.array([1, 2])).shape == (2,)
    assert lifetime_work(lives([0, 4], ways=3), 5) == lifetime_work(lives([0, 4]), 5) + 2 * 2 * 7  # embedded each time


@examples(60)
@given(st.integers(0, 9), st.sampled_from([1, 4, 132, 10_000]), st.sampled_from([4_000, 30_000, 200_000]))
def test_a_shape_is_one_that_the_kernels_have(seed: int, multiprocessors: int, shared: int) -> None:
    packed, schedules, columns, lanes = prepared(seed)
    card = Card(multiprocessors, shared)
    shape = shape_of(card, packed, schedules, columns, 2, lanes)
    assert shape.teams in TEAMS
    assert shape.block == min(BLOCK, lanes.most)
    assert shape.rows >= 0
    assert 4 * WIDTH * (shape.rows + 1) <= max(shared, 4 * WIDTH)
    batch = lanes.order.shape[2]
    fewer = [teams for teams in TEAMS if teams < shape.teams and teams >= WARPS * multiprocessors / 6]
    for teams in fewer:  # that would fill the device, but do not keep what is hot in shared memory
        sizes = region_sizes(packed.genomes, teams, batch, shape.block)
        hot = np.sum([sizes[region] for region in HOT], axis=0).max()
        assert hot > shared_rows(card, 6, teams)  # type: ignore[arg-type]


def test_few_lives_are_shared_by_many_teams_and_many_by_one() -> None:
    few, many = prepared(0), prepared(0, copies=400)
    assert shape_of(Card(132), *few[:3], 2, few[3]).teams > 1
    assert shape_of(Card(132), *many[:3], 2, many[3]).teams == 1


@pytest.mark.parametrize("items, held, expected", [(3, 64, 3), (500, 64, 64), (500, 0, 1)])
def test_as_many_blocks_as_there_is_work_and_room_for(items: int, held: int, expected: int) -> None:
    batch, card = np.zeros(1, BATCH), Card(held=held)
    batch["item_count"] = items
    assert blocks_of(batch, card, 0, "evometa_live", 2, 100, 1000) == expected  # type: ignore[arg-type]
    assert card.asked[-1] == 4 * 1000 * expected
    assert batch["slot"][0] == 1000


def test_where_memory_is_short_blocks_are_halved_down_to_one() -> None:
    batch = np.zeros(1, BATCH)
    batch["item_count"] = 50
    card = Card(memory=4 * 1000 * 13)
    assert blocks_of(batch, card, 0, "evometa_live", 2, 100, 1000) == 12  # type: ignore[arg-type]
    assert [size // 4000 for size in card.asked[1:]] == [50, 25, 12]
    with pytest.raises(MemoryError):
        blocks_of(batch, Card(memory=100), 0, "evometa_live", 2, 100, 1000)  # type: ignore[arg-type]
