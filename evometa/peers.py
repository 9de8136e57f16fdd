"""What plain learners make of the same tasks: prototypes, nearest neighbours, linear models."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32, Tasks

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BLOCK = 1 << 22  # numbers in the largest array of a block of lanes (32 MiB)


def peers(tasks: Tasks, head: str) -> dict[str, F32]:
    """Fit stock learners to each lane's support and score them on its queries: {name: f32[L]}.

    Linear head (mean squared error): 1-nearest neighbour and ridge regression. Other heads (accuracy):
    nearest prototype (class means, L2), 1-nearest neighbour, and ridge classification, or logistic regression
    for a single 0/1 output. Regularisation is scikit-learn's default. Nearest neighbour is left out where the
    queries are the support: it would only look them up.
    """
    looked_up = tasks.query_x.tobytes() == tasks.support_x.tobytes()
    if head == "linear":
        neighbour = {} if looked_up else {"1-nearest neighbour": _nearest_targets(tasks)}
        return {
            name: _mse(answers, tasks) for name, answers in (neighbour | {"ridge regression": _ridge(tasks)}).items()
        }
    labels, outputs = _labels(tasks.support_y), tasks.support_y.shape[1]
    answers = {"nearest prototype": _prototype(tasks, labels)}
    if not looked_up:
        answers["1-nearest neighbour"] = np.take_along_axis(labels, _nearest(tasks), axis=1)
    name = "logistic regression" if outputs == 1 else "ridge classification"
    answers[name] = _linear_classes(tasks, labels)
    share = 2 / outputs if head == "sigmoid" and outputs > 1 else 1.0  # a wrong class is two wrong outputs of many
    truth = _labels(tasks.query_y)
    return {name: (1 - share * (a != truth).mean(axis=1)).astype(np.float32) for name, a in answers.items()}


def mean_interval(values: Any) -> tuple[float, float | None]:
    """Return the mean of values[n] and half the width of its 95 % interval (Student's t; None for n = 1)."""
    from scipy.stats import t

    array = np.asarray(values, dtype=np.float64).ravel()
    if len(array) < 2:
        return float(array.mean()), None
    error = array.std(ddof=1) / np.sqrt(len(array))
    return float(array.mean()), float(t.ppf(0.975, len(array) - 1) * error)


def _labels(y: F32) -> I64:
    """Classes i64[L, S] of targets f32[S, O, L]."""
    return (y[:, 0] > 0.5).T.astype(np.int64) if y.shape[1] == 1 else y.argmax(axis=1).T


def _lanes_first(array: F32) -> F64:
    """Return f32[S, I, L] as f64[L, S, I]."""
    return np.ascontiguousarray(array.transpose(2, 0, 1), dtype=np.float64)


def _blocks(tasks: Tasks) -> Iterator[tuple[slice, F64, F64]]:
    """Lanes in blocks of bounded memory: which, their support f64[L, S, I] and queries f64[L, Q, I]."""
    (support, inputs, lanes), queries = tasks.support_x.shape, len(tasks.query_x)
    step = max(1, BLOCK // max(support * queries, (support + queries) * inputs))
    for first in range(0, lanes, step):
        part = slice(first, min(first + step, lanes))
        yield part, _lanes_first(tasks.support_x[..., part]), _lanes_first(tasks.query_x[..., part])


def _closest(points: F64, anchors: F64, missing: NDArray[np.bool_] | None = None) -> I64:
    """Which anchor f64[L, A, I] is closest to each point f64[L, Q, I]: i64[L, Q]; the first of equal ones."""
    distance = np.square(anchors).sum(axis=2)[:, None, :] - 2 * points @ anchors.transpose(0, 2, 1)
    if missing is not None:
        distance[np.broadcast_to(missing[:, None, :], distance.shape)] = np.inf
    return distance.argmin(axis=2)


def _nearest(tasks: Tasks) -> I64:
    """Which support example is nearest to each query, i64[L, Q]."""
    return np.concatenate([_closest(queries, support) for _, support, queries in _blocks(tasks)])


def _nearest_targets(tasks: Tasks) -> F64:
    """Targets of the nearest support examples, f64[L, Q, O]."""
    return np.take_along_axis(_lanes_first(tasks.support_y), _nearest(tasks)[:, :, None], axis=1)


def _prototype(tasks: Tasks, labels: I64) -> I64:
    """Class of the nearest class mean, i64[L, Q]; classes without support are never answered."""
    classes = np.arange(max(2, tasks.support_y.shape[1]))
    found = []
    for part, support, queries in _blocks(tasks):
        members = (labels[part, None, :] == classes[:, None]).astype(np.float64)  # [L, classes, S]
        count = members.sum(axis=2)
        means = members @ support / np.maximum(count, 1)[:, :, None]
        found.append(_closest(queries, means, count == 0))
    return np.concatenate(found)


def _linear_classes(tasks: Tasks, labels: I64) -> I64:
    """Answers i64[L, Q] of a linear classifier fitted to each lane; a lane's only class is its answer."""
    from scipy.linalg import LinAlgWarning
    from sklearn import config_context
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, RidgeClassifier

    # Newton's method: the default solver takes fifteen times as long on a dozen examples.
    single = tasks.support_y.shape[1] == 1
    model = LogisticRegression(solver="newton-cholesky") if single else RidgeClassifier()
    found = []
    with config_context(assume_finite=True, skip_parameter_validation=True), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", LinAlgWarning)
        for part, support, queries in _blocks(tasks):
            for x, y, query in zip(support, labels[part], queries, strict=True):
                alone = (y == y[0]).all()
                found.append(np.full(len(query), y[0]) if alone else model.fit(x, y).predict(query))
    return np.array(found)


def _ridge(tasks: Tasks) -> F64:
    """Answers of ridge regression fitted to each lane, f64[L, Q, O]."""
    from sklearn import config_context
    from sklearn.linear_model import Ridge

    found = []
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for part, support, queries in _blocks(tasks):
            for x, y, query in zip(support, _lanes_first(tasks.support_y[..., part]), queries, strict=True):
                found.append(Ridge().fit(x, y).predict(query).reshape(len(query), -1))
    return np.array(found)


def _mse(answers: F64, tasks: Tasks) -> F32:
    """Mean squared error of answers f64[L, Q, O], f32[L]."""
    return np.square(answers - _lanes_first(tasks.query_y)).mean(axis=(1, 2)).astype(np.float32)
