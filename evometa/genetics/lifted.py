"""The numbers in the rules of many genomes as coefficients: forms that differ in nothing else are compiled once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from evometa.genetics.genomes import Genomes
from evometa.language import lifting
from evometa.language.codes import Trees
from evometa.language.signals import COEFFICIENTS
from evometa.language.tunability import numbers_with_slope
from evometa.lifetime import F32
from evometa.spec.arrays import I64

DIGITS = 6  # of a number that was tuned, as it stands in a rule's text
LARGEST = 1e30  # no number walks further off
NONE = -1


class Lifted(NamedTuple):
    """Rules whose numbers are lifted: `values f32[G, W]`, and the coefficient for each, `columns i64[G, W]`.

    W is the largest number of any of them; the rest is 0, and NONE.
    """

    rules: Sequence[lifting.Lifted]
    values: F32
    columns: I64

    @property
    def trees(self) -> dict[str, Trees]:
        """The rules of all genomes, slot by slot."""
        return {slot: Trees.of([one.rule[slot] for one in self.rules]) for slot in self.rules[0].rule}


def lifted(genomes: Genomes, slots: Collection[str], turn: int = 0, taken: Collection[str] = ()) -> Lifted:
    """Lift the numbers of these slots that have a slope; `turn`: which of them, where there are too many.

    `taken`: coefficients that something else than the rule reads.
    """
    rules = []
    for row in range(len(genomes)):
        rule = genomes.part("rule", row)
        places = [place for place in numbers_with_slope(rule) if place.part in slots] if slots else []
        rules.append(lifting.lift(rule, places, turn, taken))
    width = max((len(one.places) for one in rules), default=0)
    values, columns = np.zeros((len(rules), width), np.float32), np.full((len(rules), width), NONE, np.int64)
    for row, one in enumerate(rules):
        count = len(one.places)
        columns[row, :count] = [COEFFICIENTS.index(name) for name in one.names]
        values[row, :count] = one.values
    return Lifted(rules, values, columns)


def lowered(found: Lifted, values: F32) -> tuple[dict[str, Trees], F32]:
    """Return the rules with these values f32[G, W] in place of the old ones, and the values as they stand there."""
    kept, rules = np.zeros_like(values), []
    for row, one in enumerate(found.rules):
        count = len(one.places)
        own = np.clip(values[row, :count], -LARGEST, LARGEST).astype(np.float64)
        same = values[row, :count] == found.values[row, :count]
        numbers = [value if known else float(f"{value:.{DIGITS}g}") for value, known in zip(own, same, strict=True)]
        kept[row, :count] = numbers
        rules.append(one.lowered(numbers))
    return {slot: Trees.of([rule[slot] for rule in rules]) for slot in rules[0]}, kept
