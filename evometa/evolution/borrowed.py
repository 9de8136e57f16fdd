"""Habits that a search takes from a run: those of its champion, read once and kept with the search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from evometa.config.load import Loaded
from evometa.errors import InputError
from evometa.evolution.stored import StoredGenomes
from evometa.language.habits import Habits
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.store.reader import open_reader
from evometa.store.records import Texts
from evometa.tasks.location import Places

KEY = "habits of {}"  # by which they are kept, beside rules that a search starts from
REMEDY = "Make one with: evometa run habits"


class Borrowed(NamedTuple):
    """Habits, and their texts by the run, as a run file keeps them; nothing where a recipe takes none."""

    habits: Habits
    texts: dict[str, Mapping[str, Texts]]


def borrow(loaded: Loaded, places: Places) -> Borrowed:
    """Return the habits of the run that a recipe names. Raises InputError where there is none, or it has none."""
    origin, where = loaded.config.habits.origin, loaded.source.where(("habits", "from"))
    if origin is None:
        return Borrowed({}, {})
    key = KEY.format(origin)
    kept = places.guesses.get(key) or {"champion": _read(origin, places, where)}
    habits = {
        slot: parse(text, HABIT_SLOTS[slot].signals, where=f"{where}, {slot}")
        for slot, text in kept["champion"].items()
        if slot in HABIT_SLOTS and isinstance(text, str)
    }
    return Borrowed(habits, {key: kept})


def _read(origin: str, places: Places, where: str) -> Texts:
    """Return the texts of a champion's habits, from the first place where there is such a run."""
    found = next((path for folder in places.folders() if (path := folder / origin).exists()), None)
    if found is None:
        raise InputError("the folder of a run of habits", f'"{origin}", where nothing is', where, REMEDY)
    reader = open_reader(found)
    report = reader.report()
    if report is None:
        expected = "a run of habits that is over"
        raise InputError(expected, f"{found}, which has no report yet", where, f"Finish it: evometa resume {found}")
    stored = reader.individual(report.value["champion"])
    (genome,) = StoredGenomes(reader).of([stored])
    texts: Texts = {} if genome is None else {s: str(tree) for s, tree in genome.rule.items() if s in HABIT_SLOTS}
    if not texts:
        raise InputError("a run of habits", f"{found}, whose champion has none", where, REMEDY)
    return texts
