"""What plain learners make of the same tasks: prototypes, nearest neighbours, linear models."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32, Tasks
from evometa.spec import HEADS

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BLOCK = 1 << 22  # numbers in the largest array of a block of lanes (32 MiB)
WORK = 2_000_000_000  # operations that a learner fitted task by task may take: some ten seconds
FIT = 200_000  # operations that a fit takes at least: a millisecond

_FILTERS = Lock()  # of warnings, which are the process's: runs in threads must not restore each other's


def peers(tasks: Tasks, head: str) -> dict[str, Peer]:
    """Fit stock learners to each lane's support, and have them answer its queries.

    Regression (linear head): the mean of the examples, nearest neighbour, ridge regression, support vectors.
    Classification: nearest prototype (class means, L2), nearest neighbour, support vectors, and ridge classification,
    or logistic regression for a single 0/1 output. Settings are scikit-learn's defaults. Nearest neighbour is left out
    where the queries are the support: it would only look them up. Those that take long meet the first tasks only.
    """
    kind = HEADS[head].kind
    asked = [row for row in ROWS if row.kind == kind and row.applies(tasks)]
    return {row.name: Peer(row.answers(few(tasks) if row.long else tasks), head) for row in asked}


@dataclass(frozen=True)
class Peer:
    """What a stock learner answered: `answers` i64[L, Q] (classes) or f64[L, Q, O] (numbers), L lanes it met."""

    answers: NDArray[Any]
    head: str

    @property
    def measure(self) -> str:
        """What it can be compared by: it gives classes, or numbers, and no probabilities."""
        return "loss" if HEADS[self.head].kind == "regression" else "accuracy"

    def scores(self, targets: F32, first: int = 0, step: int = 1) -> F32:
        """Return its mean squared error, or accuracy, on each lane's queries first, first + step, …: f32[L].

        `targets f32[Q, O, L]`: all queries' targets, of as many lanes or more.
        """
        answers, targets = self.answers[:, first::step], targets[first::step, :, : len(self.answers)]
        if HEADS[self.head].kind == "regression":
            return np.square(answers - _lanes_first(targets)).mean(axis=(1, 2)).astype(np.float32)
        outputs = targets.shape[1]
        share = 2 / outputs if self.head == "sigmoid" and outputs > 1 else 1.0  # a wrong class is two wrong outputs
        return (1 - share * (answers != _labels(targets)).mean(axis=1)).astype(np.float32)


def few(tasks: Tasks) -> Tasks:
    """Return as many of the first tasks as WORK allows, maybe none: a fit goes over pairs of examples, or of inputs."""
    support, inputs, lanes = tasks.support_x.shape
    pairs = support * inputs * (inputs if tasks.support_y.shape[1] == 1 else support)
    each = FIT + max(pairs, support * support * inputs) + support * len(tasks.query_x) * inputs
    return tasks if each * lanes <= WORK else tasks.take(np.arange(WORK // each))


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


def _nearest_labels(tasks: Tasks) -> I64:
    """Class of the nearest support example, i64[L, Q]."""
    return np.take_along_axis(_labels(tasks.support_y), _nearest(tasks), axis=1)


def _prototype(tasks: Tasks) -> I64:
    """Class of the nearest class mean, i64[L, Q]; classes without support are never answered."""
    labels, classes = _labels(tasks.support_y), np.arange(max(2, tasks.support_y.shape[1]))
    found = []
    for part, support, queries in _blocks(tasks):
        members = (labels[part, None, :] == classes[:, None]).astype(np.float64)  # [L, classes, S]
        count = members.sum(axis=2)
        means = members @ support / np.maximum(count, 1)[:, :, None]
        found.append(_closest(queries, means, count == 0))
    return np.concatenate(found)


def _linear_classes(tasks: Tasks) -> I64:
    """Answers of logistic regression fitted to each lane, i64[L, Q]."""
    from sklearn.linear_model import LogisticRegression

    # Newton's method: the default solver takes fifteen times as long on a dozen examples.
    return _classes(tasks, LogisticRegression(solver="newton-cholesky"))


def _ridge_classes(tasks: Tasks) -> I64:
    """Answers of ridge classification, i64[L, Q]: the class shown whose ±1 is highest; the first of equal ones."""
    signs = 2.0 * _lanes_first(tasks.support_y) - 1.0
    shown = (signs > 0).any(axis=1, keepdims=True)  # [L, 1, O]
    return np.argmax(np.where(shown, _ridge_fit(tasks, signs), -np.inf), axis=2)


def _vector_classes(tasks: Tasks) -> I64:
    """Answers of a support vector machine fitted to each lane, i64[L, Q]."""
    from sklearn.svm import SVC

    return _classes(tasks, SVC(random_state=0))  # else it draws from the generator of the process


def _classes(tasks: Tasks, model: Any) -> I64:
    """Answers i64[L, Q] of a classifier fitted to each lane; a lane's only class is its answer."""
    from scipy.linalg import LinAlgWarning
    from sklearn import config_context
    from sklearn.exceptions import ConvergenceWarning

    found, labels = [], _labels(tasks.support_y)
    fast = config_context(assume_finite=True, skip_parameter_validation=True)
    with fast, _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", LinAlgWarning)
        for part, support, queries in _blocks(tasks):
            for x, y, query in zip(support, labels[part], queries, strict=True):
                alone = (y == y[0]).all()
                found.append(np.full(len(query), y[0]) if alone else model.fit(x, y).predict(query))
    return np.array(found).reshape(len(found), len(tasks.query_x))


