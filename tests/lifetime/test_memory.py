"""External memories: what lies in them, what stays within bounds, and that backends agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import ContractError
from evometa.lifetime import Memory, reference
from evometa.lifetime.numba import cpu
from evometa.lifetime.reference import Learner
from evometa.lifetime.reference_memory import State, Storage, empty
from evometa.lifetime.validation import check
from tests.lifetime.memories import remembering_batch
from tests.lifetime.test_parity import assert_same
from tests.properties import examples

SURE = 30.0  # of a net input whose sigmoid is 0 or 1


def wish(written: list[float], share: float, jump: float, shift: int) -> np.ndarray:
    """Activations that say: write so much of this, jump or not, step by −1, 0 or 1; f32[W + 5, 1]."""
    steps = [SURE * (shift == each) for each in (-1, 0, 1)]
    return np.array([*written, share, jump, *steps], np.float32)[:, None]


def told(memory: Memory, *wishes: np.ndarray) -> State:
    """What a memory becomes."""
    storage = Storage(memory, np.zeros(8, np.float32))
    state = empty(memory, 1)
    for each in wishes:
        state, _ = storage.access(state, each)
    return state


@examples(60)
@given(st.integers(0, 2**32 - 1))
def test_numba_equals_reference(seed: int) -> None:
    batch = remembering_batch(seed)
    assert_same(cpu.live(*batch), reference.live(*batch))


def test_what_is_written_slot_after_slot_is_found_by_its_likeness() -> None:
    memory = Memory(4, 2, focus=40.0)
    one, two, three = [1.0, -1.0], [-1.0, -1.0], [1.0, 1.0]
    written = [wish(each, SURE, -SURE, 1) for each in (one, two, three)]
    state = told(memory, *written)
    assert np.allclose(state["cells"][:3, :, 0], np.tanh([one, two, three]), atol=1e-3)
    assert np.allclose(state["attention"][:, 0], [0, 0, 0, 1], atol=1e-3)
    assert np.allclose(state["read"], 0, atol=1e-3), "where nothing was written"
    found = told(memory, *written, wish(two, -SURE, SURE, 0))
    assert np.allclose(found["attention"][:, 0], [0, 1, 0, 0], atol=1e-3)
    assert np.allclose(found["read"][:, 0], np.tanh(two), atol=1e-3)
    behind = told(memory, *written, wish(two, -SURE, SURE, 1))
    assert np.allclose(behind["read"][:, 0], np.tanh(three), atol=1e-3), "the step comes behind the jump"
    before = told(memory, *written, wish(two, -SURE, SURE, -1))
    assert np.allclose(before["read"][:, 0], np.tanh(one), atol=1e-3)


def test_attention_goes_round() -> None:
    assert np.allclose(told(Memory(3, 1), wish([0.0], -SURE, -SURE, -1))["attention"][:, 0], [0, 0, 1], atol=1e-3)
    assert np.allclose(told(Memory(3, 1), *[wish([0.0], -SURE, -SURE, 1)] * 3)["attention"][:, 0], [1, 0, 0], atol=1e-3)


def test_sharpness_keeps_attention_together() -> None:
    blurred = wish([0.0], -SURE, -SURE, 0)
    blurred[-3:, 0] = [0, 3, 0]
    dull, sharp = (told(Memory(5, 1, sharpness=each), *[blurred] * 20)["attention"].max() for each in (1.0, 3.0))
    assert dull < 0.5
    assert sharp > 0.95


@examples(40)
@given(st.integers(0, 2**32 - 1))
def test_attention_sums_to_one_and_nothing_is_beyond_one(seed: int) -> None:
    """Whatever a network says, for numbers that are sound."""
    rng = np.random.default_rng(seed)
    memory = Memory(
        int(rng.integers(1, 9)), int(rng.integers(1, 5)), float(rng.uniform(0, 50)), float(rng.uniform(0.5, 9))
    )
    storage = Storage(memory, np.zeros(1, np.float32))
    state = empty(memory, 3)
    for _ in range(30):
        state, _ = storage.access(
            state, (rng.standard_normal((memory.nodes, 3)) * 10 ** rng.uniform(-2, 2)).astype(np.float32)
        )
        assert np.allclose(state["attention"].sum(axis=0), 1, atol=1e-5)
        assert (state["attention"] >= 0).all()
        assert np.abs(state["cells"]).max() <= 1
        assert np.abs(state["read"]).max() <= 1 + 1e-5


@pytest.mark.parametrize("seed", range(8))
def test_a_query_reads_and_changes_nothing(seed: int) -> None:
    batch = remembering_batch(seed)
    learner = Learner(batch[0], 0, *batch[1:])
    with np.errstate(all="ignore"):
        learner.learn(0)
        before = {name: part.copy() for name, part in learner.memory.items()}
        asked = learner.asked(batch[1].query_x[0], batch[1].query_y[0])
    cells = learner.plan.memory.cells
    inputs = learner.graph.inputs
    assert asked.act[inputs - cells : inputs, 0].tobytes() == before["read"].tobytes()
    assert all(learner.memory[name].tobytes() == part.tobytes() for name, part in before.items())


def test_numbers_may_be_coefficients() -> None:
    phenotypes, tasks, births, plan = remembering_batch(5)
    own = phenotypes.coefficients.copy()
    own[:, 2:4] = [3.5, 1.5]
    given_ = replace(phenotypes, coefficients=own)
    fixed = replace(plan, memory=plan.memory._replace(focus=3.5, sharpness=1.5, focus_by=-1, sharpness_by=-1))
    by = replace(plan, memory=plan.memory._replace(focus=9.0, sharpness=9.0, focus_by=2, sharpness_by=3))
    for live in (reference.live, cpu.live):
        scores = [live(given_, tasks, births, each).scores for each in (fixed, by)]
        assert scores[0].tobytes() == scores[1].tobytes()


FAULTS: dict[str, Callable[[Memory], Memory]] = {
    "slots without cells": lambda one: one._replace(cells=0),
    "no slots": lambda one: one._replace(slots=0),
    "a focus that is no number": lambda one: one._replace(focus=float("nan")),
    "a coefficient that is not there": lambda one: one._replace(sharpness_by=8),
    "more cells than the network has inputs for": lambda one: one._replace(cells=one.cells + 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_memory_that_there_cannot_be_is_refused(fault: str) -> None:
    *batch, plan = remembering_batch(3)
    check(*batch, plan)
    for live in (reference.live, cpu.live):
        with pytest.raises(ContractError):
            live(*batch, replace(plan, memory=FAULTS[fault](plan.memory)))


def test_whole_batches_and_heads_that_compare_have_no_memory() -> None:
    *batch, plan = remembering_batch(3)
    twice: Any = np.repeat(plan.order, 2, axis=1)
    with pytest.raises(ContractError, match="an example in each update"):
        check(*batch, replace(plan, order=twice))
    with pytest.raises(ContractError, match="does not compare"):
        check(*batch, replace(plan, head="prototype"))
