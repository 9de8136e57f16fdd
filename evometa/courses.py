"""Courses: the sets of tasks that a recipe names, each with its family, its network and its way of living.

`lessons` draws what one batch of lifetimes shares: tasks, fresh weights, the order of examples. Everything is
drawn from streams named by (seed, generation, purpose), so all genomes of a generation meet the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evometa.config.schema import Config, Split, TaskSet
from evometa.errors import InputError
from evometa.lifetime import F32, I32, Births, Graph, Plan, Tasks
from evometa.memory import check_memory
from evometa.seeding import stream
from evometa.tasks import Family, open_family
from evometa.topology import first_weights, layered, spread


@dataclass(frozen=True)
class Course:
    """One set of tasks: `network` is its graph, `weights` f32[E] where all learners are born alike in the whole run."""

    number: int
    settings: TaskSet
    family: Family
    network: Graph
    head: str
    weights: F32 | None
    feedback: dict[int, F32]

    def serves(self, split: Split) -> bool:
        """Tell whether this set is for that split."""
        return split in self.settings.splits


@dataclass(frozen=True)
class Lessons:
    """What all lifetimes of a batch share; lane i lives task `i // repeats`."""

    tasks: Tasks
    births: Births
    plan: Plan
    repeats: int


def open_courses(config: Config, base: Path | None = None) -> list[Course]:
    """Open every task family and build its network; relative paths start from `base`.

    Raises InputError where data or settings cannot be used, or memory would not do.
    """
    families = [open_family(settings.settings, config.seed, settings.splits, base) for settings in config.tasks]
    check_memory(config, families)
    return [_course(config, number, family) for number, family in enumerate(families)]


def _course(config: Config, number: int, family: Family) -> Course:
    settings = config.tasks[number]
    network = layered(
        family.inputs, settings.layers(config.network), family.outputs, config.network.activation,
        recurrent=config.network.recurrent,
    )  # fmt: skip
    head = family.head if config.network.head == "auto" else config.network.head
    if head == "softmax" and family.outputs == 1:
        raise InputError("at least two outputs for softmax", "one", "network.head", 'Use "sigmoid".')
    if (head == "linear") != (family.kind == "regression"):
        raise InputError(f"a head for {family.kind}", f'"{head}"', "network.head", 'Leave it at "auto".')
    weights = None
    if config.weights.mode == "fixed":
        rng = stream(config.seed, 0, f"weights {number}")
        weights = first_weights(spread(network, config.weights.init, config.weights.scale), rng)
    feedback = {}
    if config.network.credit == "feedback":
        rng = stream(config.seed, 0, f"feedback {number}")
        feedback = {id(network): first_weights(spread(network, "glorot", 1.0), rng)}
    return Course(number, settings, family, network, head, weights, feedback)


def lessons(
    course: Course,
    config: Config,
    split: Split,
    generation: int,
    count: int,
    *,
    fresh: bool = False,
    updates: int | None = None,
) -> Lessons:
    """Draw `count` tasks of a split, each lived `sampling.repeats` times, for one generation.

    `fresh`: draw fresh weights although genomes have their own (for stock learners that inherit none).
    `updates`: live on beyond the recipe's length, with a checkpoint after every update (for the champion's test).
    Raises InputError when a batch is larger than the support set.
    """

    def rng(purpose: str) -> np.random.Generator:
        return stream(config.seed, generation, f"{purpose} {course.number} {split}")

    limit = course.family.limit(split)
    count = count if limit is None else min(count, limit)  # a repeated task would make intervals look too narrow
    drawn = course.family.sample(split, count, rng("tasks"))
    repeats = config.sampling.repeats
    tasks = drawn if repeats == 1 else drawn.take(np.repeat(np.arange(count), repeats))
    births = Births()
    if config.weights.mode == "drawn" or fresh:
        scatter = spread(course.network, config.weights.init, config.weights.scale)
        births = Births({id(course.network): first_weights(scatter, rng("births"), tasks.lanes)})
    support = len(tasks.support_x)
    length = config.lifetime.length(support)
    order = example_order(config, support, max(length, updates or 0), rng("order"))
    points = {0, length, *config.lifetime.checkpoints, *range((updates or -1) + 1)}
    evolving = split == "train" and not fresh
    if config.evolution.inheritance == "darwin" and evolving:
        points = {0}
    kept = np.array(sorted(point for point in points if point <= len(order)), np.int32)
    keep_weights = config.evolution.inheritance == "lamarck" and evolving
    plan = Plan(order, kept, course.head, config.network.credit, config.lifetime.bound, keep_weights)
    return Lessons(tasks, births, plan, repeats)


def example_order(config: Config, support: int, updates: int, rng: np.random.Generator) -> I32:
    """Return which support examples each weight update sees, i32[U, B]: pass after pass, whole batches only."""
    batch = config.lifetime.examples(support)
    if batch > support:
        raise InputError(f"at most the {support} support examples of a task", str(batch), "lifetime.batch", "Lower it.")
    whole = support // batch * batch
    passes = -(-updates * batch // whole)
    shuffled = config.lifetime.order == "shuffled"
    rows = [(rng.permutation(support) if shuffled else np.arange(support))[:whole] for _ in range(passes)]
    return np.concatenate(rows)[: updates * batch].reshape(updates, batch).astype(np.int32)
