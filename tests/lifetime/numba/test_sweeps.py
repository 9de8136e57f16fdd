"""A sweep gives the sums of the obvious loop, in its order, for any number of examples, lanes and synapses."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.native import fmaf
from evometa.lifetime.numba import sweeps
from evometa.lifetime.numba.vector import LANES, address
from evometa.system.jit import njit
from tests.lifetime.test_parity import same_bits
from tests.properties import examples

GUARD = 3 * LANES
SEEDS = st.integers(0, 2**32 - 1)


@njit(error_model="numpy")
def net_inputs(arena: Any, ptr: Any, src: Any, begin: int, end: int, w: int, hop: int, act: int, streams: int,
               count: int, width: int) -> None:  # fmt: skip
    sweeps.net_inputs(address(arena), address(ptr), address(src), begin, end, w, hop, act, streams, count, width)


@njit(error_model="numpy")
def gradients(arena: Any, ptr: Any, src: Any, begin: int, end: int, act: int, err: int, grad: int, streams: int,
              count: int, width: int) -> None:  # fmt: skip
    sweeps.gradients(address(arena), address(ptr), address(src), begin, end, act, err, grad, streams, count, width)


@njit(error_model="numpy")
def backward(arena: Any, ends: Any, pairs: Any, begin: int, end: int, back: int, err: int, streams: int, count: int,
             width: int) -> None:  # fmt: skip
    sweeps.backward(address(arena), address(ends), address(pairs), begin, end, back, err, streams, count, width)


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

    Synapses enter nodes `begin` to `end`, or leave them, from or to any others; only `count` of the streams hold
    examples.
    """

    arena: np.ndarray
    ptr: np.ndarray
    src: np.ndarray
    begin: int
    end: int
    nodes: int
    streams: int
    count: int
    width: int

    @property
    def w(self) -> int:
        return GUARD

    @property
    def act(self) -> int:
        return self.w + int(self.ptr[-1]) * self.width

    @property
    def err(self) -> int:
        return self.act + self.nodes * self.streams * self.width

    def weights(self, arena: np.ndarray) -> np.ndarray:
        return arena[self.w : self.act].reshape(-1, self.width)

    @property
    def ends(self) -> list[tuple[int, int, int]]:
        """A node of the range, the synapse, and the node at its other end, one by one in their order."""
        spans = ((node, range(self.ptr[node], self.ptr[node + 1])) for node in range(self.begin, self.end))
        return [(node, e, int(self.src[e])) for node, span in spans for e in span]

    def rows(self, arena: np.ndarray, start: int) -> np.ndarray:
        end = start + self.nodes * self.streams * self.width
        return arena[start:end].reshape(self.nodes, self.streams, self.width)


def random_sources(rng: np.random.Generator, nodes: int, begin: int, end: int) -> list[np.ndarray]:
    """Return what each node reads, ascending and none twice: nodes before `begin` and from `end` on, or nothing.

    In half of all nets most nodes read the same as the one before, as those of layers do: a constant, and neighbours.
    """
    others, rows, layers = np.append(np.arange(begin), np.arange(end, nodes)), [], rng.random() < 0.5
    for node in range(nodes):
        if layers and begin < node < end and rng.random() < 0.8:
            rows.append(rows[-1])
            continue
        fan = int(rng.integers(0, min(9, len(others) + 1))) if begin <= node < end else 0
        row = rng.permutation(others)[:fan]
        if layers and fan > 1:
            low = int(rng.integers(0, len(others) - fan + 1))
            row = np.append(others[int(rng.integers(low + 1))], others[low + 1 : low + fan])
        rows.append(np.sort(row))
    return rows


def random_net(seed: int) -> Net:
    """Return a net of random size, in which some numbers are special."""
    rng = np.random.default_rng(seed)
    count, width, nodes = int(rng.integers(1, 13)), LANES * int(rng.integers(1, 5)), int(rng.integers(2, 13))
    streams, (begin, end) = count + int(rng.integers(0, 3)), sorted(rng.integers(0, nodes, 2).tolist())
    rows = random_sources(rng, nodes, begin, end)
    fans, src = [len(row) for row in rows], np.concatenate([*rows, np.zeros(0)]).astype(np.int32)
    synapses = len(src)
    size = 2 * GUARD + synapses * width + 2 * nodes * streams * width
    arena = (rng.standard_normal(size) * 10.0 ** rng.uniform(-25, 12, size)).astype(np.float32)
    arena[rng.random(size) < 0.02] = rng.choice(np.array([0, -0.0, 1e-45, np.inf, np.nan], np.float32))
    ptr = np.append(0, np.cumsum(fans)).astype(np.int32)
    return Net(arena, ptr, np.append(src, np.int32(0)), begin, end, nodes, streams, count, width)


@examples(120)
@given(SEEDS, st.booleans())
def test_net_inputs_are_sums_over_synapses_in_their_order(seed: int, shared: bool) -> None:
    """Each lane has weights of its own, or all share them."""
    net = random_net(seed)
    expected, hop = net.arena.copy(), 1 if shared else net.width
    act, w = net.rows(expected, net.act), net.weights(expected)
    if shared:
        w = np.repeat(net.arena[net.w : net.w + len(w), None], net.width, axis=1)
    with np.errstate(all="ignore"):
        act[net.begin : net.end, : net.count] = 0
        for node, e, source in net.ends:
            for k in range(net.count):
                act[node, k] = fmaf(w[e], act[source, k], act[node, k])
        net_inputs(net.arena, net.ptr, net.src, net.begin, net.end, net.w, hop, net.act, net.streams, net.count,
                   net.width)  # fmt: skip
    assert same_bits(net.arena, expected)


@examples(60)
@given(SEEDS)
def test_gradients_are_sums_over_examples_in_their_order(seed: int) -> None:
    net = random_net(seed)
    expected = net.arena.copy()
    act, err, grad = net.rows(expected, net.act), net.rows(expected, net.err), net.weights(expected)
    with np.errstate(all="ignore"):
        for node, e, source in net.ends:
            grad[e] = 0
            for k in range(net.count):
                grad[e] = fmaf(err[node, k], act[source, k], grad[e])
        gradients(net.arena, net.ptr, net.src, net.begin, net.end, net.act, net.err, net.w, net.streams, net.count,
                  net.width)  # fmt: skip
    assert same_bits(net.arena, expected)


@examples(60)
@given(SEEDS)
def test_errors_are_sums_over_ways_onward_in_their_order(seed: int) -> None:
    net = random_net(seed)
    expected, rng = net.arena.copy(), np.random.default_rng(seed)
    err, back = net.rows(expected, net.err), net.weights(expected)
    number = rng.permutation(net.ptr[-1]).astype(np.int32)  # synapses that leave a node lie anywhere
    pairs = np.append(np.stack([number, net.src[:-1]], axis=1).ravel(), np.int32(0))
    with np.errstate(all="ignore"):
        err[net.begin : net.end, : net.count] = 0
        for node, i, target in net.ends:
            for k in range(net.count):
                err[node, k] = fmaf(back[number[i]], err[target, k], err[node, k])
        backward(net.arena, net.ptr, pairs, net.begin, net.end, net.w, net.err, net.streams, net.count, net.width)
    assert same_bits(net.arena, expected)


@examples(30)
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
