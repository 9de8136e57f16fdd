"""Disturbances of lives in worlds: of what is paid, seen and done there, of luck, and of how long lives last.

A world is disturbed in its equations, and what these read beside its own is given with the lives: what was drawn for
these stays as it was, so that all differences are paired.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.acting import ActingLessons
from evometa.evolution.courses import Course
from evometa.evolution.lessons import Lessons, Ways
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import World as Surroundings
from evometa.judging.audit.transforms import SEED
from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.world import Text, World
from evometa.lifetime import Births, Outcomes, Phenotypes
from evometa.lifetime.acting import Lives
from evometa.seeding import stream
from evometa.spec.arrays import F32

if TYPE_CHECKING:
    from evometa.tasks.families.world import WorldFamily

Change = Callable[[World], World]
GIVEN, INSTEAD, NAMES, SEEN = "audit_given", "audit_instead", "audit_names", "audit_seen"
LATER = ("reward", "worth", "best", "tally", "end", "cut")  # equations that may read an action, beside let and next


@dataclass(frozen=True)
class Altered(ActingLessons):
    """Lives in a world with other equations; `paid`: rewards are what is measured, those of the world as it was."""

    paid: bool = False

    def live(self, genomes: Sequence[Genome], world: Surroundings, ways: Ways, **how: Any) -> Outcomes:
        outcomes = super().live(genomes, world, ways, **how)
        if not self.paid:
            return outcomes
        scores, (reward, regret) = outcomes.scores.copy(), (outcomes.names.index(name) for name in ("reward", "regret"))
        scores[reward] = -scores[regret]
        return replace(outcomes, scores=scores)


@dataclass(frozen=True)
class Kept(ActingLessons):
    """Lives of learners that are born with given weights, each life with its own, f32[E, L]."""

    weights: F32 = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def births(self, phenotypes: Phenotypes) -> Births:
        return Births([self.weights] * len(phenotypes.graphs))


def world_of(course: Course) -> World:
    """Return the world of a course's test, as people write it."""
    family: WorldFamily = course.family  # type: ignore[assignment]
    return family.places["test"].equations.world


def altered(
    course: Course, lesson: Lessons, change: Change, *, paid: bool, parameters: F32 | None = None,
    noise: F32 | None = None,
) -> ActingLessons:  # fmt: skip
    """Return the same lives in a world with other equations, which read further parameters f32[rows, L] and noise
    f32[ticks, rows, L]; what is measured stays as it was.

    `paid`: rewards are what is measured: they are what actions are worth then, beside a best of 0.
    """
    assert isinstance(lesson, ActingLessons)
    assert isinstance(lesson.tasks, Lives)
    own, lives = world_of(course), lesson.tasks
    kept = replace(own, worth=own.reward if paid else own.worth or own.reward, best=0 if paid else own.best)
    changed, row = change(kept), course.family.places["test"].row  # type: ignore[attr-defined]
    if row is not None:  # what is given is a life's, whichever of its worlds it is in
        row = replace(row, same=row.same | (changed.parameters.keys() - own.parameters.keys()))
    program = open_world(changed, row).program
    none = np.zeros((0, lives.lanes), np.float32)
    more = np.zeros((len(lives.noise), program.noise - lives.noise.shape[1], lives.lanes), np.float32)
    if noise is not None:
        more[1:] = noise  # that of birth stays 0
    rows = np.concatenate([lives.parameters, none if parameters is None else parameters.astype(np.float32)])
    others = Lives(program, rows, np.concatenate([lives.noise, more], axis=1), lives.draws)
    return Altered(**{**vars(lesson), "tasks": others, "paid": paid})


def paying(formula: str) -> Change:
    """Return what pays another reward, by a formula of the old one (`{}`)."""
    return lambda world: replace(world, reward=formula.format(f"({world.reward})"))


