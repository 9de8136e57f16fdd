"""What a search starts from besides random rules: classic rules, the best of earlier runs, rules of the user's own.

What of them a recipe cannot hold is named. What was read from runs and files is kept with the run, so that one that is
resumed reads nothing again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from evometa.config.keys import nearest_name
from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.config.toml import parse as parse_toml
from evometa.config.toml import read_text
from evometa.errors import InputError
from evometa.evolution.borrowed import borrow
from evometa.evolution.functions import NONE, Functions
from evometa.evolution.loop import Evolution
from evometa.evolution.objectives import fitness_weights
from evometa.evolution.stored import StoredGenomes, texts_of
from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.guesses import Form, Guess, classic_forms, hold, plain
from evometa.genetics.individual import fitness_class
from evometa.genetics.shapes import shapes_of
from evometa.language.habits import NO_HABITS, Habits
from evometa.language.signals import COEFFICIENTS, SLOTS
from evometa.language.text import parse
from evometa.lifetime import Graph
from evometa.store.reader import open_reader
from evometa.store.records import Texts
from evometa.tasks.location import Places

RANDOM = ("init", "random")  # starts that need no guesses
LIBRARY = "library"
NUMBERS = "coefficients"  # of a rule in a file, beside its slots


class Guesses(NamedTuple):
    """Forms of rules by the name of the start, remarks on them, texts of those that were read elsewhere, habits."""

    forms: Mapping[str, Sequence[Form]]
    notes: Sequence[str]
    texts: Mapping[str, Mapping[str, Texts]]
    habits: Habits = NO_HABITS


NO_GUESSES = Guesses({}, (), {})


def open_guesses(loaded: Loaded, updates: int, places: Places) -> Guesses:
    """Return the guesses that a recipe starts from, for lives of so many weight updates, and the habits it goes by.

    Raises InputError where a start is not there, is none, or has no rule that the recipe can hold.
    """
    config, where = loaded.config, loaded.source.where(("evolution", "start"))
    forms, notes, texts = {}, [], dict[str, Mapping[str, Texts]]()
    for name in config.evolution.start:
        if name in RANDOM:
            continue
        if name == LIBRARY:
            given = classic_forms(updates)
        else:
            texts[name] = places.guesses.get(name) or _read(name, places, where)
            # sorted, as what the run file keeps is
            given = [Form(rule, [_guess(rule, own, f"{name}, {rule}")]) for rule, own in sorted(texts[name].items())]
        held = hold(given, config)
        lacking = _grouped(held.lacking)
        if not held.forms:
            remedy = "Give the recipe what it lacks, or another start."
            raise InputError("a rule that the recipe can hold", f"none of {name}: {lacking}", where, remedy)
        forms[name] = held.forms
        rules = ", ".join(form.name for form in held.forms if form.name == plain(form.name))
        notes.append(f"start {name}: {rules}" + (f"; not held: {lacking}" if lacking else ""))
    borrowed = borrow(loaded, places)
    return Guesses(forms, notes, texts | borrowed.texts, borrowed.habits)


def begun(
    make: Callable[..., Any], config: Config, networks: Sequence[Graph], functions: Functions = NONE,
    start: WeightedGraph | None = None, guesses: Guesses = NO_GUESSES,
) -> Evolution:  # fmt: skip
    """Return the outer loop before its first generation.

    `make`: what makes a toolbox of a recipe, as operators do; `start`: see `shapes_of`; the others: as of `make`.
    """
    toolbox = make(config, shapes_of(config, networks, start), functions, guesses.forms, guesses.habits)
    fitness = fitness_class(fitness_weights(config.fitness.objectives))
    return Evolution(toolbox, config.evolution, config.seed, fitness, config.sampling.resample == "generation")


def _grouped(lacking: Mapping[str, str]) -> str:
    """Say which rules cannot be held, those that lack the same thing together."""
    by_reason: dict[str, list[str]] = {}
    for rule, what in lacking.items():
        if plain(rule) not in by_reason.get(what, []):
            by_reason.setdefault(what, []).append(rule)
    return "; ".join(f"{', '.join(rules)} (no {what})" for what, rules in by_reason.items())


def _read(name: str, places: Places, where: str) -> dict[str, Texts]:
    """Read the rules of a file, or of a run's folder, from the first place where there is one."""
    tried = [folder / name for folder in places.folders()]
    place = next((path for path in tried if path.exists()), None)
    if place is None:
        expected = f"{', '.join((*RANDOM, LIBRARY))}, the folder of a run, or a TOML file of rules"
        raise InputError(expected, f'"{name}"', where, nearest_name(name, (*RANDOM, LIBRARY)))
    return _of_run(place) if place.is_dir() or place.suffix == ".db" else _of_file(place)


def _of_run(place: Path) -> dict[str, Texts]:
    """Return the champion of a run and its hall of fame."""
    reader = open_reader(place)
    if reader.last_generation < 0:
        raise InputError("a run with a generation or more", "none", str(place))
    report = reader.report()
    ids = [] if report is None else [report.value["champion"]]
    ids += reader.state(reader.last_generation)["hall"]
    stored = [reader.individual(number) for number in dict.fromkeys(ids)]
    return {
        f"individual {one.id}": {**texts_of(genome), NUMBERS: genome.coefficients.tolist()}
        for one, genome in zip(stored, StoredGenomes(reader).of(stored), strict=True)
        if genome is not None
    }


def _of_file(place: Path) -> dict[str, Texts]:
    """Return the rules of a TOML file: a table for each, with a text for each slot, and its coefficients."""
    label, found = str(place), {}
    for name, table in parse_toml(read_text(place, label), label).items():
        if not isinstance(table, Mapping) or "update" not in table:
            raise InputError('a table with update = "…" for each rule', f"{name} = {table!r}", label)
        found[name] = dict(table)
        _guess(name, found[name], f"{label}, {name}")  # whatever the recipe can hold, it must be a rule
    return found


def _guess(name: str, texts: Mapping[str, Any], where: str) -> Guess:
    """Return a rule of texts. Raises InputError for what is none."""
    numbers = texts.get(NUMBERS, [])
    fits = isinstance(numbers, Sequence) and len(numbers) <= len(COEFFICIENTS)
    if not fits or not all(type(one) in (int, float) for one in numbers):
        expected = f"a list of numbers c0, c1, …, {len(COEFFICIENTS)} at most"
        raise InputError(expected, repr(numbers), f"{where}, {NUMBERS}")
    slots = {}
    for slot, text in texts.items():
        if slot == NUMBERS:
            continue
        if slot not in SLOTS or not isinstance(text, str):
            expected = f"a text for a slot ({', '.join(SLOTS)}), or {NUMBERS}"
            raise InputError(expected, f"{slot} = {text!r}", where, nearest_name(slot, (*SLOTS, NUMBERS)))
        slots[slot] = parse(text, SLOTS[slot].signals, where=f"{where}, {slot}")
    return Guess(name, slots, dict(zip(COEFFICIENTS, map(float, numbers), strict=False)))
