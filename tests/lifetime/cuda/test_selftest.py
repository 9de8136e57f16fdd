"""The self-test's numbers tell compilers apart: each liberty that one may take is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.native import fmaf
from evometa.language.signals import SIGNALS
from evometa.lifetime import Outcomes, Slopes, reference, reference_acting, reference_descent, reference_teaching
from evometa.lifetime.acting import ActingOutcomes
from evometa.lifetime.cuda import selftest
from evometa.lifetime.teaching import TeachingOutcomes
from evometa.spec import COMPARISONS
from evometa.spec.primitives import PRIMITIVES
from tests.lifetime.host_device import HostDevice

TINY = np.finfo(np.float32).tiny
Answer = Callable[[str, np.ndarray], np.ndarray]


def plain(name: str, operands: np.ndarray) -> np.ndarray:
    """Answer as the processor does."""
    if name == "mul, then add":
        return operands[0] * operands[1] + operands[2]
    primitive = PRIMITIVES[name]
    return np.asarray(FUNCTIONS[primitive.opcode](*operands[: primitive.arity]), np.float32)


def flushed(numbers: np.ndarray) -> np.ndarray:
    return np.where(np.abs(numbers) < TINY, np.copysign(np.float32(0), numbers), numbers)


def only(wanted: str, change: Callable[[np.ndarray], Any]) -> Answer:
    """Change what one primitive answers."""
    return lambda name, operands: np.asarray(change(operands) if name == wanted else plain(name, operands), np.float32)


def approximate_division(operands: np.ndarray) -> np.ndarray:
    return operands[0] * (np.float32(1) / operands[1])


LIBERTIES: dict[str, Answer] = {
    "denormal results are flushed": lambda name, operands: flushed(plain(name, operands)),
    "denormal operands are flushed": lambda name, operands: plain(name, flushed(operands)),
    "what is apart is fused": only("mul, then add", lambda x: fmaf(x[0], x[1], x[2])),
    "nothing is negative": only("sub", lambda x: np.where(x[0] == x[1], np.float32(-0.0), x[0] - x[1])),
    "a quotient is a product with the inverse": only("div", approximate_division),
    "a negative number is taken from zero": only("neg", lambda x: np.float32(0) - x[0]),
    "infinities are the largest number": lambda name, operands: np.nan_to_num(plain(name, operands), nan=np.nan),
    "NaN is zero": lambda name, operands: np.nan_to_num(plain(name, operands), posinf=np.inf, neginf=-np.inf),
    "sums are rounded to 16 bits less": only("add", lambda x: (x[0] + x[1]).view(np.int32) & ~1),
}


def difference(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Return what the self-test says of a device that answers so."""
    names = iter([*PRIMITIVES, "mul, then add"])

    def answers(device: Any, phenotypes: Any, signals: np.ndarray) -> np.ndarray:
        operands = signals[[SIGNALS[source].register for source in selftest.SOURCES]]
        assert len(phenotypes) == len(PRIMITIVES) + 1
        with np.errstate(all="ignore"):
            return np.stack([answer(name, operands) for name in names])[:, None]

    monkeypatch.setattr(selftest, "answers", answers)
    return selftest.first_difference(object())  # type: ignore[arg-type]


def test_a_device_that_answers_as_the_processor_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert difference(plain, monkeypatch) is None


@pytest.mark.parametrize("liberty", LIBERTIES)
def test_a_liberty_is_noticed(liberty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert difference(LIBERTIES[liberty], monkeypatch) is not None


def test_nan_of_another_payload_is_the_same_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(name: str, operands: np.ndarray) -> np.ndarray:
        found = plain(name, operands).copy()
        found[np.isnan(found)] = np.array(0x7FC12345, np.uint32).view(np.float32)
        return found

    assert difference(other, monkeypatch) is None


@pytest.mark.parametrize("name", [*PRIMITIVES, "mul, then add"])
def test_one_wrong_bit_of_any_primitive_is_noticed_and_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def off_by_one(asked: str, operands: np.ndarray) -> np.ndarray:
        found = plain(asked, operands).copy()
        if asked == name:
            place = int(np.flatnonzero(np.isfinite(found))[-1])
            found.view(np.int32)[place] ^= 1
        return found

    assert difference(off_by_one, monkeypatch) == name


def test_the_numbers_hold_all_kinds_and_both_signs() -> None:
    numbers = selftest.telling_numbers()
    assert numbers.dtype == np.float32
    assert numbers.shape[0] == len(selftest.SOURCES)
    for row in numbers:
        for sign in (False, True):
            of_sign = row[np.signbit(row) == sign]
            sizes = np.abs(of_sign)
            assert (sizes == 0).any()
            assert ((sizes > 0) & (sizes < TINY)).any()
            assert ((sizes >= TINY) & np.isfinite(sizes)).any()
            assert np.isinf(sizes).any()
        assert np.isnan(row).any()
    assert np.array_equal(numbers, selftest.telling_numbers(), equal_nan=True)


def test_lives_and_slopes_of_the_text_are_the_references(cuda_on_host: Path) -> None:
    assert selftest.lives_differ(HostDevice(cuda_on_host)) is None
    assert selftest.slopes_differ(HostDevice(cuda_on_host)) is None
    assert selftest.agents_differ(HostDevice(cuda_on_host)) is None
    assert selftest.students_differ(HostDevice(cuda_on_host)) is None


@pytest.mark.parametrize("what", [*(f"lives of the head {head}" for head in COMPARISONS), "lives with a memory"])
def test_lives_that_come_out_otherwise_are_named(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def live(device: Any, *batch: Any) -> Outcomes:
        plan, found = batch[3], reference.live(*batch)
        name = f"lives of the head {plan.head}" if plan.head in COMPARISONS else "lives with a memory"
        found.scores.view(np.int32)[0, 0, 1, -1] ^= name == what
        return found

    monkeypatch.setattr(selftest.streaming, "live", live)
    assert selftest.lives_differ(object()) == what  # type: ignore[arg-type]


def test_slopes_that_come_out_otherwise_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def descend(device: Any, *given: Any, length: int) -> Slopes:
        found = reference_descent.descend(*given)
        found.coefficients.view(np.int32)[0, 1] ^= given[3].head == "matching"
        return found

    monkeypatch.setattr(selftest, "descend", descend)
    assert selftest.slopes_differ(object()) == "lives of the head matching"  # type: ignore[arg-type]


def test_lives_in_worlds_that_come_out_otherwise_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def act(device: Any, *batch: Any) -> ActingOutcomes:
        found = reference_acting.act(*batch)
        found.measures.view(np.int32)[0, 0, 1, -1] ^= batch[2].policy == "greedy"
        return found

    monkeypatch.setattr(selftest, "act", act)
    assert selftest.agents_differ(object()) == "lives in a world, greedy"  # type: ignore[arg-type]


def test_students_that_come_out_otherwise_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def teach(device: Any, *batch: Any) -> TeachingOutcomes:
        found = reference_teaching.teach(*batch)
        found.results.view(np.int32)[-1, 0, 0, -1] ^= 1
        return found

    monkeypatch.setattr(selftest, "teach", teach)
    assert selftest.students_differ(object()) == "lessons in a game"  # type: ignore[arg-type]
