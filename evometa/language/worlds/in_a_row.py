"""Worlds in a row: one program in which each equal part of a life is another world, with parameters of its own.

Parameters of a name are those of the first world, then those of the next, …; where the number of the world that goes on
is known, they are looked up there. Two states more, behind all others, say which world that is, and what its first
trial was. A world ends with its last tick, which cuts the trial: what lasts for a life is born anew in the next, its
clock begins at 0, and its states have numbers of their own. The noise of that tick is that of the birth, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evometa.language.worlds.values import Values

STATES = 2  # the number of the world that goes on, and the first trial in it
_ROUNDED = 12582912.0  # 1.5·2^23: what is added to it, and taken away again, is a whole number


@dataclass(frozen=True)
class Row:
    """So many `worlds`; parameters named in `same` are those of all worlds of a life."""

    worlds: int
    same: frozenset[str] = frozenset()

    def rows(self, name: str, rows: int) -> int:
        """Return how many rows a parameter has in a life, of so many rows in a world."""
        return rows if name in self.same else rows * self.worlds


class Within(Values):
    """Elements within the world of a number: parameters are gathered from its own rows.

    `number`: the value that says which world it is; `parameters`: rows in a world, of those that worlds differ in.
    """

    def __init__(self, values: Values, row: Row, number: int, parameters: Mapping[str, int]) -> None:
        super().__init__(values.values, values.registers)
        self.row, self.turn, self.parameters = row, number, parameters

    def gather(self, name: str, index: int, rows: int) -> int:
        if name not in self.parameters:
            return super().gather(name, index, rows)
        begin = self.apply("mul", (self.turn, self.constant(rows)))
        return super().gather(name, self.apply("add", (begin, self.held(index, rows))), rows * self.row.worlds)

    def leaves(self) -> dict[str, list[int]]:
        """Return the rows that parameters have in this world."""
        return {
            name: [self.gather(name, self.constant(row), rows) for row in range(rows)]
            for name, rows in self.parameters.items()
        }

    def held(self, index: int, rows: int) -> int:
        """Return an index as a whole number from 0 to the last row; what is no number is 0."""
        if self.number(index) is not None:
            return index
        within = self.apply("min", (index, self.constant(rows - 1)))
        within = self.apply("select", (index, within, self.constant(0)))
        rounded = self.constant(_ROUNDED)
        nearest = self.apply("sub", (self.apply("add", (within, rounded)), rounded))
        return self.apply("sub", (nearest, self.apply("step", (self.apply("sub", (nearest, within)),))))


class Turns:
    """What goes on within a row, as values: the clock of a world, and what becomes of it with its last tick.

    `clock`: the registers of tick and trial; `own`: those of the states that a row has more; `ticks`: of a world.
    """

    def __init__(self, values: Values, row: Row, parameters: Mapping[str, int], clock: Sequence[int],
                 own: Sequence[int], ticks: int) -> None:  # fmt: skip
        self.row, self.values, (tick, self._trial), (number, self._first) = row, values, clock, own
        self._moving = {name: rows for name, rows in parameters.items() if name not in row.same}
        apply, constant = values.apply, values.constant
        begin = apply("mul", (number, constant(ticks)))
        self.tick = apply("sub", (tick, begin))
        self.trial = apply("sub", (self._trial, self._first))
        behind = apply("add", (self.tick, constant(1.5)))
        self.last = apply("select", (apply("sub", (behind, constant(ticks))), constant(1), constant(0)))
        self.number, self.next = number, apply("add", (number, self.last))
        self.first = Within(values, row, constant(0), self._moving)
        self.now = Within(values, row, number, self._moving)
        self.following = Within(values, row, self.next, self._moving)

    def born(self) -> list[int]:
        """Return the states that a row has more, at birth."""
        return [self.values.constant(0)] * STATES

    def after(self) -> list[int]:
        """Return them after a step."""
        trial = self.values.apply("add", (self._trial, self.values.constant(1)))
        return [self.next, self.values.apply("select", (self.last, trial, self._first))]

    def at_last(self, rows: Sequence[int], otherwise: Sequence[int]) -> list[int]:
        """Return rows as they are with a world's last tick, and otherwise."""
        pairs = zip(rows, otherwise, strict=True)
        return [self.values.apply("select", (self.last, *pair)) for pair in pairs]

    def new_trial(self) -> int:
        """Return the number of a trial that begins behind this tick, within its world."""
        following = self.values.apply("add", (self.trial, self.values.constant(1)))
        return self.at_last([self.values.constant(0)], [following])[0]

    def state(self, number: int, ids: int) -> int:
        """Return the number that a state has among those of all worlds; what is not finite stays so."""
        apply, constant = self.values.apply, self.values.constant
        own = apply("add", (self.now.held(number, ids), apply("mul", (self.number, constant(ids)))))
        return apply("add", (own, apply("mul", (number, constant(0)))))
