"""Rows of expressions over all outputs (evometa/spec), spelled for any backend: whole arrays, or loops.

A row's text is Python in the vocabulary of the primitives, with `sum`, `max`, `first` over outputs; statements
`name = expression`, then an expression, the result. Spelling it is replacing its words: `spell(text, words)`, where
`words` are templates: of a name, its text; of a function, its text over the arguments `a`, `b`, `c`. So
`spell("e * exp_f(x)", {"e": "err[k]", "exp_f": "torch.exp(a)"})` is "err[k] * torch.exp(x)".

Over whole arrays (NumPy, PyTorch, JAX) the reductions are words like others: `whole`. Where outputs are one element
each (Numba, CUDA), every reduction becomes a loop, and those that need nothing of each other share one: `loops`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from evometa.spec.primitives import ARGUMENTS

Words = Mapping[str, str]
EACH, SUM, MAX, FIRST = "each", "sum", "max", "first"


def spell(text: str, words: Words) -> str:
    """Return an expression with other words; float32 literals `F(…)` with the digits of the number they are."""
    return ast.unparse(_Spelling(words).visit(_expression(text)))


def whole(text: str, words: Words) -> tuple[list[str], str]:
    """Return a row over whole arrays: its statements, and the result."""
    *statements, last = _statements(text)
    return [f"{name} = {spell(value, words)}" for name, value in statements], spell(last[1], words)


class Dialect(Protocol):
    """How a language with loops is spelled; `value` from Python's spelling."""

    def value(self, text: str) -> str: ...
    def read(self, place: str) -> str: ...
    def write(self, place: str, value: str) -> str: ...
    def set(self, name: str, value: str, new: bool = False) -> str: ...
    def give(self, value: str) -> str: ...
    def loop(self, start: int, body: list[str]) -> list[str]: ...


def loops(text: str, dialect: Dialect, places: Words, words: Words, result: str) -> list[str]:
    """Return a row as loops over outputs `o`; `places`: where element o of each array is; `words`: others.

    `result`: the array that is written; "": the row gives a number.
    """
    spelling, lines, open_loop = _Loops(dialect, places, words), list[str](), _Loop(0)
    for step in _steps(text, result):
        start = int(step.over in (MAX, FIRST))
        if not step.over or start != open_loop.start or _names(step.value) & open_loop.made:
            lines += open_loop.lines(dialect)
            open_loop = _Loop(start)
        if step.over:
            spelling.add(step, open_loop)
        else:
            lines.append(dialect.give(spelling.text(step.value)))
    return lines + open_loop.lines(dialect)


@dataclass(frozen=True)
class _Step:
    """A piece of a row: `over` outputs (each, sum, max, first), or a number by itself."""

    name: str
    over: str
    value: str


class _Loop:
    """A loop that is being written: what stands before it and in it, and the numbers that are known after it."""

    def __init__(self, start: int) -> None:
        self.start, self.before, self.body = start, list[str](), list[str]()
        self.made: set[str] = set()

    def lines(self, dialect: Dialect) -> list[str]:
        return [*self.before, *dialect.loop(self.start, self.body)] if self.body else []


class _Loops:
    """Writes steps into loops."""

    def __init__(self, dialect: Dialect, places: Words, words: Words) -> None:
        self.dialect, self.places = dialect, places
        self.words = {name: dialect.read(place) for name, place in places.items()} | {"O": "F(outputs)", **words}

    def text(self, value: str, **words: str) -> str:
        """Spell a value; arrays are read where they lie."""
        return self.dialect.value(spell(spell(value, self.words), words))

    def add(self, step: _Step, loop: _Loop) -> None:
        """Write one step that goes over outputs."""
        dialect, name, value = self.dialect, step.name, step.value
        if step.over == EACH:
            if self.places.get(value) != self.places[name]:  # else it is there already
                loop.body.append(dialect.write(self.places[name], self.text(value)))
            return
        loop.made.add(name)
        if step.over == SUM:
            loop.before.append(dialect.set(name, self.text("F(0.0)"), new=True))
            loop.body.append(dialect.set(name, self.text(f"{name} + ({value})")))
            return
        top, x = (name, f"{name}_x") if step.over == MAX else (f"{name}_top", f"{name}_x")
        loop.before.append(dialect.set(top, self.text(value, o="0"), new=True))
        loop.body.append(dialect.set(x, self.text(value), new=True))
        if step.over == FIRST:
            loop.before.append(dialect.set(name, self.text("F(0.0)"), new=True))
            loop.body.append(dialect.set(name, self.text(f"select({x} > {top}, F(o), {name})")))
        loop.body.append(dialect.set(top, self.text(f"select({x} > {top}, {x}, {top})")))


def _steps(text: str, result: str) -> list[_Step]:
    """Take a row apart: what each reduction goes over comes first, under a name of its own."""
    steps: list[_Step] = []
    for name, value in _statements(text):
        rest = ast.unparse(_Lifting(steps).visit(_expression(value)))
        target = name or result
        steps.append(_Step(target, EACH if target else "", rest))
    return steps


def _statements(text: str) -> list[tuple[str, str]]:
    """Return the names and expressions of a row; the last has no name."""
    found = []
    for statement in ast.parse(text.strip()).body:
        if isinstance(statement, ast.Assign):
            found.append((ast.unparse(statement.targets[0]), ast.unparse(statement.value)))
        else:
            found.append(("", ast.unparse(statement)))
    return found


def _expression(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(_expression(text)) if isinstance(node, ast.Name)}


class _Lifting(ast.NodeTransformer):
    """Takes reductions out of an expression, the inner ones first, and puts names in their places."""

    def __init__(self, steps: list[_Step]) -> None:
        self.steps = steps

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        kind = ast.unparse(node.func)
        if kind not in (SUM, MAX, FIRST):
            return node
        name = f"{kind}{len(self.steps)}"
        self.steps.append(_Step(name, kind, ast.unparse(node.args[0])))
        return ast.Name(name)


class _Spelling(ast.NodeTransformer):
    """Replaces words by their templates."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def visit_Name(self, node: ast.Name) -> Any:
        return _expression(self.words[node.id]) if node.id in self.words else node

    def visit_Call(self, node: ast.Call) -> Any:
        function = ast.unparse(node.func)
        node.args = [self.visit(argument) for argument in node.args]
        if isinstance(node.func, ast.Attribute):  # of what may itself have other words
            node.func = self.visit(node.func)
        if function == "F" and not _names(ast.unparse(node.args[0])):
            node.args = [ast.Constant(float(np.float32(ast.literal_eval(node.args[0]))))]
        if function not in self.words:
            return node
        filling = dict(zip(ARGUMENTS, node.args, strict=False))
        return _Filling(filling).visit(_expression(self.words[function]))


class _Filling(ast.NodeTransformer):
    """Fills the arguments of a template in."""

    def __init__(self, filling: Mapping[str, ast.expr]) -> None:
        self.filling = filling

    def visit_Name(self, node: ast.Name) -> Any:
        return self.filling.get(node.id, node)
