"""Worlds as their trees say, in NumPy, row by row: slow, obvious, and the judge of compiled worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from evometa.language.generated_numpy import FUNCTIONS as PRIMITIVE
from evometa.language.worlds.equations import Equations
from evometa.language.worlds.expansion import Expansion, Rows
from evometa.spec.arrays import F32
from evometa.spec.primitives import PRIMITIVES

Known = Mapping[str, F32]  # rows by name, f32[rows, L]


class Arrays:
    """Elements that are numbers or arrays f32[L]; `names`: rows that can be gathered from."""

    def __init__(self, equations: Equations, names: Known, lanes: int) -> None:
        self.names, self.lanes = names, lanes
        self.tables = {name: np.repeat(table[:, None], lanes, axis=1) for name, table in equations.tables.items()}

    def constant(self, value: float) -> Any:
        return np.float32(value)

    def apply(self, name: str, arguments: Sequence[Any]) -> Any:
        if name == "select" and np.ndim(arguments[0]) == 0:
            return arguments[1] if arguments[0] > 0 else arguments[2]
        return PRIMITIVE[PRIMITIVES[name].opcode](*arguments)

    def gather(self, name: str, index: Any, rows: int) -> Any:
        held = np.where(index > 0, np.minimum(index, np.float32(rows - 1)), np.float32(0)).astype(np.int64)
        whole = self.tables[name] if name in self.tables else self.names[name]
        return whole[held, np.arange(self.lanes)]

    def number(self, element: Any) -> float | None:
        return float(element) if np.ndim(element) == 0 else None


class Stepped(NamedTuple):
    """What comes of a step, f32[L] each, and the states after it by name."""

    reward: F32
    worth: F32
    best: F32
    tally: F32
    done: F32
    over: F32
    states: Known


class Interpreter:
    """A world in which L lives go on at once, with parameters f32[rows, L] by name."""

    def __init__(self, equations: Equations, parameters: Known) -> None:
        self.equations, self.parameters = equations, parameters
        self.lanes = next((rows.shape[1] for rows in parameters.values()), 1)

    def born(self, noise: Known, lanes: int | None = None) -> Known:
        """Return the states at birth, f32[rows, L] by name."""
        self.lanes = lanes or self.lanes
        before, world = np.full(self.lanes, -1, np.float32), self.equations.world
        with np.errstate(all="ignore"):
            birth = self._beginning(before, noise, {})
            made = {name: self._block(birth.rows(f"birth.{name}")) for name in world.birth}
            start = self._beginning(before, noise, made)
            return {**made, **{name: self._block(start.rows(f"start.{name}")) for name in world.start}}

    def shown(self, clock: Known, states: Known) -> dict[str, F32]:
        """Return what is shown: rows "observe" f32[I, L], "legal" f32[A, L], "id" f32[1, L], where there are such.

        With afterstates "observe" f32[A·I, L]: what is seen of each action in turn.
        """
        living, trees, ways = self._living({**clock, **states}), self.equations.trees, list[Expansion[Any]]()
        with np.errstate(all="ignore"):
            if self.equations.world.afterstates:
                numbers = range(int(living.row("actions")))
                given = (np.full((1, self.lanes), action, np.float32) for action in numbers)
                ways = [self._living({**clock, **states, "action": action}) for action in given]
            seen = [row for way in ways or [living] for part in trees if part.startswith("observe.")
                    for row in way.rows(part)]  # fmt: skip
            own = {part: self._block(living.rows(part)) for part in ("legal", "id") if part in trees}
        return {"observe": self._block(seen), **own}

    def step(self, clock: Known, action: F32, noise: Known, states: Known) -> Stepped:
        """Make a step; `clock`: tick, trial and move, f32[1, L] each."""
        living = self._living({**clock, "action": action[None], **noise, **states})
        with np.errstate(all="ignore"):
            trees, end = self.equations.trees, self._lane(living.row("end"))
            over = np.where(end > 0, np.float32(1), np.float32(0))
            done = np.where(np.isfinite(end), over, np.float32(np.nan))
            if "cut" in trees:
                cut = self._lane(living.row("cut"))
                late = (clock["move"][0] + np.float32(1.5)) - cut > 0
                over = np.where((over > 0) | late, np.float32(1), np.float32(0))
                done = np.where(np.isfinite(cut), done, np.float32(np.nan))
            after = {name: self._block(living.after(name)) for name in self.equations.world.birth}
            beginning = self._beginning(clock["trial"][0], noise, after)
            for name in self.equations.world.start:
                rows = self._block(living.after(name))
                after[name] = np.where(over > 0, self._block(beginning.rows(f"start.{name}")), rows)
            reward, best, tally = (self._lane(living.row(part)) for part in ("reward", "best", "tally"))
            worth = self._lane(living.row("worth")) if "worth" in trees else reward
        return Stepped(reward, worth, best, tally, done, over, after)

    def parts(self, clock: Known, action: F32, noise: Known, states: Known) -> dict[str, F32]:
        """Return the rows of every equation of a step, f32[rows, L] by part: to see which went wrong."""
        living = self._living({**clock, "action": action[None], **noise, **states})
        ways = ("let.", "next.", "observe.", "reward", "worth", "best", "tally", "end", "cut", "legal", "id")
        with np.errstate(all="ignore"):
            own = [part for part in self.equations.trees if part.startswith(ways) and part != "ids"]
            return {part: self._block(living.rows(part)) for part in own}

    def _living(self, names: Known) -> Expansion[Any]:
        return self._over({**self.parameters, **names})

    def _beginning(self, trial: F32, noise: Known, lasting: Known) -> Expansion[Any]:
        return self._over({**self.parameters, **noise, **lasting, "trial": (trial + np.float32(1))[None]}, lasting)

    def _over(self, names: Known, worked_out: Known | None = None) -> Expansion[Any]:
        leaves: dict[str, Rows[Any]] = {name: list(rows) for name, rows in names.items()}
        return Expansion(self.equations, Arrays(self.equations, names, self.lanes), leaves, worked_out or {})

    def _block(self, rows: Rows[Any]) -> F32:
        return np.stack([self._lane(row) for row in rows]) if rows else np.zeros((0, self.lanes), np.float32)

    def _lane(self, row: Any) -> F32:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(row, np.float32), self.lanes))
