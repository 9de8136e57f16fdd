"""What students do not go together with."""

from __future__ import annotations

from typing import Any

import pytest

from evometa.config.load import load
from evometa.config.teaching import order_of
from evometa.errors import InputError


@pytest.mark.parametrize("change, words", [
    ('acting.policy="greedy"', "softmax"),
    ("acting.critic=1", "acting.critic"),
    ("acting.optimism=1", "acting.optimism"),
    ("acting.see_reward=true", "nothing is rewarded"),
    ('weights.mode="fixed"', "born blank"),
    ('network.recurrent=true', "network.recurrent"),
    ('network.activation="gru"', "network.activation"),
    ('evolution.inheritance="lamarck"', "baldwin"),
    ('run.on="dask"', "run.on"),
])  # fmt: skip
def test_students_are_refused_what_has_no_meaning_for_them(change: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load("teacher", [change])


def test_slots_of_worlds_and_gates_are_refused() -> None:
    texts = ['rule.slots=["lesson", "insist", "update", "s1", "modulator"]', "rule.signals=['gap', 'grad', 'reward']"]
    with pytest.raises(InputError, match="slots of a teacher and of synapses"):
        load("teacher", texts)


def test_a_teacher_without_lessons_is_none() -> None:
    texts = ['rule.slots=["insist", "update"]', 'rule.init={insist="1", update="grad"}', "rule.signals=['gap', 'grad']"]
    with pytest.raises(InputError, match="a slot lesson"):
        load("teacher", texts)


def test_slots_of_teachers_are_refused_elsewhere() -> None:
    with pytest.raises(InputError, match="which is a teacher's"):
        load("bandit", ['rule.slots=["update", "s1", "s2", "lesson"]'])


def test_the_recipe_is_one_of_students() -> None:
    config: Any = load("teacher", []).config
    assert config.teaches
    assert config.acts
    assert order_of(config) == "lesson"
    assert config.rivals == ("own_errors", "any_blunder", "widest_gap", "adagrad")
