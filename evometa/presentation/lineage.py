"""Where an individual comes from: its ancestors, what changed at each step, and what that gained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from evometa.evolution.objectives import known_objective
from evometa.genetics.genome import Genome
from evometa.presentation.differences import differences, distance
from evometa.presentation.format import number as number_text
from evometa.presentation.learner import Learner
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.presentation.run import Run

NOT_KEPT = "the run has not kept its genome"


@dataclass(frozen=True)
class Step:
    """One individual and how it came to be.

    `born`: generation, from 1; `fitness`: as it was last evaluated; `change`: in words, what became of `trunk`, the
    parent that it has most of its rule from (empty without parents); `gain`: in the first objective, on the same
    tasks, against the better parent, above 0 for an improvement (None where that is not known); `tuned`: its mean loss
    before and after its numbers went down their gradient, on the same tasks (None where they did not).
    """

    id: int
    born: int
    operator: str
    parents: tuple[int, ...]
    fitness: tuple[float, ...]
    change: str
    gain: float | None
    trunk: int | None
    tuned: tuple[float, float] | None = None

    def summary(self) -> Json:
        """Return it in plain JSON types."""
        told = {**asdict(self), "parents": list(self.parents), "fitness": list(self.fitness)}
        tuned = told.pop("tuned")
        return told if tuned is None else {**told, "tuned": list(tuned)}


def lineage(run: Run, number: int, limit: int = 100) -> list[Step]:
    """Return the line from which an individual descends, itself first: from each to the parent it has most of.

    At most `limit` of them. Raises InputError without such an individual.
    """
    family = _Family(run)
    with run.reader.reading():
        return [family.step(one.id) for one in family.line(number, limit)]


def line(run: Run, number: int, limit: int = 100) -> list[Learner]:
    """Return the individuals of that line, at most `limit`, without a word on what changed. InputError without it."""
    with run.reader.reading():
        return list(_Family(run).line(number, limit))


def forebears(run: Run, number: int, limit: int = 1000) -> dict[int, Genome]:
    """Return those in the line of an individual who do not behave like the next in it, by id, nearest first.

    At most `limit` steps back; without those whose genomes were not kept.
    """
    found = line(run, number, limit)
    steps = zip(found[1:], found, strict=False)
    return {one.id: one.genome for one, child in steps if one.genome is not None and one.signature != child.signature}


def tree(run: Run, number: int, limit: int = 100) -> list[Step]:
    """Return an individual and all its ancestors, the nearest first, at most `limit`. InputError without it."""
    family = _Family(run)
    with run.reader.reading():
        return [family.step(number) for number in family.nearest(number, limit)]


def tuning_in_words(before: float, after: float) -> str:
    """Tell what tuning made of a mean loss; one that is worse is kept, as it may be so on these few tasks alone."""
    worse = ", worse on these tasks" if after > before else ""
    return f"tuned: loss {number_text(before)} → {number_text(after)}{worse}"


class _Family:
    """Individuals of a run, each read once."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.known: dict[int, Learner] = {}
        row = known_objective(run.settings.fitness.objectives[0])
        self.sign = row.weight if row else 1.0
        self.anew = run.settings.sampling.resample == "generation"

    def one(self, number: int) -> Learner:
        if number not in self.known:
            self.known[number] = Learner(self.run, self.run.reader.individual(number))
        return self.known[number]

    def line(self, number: int, limit: int) -> Iterator[Learner]:
        current: Learner | None = self.one(number)
        while current is not None and limit > 0:
            yield current
            limit -= 1
            current = self.trunk(current.genome, self.parents(current))

    def parents(self, one: Learner) -> list[Learner]:
        return [self.one(parent) for parent in dict.fromkeys(one.parents)]

    def nearest(self, number: int, limit: int) -> Iterator[int]:
        waiting, seen = [number], {number}
        for current in waiting:
            if limit <= 0:
                return
            limit -= 1
            yield current
            fresh = [parent for parent in self.one(current).parents if parent not in seen]
            seen.update(fresh)
            waiting += fresh

    def step(self, number: int) -> Step:
        one = self.one(number)
        parents = self.parents(one)
        trunk = self.trunk(one.genome, parents)
        change = ""
        if trunk is not None:
            known = one.genome is not None and trunk.genome is not None
            change = differences(trunk.genome, one.genome) if known else NOT_KEPT  # type: ignore[arg-type]
            change = f"from #{trunk.id}: {change}" if len(parents) > 1 else change
        gain = self.gain(one, parents)
        tuned: tuple[float, float] | None = None
        if one.genome is not None and one.genome.moments is not None:
            before, after = one.genome.moments.gained[0].tolist()
            tuned = before, after
            change = ", ".join(filter(None, (change, tuning_in_words(before, after))))
        origin = trunk.id if trunk else None
        return Step(one.id, one.born, one.operator, one.parents, one.fitness, change, gain, origin, tuned)

    def trunk(self, genome: Genome | None, parents: list[Learner]) -> Learner | None:
        """Return the parent whose rule differs least."""
        if genome is None or len(parents) < 2:
            return parents[0] if parents else None
        return min(parents, key=lambda one: 1 << 30 if one.genome is None else distance(one.genome, genome))

    def gain(self, one: Learner, parents: list[Learner]) -> float | None:
        """Compare on the same tasks: those of the child's first generation, where tasks are drawn anew."""
        reader, born = self.run.reader, one.born - 1
        own = reader.evaluation(one.id, born) if self.anew else None
        mine = own.fitness if own else one.fitness
        theirs = []
        for parent in parents:
            then = reader.evaluation(parent.id, born) if self.anew else None
            fitness = (then.fitness if then else ()) if self.anew else parent.fitness
            theirs += [fitness[0] * self.sign] if fitness else []
        return mine[0] * self.sign - max(theirs) if mine and theirs else None
