"""Checks of what evolution selects by: objectives, and ways to pick parents and survivors, as their rows say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from evometa.config.keys import nearest_name
from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.errors import InputError
from evometa.errors.text import count_of
from evometa.evolution import check_gradient
from evometa.evolution.check_racing import check_racing
from evometa.evolution.objectives import OBJECTIVES, objective, objectives_of
from evometa.evolution.reckoning import reckoned
from evometa.evolution.world_faults import rehearsed
from evometa.tasks.family import Family


class Selection(Protocol):
    """A row of `operators.selection`: whether it goes by several objectives (None: by any number), by cases, or by an
    objective of which more is better."""

    @property
    def several(self) -> bool | None: ...

    @property
    def cases(self) -> bool: ...

    @property
    def rising(self) -> bool: ...


def check_search(loaded: Loaded, selections: Mapping[str, Mapping[str, Selection]], schemes: Mapping[str, Any]) -> None:
    """Check objectives, and how parents and survivors are picked. Raises InputError.

    `selections`: the rows that each of the keys `parents` and `survivors` may name; `schemes`: by name, one for each.
    """
    _check_objectives(loaded)
    _check_species(loaded)
    if loaded.config.run.patience and not loaded.config.sampling.monitor_tasks:
        expected, where = "1 or more with run.patience, which goes by these tasks", ("sampling", "monitor_tasks")
        raise InputError(expected, "0", loaded.source.where(where), "Set it to 100, or run.patience to 0.")
    found = [_check_selection(loaded, key, rows, schemes) for key, rows in selections.items()]
    check_racing(loaded, [key for key, row in found if row is not None and row.cases])


def remarks(config: Config, families: Sequence[Family]) -> list[str]:
    """Return what people should know of the tasks before a run: how data was read, what worlds did in a rehearsal, and
    where validation is small. Raises InputError for a world whose own fault ends all lives."""
    asked = max(config.sampling.validation_tasks, config.sampling.monitor_tasks)
    found = [
        *check_gradient.remarks(config),
        *reckoned(config, families),
        *(text for family in families for text in family.notes),
        *(text for family in families for text in rehearsed(config, family)),
    ]
    for family in families:
        there = family.limit("validation") if "validation" in family.splits else None
        if there is not None and there < asked:
            found.append(
                f"tasks {family.name}: {count_of(there, 'validation task')}, fewer than the {asked:,} asked for"
            )
    return found


def _check_objectives(loaded: Loaded) -> None:
    config, where = loaded.config, loaded.source.where(("fitness", "objectives"))
    for name in config.fitness.objectives:
        if ":" not in name and name not in OBJECTIVES:
            raise InputError("the name of an objective", f'"{name}"', where, nearest_name(name, OBJECTIVES))
    rows = objectives_of(config.fitness.objectives)
    if all(row.cost for row in rows):
        raise InputError("a measure of performance", f"{rows[0].name} alone", where, "Add adapted_loss.")
    for row in rows:
        if row.extent in ("synapses", "nodes") and "topology" not in config.evolved:
            expected = f"an objective in which genomes differ: {row.name} is alike in networks that do not evolve"
            raise InputError(expected, row.name, where, 'Remove it, or set topology.mode = "evolved".')
        if row.of_learning and (config.evolution.inheritance == "darwin" or config.lifetime.updates == 0):
            still = "with lifetime.updates = 0" if config.lifetime.updates == 0 else "with darwin"
            expected = f"a measure other than {row.name}: nothing is learned {still}"
            raise InputError(expected, row.name, where, "Remove it.")
        if row.name == "open_synapses" and not config.rule.gated:
            expected = 'a slot "gate" with open_synapses, as without one all synapses are open'
            raise InputError(expected, show(config.rule.slots), where, "Add it to rule.slots, or remove open_synapses.")
    if config.fitness.synapse_cost and "topology" not in config.evolved and not config.rule.gated:
        raise InputError(
            'topology.mode = "evolved" or a slot "gate", as synapses of fixed networks cost all genomes the same',
            '"fixed"', loaded.source.where(("topology", "mode")), "Set it, or set fitness.synapse_cost = 0.",
        )  # fmt: skip


def _check_species(loaded: Loaded) -> None:
    """Refuse to compare behaviour on different tasks, or by an objective that single tasks do not have."""
    config, where = loaded.config, loaded.source.where
    if config.species.by != "behaviour":
        return
    if config.sampling.resample != "never":
        raise InputError(
            'sampling.resample = "never", as species.by = "behaviour" compares genomes of two generations task by task',
            show(config.sampling.resample), where(("species", "by")), 'Set it, or species.by = "genes".',
        )  # fmt: skip
    if not objective(config.fitness.objectives[0]).by_task:
        expected = 'an objective that each task has of its own, as species.by = "behaviour" goes by single tasks'
        raise InputError(expected, config.fitness.objectives[0], where(("species", "by")), 'Use "adapted_loss".')


def _check_selection(
    loaded: Loaded, key: str, rows: Mapping[str, Selection], schemes: Mapping[str, Any]
) -> tuple[str, Selection | None]:
    """Check the name of a selection, or of the scheme that stands for one, and whether it can go by the objectives.

    Return the key that names it, and its row, None for a function of the user's own.
    """
    evolution, objectives = loaded.config.evolution, loaded.config.fitness.objectives
    given = getattr(evolution, key)
    if given is not None and ":" in given:
        return key, None
    named, name = ("scheme", evolution.scheme) if given is None else (key, given)
    if name not in (table := schemes if given is None else rows):
        where = loaded.source.where(("evolution", named))
        raise InputError("the name of a selection", f'"{name}"', where, nearest_name(name, table))
    row = rows[getattr(schemes[name], key) if given is None else given]
    where, said = loaded.source.where(("fitness", "objectives")), f'evolution.{named} = "{name}"'
    if row.several and len(objectives) < 2:
        remedy = f'Add "size", or set evolution.scheme = "plus": {objectives[0]} alone needs no trade-off.'
        raise InputError(f"at least two objectives with {said}", show(objectives), where, remedy)
    if row.several is False and len(objectives) > 1:
        remedy = 'Keep one, or set evolution.scheme = "nsga2".'
        raise InputError(f"one objective with {said}", show(objectives), where, remedy)
    if row.rising and objective(objectives[0]).weight < 0:
        expected = f"an objective of which more is better, as {name} picks in proportion to it"
        raise InputError(expected, objectives[0], where, 'Use "adapted_closeness" or "adapted_accuracy".')
    if row.cases and not objective(objectives[0]).by_task:
        expected = f"an objective that each task has of its own, as {name} picks by single tasks"
        raise InputError(expected, objectives[0], where, 'Use "adapted_loss".')
    return named, row
