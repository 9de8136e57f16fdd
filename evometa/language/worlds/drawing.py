"""What tasks of a world differ in: parameters, drawn once for each life, by equations or by a function in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from evometa.errors import InputError
from evometa.language.worlds.compiler import compile_world
from evometa.language.worlds.equations import Equations, equations_of
from evometa.language.worlds.expansion import Expansion, Rows
from evometa.language.worlds.interpreter import Arrays
from evometa.language.worlds.program import WorldProgram
from evometa.language.worlds.vocabulary import DRAWS
from evometa.language.worlds.world import Draw, World
from evometa.spec.arrays import F32

_PROBE = 2  # lanes, drawn to learn of how many rows parameters are
_EXACT = 1 << 24  # whole numbers up to there are exact in float32


@dataclass(frozen=True)
class Place:
    """A world that was read, checked and compiled; `rows` of each parameter."""

    equations: Equations
    rows: Mapping[str, int]

    @cached_property
    def program(self) -> WorldProgram:
        """The world as it runs."""
        return compile_world(self.equations, self.rows)

    def draw(self, lanes: int, rng: np.random.Generator) -> dict[str, F32]:
        """Draw the parameters of so many lives, f32[rows, L] by name, in the order of their registers.

        Raises InputError where the world's own function gives something else than it gave at first.
        """
        drawn = draw_parameters(self.equations, lanes, rng)
        found = {name: len(rows) for name, rows in drawn.items()}
        if found != self.rows:
            raise InputError(f"rows as at first, {dict(self.rows)}", f"{found}", self.equations.where("draw"))
        return drawn


def open_world(world: World) -> Place:
    """Check a world, draw once from it and compile it. Raises InputError that names the equation."""
    drawn = () if world.draw is None else _by_function(world, _PROBE, np.random.default_rng(0))
    equations = equations_of(world, drawn)
    probe = draw_parameters(equations, _PROBE, np.random.default_rng(0))
    place = Place(equations, {name: len(rows) for name, rows in probe.items()})
    place.program  # noqa: B018  what is wrong with it should be said now
    return place


def draw_parameters(equations: Equations, lanes: int, rng: np.random.Generator) -> dict[str, F32]:
    """Draw the parameters of so many lives, f32[rows, L] by name: of the function, then of the equations in order."""
    world, made = equations.world, {}
    if world.draw is not None:
        given = _by_function(world, lanes, rng)
        if set(given) != set(equations.drawn):
            raise InputError(f"parameters {', '.join(equations.drawn)}", ", ".join(given), world.where("draw"))
        made = {name: given[name] for name in equations.drawn}
    with np.errstate(all="ignore"):
        for name in world.parameters:
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


def _by_function(world: World, lanes: int, rng: np.random.Generator) -> dict[str, F32]:
    """Ask the world's function for parameters, and check what it gives: finite f32[rows, L]."""
    assert world.draw is not None
    given, where = world.draw(Draw(rng, lanes, world.settings)), world.where("draw")
    if not isinstance(given, Mapping) or not given:
        raise InputError("parameters by name", type(given).__name__, where)
    made = {}
    for name, value in given.items():
        array = np.asarray(value, np.float32)
        array = array[None] if array.ndim == 1 else array
        if array.ndim != 2 or array.shape[1] != lanes or not len(array):
            raise InputError(f"{name}[rows, {lanes}] or {name}[{lanes}]", f"{[*np.shape(value)]}", where)
        if not np.isfinite(array).all():
            raise InputError(f"finite numbers in {name}", "others", where)
        made[name] = np.ascontiguousarray(array)
    return made
