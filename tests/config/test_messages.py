"""Messages: each names the place, the value, what is allowed, and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.config.keys import nearest_name
from evometa.config.load import load, restore
from evometa.config.recipes import recipes
from evometa.config.schema import Config
from evometa.config.upgrade import upgrade
from evometa.errors import InputError

FILE = """
description = "three mistakes are put into this file, one at a time"

[tasks]
family = "digits"
ways = 3

[evolution]
population = 50

[champion.rates]
points = 3
"""


def message(text: str, folder: Path, *settings: str) -> str:
    """Return the refusal of a file with that text."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load(path, settings)
    return str(error.value).replace(str(folder) + "/", "")


@pytest.mark.parametrize(
    ("old", "new", "where", "remedy"),
    [
        (
            "population",
            "populaton",
            "mine.toml, line 9: evolution.populaton",
            "Did you mean evolution.population?",
        ),
        ("population", "Population", "mine.toml, line 9: evolution.Population", "Did you mean evolution.population?"),
        ("[evolution]", "[EVOLUTION]", "mine.toml, line 8: EVOLUTION", "Did you mean evolution?"),
        ("description", "Base = 'digits' #", "mine.toml, line 2: Base", "Did you mean base?"),
        ("[evolution]", "[evolutoin]", "mine.toml, line 8: evolutoin", "Did you mean evolution?"),
        ("population", "popsize", "mine.toml, line 9: evolution.popsize", "Did you mean evolution.population?"),
        ("ways", "wayz", "mine.toml, line 6: tasks.wayz", "Did you mean tasks.ways?"),
        (
            "ways = 3",
            "population = 3",
            "mine.toml, line 6: tasks.population",
            "Did you mean evolution.population?",
        ),
        ("population", "populations", "mine.toml, line 9: evolution.populations", "mean evolution.population?"),
        ("[evolution]\npopulation", "[gradient]\nrates", "line 9: gradient.rates", "gradient.rate or champion.rates?"),
        ("[evolution]\npopulation", "[gradient]\nfoo", "line 9: gradient.foo", "Known keys of gradient: steps, tasks"),
        (
            "[evolution]\npopulation",
            "[gradient.later.5]\nstep",
            "gradient.later.5.step",
            "mean gradient.later.5.steps or",
        ),
        (
            "[evolution]\npopulation",
            "[gradient.later.5]\nfoo",
            "gradient.later.5.foo",
            "of gradient.later.5: steps, tasks",
        ),
        ('"digits"', '"digit"', "mine.toml, line 5: tasks.family", "Did you mean digits?"),
        (
            "description",
            "generations = 3 #",
            "mine.toml, line 2: generations",
            "Did you mean run.generations?",
        ),
        ("ways = 3", "zzzz = 3", "mine.toml, line 6: tasks.zzzz", "Known keys of tasks: family, ways, shots"),
        ("points = 3", "scale = 'lgo'", "mine.toml, line 12: champion.rates.scale", "Did you mean log?"),
        (
            "points = 3",
            "points = '3'",
            "mine.toml, line 12: champion.rates.points",
            "Write it without quotes.",
        ),
        (
            "population = 50",
            "population = 0",
            "mine.toml, line 9: evolution.population",
            "from 1 to 10_000_000",
        ),
        ("ways = 3", "ways = 7", "mine.toml, line 4: tasks.train_classes", "lower tasks.ways"),
        (
            "[tasks]",
            "[[tasks]]\nfamily = 'boolean'\n[[tasks]]\nwys = 3",
            "line 7: tasks.1.wys",
            "tasks.1.ways?",
        ),
        ("[tasks]", "[[tasks]]\nwys = 3", "line 5: tasks.wys", "Did you mean tasks.ways?"),
        ("ways = 3", "other_tests = [{ wys = 3 }]", "tasks.other_tests.0.wys", "Did you mean tasks.other_tests.ways?"),
    ],
)
def test_a_mistake_in_a_file(tmp_path: Path, old: str, new: str, where: str, remedy: str) -> None:
    text = message(FILE.replace(old, new, 1), tmp_path)
    assert where in text
    assert remedy in text


def test_the_value_and_the_meaning_are_told(tmp_path: Path) -> None:
    text = message(FILE.replace("50", "-50"), tmp_path)
    assert "found -50." in text
    assert "Meaning: genomes that survive a generation." in text


def test_several_mistakes_are_named(tmp_path: Path) -> None:
    text = message(FILE.replace("50", "-50").replace("points = 3", "points = -3"), tmp_path)
    assert "evolution.population: expected" in text
    assert text.endswith("Also wrong: champion.rates.points.")