def _ridge(tasks: Tasks) -> F64:
    """Answers of ridge regression fitted to each lane, f64[L, Q, O]."""
    return _ridge_fit(tasks, _lanes_first(tasks.support_y))


def _ridge_fit(tasks: Tasks, targets: F64) -> F64:
    """Return answers f64[L, Q, O] of targets f64[L, S, O] fitted with a penalty of 1 on weights, none on the bias.

    A block of lanes at once; by examples where these are fewer than inputs (Saunders, Gammerman & Vovk 1998, ICML).
    """
    found = np.empty((len(targets), len(tasks.query_x), targets.shape[2]))
    for part, support, queries in _blocks(tasks):
        centre, mean = support.mean(axis=1, keepdims=True), targets[part].mean(axis=1, keepdims=True)
        x, y = support - centre, targets[part] - mean
        across = x.transpose(0, 2, 1)
        if x.shape[1] < x.shape[2]:
            weights = across @ _solved(x @ across + np.eye(x.shape[1]), y)
        else:
            weights = _solved(across @ x + np.eye(x.shape[2]), across @ y)
        found[part] = (queries - centre) @ weights + mean
    return found


def _solved(matrices: F64, right: F64) -> NDArray[np.floating[Any]]:
    """Solve symmetric systems, by least squares where a penalty is lost beside huge inputs."""
    try:
        return np.linalg.solve(matrices, right)
    except np.linalg.LinAlgError:
        return np.linalg.pinv(matrices, hermitian=True) @ right


def _support_vectors(tasks: Tasks) -> F64:
    """Answers of support vector regression fitted to each lane, f64[L, Q, O], one model for each output."""
    from sklearn.svm import SVR

    model = SVR()
    model.random_state = 0  # no parameter of it, but else its library is seeded from the generator of the process
    outputs = [replace(tasks, support_y=tasks.support_y[:, o : o + 1]) for o in range(tasks.support_y.shape[1])]
    return np.concatenate([_numbers(one, model) for one in outputs], axis=2)


def _numbers(tasks: Tasks, model: Any) -> F64:
    """Answers of a regressor fitted to each lane, f64[L, Q, O]."""
    from sklearn import config_context

    found = []
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for part, support, queries in _blocks(tasks):
            for x, y, query in zip(support, _lanes_first(tasks.support_y[..., part]), queries, strict=True):
                found.append(model.fit(x, y.ravel() if y.shape[1] == 1 else y).predict(query))
    return np.array(found).reshape(len(found), len(tasks.query_x), tasks.support_y.shape[1])


def _mean_target(tasks: Tasks) -> F64:
    """The mean of each lane's targets as the answer to every query, f64[L, Q, O]."""
    return np.repeat(_lanes_first(tasks.support_y).mean(axis=1, keepdims=True), len(tasks.query_x), axis=1)


def _asks_others(tasks: Tasks) -> bool:
    return tasks.query_x.tobytes() != tasks.support_x.tobytes()


class Row(NamedTuple):
    """A stock learner: which kind of tasks it is for, what it answers, whether it takes long, where it applies."""

    name: str
    kind: str
    answers: Callable[[Tasks], NDArray[Any]]
    long: bool = False
    applies: Callable[[Tasks], bool] = lambda tasks: True


ROWS = (
    Row("mean of the examples", "regression", _mean_target),
    Row("1-nearest neighbour", "regression", _nearest_targets, applies=_asks_others),
    Row("ridge regression", "regression", _ridge, long=True),
    Row("support vector regression", "regression", _support_vectors, long=True),
    Row("nearest prototype", "classification", _prototype),
    Row("1-nearest neighbour", "classification", _nearest_labels, applies=_asks_others),
    Row("logistic regression", "classification", _linear_classes, True, lambda tasks: tasks.support_y.shape[1] == 1),
    Row("ridge classification", "classification", _ridge_classes, True, lambda tasks: tasks.support_y.shape[1] > 1),
    Row("support vector machine", "classification", _vector_classes, long=True),
)
"""The stock learners, in the order in which they are shown."""
