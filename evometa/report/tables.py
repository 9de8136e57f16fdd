"""Tables beside the figures: the same numbers, for readers who want them, by keyboard and by ear too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evometa.presentation.format import interval, number
from evometa.report.figures.ancestry import fitness_of_step
from evometa.report.figures.scale import finite

MOST = 60  # rows
CHANGE = 240  # characters


def ablation_rows(analysis: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return what became of the rule without each of its terms."""
    return [
        {
            "part": _cut(f"{row.get('slot', '')}: {row.get('term', '')}"), "change": str(row.get("change", "")),
            "formula": _cut(row.get("formula", "")), "score": _interval(row),
            "difference": _interval(row.get("difference")),
        }
        for row in ((analysis or {}).get("ablation") or ())[:MOST]
    ]  # fmt: skip


def sensitivity_rows(analysis: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return what became of the learner without each of its signals, and what the signal has to do with Δw."""
    return [
        {
            "signal": str(row.get("signal", "")), "meaning": str(row.get("meaning", "")),
            "change": str(row.get("change", "")), "score": _interval(row),
            "difference": _interval(row.get("difference")),
            "share": _percent(row.get("share")), "slope": number(finite(row.get("slope"))).replace("-", "−"),
        }
        for row in ((analysis or {}).get("sensitivity") or ())[:MOST]
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


def _interval(row: Any) -> str:
    if not isinstance(row, Mapping):
        return "–"
    return interval(finite(row.get("mean")), finite(row.get("ci95"))).replace("-", "−")


def _percent(value: Any) -> str:
    share = finite(value)
    return "–" if share is None else f"{100 * share:.3g} %"


def _gain(value: Any) -> str:
    gain = finite(value)
    return "–" if gain is None else f"{gain:+.4g}".replace("-", "−")


def _cut(text: Any) -> str:
    words = str(text)
    return words if len(words) <= CHANGE else f"{words[: CHANGE - 1]}…"