def test_an_unknown_key_is_named_first(tmp_path: Path) -> None:
    text = message(FILE.replace("50", "-50").replace("points", "pointz"), tmp_path)
    assert "found the unknown key champion.rates.pointz" in text
    assert text.endswith("Also wrong: evolution.population.")


def test_a_contradiction_within_one_of_several_sets_names_the_set(tmp_path: Path) -> None:
    text = message("[[tasks]]\nfamily = 'boolean'\n[[tasks]]\nfamily = 'boolean'\npatterns = 40\n", tmp_path)
    assert text.startswith("mine.toml, line 5: tasks.1.patterns: ")


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ("evolution.populaton=3", "--set evolution.populaton=3: "),
        ("evolution.population=x", "--set evolution.population=x: "),
        ("evolutoin.population=3", "--set evolutoin.population=3: "),
        ("tasks.ways=x", "--set tasks.ways=x: "),
    ],
)
def test_a_mistake_in_an_option_names_the_option(tmp_path: Path, setting: str, place: str) -> None:
    assert message(FILE, tmp_path, setting).startswith(place)


def test_options_of_their_own_are_named() -> None:
    with pytest.raises(InputError, match=r"^--backend cuda: expected one of \"auto\", \"numba\", \"cupy\""):
        load("digits", backend="cuda")
    with pytest.raises(InputError, match=r"^--seed -3: "):
        load("digits", seed=-3)
    with pytest.raises(InputError, match=r"^--generations 0: "):
        load("digits", generations=0)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[tasks\nfamily = 1", "mine.toml, line 1, column 7"),
        ("[tasks]\nfamily = digits", "mine.toml, line 2, column 10"),
        ("[tasks]\nfamily = 'a'\nfamily = 'b'", "mine.toml, "),
    ],
)
def test_wrong_toml_names_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    found = message(text, tmp_path)
    assert found.startswith(f"{place}")
    assert "expected TOML" in found


def test_text_without_quotes_in_a_table_is_explained() -> None:
    with pytest.raises(InputError, match="Text within it needs quotes"):
        load("digits", ["rule.init={update = grad}"])


def test_a_key_of_a_newer_version_is_refused_with_the_runs_name() -> None:
    stored = load("digits").config.model_dump(mode="json")
    stored["run"]["teleport"] = True
    with pytest.raises(InputError, match=r"runs/digits-1: run.teleport: .* written by a newer evometa"):
        restore(stored, "runs/digits-1")


def test_a_stored_configuration_that_cannot_be_read_is_refused() -> None:
    for stored in ("{", "3", "null", "[]"):
        with pytest.raises(InputError, match=r"^runs/digits-1"):
            restore(stored, "runs/digits-1")


def test_a_stored_run_without_a_newer_key_takes_its_default() -> None:
    stored = load("digits").config.model_dump(mode="json")
    del stored["champion"]["peers"]
    assert restore(stored, "a run") == load("digits").config


def test_counts_of_an_earlier_version_are_restored_as_shares_that_give_the_same_numbers() -> None:
    stored = load("delta", ["evolution.islands=3", "evolution.offspring=301"]).config.model_dump(mode="json")
    for count in (0, 1, 2, 50, 299, 301):
        stored["evolution"] |= {"immigrants": count, "migrants": max(1, count)}
        found = restore(stored, "a run").evolution
        assert (found.newcomers, found.movers) == (count, max(1, count))
    assert stored["evolution"]["immigrants"] == 301  # what was given is left as it is


def test_upgrade_leaves_present_configurations_alone() -> None:
    for name in recipes():
        stored = load(name).config.model_dump(mode="json")
        assert upgrade(stored) == stored


@pytest.mark.parametrize("stored", [{}, {"evolution": 3}, {"evolution": {"immigrants": 5, "offspring": "x"}}])
def test_upgrade_leaves_what_is_no_configuration_to_the_schema(stored: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"^a run"):
        restore(stored, "a run")


def test_nearest_names() -> None:
    names = ["sgd", "adam", "mul", "select"]
    assert nearest_name("adm", names) == "Did you mean adam?"
    assert nearest_name("multiply", names) == "Did you mean mul?"
    assert nearest_name("SGD", names) == "Did you mean sgd?"
    assert nearest_name("zzz", names) == "Known: sgd, adam, mul, select."
    assert nearest_name("", names) == "Known: sgd, adam, mul, select."


def test_python_may_build_a_config_without_a_file() -> None:
    assert Config.model_validate({"tasks": [{"family": "boolean"}]}) == load({"tasks": {"family": "boolean"}}).config
