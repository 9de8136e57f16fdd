"""Reading beside a writer: readers are never in its way, and see whole generations only."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.store import create, files, open_reader, open_writer, verify
from tests.store.samples import (
    CONFIG,
    ENVIRONMENT,
    commit,
    content,
    expected_digest,
    go_on,
    half_written,
    python,
    rows,
    text_of,
    write,
)

WRITE = """
import sys
from evometa.store import open_writer
from tests.store.samples import commit, go_on, rows
with open_writer(sys.argv[1]) as writer:
    for generation in range(writer.last_generation + 1, int(sys.argv[2])):
        if len(sys.argv) > 3 and sys.argv[3] == "step by step":
            sys.stdin.readline()
        commit(writer, **rows(generation))
        print(generation, flush=True)
    if len(sys.argv) > 3:
        sys.stdin.read()
"""


@pytest.fixture(params=["log", "journal"])
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of SQLite: the write-ahead log, and the rollback journal of network file systems."""
    if request.param == "journal":
        monkeypatch.setattr("evometa.store.files.has_shared_memory", lambda folder: False)
    return str(request.param)


def test_a_reader_follows_a_running_writer(tmp_path: Path) -> None:
    path = write(tmp_path / "run", 1)
    seen, said = set(), list[str]()
    reader = open_reader(path)
    with python(WRITE, path, 60, "step by step") as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        while len(said) < 59 and writer.poll() is None:
            writer.stdin.write("\n")
            writer.stdin.flush()  # it commits while all this is read
            last = reader.last_generation
            seen.add(last)
            assert open_reader(path).last_generation >= last
            assert reader.state(last) == rows(last)["state"]
            assert reader.individual(4 * last + 3).generation == last
            assert len(reader.statistics()) >= last + 1
            assert verify(path).problem is None
            said.append(writer.stdout.readline())
        _, errors = writer.communicate()
    assert errors == ""
    assert said == [f"{generation}\n" for generation in range(1, 60)]
    assert len(seen) > 20
    assert reader.digest() == expected_digest(60, tmp_path / "whole")


def test_open_readers_do_not_block_the_writer(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evometa.store.files.WRITER_TIMEOUT", 0.0)
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        reader = open_reader(tmp_path)
        for generation in range(2, 6):
            assert reader.last_generation == generation - 1
            reader.statistics(), reader.ancestors(7), reader.graphs(), reader.report()
            assert verify(tmp_path).problem is None
            commit(writer, **rows(generation))
        assert mode == ("log" if (tmp_path / "run.db-wal").exists() else "journal")
    assert reader.last_generation == 5


def test_a_foreign_read_transaction_does_not_block_the_writer(tmp_path: Path) -> None:
    """Such as a dashboard that was left open in the middle of a query."""
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        with closing(sqlite3.connect(tmp_path / "run.db", isolation_level=None)) as dashboard:
            dashboard.execute("BEGIN")
            assert dashboard.execute("SELECT count(*) FROM generations").fetchone() == (2,)
            go_on(writer, 5)
            assert dashboard.execute("SELECT count(*) FROM generations").fetchone() == (2,)
            started = time.monotonic()
            writer.close()
            assert time.monotonic() - started < 60  # a writer waits ten minutes for others
    assert open_reader(tmp_path).last_generation == 4


def test_after_a_kill_everything_committed_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "run", 2)
    with python(WRITE, path, 4, "wait") as writer:
        assert writer.stdout is not None
        assert [writer.stdout.readline() for _ in range(2)] == ["2\n", "3\n"]
        writer.kill()
        writer.communicate()
    assert path.with_name("run.db-wal").stat().st_size > 0
    reader = open_reader(path)
    assert (reader.last_generation, verify(path).problem) == (3, None)
    assert reader.digest() == expected_digest(4, tmp_path / "whole")
    with open_writer(path) as again:
        assert (again.last_generation, again.notes) == (3, [])


def test_a_reader_that_is_kept_leaves_the_writer_its_end(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        reader = open_reader(tmp_path)
        assert reader.last_generation == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.db", "run.lock"]
    assert reader.last_generation == 1


def test_a_foreign_connection_at_the_end_leaves_a_file_that_is_whole(tmp_path: Path) -> None:
    writer = create(tmp_path / "run", CONFIG, ENVIRONMENT)
    go_on(writer, 2)
    with closing(sqlite3.connect(tmp_path / "run" / "run.db")) as dashboard:
        assert dashboard.execute("SELECT count(*) FROM generations").fetchone() == (2,)
        writer.close()
        (tmp_path / "run.db").write_bytes((tmp_path / "run" / "run.db").read_bytes())
    assert verify(tmp_path).problem is None
    assert open_reader(tmp_path).last_generation == 1


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    before = path.read_bytes()
    assert before[18:20] == b"\x01\x01"  # not in log mode, in which even reading lays files beside it
    reader = open_reader(path)
    reader.statistics()
    verify(path)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.db", "run.lock"]


def test_a_journal_that_a_kill_left_is_rolled_back_in_a_copy_for_readers(tmp_path: Path) -> None:
    """Such a journal means that the file itself is half written; only a writer may mend it in place."""
    path = write(tmp_path / "run", 3)
    intact = content(path)
    copy = half_written(path, tmp_path / "copy")
    torn = copy.read_bytes()
    reader = open_reader(copy)
    assert text_of(reader.individual(0)) == text_of(open_reader(path).individual(0))
    assert verify(copy).problem is None
    assert copy.read_bytes() == torn
    with open_writer(copy) as writer:
        assert writer.notes == []
    assert content(copy) == intact


def test_a_generation_and_a_family_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, 3)
    reader = open_reader(path)
    assert time.time() - 600 < reader.created <= time.time()
    assert reader.told(1) == {**rows(1)["statistics"], **rows(1)["timing"]}
    born = [rows(generation)["individuals"].individual(row, 0, None) for generation in range(3) for row in range(4)]
    for number in range(12):
        children = [row.id for row in born if number in row.parents and row.id != number]
        assert reader.children(number) == children
        assert reader.children(number, 1) == children[:1]
    with pytest.raises(InputError, match="none with that number"):
        reader.told(3)


def test_a_full_disk_under_a_reader_is_told_without_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a folder that cannot be written, a log that a kill left is replayed in a copy: there is no room for one."""
    with create(tmp_path / "live", CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        shutil.copytree(tmp_path / "live", tmp_path / "killed")
    real = files.connect

    def connect(path: Path, options: str, patience: float) -> object:
        if path.parent == tmp_path / "killed":
            real(path.with_name("nothing"), "mode=ro", patience).execute("SELECT 1 FROM sqlite_master")
        return real(path, options, patience)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "connect", connect)
    assert open_reader(tmp_path / "killed").last_generation == 1
    monkeypatch.setattr(shutil, "copyfile", full)
    for look in (open_reader, verify):
        with pytest.raises(InputError, match="No space left"):
            look(tmp_path / "killed")
    gc.collect()
    assert capsys.readouterr().err == ""
