"""How a run searched: what came of each operator and of each start, which families lived on, what twins and luck were.

A *family* is a guess that the search began with, or "random", with all who descend from it by first parents; a *line*
is one founder with all who descend from it. *Luck* is by how much the best of a generation did better there than on
the panel, whose tasks select nobody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass

import numpy as np

from evometa.errors.text import count_of, legible
from evometa.presentation.format import number, signed
from evometa.store.records import Json

FEW = 3  # families that are named


@dataclass(frozen=True)
class Offspring:
    """What came of those whom an operator made: how many were `born`; of these the `twins`, who behave like one known;
    those who `survived` their first generation; of the `compared` those `better` than their better parent on the same
    tasks, and the `median` and `best` gain in the first objective (above 0: an improvement; None: none compared)."""

    operator: str
    born: int
    twins: int
    survived: int
    compared: int
    better: int
    median: float | None
    best: float | None


@dataclass(frozen=True)
class Family:
    """What came of a guess, or of random rules: how many founders of it, how many were `born` in all, are `alive`."""

    name: str
    founders: int
    born: int
    alive: int


@dataclass(frozen=True)
class Course:
    """A generation of a search: `twins` among those `born`; living members of each family; how many lines live; what
    its best came to (`error`: the standard error of that, where it is an estimate), also on the panel and on validation
    tasks; for how many generations no other was better there. Where numbers are tuned by gradients, medians of the
    newborn: `norm` of the gradient, mean loss `before` and `after`; and the mean share of synapses that learn,
    `plastic`."""

    generation: int
    born: int
    twins: int
    families: dict[str, int]
    lines: int
    best: float | None
    error: float | None
    panel: float | None
    validation: float | None
    validation_best: float | None
    validation_age: int
    luck: float | None
    norm: float | None = None
    before: float | None = None
    after: float | None = None
    plastic: float | None = None


@dataclass(frozen=True)
class Search:
    """How a run searched, up to one of its generations; `lived`: lifetimes by purpose."""

    operators: tuple[Offspring, ...]
    families: tuple[Family, ...]
    generations: tuple[Course, ...]
    lived: dict[str, int]

    @property
    def born(self) -> int:
        """How many genomes were born."""
        return sum(one.born for one in self.generations)

    @property
    def twins(self) -> float | None:
        """The share of them who behave like one that was known; None where nobody was born."""
        return sum(one.twins for one in self.generations) / self.born if self.born else None

    @property
    def luck(self) -> float | None:
        """The luck of the generations in which another was best on the panel, in the middle; None without a panel."""
        known = [one.luck for one in self.generations if one.luck is not None]
        return float(np.median(known)) if known else None

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        known = f", {self.twins:.0%} of them like one that was known" if self.twins is not None else ""
        told = [f"{count_of(self.born, 'genome')} born{known}", self._alive]
        if self.luck is not None:
            told.append(f"of the best's fitness {signed(self.luck)} was luck, by the panel (median)")
        last = self.generations[-1] if self.generations else None
        if last is not None and last.error is not None:
            told.append(f"the best's fitness is {number(last.best)} ± {number(last.error)} (standard error)")
        told.append(self._decline)
        return "; ".join(part for part in told if part)

    @property
    def _decline(self) -> str:
        """How the best stands on validation tasks now, where it has stood better there before."""
        last = self.generations[-1] if self.generations else None
        if last is None or last.validation is None or not last.validation_age:
            return ""
        return (
            f"on validation tasks the best came to {number(last.validation)}, after {number(last.validation_best)} "
            f"in generation {last.generation - last.validation_age:,}"
        )

    @property
    def _alive(self) -> str:
        """Which families live on, the largest first; how many lines, where there is one family."""
        last = self.generations[-1] if self.generations else None
        if last is None or not last.families:
            return ""
        if len(self.families) == 1:
            return f"{last.lines:,} of {count_of(self.families[0].founders, 'line')} alive"
        sizes, total = Counter(last.families).most_common(), sum(last.families.values())
        named = ", ".join(f"{legible(name)} {size / total:.0%}" for name, size in sizes[:FEW])
        more = f", {len(sizes) - FEW} more" if len(sizes) > FEW else ""
        return f"{len(sizes)} of {len(self.families)} families alive ({named}{more})"

    def plain(self) -> Json:
        """Return it in plain JSON types."""
        return {**self.summary(), **asdict(self)}

    def summary(self) -> Json:
        """Return what `--json` tells of it beside the champion, in plain JSON types."""
        last = self.generations[-1] if self.generations else None
        return {
            "born": self.born, "twins": self.twins, "luck": self.luck,
            "families": last.families if last else {}, "lines": last.lines if last else 0,
        }  # fmt: skip
