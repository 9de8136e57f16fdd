"""Rows of a table in the order of time: tasks are windows, what is asked comes behind what was learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from evometa.config.learner import Lifetime
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.courses import lessons, open_courses
from evometa.tasks.families.table import Table, TableTasks
from evometa.tasks.in_a_row import InARow

COUNT, GROUPS = 120, 6
SPLITS = ("train", "validation", "test")


def written(folder: Path, groups: bool = False, date: bool = False) -> Path:
    """Write a table whose rows stand in any order: input and target say when each was."""
    rng, lines = np.random.default_rng(0), []
    for number in rng.permutation(COUNT):
        group, at = (number % GROUPS, number // GROUPS) if groups else (0, number)
        when = f"2024-{1 + at // 28:02}-{1 + at % 28:02}" if date else f"{at / 4}"
        lines.append(f"{when},{at + 1000 * group + 0.5},{at},m{group}")
    path = folder / "series.csv"
    path.write_text("\n".join(["when,load,wear,machine", *lines]))
    return path


def opened(path: Path, **more: Any) -> Table:
    settings = {"target": "wear", "kind": "regression", "time": "when", "omit": ("machine",), "standardise": False}
    own: dict[str, Any] = {**settings, "path": str(path), "shots": 4, "queries": 3, **more}
    return TableTasks(**own).open(0, SPLITS, path.parent)


@pytest.mark.parametrize("date", [False, True])
def test_a_task_is_rows_in_a_row_and_those_that_follow(tmp_path: Path, date: bool) -> None:
    family = opened(written(tmp_path, date=date))
    met: dict[str, set[int]] = {}
    for split in SPLITS:
        tasks = family.sample(split, 50, np.random.default_rng(1))
        times = np.concatenate([tasks.support_y, tasks.query_y])[:, 0]
        assert (np.diff(times, axis=0) == 1).all()
        met[split] = {*times.astype(int).ravel().tolist()}
    assert max(met["train"]) < min(met["validation"])
    assert max(met["validation"]) < min(met["test"])
    assert family.inputs == 1


def test_units_of_one_series_are_parts_of_it(tmp_path: Path) -> None:
    family = opened(written(tmp_path))
    tasks = family.sample("test", 50, np.random.default_rng(1))
    units = family.units("test", 50, np.random.default_rng(1))
    first = tasks.support_y[0, 0].astype(int) - (COUNT - round(0.3 * COUNT))
    assert family.unit == "part"
    assert np.array_equal(units[0], first // 7)


def test_groups_have_a_time_each(tmp_path: Path) -> None:
    family = opened(written(tmp_path, groups=True), group="machine", omit=())
    tasks = family.sample("train", 30, np.random.default_rng(1))
    assert (np.diff(np.concatenate([tasks.support_y, tasks.query_y])[:, 0], axis=0) == 1).all()
    groups = np.concatenate([tasks.support_x, tasks.query_x])[:, 0] // 1000
    assert (groups == groups[0]).all()
    assert family.unit == "group"
    assert len(np.unique(family.units("train", 30, np.random.default_rng(1)))) == len(np.unique(groups[0]))


def test_the_tasks_of_a_life_follow_each_other(tmp_path: Path) -> None:
    family = InARow(opened(written(tmp_path)), Lifetime(tasks=3, corrections=1))
    tasks = family.sample("test", 20, np.random.default_rng(2))
    times = tasks.support_y[:, 0]  # with the answers that are told
    assert times.shape == (3 * 7, 20)
    assert (np.diff(times, axis=0) == 1).all()
    assert np.array_equal(tasks.query_y[3:6, 0], times[7 + 4 : 14])
    assert np.array_equal(family.units("test", 20, np.random.default_rng(2))[0], (times[0].astype(int) - 84) // 21)


def recipe(path: Path, **lifetime: Any) -> dict[str, Any]:
    """Return a recipe of lives of three tasks."""
    tasks = {"family": "table", "path": str(path), "target": "wear", "kind": "regression", "time": "when",
             "omit": ["machine"], "shots": 4, "queries": 3}  # fmt: skip
    return {"tasks": tasks, "lifetime": {"tasks": 3, **lifetime}}


def test_a_life_learns_in_that_order(tmp_path: Path) -> None:
    config = load(recipe(written(tmp_path), order="fixed", corrections=7)).config
    lesson = lessons(open_courses(config)[0], config, "train", 0, 5)
    met = np.take_along_axis(lesson.tasks.support_y[:, 0], lesson.plan.order[:, 0], axis=0)
    shown, told = met.reshape(3, 4 + 7, 5)[:, :4], met.reshape(3, 4 + 7, 5)[:, 4:]
    assert (np.diff(shown, axis=1) > 0).all()
    assert (np.diff(told, axis=1) > 0).all()
    assert np.array_equal(shown, told[:, :4])


def test_no_life_shuffles_time(tmp_path: Path) -> None:
    config = load(recipe(written(tmp_path))).config
    with pytest.raises(InputError, match="as rows are in the order of time"):
        open_courses(config)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"time": "never"}, "a column 'never'"),
        ({"time": "wear"}, "in two roles"),
        ({"time": "machine", "omit": ()}, "a date such as 2024-03-31"),
        ({"shots": 40}, "at least 129 rows"),
    ],
)
def test_what_has_no_order_is_refused(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        opened(written(tmp_path), **more)


@pytest.mark.parametrize("more", [{"divide": "rows"}, {"train": ("a",), "test": ("b",)}])
def test_one_series_is_divided_by_time_alone(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="rows are divided by time"):
        opened(written(tmp_path), **more)


def test_a_row_without_a_time_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    lines = path.read_text().splitlines()
    lines[7] = "," + lines[7].partition(",")[2]
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match="row 8, column when: expected a number, as other rows have; found nothing"):
        opened(path)


def test_too_long_lives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lifetime.tasks \(9\)"):
        InARow(opened(written(tmp_path)), Lifetime(tasks=9))


def test_dates_of_an_npz_file_order_its_rows(tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(COUNT)
    when = np.datetime64("2024-01-01") + order
    np.savez(tmp_path / "series.npz", x=order[:, None] + 0.5, wear=order.astype(float), when=when)
    tasks = opened(tmp_path / "series.npz", omit=()).sample("train", 9, np.random.default_rng(0))
    assert (np.diff(tasks.support_y[:, 0], axis=0) == 1).all()


def test_numbers_that_are_taken_for_classes_are_told(tmp_path: Path) -> None:
    """A number of its own in most rows is no class; fewer may be, and are named."""
    path = written(tmp_path, groups=True)
    groups = {"kind": "classification", "group": "machine", "time": None, "omit": ("when",)}
    with pytest.raises(InputError, match=r"column load: .*found 120 different numbers in 120 rows\. tasks\.kind"):
        opened(path, **{**groups, "target": "load"})
    assert opened(path, **groups).notes == (
        'series.csv: wear: 20 different numbers are taken for classes; tasks.kind = "regression" predicts the number',
    )
