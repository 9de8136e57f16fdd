"""Checks of what lives are judged by, against what tasks say."""

from __future__ import annotations

from evometa.config.keys import Path
from evometa.config.load import Loaded
from evometa.errors import InputError
from evometa.evolution.measures import MEASURES
from evometa.evolution.objectives import OBJECTIVES, known_objective, objective, of_acting
from evometa.spec import HEADS
from evometa.tasks import Family
from evometa.tasks.families.environment import EnvironmentFamily
from evometa.tasks.families.teaching import TeachingFamily
from evometa.tasks.families.world import WorldFamily


def check_measures(loaded: Loaded, family: Family) -> None:
    """Refuse measures that lives on these tasks do not have. Raises InputError.

    Right answers are not counted where answers are numbers: there are none, and all would be worth 0.
    """
    config = loaded.config
    if config.acts:
        _check_acting(loaded, family)
        return
    if config.searches:
        _check_searches(loaded, family)
        return
    if strange := [name for name in config.fitness.objectives if of_acting(name) or of_searches(name)]:
        raise InputError(
            f"an objective of lives with examples: tasks of family {family.name} are no worlds", f'"{strange[0]}"',
            loaded.source.where(("fitness", "objectives")), 'Use "adapted_loss".',
        )  # fmt: skip
    if config.champion.measure != "auto" and (own := MEASURES[config.champion.measure]) and (own.acts or own.searches):
        raise InputError(
            f"a measure of lives with examples: tasks of family {family.name} are no worlds",
            f'"{config.champion.measure}"', loaded.source.where(("champion", "measure")), 'Use "auto".',
        )  # fmt: skip
    head = HEADS[family.head if config.network.head == "auto" else config.network.head]
    if "accuracy" in HEADS[family.head].scores and "accuracy" in head.scores:
        return
    counted = [name for name in config.fitness.objectives if objective(name).measure == "accuracy"]
    asked: list[tuple[str, Path, str]] = [(name, ("fitness", "objectives"), "adapted_loss") for name in counted]
    asked += [("accuracy", ("champion", "measure"), "loss")] if config.champion.measure == "accuracy" else []
    asked += [("accuracy", ("run", "until", "accuracy"), "loss")] if "accuracy" in config.run.until else []
    for name, path, instead in asked:
        reason = "have no classes" if family.kind == "regression" else "are answered with numbers by a linear head"
        raise InputError(
            f"a measure for numbers: tasks of family {family.name} {reason}",
            f'"{name}"',
            loaded.source.where(path),
            f'Use "{instead}".',
        )


def _check_acting(loaded: Loaded, family: Family) -> None:
    """Refuse measures that lives in this world do not have. Raises InputError."""
    assert isinstance(family, WorldFamily | EnvironmentFamily | TeachingFamily)
    config, where = loaded.config, loaded.source.where
    acting = {name: row for name, row in MEASURES.items() if row.acts and row.taught == config.teaches}
    given = [name for name in acting if name not in family.lacking]
    first, *others = config.fitness.objectives
    asked = [(name, ("fitness", "objectives")) for name in (first, *others)]
    asked += [] if config.champion.measure == "auto" else [(config.champion.measure, ("champion", "measure"))]
    for name, path in asked:
        row = known_objective(name)
        extent = row is not None and bool(row.extent)
        if not ((extent and name in others) or (of_acting(name) and name in given)):
            raise InputError(
                f"a measure of lives in {family.name} ({', '.join(given)})", f'"{name}"',
                where(path), f'Use "{given[0]}".',
            )  # fmt: skip


def of_searches(name: str) -> bool:
    """Tell whether an objective is one of habits alone."""
    return name in OBJECTIVES and MEASURES[OBJECTIVES[name].measure].searches


def _check_searches(loaded: Loaded, family: Family) -> None:
    """Refuse measures that searches do not have. Raises InputError."""
    config, where = loaded.config, loaded.source.where
    given = [name for name, row in MEASURES.items() if row.searches]
    first, *others = config.fitness.objectives
    asked = [(name, ("fitness", "objectives")) for name in (first, *others)]
    asked += [] if config.champion.measure == "auto" else [(config.champion.measure, ("champion", "measure"))]
    for name, path in asked:
        if not (of_searches(name) or (name == "size" and name in others)):
            expected = f"a measure of searches ({', '.join(given)})"
            raise InputError(expected, f'"{name}"', where(path), f'Use "{given[0]}".')
