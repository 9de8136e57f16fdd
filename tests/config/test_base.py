"""A recipe that builds on another says only what differs; what is said is found where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

import evometa
from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.errors import InputError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def refusal(recipe: str | Path) -> str:
    with pytest.raises(InputError) as error:
        load(recipe)
    return str(error.value)


@pytest.mark.parametrize("name", sorted(recipes()))
def test_nothing_of_its_own_is_the_base(folder: Path, name: str) -> None:
    mine = load(write("mine.toml", f'base = "{name}"\n')).config
    theirs = load(name).config
    assert mine == load({**theirs.model_dump(mode="json"), "name": "mine", "description": ""}).config


def test_sections_are_merged_key_by_key_and_all_else_is_replaced(folder: Path) -> None:
    write(
        "mine.toml",
        """
        base = "digits"
        [rule]
        signals = ["grad"]
        init = { s1 = "grad" }
        [champion.rates]
        points = 3
        [tasks]
        ways = 2
    """,
    )
    mine, theirs = load("mine.toml").config, load("digits").config
    assert (mine.rule.signals, mine.rule.init, mine.rule.max_nodes) == (("grad",), {"s1": "grad"}, 24)
    assert mine.champion.rates == theirs.champion.rates.model_copy(update={"points": 3})
    assert mine.tasks[0].settings.ways == 2  # type: ignore[union-attr]
    assert mine.network == theirs.network


def test_another_family_takes_nothing_over(folder: Path) -> None:
    write("mine.toml", 'base = "digits"\n[tasks]\nfamily = "boolean"\n[lifetime]\nbatch = 1\n')
    assert load("mine.toml").config.tasks == load({"tasks": {"family": "boolean"}}).config.tasks


def test_sets_of_tasks_are_replaced_as_a_whole(folder: Path) -> None:
    write("mine.toml", 'base = "optimizer"\n[[tasks]]\nfamily = "boolean"\n[[tasks]]\nfamily = "digits"\n')
    assert [tasks.settings.family for tasks in load("mine.toml").config.tasks] == ["boolean", "digits"]
    write("mine.toml", 'base = "digits"\n[[tasks]]\nshots = 4\n')  # one set: the same as [tasks]
    assert load("mine.toml").config.tasks[0].settings.shots == 4  # type: ignore[union-attr]


def test_a_key_takes_the_place_of_one_that_says_the_same(folder: Path) -> None:
    lifetime = load(write("mine.toml", 'base = "digits"\n[lifetime]\nupdates = 7\n')).config.lifetime
    assert (lifetime.updates, lifetime.epochs) == (7, None)
    found = load(write("mine.toml", 'base = "optimizer"\n[coefficients]\ncount = 3\n')).config.coefficients
    assert (found.count, found.values) == (3, ())


def test_a_chain_of_files_from_folder_to_folder(folder: Path) -> None:
    write("lab/base.toml", 'base = "digits"\nseed = 5\n[tasks]\nfamily = "table"\npath = "data/a.csv"\n')
    write("lab/mine/one.toml", 'base = "../base.toml"\n[tasks]\nshots = 3\n')
    write("two.toml", 'base = "lab/mine/one.toml"\nseed = 6\n')
    config = load("two.toml").config
    assert (config.name, config.seed) == ("two", 6)
    table = config.tasks[0].settings
    assert Path(table.path).resolve() == folder / "lab" / "data" / "a.csv"  # type: ignore[union-attr]
    assert table.shots == 3  # type: ignore[union-attr]
    assert load({"base": "two.toml"}).config.seed == 6


def test_a_bad_value_is_named_where_it_stands(folder: Path) -> None:
    write("below.toml", 'base = "digits"\n\n[evolution]\npopulation = -1\nhall = 3\n')
    mine = write("mine.toml", 'base = "below.toml"\n[evolution]\ntournament = 3\n')
    assert refusal("mine.toml").startswith("below.toml, line 4: evolution.population: ")
    mine.write_text('base = "below.toml"\n[evolution]\npopulation = -2\n', encoding="utf-8")
    assert refusal("mine.toml").startswith("mine.toml, line 3: evolution.population: ")
    write("below.toml", "[evolution\n")
    assert refusal("mine.toml").startswith("below.toml, line 1, column ")
    write("below.toml", 'base = "digits"\n[evolution]\npopulaton = 4\n')
    assert refusal("mine.toml").startswith("below.toml, line 3: evolution.populaton: ")


def test_what_was_replaced_is_not_blamed(folder: Path) -> None:
    write("below.toml", '[tasks]\nfamily = "digits"\npath = 3\n')
    write("mine.toml", 'base = "below.toml"\n[tasks]\nfamily = "table"\n')
    assert refusal("mine.toml").startswith("mine.toml, line 2: tasks.path: ")


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ('"digitz"', "mine.toml, line 1: base: expected a recipe's name or a TOML file; found neither. Did you mean"),
        ('"mine.toml"', "base: expected a recipe that does not build on itself; found mine.toml → mine.toml"),
        ('"./lab/../mine.toml"', "does not build on itself"),
        ('"."', "a folder or a run"),
        ("3", "mine.toml, line 1: base: expected the name of a recipe, or the path of a TOML file from here; found 3"),
        ('""', "the name of a recipe"),
        ('["digits"]', "the name of a recipe"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_on_is_refused(folder: Path, base: str, message: str) -> None:
    (folder / "lab").mkdir()
    write("mine.toml", f"base = {base}\n")
    assert message in refusal("mine.toml")


def test_chains_end(folder: Path) -> None:
    write("0.toml", 'base = "digits"\n')
    for number in range(1, 40):
        write(f"{number}.toml", f'base = "{number - 1}.toml"\n')
    assert load("14.toml").config.tasks == load("digits").config.tasks
    assert "at most 16 recipes" in refusal("39.toml")
    write("a.toml", 'base = "b.toml"\n')
    write("b.toml", 'base = "a.toml"\n')
    assert "a.toml → b.toml → a.toml" in refusal("a.toml")


def test_a_run_keeps_what_the_recipe_came_to(folder: Path) -> None:
    write(
        "mine.toml",
        """
        base = "delta"
        [evolution]
        population = 8
        [sampling]
        tasks = 2
        repeats = 1
        [run]
        generations = 1
        [champion]
        baselines = []
        candidates = 1
    """,
    )
    kept = evometa.run("mine.toml", out=folder / "run").config
    assert "base" not in kept
    assert (kept["name"], kept["evolution"]["population"], kept["rule"]["max_nodes"]) == ("mine", 8, 24)
