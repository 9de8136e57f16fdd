"""The numbers of one genome that its lives depend on, and the genome with each of them larger or smaller.

A number is multiplied, so that it keeps its sign and may change by orders of magnitude; but that of an exponent, k in
exp(k·x), is shifted by as much, for what it makes is multiplied so; it may be 0 and have any sign.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genome import Genome
from evometa.language.lifting import Place, numbers_of, with_numbers
from evometa.language.liveness import felt_slots
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.language.tree import Tree

LARGEST = 1e30  # no number walks further off
DIGITS = 4  # of constants in rules


@dataclass(frozen=True)
class Numbers:
    """Some numbers of a genome, in slots and chromosomes; each coefficient lies between its `low` and its `high`."""

    genome: Genome
    places: tuple[Place, ...]
    low: Sequence[float]
    high: Sequence[float]

    @classmethod
    def of(cls, genome: Genome, settings: Any) -> Numbers:
        """Return those that evolve by a recipe: coefficients, plasticity of groups, and constants.

        They are read by slots that weights depend on, or stand there, and are not 0, but in exponents.
        """
        return cls(genome, tuple(_places(genome, settings)), *settings.coefficients.ranges)

    def scaled(self, logarithms: NDArray[np.float64]) -> Genome:
        """Return the genome with each number multiplied by e to the power of its own, or shifted by it."""
        arrays = {name: getattr(self.genome, name).copy() for name in ("coefficients", "plasticity")}
        rule, constants = self.genome.rule, dict[Place, float]()
        for place, step in zip(self.places, np.clip(logarithms, -100, 100).tolist(), strict=True):
            (part, at), factor = place, math.exp(step)
            if part in rule:
                old = float(rule[part][at].value)
                value = old + step if in_exponent(rule[part], at) else old * factor
                constants[place] = float(f"{np.clip(value, -LARGEST, LARGEST):.{DIGITS}g}")
            else:
                most = (self.low[at], self.high[at]) if part == "coefficients" else (-LARGEST, LARGEST)
                arrays[part].flat[at] = np.clip(float(arrays[part].flat[at]) * factor, *most)
        return self.genome.replace(rule=with_numbers(rule, constants), **arrays)


def in_exponent(tree: Tree, at: int) -> bool:
    """Whether the constant at a position is k in exp(k·x)."""
    return [one.name for one in tree[max(at - 2, 0) : at]] == ["exp", "mul"]


def _places(genome: Genome, settings: Any) -> Iterator[Place]:
    slots = felt_slots(genome.rule, settings.acts)
    read = frozenset().union(settings.shared_coefficients, *(genome.rule[slot].signals() for slot in slots))
    if settings.coefficients.mode == "evolved":
        for index, value in enumerate(genome.coefficients):
            if value and COEFFICIENTS[index] in read:
                yield Place("coefficients", index)
    if settings.plasticity.mode == "evolved" and settings.plasticity.tie == "group":
        for index, value in enumerate(genome.plasticity.flat):
            if value and PLASTICITY[index // genome.plasticity.shape[1]] in read:
                yield Place("plasticity", index)
    for place in numbers_of(genome.rule):
        tree = genome.rule[place.part]
        if place.part in settings.rule.evolving and (tree[place.at].value or in_exponent(tree, place.at)):
            yield place
