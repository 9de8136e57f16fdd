"""What is no run file is refused, and left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.store import open_reader, open_writer, verify

FOREIGN = {
    "empty": (b"", "an empty file"),
    "text": (b"recipe,seed\n" * 1000, "something else"),
    "short": (b"SQLite format 3\x00", "the first bytes of a database"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_run_file_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    data, found = FOREIGN[name]
    path = tmp_path / "run.db"
    path.write_bytes(data)
    for opened in (open_writer, open_reader, verify):
        with pytest.raises(InputError, match=f"expected a run file of evometa; found {found}"):
            opened(tmp_path)
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE studies(id INTEGER)")
    data = path.read_bytes()
    for opened in (open_writer, open_reader, verify):
        with pytest.raises(InputError, match="found the database of another program"):
            opened(path)
    assert path.read_bytes() == data
