"""Runs side by side."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evometa.presentation.comparison import compare, print_comparison
from evometa.presentation.run import Run, load
from evometa.store import create
from tests.inspected import CONFIG, REPORT, commit, folder

__all__ = ["folder"]  # a fixture


def page(runs: list[Run], width: int | None = None) -> str:
    text = io.StringIO()
    print_comparison(runs, Console(file=text, width=width, force_terminal=width is not None, color_system=None))
    return text.getvalue()


def written(path: Path, generations: int = 3, report: bool = False, **config: Any) -> Run:
    with create(path, {**CONFIG, **config}, {}) as writer:
        for number in range(generations):
            commit(writer, number)
        if report:
            writer.report(REPORT)
    return load(path)


def test_what_is_compared(folder: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", report=True, evolution={"population": 50}, seed=8)
    told = compare([load(folder), other])
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["settings"] == {"evolution.population": [None, 50]}
    assert told["alike"]
    assert told["baselines"] == {"delta": [{"mean": 0.979, "ci95": 0.002, "tuned": "rate 2", "also": {}}] * 2}
    first = told["runs"][0]
    assert (first["size"], first["best"], first["objective"]) == (7, [0.5, 0.6, 0.7], "adapted_closeness")
    assert first["champion"]["meta_test"] == 0.95
    assert [one["seed"] for one in told["runs"]] == [7, 8]


def test_sentences_stand_below_the_table(folder: Path, tmp_path: Path) -> None:
    runs = [load(folder), written(tmp_path / "other", report=True)]
    lines = page(runs, width=300).splitlines()
    table = max(place for place, line in enumerate(lines) if line.startswith("└"))
    below = "\n".join(lines[table:])
    assert [f"{one['run']}: It is " in below for one in compare(runs)["runs"]] == [True, True]
    assert not any("It is " in line for line in lines[:table])


def test_one_column_for_each_run(folder: Path, tmp_path: Path) -> None:
    runs = [load(folder), written(tmp_path / "other", report=True, evolution={"population": 50})]
    lines = page(runs).splitlines()
    for name, *cells in (
        ("rule", "Δw = 0.5·pre·(target − post)", "Δw = 0.5·pre·(target − post)"),
        ("generation", "3 of 3, finished", "3 of 3, finished"),
        ("champion", "0.9500 ± 0.0100", "0.9500 ± 0.0100"),
        ("delta", "0.9790 ± 0.0020 (rate 2)", "0.9790 ± 0.0020 (rate 2)"),
        ("evolution.population", "–", "50"),
        ("best fitness", "▁▅█", "▁▅█"),
    ):
        (row,) = [line for line in lines if line.split("│")[1:2] and line.split("│")[1].strip() == name]
        assert [cell.strip() for cell in row.split("│")[2:-1]] == cells
    assert not any(line.endswith(" ") for line in lines)


def test_runs_of_any_kind_and_state(folder: Path, tmp_path: Path) -> None:
    runs = [
        load(folder),
        written(tmp_path / "empty", generations=0),
        written(tmp_path / "going", generations=2),
        written(tmp_path / "other", report=True, name="<b>möhre</b> [red]", network={"head": "linear"},
                tasks=[{"family": "a"}, {"family": "b"}]),
    ]  # fmt: skip
    told = compare(runs)
    assert not told["alike"]
    assert [one["champion"] is None for one in told["runs"]] == [False, True, False, False]
    assert told["baselines"]["delta"][1] is None
    assert told["settings"]["tasks.0.family"] == [None, None, None, "a"]
    text = page(runs)
    assert "<b>möhre</b> [red]" in text
    assert "not tested yet" in text
    assert "compare with care" in text
    assert "settings differ that are not shown" in text
    assert "tasks.0.family" not in text


def test_the_same_run_twice_and_one_alone(folder: Path) -> None:
    told = compare([load(folder), load(folder)])
    assert (told["settings"], told["alike"]) == ({}, True)
    assert "0.9500" in page([load(folder)])


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_a_terminal(folder: Path, width: int) -> None:
    text = page([load(folder)] * 5, width)
    assert max(map(len, text.splitlines())) <= width
    assert text.count("0.9500 ± 0.0100") == 5


def test_damage_is_shown(folder: Path) -> None:
    run = load(folder)
    assert "│ damage" not in page([run])
    vars(run)["damage"] = "generation 2 does not fit"
    assert "generation 2 does not fit" in page([run])
    assert "│ damage" in page([run])
