"""Lanes are cut into pieces and joined again; each lane meets its own examples in its own order, however laid out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.lifetime import Plan, Tasks, in_all_lanes, lanes
from evometa.lifetime.lanes import Lanes, by_lanes, cut, in_order_met
from evometa.lifetime.packing import pack
from evometa.spec import CREDITS, HEADS
from tests.lifetime.strategies import random_batch
from tests.properties import examples

SEEDS = st.integers(0, 2**32 - 1)
WIDTHS = st.sampled_from([1, 3, 16, 32, 64])
EXAMPLES = ("support_x", "support_y", "query_x", "query_y")


def joined(pieces: Any, count: int) -> Any:
    """Undo `by_lanes`: [pieces, ..., width] → [..., L]."""
    whole = np.concatenate(list(pieces), axis=-1)
    return whole[..., :count]


@examples(80)
@given(st.integers(1, 130), WIDTHS, st.sampled_from([(), (2,), (2, 3)]))
def test_pieces_give_the_lanes_again(count: int, width: int, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(count).integers(0, 99, (*shape, count)).astype(np.int32)
    pieces = by_lanes(array, width)
    assert pieces.shape == (-(-count // width), *shape, width)
    assert pieces.dtype == array.dtype
    assert pieces.flags.c_contiguous
    assert np.array_equal(joined(pieces, count), array)
    padding = np.concatenate(list(pieces), axis=-1)[..., count:]
    assert (padding == array[..., -1:]).all()  # so that a kernel may compute with it


def test_a_shared_order_is_cut_without_being_written_out_first() -> None:
    order = in_all_lanes(np.arange(4, dtype=np.int32).reshape(2, 2), 5)
    assert np.array_equal(joined(by_lanes(order, 4), 5), order)


def examples_met(cut_up: Lanes, lane: int, width: int) -> list[tuple[list[float], list[float]]]:
    """Return the examples that a lane meets, by the kernel's layout."""
    piece, place = divmod(lane, width)
    order = cut_up.order[0, ..., 0] if cut_up.order.shape[-1] == 1 else cut_up.order[piece, ..., place]
    x, y = cut_up.support_x[piece, ..., place], cut_up.support_y[piece, ..., place]
    return [(x[example].tolist(), y[example].tolist()) for example in order.reshape(-1)]


def examples_due(tasks: Tasks, plan: Plan, lane: int) -> list[tuple[list[float], list[float]]]:
    """Return the examples that a lane must meet, by the contract."""
    x, y = tasks.support_x[..., lane], tasks.support_y[..., lane]
    return [(x[example].tolist(), y[example].tolist()) for example in plan.order[..., lane].reshape(-1)]


@pytest.mark.parametrize("most", [0, 1 << 30])
@examples(25)
@given(SEEDS, st.booleans(), st.sampled_from([2, 16, 64]))
def test_each_lane_meets_its_examples_in_its_order(most: int, seed: int, share: bool, width: int) -> None:
    _, tasks, _, plan = random_batch(seed)
    before, lanes.LAID_OUT = lanes.LAID_OUT, most
    try:
        found = cut(tasks, plan, width, share=share)
    finally:
        lanes.LAID_OUT = before
    assert len(found.support_x) == -(-tasks.lanes // width)
    for lane in range(tasks.lanes):
        assert examples_met(found, lane, width) == examples_due(tasks, plan, lane)
    for name in ("query_x", "query_y"):
        assert np.array_equal(joined(getattr(found, name), tasks.lanes), getattr(tasks, name))
    assert (found.head, found.credit) == (HEADS.code(plan.head), CREDITS.code(plan.credit))
    assert found.checkpoints.tolist() == plan.checkpoints.tolist()


@pytest.mark.parametrize("share", [False, True])
def test_only_a_kernel_that_knows_of_shared_orders_gets_one(share: bool) -> None:
    _, tasks, _, plan = random_batch(0)
    order = in_all_lanes(np.zeros((3, 2), np.int32), tasks.lanes)
    found = cut(tasks, replace(plan, order=order), 16, share=share)
    assert found.order.shape == ((1, 3, 2, 1) if share else (-(-tasks.lanes // 16), 3, 2, 16))


@examples(25)
@given(SEEDS)
def test_what_is_laid_out_is_the_same_lives(seed: int) -> None:
    _, tasks, _, plan = random_batch(seed)
    found, shared = in_order_met(tasks, plan)
    for lane in range(tasks.lanes):
        assert examples_due(found, shared, lane) == examples_due(tasks, plan, lane)
    assert replace(shared, order=plan.order).checkpoints is plan.checkpoints
    assert all(getattr(found, name) is getattr(tasks, name) for name in EXAMPLES[2:])


@pytest.mark.parametrize("updates", [0, 3])
def test_what_lanes_share_already_is_left_alone(updates: int) -> None:
    _, tasks, _, plan = random_batch(0)
    plan = replace(plan, order=in_all_lanes(np.zeros((updates, 2), np.int32), tasks.lanes))
    assert in_order_met(tasks, plan) == (tasks, plan)


@pytest.mark.parametrize("share", [False, True])
def test_only_what_nobody_can_change_is_cut_once(share: bool) -> None:
    _, tasks, _, plan = random_batch(0)
    assert cut(tasks, plan, 16, share=share) is not cut(tasks, plan, 16, share=share)
    first = cut(tasks, plan, 16, share=share).query_x.copy()
    tasks.query_x[:] += 1.0
    assert np.array_equal(cut(tasks, plan, 16, share=share).query_x, first + 1.0)
    for array in (plan.order, plan.checkpoints, *(getattr(tasks, name) for name in EXAMPLES)):
        array.flags.writeable = False
    once = cut(tasks, plan, 16, share=share)
    assert cut(tasks, plan, 16, share=share) is once
    assert cut(tasks, plan, 32, share=share).support_x.shape[-1] == 32
    shorter = replace(plan, checkpoints=plan.checkpoints[:1])
    assert cut(tasks, shorter, 16, share=share).checkpoints.tolist() == plan.checkpoints[:1].tolist()
    again = cut(tasks, plan, 16, share=share)
    assert all(np.array_equal(*pair) for pair in zip(again, once, strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_no_array_that_a_kernel_takes_is_read_only(seed: int) -> None:
    """Else kernels would be compiled once more for arrays of that type."""
    phenotypes, tasks, births, plan = random_batch(seed)
    for array in (phenotypes.coefficients, plan.checkpoints, *(getattr(tasks, name) for name in EXAMPLES)):
        array.flags.writeable = False
    rule = np.broadcast_to(phenotypes.coefficients[0], phenotypes.coefficients.shape)
    order = in_all_lanes(np.ascontiguousarray(plan.order[..., 0]), tasks.lanes)
    for numbers, wanted, width in ((phenotypes.coefficients, plan.order, 16), (rule, order, tasks.lanes)):
        taken = [*cut(tasks, replace(plan, order=wanted), width, share=True)[:6]]
        taken += pack(replace(phenotypes, coefficients=numbers), births, 16, 4)
        assert all(array.flags.writeable and array.flags.c_contiguous for array in taken)
