"""The arena: regions lie one behind the other, registers point into them, and no life reads what none has written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.signals import SIGNAL_COUNT, SIGNALS
from evometa.lifetime import columns as k
from evometa.lifetime.numba import arena, cpu, kernel
from evometa.lifetime.numba.vector import LANES, address
from evometa.lifetime.packing import Packed, pack
from evometa.spec.states import GATE
from evometa.system.jit import njit
from tests.lifetime.comparisons import comparing_batch
from tests.lifetime.strategies import LONG, deep_batch, random_batch
from tests.lifetime.test_parity import assert_same
from tests.properties import examples

GUARD = 4 * LANES
SEEDS = 25


@pytest.mark.parametrize("batch_of", [random_batch, comparing_batch, pytest.param(deep_batch, marks=LONG)])
def test_nothing_counts_on_zeros_or_writes_beyond_the_arena(batch_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[np.ndarray] = []
    room = cpu.Learners.room

    def guarded(self: Any, lanes: Any) -> Any:
        floats, scratch = room(self, lanes)
        whole = np.full(len(floats) + 2 * GUARD, np.nan, np.float32)
        whole[:GUARD] = whole[-GUARD:] = 7
        rooms.append(whole)
        return whole[GUARD:-GUARD], scratch

    for seed in range(SEEDS):
        batch = batch_of(seed)
        with monkeypatch.context() as patch, np.errstate(all="ignore"):
            expected = cpu.live(*batch, threads=1)
            patch.setattr(cpu.Learners, "room", guarded)
            assert_same(cpu.live(*batch, threads=1), expected)
    assert len(rooms) == SEEDS
    for whole in rooms:
        assert (whole[:GUARD] == 7).all()
        assert (whole[-GUARD:] == 7).all()


KNOWN = [(0, 0, False), (5, 12, False), (5, 12, True)]  # classes, keys, whether weights are solved for


@njit(error_model="numpy")
def placed(genome: Any, regions: Any, width: int, batch: int, block: int, ways: int, room: int, solved: bool) -> int:
    return arena.place(address(genome), address(regions), width, batch, block, ways, room, solved)


@njit(error_model="numpy")
def pointed(genome: Any, regions: Any, offset: Any, stride: Any, width: int) -> None:
    arena.point_rule(address(genome), address(regions), address(offset), address(stride), width)


def packed_of(seed: int, width: int) -> Packed:
    phenotypes, _, births, _ = random_batch(seed) if seed % 2 else deep_batch(seed)
    return pack(phenotypes, births, width, 512 // width)


@examples(40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.sampled_from([1, 7, 20]), st.sampled_from(KNOWN))
def test_regions_are_rows_one_behind_the_other(seed: int, batch: int, block: int, known: tuple[int, int, bool]) -> None:
    for width in (LANES, 4 * LANES):
        packed = packed_of(seed, width)
        scratch, lengths = kernel.new_scratch(packed.genomes), []
        for genome in packed.genomes:
            regions = np.zeros(arena.A_END + 1, np.int64)
            lengths.append(placed(genome, regions, width, batch, block, *known))
            kept = [True, *(bool(genome[k.STATES] >> s & 1) for s in range(1, arena.STATE_COUNT))]
            if not kept[GATE]:  # what transmits is the weights themselves, which is no region of its own
                assert regions[[arena.A_OPEN, arena.A_PASS]].tolist() == regions[[arena.A_W, arena.A_BACK]].tolist()
                regions[[arena.A_OPEN, arena.A_PASS]] = regions[arena.A_PASS + 1]
            sizes = np.diff(regions)
            assert regions[0] == 0
            assert regions[arena.A_END] == lengths[-1]
            assert (sizes >= 0).all()
            assert (sizes % width == 0).all()  # whole rows, so that every one is met by whole vectors
            assert (sizes[: arena.STATE_COUNT] == np.array(kept) * genome[k.SYNAPSES] * width).all()
            activations = genome[k.NODES] * batch * width * (2 if genome[k.RECURRENT] else 1)
            assert sizes[arena.A_ACT] == activations
            assert sizes[arena.A_FACTOR] == known[1] ** 2 * width * known[2]
        assert kernel.longest_arena(packed.genomes, scratch, width, batch, block, *known) == max(lengths)


@examples(40)
@given(st.integers(0, 2**32 - 1))
def test_registers_of_a_rule_are_rows_of_their_own(seed: int) -> None:
    packed, width = packed_of(seed, LANES), LANES
    for genome in packed.genomes:
        regions = np.zeros(arena.A_END + 1, np.int64)
        end = placed(genome, regions, width, 1, 1, 0, 0, False)
        constants, rows, tiles = genome[[k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES]].tolist()
        offset, stride = (np.full(SIGNAL_COUNT + constants + rows + tiles, -1, np.int64) for _ in range(2))
        pointed(genome, regions, offset, stride, width)
        longest = max(1, int(genome[k.LONGEST]))
        nodes = int(genome[k.NODES])  # whose results of a rule lie behind one another
        lengths = [width] * constants + [nodes * width] * rows + [longest * width] * tiles
        taken = sorted(zip(offset[SIGNAL_COUNT:].tolist(), lengths, strict=True))
        ends = [0, *(begin + length for begin, length in taken)]
        assert all(begin >= before for (begin, _), before in zip(taken, ends[:-1], strict=True))
        assert ends[-1] <= end
        assert (stride[SIGNAL_COUNT:] == [0] * (constants + rows) + [width] * tiles).all()
        assert all(stride[signal.register] == width for signal in SIGNALS.values() if signal.rate == "synapse")
