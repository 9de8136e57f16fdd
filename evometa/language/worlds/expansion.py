"""Trees over names of n rows → an element for each row, in whatever algebra: of values (compiler.py), of arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import Generic, Protocol, TypeVar

from evometa.errors import InputError
from evometa.language.tree import Tree
from evometa.language.worlds.equations import CONSTANTS, MOST_ROWS, Equations, in_turn
from evometa.language.worlds.text import formula
from evometa.language.worlds.vocabulary import FORMULAS, NAMING
from evometa.spec.primitives import PRIMITIVES

Element = TypeVar("Element")
Rows = list[Element]


class Algebra(Protocol[Element]):
    """What elements can do: be numbers, be given to primitives, be an index into the rows of a name."""

    def constant(self, value: float) -> Element: ...
    def apply(self, name: str, arguments: Sequence[Element]) -> Element: ...
    def gather(self, name: str, index: Element, rows: int) -> Element: ...
    def number(self, element: Element) -> float | None:
        """Its value, if it is a constant."""
        ...


class Expansion(Generic[Element]):
    """The equations of a world over `leaves`: rows of parameters, states, noise, the clock and the action, by name.

    Definitions and states after the step are made once. `worked_out`: leaves that nothing can be gathered from.
    """

    def __init__(self, equations: Equations, algebra: Algebra[Element], leaves: Mapping[str, Rows[Element]],
                 worked_out: Collection[str] = ()) -> None:  # fmt: skip
        self.equations, self.algebra, self.leaves, self.worked_out = equations, algebra, leaves, worked_out
        self._made: dict[str, Rows[Element]] = {}

    def rows(self, part: str) -> Rows[Element]:
        """Return the rows of an equation; what it needs is made before."""
        for each in in_turn(self.equations, part, self._made):
            self._made[each], _ = self._at(self.equations.trees[each], 0, each, {})
        return self._made[part]

    def row(self, part: str) -> Element:
        """Return the only row of an equation; InputError where there are others."""
        found = self.rows(part)
        self._require(len(found) == 1, "one row", f"{len(found)} rows", part, "Take their sum, or one by lookup.")
        return found[0]

    def whole(self, part: str, low: int, high: int) -> int:
        """Return the number that an equation is, a whole one within bounds."""
        return self._whole(self.row(part), low, high, part)

    def after(self, state: str, part: str = "") -> Rows[Element]:
        """Return the rows of a state after the step; of as many rows as it has before."""
        before, own = self.leaves[state], f"next.{state}"
        if own not in self.equations.trees:
            return before
        found = self.rows(own)
        if len(found) == 1:
            found = found * len(before)
        self._require(len(found) == len(before), f"{len(before)} rows, as {state} begins with", f"{len(found)}", own)
        return found

    def call(self, name: str, arguments: list[Rows[Element]], part: str) -> Rows[Element]:
        """Return the rows of a function over those of its arguments."""
        if name in PRIMITIVES:
            return self._by_row(name, arguments, part)
        if name in FORMULAS:
            bound = dict(zip(FORMULAS[name].arguments, arguments, strict=True))
            return self._at(formula(name), 0, part, bound)[0]
        if name in ("rows", "zeros"):
            count = self.count(arguments[0], part)
            return [self.algebra.constant(float(k) if name == "rows" else 0.0) for k in range(count)]
        return self._reduce(name, arguments[0])

    def count(self, rows: Rows[Element], part: str) -> int:
        """Return the number of rows that an argument says."""
        self._require(len(rows) == 1, "a number of rows", f"{len(rows)} rows", part)
        return self._whole(rows[0], 1, MOST_ROWS, part)

    def _at(self, tree: Tree, start: int, part: str, bound: Mapping[str, Rows[Element]]) -> tuple[Rows[Element], int]:
        """Return the rows of the subtree that begins there, and where it ends; `bound`: arguments of a formula."""
        item = tree[start]
        if not item.arity:
            return bound[item.name] if item.name in bound else self._leaf(
                str(item.value), item.constant, part
            ), start + 1
        arguments, at = [], start + 1
        if item.name in NAMING:
            name, at = tree[at].name, at + 1
            if item.name == "next":
                return self.after(name, part), at
            index, at = self._at(tree, at, part, bound)
            return [self._lookup(name, each, part) for each in index], at
        for _ in range(item.arity):
            rows, at = self._at(tree, at, part, bound)
            arguments.append(rows)
        return self.call(item.name, arguments, part), at

    def _leaf(self, name: str, constant: bool, part: str) -> Rows[Element]:
        equations = self.equations
        if constant:
            return [self.algebra.constant(float(name))]
        if name in self.leaves:
            return self.leaves[name]
        if name in equations.world.settings:
            return [self.algebra.constant(float(equations.world.settings[name]))]
        if name in equations.tables:
            table = equations.tables[name]
            self._require(len(table) <= MOST_ROWS, f"a table of at most {MOST_ROWS} rows", f"{name}, of {len(table)}",
                          part, f"Write lookup({name}, …).")  # fmt: skip
            return [self.algebra.constant(float(value)) for value in table]
        return self.rows(name if name in CONSTANTS else f"let.{name}")

    def _by_row(self, name: str, arguments: list[Rows[Element]], part: str) -> Rows[Element]:
        """Apply a primitive row by row; one row goes with any number."""
        count = max(map(len, arguments))
        sizes = [len(rows) for rows in arguments]
        self._require(all(size in (1, count) for size in sizes), f"arguments of {name} with 1 or {count} rows",
                      " and ".join(map(str, sizes)), part)  # fmt: skip
        chosen = ([rows[k if len(rows) > 1 else 0] for rows in arguments] for k in range(count))
        return [self.algebra.apply(name, row) for row in chosen]

    def _reduce(self, name: str, rows: Rows[Element]) -> Rows[Element]:
        """Go over the rows in their order."""
        apply = self.algebra.apply
        if name in ("sum", "running"):
            sums = list(accumulate(rows, lambda total, row: apply("add", (total, row))))
            return sums if name == "running" else sums[-1:]
        best, place = rows[0], self.algebra.constant(0.0)
        for number, row in enumerate(rows[1:], start=1):
            if name == "first":
                place = apply("select", (apply("sub", (row, best)), self.algebra.constant(float(number)), place))
            best = apply("max", (best, row))
        return [best if name == "largest" else place]

    def _lookup(self, name: str, index: Element, part: str) -> Element:
        """Return the row of a name with an index, which is held within the rows; a constant one must lie there."""
        equations, number = self.equations, self.algebra.number(index)
        table = equations.tables.get(name)
        if table is not None:
            count = len(table)
        elif name in (*equations.parameters, *equations.states) and name in self.leaves:
            sound = number is not None or name not in self.worked_out
            self._require(sound, "a constant index, where a trial starts", f"{name} with another", part,
                          f"Write sum(equal(index, rows(n))*{name}).")  # fmt: skip
            count = len(self.leaves[name])
        else:
            remedy = f"Make {name} a state, or write sum(equal(index, rows(n))*{name})."
            sound = number is not None and f"let.{name}" in equations.trees
            self._require(sound, "a table, a parameter or a state, or a constant index", f"{name} with another", part,
                          remedy)  # fmt: skip
            count = len(self.rows(f"let.{name}"))
        if number is None:
            return self.algebra.gather(name, index, count)
        self._require(0 <= number < count, f"an index from 0 to {count - 1} of {name}", f"{number:g}", part)
        row = int(number)
        return self.algebra.constant(float(table[row])) if table is not None else self._leaf(name, False, part)[row]

    def _whole(self, element: Element, low: int, high: int, part: str) -> int:
        number = self.algebra.number(element)
        sound = number is not None and number == int(number) and low <= number <= high
        found = "what is no constant" if number is None else f"{number:g}"
        self._require(sound, f"a whole number from {low} to {high}, of numbers and settings", found, part)
        return int(number or 0)

    def _require(self, sound: bool, expected: str, found: str, part: str, remedy: str = "") -> None:
        if not sound:
            raise InputError(expected, found, self.equations.where(part), remedy)
