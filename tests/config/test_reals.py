"""Numbers of the configuration: whatever is accepted lives, in float32; all else is refused by its key's name."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evometa
from evometa.callbacks import Silent
from evometa.config.keys import keys
from evometa.config.load import load
from evometa.errors import InputError
from tests.properties import ALL, some
from tests.small import GRADIENT, recipe

BASE = recipe(
    GRADIENT,
    run={"generations": 2},
    rule={"constants": [-2.0, 2.0], "init": "random"},
    coefficients={"scale": "linear", "low": 0.0},
    champion={"rates": {"low": 0.0, "high": 0.1, "points": 2, "scale": "linear"}, "updates": 2},
    strategy={"low": 1e-30, "high": 1e6},
    evolution={"population": 6, "offspring": 6},
)
VALUES = [
    *(1e308, 1e39, 3e38, 1e30, 1.5, 0.5, 1e-30, 1e-39, 1e-45, 5e-324, 0.0),
    *(-1e308, -1e39, -1e30, -1e-30, -5e-324, -0.0, math.nan, math.inf, -math.inf),
]


def mut_nothing(genome: Any, rng: Any) -> tuple[Any]:
    return (genome,)


def holds_floats(annotation: Any) -> bool:
    return annotation is float or any(holds_floats(arg) for arg in get_args(annotation))


ELSEWHERE = ("tasks.keywords", "tasks.limit")  # of environments: tests/tasks/families/test_environment.py
ELSEWHERE += ("tasks.immigrants", "tasks.largest")  # of searches: tests/tasks/families/test_recover.py
FLOATS = sorted(path for path, field in keys().items() if holds_floats(field.annotation) and path not in ELSEWHERE)
WORLDS = ("tasks.numbers", "tasks.validation", "tasks.test", "tasks.other_tests")
LISTS = {
    **dict.fromkeys(WORLDS[:3], lambda value: {"low": value}),
    "tasks.other_tests": lambda value: {"another": {"low": value}},
    "rule.constants": lambda value: [-abs(value), abs(value)],
    "coefficients.values": lambda value: [value],
    "variation.own": lambda value: {mut_nothing: value},
    "run.until": lambda value: {"loss": value},
    "evolution.start": lambda value: {"random": value},
    "tasks.distance": lambda value: [value, value],
}
OTHERS = {  # families that a number belongs to, as their tasks are
    "tasks.noise": {"family": "dataset", "name": "moons", "support": 8, "queries": 8},
    "tasks.distance": {"family": "dataset", "name": "synthetic", "inputs": 2, "support": 8, "queries": 8},
    "tasks.train_mixtures": {"family": "alphabets", "ways": 2, "shots": 5, "queries": 2, "size": 7},
    "tasks.validation_fraction": {"family": "digits", "ways": 2, "shots": 5, "queries": 2},
    **{key: {"family": "world", "world": "tmaze", "numbers": {"high": 0.75}} for key in WORLDS},
}

ACTING: dict[str, dict[str, Any]] = {
    "tasks": {"family": "world", "world": "tmaze"}, "lifetime": {"batch": 1, "epochs": 1, "updates": None},
    "champion": {"updates": None, "baselines": ["reinforce"]}, "fitness": {"objectives": ["reward"]},
    "rule": {"slots": ["update", "modulator"], "signals": ["act", "reward", "m", "w"], "init": "random"},
    "network": {"activation": "tanh"},
}  # fmt: skip
NEEDS: dict[str, dict[str, dict[str, Any]]] = {
    **dict.fromkeys(("acting", *WORLDS), ACTING),
    "fitness.synapse_cost": {
        "topology": {"mode": "evolved"}, "weights": {"init": "uniform"}, "plasticity": {"tie": "synapse"},
    },
    **{
        f"gradient.{name}": {"gradient": {"steps": 1, "tasks": 2}, "network": {"hidden": [2]}}
        for name in ("first", "weight_rate", "rate", "beta1", "beta2", "clip")
    },
    **{
        f"topology.{name}": {"topology": {"plastic": "evolved"}, "weights": {"mode": "evolved", "init": "uniform"}}
        for name in ("mutate_plastic", "mutate_plastic_layer", "plastic_share")
    },
}  # fmt: skip


def with_value(path: str, value: float, base: dict[str, Any] = BASE) -> dict[str, Any]:
    """Return a recipe with one number changed."""
    data = recipe(base, tasks=dict(base["tasks"]))
    if path in OTHERS:
        data |= {"tasks": dict(OTHERS[path])}
    needs = NEEDS.get(path) or NEEDS.get(path.split(".")[0], {})
    for name, table in needs.items():
        data[name] = {**({} if name == "tasks" and path not in OTHERS else data.get(name, {})), **table}
    *parents, last = path.split(".")
    table = data
    for name in parents:
        table[name] = table = dict(table.get(name, {}))
    table[last] = LISTS.get(path, lambda one: one)(value)
    return data


class Listening(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def refusal(data: dict[str, Any]) -> str | None:
    try:
        load(data)
    except InputError as error:
        return str(error)
    return None


def lives(data: dict[str, Any], folder: Path) -> None:
    """Run to the end, the champion's test and its analysis included."""
    listening = Listening()
    assert evometa.run(data, out=folder, watch=listening).finished
    assert not [note for note in listening.notes if "could not" in note]


