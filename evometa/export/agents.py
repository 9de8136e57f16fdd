"""An individual of a run as an agent: with its network, its rule, and the way to live that its recipe gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.estimators import Agent
from evometa.estimators.agent import Nature
from evometa.evolution.acting import ActingLessons
from evometa.evolution.courses import lessons, open_courses
from evometa.export.agent_file import agent_file
from evometa.language.signals import PLASTICITY
from evometa.lifetime.acting import Lives

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner


def agent_of(learner: Learner, seed: int = 0) -> Agent:
    """Return a learner that acts as an agent, before its first tick; `seed`: of what is chosen by.

    Weights that are drawn anew for each life are those of the first held-out life. Raises InputError for a learner with
    examples, for one whose genome the run has not kept, and where its world cannot be opened.
    """
    run = learner._run
    where = f"{run.path}, individual {learner.id}"
    config = restore(run.config, where)
    if not config.acts:
        raise InputError("a learner that acts", "one that learns from examples", where, "Take its classifier().")
    genome = learner.kept_genome()
    course = next(course for course in open_courses(config, run.places) if course.serves("test"))
    lesson = lessons(course, config, "test", 0, 1)
    assert isinstance(lesson, ActingLessons)
    actors = lesson.actors([genome], course.world)
    one, innate = actors.phenotypes[0], actors.phenotypes[0].innate
    if innate is None:
        drawn = actors.births.weights[int(actors.phenotypes.graph[0])]
        assert drawn is not None, "lessons give weights to who has none"
        innate = drawn[:, 0]
    padded = np.zeros((len(PLASTICITY), one.graph.synapses), np.float32)
    padded[: len(one.plasticity)] = one.plasticity
    nature = Nature(
        one.graph, {slot: str(tree) for slot, tree in genome.rule.items()}, innate, one.coefficients.tolist(),
        padded, one.feedback, float(actors.optimism[0]), float(actors.bound[0]),
        actors.order,
    )  # fmt: skip
    states = lesson.tasks.world.ids if isinstance(lesson.tasks, Lives) else lesson.tasks.facts.ids
    return Agent(nature, lesson.plan, course.family.outputs, states, seed)


def agent_text(learner: Learner, format: str) -> str:
    """Return a learner that acts in a format; InputError names those that know such learners."""
    if format == "python":
        return agent_file(agent_of(learner))
    raise InputError("python, the format that knows learners that act", format, "export")
