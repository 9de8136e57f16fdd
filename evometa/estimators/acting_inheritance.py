"""An individual of a run as an agent: with its network, its rule, and the way to live that its recipe gives."""

from __future__ import annotations

import numpy as np

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.estimators.agent import Agent, Nature
from evometa.evolution.acting import ActingLessons
from evometa.evolution.courses import lessons, open_courses
from evometa.genetics.genome import Genome
from evometa.language.signals import PLASTICITY
from evometa.lifetime.acting import Lives
from evometa.store.records import Json
from evometa.tasks.location import Places


def agent_of(genome: Genome, stored: Json, places: Places, where: str, seed: int = 0) -> Agent:
    """Return a genome that acts as an agent before its first tick, by the stored configuration of its run.

    Weights that are drawn anew for each life are those of the first held-out life; `seed`: of what is chosen by. Raises
    InputError for a learner with examples, and where its world cannot be opened.
    """
    config = restore(stored, where)
    if not config.acts:
        raise InputError("a learner that acts", "one that learns from examples", where, "Take its classifier().")
    if config.teaches:
        raise InputError("a learner that acts", "a teacher and its student", where, "Its formulas say all of it.")
    course = next(course for course in open_courses(config, places) if course.serves("test"))
    lesson = lessons(course, config, "test", 0, 1)
    assert isinstance(lesson, ActingLessons)
    actors = lesson.actors([genome], course.world)
    one, innate = actors.phenotypes[0], actors.phenotypes[0].innate
    if innate is None:
        drawn = actors.births.weights[int(actors.phenotypes.graph[0])]
        assert drawn is not None, "lessons give weights to who has none"
        innate = drawn[:, 0]
    padded = np.zeros((len(PLASTICITY), one.graph.synapses), np.float32)
    if one.plasticity.size:
        padded[: len(one.plasticity)] = one.plasticity
    nature = Nature(
        one.graph, {slot: str(tree) for slot, tree in genome.rule.items()}, innate, one.coefficients.tolist(),
        padded, one.feedback, float(actors.optimism[0]), float(actors.bound[0]),
        actors.order,
    )  # fmt: skip
    tasks = lesson.tasks
    if not isinstance(tasks, Lives):
        return Agent(nature, lesson.plan, tasks.facts.actions, tasks.facts.ids, seed)
    world = tasks.world
    return Agent(nature, lesson.plan, world.actions, world.ids, seed, afterstates=world.afterstates)
