"""What classifier and regressor have in common: parameters, checks of data, learning, saving."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from evometa.errors import InputError
from evometa.estimators.learning import Learned, born, learn
from evometa.estimators.settings import Settings, checked
from evometa.lifetime import F32
from evometa.lifetime.numba.stepwise import answer
from evometa.spec import HEADS
from evometa.system.arguments import PATH, takes

GROWN = 1.05  # growth of the mean |target − answer| over a life from which learning counts as diverged


@dataclass(eq=False, repr=False, kw_only=True)
class RuleEstimator(BaseEstimator):
    """A small network that learns from data by a learning rule, as a base learner does in its lifetime.

    A rule brings along the step size of the tasks that it evolved on. Where it diverges on others (there is a warning,
    or an InputError for weights that are not finite), or is too slow, try `learning_rate`, `epochs`, other scales.
    Numbers are float32; the first fit on a machine compiles kernels, which takes up to a minute, once.

    Parameters
    ----------
    rule : str or dict
        The rule in evometa's language: the text of Δw, or texts by slot (`update`, `s1`, `s2`, `gate`, `loss`).
    coefficients : tuple of float
        c0, c1, …, as far as the rule reads them.
    plasticity : array of shape (k, groups) or (k, synapses), or None
        p0, p1, …: one number for the weights and one for the biases of each layer, or one for each synapse (of
        `topology`; in another network each layer gets their mean).
    hidden : tuple of int, or None
        Widths of the hidden layers; inputs and outputs follow from the data. None: the network is `topology`.
    activation : {"linear", "tanh", "sigmoid", "relu", "step"}
        Activation of the hidden nodes.
    recurrent : bool
        Hidden nodes also read their layer's activations of the update before.
    credit : {"local", "broadcast", "feedback", "backprop"}
        How hidden nodes learn of the output error.
    topology, innate_weights, feedback_weights : str, arrays of shape (synapses,), or None
        A network as evometa writes it, and weights that belong to it: those at birth, and the fixed ones of the credit
        mode "feedback". They are used where the data ask for that very network (as many inputs, hidden nodes and
        outputs); otherwise weights are drawn, with a warning that innate ones have found no use.
    init : {"glorot", "he", "normal", "uniform", "zeros"}
        How first weights are drawn.
    scale : float
        Their deviation ("normal"), half width ("uniform") or a factor ("he", "glorot").
    bound : float
        Weights are kept within plus and minus this.
    synapse_cost : float
        What an open synapse adds to the loss that `grad` is the gradient of, for each unit of its weight.
    batch : int
        Examples for each weight update, at most as many as there are; 1 if the rule reads single examples.
    epochs : int, or None
        Passes over the data in `fit`, which are a lifetime. None: as many as make `updates`.
    updates : int, or None
        Weight updates in `fit`, where `epochs` is None.
    shuffle : bool
        Take the examples in a new order in every pass.
    learning_rate : float
        Factor of every weight change: 1 is the rule as it is written.
    standardize : bool
        Shift and scale each input (and a regressor's targets) to mean 0 and deviation 1, by the data of `fit` or of the
        first `partial_fit`. With False, that is your business.
    random_state : int, RandomState instance, or None
        What first weights and the order of examples follow from.

    Attributes
    ----------
    weights_ : array of shape (synapses,)
        Learned weights; `innate_weights_` are those at birth, `network_` says what they connect.
    n_iter_, n_updates_ : int
        Passes over the data, and weight updates, since birth.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.
    """

    rule: Any = "-c0 * grad"
    coefficients: Any = (0.1,)
    plasticity: Any = None
    hidden: Any = (32,)
    activation: Any = "tanh"
    recurrent: Any = False
    credit: Any = "backprop"
    topology: Any = None
    innate_weights: Any = None
    feedback_weights: Any = None
    init: Any = "glorot"
    scale: Any = 1.0
    bound: Any = 20.0
    synapse_cost: Any = 0.0
    batch: Any = 10
    epochs: Any = 20
    updates: Any = None
    shuffle: Any = True
    learning_rate: Any = 1.0
    standardize: Any = True
    random_state: Any = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Give a subclass the description of the parameters too."""
        super().__init_subclass__(**options)
        shared = (RuleEstimator.__doc__ or "").partition("lifetime.")[2]
        cls.__doc__ = f"{(cls.__doc__ or '').rstrip()}{shared}"

    @takes(path=PATH)
    def save(self, path: str | Path) -> None:
        """Write parameters and all that was learned to one file (.npz, without pickle). Raises InputError."""
        from evometa.estimators.files import save

        save(self, Path(path))

    @classmethod
    @takes(path=PATH)
    def load(cls, path: str | Path) -> Self:
        """Return what `save` wrote. Raises InputError for a file that is foreign, damaged, or of another kind."""
        from evometa.estimators.files import load

        return load(cls, Path(path))

    def _examples(self, x: Any, y: Any, first: bool, numeric: bool) -> Any:
        """Return x [S, I] and y [S] as scikit-learn checks them; `first`: they say how many inputs there are."""
        return validate_data(self, x, y, reset=first, dtype=[np.float64, np.float32], y_numeric=numeric)

    def _learn(self, x: Any, y: Any, head: str, fresh: bool, whole: bool) -> None:
        """Learn from x [S, I] and targets y [S, O] of a `head`: `fresh` from birth on, else from what was learned."""
        name = type(self).__name__
        parameters = self.get_params(deep=False)
        settings = checked(parameters, name)
        if fresh:
            seed = int(check_random_state(self.random_state).randint(2**31 - 1))
            outputs = self._outputs(settings, y.shape[1])
            learned = born(settings, parameters, x.shape[1], outputs, head, seed, name)
            if parameters["innate_weights"] is not None and not learned.inherits:
                _warn(
                    f"{name}: innate_weights belong to another network than these data ask for, with {x.shape[1]} "
                    f"inputs and {outputs} outputs; the first weights are drawn",
                    UserWarning,
                )
            if settings.standardize:
                scaler = StandardScaler().fit(x)
                learned = replace(learned, shift=scaler.mean_, scale=scaler.scale_)
                if HEADS[head].kind == "regression":
                    scaler = StandardScaler().fit(y)
                    learned = replace(learned, y_shift=float(scaler.mean_[0]), y_scale=float(scaler.scale_[0]))
        else:
            learned = self.learned_
        rows = _single((x - learned.shift) / learned.scale, f"{name}: X")
        targets = _single((y - learned.y_shift) / learned.y_scale, f"{name}: y")
        lived = learn(settings, parameters, learned, rows, targets, whole, name)
        before, after = (self._gap(one, rows, targets) if whole else 0.0 for one in (learned, lived))
        if not after <= GROWN * before:
            _warn(
                f"{name}: the mean |target − answer| over the training data was {before:.3g} before learning and is "
                f"{after:.3g} now: learning has diverged; scale the data (standardize=True), or lower learning_rate",
                ConvergenceWarning,
            )
        self._accept(lived)

    def _outputs(self, settings: Settings, targets: int) -> int:
        """Return how many outputs the network has, for examples with so many targets."""
        return targets

    def _gap(self, learned: Learned, x: F32, y: F32) -> float:
        """Return the mean |target − answer| over examples x f32[S, I], y f32[S, O]."""
        return float(np.abs(answer(learned.graph, learned.head, learned.state, x) - y).mean(dtype=np.float64))

    def _accept(self, learned: Learned) -> None:
        """Become what was learned."""
        self.learned_, self.network_ = learned, learned.graph
        self.weights_, self.innate_weights_ = learned.state["w"][:, 0], learned.innate
        self.n_iter_, self.n_updates_ = learned.passes, learned.updates

    def _answer(self, x: Any) -> F32:
        """Return the network's answers f32[S, O] to x. Raises InputError where they are not finite."""
        check_is_fitted(self)
        x = validate_data(self, x, reset=False, dtype=[np.float64, np.float32])
        learned, name = self.learned_, type(self).__name__
        rows = _single((x - learned.shift) / learned.scale, f"{name}: X")
        found = answer(learned.graph, learned.head, learned.state, rows)
        if not np.isfinite(found).all():
            raise InputError("inputs that have finite answers", "others", f"{name}: X", "Are they scaled as in fit?")
        return found


def _warn(message: str, category: type[Warning]) -> None:
    """Warn at the line that called fit or partial_fit, which called `_learn`, which called this."""
    warnings.warn(message, category, stacklevel=4)


def _single(values: Any, where: str) -> F32:
    """Return numbers in float32. Raises InputError where they do not fit into it."""
    with np.errstate(over="ignore"):
        found = np.ascontiguousarray(values, np.float32)
    if not np.isfinite(found).all():
        raise InputError("numbers within ±3e38 (float32)", "larger ones", where, "Scale the data.")
    return found


def label_text(label: Any) -> str:
    """Return a label as people write it in Python: 'a', 3."""
    return repr(label.item() if isinstance(label, np.generic) else label)
