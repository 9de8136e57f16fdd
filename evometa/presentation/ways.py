"""How a learner that acts fares in a terminal: its reward by part of life, where it goes, what its modulator says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.text import Text

from evometa.errors.text import count_of
from evometa.judging.analyses import Analysis, Journey
from evometa.presentation.format import curve, number, signed

SHADES = "·░▒▓█"  # never there, then quarters of the largest count
WIDEST = 24  # rows and columns of a map on paper
NAMED = 3  # places that are named


def grid(told: Journey, visits: list[list[int]]) -> Any:
    """Return how often each place was met, f64[rows, columns]: states of a place together; without sides in a row."""
    counts = np.zeros(told.states)
    for state, count in visits:
        counts[state] = count
    places = told.side * told.side
    if not places or told.states % places:
        return counts[None]
    return counts.reshape(places, -1).sum(axis=1).reshape(told.side, told.side)


def life(told: Analysis) -> Iterator[Text]:
    """Yield how well it does in each part of life, and what is known of one life that was followed."""
    own = next((one for one in told.curves if one.name == "champion"), None)
    if told.journey is None:
        return
    if own is not None and len(own.mean) > 1:
        parts = Text.assemble(("within a life", "bold"), f"  {told.measure} by part: ", (curve(own.mean), "green"))
        yield parts.append(f"  {', '.join(map(number, own.mean))}")
    yield from _places(told.journey)
    if told.journey.modulator:
        first, ticks = told.journey.followed, told.journey.ticks
        span = f" (first {first:,} of {ticks:,} ticks)" if 0 < first < ticks else ""
        said = "; ".join(f"{name} {signed(value)}" for name, value in told.journey.modulator.items())
        yield Text(f"mean of the modulator m{span}: {said}")


def _places(told: Journey) -> Iterator[Text]:
    """Yield where it goes: maps of the first and the last fifth, places that it is at most, and how many never."""
    if not told.states:
        return
    early, late = (grid(told, visits) for visits in (told.early, told.late))
    yield Text.assemble(("where it goes in one held-out life", "bold"), f" of {told.ticks:,} ticks, {told.world}")
    if 1 < len(early) <= WIDEST:
        wide = 2 * early.shape[1] - 1
        yield Text(f"{'first fifth':<{wide}}    last fifth   ({SHADES[0]} never, {SHADES[-1]} most)", style="dim")
        for one, other in zip(_shaded(early), _shaded(late), strict=True):
            yield Text(f"{one}    {other}")
    if told.visits:
        counts = grid(told, told.visits)
        most = [place for place in np.argsort(-counts, axis=None, kind="stable")[:NAMED].tolist() if counts.flat[place]]
        named = ", ".join(f"{_name(place, counts)} ({int(counts.flat[place]):,})" for place in most)
        never = int((counts == 0).sum())
        what = "place" if len(counts) > 1 else "state"
        yield Text(f"most often at {named}; never at {never:,} of {count_of(counts.size, what)}")


def _shaded(counts: Any) -> Iterator[str]:
    """Yield the rows of a map, the darker the more often."""
    steps = np.ceil(counts * (len(SHADES) - 1) / max(float(counts.max()), 1.0)).astype(int)
    for row in steps.tolist():
        yield " ".join(SHADES[step] for step in row)


def _name(place: int, counts: Any) -> str:
    """Return a place's row and column, from 1 on, or the number of a state."""
    if len(counts) < 2:
        return f"state {place}"
    return f"row {place // counts.shape[1] + 1}, column {place % counts.shape[1] + 1}"
