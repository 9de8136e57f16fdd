"""Recognise a rule: as a classic one by algebra, or, where it is too large for that, by the same numbers on probes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from evometa.language.additions import by_algebra
from evometa.language.algebra import Coefficients, substitute, tame, terms, to_sympy
from evometa.language.fit import steps_in_words
from evometa.language.library import RULES, ClassicRule
from evometa.language.liveness import living
from evometa.language.matching import (
    GRADIENT,
    TOLERANCE,
    Candidate,
    candidates,
    number,
    ratio,
    without_common,
)
from evometa.language.printer import show
from evometa.language.probes import SPREADS, UPDATES, changes, likeness
from evometa.language.program import compile_rule
from evometa.language.signals import COEFFICIENTS
from evometa.language.tree import Tree, leaf
from evometa.spec.states import GATE, STORES, SYNAPSE

SAME = 1.0 - 1e-6  # R² on probes from which a rule that is too large for algebra is another
AGES = (0.0, 0.25, 0.5, 0.75, 1.0)
NONE = "none of the classic rules, by algebra"
GATED = ", with gates that open and close synapses"


@dataclass(frozen=True)
class Recognition:
    """What a rule is: `text` for people; `name` in the library (None: none), which it is `scale` times.

    `exact`: by algebra, up to rounding; `r2`: share of its weight changes on probes that the library's rule explains.
    """

    text: str
    name: str | None
    scale: float
    exact: bool
    r2: float


def recognise(rule: Mapping[str, Tree], coefficients: Coefficients | None = None,
              updates: int = UPDATES) -> Recognition:  # fmt: skip
    """Say which classic rule a rule is, up to a factor, or one that changes with `age` alone; or that it is none.

    `coefficients`: the values of c0, c1, … where known; others stay symbols for the algebra if they are a common
    factor, and count as 1 otherwise. `updates`: weight updates in a lifetime (for rules that read `age`). What a rule
    behaves like without being it depends on its lives: `judging.behaviour` says that.
    """
    found = _recognised(rule, coefficients, updates)
    gated = found.name is not None and SYNAPSE[GATE].slot in living(rule)
    return replace(found, text=f"{found.text}{GATED}") if gated else found


def _recognised(rule: Mapping[str, Tree], coefficients: Coefficients | None, updates: int) -> Recognition:
    """Say the same of how weights change, whatever gates do."""
    if "update" not in rule:
        return Recognition("no learning: there is no update", None, 0.0, False, 0.0)
    known = dict(coefficients or {})
    written = _as_written(rule, known)
    if written is not None:
        return written
    slots = _essential(rule)
    updates = updates if len(slots) > 1 else UPDATES  # without states all ages are probed, not the first alone
    mine = changes(slots, known, updates)
    if not mine.any():
        return Recognition("no learning: the update is always 0", None, 0.0, False, 0.0)
    classic = list(candidates(slots, known, updates))
    if all(tame(tree) for tree in slots.values()):
        exact = _by_algebra(slots, known, classic) or _by_age(slots, known, classic)
        if exact is not None:
            return exact
        addition = by_algebra(slots, known, mine, classic)
        if addition is not None:
            text = f"{addition.candidate.title}{_times(addition.scale, addition.times)}{addition.more}"
            return Recognition(text, addition.candidate.rule.name, addition.scale, False, addition.without)
    return _by_numbers(slots, known, classic, updates) or Recognition(NONE, None, 0.0, False, 0.0)


@cache
def _keys() -> dict[bytes, ClassicRule]:
    return {compile_rule(rule.slots).key: rule for rule in RULES.values()}


def _as_written(rule: Mapping[str, Tree], known: Coefficients) -> Recognition | None:
    """Recognise a rule of the library as it stands there, where its coefficients are not all known."""
    program = compile_rule(rule)
    found = _keys().get(program.key)
    if found is None or not (program.reads & set(COEFFICIENTS)) - known.keys():
        return None
    scale = known.get("c0", 1.0)
    times = _times(scale) if "c0" in known else _times(1.0, "c0")
    return Recognition(f"{found.title}{times}", found.name, scale, True, 1.0)


def _essential(rule: Mapping[str, Tree]) -> dict[str, Tree]:
    """Return update and the states that matter: dead and memoryless ones go, grad is pre·err."""
    slots = {name: tree for name, tree in living(rule).items() if name != "loss"}
    for name in STORES:
        if name in slots and not slots[name].signals() & set(STORES):
            slots["update"] = substitute(slots["update"], {name: slots[name]})
    return {name: substitute(tree, GRADIENT) for name, tree in living(slots).items()}


def _by_algebra(slots: Mapping[str, Tree], known: Coefficients, classic: list[Candidate]) -> Recognition | None:
    """Compare term by term with the candidates whose states are those at hand."""
    memory = [name for name in STORES if name in slots]
    expression = to_sympy(slots["update"], known)
    for candidate in classic:
        if not candidate.fits or sorted(name for name, _ in candidate.states) != memory:
            continue
        common, mine = without_common(terms(candidate.ours(expression)), known)
        scale = ratio(mine, candidate.terms())
        if scale:
            times = _times(scale, "" if common == 1 else show(common))
            return Recognition(f"{candidate.title}{times}", candidate.rule.name, scale, True, 1.0)
    return None


def _by_age(slots: Mapping[str, Tree], known: Coefficients, classic: list[Candidate]) -> Recognition | None:
    """Compare with age held still at several values: a factor in age alone is another number at each."""
    if "age" not in slots["update"].signals() or any("age" in slots[s].signals() for s in STORES if s in slots):
        return None
    memory = [name for name in STORES if name in slots]
    moments = [substitute(slots["update"], {"age": leaf(age)}) for age in AGES]
    for candidate in classic:
        fits = candidate.fits and sorted(name for name, _ in candidate.states) == memory
        if not fits or "age" in candidate.rule.needs:
            continue
        steps, commons = [], set()
        for moment in moments:
            common, mine = without_common(terms(candidate.ours(to_sympy(moment, known))), known)
            scale = ratio(mine, candidate.terms()) if mine else 0.0
            if scale is None:
                break
            steps.append(scale)
            commons |= {show(common)} if mine else set()
        if len(steps) == len(AGES) and len(commons) == 1:
            times = "" if commons == {"1"} else f" × {commons.pop()}"
            text = f"{candidate.title}{times}{steps_in_words(steps)}"
            return Recognition(text, candidate.rule.name, sum(steps) / len(steps), True, 1.0)
    return None


def _by_numbers(
    slots: Mapping[str, Tree], known: Coefficients, classic: list[Candidate], updates: int
) -> Recognition | None:  # fmt: skip
    """Compare weight changes on probes with small, middling and large weights: all must be the same multiple."""
    for candidate in sorted(classic, key=lambda one: one.size):
        found = [likeness(changes(slots, known, updates, spread), candidate.changes(spread)) for spread in SPREADS]
        scales, least = [scale for scale, _ in found], min(r2 for _, r2 in found)
        if least >= SAME and max(scales) - min(scales) <= TOLERANCE * abs(scales[0]):
            text = f"{candidate.title}{_times(scales[0])}, on all probes"
            return Recognition(text, candidate.rule.name, scales[0], False, least)
    return None


def _times(scale: float, common: str = "") -> str:
    """Spell a factor; 1 is not spelled."""
    if abs(abs(scale) - 1.0) < TOLERANCE and (common or scale > 0):
        return f" × {'−' if scale < 0 else ''}{common}" if common else ""
    return f" × {number(scale)}" + (f"·{common}" if common else "")
