"""One writer at a time, one transaction a generation; what cannot be written leaves everything as it was."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evometa.errors import InputError, RunFailed
from evometa.store import Evaluation, Individuals, create, open_reader, open_writer, verify
from evometa.store.files import has_shared_memory
from tests.store.samples import BORN, CONFIG, ENVIRONMENT, commit, content, go_on, python, rows, write

HOLD = """
import sys
from evometa.store import open_writer
with open_writer(sys.argv[1]) as writer:
    print("held", flush=True)
    sys.stdin.read()
"""


def test_an_existing_run_is_never_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path / "run", 1)
    before = path.read_bytes()
    with pytest.raises(InputError, match="expected a folder without a run"):
        create(path.parent, CONFIG, ENVIRONMENT)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(InputError, match="expected a folder that can be made"):
            create(folder, CONFIG, ENVIRONMENT)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["nothing", "folder", "nothing.db"])
def test_a_missing_run_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    for opened in (open_writer, open_reader, verify):
        with pytest.raises(InputError, match=r"expected a run: its folder, or the run\.db in it"):
            opened(tmp_path / name)
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_second_process_is_refused_and_told_who_holds_the_run(tmp_path: Path) -> None:
    path = write(tmp_path / "run", 2)
    with python(HOLD, path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=rf"held by process {other.pid} on \S+\. Wait"):
            open_writer(path)
        assert open_reader(path).last_generation == 1
        other.kill()
        other.communicate()
    with open_writer(path) as writer:  # a killed process holds nothing
        assert writer.last_generation == 1


def test_the_lock_is_given_back(tmp_path: Path) -> None:
    writer = create(tmp_path, CONFIG, ENVIRONMENT)
    for opened in (lambda: open_writer(tmp_path), lambda: open_writer(tmp_path / "run.db")):
        with pytest.raises(InputError, match="held by process"):
            opened()
    writer.close()
    writer.close()
    open_writer(tmp_path).close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.db", "run.lock"]


@pytest.mark.parametrize("generation", [0, 1, 3, -1])
def test_generations_follow_one_another(tmp_path: Path, generation: int) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        with pytest.raises(ValueError, match=f"generation {generation} cannot follow generation 1"):
            commit(writer, **rows(2) | {"generation": generation})
        go_on(writer, 3)
    assert verify(tmp_path).last_good_generation == 2


BAD_ROWS: dict[str, dict[str, Any]] = {
    "a number twice": {"individuals": Individuals.of(BORN - 1, [()], [""], [b""])},
    "evaluated twice": {"evaluations": [Evaluation(0, (1.0,)), Evaluation(0, (1.0,))]},
    "evaluated before birth": {"evaluations": [Evaluation(2 * BORN, (1.0,))]},
}


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_rows_that_contradict_the_file_change_nothing(tmp_path: Path, bad: str) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 1)
        before = content(tmp_path / "run.db")
        with pytest.raises(ValueError, match=r"cannot follow|evaluated (twice|before)"):
            commit(writer, **rows(1) | BAD_ROWS[bad])
        assert content(tmp_path / "run.db") == before
        go_on(writer, 2)
    assert verify(tmp_path).last_good_generation == 1


def test_an_interruption_rolls_the_generation_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 1)

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("evometa.store.writer.insert", interrupt)
            with pytest.raises(KeyboardInterrupt):
                commit(writer, **rows(1))
        go_on(writer, 2)
    assert verify(tmp_path).last_good_generation == 1


FILL = """
import resource, sys
from evometa.errors import RunFailed
from evometa.store import open_writer
from tests.store.samples import commit, rows
with open_writer(sys.argv[1]) as writer:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    for generation in range(writer.last_generation + 1, 100):
        try:
            commit(writer, **rows(generation))
        except RunFailed as error:
            print(generation, error)
            break
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits on Windows")
def test_no_more_room_stops_the_run_and_keeps_what_was_committed(tmp_path: Path) -> None:
    path = write(tmp_path / "run", 2)
    output, errors = python(FILL, path).communicate(timeout=120)
    assert errors == ""
    failed_at = int(output.split()[0])
    assert failed_at > 2
    assert "cannot be written" in output
    assert f"`evometa resume {path.parent}` goes on" in output
    assert verify(path).problem is None
    assert open_reader(path).last_generation == failed_at - 1
    with open_writer(path) as writer:
        assert writer.notes == []
        go_on(writer, failed_at + 1)
    assert verify(path).last_good_generation == failed_at


