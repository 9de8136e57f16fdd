"""Rules as MathML, which browsers draw by themselves: the same form as in a terminal and in LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from evometa.language.algebra import Coefficients, plain
from evometa.language.printer import Style, show
from evometa.language.signals import EVERY_SLOT
from evometa.language.tree import Tree

_GREEK = {"sigmoid": "σ"}
_MINUS = "<mo>−</mo>"


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _number(text: str) -> str:
    sign = _MINUS if text.startswith("-") else ""
    digits, _, power = text.removeprefix("-").partition("e")
    if not power:
        return f"{sign}<mn>{digits}</mn>"
    ten = f"<msup><mn>10</mn><mn>{power.replace('-', '−')}</mn></msup>"
    return sign + (ten if digits == "1" else f"<mn>{digits}</mn><mo>·</mo>{ten}")


def _symbol(name: str) -> str:
    if name[1:].isdigit():
        return f"<msub><mi>{escape(name[0])}</mi><mn>{name[1:]}</mn></msub>"
    return f"<mi>{escape(name)}</mi>"


def _between(left: str, inner: str, right: str) -> str:
    return _row(f'<mo fence="true">{left}</mo>', inner, f'<mo fence="true">{right}</mo>')


def _call(name: str, inner: str) -> str:
    return _row(f"<mi>{escape(_GREEK.get(name, name))}</mi><mo>&#x2061;</mo>", _between("(", inner, ")"))


MATHML = Style(
    times="<mo>·</mo>",
    plus="<mo>+</mo>",
    minus=_MINUS,
    less=_MINUS,
    comma='<mo separator="true">,</mo>',
    number=_number,
    symbol=_symbol,
    bracket=lambda inner: _between("(", inner, ")"),
    quotient=lambda above, below: f"<mfrac>{_row(above)}{_row(below)}</mfrac>",
    power=lambda base, exponent: f"<msup>{_row(base)}<mn>{exponent.replace('-', '−')}</mn></msup>",
    raised=lambda base, exponent: f"<msup>{_row(base)}{_row(exponent)}</msup>",
    root=lambda inner: f"<msqrt>{inner}</msqrt>",
    size=lambda inner: _between("|", inner, "|"),
    call=_call,
    logarithm="<mi>ln</mi><mo>&#x2061;</mo>",
)


def mathml(rule: Mapping[str, Tree], coefficients: Coefficients | None = None) -> list[str]:
    """Return one `math` element for each slot; a tree that algebra cannot take in is left out."""
    found = []
    for name, slot in EVERY_SLOT.items():
        form = plain(rule[name], coefficients) if name in rule else None
        if form is not None:
            left = _symbol(slot.symbol.removeprefix("Δ"))
            left = f'<mi mathvariant="normal">Δ</mi>{left}' if slot.symbol.startswith("Δ") else left
            found.append(f'<math display="block">{_row(left, f"<mo>{slot.sign}</mo>", show(form, MATHML))}</math>')
    return found
