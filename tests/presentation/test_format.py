"""Numbers, intervals and curves in text."""

from __future__ import annotations

import math

from evometa.judging.reports import Baseline
from evometa.presentation.format import curve, interval, learner, number, numbers, signed, spaced, tuned


def test_curves_and_numbers() -> None:
    assert curve([0.0, 1.0, None, math.nan, 2.0]) == "▁▅  █"
    assert curve([3.0, 3.0]) == "▁▁"
    assert curve([None]) == ""
    assert curve([1e6, *range(20)])[0] == "█"
    assert curve([1e6, *range(20)])[10] in "▄▅"
    assert len(curve(list(range(1000)))) == 60
    assert spaced(list(range(100)), 10) == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]
    assert spaced([1, 2, 3], 10) == [1, 2, 3]
    assert [number(v) for v in (None, 3, 1234567, 7.0, 0.5, 1e-7, 1e9, 0.0)] == [
        *("–", "3", "1,234,567", "7", "0.5000", "1e-07", "1e+09", "0.0000"),
    ]
    assert numbers([0.5, 3]) == "0.5000, 3"
    assert numbers([]) == "–"
    assert [interval(0.5, None), interval(0.5, 0.01), interval(None, None)] == ["0.5000", "0.5000 ± 0.0100", "–"]
    assert [signed(v) for v in (0.5, -0.25, -0.0, None, math.nan)] == ["+0.5", "−0.25", "+0", "–", "–"]


def test_dials_are_told_rate_first_decay_last_edges_marked() -> None:
    row = Baseline(name="nesterov", dials={"decay": 0.0, "rate": 0.08, "β": 0.9}, at_edge=["β"])
    assert learner(row) == "nesterov (rate 0.08, β 0.9*, decay to 0)"
    assert tuned(Baseline(name="sgd", dials={"decay": 1.0, "rate": 0.08})) == "rate 0.08"
    assert learner(Baseline(name="delta", rate=6.73)) == "delta (rate 6.73)"  # as older versions told
    assert learner(Baseline(name="nearest prototype")) == "nearest prototype"
