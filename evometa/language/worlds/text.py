"""Equations of worlds as text: the grammar of rules, with the names of a world and the functions of vocabulary.py."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache

from evometa.errors import InputError
from evometa.language.text import Nodes, Parser
from evometa.language.tree import Tree
from evometa.language.worlds.vocabulary import FORMULAS, FUNCTIONS, NAMING, Function, word
from evometa.spec.primitives import PRIMITIVES


def parse_equation(text: str, names: Collection[str], functions: Mapping[str, Function], where: str) -> Tree:
    """Return the tree of an equation over names, primitives and functions; the inverse of `str(tree)`.

    InputError names the position, what was expected there, and the nearest names.
    """
    return _Equation(text, names, functions, where).whole()


@cache
def formula(name: str) -> Tree:
    """Return the tree of a function that is a formula, over words for its arguments."""
    known = FORMULAS[name]
    return parse_equation(known.text, known.arguments, FORMULAS, f"function {name}")


_OTHERWISE = {
    ">=": "not(less({a}, {b}))", "<=": "not(less({b}, {a}))", "==": "equal({a}, {b})", "!=": "not(equal({a}, {b}))",
    "&&": "{a}*{b}", "||": "max({a}, {b})", "//": "floor(div({a}, {b}))", "**": "square({a}), or products",
    ">": "less({b}, {a})", "<": "less({a}, {b})", "=": "equal({a}, {b})", "&": "{a}*{b}", "|": "max({a}, {b})",
    "/": "div({a}, {b})", "%": "mod({a}, {b})", "^": "square({a}), or products", "!": "not({b})",
    "[": "lookup({a}, {b})", "and": "{a}*{b}", "or": "max({a}, {b})", "not": "not({b})",
    "if": "select({b}, {a}, otherwise)", "True": "1", "False": "0", "true": "1", "false": "0",
}  # fmt: skip
_BESIDE = r"[A-Za-z_0-9.]+(?:\([^()]*\))?"  # a name, a number, or a call without others in it
_BEFORE, _BEHIND = re.compile(rf"({_BESIDE})\s*$"), re.compile(rf"\s*(-?{_BESIDE})")


def instead(text: str, start: int) -> str:
    """Return what to write in place of an operator of other languages that stands there; "" for anything else."""
    begin = start - 1 if start and text[start - 1 : start + 1] == "**" else start
    word_there = re.match(r"[^\W\d]\w*", text[begin:])
    signs = [word_there[0]] if word_there else [text[begin : begin + 2], text[begin : begin + 1]]
    sign = next((each for each in signs if each in _OTHERWISE), "")
    if not sign:
        return ""
    before, behind = _BEFORE.search(text[:begin]), _BEHIND.match(text[begin + len(sign) :])
    a, b = before[1] if before else "a", behind[1] if behind else "b"
    return f"Write {_OTHERWISE[sign].format(a=a, b=b)}."


class _Equation(Parser):
    """One pass over the tokens of an equation."""

    def __init__(self, text: str, names: Collection[str], functions: Mapping[str, Function], where: str) -> None:
        super().__init__(text, {name: word(name) for name in names}, PRIMITIVES.keys(), where)
        self.functions = functions

    def _call(self, name: str, start: int) -> Nodes:
        known = self.functions.get(name)
        if known is None:
            return super()._call(name, start)
        self.at += 1
        begin, nodes, count = self.at, self._expression(), 1
        if name in NAMING and (len(nodes) > 1 or nodes[0].name not in self.leaves):
            self.at = begin
            raise self._error(f"a name, of which {name} is {known.meaning}", repr(str(Tree(nodes))))
        while self.tokens[self.at][0] == "," and count < len(known.arguments):
            self.at += 1
            nodes += self._expression()
            count += 1
        if count not in known.counts:
            raise self._error(f"{name}({', '.join(known.arguments)})", f"{count} argument{'s' * (count > 1)}")
        self._close(f"{name}({', '.join(known.arguments)})")
        return [word(name, count), *nodes]

    def _error(self, expected: str, found: str, remedy: str = "") -> InputError:
        return super()._error(expected, found, self._instead(self.tokens[self.at][1]) or remedy)

    def _instead(self, start: int) -> str:
        return instead(self.text, start)

    def _primitive(self, name: str, at: int) -> str:
        if name in PRIMITIVES:
            return name
        self.at = at
        everything = [*PRIMITIVES, *self.functions]
        if name in FUNCTIONS:
            raise self._error("a function that stands for something here", repr(name),
                              f"Functions here: {', '.join(self.functions)}, and primitives.")  # fmt: skip
        raise self._error("a function before the parenthesis", repr(name), _nearest(name, everything))

    def _unknown(self, name: str) -> tuple[str, str, str]:
        if name in PRIMITIVES or name in self.functions:
            return f"an opening parenthesis after {name}", repr(name), ""
        return "a name that is known here, a number or a function", repr(name), (
            _nearest(name, self.leaves) or f"Known here: {', '.join(self.leaves)}."
        )  # fmt: skip


def _nearest(name: str, names: Collection[str]) -> str:
    close = get_close_matches(name, sorted(names), n=3, cutoff=0.5)
    return f"Nearest: {', '.join(close)}." if close else ""
