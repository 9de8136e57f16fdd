"""What held-out tasks say: the champion beside stock learners, and what its terms and signals are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evometa.judging.verdict import over
from evometa.presentation.format import interval, tuned
from evometa.report.figures.rows import Mark, Row, plus_minus, row_figure, scale_of
from evometa.report.figures.scale import finite, measure
from evometa.report.figures.theme import LIGHT, blank
from evometa.system.arguments import MAPPING, RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

ABSENT = "No analysis of it is stored. Either makes one: evometa report RUN --analyse, evometa inspect RUN --analyse."

AXIS = 60  # characters of an axis's words that a narrow window shows


@takes(run=RUN)
def verdict(run: Run) -> Figure:
    """Draw the champion's score on held-out tasks beside the stock learners', with 95 % intervals."""
    title = "On tasks never met before"
    champion = run.champion
    score = None if champion is None else finite(champion.meta_test)
    if champion is None or score is None:
        return blank(title, "The champion is tested on held-out tasks when the run ends; this run has not ended yet.")
    scale = measure(champion.scores.get("measure"))
    half = finite(champion.meta_test_ci95)
    rows = [Row("champion", interval(score, half), (Mark(score, half, "champion", True),), True)]
    for other in run.baselines:
        mean, own = finite(other.get("mean")), finite(other.get("ci95"))
        if mean is not None:
            words = f"tuned to {tuned(other)}" if tuned(other) else ""
            rows.append(Row(str(other.get("name")), interval(mean, own), (Mark(mean, own),), False, words))
    rows.sort(key=lambda row: row.marks[0].mean, reverse=scale.higher)
    kind = scale_of([row.marks[0].mean for row in rows], [row.marks[0].half or 0.0 for row in rows], scale.higher)
    axis = f"{scale.heading}, 95 % interval {over(champion.scores.get('over'))}"
    axis = axis if len(axis) <= AXIS else scale.heading  # the caption says it, too
    figure = row_figure(title, rows, axis, kind)
    figure.update_layout(showlegend=False)
    ends = {"x0": score - (half or 0.0), "x1": score + (half or 0.0)}
    figure.add_vrect(**ends, fillcolor=LIGHT["blue band"], line_width=0, layer="below")
    return figure


@takes(analysis=MAPPING | None)
def ablation(analysis: Mapping[str, Any] | None) -> Figure:
    """Draw what each term of the rule is worth: performance on held-out tasks with it, less that without it."""
    title = "What each term is worth"
    found = (analysis or {}).get("ablation")
    if analysis is None or found is None:
        return blank(title, ABSENT)
    several = len({row.get("slot") for row in found}) > 1
    terms: dict[str, list[Mapping[str, Any]]] = {}
    for row in found:
        name = f"{row.get('slot')}: {row.get('term')}" if several else str(row.get("term"))
        terms.setdefault(name, []).append(row)
    return _differences(title, terms, analysis, "The rule is a single term; there is nothing to take away.")


@takes(analysis=MAPPING | None)
def sensitivity(analysis: Mapping[str, Any] | None) -> Figure:
    """Draw what each signal is worth: performance on held-out tasks, less that with the signal made useless."""
    title = "What each signal is worth"
    found = (analysis or {}).get("sensitivity")
    if analysis is None or found is None:
        return blank(title, ABSENT)
    signals: dict[str, list[Mapping[str, Any]]] = {}
    for row in found:
        signals.setdefault(str(row.get("signal")), []).append(row)
    return _differences(title, signals, analysis, "The rule reads no signal that varies.")


def _differences(
    title: str, found: Mapping[str, Sequence[Mapping[str, Any]]], analysis: Mapping[str, Any], none: str
) -> Figure:
    """Draw differences “whole minus changed”, turned so that what helps lies on the right."""
    scale = measure(analysis.get("measure"), analysis.get("lower_is_better"))
    sign = 1.0 if scale.higher else -1.0
    rows = []
    for name, changes in found.items():
        found_marks = [mark for change in changes if (mark := _mark(change, sign)) is not None]
        marks = tuple(sorted(found_marks, key=lambda mark: mark.kind != "removed"))  # its value is told, if there
        if marks:
            detail = str(changes[0].get("meaning") or "")
            value = plus_minus(marks[0].mean, marks[0].half)
            rows.append(Row(name, value, marks, any(mark.strong for mark in marks), detail))
    if not rows:
        return blank(title, "No difference could be told: not one of them is finite." if found else none)
    rows.sort(key=lambda row: -row.marks[0].mean)
    return row_figure(title, rows, f"{scale.name} {'lost' if scale.higher else 'added'} without it", zero=True)


def _mark(row: Mapping[str, Any], sign: float) -> Mark | None:
    """Return a difference as a mark, strong where its interval leaves out 0; None where it is not finite."""
    difference = row.get("difference") or {}
    mean, half = finite(difference.get("mean")), finite(difference.get("ci95"))
    if mean is None:
        return None
    kind = str(row.get("change") or "")
    return Mark(sign * mean, half, kind if kind in ("removed", "frozen") else "", half is not None and abs(mean) > half)
