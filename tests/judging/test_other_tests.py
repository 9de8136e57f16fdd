"""Tests of their own beside the main one: sets of tasks that decide nothing, told apart from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from tests.small import GRADIENT

SINE: dict[str, Any] = {"family": "sinusoid", "shots": 5, "queries": 5, "test_points": 7}
FURTHER: dict[str, Any] = {"family": "sinusoid", "shots": 8, "splits": ["test"], "other": True}


def test_a_further_test_is_told_apart_and_changes_nothing_else(tmp_path: Path) -> None:
    alone = evometa.run(GRADIENT, out=tmp_path / "a", generations=1).summary()
    both = {**GRADIENT, "tasks": [SINE, FURTHER]}
    told = evometa.run(both, out=tmp_path / "b", generations=1).summary()
    assert alone["champion"]["other_tests"] == {}
    (row,) = told["champion"].pop("other_tests").values()
    assert row["mean"] > 0
    assert row["ci95"] > 0
    assert {each["name"] for each in row["baselines"]}
    assert told["champion"]["meta_test"] == alone["champion"]["meta_test"]
    assert [each["name"] for each in told["baselines"]] == [each["name"] for each in alone["baselines"]]


def test_only_a_set_for_test_alone_is_a_further_test() -> None:
    with pytest.raises(InputError, match=r'\["test"\] with other = true'):
        load({**GRADIENT, "tasks": [SINE, {**FURTHER, "splits": ["train", "test"]}]})
    with pytest.raises(InputError, match="a set of tasks for test"):
        load({**GRADIENT, "tasks": [{**SINE, "splits": ["train", "validation"]}, FURTHER]})
