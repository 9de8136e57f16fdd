"""Timing that survives a noisy machine: contestants take turns, and ratios are taken within each turn."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np


def take_turns(
    contestants: dict[str, Callable[[], object]], turns: int = 15, clock: Callable[[], float] = time.perf_counter
) -> dict[str, np.ndarray]:
    """Return each contestant's seconds in every turn, by that clock, after one call that is not counted."""
    return take_turns_by({"": clock}, contestants, turns)[""]


def take_turns_by(
    clocks: dict[str, Callable[[], float]], contestants: dict[str, Callable[[], object]], turns: int = 15
) -> dict[str, dict[str, np.ndarray]]:
    """Return, for each clock, each contestant's seconds in every turn, after one call that is not counted."""
    for run in contestants.values():
        run()
    seconds: dict[str, dict[str, list[float]]] = {clock: {name: [] for name in contestants} for clock in clocks}
    for _ in range(turns):
        for name, run in contestants.items():
            begins = {clock: now() for clock, now in clocks.items()}
            run()
            for clock, now in clocks.items():
                seconds[clock][name].append(now() - begins[clock])
    return {clock: {name: np.array(each) for name, each in found.items()} for clock, found in seconds.items()}


def table(seconds: dict[str, np.ndarray], base: str, note: Callable[[str, float], str] = lambda name, s: "") -> None:
    """Print median times and the median, within-turn ratio of each contestant to `base`."""
    print(f"{'':36} {'median ms':>10} {'min ms':>9} {f'× {base}':>18}")
    for name, values in seconds.items():
        median, ratio = float(np.median(values)), float(np.median(values / seconds[base]))
        print(f"{name:36} {median * 1e3:10.1f} {values.min() * 1e3:9.1f} {ratio:18.2f}  {note(name, median)}")
