"""The rule language as text: `parse` is the inverse of `str(tree)`, and reads infix `+ - *` as well.

    expression := term (("+" | "-") term)*        term := factor ("*" factor)*
    factor := number | "-" number | "-" factor | name | name "(" expression ("," expression)* ")" | "(" expression ")"

A minus straight before a number belongs to the number; before anything else it is `neg`. `−`, `·` and `×` are read
as `-` and `*`. Nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from evometa.errors import InputError
from evometa.language.signals import SIGNALS, SLOTS, TASKS, Slot
from evometa.language.tree import MAX_DEPTH, MAX_NODES, Node, Tree, constant, node
from evometa.spec.primitives import PRIMITIVES

_TOKEN = re.compile(r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([^\W\d]\w*)|([-+*(),]))", re.ASCII)
_SYNONYMS = str.maketrans("−·×", "-**")
_INFIX = {"+": "add", "-": "sub", "*": "mul"}
_LONGEST = 100_000

Nodes = list[Node]


def parse(text: str, signals: Collection[str] | None = None, primitives: Collection[str] | None = None,
          where: str = "rule") -> Tree:  # fmt: skip
    """Return the tree of a text; InputError names the position, what was expected there, and the nearest names.

    `signals`, `primitives`: the names that may occur (None: all of them).
    """
    leaves = {name: node(name) for name in (SIGNALS | TASKS if signals is None else signals)}
    return Parser(text, leaves, PRIMITIVES.keys() if primitives is None else primitives, where).whole()


def parse_over(text: str, leaves: Mapping[str, Node]) -> Tree:
    """Return the tree of a text whose names stand for the given leaves."""
    return Parser(text, leaves, PRIMITIVES.keys(), "formula").whole()


def parse_rule(texts: Mapping[str, str], where: str = "rule", slots: Mapping[str, Slot] = SLOTS) -> dict[str, Tree]:
    """Return the trees of a rule, {slot: text}; each of the `slots` reads its own signals."""
    rule = {}
    for slot, text in texts.items():
        if slot not in slots:
            raise InputError(f"a slot ({', '.join(slots)})", repr(slot), where, _nearest(slot, slots))
        rule[slot] = parse(text, slots[slot].signals, where=f"{where}, slot {slot}")
    return rule


def _nearest(name: str, names: Collection[str]) -> str:
    close = get_close_matches(name, sorted(names), n=3, cutoff=0.5)
    return f"Nearest: {', '.join(close)}." if close else ""


class Parser:
    """One pass over the tokens; `leaves` gives the nodes of the names that are no primitives."""

    def __init__(self, text: str, leaves: Mapping[str, Node], primitives: Collection[str], where: str) -> None:
        self.text, self.leaves, self.primitives, self.where = text, leaves, primitives, where
        self.tokens: list[tuple[str, int]] = []
        self.at = 0
        self.nested = 0

    def whole(self) -> Tree:
        """The only expression of the text."""
        self._scan()
        nodes = self._expression()
        token, _ = self.tokens[self.at]
        if token:
            raise self._error("an operator (+ - *) or the end", repr(token))
        if len(nodes) > MAX_NODES:
            raise InputError(f"at most {MAX_NODES} nodes", f"{len(nodes)}", self.where, "Shorten the rule.")
        tree = Tree(nodes)
        if tree.depth > MAX_DEPTH:
            raise self._too_deep()
        return tree

    def _scan(self) -> None:
        if len(self.text) > _LONGEST:
            raise InputError(f"at most {_LONGEST} characters", f"{len(self.text)}", self.where, "Shorten the rule.")
        text, start = self.text.translate(_SYNONYMS).rstrip(), 0
        while start < len(text):
            match = _TOKEN.match(text, start)
            if match is None:
                start += len(text[start:]) - len(text[start:].lstrip())
                self.tokens.append((text[start], start))
                self.at = len(self.tokens) - 1
                raise self._error("a number, a name, or one of + - * ( ) ,", repr(text[start]), self._instead(start))
            self.tokens.append((match[match.lastindex or 0], match.start(match.lastindex or 0)))
            start = match.end()
        self.tokens.append(("", len(text)))

    def _error(self, expected: str, found: str, remedy: str = "") -> InputError:
        position = self.tokens[self.at][1]
        return InputError(expected, found or "the end", f"{self.where}, character {position + 1}", remedy)

    def _instead(self, start: int) -> str:
        """Return what to write in place of a character that means nothing here."""
        return "Write aq(a, b) for a/√(1 + b²), or div(a, b)." if self.text[start] == "/" else ""

    def _too_deep(self) -> InputError:
        return InputError(f"a depth of at most {MAX_DEPTH}", "a deeper formula", self.where, "Shorten the rule.")

    def _next(self) -> str:
        token = self.tokens[self.at][0]
        self.at += 1
        return token

    def _expression(self) -> Nodes:
        self.nested += 1
        if self.nested > MAX_DEPTH + 1:
            raise self._too_deep()
        left = self._term()
        while self.tokens[self.at][0] in ("+", "-"):
            name = _INFIX[self._next()]
            left = [node(self._primitive(name, self.at - 1)), *left, *self._term()]
        self.nested -= 1
        return left

    def _term(self) -> Nodes:
        left = self._factor()
        while self.tokens[self.at][0] == "*":
            name = _INFIX[self._next()]
            left = [node(self._primitive(name, self.at - 1)), *left, *self._factor()]
        return left

    def _factor(self) -> Nodes:
        token, _ = self.tokens[self.at]
        if token == "(":
            self.at += 1
            inside = self._expression()
            self._close("an operator or a closing parenthesis")
            return inside
        if token == "-":
            return self._minus()
        if token[:1].isdigit() or token[:1] == ".":
            return [self._number(token)]
        if token[:1].isalpha() or token[:1] == "_":
            return self._named(token)
        raise self._error("a number, a name or an opening parenthesis", repr(token) if token else "the end")

    def _minus(self) -> Nodes:
        signs = 0
        while self.tokens[self.at][0] == "-":
            self.at += 1
            signs += 1
        token, _ = self.tokens[self.at]
        if token[:1].isdigit() or token[:1] == ".":
            inside, signs = [self._number(f"-{token}")], signs - 1
        else:
            inside = self._factor()
        if signs:
            self._primitive("neg", self.at - 1)
        if signs > MAX_DEPTH:
            raise self._too_deep()
        return [*[node("neg")] * signs, *inside]

    def _number(self, text: str) -> Node:
        try:
            found = constant(float(text))
        except InputError as error:
            raise self._error(error.expected, text) from None
        self.at += 1
        return found

    def _named(self, name: str) -> Nodes:
        start = self.at
        self.at += 1
        if self.tokens[self.at][0] != "(":
            found = self.leaves.get(name)
            if found is None:
                self.at = start
                raise self._error(*self._unknown(name))
            return [found]
        return self._call(name, start)

    def _call(self, name: str, start: int) -> Nodes:
        """A primitive with its arguments; the name stands at `start`, what comes next is the parenthesis."""
        primitive = PRIMITIVES[self._primitive(name, start)]
        self.at += 1
        nodes = [node(name)]
        for k in range(primitive.arity):
            if k:
                self._comma(name, primitive.arity, k)
            nodes += self._expression()
        self._close(f"{_count(primitive.arity)} of {name} and a closing parenthesis")
        return nodes

    def _comma(self, name: str, arity: int, given: int) -> None:
        token, _ = self.tokens[self.at]
        if token != ",":
            raise self._error(f"a comma ({name} takes {_count(arity)}, {given} given)", repr(token) if token else "")
        self.at += 1

    def _close(self, expected: str) -> None:
        token, _ = self.tokens[self.at]
        if token != ")":
            raise self._error(expected, repr(token) if token else "the end")
        self.at += 1

    def _primitive(self, name: str, at: int) -> str:
        if name in self.primitives:
            return name
        self.at = at
        if name in PRIMITIVES:
            raise self._error(f"a primitive of this recipe ({', '.join(self.primitives)})", repr(name))
        raise self._error("a primitive before the parenthesis", repr(name), _nearest(name, self.primitives))

    def _unknown(self, name: str) -> tuple[str, str, str]:
        if name in self.primitives:
            return (
                f"an opening parenthesis after {name}",
                repr(name),
                f"{name} takes {_count(PRIMITIVES[name].arity)}.",
            )
        if name in SIGNALS or name in TASKS:
            return f"a signal that may be read here ({', '.join(self.leaves)})", repr(name), ""
        if name.lower() in ("nan", "inf", "infinity"):
            return "a finite number", repr(name), ""
        return (
            "a signal, a number or a primitive",
            repr(name),
            _nearest(name, [*self.leaves, *self.primitives]),
        )


def _count(arity: int) -> str:
    return f"{arity} argument{'s' * (arity > 1)}"
