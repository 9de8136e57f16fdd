"""Classic rules as candidates for a rule at hand: with coefficients and states fitted to it, term by term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations
from typing import Any

from evometa.language.algebra import Coefficients, substitute, tame, terms, to_sympy
from evometa.language.library import RULES, ClassicRule
from evometa.language.probes import SPREADS, UPDATES, Changes, changes
from evometa.language.signals import COEFFICIENTS
from evometa.language.text import parse
from evometa.language.tree import Tree, leaf
from evometa.spec.states import STORES

TOLERANCE = 1e-3  # relative difference of coefficients that counts as equal
GRADIENT = {"grad": parse("pre*err")}  # what grad is for one example, so that both spellings are one rule

Terms = dict[Any, float]


@dataclass(frozen=True)
class Candidate:
    """A classic rule with coefficients, c0 = 1; `states`: for its states in order, ours and our factor, if they fit."""

    rule: ClassicRule
    coefficients: dict[str, float]
    states: tuple[tuple[str, float], ...] = ()
    updates: int = UPDATES

    @property
    def fits(self) -> bool:
        """Whether the states (if any) are those of the rule at hand."""
        return len(self.states) == len(self.rule.slots) - 1

    @property
    def title(self) -> str:
        """The rule's title, with the coefficients that are not the usual ones."""
        return title_of(self.rule, self.coefficients, self.updates)

    @property
    def size(self) -> int:
        """Nodes of the rule, all slots together."""
        return sum(map(len, self.rule.slots.values()))

    def terms(self) -> Terms:
        """Its update multiplied out."""
        return _terms(self.rule.name, tuple(sorted(self.coefficients.items())))

    def changes(self, spread: float = SPREADS[0]) -> Changes:
        """Its weight changes on the probes."""
        return _changes(self.rule.name, tuple(sorted(self.coefficients.items())), self.updates, spread)

    def ours(self, expression: Any) -> Any:
        """Return an expression over the states at hand as one over the states of the rule."""
        theirs = [name for name in STORES if name in self.rule.slots]
        pairs = [(name, ours, factor) for name, (ours, factor) in zip(theirs, self.states, strict=True)]
        swaps = {symbol(ours): symbol(name) if factor == 1 else factor * symbol(name) for name, ours, factor in pairs}
        return expression.xreplace(swaps)


@lru_cache(64)
def _terms(name: str, coefficients: tuple[tuple[str, float], ...]) -> Terms:
    return terms(to_sympy(substitute(RULES[name].slots["update"], GRADIENT), dict(coefficients)))


@lru_cache(64)
def _changes(name: str, coefficients: tuple[tuple[str, float], ...], updates: int, spread: float) -> Changes:
    return changes(RULES[name].slots, dict(coefficients), updates, spread)


def symbol(name: str) -> Any:
    """Return the SymPy symbol of a signal."""
    return to_sympy(leaf(name))


def candidates(slots: Mapping[str, Tree], known: Coefficients, updates: int) -> Iterator[Candidate]:
    """Every classic rule with its usual coefficients; and with those of the states at hand, where they fit."""
    memory = [name for name in STORES if name in slots]
    small = all(tame(slots[name]) for name in memory)
    for rule in RULES.values():
        usual = Candidate(rule, {**rule.values(updates), "c0": 1.0}, (), updates)
        yield usual
        if memory and small and len(rule.slots) == 1 + len(memory):
            for order in permutations(memory):
                fitted = _fit_states(usual, slots, order, known)
                if fitted is not None:
                    yield fitted


def _fit_states(usual: Candidate, slots: Mapping[str, Tree], order: tuple[str, ...],
                known: Coefficients) -> Candidate | None:  # fmt: skip
    """Find the coefficient of each of the rule's states and the factor between its state and the one at hand.

    A state of ours, s = λ·s', follows the rule's s' if its formula is that of s' with every term that has no
    state in it multiplied by λ; the coefficient enters the term in s' linearly.
    """
    rule, found, factors = usual.rule, dict(usual.coefficients), []
    for theirs, ours in zip([name for name in STORES if name in rule.slots], order, strict=True):
        tree = substitute(rule.slots[theirs], GRADIENT)
        free = sorted(tree.signals() & set(COEFFICIENTS))
        others = slots[ours].signals() & set(STORES) - {ours} | tree.signals() & set(STORES) - {theirs}
        if len(free) != 1 or others:
            return None
        mine = terms(to_sympy(substitute(slots[ours], {ours: leaf(theirs)}), known))
        memory = symbol(theirs)
        low, high = (terms(to_sympy(tree, {free[0]: end})).get(memory, 0.0) for end in (0.0, 1.0))
        value = (mine.pop(memory, 0.0) - low) / (high - low) if high != low else 0.0
        rest = terms(to_sympy(tree, {free[0]: value}))
        rest.pop(memory, None)
        factor = ratio(mine, rest)
        if not factor or not -1.0 <= value <= 1.0:
            return None
        # Snapped, so that roots and functions of states are the same expressions on both sides.
        found[free[0]] = _snapped(value, usual.coefficients[free[0]])
        factors.append((ours, _snapped(factor, 1.0)))
    return replace(usual, coefficients=found, states=tuple(factors))


def _snapped(value: float, usual: float) -> float:
    return usual if abs(value - usual) <= 1e-6 * abs(usual) else value


def without_common(found: Terms, known: Coefficients) -> tuple[Any, Terms]:
    """Divide terms by the product of unknown coefficients that all of them share; return it and the quotients."""
    import sympy

    common = sympy.Integer(1)
    for name in COEFFICIENTS:
        factor = symbol(name)
        power = min((m.as_powers_dict().get(factor, 0) for m in found), default=0)
        if name not in known and power > 0:
            common *= factor**power
    return common, {m / common: v for m, v in found.items()}


def ratio(mine: Terms, theirs: Terms) -> float | None:
    """Return the number that all of theirs must be multiplied by to give mine, if there is one."""
    if not theirs or mine.keys() != theirs.keys():
        return None
    largest = max(theirs, key=lambda m: abs(theirs[m]))
    scale = mine[largest] / theirs[largest]
    same = all(abs(mine[m] - scale * v) <= TOLERANCE * abs(scale * v) for m, v in theirs.items())
    return scale if same else None


def title_of(rule: ClassicRule, coefficients: Mapping[str, float], updates: int) -> str:
    """Return a rule's title, with those of its coefficients (the rate left out) that are not the usual ones."""
    usual = rule.values(updates)
    found = [
        f"{c} = {number(v)}"
        for c, v in coefficients.items()
        if c != "c0" and abs(v - usual[c]) > TOLERANCE * abs(usual[c])
    ]
    return f"{rule.title} ({', '.join(found)})" if found else rule.title


def number(value: float) -> str:
    """Spell a number with three digits."""
    return f"{value:.3g}".replace("-", "−")
