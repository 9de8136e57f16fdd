"""Test tasks that were met in evolution are counted by content, and said beside the scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.judging.overlap import contents
from evometa.judging.reports import Overlap
from evometa.judging.verdict import basis, repeated
from evometa.lifetime import Tasks
from evometa.lifetime.acting import Lives
from tests.small import DELTA, GRADIENT, recipe

CACHED = """
import numpy as np

POOL = np.random.default_rng(0).normal(size=(8, 6, 1))

def tasks(split, count, rng):
    x = POOL[rng.integers(0, 8, count)]
    return x[:, :3], 2 * x[:, :3], x[:, 3:], 2 * x[:, 3:]
"""


def test_a_function_that_ignores_the_split_is_caught(tmp_path: Path) -> None:
    """Its eight tasks serve all splits; the report, its JSON and its words say so."""
    (tmp_path / "caching.py").write_text(CACHED)
    tasks = {"family": "function", "function": "caching:tasks", "path": str(tmp_path)}
    wanted = {**recipe(GRADIENT, run={"generations": 1}, lifetime={"batch": 3}), "tasks": tasks}
    wanted["sampling"] = {"tasks": 40, "validation_tasks": 40, "test_tasks": 5, "panel_tasks": 2}
    run = evometa.run(wanted, out=tmp_path / "run")
    assert run.champion is not None
    assert run.champion.report is not None
    told = run.summary()
    assert told["champion"]["overlap"] == {"tasks": 5, "train": 5, "validation": 5, "compared": 8}
    said = "Of 5 test tasks, met by content before: 5 in evolution or tuning and 5 in the choice of the champion"
    assert f"{said}; the score is not held out." in basis(run.champion.report, 0)


def test_a_part_that_was_met_is_a_part() -> None:
    said = repeated(Overlap(tasks=1000, train=3))
    assert said.endswith("before: 3 in evolution or tuning; that part of the score is not held out.")
    assert repeated(Overlap(tasks=1, validation=1)).startswith("Of 1 test task, met by content before: 1 in the")


def test_families_that_hold_out_have_none(tmp_path: Path) -> None:
    """And then nothing is said."""
    run = evometa.run(recipe(DELTA, run={"generations": 1}), out=tmp_path / "run")
    report = run.report(1)
    assert report is not None
    found = run.summary()["champion"]["overlap"]
    assert (found["train"], found["validation"], found["tasks"]) == (0, 0, 5)
    assert "by content" not in basis(report, 0)
    assert repeated(None) == ""


def test_lives_in_a_world_without_luck_differ_by_what_they_choose_by() -> None:
    """Tic-tac-toe has no parameters and draws nothing; still no two lives are the same."""
    (course,) = open_courses(load("tictactoe", ["tasks.numbers.ticks=20"]).config)
    lives = course.family.sample("test", 4, np.random.default_rng(0))
    assert isinstance(lives, Lives)
    assert lives.parameters.size == lives.noise.size == 0
    assert len(set(contents(lives))) == 4
    assert contents(lives.take(np.array([2, 0]))) == [contents(lives)[2], contents(lives)[0]]


def test_tasks_are_equal_whatever_the_order_of_their_examples() -> None:
    """But not where an answer differs, or a query is learned from."""
    rng = np.random.default_rng(0)
    sx, sy, qx, qy = (rng.normal(size=(4, 1, 2)).astype(np.float32) for _ in range(4))
    asked = contents(Tasks(sx, sy, qx, qy))
    assert len(set(asked)) == 2
    assert contents(Tasks(sx[::-1].copy(), sy[::-1].copy(), qx, qy)) == asked
    assert not set(contents(Tasks(sx[::-1].copy(), sy, qx, qy))) & set(asked)
    assert not set(contents(Tasks(qx, qy, sx, sy))) & set(asked)
