"""Reference and Numba kernel give the same bits for any graph, rule, credit mode, head and size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evometa.lifetime import FIXED, Outcomes, in_all_lanes, lanes, reference
from evometa.lifetime.numba import cpu
from tests.lifetime.comparisons import comparing, comparing_batch
from tests.lifetime.strategies import asked_batch, deep_batch, random_batch, sparse_batch
from tests.properties import examples


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether two arrays hold the same bits; any NaN equals any NaN."""
    if a.dtype != np.float32:
        return np.array_equal(a, b)
    return bool(((a.view(np.int32) == b.view(np.int32)) | (np.isnan(a) & np.isnan(b))).all())


def assert_same(ours: Outcomes, theirs: Outcomes) -> None:
    for name in ("loss", "accuracy", "mae", "status"):
        assert same_bits(getattr(ours, name), getattr(theirs, name)), name
    assert np.array_equal(ours.opened, theirs.opened)  # type: ignore[arg-type]
    assert ours.weights is not None
    assert theirs.weights is not None
    assert all(same_bits(a, b) for a, b in zip(ours.weights, theirs.weights, strict=True))


@examples(120)
@given(st.integers(0, 2**32 - 1))
@example(33117)  # update gives s2 as it was, while slot s2 writes it
def test_numba_equals_reference(seed: int) -> None:
    batch = asked_batch(seed)
    assert_same(cpu.live(*batch), reference.live(*batch))


@examples(40)
@given(st.integers(0, 2**32 - 1))
def test_lives_that_learn_nothing_are_the_same(seed: int) -> None:
    """All pieces of a genome's lanes share its weights then, as they were born; some are not finite."""
    phenotypes, tasks, births, plan = random_batch(seed)
    rng = np.random.default_rng(seed)
    weights = [np.where(rng.random(len(row)) < 0.02, np.float32(np.inf), row) for row in phenotypes.innates]
    still = replace(plan, order=plan.order[:0], checkpoints=plan.checkpoints[:1])
    batch = replace(phenotypes, innates=weights), tasks, births, still
    assert_same(cpu.live(*batch), reference.live(*batch))


@examples(60)
@given(st.integers(0, 2**32 - 1))
def test_numba_compares_as_the_reference_does(seed: int) -> None:
    batch = comparing_batch(seed)
    assert_same(cpu.live(*batch), reference.live(*batch))


@pytest.mark.parametrize("seed", range(4))
def test_batches_and_blocks_of_queries_are_compared(seed: int) -> None:
    batch = comparing(deep_batch(seed), seed)
    found = cpu.live(*batch)
    assert_same(found, reference.live(*batch))
    assert not found.status.any()


@examples(50)  # large networks
@given(st.integers(0, 2**32 - 1))
def test_tiles_of_several_nodes_change_nothing(seed: int) -> None:
    batch = sparse_batch(seed)
    assert_same(cpu.live(*batch), reference.live(*batch))


@examples(25)
@given(st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
def test_genomes_do_not_meet(seed: int, random) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    order = list(range(len(phenotypes))) * 2
    random.shuffle(order)
    whole = cpu.live(phenotypes, tasks, births, plan)
    mixed = cpu.live(phenotypes.take(order), tasks, births, plan)
    assert all(same_bits(mixed.loss[row], whole.loss[g]) for row, g in enumerate(order))


@examples(25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_lanes_do_not_meet(seed: int, pieces: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    whole = cpu.live(phenotypes, tasks, births, plan)
    for some in np.array_split(np.arange(tasks.lanes), pieces):
        if len(some):
            alone = cpu.live(phenotypes, tasks.take(some), births.take(some), plan.take(some))
            assert same_bits(alone.loss, np.ascontiguousarray(whole.loss[..., some]))
            assert same_bits(alone.status, np.ascontiguousarray(whole.status[..., some]))


@pytest.mark.parametrize("width", [16, 32, 48, 64])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_width_and_threads_change_nothing(width: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "PIECE", 1e4)
    for batch in [*map(random_batch, range(8)), *map(comparing_batch, range(4))]:
        expected = cpu.live(*batch)
        with monkeypatch.context() as patch:
            patch.setattr(cpu, "choose_width", lambda graphs, lanes, batch: width)
            assert_same(cpu.live(*batch, threads=threads), expected)


@pytest.mark.parametrize("most", [0, 300, 1 << 30])
def test_examples_laid_out_or_gathered_are_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LAID_OUT", most)
    for seed in range(24):
        batch = random_batch(seed)
        assert_same(cpu.live(*batch), reference.live(*batch))


def test_few_examples_are_laid_out_so_that_lanes_share_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    _, tasks, _, plan = deep_batch(0)
    order = np.random.default_rng(0).integers(0, 20, plan.order.shape).astype(np.int32)
    own, floats = replace(plan, order=order), order.size * 5  # 3 inputs, 2 outputs
    monkeypatch.setattr(lanes, "LAID_OUT", floats)
    laid_out, shared = lanes.in_order_met(tasks, own)
    assert (shared.order == shared.order[..., :1]).all()
    assert np.array_equal(laid_out.support_x[0, :, 7], tasks.support_x[order[0, 0, 7], :, 7])
    monkeypatch.setattr(lanes, "LAID_OUT", floats - 1)
    assert lanes.in_order_met(tasks, own) == (tasks, own)


@pytest.mark.parametrize("seed", range(12))
def test_each_lane_learns_in_its_own_order(seed: int) -> None:
    """A lane's outcomes are those of a life alone, in the order that is its own."""
    phenotypes, tasks, births, plan = random_batch(seed)
    own = np.random.default_rng(seed).integers(0, len(tasks.support_x), (4, 1, tasks.lanes)).astype(np.int32)
    plan = replace(plan, order=np.repeat(own, plan.order.shape[1], axis=1), checkpoints=np.array([4], np.int32))
    whole = cpu.live(phenotypes, tasks, births, plan)
    for lane in range(0, tasks.lanes, 3):
        one = np.array([lane])
        shared = in_all_lanes(plan.order[..., lane], 1)
        alone = cpu.live(phenotypes, tasks.take(one), births.take(one), replace(plan, order=shared))
        assert same_bits(alone.loss, np.ascontiguousarray(whole.loss[..., one]))


@examples(10)
@given(st.integers(0, 2**32 - 1))
def test_no_rule_changes_a_fixed_synapse(seed: int) -> None:
    phenotypes, tasks, births, plan = deep_batch(seed)
    rng = np.random.default_rng(seed)
    fixed = [(rng.random(graph.synapses) < 0.5).astype(np.uint8) * FIXED for graph in phenotypes.graphs]
    graphs = [replace(graph, traits=traits) for graph, traits in zip(phenotypes.graphs, fixed, strict=True)]
    learned = cpu.live(replace(phenotypes, graphs=graphs), tasks, births, plan)
    assert_same(learned, reference.live(replace(phenotypes, graphs=graphs), tasks, births, plan))
    for w, traits, born in zip(learned.weights or (), fixed, births.weights, strict=True):
        assert born is not None
        assert same_bits(w[traits > 0], np.ascontiguousarray(born[traits > 0, 0]))
        assert not same_bits(w[traits == 0], np.ascontiguousarray(born[traits == 0, 0]))


def test_parity_notices_a_difference() -> None:
    noticed = 0
    for seed in range(50):
        *batch, plan = random_batch(seed)
        ours, theirs = cpu.live(*batch, plan), reference.live(*batch, replace(plan, bound=0.01))
        noticed += not all(same_bits(a, b) for a, b in zip(ours.weights or (), theirs.weights or (), strict=True))
    assert noticed > 20
