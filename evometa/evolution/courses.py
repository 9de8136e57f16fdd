"""Courses: the sets of tasks that a recipe names, each with its family, its network and its way of living.

`lessons` draws what one batch of lifetimes shares: tasks, fresh weights, the order of examples. Everything is
drawn from streams named by (seed, generation, purpose), so all genomes of a generation meet the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from evometa.config.schema import Config, Split
from evometa.config.task_set import TaskSet
from evometa.errors import InputError
from evometa.evolution.acting import acting_lessons
from evometa.evolution.ends import ends_of
from evometa.evolution.first_weights import FirstWeights
from evometa.evolution.lessons import Lessons
from evometa.evolution.memory import check_memory
from evometa.evolution.orders import example_order
from evometa.evolution.rows import class_by_class, in_a_row
from evometa.evolution.searching import search_lessons
from evometa.evolution.sequences import in_ticks
from evometa.evolution.surroundings import Surroundings
from evometa.evolution.teaching import teaching_lessons
from evometa.genetics.topology import layered
from evometa.lifetime import Graph, Memory, Metric, Plan
from evometa.lifetime.comparison import PLAIN
from evometa.seeding import stream
from evometa.spec import HEADS
from evometa.spec.heads import default_head
from evometa.tasks import Family
from evometa.tasks.families.teaching import TeachingFamily
from evometa.tasks.in_a_row import InARow
from evometa.tasks.location import Places, open_families


@dataclass(frozen=True)
class Course:
    """One set of tasks of a recipe: its family, what genomes find there, and the output layer of networks."""

    settings: TaskSet
    family: Family
    world: Surroundings
    head: str

    @property
    def number(self) -> int:
        """Its place among the recipe's sets."""
        return self.world.number

    @property
    def network(self) -> Graph:
        """The graph of genomes without a topology of their own."""
        return self.world.network

    def serves(self, split: Split) -> bool:
        """Tell whether this set is for that split."""
        return split in self.settings.splits


Drawn = list[tuple[Course, Lessons]]
"""What is met at a time: each course that serves a split, with its lessons."""


def open_courses(config: Config, places: Places | None = None) -> list[Course]:
    """Open every task family and build its network; `places`: where data is looked for (the working folder).

    Raises InputError where data or settings cannot be used, or are not what the run began with, or memory would not do.
    """
    families = open_families(config, places or Places(Path.cwd()))
    check_memory(config, families)
    return [course_of(config, number, family) for number, family in enumerate(families)]


def train_length(config: Config, courses: Sequence[Course]) -> int:
    """Return the weight updates of a lifetime in evolution, on the first set that serves it."""
    return config.lifetime.length(next(one.family.support["train"] for one in courses if one.serves("train")))


def course_of(config: Config, number: int, family: Family) -> Course:
    """Return the course of a recipe's set of tasks of that number. Raises InputError for a head that does not fit."""
    settings = config.tasks[number]
    own, said = config.network, memory_of(config).nodes
    inputs, outputs = ends_of(config, family)
    network = layered(
        own.inputs(inputs), settings.layers(own) if family.hidden is None else family.hidden, said + outputs,
        own.activation, own.recurrent, own.contexts, own.plastic, own.bias,
    )  # fmt: skip
    network = replace(network, outputs=network.outputs - said)  # what is said to the memory is hidden
    if family.kind in ("acting", "search"):
        return Course(settings, family, Surroundings(config, number, network), "")
    head = family.head if config.network.head == "auto" else config.network.head
    if family.outputs < HEADS[head].outputs:
        instead = f'Use "{default_head(family.kind, family.outputs)}".'
        raise InputError(
            f"{HEADS[head].outputs} outputs or more for {head}", f"{family.outputs}", "network.head", instead
        )
    if HEADS[head].kind != family.kind:
        raise InputError(f"a head for {family.kind}", f'"{head}"', "network.head", 'Leave it at "auto".')
    return Course(settings, family, Surroundings(config, number, network), head)


def _other_lives(family: Family) -> Callable[..., Lessons] | None:
    """Return what draws lives that do not learn from examples, None for those that do."""
    if isinstance(family, TeachingFamily):
        return teaching_lessons
    return {"acting": acting_lessons, "search": search_lessons}.get(family.kind)


def lessons(
    course: Course, config: Config, split: Split, generation: int, count: int, *,
    fresh: bool = False, updates: int | None = None, purpose: str = "",
) -> Lessons:  # fmt: skip
    """Draw `count` tasks of a split, each lived `sampling.repeats` times, for one generation.

    `fresh`: draw fresh weights although genomes have their own (for stock learners that inherit none).
    `updates`: live on beyond the recipe's length, with a checkpoint after every update (for the champion's test): age
    stays 1 there.
    `purpose`: a word that makes them other lessons than those without it.
    Raises InputError when a batch is larger than the support set.
    """
    if (draw := _other_lives(course.family)) is not None:
        return draw(course, config, split, generation, count, fresh=fresh, purpose=purpose)

    def origin(what: str) -> tuple[int, int, str]:
        return config.seed, generation, f"{purpose}{what} {course.number} {split}"

    limit = course.family.limit(split)
    count = count if limit is None else min(count, limit)  # a repeated task would make intervals look too narrow
    drawn = course.family.sample(split, count, stream(*origin("tasks")))
    units = partial(course.family.units, split, count, stream(*origin("tasks")))
    repeats = config.sampling.repeats
    tasks = drawn if repeats == 1 else drawn.take(np.repeat(np.arange(count), repeats))
    first = None
    if config.weights.mode == "drawn" or fresh:
        first = FirstWeights(origin("births"), config.weights.init, config.weights.scale, tasks.lanes)
    row = course.family if isinstance(course.family, InARow) else None
    support = len(tasks.support_x) if row is None else row.each[split][0]
    length = config.lifetime.length(support)
    order = example_order(config, support, max(length, updates or 0), tasks.lanes, stream(*origin("order")))
    points = {0, length, *config.lifetime.checkpoints, *range((updates or -1) + 1)}
    evolving = split == "train" and not fresh
    if config.evolution.inheritance == "darwin" and evolving:
        points = {0}
    kept = np.array(sorted(point for point in points if point <= len(order)), np.int32)
    keep_weights = config.evolution.inheritance == "lamarck" and evolving
    plan = Plan(order, kept, course.head, config.network.credit, config.lifetime.bound, keep_weights,
                config.lifetime.synapse_cost, length, metric_of(config), memory=memory_of(config))  # fmt: skip
    if course.family.sequence:
        plan = in_ticks(plan, support, len(tasks.query_x))
    elif row is not None:
        plan = in_a_row(plan, config, row, split, stream(*origin("order")))
    elif config.lifetime.order == "classes":
        plan = class_by_class(plan, tasks)
    return Lessons(tasks, plan, repeats, first, units, config.topology.gain)


def metric_of(config: Config) -> Metric:
    """Return how a head that compares measures distances."""
    metric = config.network.metric
    return Metric.of(metric.scale, metric.norm, metric.log_ridge) if config.network.compares else PLAIN


def memory_of(config: Config) -> Memory:
    """Return the memory of lives."""
    own = config.network.memory
    return Memory.of(own.slots, own.cells, own.focus, own.sharpness)
