"""What tasks of a world differ in: parameters, drawn once for each life, by equations or by a function in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from evometa.errors import FunctionFailed, InputError
from evometa.language.worlds.compiler import compile_world
from evometa.language.worlds.equations import Equations, equations_of
from evometa.language.worlds.expansion import Expansion, Rows
from evometa.language.worlds.in_a_row import Row
from evometa.language.worlds.interpreter import Arrays
from evometa.language.worlds.program import WorldProgram
from evometa.language.worlds.vocabulary import DRAWS
from evometa.language.worlds.world import Draw, World, as_numbers, function_name
from evometa.spec.arrays import F32
from evometa.system.functions import called

NOTHING: Mapping[str, F32] = MappingProxyType({})
_PROBE = 2  # lanes, drawn to learn of how many rows parameters are
_EXACT = 1 << 24  # whole numbers up to there are exact in float32


@dataclass(frozen=True)
class Place:
    """A world that was read, checked and compiled; `rows` of each parameter in it; `row`: it is one of several in a
    life, None: the only one."""

    equations: Equations
    rows: Mapping[str, int]
    row: Row | None = None

    @cached_property
    def program(self) -> WorldProgram:
        """The world as it runs."""
        return compile_world(self.equations, self.rows, self.row)

    def draw(self, lanes: int, rng: np.random.Generator) -> dict[str, F32]:
        """Draw the parameters of so many lives, f32[rows, L] by name, in the order of their registers.

        Of worlds in a row, those of one behind those of the other. Raises InputError where the world's own function
        gives something else than it gave at first, FunctionFailed where it raises.
        """
        drawn = self._draw(lanes, rng, {})
        if self.row is None:
            return drawn
        same = {name: rows for name, rows in drawn.items() if name in self.row.same}
        worlds = [drawn, *(self._draw(lanes, rng, same) for _ in range(self.row.worlds - 1))]
        return {name: same[name] if name in same else np.concatenate([world[name] for world in worlds])
                for name in drawn}  # fmt: skip

    def alone(self, parameters: F32, world: int) -> F32:
        """Return parameters f32[P, L] of lives in a row with those of that world in the place of the first one's."""
        assert self.row is not None
        found, begin = parameters.copy(), 0
        for name, rows in self.rows.items():
            if name not in self.row.same:
                own = begin + world * rows
                found[begin : begin + rows] = parameters[own : own + rows]
            begin += self.row.rows(name, rows)
        return found

    def _draw(self, lanes: int, rng: np.random.Generator, same: Mapping[str, F32]) -> dict[str, F32]:
        drawn = draw_parameters(self.equations, lanes, rng, same)
        found = {name: len(rows) for name, rows in drawn.items()}
        if found != self.rows:
            raise InputError(f"rows as at first, {dict(self.rows)}", f"{found}", self.equations.where("draw"))
        return drawn


def open_world(world: World, row: Row | None = None) -> Place:
    """Check a world, draw once from it and compile it, as one of a row if so. Raises InputError that names the
    equation."""
    drawn: Iterable[str] = ()
    if world.draw is not None:
        try:
            drawn = _by_function(world, _PROBE, np.random.default_rng(0), {})
        except FunctionFailed as error:  # it is tried only: nothing was run
            raise InputError(error.expected, error.found, error.name) from error
    equations = equations_of(world, drawn)
    unknown = sorted((frozenset() if row is None else row.same) - {*equations.parameters})
    if unknown:
        has = ", ".join(equations.parameters) or "it has none"
        raise InputError(f"parameters of world {world.name} ({has})", unknown[0], "tasks.same")
    probe = draw_parameters(equations, _PROBE, np.random.default_rng(0))
    place = Place(equations, {name: len(rows) for name, rows in probe.items()}, row)
    place.program  # noqa: B018  what is wrong with it should be said now
    return place


