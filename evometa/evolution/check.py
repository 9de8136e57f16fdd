"""Checks of a configuration that need the tables of the language or the opened tasks.

What a section can check by itself is in `evometa.config`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evometa.config.keys import Path, nearest_name
from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.errors import InputError
from evometa.evolution.check_afterstates import check_afterstates
from evometa.evolution.check_gradient import check_slopes
from evometa.evolution.check_lengths import check_lengths
from evometa.evolution.check_measures import check_measures
from evometa.evolution.check_racing import check_field
from evometa.evolution.ends import ends_of
from evometa.evolution.reckoning import check_cost
from evometa.language.acting_library import AGENTS
from evometa.language.library import RULES
from evometa.language.signals import ACTING, HABIT_READABLE, PLASTICITY, READABLE, SIGNALS, TASKS, TEACHING, slots_of
from evometa.language.teaching import OF_STUDENTS
from evometa.language.teaching_library import TEACHERS
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.spec import HEADS, PRIMITIVES
from evometa.spec.heads import fitting_heads
from evometa.spec.states import LANE_RULE, MEMORY, RULE
from evometa.tasks import Family

ERRORS = frozenset({"err", "grad"})  # what the credit mode brings to hidden nodes
ACTIVITY = frozenset({"pre", "post"})  # what hidden nodes have without it

OF_SYNAPSES = {
    "weights": ("weights evolve", ("weights", "mode"), 'weights.mode = "drawn"'),
    "plasticity": ("plasticity evolves", ("plasticity", "mode"), "plasticity.count = 0"),
    "plastic": ("what learns evolves", ("topology", "plastic"), 'topology.plastic = "all"'),
}
"""Chromosomes that are for each synapse of one network: what to say, where, and instead of what."""


def readable(config: Config, slot: str) -> tuple[str, ...]:
    """Return the signals that an evolving slot may read: those of the recipe that the slot knows."""
    listed = config.rule.signals
    names = [name for key, own in listed.items() if key == slot for name in own] if isinstance(listed, dict) else listed
    return tuple(name for name in names if name in signals_of(config, slot))


def signals_of(config: Config, slot: str) -> tuple[str, ...]:
    """Return the signals that there are for a slot."""
    return OF_STUDENTS if config.teaches and slot in RULE else slots_of(config)[slot].signals


def check_names(loaded: Loaded) -> dict[str, Tree]:
    """Check all names and rule texts of a configuration; return the trees of the texts. Raises InputError."""
    config = loaded.config
    listed = config.rule.signals
    for path, names in listed.items() if isinstance(listed, dict) else (("", listed),):
        key: Path = ("rule", "signals", path) if path else ("rule", "signals")
        table = HABIT_READABLE if config.searches else SIGNALS | TASKS | (ACTING | TEACHING if config.acts else {})
        _known(loaded, names, table, key, "a signal")
    _known(loaded, config.rule.primitives, PRIMITIVES, ("rule", "primitives"), "a primitive")
    classic: Iterable[str] = TEACHERS if config.teaches else AGENTS if config.acts else RULES
    _known(loaded, config.rivals, classic, ("champion", "baselines"), "a classic rule")
    trees = {slot: _tree(loaded, slot, text) for slot, text in config.rule.texts.items()}
    reads: dict[str, frozenset[str]] = {slot: _reads(loaded, slot, trees.get(slot)) for slot in config.rule.slots}
    for slot, signals in reads.items():
        _check_slot(loaded, slot, signals)
    _check_credit(loaded, reads)
    check_slopes(loaded, frozenset().union(*reads.values()), trees)
    if not config.acts:
        _check_baselines(loaded)
    return trees


def check_tasks(loaded: Loaded, families: Sequence[Family]) -> None:
    """Check what depends on the opened families, one for each set of tasks. Raises InputError."""
    config, where = loaded.config, loaded.source.where
    ends = [(f, tasks, ends_of(config, f)) for f, tasks in zip(families, config.tasks, strict=True)]
    shapes = {(inputs, *tasks.layers(config.network), outputs) for _, tasks, (inputs, outputs) in ends}
    parts = [part for part in OF_SYNAPSES if part in config.evolved]
    for family, _, own in ends if parts or "topology" in config.evolved else ():
        for name, other in family.others.items():
            if other.kind == "acting" and ends_of(config, other) != own:
                what, remedy = "the topology evolves", 'topology.mode = "fixed"'
                if "topology" not in config.evolved:
                    what, _, remedy = OF_SYNAPSES[parts[0]]
                expected = f"networks of {own[0]} inputs and {own[1]} outputs in further tests, too, as {what}"
                found = "{} and {}".format(*ends_of(config, other))
                raise InputError(expected, found, f'tasks.other_tests."{name}"', f"Remove it, or set {remedy}.")
    if len(shapes) > 1 and parts and "topology" not in config.evolved:
        what, key, remedy = OF_SYNAPSES[parts[0]]
        raise InputError(
            f"networks of one shape, as {what} for each synapse",
            " and ".join("-".join(map(str, shape)) for shape in sorted(shapes)),
            where(key),
            f"Keep sets of one shape, or set {remedy}.",
        )
    check_field(loaded, families)
    check_cost(loaded, families)
    for family in families:
        _check_head(loaded, family)
        check_measures(loaded, family)
        check_lengths(loaded, family)
        check_afterstates(loaded, family)


def _check_head(loaded: Loaded, family: Family) -> None:
    """Refuse an output layer that does not fit the targets."""
    name = loaded.config.network.head
    if name == "auto" or family.kind in ("acting", "search"):
        return
    head = HEADS[name]
    numbers = family.kind == "regression" != head.kind
    if numbers or head.outputs > family.outputs:
        fitting = " or ".join(f'"{other}"' for other in (*fitting_heads(family.kind, family.outputs), "auto"))
        reason = "ask for numbers" if numbers else "have one output"
        raise InputError(
            f"{fitting}: tasks of family {family.name} {reason}", f'"{name}"', loaded.source.where(("network", "head"))
        )


def _known(loaded: Loaded, names: Iterable[str], table: Iterable[str], path: Path, what: str) -> None:
    for name in names:
        if name not in table:
            raise InputError(f"the name of {what}", f'"{name}"', loaded.source.where(path), nearest_name(name, table))


def _tree(loaded: Loaded, slot: str, text: str) -> Tree:
    """Parse a slot's text; what evolves must be within the limits that hold in evolution."""
    rule = loaded.config.rule
    where = loaded.source.where(("rule", "init", slot))
    evolves = slot in rule.evolving
    tree = parse(text, readable(loaded.config, slot) if evolves else signals_of(loaded.config, slot), where=where)
    for what, size, key, limit in (
        ("nodes", len(tree), "max_nodes", rule.max_nodes),
        ("levels", tree.depth, "max_depth", rule.max_depth),
    ):
        if evolves and size > limit:
            raise InputError(
                f"at most rule.{key} ({limit}) {what}", str(size), where, f"Shorten it, or raise rule.{key}."
            )
    return tree


