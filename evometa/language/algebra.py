"""Trees as mathematics: simplified formulas for people, in one line or in LaTeX. SymPy is imported when used.

What is printed is real algebra: bounds and rounding of float32 are left out, constants have four digits. Trees
beyond `LARGEST` nodes, or whose polynomials could have a degree above `MOST_DEGREES`, are shown as they stand, as are
those with a number beyond float32; those that might have more than `MOST_TERMS` terms are shown without being
multiplied out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from evometa.language.printer import DIGITS, LATEX, TEXT, Printer, show
from evometa.language.rewrites import fold
from evometa.language.signals import EVERY_SLOT
from evometa.language.tree import Node, Tree
from evometa.spec.habits import HABITS
from evometa.spec.primitives import PRIMITIVES

LARGEST = 60
MOST_TERMS = 200
MOST_DEGREES = 64
_PLENTY = 1_000_000
_LARGEST_POWER = 8
_MOST_TO_FACTOR = 12
_LARGEST = float(np.finfo(np.float32).max)
_ENDLESS = ("NaN", "∞", "−∞")
_NOISE = 1e-12  # relative size below which a term is what rounding left of a cancelled one

Coefficients = Mapping[str, float]


def substitute(tree: Tree, replacements: Mapping[str, Tree]) -> Tree:
    """Return the tree with signals replaced by trees."""
    nodes: list[Node] = []
    for item in tree:
        nodes += replacements[item.name] if item.arity == 0 and item.name in replacements else (item,)
    return Tree(nodes)


def to_sympy(tree: Tree, coefficients: Coefficients | None = None) -> Any:
    """Return the tree as a SymPy expression over real symbols; known coefficients become numbers.

    Constants are folded in float32, so that no number can outgrow it; an infinity or NaN stays as a symbol.
    """
    import sympy

    known = coefficients or {}
    stack: list[Any] = []
    for item in reversed(tree):
        if item.constant:
            stack.append(_number(float(item.value)))
        elif item.arity == 0:
            name = item.name
            stack.append(_number(known[name]) if name in known else sympy.Symbol(name, real=True))
        else:
            arguments = [stack.pop() for _ in range(item.arity)]
            if all(argument.is_Number for argument in arguments):
                with np.errstate(over="ignore"):
                    numbers = np.array([float(argument) for argument in arguments] + [0.0, 0.0], np.float32)
                folded = np.uint32(fold(item.opcode, numbers.view(np.uint32).tolist())).view(np.float32)
                stack.append(_number(float(folded)))
            else:
                build = PRIMITIVES[item.name].sympy
                stack.append(_bounded(build(sympy, *arguments, *[None] * (3 - item.arity))))
    return stack[0]


def _bounded(expression: Any) -> Any:
    """Replace numbers that SymPy has let grow (e^(x + 1000) becomes e^1000·e^x) beyond all floats."""
    import sympy

    return expression.xreplace({f: _number(float(f)) for f in expression.atoms(sympy.Float) if abs(f) > 1e300})


def _number(value: float) -> Any:
    import sympy

    if not math.isfinite(value):
        return sympy.Symbol(_ENDLESS[0 if math.isnan(value) else 1 if value > 0 else 2], real=True)
    return sympy.Integer(int(value)) if value in (-1.0, 0.0, 1.0) else sympy.Float(repr(value))


def _extent(tree: Tree) -> tuple[int, int]:
    """Return upper bounds for the terms and the degree of any part of the tree when it is multiplied out."""
    stack: list[tuple[int, int]] = []
    most, highest = 1, 1
    for item in reversed(tree):
        inside = [stack.pop() for _ in range(item.arity)]
        count, degree = 1, 1
        if item.name in ("add", "sub"):
            count, degree = sum(c for c, _ in inside), max(d for _, d in inside)
        elif item.name == "mul":
            count, degree = inside[0][0] * inside[1][0], inside[0][1] + inside[1][1]
        elif item.name == "square":
            count, degree = inside[0][0] ** 2, 2 * inside[0][1]
        elif item.name in ("neg", "abs", "sqrtabs"):
            count, degree = inside[0]
        elif item.name in ("aq", "div"):
            count, degree = max(inside[0][0], inside[1][0] ** 2 + 1), inside[0][1] + 2 * inside[1][1]
        count, degree = min(count, _PLENTY), min(degree, _PLENTY)  # these would grow to numbers of no end
        stack.append((count, degree))
        most, highest = max(most, count), max(highest, degree)
    return most, highest


def readable(tree: Tree) -> bool:
    """Whether SymPy is sure to take the tree in quickly."""
    return len(tree) <= LARGEST and _extent(tree)[1] <= MOST_DEGREES


def tame(tree: Tree) -> bool:
    """Whether the tree can be multiplied out quickly, too."""
    return readable(tree) and _extent(tree)[0] <= MOST_TERMS


def terms(expression: Any) -> dict[Any, float]:
    """Return an expression multiplied out, {product of symbols and functions: number}, without cancelled terms.

    Only sums, products and whole powers are opened; roots and the insides of functions stay as they are.
    """
    import sympy

    masked, swaps = _mask(expression)
    found: dict[Any, float] = {}
    for monomial, number in sympy.expand(masked).as_coefficients_dict().items():
        rest, factors = sympy.Integer(1), float(number)
        for factor in sympy.Mul.make_args(monomial):
            if factor.is_Number:
                factors *= float(factor)
            else:
                rest *= factor
        rest = rest.xreplace(swaps)
        found[rest] = found.get(rest, 0.0) + factors
    most = max((abs(v) for v in found.values()), default=0.0)
    return {m: v for m, v in found.items() if abs(v) > _NOISE * most}


def _mask(expression: Any) -> tuple[Any, dict[Any, Any]]:
    """Replace all that is no sum, product or whole power by symbols, so that SymPy's work is bounded."""
    import sympy

    names: dict[Any, Any] = {}

    def walk(e: Any) -> Any:
        if not e.args:
            return e
        if e.is_Add or e.is_Mul:
            return e.func(*(walk(a) for a in e.args))
        if e.is_Pow and e.exp.is_Integer and 0 < e.exp <= _LARGEST_POWER:
            return walk(e.base) ** e.exp
        return names.setdefault(e, sympy.Symbol(f"_{len(names)}", real=True))

    masked = walk(expression)
    return masked, {symbol: e for e, symbol in names.items()}


