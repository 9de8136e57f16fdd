"""Plain learners that meet a stream of examples once, class after class: what a champion has to be better than.

A stream is `x f32[S, I]` with `labels i64[S]`, 0, 1, 2 … in the order in which classes come; learners are asked at
moments, numbers of examples met, and answer with one of the classes met by then. Those whose state does not depend on
the order of examples are fitted to all that were met, which gives what one example after another would give.
Axis letters: S examples of a stream, I inputs, Q queries, N classes, M moments, H features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32
from evometa.seeding import stream

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Dials = Mapping[str, float]

HIDDEN, FEATURES = 100, 1000  # hidden nodes of the net, random features of the ridge
BUFFER = 1000  # examples that are kept to be replayed


class Stream(NamedTuple):
    """One stream: its examples, and the queries that are asked at each moment."""

    x: F32
    labels: I64
    queries: F32
    moments: Sequence[int]

    def met(self, moment: int) -> tuple[F64, I64, int]:
        """Return the examples met by a moment, their labels, and how many classes they are of."""
        labels = self.labels[:moment]
        return self.x[:moment].astype(np.float64), labels, int(labels.max()) + 1


@dataclass(frozen=True)
class StreamLearner:
    """A learner: `answers(stream, dials)` i64[M, Q]; `memory(S, N, I, dials)` in floats; `grid`: values of its dials;
    `long`: whether it takes its time."""

    name: str
    answers: Callable[[Stream, Dials], I64]
    memory: Callable[[int, int, int, Dials], int]
    grid: Mapping[str, Sequence[float]] = field(default_factory=dict)
    long: bool = False


def closest(points: F64, anchors: F64) -> I64:
    """Return which of the anchors f64[N, I] is closest to each point f64[Q, I], the first of equal ones."""
    distance: F64 = np.square(anchors).sum(axis=1) - 2 * points @ anchors.T
    return distance.argmin(axis=1)


def means_of(x: F64, labels: I64, classes: int) -> F64:
    """Return the mean of each class, f64[N, I]."""
    sums = np.zeros((classes, x.shape[1]))
    np.add.at(sums, labels, x)
    return sums / np.bincount(labels, minlength=classes)[:, None]


def prototypes(stream: Stream, dials: Dials) -> I64:
    """Answer with the class whose mean is nearest."""
    return np.array([closest(stream.queries.astype(np.float64), means_of(*stream.met(m))) for m in stream.moments])


def nearest(stream: Stream, dials: Dials) -> I64:
    """Answer with the class of the nearest example, all of which are kept."""
    return np.array(
        [stream.labels[closest(stream.queries.astype(np.float64), stream.met(m)[0])] for m in stream.moments]
    )


def discriminant(stream: Stream, dials: Dials) -> I64:
    """Streaming linear discriminant analysis: class means and one covariance within classes (Hayes & Kanan 2020)."""
    found = []
    for moment in stream.moments:
        x, labels, classes = stream.met(moment)
        means, width = means_of(x, labels, classes), x.shape[1]
        rest = x - means[labels]
        within = rest.T @ rest / max(len(x) - classes, 1)
        share = dials["shrinkage"]
        within = (1 - share) * within + share * (np.trace(within) / width + 1e-6) * np.eye(width)
        weights = np.linalg.solve(within, means.T)
        found.append((stream.queries @ weights - 0.5 * (means.T * weights).sum(axis=0)).argmax(axis=1))
    return np.array(found)


def ridge(stream: Stream, dials: Dials) -> I64:
    """Recursive ridge regression from random ReLU features to classes."""
    from scipy.linalg import cho_factor, cho_solve

    rng, inputs = _draw("features"), stream.x.shape[1]
    weights, bias = (
        rng.standard_normal((inputs, FEATURES)) * dials["gain"] / np.sqrt(inputs),
        rng.standard_normal(FEATURES),
    )

    def features(x: F64 | F32) -> F64:
        return np.maximum(x @ weights + bias, 0.0)

    asked, found, done = features(stream.queries), [], 0
    products, sums = dials["penalty"] * np.eye(FEATURES), np.zeros((int(stream.labels.max()) + 1, FEATURES))
    for moment in stream.moments:
        h, labels = features(stream.x[done:moment]), stream.labels[done:moment]
        products += h.T @ h
        np.add.at(sums, labels, h)
        classes, done = int(labels.max()) + 1, moment
        found.append((asked @ cho_solve(cho_factor(products), sums[:classes].T)).argmax(axis=1))
    return np.array(found)


def gradient(stream: Stream, dials: Dials) -> I64:
    """A net of one hidden layer of tanh and softmax, by gradient descent on each example, and on some that it keeps.

    `replay`: how many of the kept ones join each step; the buffer is a reservoir (Vitter 1985) of `buffer` examples.
    """
    rng, (count, inputs) = _draw("net"), stream.x.shape
    classes, replay, size = int(stream.labels.max()) + 1, int(dials.get("replay", 0)), int(dials.get("buffer", 0))
    first = (rng.standard_normal((inputs + 1, HIDDEN)) * 2 / np.sqrt(inputs)).astype(np.float32)
    first[-1], last = 0.0, np.zeros((HIDDEN + 1, classes), np.float32)
    x = np.concatenate([stream.x, np.ones((count, 1), np.float32)], axis=1)
    asked = np.concatenate([stream.queries, np.ones((len(stream.queries), 1), np.float32)], axis=1)
    kept: list[int] = new_buffer()
    found, rate, moments = [], np.float32(dials["rate"]), set(stream.moments)
    for number in range(count):
        rows = [number]
        if replay and kept:
            rows += [kept[i] for i in rng.integers(0, len(kept), min(replay, len(kept)))]
        hidden = np.tanh(x[rows] @ first)
        error = _softmax(hidden @ last[:-1] + last[-1])
        error[np.arange(len(rows)), stream.labels[rows]] -= 1
        error /= len(rows)
        back = (error @ last[:-1].T) * (1 - hidden * hidden)
        last[:-1] -= rate * hidden.T @ error
        last[-1] -= rate * error.sum(axis=0)
        first -= rate * x[rows].T @ back
        if size:
            place = len(kept) if len(kept) < size else int(rng.integers(0, number + 1))
            kept[place : place + 1] = [number] if place < size else kept[place : place + 1]
        if number + 1 in moments:
            known = stream.labels[number] + 1
            found.append((np.tanh(asked @ first) @ last[:-1] + last[-1])[:, :known].argmax(axis=1))
    return np.array(found)


new_buffer: Callable[[], list[int]] = list


def _softmax(z: F32) -> F32:
    e: F32 = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _draw(what: str) -> np.random.Generator:
    return stream(0, 0, f"streams/{what}")


def _net(classes: int, inputs: int) -> int:
    return (inputs + 1) * HIDDEN + (HIDDEN + 1) * classes


RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
LEARNERS = (
    StreamLearner("SGD", gradient, lambda s, n, i, d: _net(n, i), {"rate": RATES}, True),
    StreamLearner(
        f"SGD with replay of {BUFFER:,}", gradient, lambda s, n, i, d: _net(n, i) + min(BUFFER, s) * (i + 1),
        {"rate": RATES, "replay": (4, 10, 30), "buffer": (BUFFER,)}, True,
    ),
    StreamLearner("streaming prototypes", prototypes, lambda s, n, i, d: n * (i + 1)),
    StreamLearner(
        "streaming discriminant analysis", discriminant, lambda s, n, i, d: n * (i + 1) + i * i,
        {"shrinkage": (0.003, 0.01, 0.03, 0.1, 0.3, 0.6)},
    ),
    StreamLearner(
        f"recursive ridge on {FEATURES:,} random features", ridge,
        lambda s, n, i, d: FEATURES * (FEATURES + n), {"gain": (1.0, 4.0, 12.0), "penalty": (0.1, 1.0, 10.0, 100.0)},
        True,
    ),
    StreamLearner("1-nearest neighbour", nearest, lambda s, n, i, d: s * (i + 1)),
)  # fmt: skip
"""The learners, in the order in which they are shown."""
