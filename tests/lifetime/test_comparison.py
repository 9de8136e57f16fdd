"""Heads that compare: answers are those of prototypes, of attention and of neighbours; errors are derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from evometa.errors import ContractError
from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Metric, Outcomes, Phenotype, Plan, Tasks, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference_comparison import Comparison
from evometa.lifetime.validation import check
from evometa.spec import COMPARISONS
from tests.lifetime.comparisons import comparing_batch, one_hot
from tests.lifetime.double import in_double

D, B, WAYS = 4, 7, 3
METRICS = [
    Metric(0.7),
    Metric(2.0, 1.0, -1.0),
    Metric(0.5, 0.3, 1.5),
    Metric(scale_by=0, norm_by=1, ridge_by=2),
]
COEFFICIENTS = np.array([0.4, 0.6, -0.5])
Live = Callable[..., Outcomes]


def plain(name: str, metric: Metric, queries: np.ndarray, known: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return shares [Q, ways] of queries [Q, D] by the textbook, classes being those there are in `labels`."""
    scale, norm, log_ridge = (
        number if place < 0 else COEFFICIENTS[place] for number, place in zip(metric.numbers, metric.by, strict=True)
    )
    queries, known = (x / np.linalg.norm(x, axis=1, keepdims=True) ** norm for x in (queries, known))
    classes = np.unique(labels)
    if name == "ridge":  # in its other form, a system of as many equations as an embedding has numbers
        gram = known.T @ known + np.exp(log_ridge) * np.eye(D)
        net = scale * queries @ np.linalg.solve(gram, known.T @ np.eye(WAYS)[labels])
        shares = np.zeros((len(queries), WAYS))
        shares[:, classes] = softmax(net[:, classes].T).T
        return shares
    if name == "prototype":
        known = np.array([known[labels == k].mean(axis=0) for k in classes])
    attention = np.exp(-scale * np.square(queries[:, None] - known[None]).sum(axis=2))
    attention /= attention.sum(axis=1, keepdims=True)
    if name == "matching":
        attention = np.stack([attention[:, labels == k].sum(axis=1) for k in classes], axis=1)
    shares = np.zeros((len(queries), WAYS))
    shares[:, classes] = attention
    return shares


def softmax(z: np.ndarray) -> np.ndarray:
    z = np.exp(z - z.max(axis=0))
    return np.asarray(z / z.sum(axis=0))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("labels", [[0, 1, 2, 0, 1, 2, 2], [2, 0, 2, 0, 2, 2, 0]], ids=["all", "one lacks"])
def test_answers_are_those_of_the_textbook(name: str, metric: Metric, labels: list[int]) -> None:
    rng = np.random.default_rng(0)
    known, queries = rng.normal(size=(B, D)), rng.normal(size=(5, D))
    t = np.eye(WAYS)[:, labels][..., None]
    with in_double():
        one = Comparison(name, metric, COEFFICIENTS)
        keys = one.keys(one.unit(known.T[..., None]), t)
        z, _ = one.net_inputs(one.unit(queries.T[..., None]), keys.v, t)
    expected = plain(name, metric, queries, known, np.array(labels))
    assert np.allclose(softmax(z[..., 0]).T, expected, atol=1e-10)
    assert (z[[k for k in range(WAYS) if k not in labels]] < -1e29).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("labels", [[0, 1, 2, 0, 1, 2, 2], [2, 0, 2, 0, 2, 2, 0]], ids=["all", "one lacks"])
def test_errors_are_the_derivative_of_the_sum_of_losses(name: str, metric: Metric, labels: list[int]) -> None:
    e, h = np.random.default_rng(1).normal(size=(D, B, 1)), 1e-5
    t = np.eye(WAYS)[:, labels][..., None]

    def answers(e: np.ndarray) -> np.ndarray:
        u = one.unit(e)
        return softmax(one.net_inputs(u, one.keys(u, t).v, t)[0])

    def loss(e: np.ndarray) -> float:
        return float(-np.log((answers(e) * t).sum(axis=0)).sum())

    with in_double():
        one = Comparison(name, metric, COEFFICIENTS)
        found = one.errors(e, t, answers(e) - t)
        for place in np.ndindex(D, B):
            step = np.zeros_like(e)
            step[place] = h
            assert np.isclose(found[place][0], (loss(e + step) - loss(e - step)) / (2 * h), rtol=1e-6, atol=1e-8)


def episode(seed: int, head: str, metric: Metric, ways: int, shots: int = 3, lanes: int = 6, updates: int = 0) -> tuple:
    """Return a learner whose embedding is its input, and tasks of so many classes, which overlap."""
    rng = np.random.default_rng(seed)
    graph, program = layered(D, (), D), compile_rule({"update": parse("-0.01*grad")})
    weights = np.zeros((D, D + 1), np.float32)
    weights[:, :D] = np.eye(D)
    one = Phenotype(graph, program, weights.reshape(-1), COEFFICIENTS.astype(np.float32),
                    np.zeros((0, graph.synapses), np.float32))  # fmt: skip
    centres = rng.normal(size=(ways, D, lanes))
    labels = [np.repeat(np.arange(ways), shots), rng.integers(0, ways, 30)]
    x = [(centres[each] + 0.6 * rng.normal(size=(len(each), D, lanes))).astype(np.float32) for each in labels]
    y = [np.repeat(np.eye(ways, dtype=np.float32)[each][..., None], lanes, axis=2) for each in labels]
    order = np.tile(np.arange(ways * shots, dtype=np.int32)[None, :, None], (updates, 1, lanes))
    plan = Plan(order, np.arange(0, updates + 1, max(updates, 1), dtype=np.int32), head, "backprop", metric=metric)
    return batch_of([one]), Tasks(x[0], y[0], x[1], y[1]), Births(), plan


