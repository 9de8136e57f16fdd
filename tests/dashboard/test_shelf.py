"""The runs in a folder: which are listed, which are refused, who writes to them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from evometa.dashboard import shelf as shelf_module
from evometa.dashboard.routes import key_of
from evometa.dashboard.shelf import Entry, Shelf
from evometa.errors import InputError
from evometa.store import open_writer
from tests.dashboard import odd


def entry_of(folder: Path, name: str) -> Entry:
    found = Shelf(folder).find(key_of(name))
    assert found
    return found


def test_every_run_is_listed_under_a_key_of_its_own(folder: Path) -> None:
    entries = Shelf(folder).entries()
    assert {entry.name for entry in entries.values()} == {path.name for path in folder.iterdir()} - {"no run"}
    assert all(entry.key == key for key, entry in entries.items())


def test_links_that_lead_out_are_refused_and_links_within_are_not(folder: Path) -> None:
    assert "symbolic link" in entry_of(folder, "link out").refusal
    assert "symbolic link" in entry_of(folder, "file out").refusal
    within = entry_of(folder, "link within")
    assert (within.refusal, within.file) == ("", folder.resolve() / "finished" / "run.db")


@pytest.mark.parametrize("name", ["run.db-wal", "run.db-shm", "run.db-journal", "run.owner", "run.lock"])
def test_odd_files_beside_a_run_are_refused(tmp_path: Path, name: str) -> None:
    file = odd.finished(tmp_path / "runs" / "a") / name
    file.unlink(missing_ok=True)
    target = tmp_path / "victim"
    target.write_text("precious")
    file.symlink_to(target)
    assert name in entry_of(tmp_path / "runs", "a").refusal
    file.unlink()
    os.mkfifo(file)
    assert name in entry_of(tmp_path / "runs", "a").refusal
    assert target.read_text() == "precious"


def test_a_link_to_itself_a_pipe_and_a_folder_are_refused(tmp_path: Path) -> None:
    for name in ("loop", "pipe", "folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "loop" / "run.db").symlink_to("run.db")
    os.mkfifo(tmp_path / "pipe" / "run.db")
    (tmp_path / "folder" / "run.db").mkdir()
    (tmp_path / "self").symlink_to("self")
    refusals = {name: entry.refusal for name, entry in Shelf(tmp_path).entries().items()}
    odd_file = "its run.db is not a plain file"
    assert refusals == {"folder": odd_file, "loop": "it cannot be reached", "pipe": odd_file}


def test_the_folder_of_one_run_can_be_given(tmp_path: Path) -> None:
    odd.finished(tmp_path / "mine")
    assert [entry.name for entry in Shelf(tmp_path / "mine").entries().values()] == ["mine"]


@pytest.mark.parametrize("made", [False, True])
def test_no_folder_is_refused(tmp_path: Path, made: bool) -> None:
    if made:
        (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match="a folder of runs"):
        Shelf(tmp_path / "a")


def test_a_folder_that_goes_away_has_no_runs(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    shelf = Shelf(tmp_path / "runs")
    (tmp_path / "runs").rmdir()
    assert shelf.entries() == {}


def test_new_runs_appear_and_the_list_is_made_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(shelf_module.time, "monotonic", lambda: now[0])
    shelf = Shelf(tmp_path)
    assert shelf.entries() == {}
    odd.begun(tmp_path / "a")
    assert shelf.entries() == {}
    now[0] += 1.1
    assert list(shelf.entries()) == ["a"]


def test_names_are_sorted_as_people_count(tmp_path: Path) -> None:
    for name in ("delta-10", "delta-2", "Delta-1", "alpha"):
        odd.begun(tmp_path / name)
    assert [entry.name for entry in Shelf(tmp_path).entries().values()] == ["alpha", "Delta-1", "delta-2", "delta-10"]


def test_a_name_of_bytes_that_are_no_text_is_listed(tmp_path: Path) -> None:
    odd.begun(tmp_path / os.fsdecode(b"\xff run"))
    (entry,) = Shelf(tmp_path).entries().values()
    assert (entry.key, entry.name) == ("%FF%20run", "\ufffd run")


def test_the_stamp_changes_with_every_commit(tmp_path: Path) -> None:
    odd.begun(tmp_path / "a")
    entry = entry_of(tmp_path, "a")
    stamps = [entry.stamp()]
    with open_writer(tmp_path / "a") as writer:
        for number in range(3):
            odd.add(writer, number)
            stamps.append(entry.stamp())
    stamps.append(entry.stamp())
    assert len(set(stamps)) == len(stamps)
    assert entry.stamp() == stamps[-1]


def test_who_writes_is_told_while_somebody_does(tmp_path: Path) -> None:
    odd.begun(tmp_path / "a")
    entry = entry_of(tmp_path, "a")
    assert entry.written_by() == ""
    with open_writer(tmp_path / "a"):
        assert entry.written_by() == f"process {os.getpid()} on {socket.gethostname()}"
    assert entry.written_by() == ""


def test_a_writer_that_was_killed_is_not_taken_for_a_living_one(tmp_path: Path) -> None:
    odd.begun(tmp_path / "a")
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    owner = tmp_path / "a" / "run.owner"
    owner.write_text(f"process {process.pid} on {socket.gethostname()}\n")
    assert entry_of(tmp_path, "a").written_by() == ""
    owner.write_text(f"process {process.pid} on another-machine\n")
    assert entry_of(tmp_path, "a").written_by() == f"process {process.pid} on another-machine"
    for nonsense in (
        "",
        "process 0x1 on here",
        "process -1 on here",
        "process 99999999999999999999 on here",
        "\0" * 500,
    ):
        owner.write_text(nonsense)
        assert entry_of(tmp_path, "a").written_by() == ""
