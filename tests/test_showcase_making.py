"""How showcase runs are made, what is told of that, and the pictures of the README."""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

import evometa
from evometa.store import verify
from tests.inspected import folder
from tests.showcase import LISTED, OUTSIDE, ROOT, SHOWCASE

PICTURES = ROOT / "docs" / "pictures"
LARGEST = 300_000  # bytes

__all__ = ["folder"]


@pytest.mark.parametrize("name", sorted(LISTED))
def test_the_readme_says_how_each_was_made(name: str) -> None:
    text = " ".join((ROOT / "runs" / "README.md").read_text(encoding="utf-8").split())
    assert LISTED[name]["command"] in text
    assert f"(showcase/{name}/report.html)" in text


@pytest.mark.parametrize("file", ["run.svg", "report.png"])
def test_pictures_are_small_and_need_nothing(file: str) -> None:
    assert 10_000 < (PICTURES / file).stat().st_size < LARGEST
    if file.endswith(".svg"):
        text = (PICTURES / file).read_text(encoding="utf-8")
        assert OUTSIDE.search(text) is None
        assert "<script" not in text


def script(name: str) -> ModuleType:
    """A script that lies beside the showcase runs."""
    spec = importlib.util.spec_from_file_location(name, SHOWCASE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """The script that makes showcase runs."""
    return script("make")


def test_the_picture_of_a_run_is_drawn_from_one(tmp_path: Path) -> None:
    small = ["run.generations=2", "evolution.population=12", "sampling.validation_tasks=4", "sampling.test_tasks=4"]
    script("pictures").draw_run(tmp_path / "run.svg", settings=small)
    text = (tmp_path / "run.svg").read_text(encoding="utf-8")
    assert "runs/delta-1" in text
    assert "champion" in text
    assert str(tmp_path) not in text


def test_a_settled_run_has_lost_nothing(make: ModuleType, folder: Path, tmp_path: Path) -> None:
    before = evometa.load(folder)
    after = make.settle(folder, tmp_path / "settled")
    assert [path.name for path in after.folder.iterdir()] == ["run.db"]
    assert verify(after.path).problem is None
    assert (after.digest, after.history) == (before.digest, before.history)
    assert after.reader.environment["base"] == "."
    told = make.told(after, 12.3)
    assert set(told) | {"command"} == set(LISTED["delta"])
    assert (told["seconds"], told["generations"], told["individuals"]) == (12, 3, 3)


def test_a_settled_run_has_no_free_pages(make: ModuleType, folder: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(folder / "run.db")) as connection, connection:
        connection.execute("CREATE TABLE other(x)")
        connection.executemany("INSERT INTO other VALUES (?)", [("x" * 1000,)] * 100)
        connection.execute("DROP TABLE other")
        assert connection.execute("PRAGMA freelist_count").fetchone() != (0,)
    after = make.settle(folder, tmp_path / "settled")
    assert after.path.stat().st_size < (folder / "run.db").stat().st_size
    assert verify(after.path).problem is None
