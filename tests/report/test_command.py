"""`evometa report` as a process would see it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from evometa import cli
from evometa.presentation.run import Run
from tests.report.reading import Page


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["evometa", "report", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_it_writes_a_page_and_says_where(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, run.folder, "--out", tmp_path / "r.html") == 0
    assert capsys.readouterr().out == f"{tmp_path / 'r.html'}\n"
    assert "Verdict on held-out tasks" in Page((tmp_path / "r.html").read_text(encoding="utf-8")).text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("nowhere",), "expected a run"), (("RUN", "--format", "gif"), "html, static, png, svg"),
     (("RUN", "--out", "/proc/none/r.html"), "--out")],
)  # fmt: skip
def test_bad_input_is_refused_with_what_to_do(
    run: Run, arguments: tuple[str, ...], said: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert call(monkeypatch, *(run.folder if one == "RUN" else one for one in arguments)) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err
    assert told.out == ""