def draw_parameters(equations: Equations, lanes: int, rng: np.random.Generator,
                    same: Mapping[str, F32] = NOTHING) -> dict[str, F32]:  # fmt: skip
    """Draw the parameters of so many lives, f32[rows, L] by name: of the function, then of the equations in order.

    Those of `same` are as they were drawn before.
    """
    world, made = equations.world, {}
    if world.draw is not None:
        given = _by_function(world, lanes, rng, {name: same[name] for name in equations.drawn if name in same})
        if set(given) != set(equations.drawn):
            raise InputError(f"parameters {', '.join(equations.drawn)}", ", ".join(given), world.where("draw"))
        made = {name: given[name] for name in equations.drawn}
    with np.errstate(all="ignore"):
        for name in world.parameters:
            if name in same:
                made[name] = same[name]
                continue
            rows = _Drawing(equations, made, lanes, rng).rows(f"parameters.{name}")
            made[name] = np.stack([np.broadcast_to(np.asarray(row, np.float32), lanes) for row in rows])
            if not np.isfinite(made[name]).all():
                raise InputError("finite numbers", "others", world.where(f"parameters.{name}"))
    return made


class _Drawing(Expansion[Any]):
    """Equations of parameters, whose distributions are drawn from, over those that were drawn before."""

    def __init__(self, equations: Equations, made: Mapping[str, F32], lanes: int, rng: np.random.Generator) -> None:
        super().__init__(equations, Arrays(equations, made, lanes), {name: list(rows) for name, rows in made.items()})
        self.lanes, self.rng = lanes, rng

    def call(self, name: str, arguments: list[Rows[Any]], part: str) -> Rows[Any]:
        if name not in DRAWS:
            return super().call(name, arguments, part)
        if name == "permutation":
            count = self.count(arguments[0], part)
            order = self.rng.permuted(np.repeat(np.arange(count)[:, None], self.lanes, axis=1), axis=0)
            return list(order.astype(np.float32))
        for given, rows in zip(DRAWS[name].arguments, arguments[:2], strict=False):
            self._require(len(rows) == 1, f"one row as {given} of {name}", f"{len(rows)} rows", part)
        (low,), (high,) = arguments[:2]
        count = self.count(arguments[2], part) if len(arguments) > 2 else 1
        shape = (count, self.lanes)
        if name == "integer":
            for bound in (low, high):
                sound = bool(np.all((np.abs(bound) <= _EXACT) & (np.trunc(bound) == bound)))
                self._require(sound, f"whole numbers from -{_EXACT} to {_EXACT}", "others", part)
            self._require(bool(np.all(np.less_equal(low, high))), "low ≤ high", "others", part)
            whole = self.rng.integers(np.int64(low), np.int64(high) + 1, shape)
            return list(whole.astype(np.float32))
        unit = self.rng.random(shape) if name == "uniform" else self.rng.standard_normal(shape)
        width = np.float64(high) - np.float64(low) if name == "uniform" else np.float64(high)
        return list((np.float64(low) + unit * width).astype(np.float32))


def _by_function(world: World, lanes: int, rng: np.random.Generator, same: Mapping[str, F32]) -> dict[str, F32]:
    """Ask the world's function for parameters, and check what it gives: finite f32[rows, L], `same` among them.

    Raises FunctionFailed where it raises, InputError for anything else.
    """
    assert world.draw is not None
    where, name = world.where("draw"), f"world {world.name}, draw = {function_name(world.draw)}"
    given = called(name, world.draw, "parameters by name", Draw(rng, lanes, world.settings, same))
    if not isinstance(given, Mapping) or not given:
        raise InputError("parameters by name", type(given).__name__, where)
    made = {}
    for name, value in given.items():
        array = as_numbers(value, name, where)
        array = array[None] if array.ndim == 1 else array
        if array.ndim != 2 or array.shape[1] != lanes or not len(array):
            raise InputError(f"{name}[rows, {lanes}] or {name}[{lanes}]", f"{[*np.shape(value)]}", where)
        if not np.isfinite(array).all():
            raise InputError(f"finite numbers in {name}", "others", where)
        made[name] = np.ascontiguousarray(array)
    for name, rows in same.items():
        if not np.array_equal(made.get(name, ()), rows):
            expected = f"{name} as it is given (draw.same), as all worlds of a life have it"
            raise InputError(expected, "another one", where, "Let the function keep it, or take it from tasks.same.")
    return made
