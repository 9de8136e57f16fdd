"""Guesses: rules that are known before a search begins, and what of them a recipe's genomes can hold.

Classic rules come with a grid of their dials, each with and without a rate that decays; others with their numbers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from evometa.language.library import RULES, ClassicRule
from evometa.language.signals import COEFFICIENTS, PLASTICITY, SLOTS
from evometa.language.text import parse
from evometa.language.tree import Tree, constant, node

RATES = {"step": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0), "unit": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)}
"""Learning rates of the grid: of rules whose step is in proportion to the gradient, and of those that normalise it."""

DECAY, WEIGHT_DECAY = " with decay", " and weight decay"  # of the name of a rule whose rate falls, whose weights do
RANDOM = "random"  # the family of those who descend from no guess
OPERATOR = re.compile(r"guess (.+?) \(")


class Guess(NamedTuple):
    """A rule that may be worth trying: what it is called, a tree for each slot it has, and its c0, c1, … by name.

    `plasticity`: of the p0, p1, … that it reads what they are at first, the same for all synapses.
    """

    name: str
    slots: Mapping[str, Tree]
    coefficients: Mapping[str, float]
    plasticity: Mapping[str, float] = MappingProxyType({})


class Form(NamedTuple):
    """One form of a rule, a guess for each point of the grid of its dials."""

    name: str
    guesses: Sequence[Guess]


def operator_of(guess: Guess, start: str) -> str:
    """Return what is said to have made a genome from a guess of a start."""
    return f"guess {guess.name} ({start})"


def family_of(operator: str) -> str:
    """Return the family that a genome without parents founds: the guess that its operator says it is, or "random"."""
    found = OPERATOR.match(operator)
    return RANDOM if found is None else found[1]


def plain(form: str) -> str:
    """Return the name of the rule that a form is of."""
    return form.removesuffix(WEIGHT_DECAY).removesuffix(DECAY)


def classic(form: str) -> ClassicRule | None:
    """Return the form of a classic rule by its name, None for what is none."""
    rule = RULES.get(plain(form))
    if rule is None or form == rule.name:
        return rule
    return (rule.shrinking() if form.endswith(WEIGHT_DECAY) else rule).decaying()


def classic_forms(updates: int) -> list[Form]:
    """Return each classic rule for lives of so many weight updates: as it is, with a rate that falls, and with such a
    rate and weights that decay if it descends."""
    names = []
    for rule in RULES.values():
        names += [rule.name, rule.name + DECAY]
        names += [rule.name + DECAY + WEIGHT_DECAY] if rule.descends else []
    return [Form(name, list(_grid(name, updates))) for name in names]


def _grid(name: str, updates: int) -> Iterator[Guess]:
    """Go through all combinations of the dials of a form; a rate that may fall ends lower than it began."""
    rule = classic(name)
    assert rule is not None, name
    axes = [[("rate", rate) for rate in RATES[rule.grid]]]
    axes += [
        [(dial.name, value) for value in dial.values if not (dial.name == "decay" and value == 1.0)]
        for dial in rule.dials
    ]
    for point in itertools.product(*axes):
        slots, coefficients = rule.tuned(dict(point), updates)
        yield Guess(name, slots, dict(zip(COEFFICIENTS, coefficients, strict=False)))


def building_blocks(settings: Any) -> list[Tree]:
    """Return what classic rules are made of, as genomes of a recipe hold it: their subtrees, each once.

    Leaves and what reads nothing are left out. Numbers that no coefficient of the recipe holds are the usual ones; a
    rate that falls ends at a third.
    """
    found: dict[Tree, None] = {}
    for rule in RULES.values():
        falling = rule.decaying()
        third = {falling.dials[-1].coefficient: 1 / 3}
        for form in (rule, replace(falling, coefficients=falling.coefficients | third)):
            for tree in fitted(Guess(form.name, form.slots, form.coefficients), settings).slots.values():
                parts = (tree.subtree(place) for place, item in enumerate(tree) if item.arity)
                found |= {part: None for part in parts if part.signals()}
    return list(found)


def fitted(guess: Guess, settings: Any) -> Guess:
    """Return a guess as genomes of a recipe hold it: coefficients beyond the recipe's, or its bounds, as constants.

    Where the layers of networks can have numbers of their own, each has a learning rate of its own, all alike at first.
    """
    layered = _by_layer(guess, settings.rule) if _tied(settings) else guess
    if layered is not guess and not lack(own := _with_numbers(layered, settings), settings.rule):
        return own
    return _with_numbers(guess, settings)


def _tied(settings: Any) -> bool:
    """Tell whether genomes have numbers p0, … for each layer that evolve."""
    numbers = settings.plasticity
    own = numbers.count > 0 and numbers.mode == "evolved" and numbers.tie == "group"
    return own and settings.topology.mode == "fixed"


def _by_layer(guess: Guess, rule: Any) -> Guess:
    """Return a guess whose rate c0 is multiplied by p0, which is 1; the same guess where it reads per-synapse numbers.

    Rates that differ by layer are those of You, Gitman & Ginsburg 2017 (LARS), here innate instead of computed.
    """
    read = frozenset().union(*(tree.signals() for tree in guess.slots.values()))
    if not read.isdisjoint(PLASTICITY) or "p0" not in _readable(rule, "update") or "mul" not in rule.primitives:
        return guess
    return guess._replace(slots={**guess.slots, "update": _layered(guess.slots["update"])}, plasticity={"p0": 1.0})


def _layered(update: Tree) -> Tree:
    """Return a tree with c0·p0 in the place of c0."""
    rate = (node("mul"), node("c0"), node("p0"))
    return Tree(part for item in update for part in (rate if item.name == "c0" else (item,)))


def numbers_written(rule: ClassicRule, slots: Mapping[str, Tree]) -> dict[str, float]:
    """Return the coefficients of a rule that stand as constants in `slots`, where these are the rule as `fitted` gives
    it."""
    found: dict[str, float] = {}
    for slot, tree in rule.slots.items():
        held = slots.get(slot, Tree())
        own = _layered(tree) if "p0" in held.signals() - tree.signals() else tree
        if len(own) == len(held):
            pairs = zip(own, held, strict=True)
            found |= {one.name: float(item.value) for one, item in pairs if item.constant and not one.constant}
    return found


def _with_numbers(guess: Guess, settings: Any) -> Guess:
    """Return a guess with constants in the place of coefficients that the recipe has not, or not of that size."""
    numbers = settings.coefficients
    own = set(COEFFICIENTS[: numbers.count] if numbers.mode == "evolved" else ())
    own = own.intersection(*(_readable(settings.rule, slot) for slot in guess.slots))
    ranges = {name: (low, high) for name, low, high in zip(COEFFICIENTS, *numbers.ranges, strict=False)}
    carried = {
        name: value
        for name, value in guess.coefficients.items()
        if name in own and ranges[name][0] <= value <= ranges[name][1]
    }
    written = {name: value for name, value in guess.coefficients.items() if name not in carried}
    slots = {slot: _with_constants(tree, written) for slot, tree in guess.slots.items()}
    return guess._replace(slots=slots, coefficients=carried)


def _with_constants(tree: Tree, values: Mapping[str, float]) -> Tree:
    """Return a tree with numbers in the place of some signals."""
    return Tree(constant(values[node.name]) if node.name in values else node for node in tree)


def lack(guess: Guess, rule: Any) -> str:
    """Say what a recipe's section `rule` lacks to hold a guess, or to vary it as its own; empty where nothing."""
    if slots := sorted(guess.slots.keys() - {*rule.slots}):
        return f"slot {', '.join(slots)}"
    for slot, tree in guess.slots.items():
        if signals := sorted(tree.signals() - _readable(rule, slot)):
            return f"signal {', '.join(signals)}"
        if primitives := sorted({node.name for node in tree if node.arity} - {*rule.primitives}):
            return f"primitive {', '.join(primitives)}"
        if len(tree) > rule.max_nodes or tree.depth > rule.max_depth:
            return f"room for {len(tree)} nodes of depth {tree.depth} in {slot}"
        if slot in rule.fixed and tree != parse(rule.texts[slot], SLOTS[slot].signals):
            return f"another {slot} than the one that is fixed"
    return ""


def _readable(rule: Any, slot: str) -> set[str]:
    """Return the signals that a recipe's slot can read."""
    given = rule.signals.get(slot, ()) if isinstance(rule.signals, dict) else rule.signals
    return {*given} & {*SLOTS[slot].signals}


class Held(NamedTuple):
    """What of some forms a recipe can hold, and what it lacks for the others, by name."""

    forms: list[Form]
    lacking: dict[str, str]


def hold(forms: Sequence[Form], settings: Any) -> Held:
    """Fit forms to a recipe; forms and points that come to the same rule stand there once."""
    known: set[tuple[Any, ...]] = set()
    held, lacking = [], {}
    for form in forms:
        guesses = []
        for guess in form.guesses:
            own = fitted(guess, settings)
            if missing := lack(own, settings.rule):
                lacking[form.name] = missing
                continue
            content = (*sorted(own.slots.items()), *sorted(own.coefficients.items()))
            if content not in known:
                known.add(content)
                guesses.append(own)
        if guesses:
            held.append(Form(form.name, guesses))
            lacking.pop(form.name, None)
    return Held(held, lacking)
