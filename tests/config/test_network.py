"""Networks under heads that compare: what they have for outputs, what distances go by, and lives without updates."""

from __future__ import annotations

from typing import Any

import pytest

from evometa.config.load import load
from evometa.errors import InputError

COMPARED: dict[str, Any] = {
    "tasks": {"family": "alphabets"},
    "network": {"head": "prototype", "embedding": 12},
    "lifetime": {"batch": "all", "updates": 0},
    "rule": {"init": {"update": "0"}, "fixed": ["update"]},
    "weights": {"mode": "evolved", "init": "he"},
}


def test_classes_are_no_outputs_of_a_network_whose_head_compares() -> None:
    network = load(COMPARED).config.network
    assert [network.outputs(answers) for answers in (5, 20)] == [12, 12]
    assert load(COMPARED, ["network.head=softmax", "lifetime.updates=1"]).config.network.outputs(5) == 5


def test_a_life_without_updates_needs_a_head_that_compares() -> None:
    with pytest.raises(InputError, match=r"lifetime\.updates: expected 1 or more weight updates, or a head that"):
        load(COMPARED, ["network.head=softmax"])


def test_distances_go_by_numbers_or_by_coefficients_that_there_are() -> None:
    named = {**COMPARED, "network": {**COMPARED["network"], "metric": {"scale": "c1", "norm": 0.5}}}
    with pytest.raises(InputError, match=r"network\.metric\.scale: expected a number, or a coefficient that there is"):
        load(named)
    metric = load(named, ["coefficients.count=2"]).config.network.metric_coefficients
    assert metric == ("c1",)
