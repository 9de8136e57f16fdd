"""Recipes in small form: a few genomes, generations and tasks, so that a whole run of one is a search task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from evometa.config.load import Loaded, keep, load
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.errors import InputError
from evometa.lifetime.searches import Form

STARTS = ("init", "random", "library")  # of evolution, that need no file
ELSEWHERE = ("function", "environment", "omniglot")  # families whose tasks lie outside of evometa


class Size(NamedTuple):
    """What a small form has of each: of a search on it, and of a genome's lives there."""

    population: int
    generations: int
    tasks: int
    validation: int
    tournament: int


def small_form(name: str, size: Size, base: Path, where: str) -> Loaded:
    """Return a recipe, by its name or the path of a TOML file from `base`, in small form. Raises InputError."""
    own = [
        f"evolution.population={size.population}", f"evolution.offspring={size.population}", "evolution.islands=1",
        "evolution.reset_every=0", f"evolution.tournament={size.tournament}", f"sampling.tasks={size.tasks}",
        "sampling.repeats=1", f"sampling.validation_tasks={size.validation}", "sampling.panel_tasks=0",
        "sampling.monitor_tasks=0", "racing.rungs=[]", "run.until={}", "run.patience=0", "run.threads=1",
    ]  # fmt: skip
    place = f"{where}, {show(name).strip(chr(34))}"
    try:
        path = base / name if name.endswith(".toml") else name
        loaded = load(path, own, seed=0, generations=size.generations, backend="numba", on="local")
    except InputError as error:
        raise InputError(error.expected, error.found, f"{place}: {error.where}", error.remedy) from None
    for expected, found, key in _faults(loaded.config):
        raise InputError(f"recipes {expected}", show(found), f"{place}: {key}", "Take another recipe.")
    return loaded


def form_of(loaded: Loaded, blind: bool) -> Form:
    """Return a small form as searches have it."""
    return Form(loaded.config.name, json.dumps(keep(loaded.config), sort_keys=True), blind)


def said(loaded: Loaded) -> str:
    """Return what a small form says that its runs go by, as text; keys that it leaves at their defaults say nothing."""
    own = loaded.config.model_dump(mode="json", exclude_unset=True, exclude={"name", "description", "champion"})
    return json.dumps(own, sort_keys=True)


def _faults(config: Config) -> Iterator[tuple[str, object, str]]:
    """Yield what a recipe's search cannot be driven by, or cannot be without: what is expected, found, and where."""
    if config.searches:
        yield "of learners: searches for habits are what habits.depth = 3 has", "habits", "tasks.family"
    guided = "as habits say how trees of a rule vary"
    if not config.rule.evolving:
        yield f"whose rule evolves, {guided}", config.rule.fixed, "rule.fixed"
    if "topology" in config.evolved or config.species.by != "none":
        yield "whose networks are fixed, as those that evolve breed by chances of their own", "evolved", "topology.mode"
    if len(config.fitness.objectives) > 1:
        yield "of one objective, by which habits rank", config.fitness.objectives, "fitness.objectives"
    if config.gradient.steps or config.tuning.every:
        key = "gradient.steps" if config.gradient.steps else "tuning.every"
        yield "that search by variation alone, without gradients or tuning", "others", key
    if config.habits.mode != "fixed" or config.habits.origin is not None:
        yield "without habits of their own", config.habits.origin or config.habits.mode, "habits"
    alone = "that need nothing but evometa"
    for tasks in config.tasks:
        if tasks.settings.family in ELSEWHERE or getattr(tasks.settings, "path", None) is not None:
            yield f"{alone}: no file, no function of your own", tasks.settings.family, "tasks.family"
    for start in config.evolution.start:
        if start not in STARTS:
            yield f"{alone}: no run, no file", start, "evolution.start"
    own = config.evolution
    named = [*config.fitness.objectives, *config.variation.own, own.parents or "", own.survivors or ""]
    for function in named:
        if ":" in function:
            yield f"{alone}: no function of your own", function, "module:function"