@dataclass(frozen=True)
class Pay:
    """Rewards f32[ticks, L] that are given to lives: in place of their own where `instead` is so, else beside them.

    Noise of a world lies from 0 to below 1, and so do they; twice their width leaves numbers such as 0 and 1 exact.
    """

    rewards: F32
    instead: NDArray[np.bool_] | None = None

    @property
    def low(self) -> float:
        """The smallest of them."""
        return float(self.rewards.min())

    @property
    def span(self) -> float:
        """Twice their width."""
        return 2.0 * float(np.ptp(self.rewards)) or 1.0

    @property
    def noise(self) -> F32:
        """The noise of such a world, f32[ticks, 2, L]."""
        unit = (self.rewards.astype(np.float64) - self.low) / self.span
        where = np.zeros(unit.shape) if self.instead is None else 0.5 * self.instead
        return np.stack([unit, where], axis=1).astype(np.float32)

    def __call__(self, world: World) -> World:
        """Pay them in a world."""
        text = f"({self.span:.10f}*{GIVEN} + ({self.low:.10f}))"
        own = f"({world.reward})"
        reward = f"{own} + {text}" if self.instead is None else f"select({INSTEAD}, {text}, {own})"
        return replace(world, reward=reward, noise=(*world.noise, GIVEN, INSTEAD))


def renamed(world: World) -> World:
    """Give actions the names of others."""
    where = re.compile(r"\baction\b")

    def other(text: Text) -> str:
        return where.sub(f"lookup({NAMES}, action)", str(text))

    texts: dict[str, Any] = {part: other(getattr(world, part)) for part in LATER}
    for part in ("let", "next"):
        texts[part] = {key: other(text) for key, text in getattr(world, part).items()}
    return replace(world, parameters={**world.parameters, NAMES: "rows(actions)"}, **texts)


def names_of(lesson: Lessons) -> F32:
    """Return other names for the actions of each life, f32[A, L]: turned by a number of places, so none stays."""
    lives = lesson.tasks
    assert isinstance(lives, Lives)
    count = lives.world.actions
    turn = stream(SEED, 0, "audit/names").integers(1, count, lives.lanes)
    return ((np.arange(count)[:, None] + turn) % count).astype(np.float32)


def rearranged(lesson: Lessons) -> Lessons:
    """Let what is seen change places."""
    assert isinstance(lesson.tasks, Lives)
    world = lesson.tasks.world
    places = stream(SEED, 0, "audit/inputs").permutation(len(world.observe))
    return replace(lesson, tasks=replace(lesson.tasks, world=replace(world, observe=world.observe[places])))


def seeing(formula: str) -> Change:
    """Return what shows all inputs by a formula of them (`{}`)."""
    return lambda world: replace(world, observe=tuple(formula.format(f"({text})") for text in world.observe))


def blinded(inputs: int) -> Change:
    """Return what lets some of so many inputs be 0, as parameters say: of one equation for all, or of one for each."""

    def change(world: World) -> World:
        each = [SEEN] if len(world.observe) == 1 else [f"lookup({SEEN}, {place})" for place in range(inputs)]
        texts = [f"({text})*{factor}" for text, factor in zip(world.observe, each, strict=True)]
        return replace(world, observe=tuple(texts), parameters={**world.parameters, SEEN: f"rows({inputs})"})

    return change


def is_separable(course: Course, lesson: Lessons) -> bool:
    """Tell whether what a world shows can be put to 0 number by number: one equation for all, or one for each."""
    assert isinstance(lesson.tasks, Lives)
    world = world_of(course)
    return not world.afterstates and len(world.observe) in (1, lesson.tasks.inputs)


def unmeasured(world: World) -> World:
    """Say nothing of what actions are worth."""
    return replace(world, worth=0, best=0, tally=0)


def trembling(share: float) -> Callable[[Lessons], Lessons]:
    """Return what lets a share of the actions be any that is legal."""

    def change(lesson: Lessons) -> Lessons:
        plan: Any = lesson.plan
        return replace(lesson, plan=replace(plan, epsilon=plan.epsilon + (1.0 - plan.epsilon) * share))

    return change


def with_luck(lesson: Lessons, other: Lessons) -> Lessons:
    """Return the same lives with the luck of others."""
    assert isinstance(lesson.tasks, Lives)
    assert isinstance(other.tasks, Lives)
    return replace(lesson, tasks=replace(lesson.tasks, noise=other.tasks.noise, draws=other.tasks.draws))
