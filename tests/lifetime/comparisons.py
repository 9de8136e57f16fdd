"""Random lives with heads that compare: what `random_batch` gives, with as many classes as one likes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SIGNALS, SLOTS
from evometa.language.text import parse
from evometa.lifetime import Births, Metric, Phenotype, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.spec import COMPARISONS, CREDITS
from tests.lifetime.strategies import random_batch, random_graph, random_order

TARGET = 1 << SIGNALS["target"].register


def one_hot(rng: np.random.Generator, count: int, ways: int, lanes: int) -> np.ndarray:
    """Return targets f32[count, ways, lanes]; some classes may lack."""
    labels = rng.integers(0, ways, (count, 1, lanes))
    return (labels == np.arange(ways)[None, :, None]).astype(np.float32)


def random_metric(rng: np.random.Generator) -> Metric:
    """Return a metric whose numbers are constants, or coefficients."""
    numbers = float(rng.uniform(0.1, 3)), float(rng.choice([0, 0, 1, 0.5])), float(rng.uniform(-4, 3))
    return Metric(*numbers, *(int(rng.choice([-1, -1, place])) for place in (3, 5, 4)))


def comparing(batch: tuple[Phenotypes, Tasks, Births, Plan], seed: int) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return the lives of a batch with a head that compares, and other classes."""
    phenotypes, tasks, births, plan = batch
    rng = np.random.default_rng(seed)
    ways, lanes = int(rng.integers(2, 7)), tasks.lanes
    tasks = replace(tasks, support_y=one_hot(rng, len(tasks.support_x), ways, lanes),
                    query_y=one_hot(rng, len(tasks.query_x), ways, lanes))  # fmt: skip
    return phenotypes, tasks, births, replace(plan, head=str(rng.choice(COMPARISONS.names)), metric=random_metric(rng))


def comparing_batch(seed: int, trees: dict[bytes, Any] | None = None) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return a small batch of lives with such a head, everything else drawn as in `random_batch`."""
    rng = np.random.default_rng(seed)
    while True:
        batch = random_batch(int(rng.integers(1 << 30)), trees)
        if not any(program.mask & TARGET for program in batch[0].programs):
            return comparing(batch, seed)


def wide_batch(seed: int) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return lives whose embeddings are much wider than there are classes, with more examples than a sweep takes."""
    rng = np.random.default_rng(seed)
    outputs, ways, lanes = int(rng.integers(7, 13)), int(rng.integers(2, 4)), int(rng.integers(1, 36))
    support, queries, batch = int(rng.integers(21, 28)), int(rng.integers(1, 29)), int(rng.integers(2, 8))

    def numbers(*shape: int) -> np.ndarray:
        return np.float32(0.5) * rng.standard_normal(shape).astype(np.float32)

    loss = compile_loss(parse("c1*square(output - target)", signals=SLOTS["loss"].signals))
    learners, born = [], {}
    for text in ("-c0*grad*exp(p0)", "0.1*reward*grad - c2*w"):
        graph = random_graph(rng, 3, int(rng.integers(2, 6)), outputs, bool(rng.random() < 0.5), True, True)
        born[graph] = numbers(graph.synapses, lanes)
        rule, own = compile_rule({"update": parse(text)}), loss if text[0] == "0" else None
        learners.append(Phenotype(graph, rule, numbers(graph.synapses), numbers(8), numbers(4, graph.synapses),
                                  numbers(graph.synapses), own))  # fmt: skip
    phenotypes = batch_of(learners)
    tasks = Tasks(numbers(support, 3, lanes), one_hot(rng, support, ways, lanes), numbers(queries, 3, lanes),
                  one_hot(rng, queries, ways, lanes))  # fmt: skip
    updates = int(rng.choice([0, 2]))
    plan = Plan(random_order(rng, support, updates, batch, lanes), np.array(sorted({0, updates}), np.int32),
                str(rng.choice(COMPARISONS.names)), str(rng.choice(CREDITS.names)), keep_weights=True,
                metric=random_metric(rng))  # fmt: skip
    return phenotypes, tasks, Births([born[graph] for graph in phenotypes.graphs]), plan
