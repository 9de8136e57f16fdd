"""Habits that live on small forms of recipes: such a life is the run that it says, and is lived as others are."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.cluster.search_batches import SearchBatch
from evometa.cluster.slices import costs, cuts, joined, split, whole
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution import small_runs
from evometa.evolution.reckoning import reckoned, seconds
from evometa.evolution.small_runs import live_run, opened, scale, scaled
from evometa.language.habits import Habits, fixed_habits
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.lifetime.searches import Recipes, Searches, SearchPlan, reach
from evometa.operators import make_toolbox
from evometa.presentation.audit import audit
from evometa.presentation.run import Run
from evometa.tasks.families.recipe import RecipeTasks
from operators.lives import live

KEYS = {
    "search_population": 5, "search_generations": 3, "search_tasks": 2, "search_validation": 3, "references": 2,
}  # fmt: skip
SMALL = [
    *(f"tasks.{key}={value}" for key, value in KEYS.items()), "evolution.population=3", "evolution.offspring=4",
    "sampling.tasks=2", "sampling.validation_tasks=2", "sampling.test_tasks=4", "champion.candidates=2",
    "racing.rungs=[]",
]  # fmt: skip
OWN = 'base = "habits_of_recipes"\n[tasks]\ntrain = ["delta"]\nvalidation = ["four.toml"]\ntest = ["three.toml"]\n'
PLAN = SearchPlan(np.array([1, 3], np.int64))


def recipes(folder: Path) -> Path:
    """Write a recipe of habits, and two recipes of one's own that it names; return its path."""
    for name, inputs in (("four", 4), ("three", 3)):
        text = f'base = "delta"\n[tasks]\ninputs = {inputs}\npatterns = 6\ntrain_tasks = 3\nvalidation_tasks = 3\n'
        (folder / f"{name}.toml").write_text(f"{text}test_tasks = 3\n")
    (folder / "habits.toml").write_text(OWN)
    return folder / "habits.toml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("recipes")
    return evometa.run(recipes(folder), settings=SMALL, generations=2, seed=1, out=folder / "run", progress=False)


def searches(count: int = 3, group: int = 1, **keys: Any) -> Searches:
    given = {"family": "recipe", "train": ("delta",), "test": (), **KEYS, **keys}
    family = RecipeTasks.model_validate(given).open(0, ("train",), Path())
    drawn = family.sample("train", count, np.random.default_rng(1))
    assert isinstance(drawn, Searches)
    return scaled(Searches(**{**vars(drawn), "group": group}), live)


def raw(**keys: Any) -> Searches:
    """Return searches whose worth is told as it is, as few references make a coarse scale."""
    given = searches(**keys)
    return replace(given, ground=replace(ground_of(given), scales=None))


def ground_of(given: Searches) -> Recipes:
    assert isinstance(given.ground, Recipes)
    return given.ground


def habits(**texts: str) -> Habits:
    return {**fixed_habits(5), **{slot: parse(t, HABIT_SLOTS[slot].signals, where=slot) for slot, t in texts.items()}}


def test_a_run_of_habits_on_recipes_is_a_run_like_any_other(finished: Run, tmp_path: Path) -> None:
    champion, told = finished.champion, finished.summary()
    assert champion.measure == "advantage"
    assert told["champion"]["over"] == {"unit": "search", "units": [4], "tasks": 4, "repeats": 1}  # of one recipe
    assert told["champion"]["overlap"] == {"tasks": 4, "train": 0, "validation": 0, "compared": 1}
    assert [row["name"] for row in told["baselines"]] == ["fixed habits", "random search"]
    assert champion.formula.startswith(("fixed habits but", "the fixed habits"))
    assert champion.analysis is not None
    settings = [*SMALL, "run.threads=2"]
    part = evometa.run(recipes(tmp_path), settings=settings, generations=1, seed=1, out=tmp_path / "run")
    assert evometa.resume(part.folder, generations=2).digest == finished.digest


@pytest.mark.parametrize("guided", [False, True])
def test_a_search_is_the_run_that_it_says(guided: bool, finished: Run, tmp_path: Path) -> None:
    form, given = ground_of(searches()).forms[0], habits(**finished.champion.rule) if guided else {}
    curve = live_run(make_toolbox, form, given, 2 * 77)
    config = opened(form.text, 77).config
    settings = ["champion.candidates=1", "champion.baselines=[]", "champion.peers=false", "sampling.test_tasks=2"]
    settings += [f"habits.from={finished.folder}"] if guided else []
    run = evometa.run(config, settings=settings, out=tmp_path / "run", progress=False)
    assert run.summary()["champion"]["meta_validation"] == pytest.approx(curve[-1], abs=1e-6)
    assert len(curve) == 3


def test_lanes_are_apart_and_fixed_habits_are_none() -> None:
    own, some = habits(pick="1 - rank", which_insert="3"), raw()
    both = live([own, fixed_habits(5)], some, PLAN)
    assert (live([{}], some, PLAN)[0] == both[1]).all()
    assert not (both[0] == both[1]).all()
    for lane in range(3):
        assert (live([own], some.take(np.array([lane])), PLAN)[0][:, 0] == both[0][:, lane]).all()


