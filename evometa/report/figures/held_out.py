"""What held-out tasks say: the champion beside stock learners, and what its terms and signals are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from evometa.judging.analyses import ANALYSIS, Analysis, Effect
from evometa.judging.scores import Score, finite
from evometa.presentation.format import interval, tuned
from evometa.report.figures.rows import MOST, Mark, Row, plus_minus, row_figure, scale_of
from evometa.report.figures.scale import measure
from evometa.report.figures.theme import LIGHT, blank, note
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

ABSENT = "No analysis of it is stored. Either makes one: evometa report RUN --analyse, evometa inspect RUN --analyse."
LACKING = (
    "The analysis that is stored lacks it: lives that act, search or are taught have none, nor had earlier versions. "
    "A new one: evometa inspect RUN --analyse."
)

PARTS = MOST  # of a network: as many as one figure has rows
AXIS = 60  # characters of an axis's words that a narrow window shows


@takes(run=RUN)
def verdict(run: Run) -> Figure:
    """Draw the champion's score on held-out tasks beside the stock learners', with 95 % intervals."""
    title = "On tasks never met before"
    champion = run.champion
    score = None if champion is None else finite(champion.meta_test)
    if champion is None or score is None:
        return blank(title, "The champion is tested on held-out tasks when the run ends; this run has not ended yet.")
    scale = measure(champion.measure)
    half = finite(champion.meta_test_ci95)
    rows = [Row("champion", interval(score, half), (Mark(score, half, "champion", True),), True)]
    for other in run.baselines:
        mean, own = finite(other.mean), finite(other.ci95)
        if mean is not None:
            words = f"tuned to {tuned(other)}" if tuned(other) else ""
            rows.append(Row(other.name, interval(mean, own), (Mark(mean, own),), False, words))
    rows.sort(key=lambda row: row.marks[0].mean, reverse=scale.higher)
    kind = scale_of([row.marks[0].mean for row in rows], [row.marks[0].half or 0.0 for row in rows], scale.higher)
    axis = f"{scale.heading}, 95 % interval {champion.over}"
    axis = axis if len(axis) <= AXIS else scale.heading  # the caption says it, too
    figure = row_figure(title, rows, axis, kind)
    figure.update_layout(showlegend=False)
    ends = {"x0": score - (half or 0.0), "x1": score + (half or 0.0)}
    figure.add_vrect(**ends, fillcolor=LIGHT["blue band"], line_width=0, layer="below")
    return figure


@takes(analysis=ANALYSIS | None)
def ablation(analysis: Analysis | None) -> Figure:
    """Draw what each term of the rule is worth: performance on held-out tasks with it, less that without it."""
    title = "What each term is worth"
    if analysis is None or "ablation" not in analysis:
        return blank(title, ABSENT if analysis is None else LACKING)
    several = len({row.slot for row in analysis.ablation}) > 1
    terms: dict[str, list[tuple[Effect, str]]] = {}
    for row in analysis.ablation:
        terms.setdefault(f"{row.slot}: {row.term}" if several else row.term, []).append((row, row.change))
    return _differences(title, terms, analysis, "The rule is a single term; there is nothing to take away.")


@takes(analysis=ANALYSIS | None)
def wiring(analysis: Analysis | None) -> Figure:
    """Draw what each node and synapse of a network that evolved is worth: performance with it, less that without."""
    title = "What each node and synapse is worth"
    if analysis is None or "wiring" not in analysis:
        return blank(title, ABSENT if analysis is None else LACKING)
    ranked = sorted(analysis.wiring, key=lambda row: -abs(finite(row.difference.mean) or 0.0))
    parts: dict[str, list[tuple[Effect, str]]] = {f"{row.kind} {row.part}": [(row, "")] for row in ranked[:PARTS]}
    figure = _differences(title, parts, analysis, "No network evolved, or it has no part to take out.")
    left = len(ranked) - PARTS
    return note(figure, f"The {PARTS} that matter most are drawn, of {len(ranked)}.") if left > 0 else figure


@takes(analysis=ANALYSIS | None)
def sensitivity(analysis: Analysis | None) -> Figure:
    """Draw what each signal is worth: performance on held-out tasks, less that with the signal made useless."""
    title = "What each signal is worth"
    if analysis is None or "sensitivity" not in analysis:
        return blank(title, ABSENT if analysis is None else LACKING)
    signals: dict[str, list[tuple[Effect, str]]] = {}
    for row in analysis.sensitivity:
        signals.setdefault(row.signal, []).append((row, ""))
    meanings = {row.signal: row.meaning for row in analysis.sensitivity}
    return _differences(title, signals, analysis, "The rule reads no signal that varies.", meanings)


def _differences(
    title: str, found: Mapping[str, Sequence[tuple[Effect, str]]], analysis: Analysis, none: str,
    meanings: Mapping[str, str] = MappingProxyType({}),
) -> Figure:  # fmt: skip
    """Draw differences “whole minus changed”, turned so that what helps lies on the right; each with its kind."""
    scale = measure(analysis.measure, analysis.lower_is_better)
    sign = 1.0 if scale.higher else -1.0
    rows = []
    for name, changes in found.items():
        found_marks = [mark for effect, kind in changes if (mark := _mark(effect.difference, kind, sign)) is not None]
        marks = tuple(sorted(found_marks, key=lambda mark: mark.kind != "removed"))  # its value is told, if there
        if marks:
            value = plus_minus(marks[0].mean, marks[0].half)
            rows.append(Row(name, value, marks, any(mark.strong for mark in marks), meanings.get(name, "")))
    if not rows:
        return blank(title, "No difference could be told: not one of them is finite." if found else none)
    rows.sort(key=lambda row: -row.marks[0].mean)
    return row_figure(title, rows, f"{scale.name} {'lost' if scale.higher else 'added'} without it", zero=True)


def _mark(difference: Score, kind: str, sign: float) -> Mark | None:
    """Return a difference as a mark, strong where its interval leaves out 0; None where it is not finite."""
    mean, half = finite(difference.mean), finite(difference.ci95)
    if mean is None:
        return None
    return Mark(sign * mean, half, kind if kind in ("removed", "frozen") else "", half is not None and abs(mean) > half)
