"""Batches through a device: however cut, and whatever memory there is, the same outcomes; schedules; places."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from evometa.errors import RunFailed
from evometa.lifetime import FIXED, Outcomes, columns, packing, reference
from evometa.lifetime.cuda import shape, streaming
from evometa.lifetime.cuda import shared_memory as placing
from evometa.lifetime.cuda.schedule import TILE, Schedules, levels_of
from tests.lifetime.host_device import HostDevice
from tests.lifetime.strategies import deep_batch, random_graph
from tests.lifetime.test_cuda import Batch
from tests.lifetime.test_parity import assert_same


@lru_cache
def small_batch(seed: int) -> tuple[Batch, Outcomes]:
    batch = deep_batch(seed)
    return batch, reference.live(*batch)


def large_batch(seed: int, copies: int) -> tuple[Batch, Outcomes]:
    """Return a deep batch with each learner several times in a random order, and its outcomes."""
    (phenotypes, tasks, births, plan), known = small_batch(seed)
    order = np.random.default_rng(seed).permutation(list(range(len(phenotypes))) * copies).tolist()
    weights = [known.weights[g] for g in order] if known.weights else None
    opened = None if known.opened is None else known.opened[order]
    outcomes = Outcomes(known.scores[:, order], known.status[order], weights, opened)
    return (phenotypes.take(order), tasks, births, plan), outcomes


class ShortOfMemory(HostDevice):
    """A device with so many bytes."""

    def __init__(self, library: Path, memory: int) -> None:
        super().__init__(library)
        self.memory, self.refused = memory, 0

    def room(self, side: int, name: str, size: int, clear: bool = False) -> int:
        self._check(side, name, size)
        return super().room(side, name, size, clear)

    def put(self, side: int, name: str, array: np.ndarray) -> int:
        self._check(side, name, array.nbytes)
        return super().put(side, name, array)

    def _check(self, side: int, name: str, size: int) -> None:
        used = sum(kept.nbytes for key, kept in self.buffers.items() if key != (side, name))
        if used + size > self.memory:
            self.refused += 1
            raise MemoryError(f"{size} bytes asked for, {self.memory - used} left")


@pytest.mark.parametrize("most", [1, 3, 5, 100])
def test_parts_change_nothing(cuda_on_host: Path, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SECONDS", 1e9)  # however slow this device is
    batch, expected = large_batch(1, 4)
    heard: list[tuple[int, int]] = []
    device = HostDevice(cuda_on_host)
    device.most = most
    assert_same(streaming.live(device, *batch, progress=lambda *told: heard.append(told)), expected)
    assert len(device.launched) == -(-12 // most)
    assert heard[-1] == (12, 12)


def test_the_first_part_is_small(cuda_on_host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, expected = large_batch(1, 4)
    monkeypatch.setattr(streaming, "FIRST", 2)
    monkeypatch.setattr(streaming, "SECONDS", 1e9)
    heard: list[int] = []
    assert_same(
        streaming.live(HostDevice(cuda_on_host), *batch, progress=lambda done, all: heard.append(done)), expected
    )
    assert heard == [2, 12]


def test_a_slow_device_gets_small_parts(cuda_on_host: Path) -> None:
    batch, expected = large_batch(1, 4)
    device = HostDevice(cuda_on_host)
    device.pace = 1.0
    assert_same(streaming.live(device, *batch), expected)
    assert len(device.launched) > 5
    assert device.pace > 1.0


@pytest.mark.parametrize("memory", [10_000_000, 320_000, 260_000, 200_000])
def test_short_of_memory_the_parts_are_halved(cuda_on_host: Path, memory: int) -> None:
    batch, expected = large_batch(3, 8)
    device = ShortOfMemory(cuda_on_host, memory)
    assert_same(streaming.live(device, *batch), expected)
    assert (device.refused > 0) == (memory < 1_000_000)
    fits = device.most
    assert_same(streaming.live(device, *batch), expected)
    assert device.most <= fits  # what did not fit is not tried again


def test_too_little_memory_for_one_genome_ends_the_run(cuda_on_host: Path) -> None:
    with pytest.raises(RunFailed, match=r"too small for the lifetimes of one genome.*--backend numba"):
        streaming.live(ShortOfMemory(cuda_on_host, 5_000), *deep_batch(3))


def test_a_lost_device_is_not_tried_again(cuda_on_host: Path) -> None:
    class Lost(HostDevice):
        def launch(self, *arguments: Any) -> None:
            raise RunFailed("The GPU stopped answering.")

    with pytest.raises(RunFailed, match="stopped answering"):
        streaming.live(Lost(cuda_on_host), *deep_batch(3))


@pytest.mark.parametrize("teams", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("blocks", [1, 50, 100_000])
def test_the_blocks_that_are_wanted_fit_beside_each_other(teams: int, blocks: int) -> None:
    class Card:
        multiprocessors, shared, shared_all = 132, 232_448, 233_472

    rows = shape.shared_rows(Card, blocks, teams)  # type: ignore[arg-type]
    wanted = min(max(1, shape.WARPS // teams), -(-blocks // 132))
    each = (rows + 1) * 4 * placing.WIDTH
    assert wanted * (each + shape.RESERVED) <= Card.shared_all
    assert each <= Card.shared
    assert wanted * (each + 4 * placing.WIDTH + shape.RESERVED) > Card.shared_all or wanted == 1


@pytest.mark.parametrize("seed", range(20))
def test_schedules_are_those_of_the_graph(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 3, int(rng.integers(0, 12)), 2, recurrent=bool(seed % 2), gated=True)
    forward = nx.DiGraph((int(s), int(d)) for s, d in zip(graph.src, graph.dst, strict=True) if s < d)
    forward.add_edges_from((before, node) for node in graph.grus for before in (node - 2, node - 1))
    made = Schedules([graph])
    start, levels, count, onward = made.columns[0, :4]
    order, begins = made.schedule[start:levels], made.schedule[levels : levels + count + 1]
    assert made.widest == np.diff(begins).max()
    assert sorted(order) == list(range(graph.inputs + 1, graph.nodes))
    assert (begins[0], begins[-1]) == (0, len(order))
    place = {int(node): level for level in range(len(begins) - 1) for node in order[begins[level] : begins[level + 1]]}
    assert all(place.get(s, -1) < place[d] for s, d in forward.edges)
    assert levels_of(graph).max() == (nx.dag_longest_path_length(forward) if forward.edges else 0)
    ends = made.onward[onward : onward + graph.nodes + 1]
    pairs = made.onward[onward + graph.nodes + 1 :][: 2 * ends[-1]].reshape(-1, 2)
    for node in range(graph.nodes):
        found = [tuple(pair) for pair in pairs[ends[node] : ends[node + 1]]]
        hidden = graph.inputs < node < graph.nodes - graph.outputs
        expected = [(e, d) for e, (s, d) in enumerate(zip(graph.src, graph.dst, strict=True)) if s == node and s < d]
        assert found == (sorted(expected, key=lambda pair: (-pair[1], pair[0])) if hidden else [])


@pytest.mark.parametrize("fixed", [0, 0.2, 1])
def test_tiles_cover_every_synapse_that_learns_once_and_evenly(fixed: float) -> None:
    rng = np.random.default_rng(5)
    graph = random_graph(rng, 30, 9, 4, recurrent=True)
    graph = replace(graph, traits=np.where(rng.random(graph.synapses) < fixed, FIXED, 0).astype(np.uint8))
    made = Schedules([graph])
    tiles = made.tiles[: made.columns[0, 5]]
    covered = [e for _, first, count in tiles for e in range(first, first + count)]
    assert covered == np.flatnonzero(graph.traits == 0).tolist()
    assert all((graph.dst[first : first + count] == node).all() for node, first, count in tiles)
    assert tiles[:, 2].max(initial=1) <= TILE
    for node in np.unique(tiles[:, 0]) if not fixed else ():
        assert np.ptp(tiles[tiles[:, 0] == node, 2]) <= 1


def test_schedules_of_many_are_those_of_each() -> None:
    rng = np.random.default_rng(0)
    graphs = [random_graph(rng, 3, int(rng.integers(0, 12)), 2, recurrent=bool(seed % 2)) for seed in range(30)]
    whole = Schedules(graphs)
    for graph, (schedule, levels, count, onward, tiles, tile_count) in zip(graphs, whole.columns, strict=True):
        one = Schedules([graph])
        assert one.columns[0].tolist() == [0, levels - schedule, count, 0, 0, tile_count]
        assert np.array_equal(
            whole.schedule[schedule : levels + count + 1], one.schedule[: levels - schedule + count + 1]
        )
        length = graph.nodes + 1 + 2 * one.onward[graph.nodes]
        assert np.array_equal(whole.onward[onward : onward + length], one.onward[:length])
        assert np.array_equal(whole.tiles[tiles : tiles + tile_count], one.tiles[:tile_count])


def test_regions_do_not_overlap_and_fill_shared_memory_first() -> None:
    phenotypes, _, births, plan = deep_batch(0)
    packed = packing.pack(phenotypes, births, placing.WIDTH)
    sizes = placing.region_sizes(packed.genomes, 4, plan.order.shape[1], 20)
    for rows in (0, 10, 300, 600, 100_000):
        offsets, shared, slot = placing.place(sizes, rows)
        assert shared <= rows * placing.WIDTH
        for g in range(len(phenotypes)):
            taken: dict[tuple[bool, int], str] = {}
            for region in placing.REGIONS:
                at, inside = int(offsets[region][g]), offsets[region][g] >= 0
                start = (at if inside else ~at) // placing.WIDTH
                for row in range(start, start + int(sizes[region][g])):
                    assert taken.setdefault((bool(inside), row), region) == region
                    assert (row + 1) * placing.WIDTH <= (shared if inside else slot)
        assert (slot == 0) == (rows == 100_000)


def test_a_program_with_too_many_registers_is_refused() -> None:
    phenotypes, _, births, plan = deep_batch(0)
    packed = packing.pack(phenotypes, births, placing.WIDTH)
    packed = packed._replace(genomes=packed.genomes.copy())
    packed.genomes[0, columns.TEMPORARIES] = placing.MOST_ROWS
    sizes = placing.region_sizes(packed.genomes, 4, plan.order.shape[1], 20)
    with pytest.raises(RunFailed, match="registers"):
        placing.place(sizes, 1000)


def test_a_network_beyond_the_kernels_offsets_is_refused() -> None:
    phenotypes, _, births, plan = deep_batch(0)
    packed = packing.pack(phenotypes, births, placing.WIDTH)
    sizes = placing.region_sizes(packed.genomes, 4, plan.order.shape[1], 20)
    sizes["W"][1] = placing.MOST_FLOATS // placing.WIDTH
    with pytest.raises(RunFailed, match=r"network\.hidden"):
        placing.place(sizes, 1000)
