"""Ticks are made of the steps that are listed, all of them; kernels make them in that order."""

from __future__ import annotations

import pytest

from evometa.lifetime.reference_acting import Actor
from evometa.spec.acting import LAST, STEPS, TICKS
from tests.lifetime.test_steps import FOLDER, calls_of


@pytest.mark.parametrize("order", TICKS)
def test_ticks_are_made_of_the_steps(order: str) -> None:
    assert sorted(TICKS[order]) == sorted(STEPS)
    assert all(callable(getattr(Actor, name)) for name in STEPS)
    assert set(LAST) == set(STEPS) - {"choose", "move"}


def test_kernels_make_them_in_their_order() -> None:
    """`perceive` is put together from what is put aside and what is shown; the rule's own sweep bounds, too."""
    calls = calls_of((FOLDER / "numba").rglob("*.py"))
    made = ["execute" if call == "apply_rule" else call for name in ("think", "adapt") for call in calls[name]]
    expected = [name for name in TICKS["next tick"] if name not in ("move", "bound", "perceive")]
    assert [name for name in made if name in STEPS] == expected
