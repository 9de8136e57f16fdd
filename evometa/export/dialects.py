"""The primitives of the table as NumPy, PyTorch and JAX text: how each is called, and the functions that define them.

Every definition is made from the table's own expression. In NumPy the transcendental functions are the very formulas
that ran (`language/formulas.py`), so results are the same bits; in PyTorch and JAX they are the framework's own, held
within the same bounds, which agree within a few units in the last place and take any floating type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from evometa.export.spelling import docstring, number, sentence, wrapped
from evometa.language.formulas import HELPERS
from evometa.spec.primitives import ARGUMENTS, PRIMITIVES

_LITERAL = re.compile(r"F\(([-+0-9.e]+)\)")

# What each formula is in a framework that has the function itself; tests compare them on special values.
_OWN = {
    "exp_f": "{m}.exp({m}.clip({x}, -87.0, 88.0))",
    "log_f": "{m}.log({m}.clip({m}.abs({x}), 1.1754943508222875e-38))",
    "tanh_f": "{m}.tanh({x})",
    "sigmoid_f": "1.0 / (1.0 + {m}.exp({m}.clip(-{x}, -87.0, 88.0)))",
    "sin_f": "{m}.sin({m}.clip({x}, -32768.0, 32768.0))",
    "cos_f": "{m}.cos({m}.clip({x}, -32768.0, 32768.0))",
}

# Primitives that generated code writes with operators or the framework's own function, and those whose names would
# hide a built-in function of Python there, or that of the native vocabulary.
OPERATORS = frozenset(("add", "sub", "mul", "div", "neg"))
DIRECT = frozenset(("abs", "square"))
_NAMES = {"min": "smaller", "max": "larger", "select": "choose"}

_WORDS = {
    "exponent": '''
def exponent(x):
    """Binary exponent of a positive normal float32, as a float."""
    bits = np.asarray(x, F).view(np.int32)
    return ((bits >> np.int32(23)) - np.int32(127)).astype(F)
''',
    "mantissa": '''
def mantissa(x):
    """Mantissa of a positive normal float32, from 1 to below 2."""
    bits = np.asarray(x, F).view(np.int32)
    return ((bits & np.int32(0x7FFFFF)) | np.int32(0x3F800000)).view(F)
''',
    "pow2": '''
def pow2(n):
    """2 to the power of a whole number from -126 to 127."""
    return ((np.asarray(n, F).astype(np.int32) + np.int32(127)) << np.int32(23)).view(F)
''',
}


@dataclass(frozen=True)
class Dialect:
    """One way to write primitives; `module` is the prefix of its functions."""

    module: str

    def literal(self, value: float) -> str:
        """Return a number of the rule as this dialect spells it."""
        text = number(value) if math.isfinite(value) else f"{'-' * (value < 0)}{self.module}.{abs(value)}"
        return f"F({text})" if self.module == "np" else text

    def function(self, name: str) -> str:
        """Return the name of the function that a primitive is in generated code."""
        return f"{self.module}.{name}" if name in DIRECT else _NAMES.get(name, name)

    def expression(self, text: str) -> str:
        """Return an expression of the native vocabulary as this dialect has it."""
        text = _LITERAL.sub(lambda match: self.literal(float(np.float32(match[1]))), text)
        for word, own in (("select", "where"), ("sqrt", "sqrt"), ("fabs", "abs")):
            text = re.sub(rf"(?<![\w.]){word}\(", f"{self.module}.{own}(", text)
        if self.module == "np":
            return re.sub(r"\b(\w+)_f\(", r"\1(", text)
        return re.sub(r"(\w+_f)\(([^()]*)\)", lambda m: _OWN[m[1]].format(m=self.module, x=m[2]), text)

    def definitions(self, primitives: Collection[str], formulas: Collection[str] = ()) -> list[str]:
        """Return the functions that some primitives need, each after those that it calls.

        `formulas`: those of our formulas (exp_f, …) that are called besides.
        """
        rows = [p for p in PRIMITIVES.values() if p.name in primitives and p.name not in OPERATORS | DIRECT]
        if self.module != "np":
            return [self._primitive(row.name) for row in rows]
        texts = [row.expression for row in rows] + [f"{name}(" for name in formulas]
        needed = {name for name in HELPERS if any(f"{name}(" in text for text in texts)}
        needed |= {n for n in HELPERS for h in needed if any(f"{n}(" in line for line in HELPERS[h].lines)}
        own = [self._formula(name) for name in HELPERS if name in needed]
        words = [source.strip("\n") for word, source in _WORDS.items() if any(f"{word}(" in text for text in own)]
        return [*words, *own, *(self._primitive(row.name) for row in rows if f"{row.name}_f" not in HELPERS)]

    def _primitive(self, name: str) -> str:
        row = PRIMITIVES[name]
        head = f"def {self.function(name)}({', '.join(ARGUMENTS[: row.arity])}):"
        return f"{head}\n{docstring(sentence(row.meaning), '    ')}\n    return {self.expression(row.expression)}"

    def _formula(self, name: str) -> str:
        """A formula of ours; polynomials that are too long for a line are written step by step."""
        formula = HELPERS[name]
        doc = docstring(wrapped(sentence(formula.meaning), width=88), "    ")
        lines = [step for line in formula.lines for step in _steps(line)]
        body = "\n".join(f"    {self.expression(line)}" for line in lines)
        return f"def {name.removesuffix('_f')}(x):\n{doc}\n{body}\n    return {self.expression(formula.result)}"


_HORNER = re.compile(r"\(*F\([-+0-9.e]+\)( \* \w+ \+ F\([-+0-9.e]+\)\))+")
_STEP = re.compile(r" \* (\w+) \+ (F\([-+0-9.e]+\))\)")
_LONG = 60


def _steps(line: str) -> list[str]:
    """Break an assignment with a long polynomial into one for each power: the same operations in the same order."""
    found = _HORNER.search(line)
    if found is None or len(line) <= _LONG:
        return [line]
    first, target = found[0].lstrip("(").partition(" ")[0], line.partition(" = ")[0]
    (variable, constant), *powers = _STEP.findall(found[0])
    lines = [f"{target} = {first} * {variable} + {constant}"]
    lines += [f"{target} = {target} * {variable} + {constant}" for variable, constant in powers]
    rest = line.replace(found[0], target)
    return lines if rest == f"{target} = {target}" else [*lines, rest]


NUMPY, TORCH, JAX = Dialect("np"), Dialect("torch"), Dialect("jnp")
