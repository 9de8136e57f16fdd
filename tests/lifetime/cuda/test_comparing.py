"""Heads that compare by the CUDA text, compiled for the host: the reference's bits, and no more room than they need."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Metric, reference
from evometa.lifetime.cuda import comparing as rooms
from evometa.lifetime.cuda import streaming
from evometa.lifetime.cuda.comparing import ALONE, Comparing
from evometa.lifetime.cuda.shared_memory import REGIONS, WIDTH, region_sizes
from evometa.lifetime.lanes import cut
from evometa.lifetime.numba import cpu
from evometa.lifetime.packing import pack
from tests.lifetime.comparisons import comparing, comparing_batch, wide_batch
from tests.lifetime.host_device import HostDevice
from tests.lifetime.strategies import LONG, asked_batch
from tests.lifetime.test_cuda import ROOM
from tests.lifetime.test_parity import assert_same
from tests.properties import examples

ONE = np.ones(1, np.int64)
SOLVED = ("WEIGHTS", "FACTOR", "DUAL", "DUAL_BAR", "DUAL_WAY", "KEY_BAR_WAY", "DUAL_BAR_WAY")


@examples(40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4))
def test_host_equals_reference(cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int) -> None:
    batch = comparing_batch(seed)
    assert_same(streaming.live(HostDevice(cuda_on_host, order, shared, blocks), *batch), reference.live(*batch))


@pytest.mark.parametrize("seed", range(6))
def test_wide_embeddings_and_large_support_sets_are_compared(cuda_on_host: Path, seed: int) -> None:
    batch = wide_batch(seed)
    assert_same(streaming.live(HostDevice(cuda_on_host, seed % 3, ROOM[seed % 4]), *batch), reference.live(*batch))


@LONG
@pytest.mark.parametrize("seed", range(4))
def test_host_equals_numba_where_batches_are_compared(cuda_on_host: Path, seed: int) -> None:
    batch = comparing(asked_batch(seed, deep=True), seed)
    assert_same(streaming.live(HostDevice(cuda_on_host, seed % 3, ROOM[seed % 4]), *batch), cpu.live(*batch))


def test_what_is_not_compared_takes_no_room() -> None:
    assert not any(rows.any() for rows in ALONE.sizes(7 * ONE, 5, 20).values())
    phenotypes, *_ = comparing_batch(0)
    sizes = region_sizes(pack(phenotypes, None, WIDTH).genomes, 4, 5, 20)
    assert not any(sizes[name].any() for name in rooms.REGIONS)
    assert set(rooms.REGIONS) < set(REGIONS)


def test_each_region_has_the_rows_that_it_needs() -> None:
    """Of 3 ways, 30 support examples and 7 dimensions; updates of 5 examples, sweeps of 20."""
    classes = {name: int(rows[0]) for name, rows in Comparing(3, 30, True, True).sizes(7 * ONE, 5, 20).items()}
    assert (classes["OUTPUT"], classes["QUERY_OUTPUT"], classes["COUNTS"]) == (3 * 5, 3 * 20, 2 * 3)
    assert (classes["NEAR"], classes["KEYS"], classes["KEY_BAR"], classes["UNIT"]) == (3 * 20, 7 * 3, 7 * 3, 0)
    assert classes["PARTS"] == classes["TOTALS"] == classes["Z_WAY"] == classes["BENT"] == 0
    assert (classes["KEY_WAY"], classes["G_BAR"]) == (7 * 3, 3 * 5)
    each = {name: int(rows[0]) for name, rows in Comparing(3, 30, False, False).sizes(7 * ONE, 5, 20).items()}
    assert each["NEAR"] == each["PARTS"] == 30 * 20
    assert (each["KEYS"], each["KEY_BAR"], each["UNIT"], each["TOTALS"]) == (7 * 30, 7 * 30, 7 * 20, 3 * 20)
    assert (each["KEY_WAY"], each["G_BAR"], each["BENT"], each["Z_WAY"]) == (0, 5 * 5, 5 * 5, 3 * 5)
    assert not any(rows[name] for rows in (classes, each) for name in SOLVED)
    solved = {name: int(rows[0]) for name, rows in Comparing(3, 30, True, True, True).sizes(7 * ONE, 5, 20).items()}
    assert [solved[name] for name in SOLVED] == [7 * 3, 30 * 30, 30 * 3, 30 * 3, 5 * 3, 7 * 3, 5 * 3]
    assert (solved["KEYS"], solved["KEY_BAR"], solved["NEAR"], solved["PARTS"]) == (7 * 30, 7 * 3, 3 * 20, 0)


def test_how_lives_compare_is_read_off_their_plan() -> None:
    _, tasks, _, plan = comparing_batch(0)
    ways, support = tasks.support_y.shape[1], len(tasks.support_x)
    for head, metric in (("prototype", Metric()), ("matching", Metric(norm_by=2)), ("ridge", Metric())):
        found = Comparing.of(cut(tasks, replace(plan, head=head, metric=metric), WIDTH))
        assert found == Comparing(ways, support, head != "matching", metric.plain, head == "ridge")
    assert Comparing.of(cut(tasks, replace(plan, head="linear"), WIDTH)) == ALONE


def test_lives_without_errors_have_no_room_for_them() -> None:
    phenotypes, tasks, _, plan = comparing_batch(0)
    rule = compile_rule({"update": parse("-0.1*w")})
    phenotypes = replace(phenotypes, programs=[rule] * len(phenotypes.programs))
    compares = Comparing.of(cut(tasks, plan, WIDTH))
    sizes = region_sizes(pack(phenotypes, None, WIDTH).genomes, 4, 5, 20, compares=compares)
    assert not any(sizes[name].any() for name in rooms.ERRORS)
    assert sizes["OUTPUT"].all()
