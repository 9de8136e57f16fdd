"""The equations of a world as trees, checked: names are there and known when they are read, and nothing loops."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from evometa.errors import FunctionFailed, InputError
from evometa.language.tree import Tree
from evometa.language.worlds.text import parse_equation
from evometa.language.worlds.vocabulary import DRAWS, FORMULAS, FUNCTIONS, OVER_ROWS
from evometa.language.worlds.world import Text, World, as_numbers, function_name
from evometa.spec.arrays import F32
from evometa.spec.primitives import PRIMITIVES
from evometa.system.functions import called

CLOCK = ("tick", "trial", "move")  # which a driver keeps
CONSTANTS = ("actions", "ticks")  # numbers that the world itself says
BUILT_IN = (*CLOCK, "action", *CONSTANTS)
SHOWN = ("legal", "id")  # beside observe: known before an action is chosen
STEP = ("reward", "worth", "best", "tally", "end", "cut")
MOST_ROWS = 8192  # of a name that is read as rows; a longer table can be looked up alone

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Equations:
    """Trees by part ("reward", "next.place", "observe.0", …), in the order in which they stand."""

    world: World
    trees: Mapping[str, Tree]
    tables: Mapping[str, F32]
    states: tuple[str, ...]
    drawn: tuple[str, ...] = field(default=())  # parameters that the function `draw` gives

    @property
    def parameters(self) -> tuple[str, ...]:
        """All parameters: those that a function draws, and then those of equations."""
        return (*self.drawn, *self.world.parameters)

    def where(self, part: str) -> str:
        """Return how errors name an equation."""
        return self.world.where(part)

    def printed(self) -> list[str]:
        """Return the equations as lines of text: part, and what it is."""
        return [f"{part} = {tree}" for part, tree in self.trees.items()]


def equations_of(world: World, drawn: Iterable[str] = ()) -> Equations:
    """Return the checked equations of a world, whose function `draw` gives these parameters. Raises InputError."""
    drawn = tuple(drawn)
    states = (*world.birth, *world.start)
    _check_names(world, drawn)
    tables = {name: _table(world, name) for name in world.tables}
    fixed = (*world.settings, *CONSTANTS)
    trees: dict[str, Tree] = {}

    def parse(part: str, text: Text, names: Iterable[str], *, draws: bool = False) -> None:
        functions = FORMULAS | {name: row for name, row in OVER_ROWS.items() if name != "next" or "step" in names}
        known = tuple(name for name in names if name != "step")
        trees[part] = parse_equation(str(text), known, functions | (DRAWS if draws else {}), world.where(part))

    for part in ("actions", "ticks", "ids"):
        parse(part, getattr(world, part), world.settings)
    before: list[str] = [*fixed, *tables, *drawn]
    for name, text in world.parameters.items():
        parse(f"parameters.{name}", text, before, draws=True)
        before.append(name)
    beginning = (*before, *world.noise, "trial")
    for section, names in (("birth", beginning), ("start", (*beginning, *world.birth))):
        for name, text in getattr(world, section).items():
            parse(f"{section}.{name}", text, names)
    shown = (*before, *CLOCK, *states, *world.let)
    step = (*shown, "action", *world.noise, "step")
    for name, text in world.let.items():
        parse(f"let.{name}", text, step)
    seen = (*shown, "action", "step") if world.afterstates else shown
    for number, text in enumerate(world.observe):
        parse(f"observe.{number}", text, seen)
    for part in SHOWN:
        if str(getattr(world, part)):
            parse(part, getattr(world, part), shown)
    for part in STEP:
        if str(getattr(world, part)):
            parse(part, getattr(world, part), step)
    for name, text in world.next.items():
        parse(f"next.{name}", text, step)
    made = Equations(world, trees, tables, states, drawn)
    _check_reads(made)
    return made


def _check_names(world: World, drawn: tuple[str, ...]) -> None:
    """Refuse names that are none, that mean something already, or that stand twice."""
    taken: dict[str, str] = dict.fromkeys(BUILT_IN, "a name that every world has")
    taken |= dict.fromkeys((*FUNCTIONS, *PRIMITIVES), "a function")
    sections = {"settings": world.settings, "draw": drawn, "parameters": world.parameters, "tables": world.tables,
                "noise": world.noise, "birth": world.birth, "start": world.start, "let": world.let}  # fmt: skip
    for section, names in sections.items():
        for name in names:
            where = world.where(section)
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise InputError("a name of small letters, digits and _, a letter first", repr(name), where)
            if name in taken:
                raise InputError("a name of its own", f"{name}, which is {taken[name]} already", where, "Rename it.")
            taken[name] = f"in {section}"
    for name in world.next:
        if name not in (*world.birth, *world.start):
            raise InputError("a state of birth or start", repr(name), world.where("next"),
                             f"Say in [start] how {name} begins, or in [birth] if it lasts for the life.")  # fmt: skip


def _table(world: World, name: str) -> F32:
    """Return a table of constants, f32[rows]. Raises InputError, also for what its function raises."""
    made, where = world.tables[name], world.where(f"tables.{name}")
    if callable(made):
        try:
            made = called(f"{where} = {function_name(made)}", made, "a list of numbers", world.settings)
        except FunctionFailed as error:  # a world is opened before anything is run
            raise InputError(error.expected, error.found, error.name) from error
    values = as_numbers(made, name, where).reshape(-1)
    if not len(values) or not np.isfinite(values).all():
        raise InputError("finite numbers", "none" if not len(values) else "others", where)
    return values


def _check_reads(equations: Equations) -> None:
    """Refuse loops among definitions and states after a step, and what is shown but depends on what comes later."""
    known: dict[str, frozenset[str]] = {}
    for part in equations.trees:
        for each in in_turn(equations, part, known):
            behind = (known[own] for own in ahead(equations, each))
            known[each] = frozenset(_named(equations.trees[each])).union(*behind)
    late = {"action", *equations.world.noise}
    observed = [part for part in equations.trees if part.startswith("observe.")]
    for part in (*observed, *(part for part in SHOWN if part in equations.trees)):
        foreseen = {"action"} if equations.world.afterstates and part in observed else frozenset[str]()
        wrong = sorted(known[part] & (late - foreseen))
        if wrong:
            raise InputError("what is known before an action is chosen", f"what depends on {', '.join(wrong)}",
                             equations.where(part), "Make it a state, and observe that.")  # fmt: skip
    if equations.world.afterstates and not any("action" in known[part] for part in observed):
        raise InputError("a row that depends on action, as there are afterstates", "none",
                         equations.where("observe"), "Observe what an action makes of the state, or remove "
                         "afterstates.")  # fmt: skip


def in_turn(equations: Equations, part: str, known: Container[str]) -> Iterator[str]:
    """Yield an equation behind all that it needs and is not known yet; InputError for a loop.

    Not by recursion: one definition may stand on hundreds of others.
    """
    way: dict[str, Iterator[str]] = {part: iter(ahead(equations, part))} if part not in known else {}
    while way:
        last = next(reversed(way))
        following = next((each for each in way[last] if each not in known), None)
        if following is None:
            del way[last]
            yield last
        elif following in way:
            names = list(way)
            loop = " → ".join((*names[names.index(following) :], following))
            raise InputError("definitions that come to an end", f"a loop: {loop}", equations.where(following))
        else:
            way[following] = iter(ahead(equations, following))


def ahead(equations: Equations, part: str) -> list[str]:
    """Return the definitions and states after the step that an equation itself names."""
    found, tree = [], equations.trees[part]
    for place, item in enumerate(tree):
        if item.name == "next" and item.arity:
            _is_state(equations, part, tree[place + 1].name)
            found.append(f"next.{tree[place + 1].name}")
        elif not item.arity and not (place and tree[place - 1].name == "next" and tree[place - 1].arity):
            found.append(f"let.{item.name}")
    return [each for each in dict.fromkeys(found) if each in equations.trees]


def _named(tree: Tree) -> Iterator[str]:
    """Yield the names that stand in an equation."""
    return (item.name for item in tree if not item.arity and not item.constant)


def _is_state(equations: Equations, part: str, name: str) -> None:
    if name not in equations.states:
        raise InputError(f"a state ({', '.join(equations.states) or 'there is none'})", f"next({name})",
                         equations.where(part), f"{name} does not change in a step.")  # fmt: skip
