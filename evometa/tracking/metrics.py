"""What a tracker is given of a run: numbers of each generation, of the champion, and a flat configuration."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from evometa.store.records import Statistics

if TYPE_CHECKING:
    from evometa.presentation.run import Run

TEXTS = 100  # rules, of those that have been the best, that are put in words to fill in what was missed

SCALARS = {
    "fitness/best": "best",
    "fitness/panel": "panel",
    "fitness/validation": "validation",
    "fitness/median": "median",
    "best/innate": "innate",
    "best/adapted": "adapted",
    "best/size": "best_size",
    "population/behaviours": "behaviours",
    "lifetimes/lived": "lifetimes",
    "lifetimes/panel": "panel_lifetimes",
    "lifetimes/validation": "validation_lifetimes",
    "lifetimes/diverged": "diverged",
}
"""Names in trackers, and in a generation's statistics; `lifetimes/per_second` is reckoned."""

Value = str | int | float | bool


class Entry(NamedTuple):
    """What is logged of one generation: its number from 1, its numbers, and the best rule, where it is a new one."""

    generation: int
    numbers: dict[str, float]
    formula: str


def scalars(statistics: Statistics) -> dict[str, float]:
    """Return the numbers of a generation by their names in trackers; what is unknown or not finite is left out."""
    found = {name: statistics.get(key) for name, key in SCALARS.items()}
    if statistics.total_seconds:
        found["lifetimes/per_second"] = statistics.lifetimes / statistics.total_seconds
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def missed(run: Run, first: int, last: int) -> Iterator[Entry]:
    """Yield the entries of generations `first` to `last`, from the run file."""
    rows = run.history[:last]
    ids = [-1 if row.best_id is None else row.best_id for row in rows]  # −1: a run file that does not tell
    changes = [n for n in range(first - 1, last) if ids[n] >= 0 and (n == 0 or ids[n] != ids[n - 1])]
    said = set(changes[-TEXTS:])
    for n in range(first - 1, last):
        yield Entry(n + 1, scalars(rows[n]), run.individual(ids[n]).formula if n in said else "")


def result(run: Run) -> dict[str, float]:
    """Return the champion's scores on held-out tasks, once it has been tested."""
    champion = run.champion
    names = ("meta_validation", "meta_test", "meta_test_ci95")
    found = {f"champion/{name}": getattr(champion, name) for name in names if champion is not None}
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def flat(config: Mapping[str, object], prefix: str = "") -> dict[str, Value]:
    """Return a configuration with keys such as `evolution.population`; lists and absent values as JSON."""
    found: dict[str, Value] = {}
    for key, value in config.items():
        name = f"{prefix}{key}"
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            value = {str(number): item for number, item in enumerate(value)}
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{name}.")
        else:
            found[name] = value if isinstance(value, (str, int, float, bool)) else json.dumps(value)
    return found
