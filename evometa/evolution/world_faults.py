"""Lives that their world's own fault has ended: found in a rehearsal, told as soon as there are some, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.config.schema import Config
from evometa.errors import InputError, RunFailed
from evometa.evolution.acting import ActingLessons
from evometa.evolution.tally import Tally
from evometa.genetics.genome import Genome
from evometa.language.worlds.drawing import Place
from evometa.lifetime import Outcomes
from evometa.lifetime.acting import Lives
from evometa.seeding import stream
from evometa.spec.acting import FAULT, FAULTY
from evometa.tasks.environments.lives import EnvironmentLives
from evometa.tasks.families.world import WorldFamily
from evometa.tasks.family import Family

if TYPE_CHECKING:
    from evometa.evolution.courses import Course

LIVES = 8  # of a rehearsal
REHEARSED = 20_000  # instructions of worlds, all those of a family together: a tenth of a second
LEAST = 100  # ticks of a rehearsal that tell something of how trials end; fewer do where lives have no more
RELIVED = 5_000_000  # instructions of a world until a fault is found again: half a minute
_REMEDY = "Keep it within bounds, or let trials end before."


def rehearsed(config: Config, family: Family) -> Iterator[str]:
    """Let some lives in a world go at random actions; yield what is to say of it. Raises InputError for a world whose
    own fault ends all of them."""
    if not isinstance(family, WorldFamily):
        return
    from evometa.lifetime.world_rehearsal import rehearse  # compiled, which who lists recipes has no need of

    splits = {place.program.key: split for split, place in reversed(family.places.items())}
    for split in splits.values():
        lives: Any = family.sample(split, LIVES, stream(config.seed, 0, f"rehearsal {split}"))
        place = family.places[split]
        found = rehearse(place, lives, REHEARSED // len(splits))
        tried = f"{LIVES} lives of a rehearsal at random actions ({split})"
        if found.faulty == LIVES:
            raise _refusal(found.said, f"all {tried}")
        if found.faulty:
            yield f"{found.faulty} of {tried} were ended by a fault of their world: {found.said}"
        if _endless(place, found.ticks, lives.ticks) and not found.ended:
            yield (
                f"world {family.name} ({split}): `end` came true in none of {LIVES} lives of {found.ticks:,} random "
                "actions: say `cut`, if trials are to be over"
            )


def _endless(place: Place, ticks: int, life: int) -> bool:
    """Tell whether trials are over by `end` alone, and so many ticks of a life tell something of it."""
    world = place.equations.world
    return not str(world.cut) and str(world.end) not in ("", "0") and ticks >= min(LEAST, life)


class Faults:
    """Tells once of each world that lives were ended by its own fault, by `note` (None: nobody asks).

    `first`: which equation of which world it was, and in which tick, in the first such life of evolution.
    """

    def __init__(self, note: Callable[[str], None] | None = None) -> None:
        self.note, self.first = note, ""
        self._said: dict[Any, str] = {}

    def see(self, purpose: str, course: Course, lesson: Any, genomes: Sequence[Genome], outcomes: Outcomes) -> None:
        """Take in what became of lives."""
        if self.note is None or not isinstance(lesson, ActingLessons):
            return
        faulty = outcomes.status == FAULTY
        if not faulty.any():
            return
        lives = lesson.tasks
        key = lives.spec.name if isinstance(lives, EnvironmentLives) else lives.world
        if key not in self._said:
            genome, lane = np.argwhere(faulty)[0].tolist()
            self._said[key] = said = _explained(course, lesson, genomes[genome], lane)
            counts = f"{int(faulty.sum()):,} of {faulty.size:,} lives"
            self.note(f"{purpose}: {counts} were ended by a fault of their world, not of the learner: {said}")
        if purpose == "evolution":
            self.first = self.first or self._said[key]

    def check(self, tally: Tally, generation: int) -> None:
        """Raise InputError where a world's own fault has ended all lives of the first generation."""
        if generation == 0 and tally.lifetimes and tally.reasons.get(FAULT) == tally.lifetimes:
            raise _refusal(self.first, f"all {tally.lifetimes:,} lives of the first generation")


def _explained(course: Course, lesson: ActingLessons, genome: Genome, lane: int) -> str:
    """Return which equation was not finite in a life, and in which tick."""
    lives, actors = lesson.tasks, lesson.actors([genome], course.world)
    if isinstance(lives, EnvironmentLives):
        try:
            return lives.fault(actors, lesson.plan, lane)
        except RunFailed as error:
            return f"environment {lives.spec.name}, which could not be asked again ({error})"
    from evometa.lifetime.acting_faults import explained

    place = _place(course.family, lives)
    if place is None:
        return f"world {course.family.name}"
    ticks = max(1, RELIVED // max(1, len(lives.world.code)))
    said = explained(place, actors, lives, lesson.plan, 0, lane, ticks)
    return said or f"world {course.family.name}, behind tick {ticks:,}: which equation it was, is not looked for"


def _place(family: Family, lives: Lives) -> Place | None:
    """Return the equations of a world that lives are in; None where it is not the family's own."""
    places = family.places.values() if isinstance(family, WorldFamily) else ()
    return next((place for place in places if place.program is lives.world), None)


def _refusal(said: str, lives: str) -> InputError:
    where, _, what = said.rpartition(": ")
    return InputError("finite states, observations and rewards", f"{what}, in {lives}", where, _REMEDY)
