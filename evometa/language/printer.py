"""SymPy expressions for people: one line of Unicode, or LaTeX, in the same order and the same shape."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evometa.language.signals import COEFFICIENTS, PLASTICITY, READABLE

DIGITS = 4

# How tightly a piece holds together: a piece looser than its place wants is put in brackets.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)


@dataclass(frozen=True)
class Style:
    """How the pieces are spelled."""

    times: str
    plus: str
    minus: str  # a sign
    less: str  # between two pieces
    comma: str
    number: Callable[[str], str]
    symbol: Callable[[str], str]
    bracket: Callable[[str], str]
    quotient: Callable[[str, str], str] | None
    power: Callable[[str, str], str]  # whole exponents
    raised: Callable[[str, str], str]  # all others
    root: Callable[[str], str]
    size: Callable[[str], str]
    call: Callable[[str, str], str]
    logarithm: str


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TEX_NAMES = {"err": r"\delta", "grad": "g", "reward": "r", "w": "w"}
_TEX_CALLS = {"sigmoid": r"\sigma"}
_TEX_CALLS |= {name: f"\\{name}" for name in ("exp", "tanh", "sin", "cos", "min", "max")}


def _tex_symbol(name: str) -> str:
    if name in _TEX_NAMES:
        return _TEX_NAMES[name]
    return f"{name[0]}_{{{name[1:]}}}" if name[1:].isdigit() else rf"\mathrm{{{name}}}"


def _tex_number(text: str) -> str:
    digits, _, power = text.partition("e")
    if not power:
        return text
    power = f"10^{{{power}}}"
    return power if digits == "1" else rf"{digits} \cdot {power}"


def _tex_call(name: str, inner: str) -> str:
    spelled = _TEX_CALLS.get(name, rf"\operatorname{{{name}}}")
    return rf"{spelled}\left({inner}\right)"


TEXT = Style(
    times="·",
    plus=" + ",
    minus="−",
    less=" − ",
    comma=", ",
    number=lambda text: text.replace("-", "−"),
    symbol=str,
    bracket=lambda inner: f"({inner})",
    quotient=None,
    power=lambda base, exponent: f"{base}{exponent.translate(_SUPERSCRIPT)}",
    raised=lambda base, exponent: f"{base}^{exponent}",
    root=lambda inner: f"√{inner}" if inner.isalnum() else f"√({inner})",
    size=lambda inner: f"abs({inner})" if "|" in inner else f"|{inner}|",
    call=lambda name, inner: f"{'σ' if name == 'sigmoid' else name}({inner})",
    logarithm="ln",
)

LATEX = Style(
    times=r" \, ",
    plus=" + ",
    minus="-",
    less=" - ",
    comma=", ",
    number=_tex_number,
    symbol=_tex_symbol,
    bracket=lambda inner: rf"\left({inner}\right)",
    quotient=lambda above, below: rf"\frac{{{above}}}{{{below}}}",
    power=lambda base, exponent: f"{base}^{{{exponent}}}",
    raised=lambda base, exponent: f"{base}^{{{exponent}}}",
    root=lambda inner: rf"\sqrt{{{inner}}}",
    size=lambda inner: rf"\left|{inner}\right|",
    call=_tex_call,
    logarithm=r"\ln",
)


def show(expression: Any, style: Style = TEXT) -> str:
    """Return a SymPy expression as text; numbers have four significant digits."""
    return Printer(style).show(expression)[0]


class Printer:
    """Expressions in one style; what it has shown once it knows."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.shown: dict[Any, tuple[str, int]] = {}

    def show(self, e: Any) -> tuple[str, int]:
        """Return the text of a piece and how tightly it holds together."""
        found = self.shown.get(e)
        if found is None:
            found = self.shown[e] = self._show(e)
        return found

    def _show(self, e: Any) -> tuple[str, int]:
        if e.is_Number:
            text = self.style.number(re.sub(r"e\+?(-?)0*", r"e\1", f"{float(e):.{DIGITS}g}"))
            return text, _PRODUCT if text.startswith(self.style.minus) else _ATOM
        if e.is_Add:
            return self._sum(e), _SUM
        if e.is_Mul:
            return self._product(e), _PRODUCT
        if e.is_Pow:
            return self._power(e)
        if not e.args:
            return self.style.symbol(str(e)), _ATOM
        name, inner = e.func.__name__, self.style.comma.join(self.show(a)[0] for a in e.args)
        if name in ("abs", "log"):
            size = self.style.size(inner)
            return size if name == "abs" else self.style.logarithm + size.removeprefix("abs"), _ATOM
        return self.style.call(name, inner), _ATOM

    def _at_least(self, e: Any, level: int) -> str:
        text, own = self.show(e)
        return text if own >= level else self.style.bracket(text)

    def _sum(self, e: Any) -> str:
        minus = self.style.minus
        parts = sorted((self.show(a)[0] for a in e.args), key=lambda t: (t.startswith(minus), len(t), t))
        text = parts[0]
        for part in parts[1:]:
            text += self.style.less + part.removeprefix(minus) if part.startswith(minus) else self.style.plus + part
        return text

    def _product(self, e: Any) -> str:
        number, rest = e.as_coeff_Mul()
        above: list[Any] = []
        below: list[Any] = []
        for factor in rest.args if rest.is_Mul else (rest,):
            downstairs = factor.is_Pow and factor.exp.is_Number and factor.exp < 0
            (below if downstairs else above).append(1 / factor if downstairs else factor)
        number, above = _without_sign(number, above)
        sign = self.style.minus if number < 0 else ""
        shown = [] if abs(number) == 1 else [self.show(abs(number))[0]]
        tops = sorted(above, key=self._place)
        alone = len(tops) == 1 and not shown and below and self.style.quotient
        shown += [self._at_least(f, _SUM if alone else _POWER) for f in tops]
        upper = self.style.times.join(shown) or self.style.number("1")
        return sign + (self._over(upper, sorted(below, key=self._place)) if below else upper)

    def _over(self, upper: str, below: list[Any]) -> str:
        if self.style.quotient:
            level = _SUM if len(below) == 1 else _POWER
            return self.style.quotient(upper, self.style.times.join(self._at_least(f, level) for f in below))
        lower = self.style.times.join(self._at_least(f, _POWER) for f in below)
        return f"{upper}/{lower if len(below) == 1 else self.style.bracket(lower)}"

    def _power(self, e: Any) -> tuple[str, int]:
        base, exponent = e.base, e.exp
        if exponent.is_Number and exponent < 0:
            return self._over(self.style.number("1"), [1 / e]), _PRODUCT
        if exponent.is_Rational and exponent.q == 2 and exponent.p == 1:
            return self.style.root(self.show(base)[0]), _ATOM
        if exponent.is_Integer:
            return self.style.power(self._at_least(base, _ATOM), str(exponent)), _POWER
        return self.style.raised(self._at_least(base, _ATOM), self._at_least(exponent, _ATOM)), _POWER

    def _place(self, factor: Any) -> tuple[int, int, str]:
        """Order of factors: coefficients, signals as in their table, then all else, sums last."""
        base = factor.base if factor.is_Pow else factor
        if base.is_Symbol and base.name in READABLE:
            return (0 if base.name in COEFFICIENTS + PLASTICITY else 1, READABLE[base.name].register, "")
        return (3 if base.is_Add else 2, 0, self.show(factor)[0])


def _without_sign(number: Any, factors: list[Any]) -> tuple[Any, list[Any]]:
    """Move a minus into a sum that has one: −(a − b) reads (b − a)."""
    if number < 0:
        for k, factor in enumerate(factors):
            if factor.is_Add and any(term.could_extract_minus_sign() for term in factor.args):
                return -number, [*factors[:k], -factor, *factors[k + 1 :]]
    return number, factors
