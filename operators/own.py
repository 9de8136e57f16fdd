"""Operators of the user's own: any function that varies genomes or picks individuals, checked at every call."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from evometa.errors import FunctionFailed, InputError
from evometa.genetics.genome import Genome
from evometa.language.tree import Tree
from evometa.seeding import Draws, stream
from evometa.system.functions import called

from . import rules
from .selection import SCHEMES, SELECTIONS, Selection

ARRAYS = ("coefficients", "plastic", "plasticity", "weights", "strategy")


def variations(
    settings: Any, functions: Mapping[str, Callable[..., Any]], readable: Mapping[str, Sequence[str]]
) -> list[tuple[str, float, int, Callable[..., tuple[Genome, ...]]]]:
    """List a recipe's own operators: name, share, how many parents, and what varies these, one child at a time.

    `readable`: the slots that evolve, with the signals that each may read. Raises InputError.
    """
    modes = {"coefficients": settings.coefficients, "weights": settings.weights, "plasticity": settings.plasticity}
    evolving = frozenset((*(key for key, section in modes.items() if section.mode == "evolved"), "plastic", "strategy"))
    limits = (settings.rule.max_nodes, settings.rule.max_depth)
    common = partial(vary, readable=readable, evolving=evolving, limits=limits)
    return [
        (name, share, parents_of(name, functions[name]), partial(common, name=name, function=functions[name]))
        for name, share in sorted(settings.variation.own.items())  # a stored recipe has them in this order
        if share > 0
    ]


def parents_of(name: str, function: Callable[..., Any]) -> int:
    """Return how many genomes a function varies: 1, or 2 of a crossover. Raises InputError."""
    expected, where = "a function f(genome, rng), or f(genome1, genome2, rng)", f"variation.own, {name}"
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise InputError(expected, str(error), where) from None
    asked = [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    if len(asked) not in (2, 3) or asked[-1] != "rng":
        raise InputError(expected, f"f({', '.join(one.name for one in parameters)})", where)
    return len(asked) - 1


def vary(
    *genomes: Genome,
    rng: Draws,
    name: str,
    function: Callable[..., Any],
    readable: Mapping[str, Sequence[str]],
    evolving: frozenset[str],
    limits: tuple[int, int],
) -> tuple[Genome, ...]:
    """Return what a function makes of genomes; a rule beyond the `limits` of nodes and depth gives way to its parent.

    `readable`: the slots that evolve, with the signals that each may read; `evolving`: names of the arrays that do.
    Raises FunctionFailed for what no genome of this run could be.
    """
    expected = "a tuple of as many genomes"
    children = called(name, function, expected, *genomes, rng=rng)
    if not isinstance(children, tuple) or len(children) not in (1, len(genomes)):
        raise FunctionFailed(name, expected, _kind(children), "Return (genome,) where there is one.")
    for child, parent in zip(children, genomes, strict=False):
        if child is not parent:
            _check(name, child, parent, readable, evolving)
    return tuple(
        child if all(rules.within(child.rule[slot], *limits) for slot in readable) else parent
        for child, parent in zip(children, genomes, strict=False)
    )


def _check(
    name: str, child: Any, parent: Genome, readable: Mapping[str, Sequence[str]], evolving: frozenset[str]
) -> None:
    if not isinstance(child, Genome):
        raise FunctionFailed(name, "a tuple of genomes", _kind(child), "Make them with genome.replace(…).")
    if child.rule.keys() != parent.rule.keys() or not all(isinstance(tree, Tree) for tree in child.rule.values()):
        raise FunctionFailed(name, f"a tree for each slot ({', '.join(parent.rule)})", ", ".join(map(str, child.rule)))
    for slot, tree in child.rule.items():
        if slot not in readable and tree != parent.rule[slot]:
            raise FunctionFailed(name, f"slot {slot} as it was: it does not evolve", str(tree))
        if slot in readable and (unknown := tree.signals() - set(readable[slot])):
            raise FunctionFailed(name, f"signals that {slot} may read ({', '.join(readable[slot])})", min(unknown))
    if child.topology is not parent.topology:
        raise FunctionFailed(name, "the network as it was", "another one")
    for key in ARRAYS:
        old, new = getattr(parent, key), getattr(child, key)
        if new is old:
            continue
        if old is None or not isinstance(new, np.ndarray) or (new.shape, new.dtype) != (old.shape, old.dtype):
            wanted = (
                f"no {key}: they are not inherited"
                if old is None
                else f"{key} {old.dtype.kind}{8 * old.itemsize}{list(old.shape)}"
            )
            raise FunctionFailed(name, wanted, _kind(new))
        if not np.isfinite(new).all():
            raise FunctionFailed(name, f"finite numbers in {key}", str(new[~np.isfinite(new)][0]))
        if key == "plastic" and (new > 1).any():
            raise FunctionFailed(name, "0 or 1 in plastic", str(new.max()))
        if key not in evolving and not np.array_equal(new, old):
            raise FunctionFailed(name, f"{key} as they were: they do not evolve", "others")


def try_variation(name: str, vary: Callable[..., tuple[Genome, ...]], parents: Sequence[Genome]) -> None:
    """Let an operator make children before a run does; InputError where it fails, or the same draws give others."""
    try:
        first, again = (vary(*parents, rng=Draws(stream(0, 0, "child"))) for _ in range(2))
        if [one.to_json() for one in first] != [one.to_json() for one in again]:
            raise FunctionFailed(name, "the same children from the same rng", "others", "Draw from rng alone.")
    except FunctionFailed as error:
        raise error.tried("variation.own") from error


def selection(evolution: Any, key: str, functions: Mapping[str, Callable[..., Any]]) -> Selection:
    """Return the row of what picks `parents` or `survivors` in a recipe's section, by itself or by its scheme.

    A function of the user's own is f(individuals, k, rng) for parents, f(individuals, k) for survivors.
    """
    name = getattr(evolution, key)
    if name not in functions:
        return SELECTIONS[key][name or getattr(SCHEMES[evolution.scheme], key)]
    return Selection(partial(_pick, name, functions[name], key == "survivors"), "", None, cases=True)


def _pick(
    name: str, function: Callable[..., Any], once: bool, individuals: Sequence[Any], k: int, **named: Any
) -> list[Any]:
    """Return what a function picks. Raises FunctionFailed where these are not k of those that it was given."""
    expected = f"a list of {k} of the individuals given{', each once' if once else ''}"
    picked = called(name, function, expected, list(individuals), k, **named)
    if not isinstance(picked, list | tuple):
        raise FunctionFailed(name, expected, _kind(picked))
    given = {one.id: one for one in individuals}
    strangers = sum(given.get(getattr(one, "id", None)) is not one for one in picked)
    ids = Counter(getattr(one, "id", None) for one in picked)
    repeats = (ids - Counter(one.id for one in individuals)).total() if once else 0
    if len(picked) != k or strangers or repeats:
        raise FunctionFailed(name, expected, f"{len(picked)}, {strangers} that are none of them, {repeats} repeated")
    return list(picked)


def _kind(value: Any) -> str:
    """Say what a value is."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}, shape {list(value.shape)}"
    return f"a tuple of {len(value)}" if isinstance(value, tuple) else type(value).__name__
