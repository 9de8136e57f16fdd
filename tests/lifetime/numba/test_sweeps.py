"""A sweep gives the sums of the obvious loop, in its order, for any number of examples, lanes and synapses."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.language.native import fmaf
from evometa.lifetime.numba import sweeps
from evometa.lifetime.numba.vector import LANES, address
from evometa.system.jit import njit
from tests.lifetime.test_parity import same_bits

GUARD = 3 * LANES
SEEDS = st.integers(0, 2**32 - 1)


@njit(error_model="numpy")
def net_input(arena: Any, src: Any, first: int, last: int, w: int, act: int, out: int, streams: int, count: int,
              width: int) -> None:  # fmt: skip
    sweeps.net_input(address(arena), address(src), first, last, w, act, out, streams, count, width)


@njit(error_model="numpy")
def gradients(arena: Any, src: Any, first: int, last: int, act: int, err: int, grad: int, streams: int, count: int,
              width: int) -> None:  # fmt: skip
    sweeps.gradients(address(arena), address(src), first, last, act, err, grad, streams, count, width)


@njit(error_model="numpy")
def backward(arena: Any, src: Any, first: int, last: int, back: int, err: int, out: int, low: int, high: int,
             streams: int, count: int, width: int) -> None:  # fmt: skip
    sweeps.backward(address(arena), address(src), first, last, back, err, out, low, high, streams, count, width)


@njit(error_model="numpy")
def take(arena: Any, source: Any, first: int, rows: int, streams: int, i: int, width: int) -> None:
    sweeps.take(address(arena), GUARD, address(source), first, rows, streams, i, width)


@njit(error_model="numpy")
def take_own(arena: Any, source: Any, first: int, chosen: Any, rows: int, streams: int, i: int, width: int) -> None:
    sweeps.take_own(address(arena), GUARD, address(source), first, address(chosen), rows, streams, i, width)


@njit(error_model="numpy")
def fill(arena: Any, start: int, count: int) -> None:
    sweeps.fill(address(arena), start, count, np.float32(0.1))


@njit(error_model="numpy")
def copy(arena: Any, target: int, source: int, count: int) -> None:
    sweeps.copy(address(arena), target, source, count)


class Net(NamedTuple):
    """An arena of weights f32[E, width], activations and errors f32[N, streams, width], one guard before, one after.

    Synapses `first` to `last` enter one node, from anywhere; only `count` of the streams hold examples.
    """

    arena: np.ndarray
    src: np.ndarray
    first: int
    last: int
    nodes: int
    streams: int
    count: int
    width: int

    @property
    def w(self) -> int:
        return GUARD

    @property
    def act(self) -> int:
        return self.w + len(self.src) * self.width

    @property
    def err(self) -> int:
        return self.act + self.nodes * self.streams * self.width

    def weights(self, arena: np.ndarray) -> np.ndarray:
        return arena[self.w : self.act].reshape(len(self.src), self.width)

    def rows(self, arena: np.ndarray, start: int) -> np.ndarray:
        end = start + self.nodes * self.streams * self.width
        return arena[start:end].reshape(self.nodes, self.streams, self.width)


def random_net(seed: int) -> Net:
    """Return a net of random size, in which some numbers are special."""
    rng = np.random.default_rng(seed)
    count, width, nodes = int(rng.integers(1, 13)), LANES * int(rng.integers(1, 5)), int(rng.integers(2, 7))
    streams, synapses = count + int(rng.integers(0, 3)), int(rng.integers(1, 9))
    src = rng.integers(0, nodes, synapses).astype(np.int32)
    first, last = sorted(rng.integers(0, synapses + 1, 2).tolist())
    size = 2 * GUARD + synapses * width + 2 * nodes * streams * width
    arena = (rng.standard_normal(size) * 10.0 ** rng.uniform(-25, 12, size)).astype(np.float32)
    arena[rng.random(size) < 0.02] = rng.choice(np.array([0, -0.0, 1e-45, np.inf, np.nan], np.float32))
    return Net(arena, src, first, last, nodes, streams, count, width)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_net_input_is_the_sum_over_synapses_in_their_order(seed: int) -> None:
    net = random_net(seed)
    expected, node = net.arena.copy(), net.nodes - 1
    act, out, w = net.rows(expected, net.act), net.rows(expected, net.err), net.weights(expected)
    with np.errstate(all="ignore"):
        for k in range(net.count):
            out[node, k] = 0
            for e in range(net.first, net.last):
                out[node, k] = fmaf(w[e], act[net.src[e], k], out[node, k])
        place = net.err + node * net.streams * net.width
        net_input(net.arena, net.src, net.first, net.last, net.w, net.act, place, net.streams, net.count, net.width)
    assert same_bits(net.arena, expected)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_gradients_are_sums_over_examples_in_their_order(seed: int) -> None:
    net = random_net(seed)
    expected, node = net.arena.copy(), net.nodes - 1
    act, err, grad = net.rows(expected, net.act), net.rows(expected, net.err), net.weights(expected)
    with np.errstate(all="ignore"):
        for e in range(net.first, net.last):
            grad[e] = 0
            for k in range(net.count):
                grad[e] = fmaf(err[node, k], act[net.src[e], k], grad[e])
        place = net.err + node * net.streams * net.width
        gradients(net.arena, net.src, net.first, net.last, net.act, place, net.w, net.streams, net.count, net.width)
    assert same_bits(net.arena, expected)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_errors_flow_back_to_hidden_sources_alone(seed: int) -> None:
    net = random_net(seed)
    low, high = sorted(np.random.default_rng(seed).integers(0, net.nodes, 2).tolist())
    expected, node = net.arena.copy(), net.nodes - 1
    err, out, back = net.rows(expected, net.err), net.rows(expected, net.act), net.weights(expected)
    with np.errstate(all="ignore"):
        for e in range(net.first, net.last):
            for k in range(net.count):
                if low <= net.src[e] < high:
                    out[net.src[e], k] = fmaf(back[e], err[node, k], out[net.src[e], k])
        place = net.err + node * net.streams * net.width
        backward(net.arena, net.src, net.first, net.last, net.w, place, net.act, low, high, net.streams, net.count,
                 net.width)  # fmt: skip
    assert same_bits(net.arena, expected)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.booleans())
def test_examples_are_put_in_their_place(seed: int, own: bool) -> None:
    """All lanes take one example, or each its own; rows of other examples stay as they were."""
    rng = np.random.default_rng(seed)
    width, rows, streams = LANES * int(rng.integers(1, 4)), int(rng.integers(1, 5)), int(rng.integers(1, 4))
    support, i = int(rng.integers(1, 6)), int(rng.integers(0, streams))
    examples = rng.standard_normal((support, rows, width)).astype(np.float32)
    chosen = rng.integers(0, support, width).astype(np.int32) if own else np.full(width, rng.integers(support))
    arena = np.full(2 * GUARD + rows * streams * width, -1, np.float32)
    expected = arena.copy()
    places = expected[GUARD:-GUARD].reshape(rows, streams, width)
    places[:, i] = np.take_along_axis(examples, chosen[None, None].astype(np.int64), axis=0)[0]
    if own:
        take_own(arena, examples.reshape(-1), 0, chosen, rows, streams, i, width)
    else:
        take(arena, examples.reshape(-1), int(chosen[0]) * rows * width, rows, streams, i, width)
    assert np.array_equal(arena, expected)


@pytest.mark.parametrize("count", [0, LANES, 5 * LANES])
def test_fill_and_copy_write_so_many_floats(count: int) -> None:
    arena = np.arange(20 * LANES, dtype=np.float32)
    expected = arena.copy()
    expected[2 * LANES : 2 * LANES + count] = expected[10 * LANES : 10 * LANES + count]
    copy(arena, 2 * LANES, 10 * LANES, count)
    assert np.array_equal(arena, expected)
    expected[10 * LANES : 10 * LANES + count] = np.float32(0.1)
    fill(arena, 10 * LANES, count)
    assert np.array_equal(arena, expected)
