"""What equations of a world may say beside primitives: functions written in them, and functions over rows.

A name has one row (a number in each lane) or n of them. A primitive goes row by row; one row goes with any number.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from evometa.language.tree import Node

_ROUNDED = "12582912"  # 1.5·2^23: a number below 2^22 that is added to it and taken away again is a whole one


class Function(NamedTuple):
    """What a function takes, and what it is: a formula over these, if it is one (`text`)."""

    arguments: tuple[str, ...]
    meaning: str
    text: str = ""
    optional: int = 0  # arguments that may be left out, from the last on

    @property
    def counts(self) -> range:
        """The numbers of arguments that it takes."""
        return range(len(self.arguments) - self.optional, len(self.arguments) + 1)


FORMULAS: dict[str, Function] = {
    "equal": Function(("a", "b"), "1 where whole numbers are equal, else 0", "1 - step(abs(a - b))"),
    "less": Function(("a", "b"), "1 where a < b, else 0", "step(b - a)"),
    "not": Function(("a",), "1 where a is 0 or less, else 0", "1 - step(a)"),
    "clip": Function(("a", "low", "high"), "a, held within low and high", "min(max(a, low), high)"),
    "nearest": Function(("a",), "the nearest whole number, below 2^22", f"(a + {_ROUNDED}) - {_ROUNDED}"),
    "floor": Function(("a",), "the largest whole number that is not above a, below 2^22",
                      "nearest(a) - step(nearest(a) - a)"),
    "mod": Function(("a", "b"), "what is left of a above a multiple of b, where a/b is below 2^22",
                    "a - b*floor(div(a, b))"),
    "gaussian": Function(("u", "v"), "normal noise of two uniform ones (Box & Muller 1958)",
                         "sqrtabs(2*log(u))*cos(6.2831853*v)"),
}  # fmt: skip

OVER_ROWS: dict[str, Function] = {
    "rows": Function(("n",), "0, 1, … n − 1, a row each"),
    "zeros": Function(("n",), "n rows of 0"),
    "sum": Function(("a",), "sum of the rows, in their order"),
    "largest": Function(("a",), "the largest row"),
    "first": Function(("a",), "number of the largest row, the first of equal ones"),
    "running": Function(("a",), "for each row the sum of those up to it"),
    "lookup": Function(("name", "index"), "the row with that number of a table, a parameter or a state"),
    "next": Function(("state",), "a state after the step, before a new trial begins"),
}
NAMING = ("lookup", "next")  # whose first argument is a name, not what it stands for

DRAWS: dict[str, Function] = {
    "uniform": Function(("low", "high", "n"), "uniform from low to high, n rows", optional=1),
    "integer": Function(("low", "high", "n"), "a whole number from low to high, both included, n rows", optional=1),
    "normal": Function(("mean", "deviation", "n"), "normal, n rows", optional=1),
    "permutation": Function(("n",), "0 … n − 1 in a random order, a row each"),
}

FUNCTIONS: dict[str, Function] = FORMULAS | OVER_ROWS | DRAWS


@cache
def word(name: str, arity: int = 0) -> Node:
    """Return the node of a name, or of a function with so many arguments; one object for the same ones."""
    return Node(name, arity, name, -1, -1, -1)
