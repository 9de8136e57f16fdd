"""Random lives with an external memory."""

from __future__ import annotations

import numpy as np

from evometa.language.program import compile_rule
from evometa.lifetime import Births, Memory, Phenotype, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.spec import CREDITS
from tests.lifetime.strategies import random_graph, random_order, random_rule

HEADS = ("linear", "sigmoid", "softmax")


def random_memory(rng: np.random.Generator) -> Memory:
    """Return a memory whose numbers are constants, or coefficients."""
    slots, cells = int(rng.integers(1, 7)), int(rng.integers(1, 4))
    focus, sharpness = float(rng.uniform(0.1, 9)), float(rng.uniform(0.7, 5))
    return Memory(slots, cells, focus, sharpness, int(rng.choice([-1, -1, 3])), int(rng.choice([-1, -1, 5])))


def remembering_batch(seed: int) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return a few learners with a memory, each checkpoint with queries of its own."""
    rng = np.random.default_rng(seed)
    memory, head = random_memory(rng), str(rng.choice(HEADS))
    inputs, outputs, lanes = int(rng.integers(1, 4)), int(rng.integers(2, 4)), int(rng.integers(1, 40))
    support, queries, updates = int(rng.integers(1, 5)), int(rng.integers(1, 9)), int(rng.integers(1, 7))

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    learners, weights = [], {}
    for _ in range(int(rng.integers(1, 4))):
        hidden, recurrent = memory.nodes + int(rng.integers(0, 4)), bool(rng.random() < 0.4)
        graph = random_graph(rng, inputs + memory.cells, hidden, outputs, recurrent, True, True)
        rule, fresh = compile_rule(random_rule(rng, True) if rng.random() < 0.7 else {}), rng.random() < 0.4
        born = weights.setdefault(graph, (numbers(graph.synapses, lanes), numbers(graph.synapses)))
        coefficients = np.abs(numbers(8)) + np.float32(0.3)
        learners.append(Phenotype(graph, rule, None if fresh else np.float32(2) * numbers(graph.synapses), coefficients,
                                  numbers(4, graph.synapses), born[1]))  # fmt: skip
    phenotypes = batch_of(learners)

    def answers(count: int) -> np.ndarray:
        if head == "linear":
            return numbers(count, outputs, lanes)
        labels = rng.integers(0, outputs, (count, 1, lanes))
        return (labels == np.arange(outputs)[None, :, None]).astype(np.float32)

    tasks = Tasks(numbers(support, inputs, lanes), answers(support), numbers(queries, inputs, lanes), answers(queries))
    points = np.array(sorted({0, updates, int(rng.integers(0, updates + 1))}), np.int32)
    first = rng.integers(0, queries, len(points))
    asked = np.stack([first, rng.integers(first, queries) + 1], axis=1).astype(np.int32)
    plan = Plan(random_order(rng, support, updates, 1, lanes), points, head, str(rng.choice(CREDITS.names)), 3.0,
                keep_weights=True, asked=asked if rng.random() < 0.5 else None, memory=memory)  # fmt: skip
    return phenotypes, tasks, Births([weights[graph][0] for graph in phenotypes.graphs]), plan
