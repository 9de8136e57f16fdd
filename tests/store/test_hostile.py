"""Files of strangers: nothing in them is run, nothing takes for ever or all of the memory, no link is followed."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import evometa
from evometa.errors import InputError, RunFailed
from evometa.store import connection as opening
from evometa.store import create, open_reader, open_writer, verify
from evometa.store.files import files_of
from evometa.store.schema import CELL, canonical, seal
from evometa.store.seals import identity_of, report_seal
from tests.store.samples import CONFIG, ENVIRONMENT, ROOT, commit, go_on, rows, write

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "run", 3)


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def replaced_by_a_view(table: str, column: str) -> tuple[str, ...]:
    return (
        f"ALTER TABLE {table} RENAME TO m",
        f"CREATE VIEW {table} AS SELECT * FROM m WHERE ({ENDLESS}) > 0 AND {column} IS NOT NULL",
    )


FOREIGN = {
    "a view in place of meta": replaced_by_a_view("meta", "key"),
    "a view in place of generations": replaced_by_a_view("generations", "number"),
    "a view in place of pieces": replaced_by_a_view("pieces", "number"),
    "one more view": (f"CREATE VIEW v AS {ENDLESS}",),
    "a trigger": (f"CREATE TRIGGER t AFTER UPDATE ON meta BEGIN SELECT ({ENDLESS}); END",),
    "an index over an expression": ("CREATE INDEX i ON pieces(length(data))",),
    "a partial index": ("CREATE INDEX i ON pieces(data) WHERE data > 'a'",),
    "a generated column": ("ALTER TABLE pieces ADD COLUMN g AS (zeroblob(1000000000))",),
    "a column with a default": ("ALTER TABLE pieces ADD COLUMN g DEFAULT (1)",),
    "a virtual table": (
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING unheard_of(a)')",
    ),
    "a table with a check": ("CREATE TABLE more(x CHECK (x > 1))",),
    "statistics of SQLite's": ("ANALYZE",),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_other_definitions_are_refused_before_anything_is_asked_of_them(path: Path, name: str) -> None:
    change(path, *FOREIGN[name])
    started = time.process_time()
    assert verify(path) == evometa.store.Verification(-1, "the definition of a table is damaged")
    with pytest.raises(InputError, match="definition of a table is damaged"):
        open_reader(path)
    with open_writer(path) as writer:
        assert "was damaged: the definition of a table" in writer.notes[0]
        go_on(writer, 4)
    assert verify(path).problem is None
    assert time.process_time() - started < 20


def test_a_statement_without_end_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SECONDS", 0.2)
    reader = open_reader(path)
    started = time.process_time()
    with pytest.raises(InputError, match="it takes longer to read than any of ours"), reader.reading() as connection:
        connection.execute(ENDLESS).fetchall()
    assert time.process_time() - started < 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such signals there")
def test_an_interruption_within_a_statement_is_one(path: Path) -> None:
    code = (
        "import signal, sys\nfrom evometa.store import open_reader\nreader = open_reader(sys.argv[1])\n"
        "signal.signal(signal.SIGALRM, signal.default_int_handler)\n"
        "try:\n    with reader.reading() as c:\n"
        "        signal.setitimer(signal.ITIMER_REAL, 0.3)\n        c.execute(sys.argv[2]).fetchall()\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    command = [sys.executable, "-c", code, str(path), ENDLESS]
    found = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert (found.stdout, found.stderr) == ("interrupted\n", "")


def sealed_entry(path: Path, key: str, value: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        text = canonical(value)
        row = (key, text, seal(identity_of(connection), key, text))
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", row)


def sealed_report(path: Path, value: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        text = canonical(value)
        its_seal = report_seal(identity_of(connection), "final", 2, text)
        connection.execute("UPDATE reports SET value = ?, seal = ?", (text, its_seal))
    sealed_entry(path, "reports", {"final": its_seal.hex()})


HUGE: dict[str, Callable[[Path], None]] = {
    "a configuration of 100 MB": lambda path: sealed_entry(path, "config", {"name": "x" * 100_000_000}),
    "a report of a million baselines": lambda path: sealed_report(
        path, {"champion": 1, "baselines": [{"name": "a", "mean": 1.0}] * 1_500_000}
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_no_cell_takes_all_of_the_memory(path: Path, name: str) -> None:
    HUGE[name](path)
    started = time.process_time()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert verify(path).problem is not None
    with pytest.raises(InputError):
        open_reader(path).report()
    assert time.process_time() - started < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 250_000  # KB


def test_what_a_reader_would_refuse_is_not_written(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 1)
        with pytest.raises(RunFailed, match="larger than any of ours"):
            commit(writer, **{**rows(1), "state": {"text": "x" * (CELL + 1)}})
        with pytest.raises(RunFailed, match="larger than any of ours"):
            writer.report({"text": "x" * 20_000_000})
        assert writer.reader.report() is None
    assert verify(tmp_path).problem is None
    with pytest.raises(RunFailed, match="larger than any of ours"):
        create(tmp_path / "another", {"name": "x" * 5_000_000}, ENVIRONMENT)


# Special files


def as_link(file: Path, victim: Path) -> None:
    file.symlink_to(victim)


def as_dangling_link(file: Path, victim: Path) -> None:
    file.symlink_to(victim.with_name("nothing"))


def as_pipe(file: Path, victim: Path) -> None:
    os.mkfifo(file)


def as_folder(file: Path, victim: Path) -> None:
    file.mkdir()


def as_another_name(file: Path, victim: Path) -> None:
    os.link(victim, file)


NAMES = [file.name for file in files_of(Path("run.db"))]


@pytest.mark.skipif(os.name != "posix", reason="such files are not there")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name in NAMES
        for kind in (as_link, as_dangling_link, as_pipe, as_folder, as_another_name)
        if (name, kind) != ("run.db", as_another_name)  # backups are made so
    ],
)
def test_what_lies_in_place_of_a_runs_files_is_refused(
    path: Path, tmp_path: Path, name: str, kind: Callable[[Path, Path], None]
) -> None:
    victim = tmp_path / "profile"
    victim.write_text("precious")
    path.with_name(name).unlink(missing_ok=True)
    kind(path.with_name(name), victim)
    for opened in (open_reader, verify, open_writer, evometa.resume):
        with pytest.raises(InputError, match=name):
            opened(path.parent)
    with pytest.raises(InputError):
        create(path.parent, CONFIG, ENVIRONMENT)
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.skipif(os.name != "posix", reason="such files are not there")
@pytest.mark.parametrize("name", [name for name in NAMES if name != "run.db"])
def test_a_new_run_is_not_begun_among_odd_files(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "profile"
    victim.write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(victim)
    with pytest.raises(InputError, match=name):
        create(tmp_path / "run", CONFIG, ENVIRONMENT)
    assert victim.read_text() == "precious"


def test_a_link_of_a_rescue_is_not_written_through(path: Path, tmp_path: Path) -> None:
    path.with_name("run.db.damaged-1").symlink_to(tmp_path / "nothing")
    change(path, "UPDATE reports SET value = '{}'")
    with open_writer(path) as writer:
        assert "kept as run.db.damaged-2" in writer.notes[0]
    assert not (tmp_path / "nothing").exists()


def test_memory_does_not_grow_with_a_file(tmp_path: Path) -> None:
    """However large a run file is, all of it is checked, a row at a time."""
    sizes = []
    for generations in (2, 40):
        with create(tmp_path / str(generations), CONFIG, ENVIRONMENT) as writer:
            for generation in range(generations):
                commit(writer, **rows(generation, text_size=1_000_000))
        tracemalloc.start()
        assert verify(tmp_path / str(generations)).problem is None
        sizes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (tmp_path / "40" / "run.db").stat().st_size > 80_000_000
    assert sizes[1] < sizes[0] + 1_000_000
