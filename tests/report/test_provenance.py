"""The record: settings that are a recipe again, commands that give the very run, no folders of the machine."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from evometa.config.load import load as load_config
from evometa.config.recipes import recipes
from evometa.presentation.run import Run, load
from evometa.report.provenance import commands, settings_toml, shared, versions
from evometa.store import create
from tests.inspected import CONFIG
from tests.reporting import HOSTILE
from tests.small import SCHEMES


def run_of(folder: Path, config: Any, **environment: Any) -> Run:
    create(folder, config, environment).close()
    return load(folder)


def reloaded(text: str, folder: Path, name: str) -> Any:
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file).config


@pytest.mark.parametrize("name", [*recipes(), *SCHEMES])
def test_settings_read_again_are_the_same(name: str, tmp_path: Path) -> None:
    config = load_config(SCHEMES.get(name, name), seed=3).config
    text = settings_toml(config.model_dump(mode="json"))
    assert reloaded(text, tmp_path, config.name) == config


def test_odd_settings_are_toml_too() -> None:
    odd = {**CONFIG, "name": HOSTILE, "weird key": {"a b": [1, {"c": None, "d": HOSTILE}]}, "none": None}
    read = tomllib.loads(settings_toml(odd))
    assert read["name"] == HOSTILE
    assert read["weird key"]["a b"] == [1, {"d": HOSTILE}]
    assert "none" not in read


@pytest.mark.parametrize("name", recipes())
def test_the_command_of_a_built_in_recipe_gives_the_same_settings(name: str, tmp_path: Path) -> None:
    config = load_config(name, ["evolution.population=50", "sampling.tasks=7"], seed=9, generations=3).config
    (command,) = commands(run_of(tmp_path / "run", config.model_dump(mode="json")))
    words = shlex.split(command)
    assert words[:7] == ["evometa", "run", name, "--seed", "9", "--generations", "3"]
    again = load_config(words[2], words[8::2], seed=int(words[4]), generations=int(words[6])).config
    assert again == config
    assert set(words[7::2]) == {"--set"}


def test_settings_that_follow_from_others_are_not_told(tmp_path: Path) -> None:
    config = load_config("delta", ["evolution.population=50"]).config
    (command,) = commands(run_of(tmp_path / "run", config.model_dump(mode="json")))
    assert "evolution.offspring" not in command


def test_without_a_built_in_recipe_the_settings_are_a_file(tmp_path: Path) -> None:
    own = load_config(SCHEMES["plus"]).config.model_dump(mode="json")
    assert commands(run_of(tmp_path / "a", own)) == ["evometa run small.toml"]
    assert commands(run_of(tmp_path / "b", {**CONFIG, "name": "a; rm -rf /"})) == ["evometa run 'a; rm -rf /.toml'"]
    assert commands(run_of(tmp_path / "c", CONFIG)) == ["evometa run delta.toml"]  # named so, but it is another one


def test_folders_of_the_machine_are_left_out(tmp_path: Path) -> None:
    tasks = [
        {"family": "table", "path": "/home/somebody/secret/flowers.csv"},
        {"family": "function", "path": "/home/x"},
    ]
    windows = {"family": "table", "path": "C:\\Users\\somebody\\flowers.csv"}
    told = shared({"tasks": [*tasks, windows, {"family": "boolean"}, "odd"]})
    assert told["tasks"] == [
        {"family": "table", "path": "flowers.csv"}, {"family": "function", "path": "."},
        {"family": "table", "path": "flowers.csv"}, {"family": "boolean"}, "odd",
    ]  # fmt: skip
    run = run_of(tmp_path / "run", CONFIG, base="/home/somebody", platform="Linux-6.1-name-x86_64-with-glibc2.36")
    assert versions(run)["platform"] == "Linux x86_64"
    assert "somebody" not in str(versions(run))


def test_versions_that_are_not_known_are_said_to_be(tmp_path: Path) -> None:
    assert versions(run_of(tmp_path / "run", CONFIG)) == {
        "evometa": "unknown", "python": "unknown", "platform": "unknown",
    }  # fmt: skip
