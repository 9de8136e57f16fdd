"""Slopes of lives whose heads compare are derivatives: by differences, of losses in float64."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.lifetime import Births, Graph, Metric, Phenotype, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference_descent import descend
from evometa.spec import COMPARISONS
from tests.lifetime.double import doubled, in_double

Lives = tuple[Phenotypes, Tasks, Births, Plan]
NETS = {
    "layered": layered(3, (5,), 4, "tanh"), "recurrent": layered(3, (4,), 2, "sigmoid", recurrent=True),
    "alone": layered(3, (), 3),
}  # fmt: skip
METRICS = [
    Metric(0.7),
    Metric(scale_by=1),
    Metric(2.0, 1.0),
    Metric(scale_by=0, norm_by=1, ridge_by=0),
]


def lives(graph: Graph, head: str, metric: Metric, updates: int = 0, seed: int = 0) -> Lives:
    """Return a learner in three lanes of tasks with four classes, one of which lacks in the last lane."""
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    program = compile_rule({"update": parse("-0.3*grad*c0")})
    one = Phenotype(
        graph, program, numbers(graph.synapses), np.array([0.8, 0.6], np.float32), numbers(0, graph.synapses)
    )
    support = rng.permuted(np.array([[0, 1, 2, 3, 0, 1]] * 2 + [[0, 1, 2, 0, 0, 1]]), axis=1)
    queries = [rng.choice(each, 7) for each in support]  # what asks for a class that lacks has no finite loss
    y = [np.moveaxis(np.eye(4, dtype=np.float32)[labels], 0, 2) for labels in (support, np.array(queries))]
    tasks = Tasks(numbers(6, 3, 3), y[0], numbers(7, 3, 3), y[1])
    order = rng.integers(0, 6, (updates, 4, 3)).astype(np.int32)
    points = np.arange(updates + 1, dtype=np.int32)
    return batch_of([one]), tasks, Births(), Plan(order, points, head, "backprop", metric=metric)


def found(batch: Lives, weights: np.ndarray, order: int) -> tuple[np.ndarray, float]:
    """Return the slopes in float64, of innate weights and then of coefficients, and the mean loss they are of."""
    phenotypes, tasks, births, plan = batch
    adjoints, losses = ([adjoint_of(each) for each in own] for own in (phenotypes.programs, phenotypes.losses))
    with in_double():
        slopes = descend(*doubled(phenotypes, tasks, births), plan, adjoints, weights, losses, order)
    assert slopes.innate[0] is not None
    value = float((weights[0] * slopes.losses[0].mean(axis=1)).sum())
    return np.concatenate([slopes.innate[0], slopes.coefficients[0]]), value


def moved(batch: Lives, step: np.ndarray) -> Lives:
    """Return lives whose numbers, innate weights and coefficients behind them, are others."""
    innate, coefficients = batch[0].innates[0].astype(np.float64), batch[0].coefficients.astype(np.float64)
    parts = {"innates": [innate + step[: len(innate)]], "coefficients": coefficients + step[None, len(innate) :]}
    return replace(batch[0], **parts), *batch[1:]


def differs(batch: Lives, weights: np.ndarray, order: int) -> None:
    """AssertionError where slopes are not those of differences, along both coefficients and five random ways."""
    slopes, h = found(batch, weights, order)[0], 1e-6
    ways = np.concatenate([np.eye(len(slopes))[-2:], np.random.default_rng(1).normal(size=(5, len(slopes)))])
    for way in ways:
        more, less = (found(moved(batch, sign * h * way), weights, order)[1] for sign in (1, -1))
        assert np.isclose(slopes @ way, (more - less) / (2 * h), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("metric", METRICS, ids=str)
@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("head", COMPARISONS)
def test_slopes_of_a_network_that_does_not_learn_are_those_of_an_embedding(head: str, net: str, metric: Metric) -> None:
    batch, weights = lives(NETS[net], head, metric), np.array([[0.7]])
    differs(batch, weights, 2)
    read = metric.by if COMPARISONS[head].solves else metric.by[:2]
    assert (found(batch, weights, 2)[0][-2:] != 0).tolist() == [place in read for place in (0, 1)]


@pytest.mark.parametrize("metric", METRICS[1::2], ids=str)
@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("head", COMPARISONS)
def test_slopes_go_through_updates(head: str, net: str, metric: Metric) -> None:
    differs(lives(NETS[net], head, metric, updates=2), np.array([[0.7, 0.0, 1.0]]), 2)


@pytest.mark.parametrize("head", COMPARISONS)
def test_slopes_go_through_errors_of_an_evolved_loss(head: str) -> None:
    phenotypes, *rest = lives(NETS["layered"], head, METRICS[3], updates=2)
    loss = compile_loss(parse("c1*square(output - target)", signals=SLOTS["loss"].signals))
    differs((batch_of([phenotypes[0]._replace(loss=loss)]), *rest), np.array([[0.7, 0.0, 1.0]]), 2)
