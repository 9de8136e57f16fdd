"""Where a learner lives: its network, first weights, and a task, as the run had them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evometa.config.schema import Config
from evometa.errors import EvometaError, InputError
from evometa.evolution.courses import lessons, memory_of, metric_of, open_courses
from evometa.evolution.first_weights import FirstWeights
from evometa.evolution.orders import example_order
from evometa.evolution.surroundings import Surroundings
from evometa.export.spelling import one_line
from evometa.genetics.phenotype import express, network_of
from evometa.lifetime import F32, Births, Graph, Phenotypes, Plan, Tasks
from evometa.seeding import stream
from evometa.spec import HEADS
from evometa.spec.heads import default_head

if TYPE_CHECKING:
    from evometa.genetics.genome import Genome
    from evometa.presentation.run import Run

EXAMPLES = 24  # drawn at random where the tasks cannot be opened


@dataclass(frozen=True)
class Setting:
    """One lifetime's surroundings: everything that the lifetime contract asks for, with one lane.

    `note` says what the examples are.
    """

    phenotypes: Phenotypes
    tasks: Tasks
    births: Births
    plan: Plan
    drawn: bool
    note: str

    @property
    def graph(self) -> Graph:
        """The network."""
        return self.phenotypes[0].graph

    @property
    def weights(self) -> F32:
        """Weights at birth, f32[E]."""
        innate = self.phenotypes[0].innate
        if innate is None:
            drawn = self.births.weights[0]
            assert drawn is not None, "lessons give weights to who has none"
            return drawn[:, 0]
        return innate


def open_setting(run: Run, config: Config, genome: Genome) -> Setting:
    """Return the surroundings of a lifetime on the first held-out task.

    Where the tasks cannot be opened (their data are elsewhere), examples are drawn at random; InputError where
    then the output layer cannot be told either.
    """
    try:
        courses = open_courses(config, run.places)
        course = next(course for course in courses if course.serves("test"))
        lesson = lessons(course, config, "test", 0, 1)
    except (EvometaError, OSError) as error:
        if run.data is not None:  # somebody said where they lie
            raise
        return _without_tasks(run, config, genome, error)
    phenotypes, one = express([genome], course.world), np.zeros(1, np.int64)
    note = f"a held-out task of the run ({course.family.name}: {one_line(course.family.splits['test'])})"
    return Setting(
        phenotypes, lesson.tasks.take(one), lesson.births(phenotypes).take(one), lesson.plan.take(one),
        phenotypes[0].innate is None, note,
    )  # fmt: skip


def _without_tasks(run: Run, config: Config, genome: Genome, error: Exception) -> Setting:
    """Make up examples for the run's network. Raises InputError where network or output layer are not known."""
    own = network_of(genome)
    graphs = list(run.graphs.values()) if own is None else [own]
    head = _head(config, graphs[0].outputs) if len(graphs) == 1 else None
    if head is None:
        raise InputError(
            "the run's tasks, which tell its network and its output layer", str(error), str(run.path),
            "Export where they can be opened, or to torch (gradient rules), latex or json.",
        ) from None  # fmt: skip
    graph = graphs[0]
    number = next(number for number, tasks in enumerate(config.tasks) if "test" in tasks.splits)
    world = Surroundings(config, number, graph)
    phenotypes = express([genome], world)
    first = FirstWeights((config.seed, 0, "export weights"), config.weights.init, config.weights.scale, 1)
    support, rng = max(config.lifetime.examples(EXAMPLES), EXAMPLES), stream(config.seed, 0, "export examples")
    order = example_order(config, support, config.lifetime.length(support), 1, rng)
    x, y = _examples(rng, support, graph.inputs - memory_of(config).cells, graph.outputs, head)
    life, checkpoints = config.lifetime, np.array([0, len(order)], np.int32)
    plan = Plan(
        order, checkpoints, head, config.network.credit, life.bound, synapse_cost=life.synapse_cost,
        metric=metric_of(config), memory=memory_of(config),
    )  # fmt: skip
    return Setting(
        phenotypes, Tasks(x, y, x, y), Births([first(graph)]), plan,
        phenotypes[0].innate is None, "examples drawn at random, as the run's tasks cannot be opened here",
    )  # fmt: skip


def _head(config: Config, outputs: int) -> str | None:
    """Return the output layer, where the configuration tells it."""
    if config.network.head != "auto":
        return config.network.head
    settings = next(tasks.settings for tasks in config.tasks if "test" in tasks.splits)
    return None if "kind" in type(settings).model_fields else default_head(settings.kind, outputs)


def _examples(rng: np.random.Generator, count: int, inputs: int, outputs: int, head: str) -> tuple[F32, F32]:
    """Draw inputs f32[count, I, 1] and outputs f32[count, O, 1]."""
    x = rng.standard_normal((count, inputs, 1)).astype(np.float32)
    if HEADS[head].kind == "regression":
        return x, rng.standard_normal((count, outputs, 1)).astype(np.float32)
    labels = rng.integers(0, max(outputs, 2), (count, 1, 1))
    return x, (labels == np.arange(outputs)[None, :, None]).astype(np.float32)