def test_the_walk_meets_the_numbers() -> None:
    assert {"coefficients.low", "rule.constants", "fitness.resolution", "champion.rates.high"} <= set(FLOATS)
    assert len(FLOATS) > 25


@pytest.mark.parametrize("path", some((path for path in FLOATS if path != "tasks.test_fraction"), 2))
def test_a_number_is_refused_by_name_or_lives(path: str, tmp_path: Path) -> None:
    refused = {number: refusal(with_value(path, value)) for number, value in enumerate(VALUES)}
    assert all(path in text for text in refused.values() if text is not None)
    accepted = [VALUES[number] for number, text in refused.items() if text is None]
    assert 0 < len(accepted) < len(VALUES)
    for number, value in enumerate(accepted if ALL else extremes(accepted)):
        lives(with_value(path, value), tmp_path / str(number))


def extremes(values: list[float]) -> list[float]:
    """Return the largest, the smallest, and the one nearest to 0: a run each."""
    return list(dict.fromkeys([max(values), min(values), min(values, key=abs)]))


@pytest.mark.parametrize("value", [1e308, 1e39, 3e38, math.inf, math.nan])
def test_numbers_that_float32_has_no_room_for_are_refused_everywhere(value: float) -> None:
    for path in FLOATS:
        with pytest.raises(InputError):
            load(with_value(path, value))


def test_the_widest_ranges_live_together(tmp_path: Path) -> None:
    wide = {"low": -1e30, "high": 1e30}
    data = recipe(
        BASE,
        rule={"constants": [-1e30, 1e30]}, coefficients=wide, plasticity=wide, lifetime={"bound": 1e30},
        champion={"rates": {**wide, "points": 3, "scale": "linear"}}, weights={"scale": 1e6}, strategy={"sigma": 1e6},
    )  # fmt: skip
    lives(data, tmp_path / "run")


TOGETHER = [path for path in FLOATS if path not in OTHERS and not path.startswith("tasks.")]
SIZES = st.sampled_from([0.0, 1e-30, 1e-20, 1e-3, 1.0, 1e3, 1e6, 1e20, 1e30])


@settings(deadline=None, max_examples=25)
@given(chosen=st.dictionaries(st.sampled_from(TOGETHER), st.builds(float.__mul__, SIZES, st.sampled_from([1.0, -1.0]))))
def test_numbers_that_are_accepted_together_live_together(
    tmp_path_factory: pytest.TempPathFactory, chosen: dict[str, float]
) -> None:
    data = BASE
    for path, value in chosen.items():
        changed = with_value(path, value, data)
        data = changed if refusal(changed) is None else data
    lives(data, tmp_path_factory.mktemp("together") / "run")
