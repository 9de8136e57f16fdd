"""Reference and Numba kernel give the same bits for any graph, rule, credit mode, head and size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evometa.lifetime import Outcomes, cpu, reference
from tests.lifetime.strategies import random_batch


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether two arrays hold the same bits; any NaN equals any NaN."""
    if a.dtype != np.float32:
        return np.array_equal(a, b)
    return bool(((a.view(np.int32) == b.view(np.int32)) | (np.isnan(a) & np.isnan(b))).all())


def assert_same(ours: Outcomes, theirs: Outcomes) -> None:
    for name in ("loss", "accuracy", "mae", "status"):
        assert same_bits(getattr(ours, name), getattr(theirs, name)), name
    assert ours.weights is not None
    assert theirs.weights is not None
    assert all(same_bits(a, b) for a, b in zip(ours.weights, theirs.weights, strict=True))


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32 - 1))
@example(33117)  # update gives s2 as it was, while slot s2 writes it
def test_numba_equals_reference(seed: int) -> None:
    batch = random_batch(seed)
    assert_same(cpu.live(*batch), reference.live(*batch))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
def test_genomes_do_not_meet(seed: int, random) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    order = list(range(len(phenotypes))) * 2
    random.shuffle(order)
    whole = cpu.live(phenotypes, tasks, births, plan)
    mixed = cpu.live(phenotypes.take(order), tasks, births, plan)
    assert all(same_bits(mixed.loss[row], whole.loss[g]) for row, g in enumerate(order))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_lanes_do_not_meet(seed: int, pieces: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    whole = cpu.live(phenotypes, tasks, births, plan)
    for lanes in np.array_split(np.arange(tasks.lanes), pieces):
        if len(lanes):
            alone = cpu.live(phenotypes, tasks.take(lanes), births.take(lanes), plan)
            assert same_bits(alone.loss, np.ascontiguousarray(whole.loss[..., lanes]))
            assert same_bits(alone.status, np.ascontiguousarray(whole.status[..., lanes]))


@pytest.mark.parametrize("width", [16, 32, 48, 64])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_width_and_threads_change_nothing(width: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "PIECE", 1e4)
    for seed in range(8):
        batch = random_batch(seed)
        expected = cpu.live(*batch)
        with monkeypatch.context() as patch:
            patch.setattr(cpu, "choose_width", lambda graphs, lanes, batch: width)
            assert_same(cpu.live(*batch, threads=threads), expected)


def test_parity_notices_a_difference() -> None:
    noticed = 0
    for seed in range(50):
        *batch, plan = random_batch(seed)
        ours, theirs = cpu.live(*batch, plan), reference.live(*batch, replace(plan, bound=0.01))
        noticed += not all(same_bits(a, b) for a, b in zip(ours.weights or (), theirs.weights or (), strict=True))
    assert noticed > 20
