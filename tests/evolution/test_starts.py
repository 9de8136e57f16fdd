"""Starts of a search: the library, earlier runs, files; what is kept of them, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.starts import open_guesses
from evometa.tasks.location import Places
from tests.small import GRADIENT

RULES = """
[mine]
update = "-c0*grad"
coefficients = [0.25]

[other]
update = "-0.1*sign(grad)"

[beyond]
update = "-c0*pre"
"""


def opened(tmp_path: Path, *start: str, **places: Any) -> Any:
    loaded = load(GRADIENT, [f"evolution.start={list(start)}".replace("'", '"')])
    return open_guesses(loaded, 5, Places(tmp_path, **places))


def test_the_library_is_held_as_far_as_the_recipe_goes_and_the_rest_is_named(tmp_path: Path) -> None:
    found = opened(tmp_path, "library", "random")
    assert {form.name for form in found.forms["library"]} >= {"sgd"}
    (note,) = found.notes
    assert "start library: " in note
    assert "hebb" in note
    assert "(no signal post, pre)" in note
    assert found.texts == {}


def test_rules_of_a_file_are_held_and_what_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    found = opened(tmp_path, "rules.toml")
    assert [form.name for form in found.forms["rules.toml"]] == ["mine", "other"]
    assert "beyond (no signal pre)" in found.notes[0]
    assert set(found.texts["rules.toml"]) == {"mine", "other", "beyond"}
    (tmp_path / "rules.toml").write_text("[mine]\nupdate = '-2*grad'\n")
    kept = opened(tmp_path, "rules.toml", guesses=found.texts)
    assert kept.forms == found.forms  # what the run began with, whatever the file says now


@pytest.mark.parametrize(("text", "part"), [
    ("[mine]\nupdte = 'grad'", "a table with update"), ("mine = 3", "a table with update"),
    ("[mine]\nupdate = 'grd'", "mine, update"), ("[mine]\nupdate = 'grad'\ns9 = 'grad'", "a text for a slot"),
    ("[mine]\nupdate = 'grad'\ncoefficients = 'x'", "a list of numbers"), ("[mine", "TOML"),
    ("[mine]\nupdate = 'grad'\ncoefficients = [1,2,3,4,5,6,7,8,9]", "8 at most"),
    ("[mine]\nupdate = 'grad'\ncoefficients = [true]", "a list of numbers"), ("[mine]\nupdate = 'pre'", "none of"),
])  # fmt: skip
def test_files_that_hold_no_rules_are_refused(text: str, part: str, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(text)
    with pytest.raises(InputError, match=part):
        opened(tmp_path, "rules.toml")


def test_a_start_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="libary"):
        opened(tmp_path, "libary")
    with pytest.raises(InputError):
        opened(tmp_path, str(tmp_path))  # a folder, but of no run


def test_a_run_starts_from_another_and_goes_on_without_it(tmp_path: Path) -> None:
    evometa.run(GRADIENT, settings=['evolution.start=["library"]'], out=tmp_path / "first")
    settings = [f'evolution.start=["{tmp_path / "first"}", "library"]', "evolution.immigrants=0.2"]
    whole = evometa.run(GRADIENT, settings=settings, out=tmp_path / "whole")
    evometa.run(GRADIENT, settings=settings, out=tmp_path / "part", generations=2)
    shutil.rmtree(tmp_path / "first")
    part = evometa.resume(tmp_path / "part", generations=whole.generation)
    assert part.digest == whole.digest
    origins = {whole.individual(number).operator for number in range(GRADIENT["evolution"]["population"])}
    assert any(name.startswith("guess individual") for name in origins)
    assert any(name.endswith("(library)") for name in origins)
