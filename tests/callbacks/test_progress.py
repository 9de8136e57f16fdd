"""Progress where somebody reads it: on a terminal, in a notebook, and nowhere else."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import evometa
from evometa.callbacks import Silent
from evometa.callbacks.progress import NotebookView, listening
from evometa.errors import InputError
from evometa.presentation.events import Generation, Start
from evometa.presentation.view import LiveView, PlainView
from tests.elements import Elements
from tests.listening import Notes
from tests.small import DELTA


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


class Handle:
    """A display that keeps what it shows."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert raw
        assert display_id
        assert self.shown == []  # there is one display, which changes
        self.shown.append(bundle)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(bundle)


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in the place of stderr: within a test, as pytest changes it between a fixture and its test."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    return stream


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Handle:
    shell = type("Shell", (type("ZMQInteractiveShell", (), {}),), {})()  # some kernels derive their own
    handle, package, display = Handle(), ModuleType("IPython"), ModuleType("IPython.display")
    package.get_ipython = lambda: shell  # type: ignore[attr-defined]
    display.display = handle.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return handle


def view_of(progress: bool | None, watch: Any = None) -> type:
    with listening(watch, progress, ()) as told:
        return type(told.watch)


def test_nobody_reads_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert (view_of(None), view_of(False), view_of(True)) == (Silent, Silent, PlainView)
    for closed in (None, io.StringIO()):
        if closed:
            closed.close()
        monkeypatch.setattr(sys, "stderr", closed)
        assert view_of(None) is Silent


def test_a_terminal_is_read_by_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal_of(monkeypatch)
    mine = Notes()
    assert (view_of(None), view_of(False), view_of(None, mine)) == (LiveView, Silent, Notes)
    seen: list[type] = []
    thread = threading.Thread(target=lambda: seen.append(view_of(None)))
    thread.start()
    thread.join()
    assert seen == [Silent]


def test_a_shell_in_a_terminal_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal_of(monkeypatch)
    package = ModuleType("IPython")
    package.get_ipython = type("TerminalInteractiveShell", (), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    assert view_of(None) is LiveView


def test_progress_on_a_terminal_leaves_stdout_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = terminal_of(monkeypatch)
    evometa.run(DELTA, generations=2, out=tmp_path / "a")
    assert " · seed 0 · " in terminal.getvalue()
    assert "champion" in terminal.getvalue()
    terminal.truncate(0)
    assert evometa.resume(tmp_path / "a", generations=3, progress=False).generation == 3
    assert terminal.getvalue() == ""
    assert capsys.readouterr().out == ""


def test_what_a_callback_prints_into_a_pipe_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stdout", pipe)
    with listening(None, None, ()) as told:
        told.watch.begin(Start(recipe="r", backend="b", out="o", generations=1))
        print("mine")
    assert pipe.getvalue() == "mine\n"
    assert "mine" not in terminal.getvalue()


def test_a_run_that_fails_leaves_no_live_view(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal_of(monkeypatch)
    views: list[Any] = []

    def fail() -> None:
        with listening(None, None, ()) as told:
            views.append(told.watch)
            told.watch.begin(Start(recipe="r", backend="b", out="o", generations=1))
            assert views[0].live is not None
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert views[0].live is None


def test_a_notebook_has_one_display(notebook: Handle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = evometa.run({**DELTA, "name": "small"}, out=tmp_path / "a")
    first, last = notebook.shown[0], notebook.shown[-1]
    assert "generation 0/6" in first["text/plain"]
    assert "generation 6/6" in last["text/plain"]
    assert run.champion is not None
    page = Elements(last["text/html"])
    assert page.names == {"div", "strong", "progress", "code", "span"}
    assert "small · seed 0" in page.text
    assert f"champion  {run.champion.formula}" in page.text
    assert (page.attributes["max"], page.attributes["value"]) == ({"6"}, {"6.00"})
    assert "By closeness it is " in page.text
    assert capsys.readouterr() == ("", "")
    evometa.resume(tmp_path / "a", generations=7, progress=False)
    assert notebook.shown[-1] is last


def test_a_display_is_not_drawn_at_every_generation(notebook: Handle) -> None:
    now = [0.0]
    view = NotebookView(notebook.display, lambda: now[0])
    view.begin(Start(recipe="r", backend="b", out="o", generations=9))
    stats: dict[str, Any] = {"generations": 9, "best": 1.0, "median": 0.5, "innate": 0.1, "adapted": 1.0, "diverged": 0}
    stats |= {"formula": "Δw = <grad>", "total_seconds": 0.1, "lifetimes": 10}
    for number in (1, 2, 3):
        view.generation(Generation.model_validate({**stats, "generation": number}))
    assert len(notebook.shown) == 1
    now[0] = 1.0
    view.progress(1, 2)
    assert "generation 3/9" in notebook.shown[-1]["text/plain"]
    assert "Δw = &lt;grad&gt;" in notebook.shown[-1]["text/html"]
    view.generation(Generation.model_validate({**stats, "generation": 4}))
    view.close()
    assert "generation 4/9" in notebook.shown[-1]["text/plain"]


def test_progress_is_a_flag(tmp_path: Path) -> None:
    wrong: Any = "yes"
    with pytest.raises(InputError, match=r"run\(progress\): expected True or False; found 'yes'"):
        evometa.run(DELTA, out=tmp_path / "a", progress=wrong)
    with pytest.raises(InputError, match=r"resume\(progress\)"):
        evometa.resume(tmp_path / "a", progress=wrong)
