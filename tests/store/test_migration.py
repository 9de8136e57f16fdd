"""Newer formats are refused, older ones brought up to date: in place by a writer, in memory for readers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import evometa
from evometa.errors import InputError
from evometa.store import open_reader, open_writer, verify
from evometa.store.migration import MIGRATIONS
from evometa.store.schema import SCHEMA, put_meta
from tests.store.samples import CONFIG, content, go_on, write


def with_format(path: Path, number: int, version: str, *changes: str) -> bytes:
    """Turn a run file into one of another format; return its bytes."""
    with closing(sqlite3.connect(path)) as connection:
        for change in changes:
            connection.execute(change)
        put_meta(connection, "format", number)
        put_meta(connection, "evometa", version)
        connection.commit()
    return path.read_bytes()


def test_a_newer_format_is_refused_with_the_version_it_needs(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    before = with_format(path, 2, "9.1.0")
    for opened in (open_writer, open_reader, verify):
        with pytest.raises(InputError) as caught:
            opened(path)
        assert str(caught.value) == (
            f"{path}: expected a run file of format 1 or older, which evometa {evometa.__version__} can "
            "read; found format 2, written by evometa 9.1.0. Upgrade: pip install --upgrade 'evometa>=9.1.0'."
        )
    assert path.read_bytes() == before


def test_a_format_without_a_way_up_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    before = with_format(path, -3, "0.0.1")
    for opened in (open_writer, open_reader, verify):
        with pytest.raises(InputError, match="expected a run file of format 1; found format -3, which is too old"):
            opened(path)
    assert path.read_bytes() == before


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run file as of a format 0, in which genomes were called texts, and the way from there to format 1."""
    path = write(tmp_path / "run", 3)
    with_format(path, 0, "0.0.1", "ALTER TABLE genomes RENAME TO texts")

    def to_1(connection: sqlite3.Connection) -> None:
        connection.execute(next(statement for statement in SCHEMA if "TABLE genomes" in statement))
        connection.execute("INSERT INTO genomes SELECT * FROM texts")
        connection.execute("DROP TABLE texts")

    monkeypatch.setitem(MIGRATIONS, 0, to_1)
    return path


def test_an_older_format_is_brought_up_to_date_by_a_writer(older: Path, tmp_path: Path) -> None:
    with open_writer(older) as writer:
        assert writer.notes == ["run.db was brought from format 0 to format 1."]
        go_on(writer, 4)
    with open_writer(older) as writer:
        assert writer.notes == []
    assert verify(older).problem is None
    write(tmp_path / "whole", 4, report=False)
    assert open_reader(older).digest() == open_reader(tmp_path / "whole").digest()


def test_an_older_format_is_read_without_changing_it(older: Path) -> None:
    before = older.read_bytes()
    reader = open_reader(older)
    assert (reader.config, reader.last_generation) == (CONFIG, 2)
    assert reader.individual(5).text is not None
    assert verify(older).problem is None
    assert older.read_bytes() == before


def test_a_migration_that_fails_changes_nothing(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE texts")
        raise sqlite3.OperationalError("disk I/O error")

    with closing(sqlite3.connect(older)) as connection:
        before = connection.execute("SELECT * FROM texts").fetchall()
    with monkeypatch.context() as patch:
        patch.setitem(MIGRATIONS, 0, broken)
        with pytest.raises(Exception, match="disk I/O error"):
            open_writer(older)
    with closing(sqlite3.connect(older)) as connection:
        assert connection.execute("SELECT * FROM texts").fetchall() == before
    with open_writer(older) as writer:
        assert writer.last_generation == 2
    assert content(older)
