"""One key changed alone: every stock recipe takes it, or refuses it for that key's own sake, by its name."""

from __future__ import annotations

import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import pytest

import evometa
from evometa.config.keys import keys
from evometa.config.load import Loaded, load
from evometa.config.recipes import recipes
from evometa.config.schema import Split
from evometa.config.tasks import FamilySettings
from evometa.errors import InputError
from evometa.evolution.check import check_names, check_tasks
from evometa.evolution.memory import check_memory
from evometa.tasks import Family, open_family
from tests.showcase import REBUILT
from tests.small import GRADIENT, recipe

VALUES = {
    int: (0, 1, 2, 3, 7, 40, 1000, 100_000, 10**6),
    float: (0.0, 0.001, 0.01, 0.5, 1.0, 5.0, 1e6),
    bool: ("true", "false"),
}


def values(annotation: Any) -> tuple[Any, ...]:
    """Return the values to be tried of a key that holds one number, one word of several, or true or false."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(value for arg in get_args(annotation) for value in values(arg))
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return VALUES.get(annotation, ())


def changes(name: str) -> Iterator[tuple[str, str]]:
    """Yield all single settings of a recipe, each with its key in the schema; of several sets of tasks, the first's."""
    tasks = load(name).config.tasks
    for path, field in keys(tasks[0].settings.family).items():
        key = path.replace("tasks.", "tasks.0.", 1) if len(tasks) > 1 and path.startswith("tasks.") else path
        for value in values(field.annotation) if path != "tasks.family" else ():
            if path.startswith("tasks.") and isinstance(value, int) and value > 1000:
                continue  # a hundred thousand tasks take their time
            yield path, f"{key}={value}"


@cache
def opened(kind: type[FamilySettings], text: str, seed: int, splits: tuple[Split, ...]) -> Family:
    """Return the family of a set of tasks, its settings as JSON; most changes leave it as it is."""
    return open_family(kind.model_validate_json(text), seed, splits, Path())


def try_out(loaded: Loaded) -> None:
    """Check a configuration as an engine does."""
    check_names(loaded)
    config = loaded.config
    families = [
        opened(type(one.settings), one.settings.model_dump_json(), config.seed, one.splits) for one in config.tasks
    ]
    check_tasks(loaded, families)
    check_memory(config, families, 8 << 30)


def refusal(name: str, setting: str) -> str:
    try:
        try_out(load(name, [setting]))
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", sorted(set(recipes()) - REBUILT | {"cavia"}))
def test_a_key_changed_alone_is_taken_or_refused_by_its_name(name: str) -> None:
    blamed, taken = [], 0
    for path, setting in changes(name):
        message = refusal(name, setting)
        taken += not message
        if message and path.rpartition(".")[2] not in message and setting.rpartition("=")[2] not in message.split():
            blamed.append(f"{setting} → {message}")
    assert "\n".join(blamed) == ""
    assert taken > 150


@pytest.mark.parametrize(
    "setting",
    [
        *("delta evolution.population=40", "delta evolution.population=2", "digits evolution.population=5"),
        *("digits evolution.islands=50", "optimizer evolution.islands=10", "sinusoid_evolution evolution.offspring=1"),
        *("sinusoid tasks.shots=5", "digits tasks.shots=1", "digits tasks.ways=2"),
    ],
)
def test_what_is_natural_to_change_is_taken(setting: str) -> None:
    assert refusal(*setting.split(" ")) == ""


def test_a_small_population_runs(tmp_path: Path) -> None:
    small = ["sampling.repeats=1", "sampling.tasks=2", "champion.candidates=1", "champion.baselines=[]"]
    run = evometa.run("delta", settings=["evolution.population=5", *small], generations=2, out=tmp_path / "run")
    assert run.generation == 2


def test_a_batch_of_all_examples_is_one_of_their_number(tmp_path: Path) -> None:
    assert GRADIENT["lifetime"]["batch"] == GRADIENT["tasks"]["shots"]
    whole = evometa.run(recipe(GRADIENT, lifetime={"batch": "all"}), out=tmp_path / "all")
    number = evometa.run(GRADIENT, out=tmp_path / "number")
    assert (whole.digest, whole.champion.meta_test) == (number.digest, number.champion.meta_test)
    fewer = evometa.run(recipe(GRADIENT, lifetime={"batch": "all"}, tasks={"shots": 3}), out=tmp_path / "fewer")
    assert fewer.finished
