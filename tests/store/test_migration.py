"""Newer formats are refused, older ones brought up to date: in place by a writer, in memory for readers."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import evometa
from evometa.errors import InputError
from evometa.store import open_reader, open_writer, verify
from evometa.store.migration import MIGRATIONS
from evometa.store.schema import OLDER
from evometa.store.seals import put_meta
from tests.store.samples import content, write


def with_format(path: Path, number: int, version: str) -> bytes:
    """Turn a run file into one of another format; return its bytes."""
    with closing(sqlite3.connect(path)) as connection:
        put_meta(connection, "format", number)
        put_meta(connection, "evometa", version)
        connection.commit()
    return path.read_bytes()


def test_a_newer_format_is_refused_with_the_version_it_needs(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    before = with_format(path, 4, "9.1.0")
    for opened in (open_writer, open_reader, verify):
        with pytest.raises(InputError) as caught:
            opened(path)
        assert str(caught.value) == (
            f"{path}: expected a run file of format 3 or older, which evometa {evometa.__version__} can "
            "read; found format 4, written by evometa 9.1.0. Upgrade: pip install --upgrade 'evometa>=9.1.0'."
        )
    assert path.read_bytes() == before


def test_a_format_without_a_way_up_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    before = with_format(path, -3, "0.0.1")
    for opened in (open_writer, open_reader, verify):
        with pytest.raises(InputError, match="expected a run file of format 3; found format -3, which is too old"):
            opened(path)
    assert path.read_bytes() == before


DATA = Path(__file__).parent / "data"
DIGEST = "8bb1ff92a0bf1dfa93519de040493d9b44c5742fc19cc696833c8f598543ff40"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A run of four generations that version 0.1.0 wrote, in format 1: its seals knew nothing of which run it was."""
    (tmp_path / "run").mkdir()
    return Path(shutil.copy(DATA / "format-1.db", tmp_path / "run" / "run.db"))


def test_an_older_format_is_brought_up_to_date_by_a_writer(older: Path) -> None:
    with open_writer(older) as writer:
        assert writer.notes == ["run.db was brought from format 1 to format 3."]
        writer.report({"champion": 3}, "other")
    with open_writer(older) as writer:
        assert writer.notes == []
    assert verify(older).problem is None
    assert open_reader(older).digest() == DIGEST


def test_a_run_of_an_earlier_version_is_shown_and_goes_on(older: Path) -> None:
    run = evometa.load(older)
    assert (run.generation, run.digest) == (4, DIGEST)
    assert run.champion is not None
    resumed = evometa.resume(older, generations=5)
    assert (resumed.generation, resumed.reader.digest(3)) == (5, DIGEST)


def test_an_older_format_is_read_without_changing_it(older: Path) -> None:
    before = older.read_bytes()
    reader = open_reader(older)
    assert (reader.config["name"], reader.last_generation) == ("delta", 3)
    assert isinstance(reader.individual(5).genome, str)
    assert reader.report() is not None
    assert verify(older).problem is None
    assert older.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE generations SET statistics = '{}' WHERE number = 1", "the statistics of generation 2"),
        ("UPDATE reports SET value = '{}'", "the report “final” does not fit its hash"),
        ("UPDATE meta SET value = '{}' WHERE key = 'config'", "its entry “config” is damaged"),
        ("UPDATE generations SET state = '{}' WHERE number = 3", "generation 4 does not fit its chain"),
    ],
)
def test_damage_of_an_older_file_is_not_sealed_over(older: Path, change: str, problem: str) -> None:
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute(change)
    found = verify(older).problem
    assert found is not None
    assert found.startswith(problem)


def test_a_migration_that_fails_changes_nothing(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE genomes")
        raise sqlite3.OperationalError("disk I/O error")

    before = content(older, OLDER)
    with monkeypatch.context() as patch:
        patch.setitem(MIGRATIONS, 1, broken)
        with pytest.raises(Exception, match="disk I/O error"):
            open_writer(older)
    assert content(older, OLDER) == before
    with open_writer(older) as writer:
        assert writer.last_generation == 3
