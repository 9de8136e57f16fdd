"""Whole runs: the same digest however they are threaded, cut and continued; faults of users and machines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Silent
from evometa.engine import Interrupted
from evometa.errors import EvometaError, InputError, RunFailed
from evometa.store.opening import open_writer
from tests.small import DELTA, GRADIENT, SCHEMES, recipe

KEYS = {
    *("recipe", "seed", "generation", "finished", "champion", "baselines", "lifetimes", "diverged", "digest"),
    *("evaluate_seconds", "total_seconds"),
}
CHAMPION = {"id", "rule", "formula", "recognised", "fitness", "innate", "adapted", "meta_validation", "meta_test"}


@pytest.mark.parametrize("name", SCHEMES)
def test_cut_and_continued_is_the_same_run(name: str, tmp_path: Path) -> None:
    base = SCHEMES[name]
    whole = evometa.run(base, out=tmp_path / "whole")
    part = evometa.run(base, out=tmp_path / "part", generations=2)
    assert part.finished
    assert part.digest != whole.digest
    for more in (3, base["run"]["generations"]):
        part = evometa.resume(tmp_path / "part", generations=more)
    assert part.digest == whole.digest
    assert [(one.best, one.best_error) for one in part.history] == [(one.best, one.best_error) for one in whole.history]
    assert whole.history[0].best_error is not None
    ours, theirs = part.summary(), whole.summary()
    for key in KEYS - {"evaluate_seconds", "total_seconds", "diverged", "lifetimes"}:
        assert ours[key] == theirs[key], key


def test_threads_change_nothing(tmp_path: Path) -> None:
    digests = {evometa.run(GRADIENT, settings=[f"run.threads={n}"], out=tmp_path / str(n)).digest for n in (1, 2, 3)}
    assert len(digests) == 1


def test_seed_changes_everything(tmp_path: Path) -> None:
    digests = {evometa.run(DELTA, seed=seed, generations=2, out=tmp_path / str(seed)).digest for seed in (0, 1, 2)}
    assert len(digests) == 3


def test_summary_has_what_was_promised(tmp_path: Path) -> None:
    summary = evometa.run(DELTA, out=tmp_path / "a").summary()
    assert set(summary) >= KEYS
    assert set(summary["champion"]) >= CHAMPION
    assert summary["finished"]
    assert {"name", "mean", "ci95"} <= set(summary["baselines"][0])
    assert 0 <= summary["champion"]["meta_test"] <= 1
    json.dumps(summary, allow_nan=False)


class Stop(Silent):
    """Presses Ctrl-C after some generations."""

    def __init__(self, after: int) -> None:
        self.after = after

    def generation(self, stats: dict[str, Any]) -> None:
        if stats["generation"] == self.after:
            raise KeyboardInterrupt


def test_interrupted_says_how_to_resume_and_loses_nothing(tmp_path: Path) -> None:
    whole = evometa.run(DELTA, out=tmp_path / "whole")
    with pytest.raises(Interrupted, match="evometa resume"):
        evometa.run(DELTA, out=tmp_path / "cut", watch=Stop(3))
    cut = evometa.load(tmp_path / "cut")
    assert (cut.generation, cut.finished) == (3, False)
    assert cut.summary()["champion"]["meta_test"] is None
    assert evometa.resume(tmp_path / "cut").digest == whole.digest


def test_finished_run_is_left_alone(tmp_path: Path) -> None:
    notes: list[str] = []

    class Listen(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    first = evometa.run(DELTA, out=tmp_path / "a", generations=2)
    again = evometa.resume(tmp_path / "a", watch=Listen())
    assert again.digest == first.digest
    assert any("finished" in note for note in notes)
    with pytest.raises(InputError, match="a run"):
        evometa.run(DELTA, out=tmp_path / "a")


def test_champion_is_among_the_candidates_and_reported_once(tmp_path: Path) -> None:
    run = evometa.run(GRADIENT, out=tmp_path / "a")
    report = run.reader.report().value
    assert [point["updates"] for point in report["curve"]] == [0, 1, 2, 3, 4]
    assert run.champion.id == report["champion"]
    assert run.individual(report["champion"]).rule.keys() == {"update", "s1", "loss"}


USER = """
import numpy as np

def tasks(split, count, rng):
    x = rng.random((count, 8, 2))
    {fault}
    return x[:, :4], x[:, :4, :1] + x[:, :4, 1:], x[:, 4:], x[:, 4:, :1] + x[:, 4:, 1:]
