"""What a final report comes to in words: what its intervals are over, how the champion stands to stock learners.

Reports of older versions lack fields: they told neither what intervals are over (it was tasks) nor differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import hypot, isfinite
from typing import Any, NamedTuple

LEVELS = ("better", "level", "worse")
PLURALS = {"class": "classes", "division of the same rows": "divisions of the same rows"}
LIVED = {
    "evolution": "in evolution",
    "panel": "on the panel",
    "choice": "to choose the champion",
    "tuning": "to tune stock rules",
    "test": "in the test",
    "analysis": "in the analysis",
}
"""What lifetimes were lived for, in words."""


class Standing(NamedTuple):
    """How the champion stands to a stock learner by one measure: one of LEVELS; whether it is paired by task."""

    learner: str
    measure: str
    level: str
    paired: bool


def over(found: Any) -> str:
    """Return what intervals are over: "over 5 classes", "over 20 tasks of each set"."""
    if not isinstance(found, Mapping):
        return "over tasks"
    counts, unit = list(found.get("units") or ()), str(found.get("unit") or "task")
    if not counts:
        return "over tasks"
    words = ", ".join(f"{count:,}" for count in dict.fromkeys(counts))
    name = unit if counts == [1] else PLURALS.get(unit, f"{unit}s")
    return f"over {words} {name}" + (" of each set" if len(counts) > 1 else "")


def basis(told: Mapping[str, Any]) -> str:
    """Return what a run's test rests on: how many runs, tasks, and lifetimes on each; `told`: the run's summary."""
    found = (told.get("champion") or {}).get("over")
    if not isinstance(found, Mapping):
        return ""
    tasks, repeats = found.get("tasks"), found.get("repeats")
    if not isinstance(tasks, int) or not isinstance(repeats, int):
        return ""
    sets = len(found.get("units") or ())
    each = "once" if repeats == 1 else f"{repeats:,} times, with other births and orders of examples"
    where = f"{tasks:,} tasks" + (f" of each of {sets} sets" if sets > 1 else "")
    text = f"It rests on one run (seed {told.get('seed')}) and {where}, each lived {each}"
    tuned = next((row["tuned_on"] for row in told.get("baselines", ()) if row.get("tuned_on")), None)
    text = f"{text}; rules were tuned on {tuned:,} train tasks." if tuned else f"{text}."
    return f"{text} {same}" if (same := repeated((told.get("champion") or {}).get("overlap"))) else text


def repeated(overlap: Any) -> str:
    """Say how many test tasks are train or validation tasks by content; nothing where none is."""
    if not isinstance(overlap, Mapping):
        return ""
    counts = {split: overlap.get(split) for split in ("train", "validation")}
    met = [f"{n:,} are {split} tasks" for split, n in counts.items() if isinstance(n, int) and n > 0]
    if not met:
        return ""
    return (
        f"Of {overlap.get('tasks')} test tasks {' and '.join(met)} by content: that part of the score is not held out."
    )


def standings(told: Mapping[str, Any]) -> Iterator[Standing]:
    """Yield how the champion of a run's summary stands to each stock learner by each measure that both have.

    Level: 0 lies within the 95 % interval of their difference on the same tasks; where a report has no differences,
    they are reckoned as if the two had met different tasks, which is cautious. Without an interval all are level.
    """
    champion = told.get("champion") or {}
    measure = str(champion.get("measure") or "score")
    own = {"mean": champion.get("meta_test"), "ci95": champion.get("meta_test_ci95")}
    for row in told.get("baselines", ()):
        name = str(row.get("name"))
        found = {measure: row, **(row.get("also") or {})}
        mine = {measure: own, **(champion.get("also") or {})}
        for by, score in found.items():
            level = level_of(mine.get(by) or {}, score, by)
            if level is not None:
                yield Standing(name, by, level, isinstance(score.get("difference"), Mapping))


def level_of(champion: Mapping[str, Any], other: Mapping[str, Any], measure: str) -> str | None:
    """Return one of LEVELS; None where either has no score."""
    difference = other.get("difference")
    if isinstance(difference, Mapping):
        mean, half = number_in(difference, "mean"), number_in(difference, "ci95")
    else:
        mine, theirs = number_in(champion, "mean"), number_in(other, "mean")
        mean = None if mine is None or theirs is None else mine - theirs
        half = hypot(number_in(champion, "ci95") or 0.0, number_in(other, "ci95") or 0.0)
    if mean is None:
        return None
    if half is None or abs(mean) <= half:
        return "level"
    return "better" if (mean > 0) == (measure != "loss") else "worse"


def verdict(told: Mapping[str, Any]) -> str:
    """Return in words of whom the champion is ahead, with whom it is level, behind whom it is, measure by measure."""
    found = list(standings(told))
    measures = list(dict.fromkeys(one.measure for one in found))
    parts = []
    for measure in measures:
        here = [one for one in found if one.measure == measure]
        by = f"By {measure} it" if len(measures) > 1 else "It"
        parts.append(f"{by} is {_groups(here)}.")
    if len(measures) > 1 and (apart := _disagreeing(found)):
        parts.append(f"The measures disagree about {listed(apart)}.")
    return " ".join(parts)


def _groups(found: Sequence[Standing]) -> str:
    words = {"better": "better than", "level": "level with", "worse": "worse than"}
    groups = {level: [one.learner for one in found if one.level == level] for level in LEVELS}
    return listed([f"{words[level]} {listed(names)}" for level, names in groups.items() if names], ", and ")


def _disagreeing(found: Sequence[Standing]) -> list[str]:
    """Return the learners that the champion is better than by one measure, and not by another."""
    levels: dict[str, set[str]] = {}
    for one in found:
        levels.setdefault(one.learner, set()).add(one.level)
    return [name for name, seen in levels.items() if len(seen) > 1]


def lived_for(rows: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> dict[str, int]:
    """Return how many lifetimes were lived for what; reports of older versions tell of evolution alone."""
    keys = {"evolution": "lifetimes", "panel": "panel_lifetimes"}
    found = {name: sum(row.get(key, 0) for row in rows) for name, key in keys.items()}
    more = report.get("lived")
    found |= {name: more[name] for name in LIVED if isinstance(more, Mapping) and isinstance(more.get(name), int)}
    return {name: int(count) for name, count in found.items() if count}


def lifetimes(lived: Mapping[str, int], between: str = ", ") -> str:
    """Return how many lifetimes were lived for what: 17,683,200 lifetimes in evolution, 400,000 to tune stock rules."""
    counts = [(f"{lived[name]:,}", words) for name, words in LIVED.items() if lived.get(name)]
    if not counts:
        return "no lifetimes"
    first, *rest = counts
    return between.join([f"{first[0]} lifetimes {first[1]}", *(f"{count} {words}" for count, words in rest)])


def listed(items: Sequence[str], last: str = " and ") -> str:
    """Join words as a sentence does."""
    return last.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def number_in(row: Mapping[str, Any], key: str) -> float | None:
    """Return a finite number of a report; None where there is none."""
    value = row.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        return None
    return float(value)
