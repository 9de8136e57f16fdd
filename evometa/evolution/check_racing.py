"""Checks of section `racing`: whether genomes can be told apart task by task, and whether there are tasks enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from evometa.config.load import Loaded
from evometa.config.section import show
from evometa.errors import InputError
from evometa.evolution.measures import mean
from evometa.evolution.objectives import objectives_of
from evometa.tasks import Family


def check_racing(loaded: Loaded, by_cases: Sequence[str]) -> None:
    """Refuse what newborn cannot race with. Raises InputError.

    `by_cases`: keys of section `evolution` that name a selection by errors on single tasks.
    """
    config, where = loaded.config, loaded.source.where
    racing, rungs = config.racing, config.racing.rungs
    if not rungs:
        return
    if rungs[-1] >= config.sampling.tasks:
        expected = f"numbers of tasks below sampling.tasks ({config.sampling.tasks})"
        raise InputError(expected, show(rungs), where(("racing", "rungs")), "Lower them, or raise sampling.tasks.")
    if config.sampling.validation_tasks < rungs[-1]:
        raise InputError(
            f"as many tasks to choose the champion on as the last rung has ({rungs[-1]})",
            str(config.sampling.validation_tasks), where(("sampling", "validation_tasks")), "Raise it.",
        )  # fmt: skip
    least = math.ceil(round(racing.advance ** -len(rungs), 9))
    if config.evolution.offspring < least:
        expected = f"a race that one of its newborn can be expected to finish: {least} or more"
        remedy = "Raise it, or racing.advance, or take a rung out of racing.rungs."
        raise InputError(expected, str(config.evolution.offspring), where(("evolution", "offspring")), remedy)
    if config.sampling.resample != "generation":
        raise InputError(
            'sampling.resample = "generation" with racing.rungs, as records grow by tasks that are new',
            show(config.sampling.resample), where(("sampling", "resample")), "Set it, or remove racing.rungs.",
        )  # fmt: skip
    if config.evolution.inheritance == "lamarck":
        raise InputError(
            "baldwin or darwin with racing.rungs, as those who drop out have not learned what the others have",
            '"lamarck"', where(("evolution", "inheritance")), "Set it, or remove racing.rungs.",
        )  # fmt: skip
    _check_objectives(loaded)
    for key in by_cases:
        raise InputError(
            "another selection with racing.rungs: not all genomes have met the same tasks, by which this one picks",
            show(getattr(config.evolution, key)), where(("evolution", key)), 'Set evolution.scheme = "plus".',
        )  # fmt: skip


def _check_objectives(loaded: Loaded) -> None:
    """Refuse objectives that are no means over lives, or that go by lives beside the first."""
    config = loaded.config
    where = loaded.source.where(("fitness", "objectives"))
    first, *others = objectives_of(config.fitness.objectives)
    if first.extent or first.summary is not mean:
        expected = "a first objective that is a mean over lifetimes, as records of races are made of single ones"
        raise InputError(expected, first.name, where, 'Use "adapted_loss", or remove racing.rungs.')
    for row in others:
        if not row.extent:
            expected = "size, synapses or nodes beside the first objective with racing.rungs, which race by that alone"
            raise InputError(expected, row.name, where, "Remove it, or remove racing.rungs.")
    if config.fitness.synapse_cost and config.rule.gated:
        raise InputError(
            "fitness.synapse_cost = 0 with racing.rungs and a gate: how many synapses are open differs between tasks",
            show(config.fitness.synapse_cost), loaded.source.where(("fitness", "synapse_cost")), "Set it to 0.",
        )  # fmt: skip


def check_field(loaded: Loaded, families: Sequence[Family]) -> None:
    """Refuse sets of tasks that have too few for a race; `families` of the sets. Raises InputError."""
    last: Any = max(loaded.config.racing.rungs, default=0)
    for number, (family, settings) in enumerate(zip(families, loaded.config.tasks, strict=True)):
        for split, least in (("train", last + 1), ("validation", last)):
            limit = family.limit(split) if last and split in settings.splits else None
            if limit is not None and limit < least:
                expected = f"{least} {split} tasks or more, as the last of racing.rungs has {last}"
                place = loaded.source.where(("tasks",)) + (f", set {number + 1}" if len(families) > 1 else "")
                raise InputError(expected, f"{limit} ({family.name})", place, "Lower racing.rungs.")
