"""Checks of section `gradient`: whether there is a slope for what is tuned to go down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.errors import InputError
from evometa.evolution.networks import activations_of
from evometa.evolution.objectives import objective
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.language.tree import Tree
from evometa.language.tunability import flat_activation, flat_loss, why_not
from evometa.spec import ACTIVATIONS


def check_slopes(loaded: Loaded, read: Collection[str], trees: Mapping[str, Tree]) -> None:
    """Refuse to tune what no loss depends on, and networks with units that have no slope. Raises InputError.

    `read`: signals that the rule reads, or may come to read; `trees`: of slots whose text the recipe gives.
    """
    own = loaded.config.gradient
    if own.steps and own.order:
        _check_units(loaded)
        if "loss" in loaded.config.rule.fixed:
            _check_loss(loaded, trees["loss"])
        _check_paths(loaded, read, trees)


def remarks(config: Config) -> list[str]:
    """Return what people should know before a run of numbers that are tuned."""
    first, sloping = config.fitness.objectives[0], config.gradient.steps and config.gradient.order
    if not sloping or (":" not in first and objective(first).measure == "loss"):
        return []
    return [f"numbers are tuned on the head's loss, as {first} need not have a slope; genomes are selected by {first}"]


def _check_units(loaded: Loaded) -> None:
    """Refuse hidden nodes whose answer has no slope: errors go back through them by a makeshift."""
    config = loaded.config
    evolves = "topology" in config.evolved
    hidden = evolves or any(tasks.layers(config.network) for tasks in config.tasks)
    for name in activations_of(config) if evolves else (config.network.activation,) if hidden else ():
        if reason := flat_activation(name):
            key = ("topology", "activations") if evolves and config.topology.activations else ("network", "activation")
            smooth = ", ".join(row.name for row in ACTIVATIONS.values() if not row.flat)
            raise InputError(
                f"hidden nodes that have a slope, as gradient.steps is above 0: {smooth}", f"{show(name)}: {reason}",
                loaded.source.where(key), "Use one of these; or tuning.every, which needs no slope.",
            )  # fmt: skip


def _check_loss(loaded: Loaded, tree: Tree) -> None:
    """Refuse a loss that nothing is learned by."""
    if reason := flat_loss(tree):
        raise InputError(
            "a loss with a slope in output, as gradient.steps is above 0", f"{tree}: {reason}",
            loaded.source.where(("rule", "init", "loss")), "For example: square(output - target).",
        )  # fmt: skip


def _check_paths(loaded: Loaded, read: Collection[str], trees: Mapping[str, Tree]) -> None:
    """Refuse numbers that no loss depends on."""
    config, own = loaded.config, loaded.config.gradient
    darwin, early = config.evolution.inheritance == "darwin", ""
    for table, one in own.all().items():
        if darwin and any(one.checkpoints):
            raise InputError(
                "[] or [0], as darwin judges before anything is learned", show(one.checkpoints),
                loaded.source.where((*table.split("."), "checkpoints")), "Remove it.",
            )  # fmt: skip
    if config.lifetime.updates == 0:
        early = "weights stay as they are, as lifetime.updates is 0"
    elif darwin or all(one.checkpoints == (0,) for one in own.all().values()):
        early = f"{'darwin judges' if darwin else 'losses count only'} before anything is learned"
    why = {
        "weights": "",
        "plasticity": early or _lost(config, PLASTICITY[: config.plasticity.count], read, trees),
        "coefficients": early or _lost(config, COEFFICIENTS[: config.coefficients.count], read, trees),
        "constants": early,
    }
    if config.network.coefficients:
        why["coefficients"] = ""
    chosen = own.chosen(config.evolved)
    lost = [name for name in chosen if why[name]]
    if lost and (own.numbers or len(lost) == len(chosen)):
        raise InputError(
            "numbers that a loss depends on", f"{lost[0]}: {why[lost[0]]}",
            loaded.source.where(("gradient", "numbers")),
            f"Leave {lost[0]} out, or set gradient.steps = 0.",
        )  # fmt: skip


def _lost(config: Config, names: Sequence[str], read: Collection[str], trees: Mapping[str, Tree]) -> str:
    """Return why no loss depends on numbers of these names; "" where one does, or may come to."""
    if not names:
        return ""
    if config.rule.evolving:
        return "" if set(names) & set(read) else f"no slot reads {names[0]}, …"
    reasons = [why_not(trees, name) for name in names]
    return reasons[0] if all(reasons) else ""