def _reads(loaded: Loaded, slot: str, tree: Tree | None) -> frozenset[str]:
    """Return the signals that a slot reads or, when it evolves, may come to read."""
    config = loaded.config
    listed: Iterable[str] = readable(config, slot) if slot in config.rule.evolving else ()
    if slot in config.rule.evolving and not listed:
        raise InputError(
            f"signals that the slot {slot} may read ({', '.join(signals_of(config, slot))})",
            "none of them",
            loaded.source.where(("rule", "signals")),
            f"Give a table: signals = {{ {slot} = [...], ... }}",
        )
    if slot in config.rule.evolving and isinstance(config.rule.signals, dict):
        own = [name for key, names in config.rule.signals.items() if key == slot for name in names]
        _known(loaded, own, signals_of(config, slot), ("rule", "signals", slot), f"a signal of {slot}")
    return frozenset(listed) | (tree.signals() if tree is not None else frozenset())


def _check_slot(loaded: Loaded, slot: str, signals: Iterable[str]) -> None:
    """Refuse signals that stay empty or mean nothing with these settings."""
    config = loaded.config
    path: Path = ("rule", "signals") if slot in config.rule.evolving else ("rule", "init", slot)
    where = loaded.source.where(path)
    for name in sorted(signals):
        if name == "target" and config.network.compares and slot != "loss":
            raise InputError(
                f"signals that there are under the head {config.network.head}, whose outputs have no targets", name,
                where, "Remove it.",
            )  # fmt: skip
        if READABLE[name].single and config.lifetime.batch != 1 and slot != "loss":
            _refuse_batch(loaded, path, name)
        writes = {"m": "modulator"}.get(name, name)
        if writes in (*MEMORY, *LANE_RULE) and writes not in config.rule.slots:
            raise InputError(
                "signals that change in life",
                f"{name}, which nothing writes",
                where,
                f"Add {writes} to rule.slots, or remove it.",
            )
        for letter, section, count in (
            ("c", "coefficients", config.coefficients.count),
            ("p", "plasticity", config.plasticity.count),
        ):
            if name[0] == letter and name[1:].isdigit() and int(name[1:]) >= count:
                has = f"{letter}0 to {letter}{count - 1} only" if count else f"no {letter}0"
                raise InputError(
                    f"{has}, as {section}.count is {count}",
                    name,
                    where,
                    f"Raise {section}.count to {int(name[1:]) + 1}.",
                )


def _check_baselines(loaded: Loaded) -> None:
    """Refuse classic rules that cannot live as the recipe says."""
    for name in loaded.config.champion.baselines:
        own = sorted(s for s in RULES[name].needs if s in PLASTICITY)
        if own:
            raise InputError(
                "rules that have nothing but coefficients to tune",
                f"{name}, which reads {', '.join(own)}",
                loaded.source.where(("champion", "baselines")),
                "Remove it.",
            )
        needs = sorted(s for s in RULES[name].needs if SIGNALS[s].single)
        if needs and loaded.config.lifetime.batch != 1:
            _refuse_batch(loaded, ("champion", "baselines"), f"{name}, which reads {', '.join(needs)}")


def _refuse_batch(loaded: Loaded, path: Path, found: str) -> None:
    batch = show(loaded.config.lifetime.batch)
    raise InputError(
        f"what has a meaning for lifetime.batch = {batch} examples in one update (grad does)",
        found,
        loaded.source.where(path),
        "Remove it, or set lifetime.batch = 1.",
    )


def _check_credit(loaded: Loaded, reads: dict[str, frozenset[str]]) -> None:
    """Refuse a loss that nothing follows, and hidden nodes that no error and no activity would reach."""
    config, where = loaded.config, loaded.source.where
    used = frozenset().union(*(signals for slot, signals in reads.items() if slot != "loss"))
    if "loss" in reads and not used & ERRORS:
        raise InputError(
            "err or grad among the signals, as the slot loss acts through them only",
            ", ".join(sorted(used)),
            where(("rule", "signals")),
            "Add grad, or take loss out of rule.slots.",
        )
    if not any(tasks.layers(config.network) for tasks in config.tasks):
        return
    if config.network.credit == "local" and used & ERRORS and not used & ACTIVITY:
        raise InputError(
            "a credit mode by which hidden nodes learn of the error that the rule reads",
            '"local"',
            where(("network", "credit")),
            'Set network.credit = "backprop", or give the rule pre and post too.',
        )
