"""Lives with an external memory by the CUDA text, compiled for the host: the reference's bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.lifetime import reference, reference_descent
from evometa.lifetime.cuda import descent, streaming
from evometa.lifetime.cuda.shared_memory import WIDTH, region_sizes
from evometa.lifetime.memory import GATES, Memory
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.descent import cpu as gradients
from evometa.lifetime.packing import pack
from tests.lifetime.host_device import HostDevice
from tests.lifetime.memories import remembering_batch
from tests.lifetime.numba.test_descent import arguments
from tests.lifetime.numba.test_descent import assert_same as assert_same_slopes
from tests.lifetime.strategies import LONG
from tests.lifetime.test_cuda import ROOM
from tests.lifetime.test_parity import assert_same
from tests.properties import examples


@examples(40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4))
def test_host_equals_reference(cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int) -> None:
    batch = remembering_batch(seed)
    assert_same(streaming.live(HostDevice(cuda_on_host, order, shared, blocks), *batch), reference.live(*batch))


@examples(25)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4), st.integers(0, 3))
def test_slopes_are_those_of_the_reference(
    cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int, length: int
) -> None:
    given, device = arguments(remembering_batch(seed), seed), HostDevice(cuda_on_host, order, shared, blocks)
    assert_same_slopes(descent.descend(device, *given, length=length), reference_descent.descend(*given))


@LONG
@pytest.mark.parametrize("seed", range(4))
def test_host_equals_numba(cuda_on_host: Path, seed: int) -> None:
    given, device = arguments(remembering_batch(seed), seed), HostDevice(cuda_on_host)
    assert_same(streaming.live(device, *given[:4]), cpu.live(*given[:4]))
    assert_same_slopes(descent.descend(device, *given), gradients.descend(*given))


def test_slots_and_what_is_said_of_them_have_room() -> None:
    phenotypes, *_ = remembering_batch(0)
    without, sizes = (
        region_sizes(pack(phenotypes, None, WIDTH, memory=memory).genomes, 4, 1, 20)
        for memory in (Memory(), Memory(6, 3))
    )
    rows = {name: np.unique(sizes[name]).tolist() for name in ("MEMORY", "ACCESS")}
    assert rows == {"MEMORY": [Memory(6, 3).rows], "ACCESS": [3 + GATES + 5 * 6]}
    assert not any(without[name].any() for name in rows)
