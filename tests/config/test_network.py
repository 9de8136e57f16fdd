"""Networks under heads that compare: what they have for outputs, what distances go by, and lives without updates."""

from __future__ import annotations

from typing import Any

import pytest

from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check import check_names
from evometa.spec import COMPARISONS

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


def test_an_example_alone_has_none_to_be_compared_with() -> None:
    with pytest.raises(InputError, match=r"lifetime\.batch=1: expected 2 or more with the head prototype"):
        load(COMPARED, ["lifetime.updates=3", "lifetime.batch=1"])


@pytest.mark.parametrize("head", COMPARISONS.names)
def test_a_head_that_compares_leaves_the_backend_as_it_was_asked_for(head: str) -> None:
    given = {**COMPARED, "network": {**COMPARED["network"], "head": head}}
    assert load(given).config.backend == "auto"
    assert load(given, ["run.backend=cupy"]).config.backend == "cupy"


def test_rules_have_no_target_to_read() -> None:
    loaded = load(COMPARED, ["lifetime.updates=1", "rule.init.update=grad * target", "rule.fixed=[update]"])
    with pytest.raises(InputError, match="under the head prototype, whose outputs have no targets"):
        check_names(loaded)