AS_NOBODY = """
import os, sys
from evometa.errors import InputError
from evometa.store import create, open_reader, open_writer, verify
folder = sys.argv[1]
os.setuid(65534)  # only now, as the package may lie where nobody may read
print(open_reader(folder).digest(), verify(folder).last_good_generation)
for opened in (open_writer, lambda path: create(path + "/new", {}, {})):
    try:
        opened(folder)
    except InputError as error:
        print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become nobody")
@pytest.mark.parametrize("end", ["closed", "killed", "log mode"])
def test_a_read_only_folder_can_be_read_and_not_written(memory: Path, end: str) -> None:
    """A killed writer's log counts as well, though it cannot be replayed in place."""
    memory.chmod(0o755)
    folder = memory / "run"
    path = write(folder, 3)
    if end == "killed":
        leave_a_log(path)
        assert (folder / "run.db-wal").stat().st_size
    if end == "log mode":  # as the end of another program leaves it
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        assert not (folder / "run.db-wal").exists()
    digest = open_reader(path).digest()
    for empty in folder.glob("run.db-*"):
        if empty.name == "run.db-shm" or not empty.stat().st_size:
            empty.unlink()
    for file in (*folder.iterdir(), folder):
        file.chmod(0o555)
    output, errors = python(AS_NOBODY, folder).communicate(timeout=120)
    folder.chmod(0o755)
    assert errors == ""
    lines = output.splitlines()
    assert lines[0] == f"{digest} {3 if end == 'killed' else 2}"
    assert "expected a folder that can be written to and locked; found [Errno 13]" in lines[1]
    assert "expected a folder that can be made; found [Errno 13]" in lines[2]


def leave_a_log(path: Path) -> None:
    """Commit generation 3 and die at once, so that it lies in the log only."""
    code = HOLD.replace(
        'print("held"', 'from tests.store.samples import commit, rows\n    commit(writer, **rows(3))\n    print("held"'
    )
    with python(code, path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        other.kill()
        other.communicate()


def test_a_network_file_system_gets_a_journal_instead_of_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"a / ext4 rw 0 0\nb {tmp_path}/net\\040work nfs4 rw 0 0\nc {tmp_path}/net ext4 rw 0 0\n")
    assert not has_shared_memory(tmp_path / "net work" / "run", str(mounts))
    assert has_shared_memory(tmp_path / "net" / "run", str(mounts))
    assert has_shared_memory(tmp_path, str(mounts))
    assert has_shared_memory(tmp_path, str(tmp_path / "missing"))
    write(tmp_path / "log", 2)
    monkeypatch.setattr("evometa.store.files.has_shared_memory", lambda folder: False)
    write(tmp_path / "journal", 2)
    with open_writer(tmp_path / "log") as writer:  # a run that was moved there
        go_on(writer, 3)
    modes = {}
    for name in ("log", "journal"):
        with closing(sqlite3.connect(tmp_path / name / "run.db")) as connection:
            (modes[name],) = connection.execute("PRAGMA journal_mode").fetchone()
    assert modes == {"log": "delete", "journal": "delete"}


def test_a_file_that_is_locked_by_another_program_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evometa.store.files.WRITER_TIMEOUT", 0.1)
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 1)
        with closing(sqlite3.connect(tmp_path / "run.db", isolation_level=None)) as intruder:
            intruder.execute("BEGIN IMMEDIATE")
            with pytest.raises(RunFailed, match="database is locked"):
                commit(writer, **rows(1))
        go_on(writer, 2)
