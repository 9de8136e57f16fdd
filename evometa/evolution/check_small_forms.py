"""Checks of recipes in small form, as searches are run on: those that a run of each would have of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evometa.config.load import Loaded
from evometa.evolution.check import check_names, check_tasks
from evometa.evolution.check_search import Selection, check_search
from evometa.tasks import Family
from evometa.tasks.families.recipe import RecipeFamily
from evometa.tasks.location import Places, open_families


def check_small_forms(
    families: Sequence[Family], selections: Mapping[str, Mapping[str, Selection]], schemes: Mapping[str, Any]
) -> None:
    """Check the small forms of all families that have such; `selections`, `schemes`: see `check_search`. InputError."""
    for form in small_forms(families):
        check_names(form)
        check_search(form, selections, schemes)
        check_tasks(form, open_families(form.config, Places(form.source.folder)))


def small_forms(families: Sequence[Family]) -> Iterator[Loaded]:
    """Yield the small forms of all families, those of further tests too."""
    for family in families:
        if isinstance(family, RecipeFamily):
            yield from (form for forms in family.forms.values() for form in forms)
            yield from small_forms(list(family.others.values()))


def lives_of(families: Sequence[Family]) -> list[str]:
    """Return what lives of small forms are, each kind once (see `Config.lives`)."""
    return list(dict.fromkeys(form.config.lives for form in small_forms(families)))
