"""The primitives of the table as NumPy, PyTorch and JAX text: how each is called, and the functions that define them.

Every definition is made from the table's own expression. In NumPy the transcendental functions are the very formulas
that ran (`language/formulas.py`), so results are the same bits; in PyTorch and JAX they are the framework's own, held
within the same bounds, which agree within a few units in the last place and take any floating type.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from evometa.export.spelling import docstring, number, sentence, wrapped
from evometa.language.formulas import HELPERS
from evometa.language.frameworks import WORDS, text
from evometa.language.reductions import spell
from evometa.spec import SCORES
from evometa.spec.heads import Head
from evometa.spec.primitives import ARGUMENTS, PRIMITIVES

_LITERAL = re.compile(r"F\(([-+0-9.e]+)\)")

# Primitives that generated code writes with operators or the framework's own function, and those whose names would
# hide a built-in function of Python there, or that of the native vocabulary.
OPERATORS = frozenset(("add", "sub", "mul", "div", "neg"))
DIRECT = frozenset(("abs", "square"))
_NAMES = {"min": "smaller", "max": "larger", "select": "choose"}

# Primitives whose slope frameworks would have as 0·∞ where the table's is finite; the values are the same.
_SLOPED = {
    "sqrtabs": """
    size = {0}.abs(a)
    positive = size > 0.0
    return {0}.where(positive, {0}.sqrt({0}.where(positive, size, 1.0)), size)
""",
}

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

    def expression(self, words: str) -> str:
        """Return an expression of the native vocabulary as this dialect has it."""
        return self._short([spell(words, WORDS[self.module])])[0]

    def row(self, row: str, result: str = "", own: Mapping[str, str] | None = None, **places: str) -> str:
        """Return a row of evometa/spec as lines, the last of them `result` + its value (see `frameworks.text`)."""
        steps, value = text(row, self.module, own, **places)
        *parts, value = _parts(value)
        return "\n".join(self._short([*steps, *parts, result + value]))

    def loss(self, head: Head, result: str, z: str, t: str) -> str:
        """Return the mean loss of a head for net inputs z, in the same way: the framework's own where it has it."""
        if self.module in head.own_loss:
            return self.row(head.score("loss"), result, head.own_loss, z=z, t=t)
        answer = self.row(head.answer, "answer = ", head.own, z=z)
        losses = self.row(head.score("loss"), "losses = ", y="answer", t=t, O=f"{t}.shape[1]")
        return f"{answer}\n{losses}\n{result}losses.mean()"

    def reward(self, head: Head, result: str, **places: str) -> str:
        """Return the reward of a head, in the same way."""
        scores = {name: text(head.score(name), self.module, None, **places)[1] for name in SCORES}
        return self.row(head.reward, result, None, **scores)

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

    def _short(self, lines: list[str]) -> list[str]:
        """Write literals with as few digits as give the same float32."""
        return [_LITERAL.sub(lambda match: self.literal(float(match[1])), line) for line in lines]

    def _primitive(self, name: str) -> str:
        row = PRIMITIVES[name]
        body = f"    return {self.expression(row.expression)}"
        if self.module != "np" and name in _SLOPED:
            body = _SLOPED[name].strip("\n").format(self.module)
        head = f"def {self.function(name)}({', '.join(ARGUMENTS[: row.arity])}):"
        return f"{head}\n{docstring(sentence(row.meaning), '    ')}\n{body}"

    def _formula(self, name: str) -> str:
        """A formula of ours; polynomials that are too long for a line are written step by step."""
        formula = HELPERS[name]
        doc = docstring(wrapped(sentence(formula.meaning), width=88), "    ")
        lines = [step for line in formula.lines for step in _steps(line)]
        assignments = [line.partition(" = ") for line in lines]
        body = "\n".join(f"    {name} = {self.expression(value)}" for name, _, value in assignments)
        return f"def {name.removesuffix('_f')}(x):\n{doc}\n{body}\n    return {self.expression(formula.result)}"


_HORNER = re.compile(r"\(*F\([-+0-9.e]+\)( \* \w+ \+ F\([-+0-9.e]+\)\))+")
_STEP = re.compile(r" \* (\w+) \+ (F\([-+0-9.e]+\))\)")
_LONG, _LONGEST = 60, 80  # characters of a polynomial, of any expression


def _steps(line: str) -> list[str]:
    """Break an assignment with a long polynomial into one for each power: the same operations in the same order."""
    found = _HORNER.search(line)
    if found is None or len(line) <= _LONG:
        return [line]
    first, target = found[0].lstrip("(").partition(" ")[0], line.partition(" = ")[0]
    (variable, constant), *powers = _STEP.findall(found[0])
    lines = [f"{target} = {first} * {variable} + {constant}"]
    lines += [f"{target} = {target} * {variable} + {constant}" for variable, constant in powers]
    rest = line[: found.start()] + target + line[found.end() :]
    return lines if rest == f"{target} = {target}" else [*lines, rest]


def _parts(value: str) -> list[str]:
    """Name the largest parts of an expression until it fits into a line; return the lines of that, and what is left."""
    tree: ast.AST = ast.parse(value, mode="eval")
    lines: list[str] = []
    while len(ast.unparse(tree)) > _LONGEST:
        parts = [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, (ast.BinOp, ast.Call, ast.Compare))]
        part = max((part for part in parts if len(part) <= _LONGEST), key=len)
        lines.append(f"part{len(lines) + 1} = {part}")
        tree = _Naming(part, f"part{len(lines)}").visit(tree)
    return [*lines, ast.unparse(tree)]


class _Naming(ast.NodeTransformer):
    """Puts a name in the place of a part."""

    def __init__(self, part: str, name: str) -> None:
        self.part, self.name = part, name

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.Name(self.name) if ast.unparse(node) == self.part else self.generic_visit(node)


NUMPY, TORCH, JAX = Dialect("np"), Dialect("torch"), Dialect("jnp")
