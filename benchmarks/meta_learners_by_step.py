"""Steps of MAML, first-order MAML and ANIL beside JAX's: `python -m benchmarks.meta_learners_by_step`.

From the same first weights, on the same tasks: how far apart the slopes of the first step are, and weights after so
many steps of Adam. What agrees here and is otherwise in `benchmarks.meta_learners` comes of what is drawn. Needs the
extra `bench`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.claims import Table, claim, options, warm
from benchmarks.meta_learners_in_jax import ADAM, TASKS, WIDTHS, Weights, slopes
from benchmarks.networks import F64, open_evaluator
from evometa.engine import new_evolution
from evometa.evolution.descent import Descent
from evometa.genetics.genomes import Genomes
from evometa.lifetime import Graph
from evometa.lifetime.backends import choose_descent

RECIPES, STEPS, NEAR = ("maml", "fomaml", "anil"), (1, 3, 10), 1e-5


def in_layers(graph: Graph, values: Any) -> Weights:
    """Return numbers of synapses, f32[E], as matrices and biases."""
    matrix = np.zeros((graph.nodes, graph.nodes), np.float32)
    matrix[graph.src, graph.dst] = values
    constant, first = graph.inputs, graph.inputs + 1
    ends = first + np.cumsum([0, *WIDTHS[1:]])
    layers = [slice(0, graph.inputs), *(slice(a, b) for a, b in pairwise(ends))]
    return [
        (jnp.array(matrix[source, target]), jnp.array(matrix[constant, target])) for source, target in pairwise(layers)
    ]


def apart(ours: Weights, theirs: Weights) -> float:
    """Return the norm of the difference in parts of the norm."""
    a, b = (np.concatenate([np.ravel(part) for layer in some for part in layer]) for some in (ours, theirs))
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def compare(recipe: str) -> tuple[float, list[float]]:
    """Return how far apart the first slopes are, and the weights after STEPS."""
    evaluator = open_evaluator(recipe, (), 0)
    (first,) = new_evolution(evaluator.config, [evaluator.courses[0].network]).ask()
    descent = Descent(evaluator, choose_descent("numba", 1), Genomes.of([first.genome]), 0)
    ((course, lesson),) = evaluator.draw("train", 0, TASKS * STEPS[-1], purpose="steps ")
    lesson = replace(lesson, plan=replace(lesson.plan, checkpoints=np.array([1], np.int32), keep_weights=False))
    learners, adam = descent.learners[course.number], optax.adam(ADAM)

    def weights() -> Weights:
        people = learners.phenotypes(descent.adam.values)
        return in_layers(people.graphs[0], people.innates[0])

    theirs = weights()
    moments, begun, found = adam.init(theirs), 0.0, []
    for step in range(STEPS[-1]):
        part = lesson.part(step * TASKS, (step + 1) * TASKS)
        tasks = part.tasks
        shown_x, shown_y, asked_x, asked_y = (
            jnp.moveaxis(jnp.array(each), 2, 0)
            for each in (tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y)
        )
        gradient = slopes(recipe, theirs, (shown_x, shown_y), (asked_x, asked_y))
        if not step:
            people, one = learners.phenotypes(descent.adam.values), np.ones((1, 1), np.float32)
            slope = descent.descend[course.number](people, tasks, part.births(people), part.plan, one).innate[0]
            begun = apart(in_layers(people.graphs[0], slope), gradient)
        descent.step([(course, part)], 1.0)
        change, moments = adam.update(gradient, moments)
        theirs = optax.apply_updates(theirs, change)
        if step + 1 in STEPS:
            found.append(apart(weights(), theirs))
    return begun, found


def main() -> None:
    """Compare each recipe; print a table and verdicts."""
    options(__doc__)
    warm()
    table = Table(recipe=-8, first_slopes=13, **{f"weights after {step}": 17 for step in STEPS})
    rows: dict[str, F64] = {}
    for recipe in RECIPES:
        begun, found = compare(recipe)
        table.row(recipe, f"{begun:.1e}", *(f"{each:.1e}" for each in found))
        rows[recipe] = np.array([begun, *found])
    print()
    for recipe, each in rows.items():
        claim(f"{recipe}: within {NEAR:g} of JAX on the same tasks", bool((each <= NEAR).all()))


if __name__ == "__main__":
    main()
