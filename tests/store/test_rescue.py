"""Damage beside a log or a journal, or where no hash looks: the file is still rescued."""

from __future__ import annotations

from pathlib import Path

from evometa.store import create, open_reader, open_writer, verify
from evometa.store.schema import PAGE
from tests.store.samples import (
    CONFIG,
    ENVIRONMENT,
    commit,
    expected_digest,
    go_on,
    half_written,
    place_of,
    rows,
    take,
    write,
)

GENERATIONS = 12


def test_damage_that_no_hash_sees_is_noticed(memory: Path) -> None:
    """Such as to the list of free pages: nothing reads it, until a writer does."""
    with create(memory / "run", CONFIG, ENVIRONMENT) as writer:
        commit(writer, **rows(0, text_size=20_000))
        writer.prune((), take)
    path = memory / "run" / "run.db"
    data = bytearray(path.read_bytes())
    trunk = int.from_bytes(data[32:36], "big")
    assert trunk > 0
    data[(trunk - 1) * PAGE + 8 : trunk * PAGE] = b"\x07" * (PAGE - 8)
    path.write_bytes(data)
    found = verify(path)
    assert found.last_good_generation == 0
    assert found.problem is not None
    assert "reelist" in found.problem
    with open_writer(path) as again:
        assert again.last_generation == 0
        go_on(again, 2)
    assert verify(path).problem is None


def test_damage_that_sqlite_quotes_is_noticed(memory: Path) -> None:
    """SQLite's message then holds bytes that are no text."""
    path = write(memory / "run", 3)
    data = path.read_bytes()
    assert data.count(b"tablegraphsgraphs") == 1
    path.write_bytes(data.replace(b"tablegraphsgraphs", b"tablegra\xffhsgraphs"))
    assert verify(path).problem is not None
    with open_writer(path) as writer:
        assert writer.last_generation == 2
    assert verify(path).problem is None


def test_a_damaged_file_with_a_log_keeps_both(memory: Path) -> None:
    """The newest generations may lie in the log only: it counts, and is set aside with the damaged file."""
    digest = expected_digest(GENERATIONS + 2, memory / "undisturbed")
    with create(memory / "live", CONFIG, ENVIRONMENT) as writer:
        go_on(writer, GENERATIONS - 2)
        writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        go_on(writer, GENERATIONS)
        data, log = ((memory / "live" / name).read_bytes() for name in ("run.db", "run.db-wal"))
        early = place_of(memory / "live" / "run.db", 1)
    cases = {
        "whole": (data, GENERATIONS - 1),
        "content": (data[:early] + b"!" + data[early + 1 :], 0),
        "first page": (bytes(PAGE) + data[PAGE:], GENERATIONS - 1),
        "log": (data, GENERATIONS - 2),
    }
    for name, (damaged, last) in cases.items():
        path = memory / name / "run.db"
        path.parent.mkdir()
        path.write_bytes(damaged)
        path.with_name("run.db-wal").write_bytes(log[:-1] if name == "log" else log)
        with open_writer(path) as writer:
            assert writer.last_generation == last, name
            assert len(writer.notes) == (name in ("content", "first page"))
            if writer.notes:
                assert path.with_name("run.db.damaged-1").read_bytes() == damaged
                assert path.with_name("run.db.damaged-1-wal").read_bytes() == log
            go_on(writer, GENERATIONS + 2)
            assert writer.reader.digest() == digest
        assert verify(path).problem is None


def test_a_damaged_file_with_a_journal_is_rolled_back_first(memory: Path) -> None:
    path = write(memory / "run", 4)
    copy = half_written(path, memory / "copy")
    copy.write_bytes(copy.read_bytes().replace(b'{"inputs": 1}', b'{"inputs": 7}'))
    damaged, journal = copy.read_bytes(), copy.with_name("run.db-journal").read_bytes()
    with open_writer(copy) as writer:
        assert writer.last_generation == 1
        assert "goes on after generation 2" in writer.notes[0]
        go_on(writer, 4)
        assert writer.reader.digest() == open_reader(path).digest()
    assert copy.with_name("run.db.damaged-1").read_bytes() == damaged
    assert copy.with_name("run.db.damaged-1-journal").read_bytes() == journal
