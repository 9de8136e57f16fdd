"""Learners that are born alike are asked once before they learn, and all have what the reference has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.lifetime import NONE, Metric, Outcomes, Phenotypes, reference
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.innate import alike_at_birth
from evometa.lifetime.packing import pack
from tests.lifetime.comparisons import comparing
from tests.lifetime.strategies import LONG, deep_batch, random_batch
from tests.lifetime.test_parity import assert_same
from tests.properties import examples


def asked_from_birth(seed: int) -> Any:
    """Return a random batch, each graph with several rules, that is asked at birth and later."""
    phenotypes, tasks, births, plan = random_batch(seed)
    updates = len(plan.order)
    plan = replace(plan, checkpoints=np.array(sorted({0, updates // 2, updates}), np.int32))
    many = phenotypes.take([*range(len(phenotypes))] * 4)
    rules = np.random.default_rng(seed).permutation(many.program)
    return replace(many, program=rules), tasks, births, plan


@examples(60)
@given(st.integers(0, 2**32 - 1))
def test_all_are_as_in_the_reference(seed: int) -> None:
    batch = asked_from_birth(seed)
    assert_same(cpu.live(*batch), reference.live(*batch))


def live(batch: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Outcomes, list[int]]:
    """Live a batch; return how many learners were asked at each call of the kernel's threads, too."""
    asked: list[int] = []
    whole = cpu.Learners.live

    def spy(self: cpu.Learners, *args: Any, **more: Any) -> cpu.Results:
        asked.append(len(self.packed.genomes))
        return whole(self, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(cpu.Learners, "live", spy)
        return cpu.live(*batch), asked


def drawn_alike() -> tuple[Phenotypes, Any]:
    """Return twelve learners with drawn weights, four to each of three graphs, and how they live."""
    phenotypes, *rest = deep_batch(0)
    return phenotypes.take([0, 1, 2] * 4), rest


@LONG
def test_one_of_a_kind_is_asked_at_birth(monkeypatch: pytest.MonkeyPatch) -> None:
    phenotypes, (tasks, births, plan) = drawn_alike()
    assert (phenotypes.innate == NONE).all()
    first, kind = alike_at_birth(phenotypes, pack(phenotypes, births, 16), plan.metric)
    assert sorted(first.tolist()) == [0, 1, 2]
    assert (kind == np.array(kind[:3].tolist() * 4)).all()
    plan = replace(plan, checkpoints=np.array([0, len(plan.order)], np.int32))
    outcomes, asked = live((phenotypes, tasks, births, plan), monkeypatch)
    assert sorted(asked) == [3, 12]
    assert_same(outcomes, reference.live(phenotypes, tasks, births, plan))


@LONG
@pytest.mark.parametrize(("metric", "calls"), [(Metric(0.5, 1.0), [3, 12]), (Metric(scale_by=2), [12])])
def test_who_compares_by_numbers_of_its_own_is_asked_itself(
    metric: Metric, calls: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    phenotypes, (tasks, births, plan) = drawn_alike()
    numbers = np.random.default_rng(0).standard_normal(phenotypes.coefficients.shape).astype(np.float32)
    phenotypes, tasks, births, plan = comparing((replace(phenotypes, coefficients=numbers), tasks, births, plan), 0)
    batch = phenotypes, tasks, births, replace(plan, metric=metric)
    outcomes, asked = live(batch, monkeypatch)
    assert sorted(asked) == calls
    assert_same(outcomes, reference.live(*batch))


@LONG
@pytest.mark.parametrize("points", [[0], [1]])
def test_nobody_is_asked_apart_where_it_saves_nothing(points: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    phenotypes, (tasks, births, plan) = drawn_alike()
    plan = replace(plan, checkpoints=np.array(points, np.int32))
    assert live((phenotypes, tasks, births, plan), monkeypatch)[1] == [12]
    plan = replace(plan, checkpoints=np.array([0, 1], np.int32))
    assert live((phenotypes.take([0, 1, 2]), tasks, births, plan), monkeypatch)[1] == [3]
