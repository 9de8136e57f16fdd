"""Lives with an external memory by the CUDA text, compiled for the host: the reference's bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.lifetime import reference
from evometa.lifetime.cuda import streaming
from evometa.lifetime.cuda.shared_memory import WIDTH, region_sizes
from evometa.lifetime.memory import GATES, Memory
from evometa.lifetime.packing import pack
from tests.lifetime.host_device import HostDevice
from tests.lifetime.memories import remembering_batch
from tests.lifetime.test_cuda import ROOM
from tests.lifetime.test_parity import assert_same
from tests.properties import examples


@examples(40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4))
def test_host_equals_reference(cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int) -> None:
    batch = remembering_batch(seed)
    assert_same(streaming.live(HostDevice(cuda_on_host, order, shared, blocks), *batch), reference.live(*batch))


def test_slots_and_what_is_said_of_them_have_room() -> None:
    phenotypes, *_ = remembering_batch(0)
    without, sizes = (
        region_sizes(pack(phenotypes, None, WIDTH, memory=memory).genomes, 4, 1, 20)
        for memory in (Memory(), Memory(6, 3))
    )
    rows = {name: np.unique(sizes[name]).tolist() for name in ("MEMORY", "ATTENTION", "READ", "ACCESS")}
    assert rows == {"MEMORY": [18], "ATTENTION": [6], "READ": [3], "ACCESS": [3 + GATES + 3 * 6]}
    assert not any(without[name].any() for name in rows)
