"""A classifier that compares with examples, and so learns new classes at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from evometa.errors import InputError
from evometa.estimators.base import RuleEstimator, label_text
from evometa.estimators.learning import Learned
from evometa.estimators.settings import FewShotSettings, Settings, checked
from evometa.language.generated_nodes import ANSWER
from evometa.lifetime import F32
from evometa.lifetime.reference_comparison import Comparison
from evometa.lifetime.support import Support


@dataclass(eq=False, repr=False, kw_only=True)
class FewShotClassifier(ClassifierMixin, RuleEstimator):
    """A few-shot classifier: a small network embeds examples, and queries are compared with those, in its lifetime.

    `head`: "prototype" (with the mean of each class), "matching" (with each example) or "ridge" (regression from
    embeddings to classes, which answers come of). `embedding`: outputs of the network. `metric_scale`, `metric_norm`:
    what squared distances (ridge: answers) are multiplied by, and to what power embeddings are divided by their length
    (0: Euclid's distance, 1: directions alone); `metric_log_ridge`: natural logarithm of the penalty of the regression;
    or the names of coefficients, such as "c0". `updates` may be 0, as is the default: nothing is learned but by
    comparing.

    `classes_`: the labels, sorted, in the order of `predict_proba`; `support_`: what is kept of the examples, with
    "prototype" a sum and a count for each class, else every embedding. With "ridge" each call of `predict` solves a
    system of as many equations as there are examples: for hundreds of them, not thousands.
    """

    rule: Any = "0"
    head: Any = "prototype"
    embedding: Any = 64
    metric_scale: Any = 1.0
    metric_norm: Any = 0.0
    metric_log_ridge: Any = 0.0
    epochs: Any = None
    updates: Any = 0
    standardize: Any = False

    def fit(self, X: Any, y: Any) -> Self:
        """Live the updates of one life on X (n_samples, n_features) and labels y, and keep these examples.

        What was known before is forgotten. Raises InputError (a ValueError) for parameters and data that do not fit,
        and when learning diverges.
        """
        X, y = self._examples(X, y, first=True, numeric=False)
        _check_labels(y)
        classes, places = np.unique(y, return_inverse=True)
        name = type(self).__name__
        settings = checked(self.get_params(deep=False), name)
        if len(classes) < 2 and (settings.updates or settings.epochs):
            raise InputError("at least two classes to learn from", "one class", f"{name}: y")
        self._learn(X, np.eye(len(classes))[places], settings.head, fresh=True, whole=True)
        nothing = Support.empty(self._comparison(), self.network_.outputs, len(classes))
        self.support_ = nothing.extended(self._comparison(), self._units(X), places)
        self.classes_ = classes
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Keep further examples, of known classes and of new ones, which join `classes_`; the network stays as it is.

        The first call is `fit`. `classes`, which scikit-learn asks others for, says nothing here and may be left out.
        Another order of the same examples gives the same answers up to float32 rounding: with "prototype" of each
        class's sum of embeddings, with "matching" of its sum of shares, with "ridge" of the regression. Raises
        InputError as `fit` does.
        """
        if not hasattr(self, "learned_"):
            return self.fit(X, y)
        X, y = self._examples(X, y, first=False, numeric=False)
        _check_labels(y)
        if (self.classes_.dtype.kind in "OU") != (y.dtype.kind in "OU"):
            expected = f"labels as the known ones, such as {label_text(self.classes_[0])}"
            raise InputError(expected, label_text(y[0]), "partial_fit: y")
        comparison, known = self._comparison(), np.union1d(self.classes_, y)
        support = self.support_.renumbered(comparison, np.searchsorted(known, self.classes_), len(known))
        self.support_ = support.extended(comparison, self._units(X), np.searchsorted(known, y))
        self.classes_ = known
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, in the order of `classes_`: (n_samples, n_classes)."""
        check_is_fitted(self)
        z = self.support_.net_inputs(self._comparison(), self._units(X), len(self.classes_))
        with np.errstate(all="ignore"):
            found = ANSWER[self.learned_.head](z).T.astype(np.float64)
        if not np.isfinite(found).all():
            raise InputError("inputs that have finite answers", "others", f"{type(self).__name__}: X", "Scale them.")
        return np.ascontiguousarray(found)

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row (of equals the first)."""
        chosen = self.predict_proba(X).argmax(axis=1)
        return self.classes_[chosen]

    def embed(self, X: Any) -> NDArray[np.float64]:
        """Return the embeddings of X: (n_samples, embedding)."""
        return self._answer(X).astype(np.float64)

    def _comparison(self) -> Comparison:
        settings = checked(self.get_params(deep=False), type(self).__name__)
        return Comparison(self.learned_.head, settings.metric, np.array(settings.coefficients, np.float32))

    def _units(self, X: Any) -> F32:
        """Return embeddings as they are compared, f32[D, n_samples]."""
        with np.errstate(all="ignore"):
            return self._comparison().unit(np.ascontiguousarray(self._answer(X).T)[..., None])[..., 0]

    def _outputs(self, settings: Settings, targets: int) -> int:
        assert isinstance(settings, FewShotSettings)
        return settings.embedding

    def _gap(self, learned: Learned, x: F32, y: F32) -> float:
        """Return 0: examples that are compared with themselves say nothing of learning."""
        return 0.0


def _check_labels(y: NDArray[Any]) -> None:
    """Refuse what is no label, with ValueError; that there are many classes is no reason to warn here."""
    if y.dtype.kind in "fO":
        check_classification_targets(y)
