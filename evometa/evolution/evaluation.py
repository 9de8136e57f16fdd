"""Genomes and tasks → fitness: draws lessons, lives lifetimes once for each different learner, and judges them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan

import numpy as np

from evometa.config.schema import Config, Split
from evometa.evolution.courses import Course, Drawn, lessons
from evometa.evolution.extents import Extents
from evometa.evolution.fitness import Judgements, judge, solvers
from evometa.evolution.functions import NONE, Functions
from evometa.evolution.lessons import Ways
from evometa.evolution.memory import at_a_time
from evometa.evolution.objectives import objectives_of
from evometa.evolution.past import Past
from evometa.evolution.signatures import all_signatures
from evometa.evolution.tally import Tally
from evometa.evolution.units import Units
from evometa.evolution.world_faults import Faults
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.individual import Individual, Judgement, accept
from evometa.genetics.phenotype import heir
from evometa.lifetime import F32, Outcomes
from evometa.lifetime.backends import Backend
from evometa.spec.acting import FAULT
from evometa.store.reader import Reader
from evometa.store.records import Statistics

MEMORY = 5  # generations: of `delta`'s behaviours that are born again after death, 88 % are within so many


class Evaluator:
    """Judges genomes on the tasks of a recipe."""

    def __init__(
        self,
        config: Config,
        courses: list[Course],
        backend: Backend | Ways,
        progress: Callable[[int, int], None] | None = None,
        functions: Functions = NONE,
        cases: bool = True,
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.config, self.courses, self.progress = config, courses, progress
        self.ways = backend if isinstance(backend, Ways) else Ways(backend)
        self.backend = self.ways.live
        self.cases = cases  # whether individuals keep their errors on each task, which few ways of selection ask for
        self.objectives = objectives_of(config.fitness.objectives, functions)
        self.lived: Counter[str] = Counter()  # lifetimes by purpose
        same = config.sampling.resample == "never" and config.evolution.inheritance != "lamarck"
        self.past = Past(MEMORY if same else 0)  # where tasks stay as they are, so do judgements
        self._lessons: tuple[int, Drawn] = -1, []  # of the epoch that was met last
        self.units, self.faults = Units(self), Faults(note)

    def evaluate(
        self,
        individuals: Sequence[Individual],
        generation: int,
        known: Iterable[Individual] = (),
        signed: Callable[[], None] = lambda: None,
    ) -> Tally:
        """Set fitness, cases, innate and adapted performance of every individual.

        Learners that behave alike (equal signature) are lived once; `known` have been judged on these same tasks, and
        so have those of the `past`.
        `signed` is called once genomes and signatures are final: before the lives, where nothing learned is inherited.
        """
        tally = self.begin(individuals)
        lamarck = self.config.evolution.inheritance == "lamarck"
        if not lamarck:
            signed()
        judged = {} if lamarck else {i.signature: i for i in known if i.fitness.wvalues}
        fresh, like_dead = self.past.divide(individuals, judged)
        accept(like_dead, [self.judgement_of(one.judgement, one) for one in like_dead])
        learned: dict[bytes | None, F32] = {}
        if fresh:
            learned = self.live(fresh, self.lessons_of(self.epoch(generation)), tally)
        self.past.remember(fresh, tally.lived)
        judged |= {i.signature: i for i in (*fresh, *like_dead)}
        alike = self.share(individuals, judged, tally)
        tally.known = len(alike) + len(like_dead)
        heirs = []
        # written back once, in the generation of birth, so that a stored genome is never out of date
        for individual in individuals if lamarck else ():
            if individual.born == generation:
                weights = learned[individual.signature]
                if np.isfinite(weights).all():  # what a diverged lifetime left is no inheritance
                    individual.genome = heir(individual.genome, weights, self.courses[0].world)
                    heirs.append(individual)
        self.sign(heirs)  # anew, so that a signature is always that of the genome which is stored
        if lamarck:
            signed()
        tally.end(individuals, generation)
        return tally

    def recall(self, reader: Reader, last: Statistics) -> None:
        """Take up what is known after the last generation of a run: its `last` statistics."""
        self.past.recall(reader)
        self.units.recall(last)

    def begin(self, individuals: Sequence[Individual]) -> Tally:
        """Sign individuals; return the tally of their evaluation: what units are, measured now if not before."""
        tally, before = Tally(), self.lived["units"]
        tally.units = self.units.values
        tally.unit_lifetimes = self.lived["units"] - before
        self.sign(individuals)
        return tally

    def share(
        self, individuals: Sequence[Individual], judged: Mapping[bytes | None, Individual], tally: Tally
    ) -> list[Individual]:
        """Let everyone who behaves like one of the judged, by signature, have its judgement, too; return them."""
        alike = [one for one in individuals if judged[one.signature] is not one]
        models = [judged[one.signature] for one in alike]
        accept(alike, [self.judgement_of(model.judgement, one) for one, model in zip(alike, models, strict=True)])
        tally.sure(alike, [tally.errors.get(model.id, nan) for model in models])
        return alike

    def draw(
        self,
        split: Split,
        generation: int,
        count: int,
        *,
        fresh: bool = False,
        updates: int | None = None,
        purpose: str = "",
    ) -> Drawn:
        """Draw the lessons of every course that serves a split (see `lessons`)."""
        serving = [course for course in self.courses if course.serves(split)]
        return [
            (course, lessons(
                course, self.config, split, generation, count, fresh=fresh, updates=updates, purpose=purpose,
            ))
            for course in serving
        ]  # fmt: skip

    def lessons_of(self, epoch: int) -> Drawn:
        """Return what everyone meets in an epoch, which may be a generation or the whole run."""
        if self._lessons[0] != epoch:
            drawn = self.draw("train", epoch, self.config.sampling.tasks)
            again = self.config.sampling.resample == "never"
            self._lessons = epoch, [(course, lesson.lasting() if again else lesson) for course, lesson in drawn]
        return self._lessons[1]

    def judge(self, genomes: Sequence[Genome], drawn: Drawn, purpose: str, rounded: bool = True) -> Judgements:
        """Live a few genomes and judge them by the recipe's objectives; `rounded`: to the recipe's resolution."""
        return self._judged(self.outcomes(genomes, drawn, purpose), genomes, drawn, rounded)

    def _judged(
        self, outcomes: Sequence[Outcomes], genomes: Sequence[Genome], drawn: Drawn, rounded: bool = True
    ) -> Judgements:
        """Judge genomes by what became of them in these lessons."""
        shares, fitness = [course.settings.weight for course, _ in drawn], self.config.fitness
        return judge(
            outcomes, Extents.of(genomes), self.objectives, self.config.evolution.inheritance, shares,
            fitness.resolution if rounded else 0.0, fitness.synapse_cost, self.config.rule.gated, self.cases,
            self.units.of(drawn), drawn[0][1].repeats if drawn else 1,
        )  # fmt: skip

    def outcomes(self, genomes: Sequence[Genome], drawn: Drawn, purpose: str = "evolution") -> list[Outcomes]:
        """Live every genome through all the lessons, counted as lived for that; one `Outcomes` for each course."""
        self.lived[purpose] += len(genomes) * sum(lesson.tasks.lanes for _, lesson in drawn)
        found = []
        for course, lesson in drawn:
            how = {"threads": self.config.run.threads, "progress": self.progress}
            found.append(lesson.live(genomes, course.world, self.ways, **how))
            self.faults.see(purpose, course, lesson, genomes, found[-1])
        return found

    def signatures(self, genomes: Sequence[Genome]) -> list[bytes]:
        """Return bytes for each genome that are equal where rules answer probes alike and all else is equal."""
        return all_signatures(self.config, genomes)

    def sign(self, individuals: Sequence[Individual]) -> None:
        """Give individuals the signatures of their genomes."""
        found = self.signatures(_side_by_side(individuals)) if individuals else []
        for individual, signature in zip(individuals, found, strict=True):
            individual.signature = signature

    def epoch(self, generation: int) -> int:
        """Return the generation whose tasks are met."""
        return generation if self.config.sampling.resample == "generation" else 0

    def live(self, individuals: list[Individual], drawn: Drawn, tally: Tally) -> dict[bytes | None, F32]:
        """Judge each individual; return the weights that lane 0 has learned, by signature, where they are kept."""
        lanes = sum(lesson.tasks.lanes for _, lesson in drawn)
        everyone = _side_by_side(individuals)
        slab = at_a_time(everyone, drawn)
        learned: dict[bytes | None, F32] = {}
        for first in range(0, len(individuals), slab):
            batch = individuals[first : first + slab]
            genomes = everyone if len(batch) == len(everyone) else everyone[first : first + slab]
            outcomes = self.outcomes(genomes, drawn)
            judgements = self._judged(outcomes, genomes, drawn)
            accept(batch, judgements.each())
            solved = solvers(outcomes, self.config.run.until, self.config.evolution.inheritance)
            tally.solved += [individual.id for individual, one in zip(batch, solved, strict=True) if one]
            learned |= {i.signature: w for i, w in zip(batch, outcomes[0].weights or (), strict=False)}
            tally.sure(batch, judgements.errors.tolist())
            tally.lifetimes += lanes * len(batch)
            tally.lived |= {individual.id: lanes for individual in batch}
            tally.diverged += int(judgements.diverged.sum())
            tally.reasons = dict(Counter(tally.reasons) + Counter(judgements.reasons))
            tally.fault = self.faults.first if FAULT in tally.reasons else ""
        return learned

    def judgement_of(self, judgement: Judgement, individual: Individual) -> Judgement:
        """Return the judgement of a learner that behaves alike, with the individual's own extents.

        Where all lives were lost, extents are lost, too; and what synapses cost is no extent's, but of both alike.
        """
        values, cost = list(judgement.values), self.config.fitness.synapse_cost
        for place, one in enumerate(self.objectives):
            if one.extent and values[place] != one.lost and (place or not cost):
                values[place] = float(getattr(individual.genome, one.extent))
        return judgement._replace(values=tuple(values))


def _side_by_side(individuals: Sequence[Individual]) -> Sequence[Genome]:
    """Return the genomes of individuals as arrays; those made by hand may differ in shape, and are a list then."""
    genomes = [one.genome for one in individuals]
    try:
        return Genomes.of(genomes)
    except ValueError:
        return genomes
