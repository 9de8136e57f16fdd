"""Which known rule a learner's is, in words."""

from __future__ import annotations

from collections.abc import Mapping

from evometa.errors.text import count_of
from evometa.judging.reports import Report
from evometa.language.acting_recognition import agent_in_words
from evometa.language.algebra import formula
from evometa.language.habits import difference, different, stood_in_for
from evometa.language.recognition import recognise
from evometa.language.teaching_library import teacher_in_words
from evometa.language.tree import Tree
from evometa.presentation.network_text import comparison_in_words
from evometa.store.records import Settings


def in_words(
    rule: Mapping[str, Tree], coefficients: Mapping[str, float], settings: Settings, report: Report | None
) -> str:
    """Return which known rule this is, by algebra, or else behaves like in its own lives, or is nearest to there."""
    if settings.searches:
        told = f"{count_of(len(different(rule, settings.tournament)), 'habit')} of {len(rule)} not the fixed one"
        vain = ", ".join(stood_in_for(rule))
        return f"{told}; the fixed ones stand in for {vain}, which tell nothing apart" if vain else told
    if "teaching" in settings.families:
        return teacher_in_words(rule)
    if settings.acts:
        return agent_in_words(rule, settings.acting.order)
    updates = settings.lifetime.updates
    if updates == 0:
        return comparison_in_words(settings.network)
    found = recognise(rule, coefficients, *([updates] if updates else []))
    seen = None if report is None else report.behaviour
    if found.name is not None or seen is None:
        return found.text
    if seen.text is not None:
        return seen.text
    if not {"title", "scale", "r2"} <= seen.keys():
        return found.text
    return f"on its own tasks, {seen.title} × {seen.scale:.3g} (R² {seen.r2:.4f})"  # of version 0.1


def in_formulas(rule: Mapping[str, Tree], coefficients: Mapping[str, float], settings: Settings) -> str:
    """Return a rule in one line, simplified; habits as what of them is not as in the fixed ones."""
    return difference(rule, settings.tournament) if settings.searches else formula(rule, coefficients)
