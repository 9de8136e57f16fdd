"""What a final report comes to in words: what its intervals are over, how the champion stands to stock learners.

Reports of older versions lack fields: they told neither what intervals are over (it was tasks) nor differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import hypot
from typing import NamedTuple

from evometa.errors.text import count_of, plural
from evometa.evolution.measures import lower_is_better
from evometa.judging.analyses import Gates
from evometa.judging.reports import Comparison, Overlap, Report
from evometa.judging.scores import Over, Score, finite
from evometa.store.records import Statistics

LEVELS = ("better", "level", "worse")
LIVED = {
    "evolution": "in evolution",
    "panel": "on the panel",
    "validation": "to monitor the search on validation tasks",
    "units": "to measure the units of loss",
    "numbers": "to tune numbers",
    "choice": "to choose the champion",
    "tuning": "to tune stock rules",
    "random search": "to search at random",
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


def over(found: Over | None) -> str:
    """Return what intervals are over: "over 5 classes", "over 20 tasks of each set"."""
    if found is None or not found.units:
        return "over tasks"
    if len(found.units) == 1:
        return f"over {count_of(found.units[0], found.unit)}"
    words = ", ".join(f"{count:,}" for count in dict.fromkeys(found.units))
    return f"over {words} {plural(found.unit)} of each set"


def basis(report: Report, seed: int) -> str:
    """Return what a run's test rests on: how many runs, tasks, and lifetimes on each; `seed`: the run's."""
    found = report.over
    if found is None or found.tasks is None or found.repeats is None:
        return ""
    sets = len(found.units)
    each = "once" if found.repeats == 1 else f"{found.repeats:,} times, with other births and orders of examples"
    where = count_of(found.tasks, "task") + (f" of each of {sets} sets" if sets > 1 else "")
    text = f"It rests on one run (seed {seed}) and {where}, each lived {each}"
    tuned = next((row.tuned_on for row in report.baselines if row.tuned_on), None)
    text = f"{text}; rules were tuned on {count_of(tuned, 'train task')}." if tuned else f"{text}."
    return f"{text} {same}" if (same := repeated(report.overlap)) else text


def wirings(gates: Gates) -> str:
    """Return how many synapses are open after learning, and whether that differs from task to task."""
    tasks, synapses = len(gates.wirings), len(gates.share)
    text = f"After learning, {sum(gates.share):.3g} of {synapses:,} synapses are open in the mean."
    one, other, lead = gates.within.mean, gates.between.mean, gates.difference
    if one is None or other is None or lead.mean is None:
        return f"{text} There are too few lives to tell whether that differs from task to task."
    sure = f" ± {lead.ci95:.2f}" if lead.ci95 is not None else ""
    told = f"Of those that either opens, two lives of one task share {one:.0%}, two of different tasks {other:.0%}"
    differs = lead.ci95 is not None and lead.mean > lead.ci95
    judged = "the wiring differs by task" if differs else "no difference between tasks is shown"
    return f"{text} {told} (difference {lead.mean:.2f}{sure} over {tasks} tasks): {judged}."


def repeated(overlap: Overlap | None) -> str:
    """Say how many test tasks are train or validation tasks by content; nothing where none are."""
    if overlap is None:
        return ""
    counts = {"in evolution or tuning": overlap.train, "in the choice of the champion": overlap.validation}
    met = listed([f"{count:,} {where}" for where, count in counts.items() if count])
    if not met:
        return ""
    part = "the score" if overlap.tasks in counts.values() else "that part of the score"
    return f"Of {count_of(overlap.tasks, 'test task')}, met by content before: {met}; {part} is not held out."


def standings(report: Report) -> Iterator[Standing]:
    """Yield how a run's champion stands to each stock learner by each measure that both have.

    Level: 0 lies within the 95 % interval of their difference on the same tasks; where a report has no differences,
    they are reckoned as if the two had met different tasks, which is cautious. Without an interval all are level.
    """
    measure = report.measure or "score"
    own = {measure: report.test, **report.also}
    for row in report.baselines:
        scores: dict[str, Comparison] = {measure: row, **row.also}
        for by, score in scores.items():
            level = level_of(own.get(by, Score()), score, by)
            if level is not None:
                yield Standing(row.name, by, level, score.difference is not None)


def level_of(champion: Score, other: Comparison, measure: str) -> str | None:
    """Return one of LEVELS; None where either has no score."""
    if other.difference is not None:
        mean, half = finite(other.difference.mean), finite(other.difference.ci95)
    else:
        mine, theirs = finite(champion.mean), finite(other.mean)
        mean = None if mine is None or theirs is None else mine - theirs
        half = hypot(finite(champion.ci95) or 0.0, finite(other.ci95) or 0.0)
    if mean is None:
        return None
    if half is None or abs(mean) <= half:
        return "level"
    return "better" if (mean > 0) == (not lower_is_better(measure)) else "worse"


def verdict(report: Report) -> str:
    """Return in words of whom the champion is ahead, with whom it is level, behind whom it is, measure by measure."""
    found = list(standings(report))
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


def lived_for(rows: Sequence[Statistics], report: Report | None) -> dict[str, int]:
    """Return how many lifetimes were lived for what; reports of older versions tell of evolution alone."""
    kinds = {"evolution": "lifetimes", "panel": "panel_lifetimes", "units": "unit_lifetimes"}
    kinds |= {"numbers": "tuning_lifetimes", "validation": "validation_lifetimes"}
    found = {name: sum(getattr(row, key) for row in rows) for name, key in kinds.items()}
    found |= {name: count for name, count in (report.lived if report else {}).items() if name in LIVED}
    return {name: count for name, count in found.items() if count}


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
