"""SymPy expressions back to trees, so that a formula with a term taken out can live: the inverse of `to_sympy`."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

from evometa.errors import InputError
from evometa.language.signals import READABLE
from evometa.language.tree import Tree, join, leaf
from evometa.spec.primitives import PRIMITIVES

LARGEST_POWER = 64


def from_sympy(expression: Any) -> Tree:
    """Return a tree that computes an expression made by `to_sympy` (equal in real numbers, not bit for bit).

    Raises ValueError where the language has no words for it: infinite numbers, odd powers.
    """
    if expression.is_Number:
        return _number(float(expression))
    if expression.is_Symbol:
        if expression.name not in READABLE:
            raise ValueError(f"{expression} is no signal")
        return leaf(expression.name)
    if expression.is_Add:
        return _sum([from_sympy(term) for term in expression.args])
    if expression.is_Mul:
        return _product(expression)
    if expression.is_Pow:
        return _power(expression.base, expression.exp)
    name = expression.func.__name__.lower()  # SymPy's own Abs, to which it evaluates √(x²)
    if name not in PRIMITIVES or len(expression.args) != PRIMITIVES[name].arity:
        raise ValueError(f"{name} is no primitive")
    return join(name, *(from_sympy(argument) for argument in expression.args))


def _number(value: float) -> Tree:
    try:
        return leaf(value)
    except InputError as error:
        raise ValueError(str(error)) from None


def _sum(terms: list[Tree]) -> Tree:
    """Join from the middle, so that the tree of many terms is not deep."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return join("add", _sum(terms[:half]), _sum(terms[half:]))


def _product(expression: Any) -> Tree:
    """Quotients are read as the table writes them: a/√(1 + b²) is the analytic quotient."""
    number, rest = expression.as_coeff_Mul()
    above, below, quotients = [], [], []
    for factor in rest.args if rest.is_Mul else (rest,):
        root = _analytic(factor)
        if root is not None:
            quotients.append(root)
        elif factor.is_Pow and factor.exp.is_Number and factor.exp < 0:
            below.append(from_sympy(1 / factor))
        else:
            above.append(from_sympy(factor))
    if number not in (1, -1):
        above.insert(0, _number(float(number)))
    tree = reduce(lambda a, b: join("mul", a, b), above) if above else leaf(1.0)
    if below:
        tree = join("div", tree, reduce(lambda a, b: join("mul", a, b), below))
    tree = reduce(lambda a, b: join("aq", a, b), quotients, tree)
    return join("neg", tree) if number == -1 else tree


def _analytic(factor: Any) -> Tree | None:
    """Return b where the factor is 1/√(1 + b²)."""
    if not (factor.is_Pow and factor.exp.is_Rational and factor.exp.p == -1 and factor.exp.q == 2):
        return None
    one, square = factor.base.as_coeff_Add()
    if one != 1:
        return None
    number, rest = square.as_coeff_Mul()
    if number <= 0 or not (rest.is_Pow and rest.exp == 2):
        return None
    inside = from_sympy(rest.base)
    return inside if number == 1 else join("mul", _number(math.sqrt(number)), inside)


def _power(base: Any, exponent: Any) -> Tree:
    if not exponent.is_Rational or exponent.q not in (1, 2) or abs(exponent.p) > LARGEST_POWER:
        raise ValueError(f"the power {exponent} cannot be written")
    root = _analytic(base**exponent)
    if root is not None:
        return join("aq", leaf(1.0), root)
    inside = from_sympy(base)
    if exponent.q == 2:
        inside = join("sqrtabs", inside)
    whole = _whole_power(inside, abs(int(exponent.p)))
    return join("div", leaf(1.0), whole) if exponent < 0 else whole


def _whole_power(tree: Tree, exponent: int) -> Tree:
    if exponent == 1:
        return tree
    half = join("square", _whole_power(tree, exponent // 2))
    return join("mul", half, tree) if exponent % 2 else half
