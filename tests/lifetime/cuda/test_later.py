"""Kernels that are compiled when first asked for: once, and refused by name where they give other bits, or none."""

from __future__ import annotations

import pytest

from evometa.errors import RunFailed
from evometa.lifetime import reference_acting, reference_teaching
from evometa.lifetime.backends import act as on_the_processor
from evometa.lifetime.backends import choose_acting, choose_teaching, open_executor
from evometa.lifetime.backends import teach as taught_on_the_processor
from evometa.lifetime.cuda import later
from evometa.lifetime.cuda.device import Device
from evometa.lifetime.cuda.later import LATER
from evometa.lifetime.sample import acting_sample, teaching_sample
from tests.lifetime.acting.strategies import random_acting_batch
from tests.lifetime.acting.test_random_lives import assert_same
from tests.lifetime.cuda.test_gpu import opened, without_cupy
from tests.lifetime.cupy_double import CompileException, Double


def test_worlds_are_compiled_when_first_asked_for(double: Double) -> None:
    device, compiler = opened(double), double.cuda.nvrtc
    assert compiler.compiled == 1
    assert choose_acting("numba") is on_the_processor
    own = open_executor("cupy", 1)
    assert own.act == device.act == choose_acting("auto")
    for seed in range(4):
        batch = random_acting_batch(seed)
        assert_same(own.act(*batch), reference_acting.act(*batch))
    assert compiler.compiled == 2
    assert double.host.launched[-1][0] == "evometa_act"


def test_students_are_compiled_when_first_asked_for(double: Double) -> None:
    device, one = opened(double), teaching_sample()
    assert choose_teaching("numba") is taught_on_the_processor
    own = open_executor("cupy", 1)
    assert own.teach == device.teach == choose_teaching("auto")
    found = own.teach(one.classes, one.lives, one.plan)
    assert found.results.tobytes() == reference_teaching.teach(one.classes, one.lives, one.plan).results.tobytes()
    assert double.cuda.nvrtc.compiled == 2
    assert double.host.launched[-1][0] == "evometa_teach"


def test_without_a_gpu_worlds_and_students_are_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    without_cupy(monkeypatch)
    assert choose_acting("auto") is on_the_processor
    assert choose_teaching("auto") is taught_on_the_processor


def test_worlds_that_cannot_be_compiled_fail_the_run_by_name(double: Double) -> None:
    device, one = opened(double), acting_sample()
    double.faults["compile"] = (0, CompileException("error: bad\nmore"))
    with pytest.raises(RunFailed, match=r"kernels of worlds cannot be compiled.*error: bad\. Use --backend numba"):
        device.act(one.actors, one.lives, one.plan)


def test_a_card_whose_worlds_are_others_is_not_taken_for_them(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    device, one = opened(double), acting_sample()
    other = LATER["acting"]._replace(differ=lambda device: "lives in a world, greedy")
    monkeypatch.setattr(later, "LATER", {**LATER, "acting": other})
    for _ in range(2):  # nor the second time
        with pytest.raises(RunFailed, match=r"computes worlds otherwise than .* \(lives in a world, greedy\)"):
            device.act(one.actors, one.lives, one.plan)


def test_kernels_that_could_not_be_tried_are_tried_again(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    device, one, tried = opened(double), acting_sample(), list[Device]()

    def differ(device: Device) -> str | None:
        tried.append(device)
        if len(tried) == 1:
            raise MemoryError("others have it")
        return None

    monkeypatch.setattr(later, "LATER", {**LATER, "acting": LATER["acting"]._replace(differ=differ)})
    with pytest.raises(MemoryError):
        device.act(one.actors, one.lives, one.plan)
    for _ in range(2):
        device.act(one.actors, one.lives, one.plan)
    assert len(tried) == 2
