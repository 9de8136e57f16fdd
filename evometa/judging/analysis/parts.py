"""A rule in parts: the terms and factors of its simplified formula, each taken out or held still.

Where algebra cannot take a slot in (it is too large, or what SymPy makes of it computes something else), the parts
are subtrees of the tree as it stands, from the root downwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from evometa.judging.analysis.change import Change, Kind, Values, difference, mean_of, short
from evometa.judging.analysis.subtrees import by_subtrees
from evometa.language.algebra import readable, simplify, tame, terms, to_sympy
from evometa.language.conversion import from_sympy
from evometa.language.printer import DIGITS, show
from evometa.language.tree import Tree

MOST_TERMS = 12  # a product multiplied out into more terms than this is no easier to read than the product
ALIKE = 1e-3  # relative difference, root mean square, between a slot and what algebra made of it


def changes_of(slot: str, tree: Tree, known: Mapping[str, float], values: Values | None) -> list[Change]:
    """Return the changes that can be made to a slot; without `values` nothing can be frozen.

    A slot that is one signal, but for a number, has no parts.
    """
    form = _simplified(tree, known, values)
    if form is None:
        return list(by_subtrees(slot, tree, values, partial(_spell, known=known)))
    found: list[Change] = []
    with suppress(ValueError):  # infinite numbers, odd powers
        found += _by_algebra(slot, form, tree, known, values)
    core = form.as_coeff_Mul()[1]
    if len({change.term for change in found}) > 1 or not core.args or (core.is_Pow and not core.base.args):
        return found
    named = {(change.term, change.change) for change in found}
    inner = by_subtrees(slot, from_sympy(form), values, partial(_spell, known={}))
    return found + [change for change in inner if (change.term, change.change) not in named]


def _simplified(tree: Tree, known: Mapping[str, float], values: Values | None) -> Any:
    """Return the simplified formula, or None where there is none that computes the same."""
    if not readable(tree):
        return None
    form = simplify(tree, known)
    try:
        rebuilt = from_sympy(form)
    except ValueError:
        return None
    return form if values is None or difference(values(tree), values(rebuilt)) < ALIKE else None


def _by_algebra(
    slot: str, form: Any, tree: Tree, known: Mapping[str, float], values: Values | None
) -> Iterator[Change]:
    summands = _summands(form, tree, known)
    if len(summands) > 1:
        yield from _partly(slot, "term", summands, _add, values)
    number, factors = _factors(form)
    if len(factors) > 1 and slot != "loss":
        yield from _partly(slot, "factor", factors, partial(_multiply, number), values)


def _summands(form: Any, tree: Tree, known: Mapping[str, float]) -> list[Any]:
    """Return the terms: multiplied out where they stay few, else as the simplified formula has them."""
    import sympy

    if tame(tree):
        found = terms(to_sympy(tree, known))
        if len(found) <= MOST_TERMS:
            return [sympy.Float(value) * monomial for monomial, value in found.items()]
    return list(form.args) if form.is_Add else [form]


def _factors(form: Any) -> tuple[Any, list[Any]]:
    """Return a product's number and factors, a minus drawn into a sum that has one, as it is shown."""
    number, rest = form.as_coeff_Mul()
    factors = list(rest.args) if rest.is_Mul else [rest]
    if number < 0:
        for place, factor in enumerate(factors):
            if factor.is_Add and any(term.could_extract_minus_sign() for term in factor.args):
                factors[place] = -factor
                return -number, factors
    return number, factors


def _add(parts: list[Any]) -> Any:
    import sympy

    return sympy.Add(*parts)


def _multiply(number: Any, parts: list[Any]) -> Any:
    import sympy

    return sympy.Mul(number, *parts)


def _partly(
    slot: str, kind: Kind, parts: list[Any], join: Callable[[list[Any]], Any],
    values: Values | None,
) -> Iterator[Change]:  # fmt: skip
    import sympy

    for place, part in enumerate(parts):
        rest = [*parts[:place], *parts[place + 1 :]]
        text = _text(part)
        if slot == "loss" and "output" not in {symbol.name for symbol in part.free_symbols}:
            continue  # learning does not feel it
        without = join(rest)
        yield Change(slot, text, kind, "removed", from_sympy(without), _text(without))
        mean = None if values is None or slot == "loss" or part.is_Number else mean_of(values(from_sympy(part)))
        if mean is not None:
            still = join([*rest, sympy.Float(mean)])
            yield Change(slot, text, kind, "frozen", from_sympy(still), _text(still))


def _spell(tree: Tree, known: Mapping[str, float]) -> str:
    return show(to_sympy(tree, known)) if readable(tree) else str(tree)


def _text(expression: Any) -> str:
    """Spell an expression; numbers are rounded first, for 1·x is written x."""
    import sympy

    def rounded(number: Any) -> Any:
        value = float(f"{float(number):.{DIGITS}g}")
        return sympy.Integer(int(value)) if value in (1.0, -1.0) else sympy.Float(value)

    return short(show(expression.xreplace({f: rounded(f) for f in expression.atoms(sympy.Float)})))