"""

FUNCTION = recipe(
    GRADIENT,
    tasks={},
    lifetime={"batch": 4},
    rule={"slots": ["update"], "signals": ["grad", "c0", "p0"], "init": {"update": "-c0 * grad"}},
)


@pytest.mark.parametrize(
    "fault, message",
    [
        ("calls.append(0)\n    if len(calls) > 11: raise ValueError('no more data')", "no more data"),
        ("calls.append(0)\n    x = x[:, :, :1] if len(calls) > 11 else x", "expected"),
        ("calls.append(0)\n    x = x * (np.nan if len(calls) > 11 else 1)", "finite"),
    ],
)
def test_faults_of_a_users_tasks_are_named_and_lose_nothing(fault: str, message: str, tmp_path: Path) -> None:
    name = f"mine_{abs(hash(fault))}"  # modules are remembered by name
    (tmp_path / f"{name}.py").write_text("calls = []\n" + USER.format(fault=fault))
    data = {
        **FUNCTION,
        "tasks": {"family": "function", "function": f"{name}:tasks", "path": str(tmp_path), "kind": "regression"},
    }
    data["run"] = {"generations": 60}
    with pytest.raises((InputError, RunFailed)) as caught:
        evometa.run(data, out=tmp_path / "run")
    assert message in str(caught.value)
    assert f"{name}:tasks" in str(caught.value)
    assert evometa.load(tmp_path / "run").generation >= 1


def test_sizes_that_cannot_fit_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"GiB.*Lower"):
        evometa.run(recipe(GRADIENT, sampling={"tasks": 1_000_000, "repeats": 10_000}), out=tmp_path / "a")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "settings, where",
    [
        (["evolution.popluation=5"], "population"),
        (["lifetime.batch=2"], "batch"),
        (["rule.signals=['pree']"], "pre"),
        (["run.backend='cupy'"], "backend"),
        (["fitness.objectives=['adapted_accurcy']"], "adapted_accuracy"),
    ],
)
def test_contradictions_are_refused_before_anything_is_made(settings: list[str], where: str, tmp_path: Path) -> None:
    with pytest.raises(EvometaError) as caught:
        evometa.run(DELTA, settings=settings, out=tmp_path / "a")
    assert caught.value.exit_code == 2
    assert where in str(caught.value)
    assert not (tmp_path / "a").exists()


def test_stock_rules_are_tuned_alike_whatever_is_inherited(tmp_path: Path) -> None:
    reports = [evometa.run(SCHEMES[name], out=tmp_path / name).reader.report().value for name in ("baldwin", "darwin")]
    rows = [report["baselines"][0] for report in reports]
    del rows[0]["difference"], rows[1]["difference"]  # it is to the champion, who is another one
    assert rows[0] == rows[1]
    assert rows[0]["dials"]["rate"] > 0


def test_what_comes_later_does_not_spoil_an_earlier_checkpoint(tmp_path: Path) -> None:
    wild = recipe(
        GRADIENT,
        lifetime={"updates": 1, "bound": 1e30},
        rule={
            "slots": ["update"],
            "signals": ["grad", "c0"],
            "init": {"update": "-100 * c0 * grad"},
            "fixed": ["update"],
        },
        coefficients={"count": 1, "values": [1.0], "low": 0.001, "high": 10.0, "mode": "fixed"},
        champion={"updates": 60, "baselines": []},
    )
    report = evometa.run(wild, out=tmp_path / "a", generations=1).reader.report().value
    assert report["curve"][0]["mean"] == report["innate"]["mean"] < 1e3
    assert report["curve"][-1]["mean"] == 1e6


def test_a_refused_resume_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "gone.py").write_text(USER.format(fault=""))
    data = {
        **FUNCTION,
        "tasks": {"family": "function", "function": "gone:tasks", "path": str(tmp_path), "kind": "regression"},
    }
    evometa.run(data, out=tmp_path / "run")
    (tmp_path / "gone.py").write_text("")
    sys.modules.pop("gone", None)
    with pytest.raises(InputError):
        evometa.resume(tmp_path / "run", generations=9)
    left = evometa.load(tmp_path / "run")
    assert (left.finished, left.config["run"]["generations"]) == (True, 4)


def test_checkpoints_beyond_a_lifetime_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="checkpoints"):
        evometa.run(DELTA, settings=["lifetime.checkpoints=[500]"], out=tmp_path / "a")


@pytest.mark.parametrize("value", [-3, 0, 20_000_000, 10**400, 2.5, True, "5", [3]])
def test_generations_that_no_run_can_have_are_refused_and_leave_it_as_it_was(tmp_path: Path, value: Any) -> None:
    before = evometa.run(DELTA, out=tmp_path / "run", generations=1).config
    with pytest.raises(InputError, match=r"^--generations "):
        evometa.resume(tmp_path / "run", generations=value)
    with pytest.raises(InputError, match=r"^--generations "):
        evometa.run(DELTA, out=tmp_path / "other", generations=value)
    assert evometa.load(tmp_path / "run").config == before
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("value", ["cuda", "", 3, True])
def test_a_backend_that_there_is_not_is_refused(tmp_path: Path, value: Any) -> None:
    evometa.run(DELTA, out=tmp_path / "run", generations=1)
    for again in (evometa.resume, lambda path, **more: evometa.run(DELTA, out=path.with_name("other"), **more)):
        with pytest.raises(InputError, match=r"^--backend "):
            again(tmp_path / "run", backend=value)


def test_a_run_locked_by_too_many_generations_is_rescued(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "run", generations=1)
    with open_writer(tmp_path / "run") as writer:
        config = writer.reader.config
        writer.amend({**config, "run": {**config["run"], "generations": 20_000_000}})
    with pytest.raises(InputError, match=r"from 1 to 10_000_000.* --generations N"):
        evometa.resume(tmp_path / "run")
    assert evometa.resume(tmp_path / "run", generations=2).generation == 2
    assert evometa.resume(tmp_path / "run", backend="numba").config["run"] == {**config["run"], "generations": 2}
