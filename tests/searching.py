"""Recipes and individuals for tests of the outer loop, without lifetimes: fitness comes from the genome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.config.schema import Config
from evometa.evolution.loop import Evolution
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual, Judgement, fitness_class
from evometa.genetics.shapes import Shapes, shapes_of
from evometa.genetics.topology import layered
from evometa.language.text import parse
from evometa.language.tree import constant, node
from operators.toolbox import make_toolbox

NETWORK = layered(3, (4,), 2)

EVERYTHING: dict[str, dict[str, Any]] = {
    "rule": {
        "slots": ("update", "s1"),
        "signals": ("grad", "w", "s1", "c0"),
        "max_nodes": 20,
        "max_depth": 6,
    },
    "coefficients": {"count": 2},
    "weights": {"mode": "evolved"},
    "plasticity": {"count": 2, "tie": "group"},
    "evolution": {"population": 20},
}


def recipe(**sections: Any) -> Config:
    """Return a configuration; sections of EVERYTHING are replaced key by key."""
    data: dict[str, Any] = {"tasks": {"family": "boolean"}}
    for name in EVERYTHING.keys() | sections.keys():
        given = sections.get(name, {})
        data[name] = {**EVERYTHING.get(name, {}), **given} if isinstance(given, dict) else given
    return Config.model_validate(data)


def shapes(config: Config) -> Shapes:
    """Return the shapes of a recipe with one small network."""
    return shapes_of(config, [NETWORK])


def evolution_of(config: Config, objectives: int = 1, reevaluate: bool = False) -> Evolution:
    """Return a fresh evolution of a recipe; the first objective is maximised, further ones minimised."""
    fitness = fitness_class((1.0, -1.0, -1.0)[:objectives])
    return Evolution(make_toolbox(config, shapes(config)), config.evolution, config.seed, fitness, reevaluate)


def appraise(individuals: Sequence[Individual]) -> None:
    """Set a made-up fitness that depends on the genome alone: how often it reads `grad`, and its size."""
    for one in individuals:
        names = [item.name for tree in one.genome.rule.values() for item in tree]
        value = names.count("grad") + float(np.sum(one.genome.coefficients))
        objectives = (value, float(one.size), float(names.count("w")))
        cases = np.array([-value, names.count("mul"), names.count("w")], np.float32)
        one.accept(Judgement(objectives[: len(one.fitness.weights)], 0.0, value, cases=cases))
        one.signature = one.genome.to_json().encode()


def individual(
    *values: float, id: int = 0, rule: str = "grad", cases: NDArray[Any] | None = None, diverged: int = 0, **known: Any
) -> Individual:
    """Return an individual with the given fitness (all objectives maximised)."""
    made = Individual(Genome({"update": parse(rule)}), fitness_class((1.0,) * len(values))(), id)
    made.accept(Judgement(values, diverged=diverged, cases=cases))
    for name, value in known.items():
        setattr(made, name, value)
    return made


class PrimitiveSet:
    """What DEAP's own operators ask of a vocabulary: an untyped `gp.PrimitiveSet`, duck-typed, with given constants."""

    ret = object

    def __init__(self, signals: Sequence[str], primitives: Sequence[str], *constants: float) -> None:
        leaves = [*map(node, signals), *map(constant, constants)]
        self.primitives = {object: [*map(node, primitives)]}
        self.terminals = {object: leaves}
        self.terminalRatio = len(leaves) / (len(leaves) + len(primitives))
