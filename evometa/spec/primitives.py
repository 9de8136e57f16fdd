"""THE table of primitives: what each one computes, what it is in SymPy, its derivative and its meaning.

Every expression is one text, valid in Python and in CUDA C alike, over the arguments `a`, `b`, `c`, the native
vocabulary (language/native.py): `F(x) select sqrt fabs fmaf pow2 exponent mantissa`, comparisons, `+ - * /`,
unary `-`, and the formulas of language/formulas.py. `python -m evometa.language.generate` turns the table into the
NumPy, Numba and CUDA switches, so what is printed comes from the row that runs. Multiply and add always round
separately.

Not a number stays not a number through every primitive, except that `select` with a NaN condition gives its
third argument. To add a primitive: append a row (positions are opcodes), generate, run the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Primitive:
    """One row of the table.

    `derivative`: for each argument the differential in the rule language, over `a`, `b`, `c` and that argument's
    own differential `d`; "0" where it does not contribute. It holds in all of float32: in forms that neither cancel
    nor overflow where the slope does not, and 0 where the argument is held; a `select` chooses, as 0·∞ would be NaN,
    and a NaN falls to the branch that keeps it. `sympy(S, a, b, c)` builds the mathematical form;
    `commutes`: exchanging the two arguments changes no bit; `stock`: stock recipes may use it.
    """

    name: str
    opcode: int
    arity: int
    expression: str
    sympy: Callable[[Any, Any, Any, Any], Any]
    derivative: tuple[str, ...]
    meaning: str
    commutes: bool = False
    stock: bool = True

    @property
    def flat(self) -> bool:
        """Whether its derivative is 0 wherever it has one: nothing can be tuned through it."""
        return set(self.derivative) == {"0"}


def _function(name: str, **known: bool) -> Callable[[Any, Any, Any, Any], Any]:
    """A real function that SymPy prints by name and never takes apart (its own can think for minutes)."""

    def build(S: Any, a: Any, b: Any, c: Any) -> Any:
        return S.Function(name, real=True, **known)(*(x for x in (a, b, c) if x is not None))

    return build


def _absolute(S: Any, a: Any, b: Any = None, c: Any = None) -> Any:
    """|a| with numbers drawn out."""
    number, rest = a.as_coeff_Mul()
    even = rest.is_Pow and rest.exp.is_Integer and rest.exp % 2 == 0
    plain = even or rest == 1 or rest.func.__name__ == "abs"
    return abs(number) * (rest if plain else S.Function("abs", real=True, nonnegative=True)(rest))


def _sign(S: Any, a: Any, b: Any = None, c: Any = None) -> Any:
    """sign(a) without positive factors."""
    number, rest = a.as_coeff_Mul()
    return (-1 if number < 0 else 1) * S.Function("sign", real=True)(rest)


def _table() -> dict[str, Primitive]:
    """Number the rows in order."""
    table: dict[str, Primitive] = {}

    def row(name: str, expression: str, sympy: Callable[[Any, Any, Any, Any], Any], derivative: tuple[str, ...],
            meaning: str, commutes: bool = False, stock: bool = True) -> None:  # fmt: skip
        table[name] = Primitive(
            name, len(table), len(derivative), expression, sympy, derivative, meaning, commutes, stock
        )

    row("add", "a + b", lambda S, a, b, c: a + b, ("d", "d"), "a + b", commutes=True)
    row("sub", "a - b", lambda S, a, b, c: a - b, ("d", "neg(d)"), "a − b")
    row("mul", "a * b", lambda S, a, b, c: a * b, ("mul(d, b)", "mul(a, d)"), "a·b", commutes=True)
    row("aq", "a / sqrt(F(1.0) + b * b)", lambda S, a, b, c: a / S.sqrt(1 + b**2),
        ("aq(d, b)", "neg(mul(d, mul(aq(a, b), mul(aq(b, b), aq(1, b)))))"),
        "analytic quotient a/√(1 + b²), 0 where b² is above all float32")  # fmt: skip
    row("div", "a / b", lambda S, a, b, c: a / b, ("div(d, b)", "neg(mul(d, div(div(a, b), b)))"),
        "a/b, infinite or NaN where b is 0; used by derivatives", stock=False)  # fmt: skip
    row("neg", "-a", lambda S, a, b, c: -a, ("neg(d)",), "−a")
    row("abs", "fabs(a)", _absolute, ("mul(sign(a), d)",), "|a|")
    row("sign", "select(a > F(0.0), F(1.0), select(a < F(0.0), F(-1.0), a))", _sign, ("0",),
        "sign of a: −1, 0 or 1")  # fmt: skip
    row("min", "select(a < b, a, select(b <= a, b, a + b))", _function("min"),
        ("select(sub(b, a), d, 0)", "select(sub(b, a), 0, d)"), "the smaller of a and b")  # fmt: skip
    row("max", "select(a > b, a, select(b >= a, b, a + b))", _function("max"),
        ("select(sub(a, b), d, 0)", "select(sub(a, b), 0, d)"), "the larger of a and b")  # fmt: skip
    row("square", "a * a", lambda S, a, b, c: a**2, ("mul(2, mul(a, d))",), "a²")
    row("sqrtabs", "sqrt(fabs(a))", lambda S, a, b, c: S.sqrt(_absolute(S, a)),
        ("mul(div(mul(0.5, sign(a)), max(sqrtabs(a), 1e-30)), d)",), "√|a|")  # fmt: skip
    row("exp", "exp_f(a)", _function("exp", positive=True),
        ("select(sub(a, 88), 0, select(sub(-87, a), 0, mul(exp(a), d)))",), "e^a, a held within [−87, 88]")  # fmt: skip
    row("log", "log_f(a)", _function("log"),
        ("select(sub(1.1754944e-38, abs(a)), 0, div(d, a))",), "ln|a|, |a| held at 2^−126 or more")  # fmt: skip
    row("tanh", "tanh_f(a)", _function("tanh"),
        ("select(sub(abs(a), 44), 0, mul(mul(4, mul(sigmoid(mul(2, a)), sigmoid(mul(-2, a)))), d))",),
        "hyperbolic tangent")  # fmt: skip
    row("sigmoid", "sigmoid_f(a)", _function("sigmoid"),
        ("select(sub(abs(a), 87), 0, mul(mul(sigmoid(a), sigmoid(neg(a))), d))",),
        "logistic function 1/(1 + e^−a)")  # fmt: skip
    row(
        "relu",
        "select(a < F(0.0), F(0.0), a)",
        _function("relu"),
        ("select(a, d, 0)",),
        "a where positive, else 0",
    )
    row("step", "select(a > F(0.0), F(1.0), select(a <= F(0.0), F(0.0), a))", _function("step"), ("0",),
        "1 where a is positive, else 0")  # fmt: skip
    row("select", "select(a > F(0.0), b, c)", _function("select"), ("0", "select(a, d, 0)", "select(a, 0, d)"),
        "b where a is positive, else c")  # fmt: skip
    row("sin", "sin_f(a)", _function("sin"), ("select(sub(abs(a), 32768), 0, mul(cos(a), d))",),
        "sine, a in radians, held within ±32768", stock=False)  # fmt: skip
    row("cos", "cos_f(a)", _function("cos"), ("select(sub(abs(a), 32768), 0, neg(mul(sin(a), d)))",),
        "cosine, a in radians, held within ±32768", stock=False)  # fmt: skip
    return table


PRIMITIVES: dict[str, Primitive] = _table()

ARGUMENTS = ("a", "b", "c")
