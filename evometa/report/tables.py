"""Tables beside the figures: the same numbers, for readers who want them, by keyboard and by ear too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evometa.judging.analyses import Analysis
from evometa.judging.audits import Audit, Cell
from evometa.judging.scores import Score, finite
from evometa.presentation.audit import heading, ranked, said, summary, worst
from evometa.presentation.format import cut, interval, number
from evometa.report.figures.ancestry import fitness_of_step

MOST = 60  # rows
CHANGE = 240  # characters


def ablation_rows(analysis: Analysis | None) -> list[dict[str, str]]:
    """Return what became of the rule without each of its terms."""
    return [
        {
            "part": _cut(f"{row.slot}: {row.term}"), "change": row.change, "formula": _cut(row.formula),
            "score": _interval(row), "difference": _interval(row.difference),
        }
        for row in (analysis.ablation if analysis else [])[:MOST]
    ]  # fmt: skip


def sensitivity_rows(analysis: Analysis | None) -> list[dict[str, str]]:
    """Return what became of the learner without each of its signals, and what the signal has to do with Δw."""
    return [
        {
            "signal": row.signal, "meaning": row.meaning, "change": row.change,
            "score": _interval(row), "difference": _interval(row.difference),
            "share": _percent(finite(row.share)), "slope": number(finite(row.slope)).replace("-", "−"),
        }
        for row in (analysis.sensitivity if analysis else [])[:MOST]
    ]  # fmt: skip


def lineage_rows(steps: Sequence[Any]) -> list[dict[str, str]]:
    """Return the ancestors, as they come: who, when, how, what changed, and what it gained."""
    return [
        {
            "id": str(step.id), "born": number(step.born), "operator": str(step.operator or "unknown"),
            "parents": ", ".join(map(str, step.parents)) or "–", "change": _cut(getattr(step, "change", "") or "–"),
            "fitness": number(fitness_of_step(step)), "gain": _gain(getattr(step, "gain", None)),
        }
        for step in steps[:MOST]
    ]  # fmt: skip


def audit_told(audit: Audit | None) -> dict[str, Any]:
    """Return an audit in words, a row for each test, those that found a fault first, and one for each disturbance."""
    if audit is None:
        return {"tests": [], "cells": []}
    cells = [(check, cell) for check in ranked(audit) for cell in check.cells]
    return {
        "heading": heading(audit), "summary": summary(audit),
        "tests": [(*_scores(worst(check)), check.name, check.verdict, said(check)) for check in ranked(audit)],
        "cells": [(*_scores(cell), check.name, cell.name, cell.verdict) for check, cell in cells],
    }  # fmt: skip


def _scores(cell: Cell | None) -> tuple[str, str]:
    return ("–", "–") if cell is None else (number(finite(cell.champion)), number(finite(cell.stock)))


def _interval(score: Score) -> str:
    return interval(finite(score.mean), finite(score.ci95)).replace("-", "−")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.3g} %"


def _gain(value: Any) -> str:
    gain = finite(value)
    return "–" if gain is None else f"{gain:+.4g}".replace("-", "−")


def _cut(text: Any) -> str:
    return cut(str(text), CHANGE)
