"""What is read is bounded and regular; what is written is whole, and never over a run or, unasked, over anything."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from evometa.estimators import RuleClassifier
from evometa.export import export
from evometa.report import write_report
from evometa.system.disk import check_output, opened, read_bounded, replacement, write_whole
from tests.store.samples import write
from tests.test_cli import call

posix = pytest.mark.skipif(os.name != "posix", reason="such files are POSIX's")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The file of a run."""
    return write(tmp_path / "run", 2)


def hard_link(run: Path) -> Path:
    os.link(run, run.parent.parent / "linked")
    return run.parent.parent / "linked"


def symlink(run: Path) -> Path:
    (run.parent.parent / "linked").symlink_to(run)
    return run.parent.parent / "linked"


def copy(run: Path) -> Path:
    """Another run's file under another name is a run all the same."""
    (run.parent.parent / "copy.html").write_bytes(run.read_bytes())
    return run.parent.parent / "copy.html"


NAMES: dict[str, Callable[[Path], Path]] = {
    "itself": lambda run: run,
    "by another way": lambda run: run.parent / ".." / run.parent.name / "run.db",
    "its log": lambda run: run.with_name("run.db-wal"),
    "its lock": lambda run: run.with_name("run.lock"),
    "its owner": lambda run: run.with_name("run.owner"),
    "a hard link": hard_link,
    "a link": symlink,
    "another run": copy,
}


@posix
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("replace", [False, True])
def test_no_run_is_written_over(run: Path, name: str, replace: bool) -> None:
    target, before = NAMES[name](run), run.read_bytes()
    with pytest.raises(InputError):
        write_whole(target, b"<html>", replace=replace)
    assert run.read_bytes() == before


def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    file = tmp_path / "new" / "a"
    write_whole(file, b"1", replace=False)
    with pytest.raises(InputError, match=r"not there yet.*--force|--force"):
        write_whole(file, b"2", replace=False)
    assert file.read_bytes() == b"1"
    write_whole(file, b"3", replace=True)
    assert file.read_bytes() == b"3"
    assert [one.name for one in file.parent.iterdir()] == ["a"]


@posix
def test_nothing_is_written_through_a_link_nor_into_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    for name, kind in (("link", "a link"), ("dangling", "a link"), ("pipe", "a pipe"), (".", "a folder")):
        with pytest.raises(InputError, match=kind):
            check_output(tmp_path / name, replace=True)
    assert (tmp_path / "mine").read_bytes() == b"mine"
    with pytest.raises(InputError, match="a device"):
        write_whole(Path("/dev/null"), b"", replace=True)


def test_what_fails_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"1")

    def fails() -> None:
        with replacement(file, replace=True) as scratch:
            scratch.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert file.read_bytes() == b"1"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


@posix
def test_only_regular_files_are_read_and_none_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        cases = (
            ("pipe", "a pipe"),
            ("s", "a socket"),
            (".", "a folder"),
            ("none", "No such file"),
            ("a" * 300, "long"),
        )
        for name, found in cases:
            with pytest.raises(InputError, match=found):
                read_bounded(tmp_path / name, 10, "a table")
    for device in ("/dev/zero", "/dev/stdin", "/dev/tty"):
        with pytest.raises(InputError):
            read_bounded(Path(device), 10, "a table")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="a device"):
        read_bounded(tmp_path / "zero", 10, "a table")
    with pytest.raises(InputError):
        read_bounded(tmp_path / "with\0nul", 10, "a table")


def test_no_more_is_read_than_the_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 11)
    assert len(read_bounded(tmp_path / "a", 11, "a table")) == 11
    with pytest.raises(InputError, match="a table of at most 10 bytes"):
        read_bounded(tmp_path / "a", 10, "a table")
    with opened(tmp_path / "a", "a table") as file:
        assert file.read(3) == b"xxx"


# The commands


@posix
def test_report_and_export_refuse_the_run_and_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = evometa.run("delta", settings=["evolution.population=20"], generations=1, out=tmp_path / "r")
    assert run.champion is not None
    before = run.path.read_bytes()
    os.link(run.path, tmp_path / "linked.html")
    for target in (run.path, tmp_path / "linked.html"):
        for force in (False, True):
            with pytest.raises(InputError, match="the file of a run"):
                write_report(run, target, force=force)
            with pytest.raises(InputError, match="the file of a run"):
                export(run.champion, "json", target, force=force)
        with pytest.raises(InputError, match="the file of a run"):
            RuleClassifier(rule="-c0*grad", coefficients=(0.1,)).save(target)
    assert run.path.read_bytes() == before
    for command in (["report", str(run.folder)], ["export", str(run.folder), "--to", "json"]):
        out = str(tmp_path / command[0])
        assert call(monkeypatch, *command, "--out", out) == 0
        capsys.readouterr()
        assert call(monkeypatch, *command, "--out", out) == 2
        assert "--force" in capsys.readouterr().err
        assert call(monkeypatch, *command, "--out", out, "--force") == 0
    assert write_report(run) == write_report(run)  # its own, in the run's folder


@posix
def test_a_recipe_that_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    done: list[str] = []

    def ask() -> None:
        with pytest.raises(InputError, match="a pipe") as refusal:
            load(tmp_path / "pipe.toml")
        done.append(str(refusal.value))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(120)
    assert done
