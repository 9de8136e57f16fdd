"""Writing: where to, whole or not at all, and what is refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from evometa.errors import InputError, RunFailed
from evometa.presentation.run import Run, load
from evometa.report import FORMATS, write_report
from evometa.report import output as writing
from tests.inspected import REPORT
from tests.reporting import ANALYSIS, full


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that takes no time."""
    monkeypatch.setattr(writing, "page", lambda run, analysis, fixed: f"page {analysis} {fixed}")


@pytest.mark.usefixtures("quick")
def test_it_lies_in_the_runs_folder_or_where_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    assert write_report(run) == run.folder / "report.html"
    assert (run.folder / "report.html").read_text() == "page None False"
    assert write_report(run, tmp_path) == tmp_path / "report.html"
    assert write_report(run, tmp_path / "new" / "a.html", "static") == tmp_path / "new" / "a.html"
    assert (tmp_path / "new" / "a.html").read_text() == "page None True"
    with pytest.raises(InputError, match="--force"):
        write_report(run, str(tmp_path / "new" / "a.html"))
    write_report(run, str(tmp_path / "new" / "a.html"), force=True)
    assert (tmp_path / "new" / "a.html").read_text() == "page None False"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["a.html"]
    assert (tmp_path / "new" / "a.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_what_cannot_be_written_leaves_what_was_there(
    run: Run, tmp_path: Path, fault: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.html"
    target.write_text("before")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match="--out"):
        write_report(run, target, force=True)
    assert target.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.usefixtures("quick")
def test_a_place_below_a_file_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for format in ("html", "svg"):
        with pytest.raises(InputError, match="--out"):
            write_report(run, tmp_path / "file" / "below", format)


def test_an_unknown_format_is_told_what_there_is(run: Run) -> None:
    with pytest.raises(InputError, match="html, static, png, svg") as refused:
        write_report(run, format="gif")
    assert refused.value.exit_code == 2
    assert FORMATS == ("html", "static", "png", "svg")


@pytest.mark.usefixtures("quick")
def test_an_analysis_is_made_where_none_is_stored(
    run: Run, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(Run, "analyse", lambda self: asked.append(self.folder) or {"made": 1})
    bare = load(full(place / "bare", generations=2, report=REPORT))
    begun = load(full(place / "not begun", generations=0, asked=3))
    for one in (run, bare, begun):
        write_report(one, tmp_path / one.folder.name / "r.html", analyse=True)
    assert asked == [bare.folder]
    assert (tmp_path / "bare" / "r.html").read_text() == "page {'made': 1} False"
    assert run.analysis == ANALYSIS


def test_figures_go_into_a_folder(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: dict[str, Any] = {}

    def draw(figures: dict[str, Any], folder: Path, kind: str, *, replace: bool) -> None:
        drawn.update({"names": list(figures), "folder": folder, "kind": kind})

    monkeypatch.setattr(writing, "write_pictures", draw)
    assert write_report(run, tmp_path / "a" / "b", "png") == tmp_path / "a" / "b"
    assert (len(drawn["names"]), drawn["folder"], drawn["kind"]) == (24, tmp_path / "a" / "b", "png")
    assert write_report(run, format="svg") == run.folder / "figures"


def test_faults_of_the_browser_are_explained() -> None:
    from evometa.report.pictures import _explained

    missing = _explained(RuntimeError("Kaleido requires Google Chrome to be installed."), "png")
    assert isinstance(missing, InputError)
    assert "BROWSER_PATH" in str(missing)
    full_disk = _explained(OSError(errno.ENOSPC, "No space left", "/x"), "png")
    assert isinstance(full_disk, InputError)
    assert isinstance(_explained(ValueError("odd"), "png"), RunFailed)
