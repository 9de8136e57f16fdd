"""`evometa init`: the file holds every key, is explained, and is the recipe that it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.config.keys import keys
from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.config.template import render, toml, write_template
from evometa.config.toml import parse
from evometa.errors import InputError


@pytest.mark.parametrize("name", sorted(recipes()))
def test_a_template_says_what_its_recipe_says(name: str) -> None:
    config = load(name).config
    assert load(parse(render(config), name)).config == config


@pytest.mark.parametrize("name", ["digits", "sinusoid"])
def test_a_template_has_every_key(name: str) -> None:
    config = load(name).config
    text = render(config)
    lines = [line.lstrip("#") for line in text.splitlines()]
    for path, field in keys(config.tasks[0].settings.family).items():
        if path.rpartition(".")[0] or path in ("name", "description", "seed"):
            key = path.rpartition(".")[2]
            assert any(line.startswith((f"{key} =", f"[{path}]")) for line in lines), path
        assert (
            field.description is None
            or path in ("champion.rates", "network.metric", "network.memory")
            or field.description[:30] in text
        )


def test_a_template_tells_bounds_and_defaults() -> None:
    text = render(load("digits").config)
    assert "#   a whole number from 1 to 10_000_000; default 200\npopulation = " in text
    assert '#   one of "baldwin", "lamarck", "darwin"; default "baldwin"\ninheritance = ' in text
    assert max(map(len, (line for line in text.splitlines() if line.startswith("#")))) <= 100


KEYS = st.text(min_size=1, max_size=5)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@settings(deadline=None)
@given(key=KEYS, value=VALUES)
def test_any_value_is_written_as_toml_reads_it(key: str, value: object) -> None:
    assert parse(f"value = {toml({key: value})}", "test") == {"value": {key: value}}


def test_a_template_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_template("mine", "delta")
    assert load(path).config == load("delta", ["name=mine"]).config
    before = path.read_bytes()
    with pytest.raises(InputError, match="one that exists"):
        write_template("mine.toml", "digits")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "base", "message"),
    [
        ("a b", "digits", "a name of letters"),
        ("mine", "digitz", "Did you mean digits"),
        ("no/mine", "digits", "folder"),
    ],
)
def test_a_template_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, base: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        write_template(name, base)
    assert not list(tmp_path.iterdir())


def test_a_short_template_builds_on_its_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab").mkdir()
    first = write_template("lab/first", "delta", short=True)
    second = write_template("second", "lab/first.toml", short=True)
    for path in (first, second):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 6
        assert load(path).config == load("delta", [f"name={path.stem}", "description="]).config
    assert 'base = "lab/first.toml"' in second.read_text(encoding="utf-8")
    third = write_template("lab/third", "second.toml", short=True)
    assert 'base = "../second.toml"' in third.read_text(encoding="utf-8")
    assert load(third).config.name == "third"
