"""`--set`: how a setting is read, and what it takes the place of."""

from __future__ import annotations

from typing import Any

import pytest

from evometa.config.load import load
from evometa.config.settings import apply_settings, read_value
from evometa.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 1e-3),
        ("true", True),
        ("'3'", "3"),
        ("cupy", "cupy"),
        ("-c0 * grad", "-c0 * grad"),
        ("mul(a, b)", "mul(a, b)"),
        ("[1, 2]", [1, 2]),
        ("[pre, post]", ["pre", "post"]),
        ("[]", []),
        ("{low = 1}", {"low": 1}),
        ("", ""),
        ("1\nseed = 3", "1\nseed = 3"),
        ("a = b", "a = b"),
    ],
)
def test_values_are_toml_and_else_plain_text(text: str, value: object) -> None:
    assert read_value(text) == value


def applied(settings: list[str], **data: Any) -> dict[str, Any]:
    apply_settings(data, settings)
    return data


def test_a_setting_is_put_into_its_table() -> None:
    assert applied(["a.b.c=3", "seed=4"], a={"d": 1}) == {"a": {"d": 1, "b": {"c": 3}}, "seed": 4}


def test_the_last_of_two_settings_counts() -> None:
    assert applied(["seed=1", "seed=2"])["seed"] == 2


def test_a_table_takes_the_place_of_a_plain_value() -> None:
    assert applied(["rule.init.update=w"], rule={"init": "random"}) == {"rule": {"init": {"update": "w"}}}


def test_a_setting_takes_the_place_of_the_key_that_says_the_same() -> None:
    assert applied(["lifetime.updates=3"], lifetime={"epochs": 5}) == {"lifetime": {"updates": 3}}
    both = applied(["lifetime.updates=3", "lifetime.epochs=4"], lifetime={"epochs": 5})
    assert both == {"lifetime": {"updates": 3, "epochs": 4}}


def test_the_only_set_of_tasks_needs_no_number() -> None:
    for setting in ("tasks.ways=3", "tasks.0.ways=3"):
        assert load("digits", [setting]).config.tasks[0].settings.ways == 3
    assert load({"tasks": [{"family": "digits"}]}, ["tasks.ways=3"]).config.tasks[0].settings.ways == 3


def test_one_of_several_sets_is_named_by_its_number() -> None:
    config = load("optimizer", ["tasks.5.noise=0.5"]).config
    assert config.tasks[5].settings.noise == 0.5


@pytest.mark.parametrize("setting", ["tasks.noise=1", "tasks.10.noise=1", "tasks.1=1"])
def test_a_set_that_does_not_exist_is_refused(setting: str) -> None:
    with pytest.raises(InputError, match="a set of tasks by its number, 0 to 9"):
        load("optimizer", [setting])


@pytest.mark.parametrize("setting", ["seed", "=3", "a..b=3", ""])
def test_a_setting_without_key_or_value_is_refused(setting: str) -> None:
    with pytest.raises(InputError, match="a key, an equals sign and a value"):
        load("digits", [setting])
