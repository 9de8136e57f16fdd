"""Recognise a rule: as a classic one by algebra, else by what it does, else name the nearest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from evometa.language.additions import by_algebra, by_behaviour
from evometa.language.algebra import Coefficients, substitute, tame, terms, to_sympy
from evometa.language.library import RULES, ClassicRule
from evometa.language.matching import (
    GRADIENT,
    STATES,
    TOLERANCE,
    Candidate,
    candidates,
    number,
    ratio,
    without_common,
)
from evometa.language.printing import show
from evometa.language.probes import UPDATES, changes, likeness
from evometa.language.program import compile_rule
from evometa.language.signals import COEFFICIENTS
from evometa.language.tree import Tree, leaf

ALIKE = 0.999  # R² from which a rule "behaves like" another
_NEAR = 0.2  # R² from which the nearest rule is worth naming


@dataclass(frozen=True)
class Recognition:
    """What a rule is: `text` for people; `name` in the library (None: none), which it is `scale` times.

    `exact`: by algebra, up to rounding; `r2`: share of its weight changes that the library's rule explains.
    """

    text: str
    name: str | None
    scale: float
    exact: bool
    r2: float


def recognise(rule: Mapping[str, Tree], coefficients: Coefficients | None = None,
              updates: int = UPDATES) -> Recognition:  # fmt: skip
    """Say which classic rule a rule is, behaves like, or is nearest to.

    `coefficients`: the values of c0, c1, … where known; others stay symbols for the algebra if they are a common
    factor, and count as 1 otherwise. `updates`: weight updates in a lifetime (for rules that read `age`).
    """
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
        exact = _by_algebra(slots, known, classic)
        if exact is not None:
            return exact
    addition = by_algebra(slots, known, mine, classic)
    if addition is not None:
        name = f"{addition.candidate.title}{_times(addition.scale, addition.times)}{addition.more}"
        text = f"{name} (R² {addition.without:.2f} without it)"
        return Recognition(text, addition.candidate.rule.name, addition.scale, False, addition.without)
    found = [(*likeness(mine, candidate.changes()), candidate) for candidate in classic]
    scale, r2, best = max(found, key=lambda entry: (round(entry[1], 9), -entry[2].size))
    title = f"{best.title}{_times(scale)}"
    if r2 >= ALIKE:
        return Recognition(f"behaves like {title} (R² {r2:.4f})", best.rule.name, scale, False, r2)
    addition = by_behaviour(slots, mine, classic, ALIKE)
    if addition is not None:
        name = f"{addition.candidate.title}{_times(addition.scale)}{addition.more}"
        text = f"behaves like {name} (R² {addition.r2:.4f}, {addition.without:.2f} without it)"
        return Recognition(text, addition.candidate.rule.name, addition.scale, False, addition.r2)
    text = f"none; nearest: {title}, R² {r2:.2f}" if r2 >= _NEAR else "none of the classic rules"
    return Recognition(text, None, scale, False, r2)


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
    """Return update and the states that matter: unset ones are 0, memoryless and unread ones go, grad is pre·err."""
    unset = {name: leaf(0.0) for name in STATES if name not in rule}
    slots = {name: substitute(rule[name], unset) for name in ("update", *STATES) if name in rule}
    for name in STATES:
        if name in slots and not slots[name].signals() & set(STATES):
            slots["update"] = substitute(slots["update"], {name: slots[name]})
    read = slots["update"].signals()
    for _ in STATES:
        read |= {s for name in STATES if name in slots and name in read for s in slots[name].signals()}
    return {name: substitute(tree, GRADIENT) for name, tree in slots.items() if name == "update" or name in read}


def _by_algebra(slots: Mapping[str, Tree], known: Coefficients, classic: list[Candidate]) -> Recognition | None:
    """Compare term by term with the candidates whose states are those at hand."""
    memory = [name for name in STATES if name in slots]
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


def _times(scale: float, common: str = "") -> str:
    """Spell a factor; 1 is not spelled."""
    if abs(abs(scale) - 1.0) < TOLERANCE and (common or scale > 0):
        return f" × {'−' if scale < 0 else ''}{common}" if common else ""
    return f" × {number(scale)}" + (f"·{common}" if common else "")
