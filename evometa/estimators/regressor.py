"""A regressor that learns by an evolved rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from evometa.estimators.base import RuleEstimator


@dataclass(eq=False, repr=False, kw_only=True)
class RuleRegressor(RegressorMixin, RuleEstimator):
    """A regressor: a small network that learns from data by a learning rule, as a base learner does in its lifetime.

    Its output layer is linear, its loss the squared error.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Live one whole life on X (n_samples, n_features) and numbers y; what was learned before is forgotten.

        Raises InputError (a ValueError) for parameters and data that do not fit, and when learning diverges.
        """
        X, y = self._examples(X, y, first=True, numeric=True)
        self._learn(X, y[:, None], "linear", fresh=True, whole=True)
        return self

    def partial_fit(self, X: Any, y: Any) -> Self:
        """Learn on from where learning stands, once over X and y.

        As many calls as `epochs` on the same data make the life that `fit` makes. Raises InputError as `fit` does.
        """
        fresh = not hasattr(self, "learned_")
        X, y = self._examples(X, y, first=fresh, numeric=True)
        self._learn(X, y[:, None], "linear", fresh=fresh, whole=False)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return a number for each row, in the units of y: (n_samples,)."""
        found = self._answer(X)[:, 0].astype(np.float64)
        return found * self.learned_.y_scale + self.learned_.y_shift
