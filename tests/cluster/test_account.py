"""What a worker says of itself depends on every kind of life that slices have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.cluster import worker
from evometa.lifetime.reference_teaching import teach as reference
from evometa.lifetime.sample import teaching_sample
from tests.cluster.in_process import home


def off_by_a_bit(array: Any) -> Any:
    """Return an array with the last bit of its first number turned."""
    changed = array.copy()
    changed.view(np.int32).reshape(-1)[0] ^= 1
    return changed


CHANGED = {  # kind of lives: the array of its outcomes that differs
    "live": "scores", "act": "measures", "teach": "results", "prepare": "losses",
}  # fmt: skip


@pytest.mark.parametrize("kind, name", CHANGED.items())
def test_a_bit_that_differs_anywhere_is_noticed(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, own = home(), worker.executor("numba", 1)
    way = getattr(own, kind)

    def change(outcomes: Any) -> Any:
        return replace(outcomes, **{name: off_by_a_bit(getattr(outcomes, name))})

    def faulty(*given: Any) -> Any:
        if kind == "prepare":
            return lambda *lives: change(way(*given)(*lives))
        return change(way(*given))

    monkeypatch.setattr(worker, "executor", lambda *_: replace(own, **{kind: faulty}))
    assert worker.account("numba", 1).digest != honest.digest


def test_the_lessons_of_the_sample_have_the_bits_of_the_reference() -> None:
    one, own = teaching_sample(), worker.executor("numba", 1)
    there, here = (way(one.classes, one.lives, one.plan) for way in (own.teach, reference))
    assert there.results.tobytes() == here.results.tobytes()
    assert len(np.unique(there.result("effort"))) > 1
