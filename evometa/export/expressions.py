"""A compiled program as readable statements: values used once are written in place, others get a name.

The operations, their order and their operands are those of the program that ran.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evometa.export.dialects import OPERATORS, Dialect
from evometa.language.program import Program
from evometa.language.signals import INPUTS, SIGNAL_COUNT, SIGNALS
from evometa.spec.primitives import PRIMITIVES

LONGEST = 72  # characters of the operands of one operation; longer ones get names

_NAMES, _ROWS = tuple(INPUTS), tuple(PRIMITIVES.values())
_SUM, _PRODUCT, _SIGN, _ATOM = range(4)  # how tightly an expression holds together

# Signals that have a number for each synapse; the others are one number for all, as constants are.
OF_SYNAPSES = frozenset(n for n, s in SIGNALS.items() if s.rate == "synapse") | {"post", "target", "err"}


@dataclass(frozen=True)
class Statements:
    """`lines`: assignments in order; `results`: an expression for each output; `primitives`: those in use.

    `spread`: outputs that differ between synapses (the others are one number for all); `copied`: those that are a
    signal as it came in.
    """

    lines: list[str]
    results: dict[str, str]
    primitives: frozenset[str]
    spread: frozenset[str]
    copied: frozenset[str]


@dataclass(eq=False)
class _Value:
    """One operation, a node of its own: its operands are values, signals (str) or numbers (float)."""

    primitive: str
    operands: list[_Value | str | float]


def statements(program: Program, dialect: Dialect, results: Mapping[str, str]) -> Statements:
    """Return a program as statements; signals keep their names, `results` names the outputs wanted (update, …)."""
    outputs = {name: value for name, value in _graph(program).items() if name in results}
    order, uses = _order(list(outputs.values()))
    writer = _Writer(dialect, uses)
    for name, value in outputs.items():
        if isinstance(value, _Value):
            writer.wanted.setdefault(value, results[name])
    for value in order:
        writer.write(value)
    found = {name: writer.text(value)[0] for name, value in outputs.items()}
    for name, text in found.items():
        if text != results[name]:
            writer.lines.append(f"{results[name]} = {text}")
    return Statements(
        writer.lines,
        {name: results[name] for name in found},
        frozenset(value.primitive for value in order),
        frozenset(name for name, value in outputs.items() if writer.differs(value)),
        frozenset(name for name, value in outputs.items() if isinstance(value, str)),
    )


def _graph(program: Program) -> dict[str, _Value | str | float]:
    """Undo the allocation of registers: return what each output is made of."""
    known: dict[int, _Value | str | float] = dict(enumerate(_NAMES))
    known |= {SIGNAL_COUNT + i: float(c) for i, c in enumerate(program.constants)}
    for op, target, *operands in program.code.tolist():
        row = _ROWS[op]
        known[target] = _Value(row.name, [known[r] for r in operands[: row.arity]])
    return {name: known[int(r)] for name, r in zip(program.names, program.outputs, strict=False) if r >= 0}


def _order(outputs: list[_Value | str | float]) -> tuple[list[_Value], Counter[_Value | str | float]]:
    """Return all values, operands first, and how often each is used."""
    order: list[_Value] = []
    uses: Counter[_Value | str | float] = Counter(outputs)
    seen: set[_Value] = set()
    stack: list[tuple[_Value | str | float, bool]] = [(value, False) for value in reversed(outputs)]
    while stack:
        value, ready = stack.pop()
        if not isinstance(value, _Value) or (value in seen and not ready):
            continue
        if ready:
            order.append(value)
            continue
        seen.add(value)
        uses.update(value.operands)
        stack.append((value, True))
        stack += [(operand, False) for operand in reversed(value.operands)]
    return order, uses


class _Writer:
    """Writes values one by one; `wanted`: names that some must have."""

    def __init__(self, dialect: Dialect, uses: Counter[_Value | str | float]) -> None:
        self.dialect, self.uses = dialect, uses
        self.lines: list[str] = []
        self.wanted: dict[_Value, str] = {}
        self.texts: dict[_Value, tuple[str, int]] = {}
        self.spread: set[_Value] = set()
        self.temporaries = 0

    def differs(self, value: _Value | str | float) -> bool:
        """Tell whether a value differs between synapses."""
        return value in OF_SYNAPSES if isinstance(value, str) else value in self.spread

    def write(self, value: _Value) -> None:
        """Write a value in place, or as an assignment where it is wanted by name or used twice."""
        self._shorten(value.operands)
        if any(self.differs(operand) for operand in value.operands):
            self.spread.add(value)
        self.texts[value] = _SPELL.get(value.primitive, _Writer._call)(self, value)
        if value in self.wanted or self.uses[value] > 1:
            self._assign(value)

    def _shorten(self, operands: list[_Value | str | float]) -> None:
        """Give names to the longest operands until all of them fit into a line."""
        while sum(len(self.text(operand)[0]) for operand in operands) > LONGEST:
            longest = max(operands, key=lambda operand: len(self.text(operand)[0]))
            assert isinstance(longest, _Value), "names and numbers are short"
            self._assign(longest)

    def _assign(self, value: _Value) -> None:
        name = self.wanted.get(value)
        if name is None:
            self.temporaries += 1
            name = f"t{self.temporaries}"
        self.lines.append(f"{name} = {self.texts[value][0]}")
        self.texts[value] = name, _ATOM

    def text(self, value: _Value | str | float) -> tuple[str, int]:
        """Return the text of an operand and how tightly it holds together."""
        if isinstance(value, _Value):
            return self.texts[value]
        if isinstance(value, str):
            return value, _ATOM
        spelled = self.dialect.literal(value)
        return spelled, _SIGN if spelled.startswith("-") else _ATOM

    def _at_least(self, value: _Value | str | float, level: int) -> str:
        text, own = self.text(value)
        return text if own >= level else f"({text})"

    def _sum(self, value: _Value) -> tuple[str, int]:
        first, last = value.operands
        minus = value.primitive == "sub"
        if isinstance(first, float) and not minus and not isinstance(last, float) and first < 0:
            first, last = last, first  # -2 + x reads x - 2, the same number
        if isinstance(last, float) and last < 0:
            minus, last = not minus, -last
        return f"{self._at_least(first, _SUM)} {'-' if minus else '+'} {self._at_least(last, _PRODUCT)}", _SUM

    def _product(self, value: _Value) -> tuple[str, int]:
        first, last = value.operands
        sign = "/" if value.primitive == "div" else "*"
        if sign == "*" and (isinstance(last, float), not self.differs(last)) > (
            isinstance(first, float),
            not self.differs(first),
        ):
            first, last = last, first  # numbers come first, then what is the same for all synapses
        return f"{self._at_least(first, _PRODUCT)} {sign} {self._at_least(last, _SIGN)}", _PRODUCT

    def _negative(self, value: _Value) -> tuple[str, int]:
        return f"-{self._at_least(value.operands[0], _ATOM)}", _SIGN

    def _quotient(self, value: _Value) -> tuple[str, int]:
        """aq(a, 2) is a over a number, which is computed here as it would be there."""
        above, below = value.operands
        if not isinstance(below, float):
            return self._call(value)
        single = np.float32(below)
        with np.errstate(over="ignore"):
            divisor = np.sqrt(np.float32(1) + single * single)
        return f"{self._at_least(above, _PRODUCT)} / {self.dialect.literal(float(divisor))}", _PRODUCT

    def _call(self, value: _Value) -> tuple[str, int]:
        arguments = ", ".join(self.text(operand)[0] for operand in value.operands)
        return f"{self.dialect.function(value.primitive)}({arguments})", _ATOM


_SPELL: dict[str, Callable[[_Writer, _Value], tuple[str, int]]] = {
    "add": _Writer._sum,
    "sub": _Writer._sum,
    "mul": _Writer._product,
    "div": _Writer._product,
    "neg": _Writer._negative,
    "aq": _Writer._quotient,
}
assert set(_SPELL) == OPERATORS | {"aq"}