def simplify(tree: Tree, coefficients: Coefficients | None = None) -> Any:
    """Return the plainest of a few equal SymPy forms, constants rounded to four digits."""
    import sympy

    exact = to_sympy(tree, coefficients)
    plain = _rounded(exact)
    if not tame(tree):
        return plain
    expanded = _rounded(sympy.Add(*(_number(v) * m for m, v in terms(exact).items())))
    masked, swaps = _mask(expanded)
    forms = [sympy.factor_terms(masked).xreplace(swaps), expanded, plain]
    if len(sympy.Add.make_args(expanded)) <= _MOST_TO_FACTOR:
        forms.insert(0, sympy.factor(masked).xreplace(swaps))
    printer = Printer(TEXT)
    return min(forms, key=lambda form: _marks(form, printer.show(form)[0]))


def _marks(form: Any, text: str) -> float:
    """Count the operators that a reader sees; a number before a bracket alone counts as half of one more."""
    _, rest = form.as_coeff_Mul()
    return sum(text.count(mark) for mark in "·+−/√^") + 0.5 * (form.is_Mul and rest.is_Add)


def _rounded(expression: Any) -> Any:
    """Round every number that is no integer, as exact decimals, so that factors can be found."""
    import sympy

    swaps = {f: sympy.Rational(f"{float(f):.{DIGITS}g}") for f in expression.atoms(sympy.Float)}
    return expression.xreplace(swaps)


def plain(tree: Tree, coefficients: Coefficients | None = None) -> Any:
    """Return the simplified formula; None for a tree too large to be one, and where a number is beyond float32."""
    import sympy

    if not readable(tree):
        return None
    form = simplify(tree, coefficients)
    endless = any(symbol.name in _ENDLESS for symbol in form.free_symbols)
    return None if endless or any(abs(f) > _LARGEST for f in form.atoms(sympy.Number)) else form


def formula(rule: Mapping[str, Tree], coefficients: Coefficients | None = None) -> str:
    """Return a rule as one line: `Δw = 2.1·pre·(target − post)`; several slots are joined by semicolons."""
    parts = []
    for slot in EVERY_SLOT.values():
        if slot.name in rule:
            form = plain(rule[slot.name], coefficients)
            parts.append(f"{slot.symbol} {slot.sign} {rule[slot.name] if form is None else show(form)}")
    return "; ".join(parts)


def latex(rule: Mapping[str, Tree], coefficients: Coefficients | None = None) -> str:
    """Return a rule as LaTeX, one formula for each slot, joined by line breaks (as in `gathered`)."""
    signs = {"←": r"\leftarrow", "=": "="}
    parts = []
    for name, slot in EVERY_SLOT.items():
        if name in rule:
            other = rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}" if name in HABITS else r"\mathcal{L}"
            left = LATEX.symbol(slot.state) if slot.state else other
            left = rf"\Delta {left}" if slot.symbol.startswith("Δ") else left
            form = plain(rule[name], coefficients)
            body = rf"\texttt{{{rule[name]}}}" if form is None else show(form, LATEX)
            parts.append(f"{left} {signs[slot.sign]} {body}")
    return r" \\ ".join(parts)