def test_searches_elsewhere_find_what_they_find_here() -> None:
    batch = SearchBatch([habits(pick="1"), fixed_habits(5)], searches(2), PLAN, live)
    assert costs(batch).min() > 0
    shared, parts = split(batch, cuts(costs(batch), 2))
    found = [whole(*pickle.loads(pickle.dumps((shared, part)))).live() for part in parts]  # type: ignore[union-attr]
    assert (joined(found) == batch.live()).all()


def test_depth_3_is_the_same_function_once_more() -> None:
    plan = SearchPlan(np.array([1, 2], np.int64), 3, population=2, generations=2, tasks=2)
    found = live([fixed_habits(5)], searches(2, group=2, search_generations=2), plan)
    assert found.shape == (1, 2, 1)
    assert ((found >= 0) & (found <= 1)).all()


def test_a_blind_search_has_nothing_to_go_by(monkeypatch: pytest.MonkeyPatch) -> None:
    blind = searches(shuffled=True)
    assert ground_of(blind).scales.tolist() == ground_of(searches()).scales.tolist()  # type: ignore[union-attr]
    blind, seeing = raw(shuffled=True), live([{}], raw(), PLAN)
    assert not (live([{}], blind, PLAN) == seeing).all()
    monkeypatch.setattr(small_runs, "deal", lambda everyone, rng: None)
    assert (live([{}], blind, PLAN) == seeing).all()


def test_the_scale_is_what_fixed_habits_gain_and_their_luck_at_least() -> None:
    curves = np.array([[0.0, 1.0, 2.0], [4.0, 5.0, 6.0]])
    assert scale(curves) == (5.0, 4.0)
    end, unit = scale(curves[::-1])
    assert (end, unit) == (1.0, pytest.approx(0.68))
    assert scale(np.ones((2, 3))) == (1.0, small_runs.LEAST)
    assert reach(np.array([1.0, 5.0, 9.0, 99.0, -99.0]), np.array(5.0), np.array(4.0)).tolist() == [0, 0.5, 1, 1, 0]


def test_recipes_are_known_by_what_they_say(finished: Run, tmp_path: Path) -> None:
    settings = [*SMALL, "champion.peers=false", "sampling.test_tasks=1", "run.generations=1"]
    part = evometa.run(recipes(tmp_path), settings=settings, seed=1, out=tmp_path / "run", progress=False)
    path = tmp_path / "three.toml"
    path.write_text(path.read_text().replace("inputs = 3", "inputs = 2\nrepeated = 1"))
    with pytest.raises(InputError, match="three"):
        evometa.resume(part.folder, generations=2)


def test_an_audit_asks_what_recipes_can_be_asked(finished: Run) -> None:
    found = audit(finished, tasks=2)
    cells = {check.name: [cell.name for cell in check.cells] for check in found.tests}
    assert cells["noise"] == []
    assert "generations × 2" in cells["lives"]
    assert {"rules × 2", "tasks × 2"} <= {*cells["shifts"]}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("tasks.train=[dleta]", "tasks.train, dleta.*delta"),
        ("tasks.train=[xor]", "whose rule evolves"),
        ("tasks.train=[sinusoid]", "whose rule evolves"),
        ("tasks.train=[optimizer]", "tuning.every"),
        ("tasks.train=[habits]", "habits.depth = 3"),
        ("tasks.train=[file.toml]", "no file"),
        ("tasks.train=[none.toml]", "neither"),
        ("tasks.train=[two.toml]", "one objective"),
        ("tasks.train=[wrong.toml]", "nothing"),
        ("tasks.train=[tmaze]", "one split alone"),
        ("tasks.validation=[]", "tasks.validation"),
        ("tasks.other_tests={ more = { test = [dleta] } }", "dleta"),
        ("tasks.search_population=1", "search_population"),
        ("tasks.search_generations=10000", "years.*habits.depth"),
    ],
)
def test_bad_settings_are_told(setting: str, said: str, tmp_path: Path) -> None:
    for name, text in (
        ("file", '[tasks]\nfamily = "table"\npath = "data.csv"\n'),
        ("two", '[fitness]\nobjectives = ["adapted_closeness", "size"]\n[evolution]\nscheme = "nsga2"\n'),
        ("wrong", '[rule]\nsignals = ["pre", "nothing"]\n'),
    ):
        (tmp_path / f"{name}.toml").write_text(f'base = "delta"\n{text}')
    (tmp_path / "own.toml").write_text('base = "habits_of_recipes"\n')
    settings = [setting, *(["habits.depth=4"] if "years" in said else [])]
    with pytest.raises(InputError, match=said):
        evometa.run(tmp_path / "own.toml", settings=settings, out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()


def test_intervals_are_over_recipes() -> None:
    given = {"family": "recipe", "train": (), "validation": (), **KEYS}
    family = RecipeTasks.model_validate({**given, "test": ("tmaze", "delta")}).open(0, ("test",), Path())
    assert family.unit == "recipe"
    assert sorted(family.units("test", 4, np.random.default_rng(0))[0].tolist()) == [0, 0, 1, 1]


def test_a_run_says_what_it_reckons_before_it_starts() -> None:
    config = load("habits_of_recipes").config
    family = RecipeTasks.model_validate({"family": "recipe", **KEYS}).open(0, ("train", "validation", "test"), Path())
    (said,) = reckoned(config, [family])
    assert said.startswith("depth 2: reckoned at")
    slow = RecipeTasks.model_validate({"family": "recipe", "train": ("rooms",)}).open(0, ("train",), Path())
    assert seconds(slow) > 10 * seconds(family)
