"""Lifetimes on a cluster: what the engine is given in place of this machine's backend."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from evometa.cluster.dispatch import Dispatch, Tally
from evometa.cluster.pool import Pool
from evometa.cluster.search_batches import F64, Habits, SearchBatch, Way
from evometa.cluster.slices import Batch, Lives, costs, cuts, joined, split
from evometa.cluster.staff import Staff
from evometa.cluster.worker import live_whole
from evometa.errors import InputError
from evometa.errors.text import count_of
from evometa.language.program import Program
from evometa.lifetime import F32, Births, Outcomes, Phenotypes, Plan, Slopes, Tasks, acting
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors
from evometa.lifetime.backends import Descend, Executor
from evometa.lifetime.searches import Searches, SearchPlan
from evometa.lifetime.teaching import Classes, TeachingLives, TeachingOutcomes
from evometa.version import __version__

LEAST = 0.05  # seconds of work in a batch below which this machine lives it: sending it would take longer
SLICE = 0.25  # seconds of work in a slice, at least
SLICES = 8  # to a worker, at most: whoever is slow holds up few
RATE = 6e9  # operations a second (`costs`) of a worker of whom nothing is known
SHORT, FIRST = (
    1.0,
    5,
)  # seconds of work in a generation, in the mean of the first so many, that no cluster is a gain for
PATIENCE = 120.0  # seconds that workers have to show up and to give their account, some of which compile


class Cluster:
    """The workers of a pool as one executor; `where` says which pool, `threads` how many each worker is to use.

    `note` hears what is to stay, `show` how it stands, whenever that changes.
    """

    def __init__(self, pool: Pool, where: str, backend: str, threads: int, note: Callable[[str], None],
                 show: Callable[[str], None] | None = None) -> None:  # fmt: skip
        self.pool, self.where, self.note, self.show = pool, where, note, show
        self.staff, self.tally = Staff(pool, backend, threads, note), Tally()
        self.generations, self.operations = 0, 0.0

    def executor(self) -> Executor:
        """Return it as engines take it, once workers have shown what they are. Raises InputError if none can work."""
        self.meet()
        return Executor(
            self.live, self.prepare, self.line(), self.pool.close, self.generation, True, self.act, self.teach,
            self.search,
        )  # fmt: skip

    def generation(self) -> dict[str, str]:
        """Return what there is to tell after a generation; say once if these are too short."""
        self.generations += 1
        if self.generations == FIRST and (mean := self.tally.seconds / FIRST) < SHORT:
            self.note(f"{mean:.2g} seconds of work a generation are too few for several machines: one is faster")
        return {"cluster": self.standing()}

    def meet(self) -> None:
        """Wait for the accounts of all who are there, one at least."""
        deadline, own = time.monotonic() + PATIENCE, self.staff
        while time.monotonic() < deadline and (own.look() - own.refused.keys() - own.trusted.keys() or not own.trusted):
            if own.refused and not own.asked and not own.trusted:
                break
            for done in self.pool.done(0.1):
                own.hear(done)
        if not own.trusted:
            silent = [f"{worker}: no account within {PATIENCE:.0f} seconds" for worker in own.asked.values()]
            found = "; ".join([*map(": ".join, own.refused.items()), *silent]) or "none"
            self.pool.close()
            raise InputError(
                "a worker with this evometa, which computes the same bits", found, self.where,
                "Start one: dask worker ADDRESS --nworkers 1 --nthreads 1.",
            )  # fmt: skip

    def line(self) -> str:
        """Return who works, and on what."""
        kinds = Counter(one.line.split(" (")[0] for one in self.staff.trusted.values())
        who = ", ".join(f"{count} × {line}" for line, count in sorted(kinds.items()))
        return f"{self.where}, {count_of(len(self.staff.trusted), 'worker')} ({who}), all evometa {__version__}"

    def standing(self) -> str:
        """Return who is there, and what has happened."""
        own = self.tally
        parts = [count_of(len(self.staff.trusted), "worker"), count_of(own.slices, "slice"), *own.misfortunes()]
        return " · ".join(parts)

    def live(
        self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> Outcomes:  # fmt: skip
        """Live every lifetime of the batch (contract: evometa.lifetime); workers have threads of their own."""
        found: Outcomes = self.work(Lives(phenotypes, tasks, births, plan), progress)
        return found

    def act(
        self, actors: Actors, lives: acting.Lives, plan: ActingPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> ActingOutcomes:  # fmt: skip
        """Live every life in a world (contract: evometa.lifetime.acting)."""
        found: ActingOutcomes = self.work(Lives(actors.phenotypes, lives, actors.births, plan, actors=actors), progress)
        return found

    def teach(
        self, classes: Classes, lives: TeachingLives, plan: ActingPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> TeachingOutcomes:  # fmt: skip
        """Let teachers teach every student (contract: evometa.lifetime.teaching)."""
        own = classes.students
        batch = Lives(own.phenotypes, lives, own.births, plan, actors=own, classes=classes)
        found: TeachingOutcomes = self.work(batch, progress)
        return found

    def prepare(self, adjoints: Sequence[Program], loss_adjoints: Sequence[Program], order: int) -> Descend:
        """Return what gives slopes."""

        def descend(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, weights: F32) -> Slopes:
            lives = Lives(phenotypes, tasks, births, plan, adjoints, loss_adjoints, weights, order)
            found: Slopes = self.work(lives, None)
            return found

        return descend

    def search(
        self, way: Way, habits: Sequence[Habits], searches: Searches, plan: SearchPlan,
        progress: Callable[[int, int], None] | None = None,
    ) -> F64:  # fmt: skip
        """Live every search by those habits (contract: evometa.lifetime.searches), in a way that workers have."""
        found: F64 = self.work(SearchBatch(habits, searches, plan, way), progress)
        return found

    def work(self, lives: Batch, progress: Callable[[int, int], None] | None) -> Any:
        """Return what comes of a batch."""
        cost = costs(lives)
        operations = float(cost.sum())
        if self.seconds(operations) < LEAST:
            found, seconds = live_whole(lives, self.staff.backend, self.staff.threads)
            self.tally.seconds += seconds
        else:
            shared, slices = split(lives, cuts(cost, self.count(operations)))
            found = joined(Dispatch(self.pool, self.staff, shared, slices, self.tally, progress, self.show).work())
        self.operations += operations
        return found

    def count(self, operations: float) -> int:
        """Return how many slices so much work is cut into."""
        workers = max(1, len(self.staff.trusted))
        return int(min(max(self.seconds(operations) / SLICE, workers), SLICES * workers))

    def seconds(self, operations: float) -> float:
        """Return how long so much work takes one worker, as far as is known."""
        return operations * (self.tally.seconds / self.operations if self.operations else 1 / RATE)
