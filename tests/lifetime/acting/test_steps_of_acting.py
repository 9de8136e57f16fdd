"""Ticks are made of the steps that are listed, all of them; kernels make them in that order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evometa.lifetime.reference_acting import Actor
from evometa.spec.acting import LAST, STEPS, TICKS
from tests.lifetime.test_steps import FOLDER, Calls, calls_of, cuda


@pytest.mark.parametrize("order", TICKS)
def test_ticks_are_made_of_the_steps(order: str) -> None:
    assert sorted(TICKS[order]) == sorted(STEPS)
    assert all(callable(getattr(Actor, name)) for name in STEPS)
    assert set(LAST) == set(STEPS) - {"choose", "move"}


def numba() -> Calls:
    """What functions of kernels call."""
    return calls_of((FOLDER / "numba").rglob("*.py"))


@pytest.mark.parametrize(("calls", "apart"), [(numba, ()), (cuda, ("gradient",))])
def test_kernels_make_them_in_their_order(calls: Callable[[], Calls], apart: tuple[str, ...]) -> None:
    """`perceive` is put together from what is put aside and what is shown; the rule's own sweep bounds, too.

    In the CUDA text it also makes gradients.
    """
    found = calls()
    made = [call for name in ("think", "adapt") for call in found[name]]
    made = [each for call in made for each in (found[call] if call == "learn_of" else [call])]
    made = ["execute" if call == "apply_rule" else call for call in made]
    expected = [name for name in TICKS["next tick"] if name not in ("move", "bound", "perceive", *apart)]
    assert [name for name in made if name in STEPS] == expected
