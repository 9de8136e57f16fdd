"""Runs of habits: reproducible, resumed as if never stopped, looked at, and used by other runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import evometa
from evometa.errors import InputError
from evometa.export import export
from evometa.presentation.run import Run

SMALL = [
    *(
        "tasks.search_population=8",
        "tasks.search_generations=3",
        "tasks.probes=16",
        "tasks.train_rules=4",
        "tasks.test_rules=4",
    ),
    *("tasks.validation_rules=3", "evolution.population=3", "evolution.offspring=4", "sampling.tasks=4"),
    *("sampling.validation_tasks=4", "sampling.test_tasks=8", "champion.candidates=2", "racing.rungs=[]"),
    'tasks.other_tests={ noisy = { form = "F1", noise = 0.2, train_rules = 2, validation_rules = 2, test_rules = 3, '
    "search_population = 8, search_generations = 3 } }",
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return evometa.run("habits", settings=SMALL, generations=3, seed=2, out=tmp_path_factory.mktemp("habits") / "run")


def test_a_run_of_habits_is_a_run_like_any_other(finished: Run) -> None:
    assert finished.finished
    champion = finished.champion
    told = finished.summary()
    assert champion.measure == "advantage"
    assert told["champion"]["meta_test"] == champion.meta_test
    assert set(told["champion"]["other_tests"]) == {"noisy"}
    assert [row["name"] for row in told["baselines"]] == ["fixed habits", "random search"]
    assert told["baselines"][0]["mean"] == 0.0
    beside = told["champion"]["other_tests"]["noisy"]["baselines"][1]
    assert beside["name"] == "random search"
    assert {"mean", "ci95"} <= beside["difference"].keys()
    assert champion.formula.startswith(("fixed habits but", "the fixed habits"))
    analysis = champion.analysis
    assert analysis is not None
    assert {part.slot for part in analysis.ablation} <= champion.rule.keys()
    assert "the outer search took" in analysis.notes[0]


def test_stopped_and_resumed_is_never_stopped(finished: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    evometa.run("habits", settings=[*SMALL, "run.threads=1"], generations=2, seed=2, out=out)
    resumed = evometa.resume(out, generations=3)
    assert resumed.digest == finished.digest
    assert resumed.champion.meta_test == finished.champion.meta_test


def test_habits_have_no_lessons_and_no_format(finished: Run) -> None:
    for refused in (lambda: finished.champion.classifier(), lambda: export(finished.champion, "python")):
        with pytest.raises(InputError, match="habits"):
            refused()


@pytest.mark.parametrize("mode", [["habits.from={}"], ["habits.mode=own"]])
def test_other_runs_go_by_habits_and_are_resumed(finished: Run, tmp_path: Path, mode: list[str]) -> None:
    small = ["evolution.population=12", "sampling.repeats=2", "sampling.tasks=2", "champion.baselines=[]"]
    settings = [*small, "sampling.test_tasks=4", "champion.peers=false", *(one.format(finished.folder) for one in mode)]
    whole = evometa.run("delta", settings=settings, generations=4, out=tmp_path / "whole")
    evometa.run("delta", settings=settings, generations=2, out=tmp_path / "part")
    assert evometa.resume(tmp_path / "part", generations=4).digest == whole.digest
    assert whole.champion.formula.startswith("Δw")


def test_the_outer_search_may_go_by_the_best_it_knows(tmp_path: Path) -> None:
    settings = [*SMALL, "habits.self=true", "champion.peers=false"]
    whole = evometa.run("habits", settings=settings, generations=3, out=tmp_path / "whole")
    evometa.run("habits", settings=settings, generations=1, out=tmp_path / "part")
    assert evometa.resume(tmp_path / "part", generations=3).digest == whole.digest


def test_a_run_of_depth_3_is_resumed_in_its_middle(tmp_path: Path) -> None:
    inner = [f"habits.inner_{name}=2" for name in ("population", "generations", "tasks")]
    few = ["sampling.tasks=2", "sampling.validation_tasks=2", "sampling.test_tasks=4", "tasks.search_population=6"]
    settings = [*SMALL, *few, *inner, "habits.depth=3", "champion.peers=false", "tasks.other_tests={}"]
    whole = evometa.run("habits", settings=settings, generations=2, out=tmp_path / "whole")
    evometa.run("habits", settings=settings, generations=1, out=tmp_path / "part")
    assert evometa.resume(tmp_path / "part", generations=2).digest == whole.digest
    analysis = whole.champion.analysis
    assert analysis is not None
    assert "searches for rules" in analysis.notes[0]


def test_what_is_no_run_of_habits_is_refused(tmp_path: Path) -> None:
    for origin in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InputError, match="run"):
            evometa.run("delta", settings=[f"habits.from={origin}"], generations=1, out=tmp_path / "run")
