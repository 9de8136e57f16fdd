"""Lives in worlds as the outer loop draws, lives and judges them.

What a life came to is told by the measures of MEASURES that act, in each window and, last, in what counts: the whole
life, or its last window. Sums over a window count as if all of the life went like that, so that windows compare.
Axis letters: M measures, G genomes, C windows, L lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.config.schema import Config, Split
from evometa.evolution.first_weights import FirstWeights
from evometa.evolution.lessons import Lessons, Ways, read_only
from evometa.evolution.measures import MEASURES
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import World, agent_programs_of, express
from evometa.lifetime import F32, Outcomes, Phenotypes
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.batch import distinct
from evometa.lifetime.teaching import TeachingLives
from evometa.seeding import stream
from evometa.tasks.environments.lives import EnvironmentLives

if TYPE_CHECKING:
    from evometa.evolution.courses import Course

TIGHTEST = np.float32(1e-6)  # bound of weights; a coefficient that evolves may come to 0
NAMES = tuple(row.score for row in MEASURES.values() if row.acts and not row.taught)
SUMS = ("reward", "regret")  # measures that grow with a life


@dataclass(frozen=True)
class ActingLessons(Lessons):
    """What all lives of a batch in a world share; `optimism`, `bound`: numbers, or the coefficients that they are.

    `late`: lives are judged by their last window, those in a row of worlds by the later half of these.
    """

    tasks: Lives | EnvironmentLives  # type: ignore[assignment]
    plan: ActingPlan  # type: ignore[assignment]
    optimism: float | str = 0.0
    bound: float | str = 20.0
    late: bool = False

    def part(self, begin: int, end: int) -> ActingLessons:
        low, high = begin, min(end, self.tasks.lanes)
        first = None if self.first is None else replace(self.first, begin=low, end=high)
        return replace(self, tasks=self.tasks.take(np.arange(low, high)), first=first)

    def lasting(self) -> ActingLessons:
        own = self.tasks
        if isinstance(own, EnvironmentLives):
            return self
        tasks = Lives(own.world, read_only(own.parameters), read_only(own.noise), read_only(own.draws))
        return replace(self, tasks=tasks)

    def live(self, genomes: Sequence[Genome], world: World, ways: Ways, **how: Any) -> Outcomes:
        actors, lives = self.actors(genomes, world), self.tasks
        if isinstance(lives, EnvironmentLives):
            outcomes = lives.live(actors, self.plan, how.get("progress"))
        else:
            outcomes = ways.act(actors, lives, self.plan, **how)
        return scored(outcomes, self.plan, self.late)

    def actors(self, genomes: Sequence[Genome], world: World) -> Actors:
        """Return the learners that genomes grow into."""
        assert world.order is not None
        phenotypes = express(genomes, world)
        lanes, lane = distinct([agent_programs_of(one, world.order).lane for one in genomes])
        optimism, bound = (_numbers(given, phenotypes) for given in (self.optimism, self.bound))
        bound = np.maximum(np.abs(bound), TIGHTEST)
        return Actors(phenotypes, lanes, lane, optimism, bound, world.order, self.births(phenotypes))


def _numbers(given: float | str, phenotypes: Phenotypes) -> F32:
    """Return a number of each genome, f32[G]: the same, or that of a coefficient, which counts as 0 if not finite."""
    if isinstance(given, str):
        own = phenotypes.coefficients[:, int(given[1:])]
        return np.where(np.isfinite(own), own, np.float32(0)).astype(np.float32)
    return np.full(len(phenotypes), given, np.float32)


def acting_lessons(
    course: Course, config: Config, split: Split, generation: int, count: int, *, fresh: bool, purpose: str
) -> ActingLessons:
    """Draw so many lives in a course's world (see `courses.lessons`)."""

    def origin(what: str) -> tuple[int, int, str]:
        return config.seed, generation, f"{purpose}{what} {course.number} {split}"

    limit = course.family.limit(split)
    count = count if limit is None else min(count, limit)
    lives = course.family.sample(split, count, stream(*origin("tasks")))
    assert isinstance(lives, Lives | EnvironmentLives)
    units = partial(course.family.units, split, count, stream(*origin("tasks")))
    drawn = config.weights.mode == "drawn" or fresh
    first = FirstWeights(origin("births"), config.weights.init, config.weights.scale, count) if drawn else None
    keep = config.evolution.inheritance == "lamarck" and split == "train" and not fresh
    own, bound = config.acting, config.acting.bound
    plan = replace(plan_of(config, lives, course.family.counts.get(split, 1)), keep_weights=keep)
    return ActingLessons(
        lives, plan, 1, first, units, config.topology.gain,
        own.optimism, config.lifetime.bound if bound is None else bound, own.judged == "late",
    )  # fmt: skip


def plan_of(config: Config, lives: Lives | EnvironmentLives | TeachingLives, worlds: int = 1) -> ActingPlan:
    """Return how lives go in a world, in so many in a row, or those of students."""
    own, ticks, seen = config.acting, lives.ticks, lives.inputs
    windows = min(own.windows, ticks) if worlds == 1 else worlds
    projection = None
    if own.predictions:
        rng = stream(config.seed, 0, "projection")
        projection = (rng.standard_normal((own.predictions, seen)) / np.sqrt(seen)).astype(np.float32)
    ends = np.round(ticks * np.arange(1, windows + 1) / windows).astype(np.int32)
    return ActingPlan(
        ends, own.policy, config.network.credit, own.epsilon, own.ties, own.critic, projection, own.see_reward,
        own.see_action, own.forget, task=ticks // worlds if worlds > 1 else 0,
    )  # fmt: skip


def scored(outcomes: ActingOutcomes, plan: ActingPlan, late: bool) -> Outcomes:
    """Return lives in a world as the outer loop judges lives: a score for each window, and last the one that counts.

    `late`: that is the last window, or, of worlds in a row, the later half of them. What is told at the end of each of
    these counts in the mean, and what was visited in them.
    """
    own = {name: outcomes.measure(name) for name in ("reward", "worth", "best", "trials", "tally", "visited")}
    ticks = np.diff(plan.windows, prepend=0).astype(np.float32)[:, None]
    life, count = np.float32(plan.ticks), len(plan.windows)
    first = (count // 2 if plan.task else count - 1) if late else 0
    counted = np.float32(plan.ticks - (plan.windows[first - 1] if first else 0))

    def sums(values: F32) -> F32:  # a running sum has only one order
        whole = np.add.accumulate(values[:, first:], axis=1)[:, -1:] * (life / counted)
        return np.concatenate([values * (life / ticks), whole], axis=1)

    def ends(values: F32) -> F32:
        last = values[:, -1:]
        if plan.task:
            total = np.add.accumulate(values[:, first:], axis=1)[:, -1:]
            last = (total / np.float32(count - first)).astype(np.float32)
        return np.concatenate([values, last], axis=1)

    def more(values: F32) -> F32:
        before = values[:, first - 1 : first] if plan.task and first else np.float32(0)
        return np.concatenate([values, values[:, -1:] - before], axis=1)

    reward, worth, best, trials = (sums(own[name]) for name in ("reward", "worth", "best", "trials"))
    with np.errstate(all="ignore"):
        share = np.where(best == 0, np.float32(np.nan), worth / best)
        found = {
            "reward": reward, "regret": best - worth, "share": share, "trial_length": life / np.maximum(trials, 1),
            "tally": ends(own["tally"]), "visited": more(own["visited"]),
        }  # fmt: skip
    scores = np.stack([found[name] for name in NAMES]).astype(np.float32)
    return Outcomes(scores, outcomes.status, outcomes.weights, names=NAMES)
