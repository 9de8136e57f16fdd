"""A small batch of lifetimes, the same everywhere: to compile kernels with, and to compare machines by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evometa.language.acting import compile_acting
from evometa.language.adjoint import adjoint_of
from evometa.language.program import Program, compile_rule
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse, parse_rule
from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.world import World
from evometa.lifetime import F32, NONE, Births, Graph, Phenotype, Phenotypes, Plan, Tasks
from evometa.lifetime.acting import ActingPlan, Actors, Lives
from evometa.lifetime.batch import batch_of
from evometa.lifetime.teaching import Classes, Game, TeachingLives
from evometa.spec.states import MEMORY

LANES, EXAMPLES, UPDATES = 20, 6, 3


@dataclass(frozen=True)
class ActingSample:
    """A few lives in a world, with a modulator."""

    actors: Actors
    lives: Lives
    plan: ActingPlan


@dataclass(frozen=True)
class TeachingSample:
    """A few students, and their teacher."""

    classes: Classes
    lives: TeachingLives
    plan: ActingPlan


@dataclass(frozen=True)
class Sample:
    """Lifetimes, and what their slopes are asked with: adjoints of their programs, and weights of checkpoints."""

    phenotypes: Phenotypes
    tasks: Tasks
    births: Births
    plan: Plan
    adjoints: Sequence[Program]
    weights: F32

    @property
    def programs(self) -> Sequence[Program]:
        """The programs of the rules."""
        return self.phenotypes.programs


def sample() -> Sample:
    """Return lives of a network 1-2-1 that skips a level, under a rule with a state and an exponential."""
    rng = np.random.default_rng(7)

    def numbers(*shape: int) -> F32:
        return rng.standard_normal(shape).astype(np.float32)

    ends, sources = np.array([0, 0, 0, 2, 4, 7], np.int32), np.array([0, 1, 0, 1, 1, 2, 3], np.int32)
    activations = np.array([0, 0, 1, 2, 0], np.uint8)
    graph = Graph(1, 1, ends, sources, activations, np.zeros(7, np.int32), np.zeros(7, np.uint8))
    state = MEMORY[0]
    rule = compile_rule({"update": parse(f"-exp(p0)*{state} - 0.01*w"), state: parse(f"c0*{state} + grad")})
    learner = Phenotype(graph, rule, numbers(7), numbers(1), numbers(1, 7) - 2)
    tasks = Tasks(*(numbers(count, 1, LANES) for count in (EXAMPLES, EXAMPLES, EXAMPLES + 1, EXAMPLES + 1)))
    order = rng.integers(0, EXAMPLES, (UPDATES, EXAMPLES, LANES)).astype(np.int32)
    plan = Plan(order, np.array([0, UPDATES], np.int32), "linear", "backprop")
    return Sample(batch_of([learner]), tasks, Births(), plan, [adjoint_of(rule)], np.ones((1, 2), np.float32))


def acting_sample() -> ActingSample:
    """Return lives in a world of two actions, one of which pays more, in a network 1-2 with a modulator."""
    rng = np.random.default_rng(7)
    world = World("sample", observe=("1",), ticks=3, reward="select(action, chance, luck)", noise=("luck",),
                  parameters={"chance": "uniform(0, 1)"}, id="0", ids=1)  # fmt: skip
    place = open_world(world)
    parameters = np.concatenate([*place.draw(LANES, rng).values()])
    ends, sources = np.array([0, 0, 0, 2, 4], np.int32), np.array([0, 1, 0, 1], np.int32)
    graph = Graph(1, 2, ends, sources, np.zeros(4, np.uint8), np.zeros(4, np.int32), np.zeros(4, np.uint8))
    texts = {"update": "c0*m*s1", "s1": "0.5*s1 - grad", "modulator": "reward - m1", "m1": "m1 + 0.1*(reward - m1)"}
    habits = compile_acting(parse_rule(texts, slots=ACTING_SLOTS), "next tick")
    learner = Phenotype(
        graph, habits.rule, np.zeros(4, np.float32), np.ones(1, np.float32), np.zeros((0, 4), np.float32)
    )
    lanes = [] if habits.lane is None else [habits.lane]
    numbers = np.ones(1, np.float32)
    actors = Actors(batch_of([learner]), lanes, np.zeros(1, np.int32), numbers, 20 * numbers)
    noise, draws = (rng.random((rows, count, LANES), np.float32) for rows, count in ((4, 1), (3, 2)))
    return ActingSample(actors, Lives(place.program, parameters, noise, draws), ActingPlan(np.array([3], np.int32)))


def teaching_sample() -> TeachingSample:
    """Return lessons in a game of three positions and two moves, for a network 2-2 under a teacher that reads noise."""
    rng = np.random.default_rng(7)
    sound, following = np.array([[1, 0, 1], [0, 1, 0]], np.uint8), np.array([[1, 2, NONE], [NONE] * 3], np.int32)
    x = rng.standard_normal((2, 3)).astype(np.float32)
    game = Game(x, np.ones((2, 3), np.uint8), sound, sound, following, np.arange(3, dtype=np.int32))
    graph = Graph(2, 2, np.array([0, 0, 0, 0, 3, 6], np.int32), np.array([0, 1, 2, 0, 1, 2], np.int32),
                  np.zeros(5, np.uint8), np.zeros(6, np.int32), np.zeros(6, np.uint8))  # fmt: skip
    texts = {"lesson": "gap*reached + exp(loss)*chance + 0.01*noise", "insist": "2 + gap", "update": "-c0*grad"}
    habits = compile_acting(parse_rule(texts, slots=ACTING_SLOTS), "lesson")
    births, one = rng.standard_normal((graph.synapses, LANES)).astype(np.float32), np.ones(1, np.float32)
    learner = Phenotype(graph, habits.rule, None, one, np.zeros((0, graph.synapses), np.float32))
    none, teachers = np.full(1, NONE, np.int32), [] if habits.lane is None else [habits.lane]
    students = Actors(batch_of([learner]), [], none, 0 * one, 20 * one, "lesson", Births([births]))
    numbers, draws = rng.random(7, np.float32), rng.random((UPDATES, LANES), np.float32)
    offset = rng.integers(0, 7, (UPDATES, LANES)).astype(np.int32)
    lives = TeachingLives(game, np.arange(3, dtype=np.int32), numbers, offset, draws)
    plan = ActingPlan(np.array([UPDATES], np.int32), "softmax", "backprop")
    return TeachingSample(Classes(students, teachers, np.zeros(1, np.int32)), lives, plan)
