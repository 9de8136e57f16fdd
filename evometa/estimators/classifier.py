"""A classifier that learns by an evolved rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from evometa.errors import InputError
from evometa.estimators.base import RuleEstimator, label_text
from evometa.estimators.settings import checked


@dataclass(eq=False, repr=False, kw_only=True)
class RuleClassifier(ClassifierMixin, RuleEstimator):
    """A classifier: a small network that learns from data by a learning rule, as a base learner does in its lifetime.

    `head`: "softmax", "sigmoid" (one output for two classes, else one for each, scaled to sum 1), or "auto": "sigmoid"
    for two classes and "softmax" for more. `classes_`: the labels, sorted, in the order of `predict_proba`.
    """

    head: Any = "auto"

    def fit(self, X: Any, y: Any) -> Self:
        """Live one whole life on X (n_samples, n_features) and labels y; what was learned before is forgotten.

        Raises InputError (a ValueError) for parameters and data that do not fit, and when learning diverges.
        """
        X, y = self._examples(X, y, first=True, numeric=False)
        check_classification_targets(y)
        classes = np.unique(y)
        head, targets = self._targets(y, classes, fresh=True)
        self._learn(X, targets, head, fresh=True, whole=True)
        self.classes_ = classes
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Learn on from where learning stands, once over X and y; `classes`: all labels, for the first call.

        As many calls as `epochs` on the same data make the life that `fit` makes. Raises InputError as `fit` does.
        """
        fresh = not hasattr(self, "learned_")
        if fresh and classes is None:
            raise InputError("all the labels that will come", "none", "partial_fit, first call: classes")
        known = np.unique(classes) if fresh else self.classes_
        if classes is not None and not np.array_equal(known, np.unique(classes)):
            raise InputError(f"the classes of the first call, {known}", f"{classes}", "partial_fit: classes")
        X, y = self._examples(X, y, first=fresh, numeric=False)
        check_classification_targets(y)
        head, targets = self._targets(y, known, fresh)
        self._learn(X, targets, head, fresh, whole=False)
        self.classes_ = known
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, in the order of `classes_`: (n_samples, n_classes)."""
        found = self._answer(X).astype(np.float64)
        if found.shape[1] == 1:
            return np.hstack([1 - found, found])
        total = found.sum(axis=1, keepdims=True)
        return np.where(total > 0, found / np.where(total > 0, total, 1), 1 / found.shape[1])

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row (of equals the first)."""
        chosen = self.predict_proba(X).argmax(axis=1)
        return self.classes_[chosen]

    def _targets(self, y: Any, classes: Any, fresh: bool) -> tuple[str, NDArray[np.float64]]:
        """Return the output layer, and labels as targets f64[S, O] of 0 and 1."""
        name = type(self).__name__
        if len(classes) < 2:
            raise InputError("at least two classes", "one class", f"{name}: y")
        unknown = np.setdiff1d(y, classes)
        if len(unknown):
            raise InputError(f"labels among the classes {classes}", label_text(unknown[0]), f"{name}: y")
        head = checked(self.get_params(deep=False), name).head if fresh else self.learned_.head
        if head == "auto":
            head = "sigmoid" if len(classes) == 2 else "softmax"
        targets = (y[:, None] == classes[None, :]).astype(np.float64)
        return head, targets[:, 1:] if head == "sigmoid" and len(classes) == 2 else targets
