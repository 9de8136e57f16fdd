"""Plans of lives of many tasks: tasks in a row, each asked at its own end, and streams of classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.orders import example_order
from evometa.lifetime import I32, Plan, Tasks
from evometa.tasks.family import Family
from evometa.tasks.in_a_row import InARow


def updates_of(config: Config, family: Family, split: str) -> int:
    """Return the weight updates of a whole life, of all its tasks, on a split."""
    if not isinstance(family, InARow):
        return config.lifetime.length(family.support[split])
    again = min(config.lifetime.test_again, family.counts[split]) if split == "test" else 0
    each = config.lifetime.length(family.each[split][0]) + config.lifetime.corrections
    return (family.counts[split] + again) * each


def in_a_row(plan: Plan, config: Config, family: InARow, split: str, rng: np.random.Generator) -> Plan:
    """Return a plan of tasks one after another: of each its updates, its queries, then updates by their answers.

    At birth the first task's queries are asked. The first tasks of a test may be met again: the same examples, in
    orders of their own.
    """
    (support, queries), known, lanes = family.each[split], family.known(split), plan.order.shape[2]
    updates, corrections, count = config.lifetime.length(support), config.lifetime.corrections, family.counts[split]
    again = min(config.lifetime.test_again, count) if split == "test" else 0
    orders: list[I32] = []
    numbers = [*range(count), *range(again)]
    for number in numbers:
        parts = [example_order(config, support, updates, lanes, rng)]
        if corrections:
            parts.append(example_order(config, known, corrections, lanes, rng, config.lifetime.examples(support)))
        orders += [part + np.int32(number * known) for part in parts]
    ends = np.arange(len(numbers)) * (updates + corrections) + updates
    first = np.array([0, *numbers]) * queries
    order = np.concatenate(orders).astype(np.int32)
    return replace(
        plan, order=order, checkpoints=np.array([0, *ends], np.int32), task=updates + corrections, length=len(order),
        asked=np.stack([first, first + queries], axis=1).astype(np.int32),
    )  # fmt: skip


def class_by_class(plan: Plan, tasks: Tasks) -> Plan:
    """Return a plan in which each lane meets the support examples of a class, then those of the next. InputError."""
    updates, batch, lanes = plan.order.shape
    if not updates:
        return plan
    y = tasks.support_y
    labels = (y[:, 0] > 0.5).astype(np.int64) if y.shape[1] == 1 else y.argmax(axis=1)
    sizes = np.unique(np.unique(labels, axis=1)[:, 0], return_counts=True)[1]
    if (sizes % batch).any() or len(np.unique(sizes)) > 1:
        raise InputError(
            f"a divisor of the {sizes.min()} support examples of each class, as classes come one after another",
            str(batch), "lifetime.batch", "Set it to 1.",
        )  # fmt: skip
    order = np.argsort(labels, axis=0, kind="stable").astype(np.int32)
    return replace(plan, order=order.reshape(updates, batch, lanes), task=int(sizes[0]) // batch)