@pytest.mark.parametrize("ways", [2, 5, 20])
def test_one_learner_meets_any_number_of_classes_as_scikit_learn_does(ways: int) -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    rivals = {"prototype": neighbors.NearestCentroid(), "matching": neighbors.KNeighborsClassifier(1)}
    for head, classifier in rivals.items():
        batch = episode(ways, head, Metric(1000.0 if head == "matching" else 1.0), ways)  # attention to the nearest
        found, tasks = reference.live(*batch).accuracy[0, 0], batch[1]
        for lane in range(tasks.lanes):
            classifier.fit(tasks.support_x[..., lane], tasks.support_y[..., lane].argmax(axis=1))
            score = classifier.score(tasks.query_x[..., lane], tasks.query_y[..., lane].argmax(axis=1))
            assert np.isclose(found[lane], score, atol=1e-6)


def test_ridge_is_the_regression_of_scikit_learn_on_any_number_of_shots() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    rival = linear.Ridge(alpha=np.exp(-1.0), fit_intercept=False)
    for ways, shots in ((2, 1), (5, 5), (7, 3)):  # fewer examples than numbers of an embedding, and more
        batch = episode(ways, "ridge", Metric(3.0, log_ridge=-1.0), ways, shots)
        found, tasks = reference.live(*batch).accuracy[0, 0], batch[1]
        for lane in range(tasks.lanes):
            rival.fit(tasks.support_x[..., lane], tasks.support_y[..., lane])
            right = rival.predict(tasks.query_x[..., lane]).argmax(axis=1) == tasks.query_y[..., lane].argmax(axis=1)
            assert np.isclose(found[lane], right.mean(), atol=1e-6)


@pytest.mark.parametrize("log_ridge", [-20.0, -8.0, 0.0])
def test_ridge_lives_with_examples_that_are_zeros_or_alike_and_more_than_fit(log_ridge: float) -> None:
    phenotypes, tasks, births, plan = episode(1, "ridge", Metric(log_ridge=log_ridge), 5, shots=4)
    x = tasks.support_x.copy()
    x[:, :, 1], x[:, :, 2], x[4:] = 0, x[0, :, 2], x[:-4]  # nothing in a lane, all alike in another, and twice
    found = reference.live(phenotypes, replace(tasks, support_x=x), births, plan)
    assert not found.status.any()
    assert np.allclose(found.loss[..., 1], np.log(5), rtol=1e-6)  # what is not known has equal shares
    assert np.isfinite(found.loss).all()


def test_of_single_examples_prototypes_and_attention_are_one() -> None:
    heads = ("prototype", "matching")
    one, other = (reference.live(*episode(1, head, Metric(0.5, 1.0), 5, shots=1)) for head in heads)
    assert np.allclose(one.loss, other.loss, rtol=1e-5)
    assert one.loss.std() > 0.01


@pytest.mark.parametrize("head", COMPARISONS)
def test_updates_descend_on_what_is_asked_of_the_batch_itself(head: str) -> None:
    phenotypes, tasks, births, plan = episode(3, head, Metric(0.3), 5, updates=8)
    itself = replace(tasks, query_x=tasks.support_x, query_y=tasks.support_y)
    found = reference.live(phenotypes, itself, births, plan)
    assert (found.loss[0, 1] < found.loss[0, 0]).all()


def test_what_lacks_an_example_has_no_answer() -> None:
    phenotypes, tasks, births, plan = episode(0, "prototype", Metric(), 3)
    nobody = tasks.support_y.copy()
    nobody[:, 2], nobody[6:, 1] = 0, 1
    found = reference.live(phenotypes, replace(tasks, support_y=nobody), births, plan)
    lacking = tasks.query_y[:, 2, 0].mean()
    assert found.loss[0, 0, 0] > 87 * lacking
    assert not found.status.any()


def test_rules_that_read_a_target_and_coefficients_that_lack_are_refused() -> None:
    phenotypes, tasks, births, plan = episode(0, "prototype", Metric(), 3)
    check(phenotypes, tasks, births, replace(plan, metric=Metric(scale_by=0, norm_by=1, ridge_by=2)))
    for metric in (Metric(scale_by=3), Metric(norm_by=-2), Metric(np.nan), Metric(ridge_by=3)):
        with pytest.raises(ContractError, match="metric"):
            check(phenotypes, tasks, births, replace(plan, metric=metric))
    one = phenotypes[0]._replace(program=compile_rule({"update": parse("pre*target")}))
    plan = replace(plan, order=plan.order[:, :1])
    with pytest.raises(ContractError, match="target"):
        check(batch_of([one]), tasks, births, plan)


def test_random_batches_have_what_may_be_compared() -> None:
    plans = [comparing_batch(seed)[3] for seed in range(40)]
    assert {plan.head for plan in plans} == set(COMPARISONS)
    assert {plan.metric.plain for plan in plans} == {True, False}
    assert (one_hot(np.random.default_rng(0), 9, 4, 2).sum(axis=1) == 1).all()
