"""Finding a recipe: by name, by path, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.config.schema import Config
from evometa.errors import InputError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_built_in_recipes_are_found_by_name_and_described() -> None:
    found = recipes()
    assert {"delta", "digits", "sinusoid", "optimizer"} <= set(found)
    assert all(found.values())
    for name in found:
        assert load(name).config.name == name


def test_a_file_is_named_after_itself(folder: Path) -> None:
    Path("my first try.toml").write_text("[tasks]\nfamily = 'boolean'\n", encoding="utf-8")
    assert load("my first try.toml").config.name == "my-first-try"
    assert load(folder / "my first try.toml", ["name=other"]).config.name == "other"


def test_a_built_in_recipe_goes_before_a_file_of_its_name(folder: Path) -> None:
    Path("digits").write_text("[tasks]\nfamily = 'boolean'\n", encoding="utf-8")
    assert load("digits").config.tasks[0].settings.family == "digits"
    assert load("./digits").config.tasks[0].settings.family == "boolean"


def test_options_go_over_settings_and_the_file() -> None:
    config = load("digits", ["seed=1", "run.generations=5"], seed=2, generations=6, backend="numba").config
    assert (config.seed, config.run.generations, config.run.backend) == (2, 6, "numba")


def test_a_copy_with_other_values_is_checked() -> None:
    config = load("digits").config
    for update in ({"seed": -1}, {"seed": "1"}, {"tasks": 3}, {"run": None}):
        with pytest.raises(InputError):
            load(config.model_copy(update=update))
    with pytest.raises(InputError):
        load(Config.model_construct())


def test_a_mapping_is_not_changed() -> None:
    data = {"tasks": {"family": "digits"}, "seed": 1}
    load(data, ["seed=2", "tasks.ways=3"])
    assert data == {"tasks": {"family": "digits"}, "seed": 1}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("digitz", "Did you mean digits?"),
        ("zzzz", "Known: alphabets"),
        ("mine", "Did you mean mine.toml?"),
        ("nowhere/mine.toml", "neither"),
        (".", "evometa resume"),
        ("runs/a/run.db", "evometa resume"),
        ("latin.toml", "UTF-8"),
    ],
)
def test_what_is_no_recipe_is_refused(folder: Path, name: str, message: str) -> None:
    Path("mine.toml").touch()
    Path("latin.toml").write_bytes(b"name = '\xe9'")
    with pytest.raises(InputError) as error:
        load(name)
    assert message in str(error.value)


def test_paths_of_tasks_start_from_the_file_and_are_kept_as_given(folder: Path) -> None:
    (folder / "lab").mkdir()
    file = folder / "lab" / "mine.toml"
    file.write_text("[tasks]\nfamily = 'table'\npath = 'data/a.csv'\n", encoding="utf-8")
    assert load("lab/mine.toml").config.tasks[0].settings.path == "data/a.csv"
    assert load("lab/mine.toml", ["tasks.path=b.csv"]).config.tasks[0].settings.path == "../b.csv"
    assert load("lab/mine.toml", ["tasks.path=/b.csv"]).config.tasks[0].settings.path == "/b.csv"


def test_a_users_function_is_looked_for_beside_the_file(folder: Path) -> None:
    (folder / "lab").mkdir()
    file = folder / "lab" / "mine.toml"
    file.write_text("[[tasks]]\nfamily = 'function'\nfunction = 'a:b'\n", encoding="utf-8")
    assert load(file).config.tasks[0].settings.path == "."
    tasks = {"family": "function", "function": "a:b"}
    assert load({"tasks": tasks}).config.tasks[0].settings.path == "."
