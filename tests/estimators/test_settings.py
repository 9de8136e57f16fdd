"""Parameters are taken as they come, and checked in fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.genetics.topology import graph_json, layered
from tests.estimators.examples import blobs, momentum

NETWORK = layered(4, (3,), 3)

BAD: list[tuple[dict[str, Any], str]] = [
    ({"rule": 5}, "a rule's text"),
    ({"rule": "grad +"}, "rule, slot update, character"),
    ({"rule": "pre"}, "which one example alone has"),
    ({"rule": {"s1": "grad"}}, "the slot update"),
    ({"rule": {"update": "grad", "s3": "grad"}}, "a rule's text"),
    ({"rule": "c1 * grad"}, "a value for c1"),
    ({"rule": "p0 * grad"}, "a value for p0"),
    ({"coefficients": ("a",)}, "coefficients"),
    ({"coefficients": (1.0,) * 9}, "coefficients"),
    ({"coefficients": (float("nan"),)}, "coefficients"),
    ({"hidden": (0,)}, "hidden"),
    ({"hidden": 3}, "hidden"),
    ({"hidden": None}, "widths of the hidden layers, or a topology"),
    ({"hidden": None, "topology": graph_json(layered(2, (), 3))}, "a network with 4 inputs and 3 outputs"),
    ({"topology": "{}"}, "the text of a graph"),
    ({"activation": "gelu"}, "activation"),
    ({"credit": "none"}, "credit"),
    ({"head": "linear"}, "head"),
    ({"init": "orthogonal"}, "init"),
    ({"scale": -1.0}, "scale"),
    ({"bound": 0.0}, "bound"),
    ({"batch": 0}, "batch"),
    ({"batch": True}, "batch"),
    ({"epochs": 0}, "epochs"),
    ({"epochs": None}, "epochs or updates"),
    ({"learning_rate": "fast"}, "learning_rate"),
    ({"standardize": "yes"}, "standardize"),
    ({"shuffle": None}, "shuffle"),
    ({"random_state": "luck"}, "seed"),
    ({"innate_weights": np.zeros(27)}, "the network they belong to"),
    ({"innate_weights": np.zeros(5), "topology": graph_json(NETWORK)}, "each of the 27 synapses"),
    ({"innate_weights": np.full(27, np.nan), "topology": graph_json(NETWORK)}, "27 of them not finite"),
    ({"innate_weights": "many"}, "an array of numbers"),
    ({"plasticity": np.zeros(4)}, "2 axes"),
    ({"plasticity": np.zeros((1, 9))}, "numbers for 4 groups"),
]


@pytest.mark.parametrize(("wrong", "said"), BAD, ids=[str(wrong)[:50] for wrong, _ in BAD])
def test_a_bad_parameter_is_refused_by_name(wrong: dict[str, Any], said: str) -> None:
    estimator = momentum(**{"hidden": (3,), **wrong})
    with pytest.raises(ValueError, match=said) as caught:
        estimator.fit(*blobs())
    assert isinstance(caught.value, InputError) or "random_state" in wrong


GOOD: list[dict[str, Any]] = [
    {"hidden": [np.int64(3), 2]},
    {"hidden": np.array([3])},
    {"hidden": ()},
    {"coefficients": np.array([0.1], np.float32)},
    {"coefficients": [1]},
    {"learning_rate": np.float64(0.5), "epochs": np.int64(2), "shuffle": np.bool_(False)},
    {"random_state": np.random.RandomState(1)},
    {"rule": "−c0·grad"},
    {"rule": "-c0*grad", "batch": 1000},
    {"innate_weights": [0.1] * 27, "topology": graph_json(NETWORK), "hidden": (3,)},
    {"innate_weights": [0.1] * 27, "topology": graph_json(NETWORK), "hidden": None},
    {"rule": {"update": "-grad*p0", "loss": "square(output - target)"}, "plasticity": [[0.1] * 4]},
    {"rule": " + ".join(["grad * w"] * 99)},
]


@pytest.mark.parametrize("fine", GOOD, ids=[f"{number} {', '.join(fine)}" for number, fine in enumerate(GOOD)])
def test_what_means_the_same_is_taken(fine: dict[str, Any]) -> None:
    estimator = momentum(**{"epochs": 2, "hidden": (3,), **fine})
    estimator.fit(*blobs())
    assert estimator.get_params()["rule"] is estimator.rule


def test_the_learning_rate_is_a_factor_of_every_change() -> None:
    x, y = blobs()
    once = {"rule": "-c0*grad", "batch": 60, "epochs": 1, "shuffle": False}
    one, half = (momentum(**once, learning_rate=rate).fit(x, y) for rate in (1, 0.5))
    change = one.weights_ - one.innate_weights_
    assert np.allclose(change, 2 * (half.weights_ - half.innate_weights_), atol=1e-6)
    assert change.any()
