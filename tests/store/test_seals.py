"""Every sealed part belongs to its own run: parts of another run, of an earlier state, or none at all are damage."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import evometa
from evometa.errors import InputError, RunFailed
from evometa.store import create, open_reader, open_writer, verify
from evometa.store.seals import IDENTITY
from tests.small import DELTA
from tests.store.samples import CONFIG, ENVIRONMENT, commit, expected_digest, go_on, rows, write


def change(path: Path, *statements: str, other: Path | None = None) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        if other is not None:
            connection.commit()
            connection.execute("ATTACH ? AS other", (str(other),))
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "mine", 4)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The same run once more: every row is equal but for the seals."""
    return write(tmp_path / "other", 4)


def test_the_identity_is_not_in_the_digest(path: Path, other: Path) -> None:
    assert open_reader(path).digest() == open_reader(other).digest()
    assert path.read_bytes() != other.read_bytes()


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (("DELETE FROM reports", "INSERT INTO reports SELECT * FROM other.reports"), "the report “final” does not fit"),
        (("DELETE FROM reports",), "the report “final” is missing"),
        (("DELETE FROM meta WHERE key = 'reports'",), "its entry “reports” is damaged"),
        (("INSERT OR REPLACE INTO meta SELECT * FROM other.meta WHERE key = 'config'",), "its entry “config”"),
        (("INSERT OR REPLACE INTO meta SELECT * FROM other.meta WHERE key = 'environment'",), "its entry “env"),
        (("INSERT OR REPLACE INTO meta SELECT * FROM other.meta",), "the report “final” does not fit its hash"),
        (("INSERT OR REPLACE INTO generations SELECT * FROM other.generations",), "the statistics of generation 1"),
        (
            ("INSERT OR REPLACE INTO generations SELECT * FROM other.generations WHERE number = 2",),
            "the statistics of generation 3",
        ),
        (
            tuple(f"DELETE FROM {table} WHERE {column} = 3" for table, column in (
                ("generations", "number"), ("contents", "generation"), ("pieces", "generation"),
                ("graphs", "generation"), ("reports", "generation"),
            )),
            "the report “final” is missing",
        ),
    ],
)  # fmt: skip
def test_a_part_of_another_run_or_a_missing_one_is_named(
    path: Path, other: Path, statements: tuple[str, ...], problem: str
) -> None:
    change(path, *statements, other=other)
    found = verify(path).problem
    assert found is not None
    assert found.startswith(problem)


def test_missing_newest_generations_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, 4, report=False)
    tables = {"generations": "number", "contents": "generation", "pieces": "generation", "graphs": "generation"}
    change(path, *(f"DELETE FROM {table} WHERE {column} = 3" for table, column in tables.items()))
    assert verify(path) == evometa.store.Verification(2, "generation 4 is missing")


def test_an_earlier_report_of_the_same_run_is_not_the_last(tmp_path: Path) -> None:
    with create(tmp_path / "a", CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        writer.report({"champion": 1})
    before = Path(shutil.copy(tmp_path / "a" / "run.db", tmp_path / "before.db"))
    with open_writer(tmp_path / "a") as writer:
        writer.report({"champion": 2})
    change(tmp_path / "a" / "run.db", "INSERT OR REPLACE INTO reports SELECT * FROM other.reports", other=before)
    assert verify(tmp_path / "a").problem == "the report “final” is not the one that was made last"
    with pytest.raises(InputError, match="not the one that was made last"):
        open_reader(tmp_path / "a").report()


@pytest.mark.parametrize("key", IDENTITY)
def test_the_identity_survives_damage_to_one_of_its_places(path: Path, tmp_path: Path, key: str) -> None:
    change(path, f"UPDATE meta SET value = '\"0\"' WHERE key = '{key}'")
    assert verify(path).problem == f"its entry “{key}” is damaged, or another run's"
    with open_writer(path) as writer:
        go_on(writer, 5)
        assert writer.reader.digest() == expected_digest(5, tmp_path / "whole")
    assert verify(path).problem is None


def test_resume_under_a_foreign_configuration_is_no_traceback(tmp_path: Path) -> None:
    a, b = (evometa.run(DELTA, seed=seed, out=tmp_path / name).path for seed, name in ((1, "a"), (2, "b")))
    change(a, "INSERT OR REPLACE INTO meta SELECT * FROM other.meta WHERE key = 'config'", other=b)
    for call in (evometa.resume, evometa.load):
        with pytest.raises(InputError, match="config"):
            call(tmp_path / "a")


# The place of a run


def moved(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def deleted(folder: Path) -> None:
    shutil.rmtree(folder)


def file_deleted(folder: Path) -> None:
    (folder / "run.db").unlink()


def replaced_by_a_copy(folder: Path) -> None:
    shutil.copy(folder / "run.db", folder / "copy")
    os.replace(folder / "copy", folder / "run.db")


@pytest.mark.skipif(os.name != "posix", reason="open files cannot be moved there")
@pytest.mark.parametrize("happens", [moved, deleted, file_deleted, replaced_by_a_copy])
def test_a_run_that_loses_its_place_stops_and_says_so(tmp_path: Path, happens: object) -> None:
    class Busy(evometa.callbacks.Callback):
        def on_generation(self, statistics: dict[str, object], run: object) -> None:
            if statistics["generation"] == 2:
                happens(tmp_path / "a")  # type: ignore[operator]

    with pytest.raises(RunFailed, match="was moved, deleted or replaced while the run was going on") as failure:
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[Busy()])
    assert "are kept" not in str(failure.value)  # nobody knows what lies there now


@pytest.mark.parametrize("happens", [moved, file_deleted])
def test_nothing_is_committed_into_nowhere(tmp_path: Path, happens: object) -> None:
    with create(tmp_path / "a", CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        happens(tmp_path / "a")  # type: ignore[operator]
        for attempt in (lambda: commit(writer, **rows(2)), lambda: writer.report({}), lambda: writer.amend(CONFIG)):
            with pytest.raises(RunFailed):
                attempt()
        assert writer.last_generation == 1


def test_a_relative_folder_outlives_a_change_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").mkdir()
    monkeypatch.chdir(tmp_path)

    class Walks(evometa.callbacks.Callback):
        def on_generation(self, statistics: dict[str, object], run: object) -> None:
            os.chdir(tmp_path / "x")

    run = evometa.run(DELTA, out="a", callbacks=[Walks()])
    assert run.finished
    assert run.folder == tmp_path / "a"
    monkeypatch.chdir(tmp_path)
    assert evometa.resume("a", generations=run.generation + 1, callbacks=[Walks()]).finished
