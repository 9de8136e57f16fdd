"""Scores in JSON, as reports and analyses keep them (see `store.records`)."""

from __future__ import annotations

from math import isfinite

from evometa.store.records import Real, Record, Whole


def finite(value: float | None) -> float | None:
    """Return a number as JSON has it: None where it is not finite."""
    return float(value) if value is not None and isfinite(value) else None


class Score(Record):
    """A mean over tasks with half its 95 % interval (None: there is none), and how many tasks it is of."""

    mean: Real = None
    ci95: Real = None
    n: Whole | None = None


class SetScore(Score):
    """A score on one of several sets of tasks."""

    set: str = ""


class Over(Record):
    """What intervals are over: the units of each set; how many tasks, and lifetimes on each."""

    unit: str = "task"
    units: list[Whole] = []
    tasks: Whole | None = None
    repeats: Whole | None = None
