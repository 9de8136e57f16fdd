"""Estimators and small data for the tests of this folder."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.estimators import RuleClassifier, RuleRegressor
from evometa.spec.states import STATES

DELTA = {"rule": "c0*pre*(target - post)", "coefficients": (1.0,), "hidden": (), "batch": 1, "credit": "local"}
MOMENTUM = {"rule": {"update": "-c0*s1", "s1": "0.9*s1 + grad"}, "coefficients": (0.05,), "batch": 32, "epochs": 30}


def delta(**more: Any) -> RuleClassifier:
    """A classifier without hidden nodes that learns by the delta rule."""
    return RuleClassifier(**{**DELTA, "head": "sigmoid", "epochs": 10, "random_state": 0, **more})


def momentum(**more: Any) -> RuleClassifier:
    """A classifier with hidden nodes that descends the gradient with momentum."""
    return RuleClassifier(**{**MOMENTUM, "random_state": 0, **more})


def regressor(**more: Any) -> RuleRegressor:
    """A regressor that does the same."""
    return RuleRegressor(**{**MOMENTUM, "random_state": 0, **more})


def blobs(classes: int = 3, count: int = 60, inputs: int = 4) -> tuple[Any, Any]:
    """Return examples f64[S, I] around a centre for each class, and classes i64[S]."""
    rng = np.random.default_rng(3)
    y = np.arange(count) % classes
    return 3 * rng.standard_normal((classes, inputs))[y] + rng.standard_normal((count, inputs)), y


def same(one: Any, other: Any) -> bool:
    """Tell whether two fitted estimators have learned the same bits."""
    a, b = one.learned_, other.learned_
    arrays = [(a.state[name], b.state[name]) for name in STATES]
    return (a.updates, a.passes) == (b.updates, b.passes) and all(np.array_equal(x, y) for x, y in arrays)
