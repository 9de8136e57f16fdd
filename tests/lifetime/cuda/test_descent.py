"""Gradients of lifetimes by the CUDA text, compiled for the host: the same bits as the reference and Numba."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import RunFailed
from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import NONE, reference_descent
from evometa.lifetime.cuda import descent, tape
from evometa.lifetime.cuda.shared_memory import REGIONS, WIDTH
from evometa.lifetime.numba.descent import cpu
from evometa.lifetime.packing import pack
from tests.lifetime.comparisons import comparing, comparing_batch, wide_batch
from tests.lifetime.cuda.test_streaming import ShortOfMemory
from tests.lifetime.host_device import HostDevice
from tests.lifetime.numba.test_descent import arguments, assert_same, population
from tests.lifetime.strategies import LONG, asked_batch, deep_batch, random_batch, sparse_batch
from tests.lifetime.test_cuda import ROOM
from tests.properties import examples

SEEDS = st.integers(0, 2**32 - 1)


@examples(60)
@given(SEEDS, st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4), st.integers(0, 3))
def test_host_equals_reference(
    cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int, length: int
) -> None:
    given, device = arguments(asked_batch(seed), seed), HostDevice(cuda_on_host, order, shared, blocks)
    assert_same(descent.descend(device, *given, length=length), reference_descent.descend(*given))


@examples(25)
@given(SEEDS, st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4), st.integers(0, 3))
def test_slopes_of_what_compares_are_those_of_the_reference(
    cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int, length: int
) -> None:
    given, device = arguments(comparing_batch(seed), seed), HostDevice(cuda_on_host, order, shared, blocks)
    assert_same(descent.descend(device, *given, length=length), reference_descent.descend(*given))


@LONG
@pytest.mark.parametrize("seed", range(6))
def test_slopes_of_wide_embeddings_are_those_of_the_reference(cuda_on_host: Path, seed: int) -> None:
    given, device = arguments(wide_batch(seed), seed), HostDevice(cuda_on_host, seed % 3, ROOM[seed % 4])
    assert_same(descent.descend(device, *given), reference_descent.descend(*given))


@LONG
@pytest.mark.parametrize("seed", range(2))
def test_host_equals_numba_where_batches_are_compared(cuda_on_host: Path, seed: int) -> None:
    given = arguments(comparing(deep_batch(seed), seed), seed)
    assert_same(descent.descend(HostDevice(cuda_on_host), *given), cpu.descend(*given))


@LONG
@pytest.mark.parametrize("make", [deep_batch, sparse_batch])
@pytest.mark.parametrize("seed", range(3))
def test_host_equals_numba_in_large_networks(cuda_on_host: Path, seed: int, make: Any) -> None:
    given = arguments(make(seed), seed)
    device = HostDevice(cuda_on_host, seed % 3, ROOM[seed])
    assert_same(descent.descend(device, *given), cpu.descend(*given))


@LONG
def test_long_lives_are_lived_again_in_parts(cuda_on_host: Path) -> None:
    given = population(1, 25)
    device = HostDevice(cuda_on_host)
    assert_same(descent.descend(device, *given), cpu.descend(*given))
    kept = device.buffers[1, "arena"].nbytes
    descent.descend(device, *given, length=25)
    assert kept < device.buffers[1, "arena"].nbytes / 2


@pytest.mark.parametrize("seed", range(2))
def test_genomes_go_through_in_parts_that_fit(cuda_on_host: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    phenotypes, *others, weights, losses, order = arguments(deep_batch(seed), seed)
    places = np.random.default_rng(seed).permutation(list(range(len(phenotypes))) * 3)
    given = phenotypes.take(places.tolist()), *others, weights[places], losses, order
    device, heard = HostDevice(cuda_on_host), list[tuple[int, int]]()
    device.most = 2
    monkeypatch.setattr(descent, "SUMS", 1 << 13)
    found = descent.descend(device, *given, progress=lambda *done: heard.append(done))
    assert_same(found, reference_descent.descend(*given))
    assert heard[-1] == (len(places), len(places))
    assert len(heard) > 4


def test_a_device_too_small_for_one_genome_is_said_to_be_so(cuda_on_host: Path) -> None:
    given = population(2, 3)
    with pytest.raises(RunFailed, match="memory is too small"):
        descent.descend(ShortOfMemory(cuda_on_host, 100_000), *given)
    device = ShortOfMemory(cuda_on_host, 600_000)
    assert_same(descent.descend(device, *given), reference_descent.descend(*given))
    assert device.refused


def sizes_of(phenotypes: Any, adjoints: Any, losses: Any, order: int = 2, **more: int) -> dict[str, Any]:
    """Return the rows of every region of these genomes."""
    packed = pack(phenotypes, None, WIDTH)
    with_adjoints = descent.with_adjoints(packed, phenotypes, adjoints, losses)
    shape = {"teams": 2, "batch": 3, "block": 5, "length": 4, "parts": 3} | more
    return tape.sizes_of(packed, with_adjoints, **shape, order=order)


def test_each_region_of_the_tape_has_the_rows_that_it_needs() -> None:
    phenotypes, _, _, plan, adjoints, _ = population(1, 2)
    graph = phenotypes.graphs[0]
    rows = {name: int(each[0]) for name, each in sizes_of(phenotypes, adjoints, ()).items()}
    assert set(tape.REGIONS) <= rows.keys()
    assert set(REGIONS) < set(tape.REGIONS)
    assert len(set(tape.REGIONS)) == len(tape.REGIONS)
    assert rows["TAPE_W"] == rows["TAPE_S1"] == (4 + 3) * graph.synapses
    assert rows["TAPE_S2"] == rows["BAR_S2"] == rows["LOSS_SHARES"] == rows["W0_BAR"] == 0
    assert rows["TAPE_ACT"] == 3 * graph.nodes * 5
    assert rows["TAPE_ERR"] == rows["TAPE_CAME"] == 3 * graph.nodes * 4
    assert rows["SHARES"] == rows["H"] == graph.synapses  # c0
    assert rows["P_BAR"] == 4 * graph.synapses
    assert plan.order.shape[0] == 2


def test_what_learning_senses_has_shares_in_the_second_order_alone() -> None:
    single = next(batch for batch in map(random_batch, range(99)) if batch[3].order.shape[1] == 1)
    rule = compile_rule({"update": parse("c0*pre*err + c1*post + reward")})
    people = replace(
        single[0], programs=[rule] * len(single[0].programs), losses=[], loss=np.full_like(single[0].loss, NONE)
    )
    rows = [sizes_of(people, [adjoint_of(rule)] * len(people.programs), (), order)["SHARES"][0] for order in (1, 2)]
    synapses = people.graphs[people.graph[0]].synapses
    assert rows == [2 * synapses, 6 * synapses]  # c0, c1; and reward, err, post, pre
