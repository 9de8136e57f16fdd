"""Recognise a rule: as a classic one by algebra, else by what it does, else name the nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import permutations
from typing import Any

from evometa.language.algebra import Coefficients, substitute, tame, terms, to_sympy
from evometa.language.library import RULES, ClassicRule
from evometa.language.printing import show
from evometa.language.probes import UPDATES, Changes, changes, likeness
from evometa.language.program import compile_rule
from evometa.language.signals import COEFFICIENTS
from evometa.language.text import parse
from evometa.language.tree import Tree, leaf

STATES = ("s1", "s2")
ALIKE = 0.999  # R² from which a rule "behaves like" another
_NEAR = 0.3  # R² from which the nearest rule is worth naming
_TOLERANCE = 1e-3  # relative difference of coefficients that counts as equal
_GRADIENT = {"grad": parse("pre*err")}  # what grad is for one example, so that both spellings are one rule

Terms = dict[Any, float]


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


@dataclass(frozen=True)
class _Candidate:
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
        usual = self.rule.values(self.updates)
        found = [
            f"{c} = {_number(v)}"
            for c, v in self.coefficients.items()
            if c != "c0" and abs(v - usual[c]) > _TOLERANCE * abs(usual[c])
        ]
        return f"{self.rule.title} ({', '.join(found)})" if found else self.rule.title


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
    candidates = list(_candidates(slots, known, updates))
    if all(tame(tree) for tree in slots.values()):
        exact = _by_algebra(slots, known, candidates)
        if exact is not None:
            return exact
    scale, r2, best = max(
        ((*likeness(mine, _changes(c)), c) for c in candidates), key=lambda found: (round(found[1], 9), -_size(found[2]))
    )
    title = f"{best.title}{_times(scale)}"
    if r2 >= ALIKE:
        return Recognition(f"behaves like {title} (R² {r2:.4f})", best.rule.name, scale, False, r2)
    if len(slots) == 1 and tame(slots["update"]):
        extended = _with_one_more_term(slots["update"], known, mine)
        if extended is not None:
            return extended
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


def _size(candidate: _Candidate) -> int:
    return sum(map(len, candidate.rule.slots.values()))


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
    return {
        name: substitute(tree, _GRADIENT) for name, tree in slots.items() if name == "update" or name in read
    }


def _candidates(slots: Mapping[str, Tree], known: Coefficients, updates: int) -> Iterator[_Candidate]:
    """Every classic rule with its usual coefficients; and with those of the states at hand, where they fit."""
    memory = [name for name in STATES if name in slots]
    small = all(tame(slots[name]) for name in memory)
    for rule in RULES.values():
        usual = _Candidate(rule, {**rule.values(updates), "c0": 1.0}, (), updates)
        yield usual
        if memory and small and len(rule.slots) == len(slots):
            for order in permutations(memory):
                fitted = _fit_states(usual, slots, order, known)
                if fitted is not None:
                    yield fitted


def _fit_states(usual: _Candidate, slots: Mapping[str, Tree], order: tuple[str, ...],
                known: Coefficients) -> _Candidate | None:  # fmt: skip
    """Find the coefficient of each of the rule's states and the factor between its state and the one at hand.

    A state of ours, s = λ·s', follows the rule's s' if its formula is that of s' with every term that has no
    state in it multiplied by λ; the coefficient enters the term in s' linearly.
    """
    rule, found, factors = usual.rule, dict(usual.coefficients), []
    for theirs, ours in zip([name for name in STATES if name in rule.slots], order, strict=True):
        tree = substitute(rule.slots[theirs], _GRADIENT)
        free = sorted(tree.signals() & set(COEFFICIENTS))
        if len(free) != 1 or (slots[ours].signals() | tree.signals()) & set(STATES) - {ours, theirs}:
            return None
        mine = terms(to_sympy(substitute(slots[ours], {ours: leaf("s1")}), known))
        tree = substitute(tree, {theirs: leaf("s1")})
        memory = to_sympy(leaf("s1"))
        low, high = (terms(to_sympy(tree, {free[0]: end})).get(memory, 0.0) for end in (0.0, 1.0))
        value = (mine.pop(memory, 0.0) - low) / (high - low) if high != low else 0.0
        rest = terms(to_sympy(tree, {free[0]: value}))
        rest.pop(memory, None)
        factor = _ratio(mine, rest)
        if not factor or not -1.0 <= value <= 1.0:
            return None
        found[free[0]] = value
        factors.append((ours, factor))
    return replace(usual, coefficients=found, states=tuple(factors))


def _by_algebra(slots: Mapping[str, Tree], known: Coefficients, candidates: list[_Candidate]) -> Recognition | None:
    """Compare term by term with the candidates whose states are those at hand."""
    memory = [name for name in STATES if name in slots]
    expression = to_sympy(slots["update"], known)
    for candidate in candidates:
        if not candidate.fits or sorted(name for name, _ in candidate.states) != memory:
            continue
        theirs = [name for name in STATES if name in candidate.rule.slots]
        swaps = {
            to_sympy(leaf(ours)): factor * to_sympy(leaf(name))
            for name, (ours, factor) in zip(theirs, candidate.states, strict=True)
        }
        common, mine = _without_common(terms(expression.xreplace(swaps)), known)
        scale = _ratio(mine, _terms(candidate))
        if scale:
            times = _times(scale, "" if common == 1 else show(common))
            return Recognition(f"{candidate.title}{times}", candidate.rule.name, scale, True, 1.0)
    return None


def _with_one_more_term(update: Tree, known: Coefficients, mine: Changes) -> Recognition | None:
    """Find a classic rule that is the update but for one simple term, and explains at least half of it."""
    common, left = _without_common(terms(to_sympy(update, known)), known)
    found: list[tuple[int, float, Recognition]] = []
    for rule in RULES.values():
        candidate = _Candidate(rule, {**rule.values(UPDATES), "c0": 1.0})
        theirs = _terms(candidate) if len(rule.slots) == 1 else {}
        extra = [m for m in left if m not in theirs]
        scale = _ratio({m: v for m, v in left.items() if m in theirs}, theirs)
        if not scale or len(extra) != 1 or len(extra[0].free_symbols) > 2:
            continue
        _, r2 = likeness(mine, _changes(candidate))
        if r2 >= 0.5:
            times = _times(scale, "" if common == 1 else show(common))
            more = show(_exactly(left[extra[0]]) * extra[0] * common)
            sign, more = ("minus", more[1:]) if more.startswith("−") else ("plus", more)
            text = f"{rule.title}{times}, {sign} {more} (R² {r2:.2f} without it)"
            found.append((len(theirs), r2, Recognition(text, rule.name, scale, False, r2)))
    return max(found, key=lambda entry: entry[:2])[2] if found else None


def _exactly(value: float) -> Any:
    import sympy

    return sympy.Float(repr(value))


def _without_common(found: Terms, known: Coefficients) -> tuple[Any, Terms]:
    """Divide terms by the product of unknown coefficients that all of them share; return it and the quotients."""
    import sympy

    common = sympy.Integer(1)
    for name in COEFFICIENTS:
        symbol = to_sympy(leaf(name))
        power = min((m.as_powers_dict().get(symbol, 0) for m in found), default=0)
        if name not in known and power > 0:
            common *= symbol**power
    return common, {m / common: v for m, v in found.items()}


def _ratio(mine: Terms, theirs: Terms) -> float | None:
    """Return the number that all of theirs must be multiplied by to give mine, if there is one."""
    if not theirs or mine.keys() != theirs.keys():
        return None
    largest = max(theirs, key=lambda m: abs(theirs[m]))
    scale = mine[largest] / theirs[largest]
    same = all(abs(mine[m] - scale * v) <= _TOLERANCE * abs(scale * v) for m, v in theirs.items())
    return scale if same else None


def _terms(candidate: _Candidate) -> Terms:
    return _terms_of(candidate.rule.name, tuple(sorted(candidate.coefficients.items())))


@lru_cache(64)
def _terms_of(name: str, coefficients: tuple[tuple[str, float], ...]) -> Terms:
    return terms(to_sympy(substitute(RULES[name].slots["update"], _GRADIENT), dict(coefficients)))


def _changes(candidate: _Candidate) -> Changes:
    coefficients = tuple(sorted(candidate.coefficients.items()))
    return _changes_of(candidate.rule.name, coefficients, candidate.updates)


@lru_cache(64)
def _changes_of(name: str, coefficients: tuple[tuple[str, float], ...], updates: int) -> Changes:
    return changes(RULES[name].slots, dict(coefficients), updates)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _times(scale: float, common: str = "") -> str:
    """Spell a factor; 1 is not spelled."""
    if abs(scale - 1.0) < _TOLERANCE:
        return f" × {common}" if common else ""
    return f" × {_number(scale)}" + (f"·{common}" if common else "")
