"""Lives with any rule in one lane, and their slopes one behind the other, in float32 and in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_of
from evometa.language.library import RULES
from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SIGNALS, SLOTS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree
from evometa.lifetime import Births, Graph, Phenotype, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference_descent import descend
from evometa.spec import ACTIVATIONS
from tests.lifetime.double import doubled, in_double
from tests.lifetime.strategies import random_graph

Trees = Mapping[bytes, Any]


class Batch(NamedTuple):
    """Lives in one lane, the trees of their programs, and what each checkpoint counts."""

    phenotypes: Phenotypes
    tasks: Tasks
    births: Births
    plan: Plan
    trees: Trees
    weights: np.ndarray


def slopes(batch: Batch, order: int = 2, double: bool = False) -> Slopes:
    """Return the slopes that the reference gives, in float32 or in float64."""
    people, tasks, births, plan, _, weights = batch
    adjoints, losses = ([adjoint_of(each) for each in programs] for programs in (people.programs, people.losses))
    if not double:
        return descend(people, tasks, births, plan, adjoints, weights, losses, order)
    with in_double():
        numbers = doubled(people, tasks, births)
        return descend(*numbers, plan, adjoints, weights.astype(np.float64), losses, order)


def flat(found: Slopes, g: int, synapses: int) -> np.ndarray:
    """Return a genome's slopes one behind the other; those of drawn weights are 0."""
    innate = found.innate[g]
    parts = (np.zeros(synapses) if innate is None else innate, found.coefficients[g], found.plasticity[g].reshape(-1))
    return np.concatenate(parts)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a - b) / (np.linalg.norm(b) + 1e-3))


TEXTS: dict[str, dict[str, str]] = {
    "sgd, rates by synapse": {"update": "-exp(p0)*grad"},
    "momentum that ages": {"update": "-c0*exp(c2*age)*s1 - c3*w", "s1": "c1*s1 + grad"},
    "adam": {"update": "-c0*div(s1, sqrtabs(s2) + 0.01)", "s1": "c1*s1 + (1 - c1)*grad",
             "s2": "c2*s2 + (1 - c2)*square(grad)"},
    "rmsprop": {"update": "-c0*aq(c2*grad, c2*sqrtabs(s1))", "s1": "c1*s1 + (1 - c1)*square(grad)"},
    "lion": {"update": "-c0*sign(c1*s1 + (1 - c1)*grad)", "s1": "c2*s1 + (1 - c2)*grad"},
    "anchored": {"update": "-c0*grad + c1*(w0 - w)*exp(p1)"},
    "gated": {"update": "-c0*grad", "gate": "abs(grad) - 0.02*exp(p0)"},
    "rewarded": {"update": "-c0*grad*(1 + reward)", "s1": "0.5*s1 + reward"},
    "mixed": {"update": "-c0*aq(grad + c1*s1, sigmoid(w)) * max(0.5, abs(s2)) + min(0.01*w, c2)",
              "s1": "tanh(c3*s1 + grad)", "s2": "select(grad, 0.9*s2 + 0.1*grad, sin(s2) + log(abs(w) + 1))"},
    "delta": {"update": "c0*(pre*(target - post))"},
    "oja with errors": {"update": "0.1*c0*post*(pre - post*w) - p0*err*pre + c1*(w0 - w)"},
    "abcd with a trace": {"update": "c0*(p0*s1 + p1*pre + p2*post + p3)", "s1": "c1*s1 + pre*post"},
    "node perturbation by reward": {"update": "c0*reward*pre*post - c1*err"},
}  # fmt: skip
NAMED = {
    **{name: parse_rule(slots) for name, slots in TEXTS.items()},
    **{name: row.slots for name, row in RULES.items()},
}
LOSSES = (None, None, "c4*square(output - target) + abs(output)*c5", "log(1 + exp(output - target*c4))")


def with_skips() -> Graph:
    """Return a sparse network whose synapses lead over nodes in between; no `step`, which float64 takes as linear."""
    found = random_graph(np.random.default_rng(5), 3, 5, 2, recurrent=False)
    kinds = np.where(found.activation == ACTIVATIONS.code("step"), ACTIVATIONS.code("relu"), found.activation)
    return replace(found, activation=kinds.astype(np.uint8))


NETS = {
    "layered": layered(3, (5,), 2, "tanh"),
    "deep": layered(3, (4, 4, 3), 2, "sigmoid"),
    "recurrent": layered(3, (4,), 2, "relu", recurrent=True),
    "gated": layered(3, (2,), 2, "gru", recurrent=True),
    "skips": with_skips(),
}


def single(rule: Mapping[str, Tree]) -> bool:
    """Tell whether a rule reads what only updates on one example have."""
    return any(item.name in SIGNALS and SIGNALS[item.name].single for tree in rule.values() for item in tree)


def lives_of(
    rule: Mapping[str, Tree], graphs: Sequence[Graph], rng: np.random.Generator, size: int, updates: int,
    text: str | None, **plan: Any,
) -> Batch:  # fmt: skip
    """Return lives with a rule in one lane, one of each graph, of 3 inputs and 2 outputs; `text`: an evolved loss.

    `size`: examples of each update; asked are 5 queries at birth, half-way and at the end; `plan`: more of the plan.
    """
    tree = None if text is None else parse(text, signals=SLOTS["loss"].signals)
    loss, program = None if tree is None else compile_loss(tree), compile_rule(rule)
    coefficients = np.array([0.05, 0.8, 0.9, 0.3, 0.7, 0.2, 0.1, 0.4], np.float32)

    def numbers(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    people = batch_of([
        Phenotype(graph, program, 0.5 * numbers(graph.synapses), coefficients, 0.3 * numbers(4, graph.synapses) - 1,
                  numbers(graph.synapses), loss)
        for graph in graphs
    ])  # fmt: skip

    def targets(count: int) -> np.ndarray:
        labels = rng.integers(0, 2, (count, 1, 1))
        return numbers(count, 2, 1) if plan["head"] == "linear" else (labels == [[0], [1]]).astype(np.float32)

    tasks = Tasks(numbers(6, 3, 1), targets(6), numbers(5, 3, 1), targets(5))
    order = rng.integers(0, 6, (updates, size, 1)).astype(np.int32)
    trees = {program.key: rule} if loss is None else {program.key: rule, loss.key: tree}
    checkpoints = np.array([0, updates // 2, updates], np.int32)
    weights = np.array([[0.5, 0.3, 1.0]] * len(graphs), np.float32)
    return Batch(people, tasks, Births(), Plan(order, checkpoints, **plan), trees, weights)
