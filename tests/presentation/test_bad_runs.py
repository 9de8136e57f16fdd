"""One bad run among others: it is named in a sentence, hides no other, and nothing that it holds is a traceback."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evometa.dashboard.content import Content
from evometa.dashboard.shelf import Shelf
from evometa.dashboard.summaries import FINISHED, UNREADABLE
from evometa.store import create
from tests.inspected import CONFIG, commit
from tests.sealed import shown, write

SPECIAL: dict[str, Callable[[Path], object]] = {
    "an empty file": lambda file: file.touch(),
    "nonsense": lambda file: file.write_bytes(os.urandom(5000)),
    "a folder": lambda file: file.mkdir(),
    "a link to nothing": lambda file: file.symlink_to("nowhere"),
    "a link to itself": lambda file: file.symlink_to(file.name),
    "a pipe": lambda file: os.mkfifo(file),
    "a socket": lambda file: _bind(file),
    "a device": lambda file: file.symlink_to("/dev/zero"),
    "half a run": lambda file: file.write_bytes((file.parent.parent / "good" / "run.db").read_bytes()[:5000]),
}


def _bind(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(file.parent)  # the path of a socket is short
        one.bind(file.name)
        os.chdir(here)


@pytest.mark.skipif(os.name != "posix", reason="pipes, sockets and links are POSIX's")
@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_run_is_named_and_hides_no_other(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = write(tmp_path / "runs" / "good"), tmp_path / "runs" / "bad"
    bad.mkdir()
    SPECIAL[kind](bad / "run.db")
    _, out, _ = shown(monkeypatch, capsys, "list", "runs", str(tmp_path / "runs"))
    assert f"{good}\tdelta\t7\t1 of 1" in out
    assert f"{bad}\t\t\tcannot be read: " in out
    for words in (["inspect", str(bad)], ["export", str(bad), "--to", "json"], ["report", str(bad)]):
        code, out, err = shown(monkeypatch, capsys, *words)
        assert (code, out) == (2, "")
        assert str(bad) in err
    code, out, err = shown(monkeypatch, capsys, "compare", str(good), str(bad))
    assert code == 2
    assert "good" in out
    assert str(bad) in err
    content = Content(Shelf(tmp_path / "runs"))
    states = {one.entry.name: one.state for one in content.summaries.of(content.shelf.entries())}
    assert states == {"good": FINISHED, "bad": UNREADABLE}


def test_runs_that_go_while_they_are_listed_are_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from evometa.presentation import listing

    write(tmp_path / "good")
    write(tmp_path / "gone")
    files = listing.run_files

    def going(folder: Path, deep: int = listing.DEEP) -> Any:
        for file in list(files(folder, deep)):
            if file.parent.name == "gone":
                file.unlink(missing_ok=True)
            yield file

    monkeypatch.setattr(listing, "run_files", going)
    _, out, _ = shown(monkeypatch, capsys, "list", "runs", str(tmp_path))
    assert f"{tmp_path / 'good'}\tdelta\t7\t1 of 1" in out
    assert f"{tmp_path / 'gone'}\t\t\tcannot be read: " in out


def test_runs_are_listed_at_any_depth_and_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "sweep/b", "sweep/deeper/c"):
        write(tmp_path / "runs" / name)
    write(tmp_path / "elsewhere" / "d")
    (tmp_path / "runs" / "linked").symlink_to(tmp_path / "elsewhere" / "d")
    (tmp_path / "runs" / "sweep" / "round").symlink_to(tmp_path / "runs")
    monkeypatch.chdir(tmp_path)
    for folder in ([], ["runs"], [str(tmp_path / "runs")]):
        _, out, _ = shown(monkeypatch, capsys, "list", "runs", *folder, "--json")
        told = json.loads(out)
        found = [Path(one["run"]).absolute().relative_to(tmp_path / "runs") for one in told["runs"]]
        assert sorted(map(str, found)) == ["a", "linked", "sweep/b", "sweep/deeper/c"]
        assert told["folder"] == (folder or ["runs"])[0]
    assert shown(monkeypatch, capsys, "list", "runs", "nowhere")[0] == 2
    assert shown(monkeypatch, capsys, "list", "recipes", "runs")[0] == 2
    _, out, _ = shown(monkeypatch, capsys, "list", "runs", "runs/a")
    assert out.count("\n") == 2


def test_a_run_without_a_generation_is_listed(tmp_path: Path) -> None:
    from evometa.presentation.listing import listing

    with create(tmp_path / "new", CONFIG, {}):
        assert listing("runs", tmp_path)[1] == (str(tmp_path / "new"), "delta", "7", "0 of 3")
    with create(tmp_path / "begun", CONFIG, {}) as writer:
        commit(writer, 0)
        assert listing("runs", tmp_path)[1][3] in ("0 of 3", "1 of 3")


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        ("runs/delta-11", "Did you mean runs/delta-1?"),
        ("delta-1", "Did you mean runs/delta-1?"),
        ("sweep/lr-3", "Did you mean runs/sweep/lr-2?"),
        ("mine.toml", "To start a run by a recipe: evometa run mine.toml."),
        ("runs", "`evometa list runs runs` shows the runs in it."),
        ("runs/nothing-like-it", "`evometa list runs` shows them."),
        ("runs/delta-1/note", "`evometa list runs` shows them."),
        ("x" * 5000, "`evometa list runs` shows them."),
    ],
)
def test_the_run_that_may_have_been_meant_is_named(
    asked: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("delta-1", "sweep/lr-2"):
        write(tmp_path / "runs" / name)
    (tmp_path / "runs" / "delta-1" / "note").write_text("mine")
    for command in ("inspect", "resume", "compare"):
        code, out, err = shown(monkeypatch, capsys, command, asked)
        assert (code, out) == (2, "")
        assert err.endswith(f"{remedy}\n")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_what_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "good")
    for name, right in (("file", "run.db"), ("folder", "")):
        (write(tmp_path / name) / right).chmod(0)
    try:
        _, out, _ = shown(monkeypatch, capsys, "list", "runs", str(tmp_path))
        assert f"{good}\tdelta\t7\t1 of 1" in out
        assert f"{tmp_path / 'file'}\t\t\tcannot be read: " in out
        assert f"{tmp_path / 'folder'}\t\t\tcannot be read: a folder that may not be looked into" in out
    finally:
        (tmp_path / "folder").chmod(0o700)
