"""Trees as mathematics: simplified formulas for people, in one line or in LaTeX. SymPy is imported when first used.

What is printed is real algebra: bounds and rounding of float32 are left out, constants are shown to four digits.
Trees beyond `LARGEST` nodes, or whose product form would not fit in `MOST_TERMS` terms, are shown as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evometa.language.primitives import PRIMITIVES
from evometa.language.signals import SLOTS
from evometa.language.tree import Node, Tree

LARGEST = 60
MOST_TERMS = 200
DIGITS = 4
_NOISE = 1e-12  # relative size below which a term is what rounding left of a cancelled one

_LATEX = {"pre": r"\mathrm{pre}", "post": r"\mathrm{post}", "target": r"\mathrm{target}", "err": r"\delta",
          "grad": "g", "w": "w", "w0": "w_0", "reward": "r", "age": r"\mathrm{age}",
          "output": r"\mathrm{output}"}  # fmt: skip

Coefficients = Mapping[str, float]


def substitute(tree: Tree, replacements: Mapping[str, Tree]) -> Tree:
    """Return the tree with signals replaced by trees."""
    nodes: list[Node] = []
    for item in tree:
        nodes += replacements[item.name] if item.arity == 0 and item.name in replacements else (item,)
    return Tree(nodes)


def to_sympy(tree: Tree, coefficients: Coefficients | None = None) -> Any:
    """Return the tree as a SymPy expression over real symbols; known coefficients become numbers."""
    import sympy

    known = coefficients or {}
    stack: list[Any] = []
    for item in reversed(tree):
        if item.constant:
            stack.append(_number(sympy, float(item.value)))
        elif item.arity == 0:
            stack.append(_number(sympy, known[item.name]) if item.name in known else sympy.Symbol(item.name, real=True))
        else:
            arguments = [stack.pop() for _ in range(item.arity)]
            stack.append(PRIMITIVES[item.name].sympy(sympy, *arguments, *[None] * (3 - item.arity)))
    return stack[0]


def _number(sympy: Any, value: float) -> Any:
    return sympy.Integer(int(value)) if value == int(value) and abs(value) < 1e6 else sympy.Float(repr(value))


def terms_at_most(tree: Tree) -> int:
    """An upper bound for the number of terms of any part of the tree when it is multiplied out."""
    stack: list[int] = []
    most = 1
    for item in reversed(tree):
        if item.arity == 0:
            stack.append(1)
            continue
        arguments = [stack.pop() for _ in range(item.arity)]
        if item.name in ("add", "sub"):
            stack.append(sum(arguments))
        elif item.name == "mul":
            stack.append(arguments[0] * arguments[1])
        elif item.name == "square":
            stack.append(arguments[0] * (arguments[0] + 1) // 2)
        elif item.name == "neg":
            stack.append(arguments[0])
        elif item.name == "aq":
            most = max(most, arguments[1] * (arguments[1] + 1) // 2 + 1)
            stack.append(arguments[0])
        else:
            stack.append(1)
        most = max(most, stack[-1])
    return most


def tame(tree: Tree) -> bool:
    """Whether algebra on the tree is sure to be quick."""
    return len(tree) <= LARGEST and terms_at_most(tree) <= MOST_TERMS


def terms(expression: Any) -> dict[Any, float]:
    """Return an expression multiplied out, {product of symbols and functions: number}, without rounding noise."""
    import sympy

    found: dict[Any, float] = {}
    for monomial, number in sympy.expand(expression).as_coefficients_dict().items():
        rest, factors = sympy.Integer(1), float(number)
        for factor in sympy.Mul.make_args(monomial):
            if factor.is_Number:
                factors *= float(factor)
            else:
                rest *= factor
        found[rest] = found.get(rest, 0.0) + factors
    most = max((abs(v) for v in found.values()), default=0.0)
    return {m: v for m, v in found.items() if abs(v) > _NOISE * most}


def simplify(tree: Tree, coefficients: Coefficients | None = None) -> Any:
    """Return the shortest of a few equal SymPy forms, constants rounded to four digits."""
    import sympy

    plain = _rounded(to_sympy(tree, coefficients))
    if not tame(tree):
        return plain
    expanded = _rounded(sympy.Add(*(_number(sympy, v) * m for m, v in terms(to_sympy(tree, coefficients)).items())))
    forms = [plain, expanded, sympy.factor_terms(expanded)]
    if len(sympy.Add.make_args(expanded)) <= 12:
        forms.append(sympy.factor(expanded))
    return min(forms, key=lambda form: (len(show(form)), show(form)))


def _rounded(expression: Any) -> Any:
    """Round every number that is no integer, as exact decimals, so that factors can be found."""
    import sympy

    swaps = {f: sympy.Rational(f"{float(f):.{DIGITS}g}") for f in expression.atoms(sympy.Float)}
    return expression.xreplace(swaps)


def formula(rule: Mapping[str, Tree], coefficients: Coefficients | None = None) -> str:
    """Return a rule as one line: `Δw = 2.1·pre·(target − post)`; several slots are joined by semicolons."""
    parts = []
    for slot in SLOTS.values():
        if slot.name in rule:
            sign = "←" if slot.name in ("s1", "s2") else "="
            tree = rule[slot.name]
            body = show(simplify(tree, coefficients)) if len(tree) <= LARGEST else str(tree)
            parts.append(f"{slot.symbol} {sign} {body}")
    return "; ".join(parts)


def latex(rule: Mapping[str, Tree], coefficients: Coefficients | None = None) -> str:
    """Return a rule as LaTeX, one formula for each slot, joined by a line break of `aligned`."""
    import sympy

    names = {"update": r"\Delta w", "s1": "s_1'", "s2": "s_2'", "loss": r"\mathcal{L}"}
    parts = []
    for slot, name in names.items():
        if slot in rule and len(rule[slot]) <= LARGEST:
            expression = _floats(simplify(rule[slot], coefficients))
            symbols = {s: _LATEX.get(s.name, f"{s.name[0]}_{{{s.name[1:]}}}") for s in expression.free_symbols}
            parts.append(f"{name} = {sympy.latex(expression, symbol_names=symbols)}")
        elif slot in rule:
            parts.append(rf"{name} = \texttt{{{rule[slot]}}}")
    return r" \\ ".join(parts)


def _floats(expression: Any) -> Any:
    """Undo `_rounded` for printing: decimals rather than fractions."""
    import sympy

    swaps = {r: sympy.Float(float(r), DIGITS) for r in expression.atoms(sympy.Rational) if not _small(r)}
    return expression.xreplace(swaps)


def _small(number: Any) -> bool:
    return bool(number.is_Integer or (number.q == 2 and abs(number.p) == 1))


# One-line printing. Levels: 0 sum, 1 product, 2 power, 3 atom.

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def show(expression: Any) -> str:
    """Return a SymPy expression as one line of Unicode."""
    return _show(expression)[0]


def _show(e: Any) -> tuple[str, int]:
    if e.is_Number:
        text = f"{float(e):.{DIGITS}g}".replace("e+", "e").replace("-", "−")
        return text, 1 if text.startswith("−") else 3
    if e.is_Add:
        return _sum(e), 0
    if e.is_Mul:
        return _product(e), 1
    if e.is_Pow:
        return _power(e)
    if not e.args:
        return str(e), 3
    name, inner = e.func.__name__, ", ".join(show(a) for a in e.args)
    if name == "Abs":
        return f"|{inner}|", 3
    if name == "log" and e.args[0].func.__name__ == "Abs":
        return f"ln{inner}", 3
    return f"{ {'sigmoid': 'σ', 'log': 'ln'}.get(name, name) }({inner})", 3


def _wrapped(e: Any, level: int) -> str:
    text, own = _show(e)
    return text if own >= level else f"({text})"


def _sum(e: Any) -> str:
    parts = sorted((_show(a)[0] for a in _arguments(e)), key=lambda t: (t.startswith("−"), len(t), t))
    text = parts[0]
    for part in parts[1:]:
        text += f" − {part[1:]}" if part.startswith("−") else f" + {part}"
    return text


def _arguments(e: Any) -> Iterator[Any]:
    yield from e.args


def _product(e: Any) -> str:
    import sympy

    number, rest = e.as_coeff_Mul()
    above, below = [], []
    for factor in sympy.Mul.make_args(rest):
        if factor.is_Pow and factor.exp.is_Number and factor.exp < 0:
            below.append(1 / factor)
        else:
            above.append(factor)
    sign = "−" if number < 0 else ""
    shown = [] if abs(number) == 1 else [_show(abs(number))[0]]
    shown += [_wrapped(f, 2) for f in sorted(above, key=lambda f: (f.is_Add, not f.is_Symbol, str(f)))]
    if not below:
        return sign + "·".join(shown)
    under = _wrapped(below[0], 2) if len(below) == 1 else f"({'·'.join(_wrapped(f, 2) for f in below)})"
    return f"{sign}{'·'.join(shown) or '1'}/{under}"


def _power(e: Any) -> tuple[str, int]:
    base, exponent = e.base, e.exp
    if exponent.is_Number and exponent < 0:
        return f"1/{_wrapped(1 / e, 2)}", 1
    if exponent.is_Rational and exponent.q == 2 and exponent.p == 1:
        return f"√{_wrapped(base, 3)}", 3
    if exponent.is_Integer:
        return f"{_wrapped(base, 3)}{str(exponent).translate(_SUPERSCRIPT)}", 2
    return f"{_wrapped(base, 3)}^{_wrapped(exponent, 3)}", 2
