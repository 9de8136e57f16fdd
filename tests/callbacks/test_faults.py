"""What happens when a callback fails, is interrupted, or the run does and is."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.engine import Interrupted
from evometa.errors import InputError, RunFailed
from tests.listening import LAST, MOMENTS, Diary, Notes, Raises
from tests.small import DELTA


@pytest.mark.parametrize("moment", MOMENTS)
def test_one_that_raises_is_named_once_and_switched_off(moment: str, tmp_path: Path) -> None:
    without = evometa.run(DELTA, out=tmp_path / "without")
    view, first, last = Notes(), Diary(), Diary()
    bad = Raises(moment, ValueError("no\n  such   thing"))
    run = evometa.run(DELTA, out=tmp_path / "with", watch=view, callbacks=[first, bad, last])
    assert run.digest == without.digest
    assert run.finished
    assert first.told == last.told
    assert last.moments[-1] == "on_end"
    named = [note for note in view.notes if "Raises" in note]
    if moment in ("on_interrupt", "on_failure"):
        assert (bad.calls, named) == (0, [])
    else:
        assert (bad.calls, len(named)) == (1, 1)
        assert f"callback Raises.{moment} raised ValueError: no such thing (listening.py, line " in named[0]


class Wordless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words either")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (MemoryError(), "MemoryError: "),
        (Wordless(), "Wordless: an error without words"),
        (ValueError("x" * 9999), "x" * 300 + " …"),
        (RunFailed("it says"), "RunFailed: it says"),
        (InputError("a", "b", "c"), "InputError: c: expected a; found b."),
    ],
)
def test_no_error_of_theirs_ends_the_run(error: BaseException, words: str, tmp_path: Path) -> None:
    view = Notes()
    assert evometa.run(DELTA, out=tmp_path / "a", watch=view, callbacks=[Raises("on_generation", error)]).finished
    assert any(words in note for note in view.notes)


def test_without_a_view_the_error_is_logged_with_its_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    evometa.run(DELTA, out=tmp_path / "a", callbacks=[Raises("on_begin", ValueError("where am I"))])
    (record,) = [one for one in caplog.records if one.name == "evometa.callbacks"]
    assert record.levelno == logging.ERROR
    assert "in fail" in caplog.text


# Interrupts and failures


@pytest.mark.parametrize("moment", ["on_begin", "on_best", "on_generation", "on_note", "on_end"])
def test_an_interrupt_in_one_interrupts_cleanly(moment: str, tmp_path: Path) -> None:
    whole = evometa.run(DELTA, out=tmp_path / "whole")
    first, last = Diary(), Diary()
    bad = Raises(moment, KeyboardInterrupt())
    with pytest.raises(Interrupted, match="evometa resume"):
        evometa.run(DELTA, out=tmp_path / "cut", callbacks=[first, bad, last])
    assert sum(first.moments.count(name) for name in LAST) == 1
    assert sum(last.moments.count(name) for name in LAST) == 1
    assert last.moments[-1] == ("on_end" if moment == "on_end" else "on_interrupt")
    assert evometa.resume(tmp_path / "cut").digest == whole.digest


def test_a_second_interrupt_leaves_the_others_their_last_moment(tmp_path: Path) -> None:
    first, last = Diary(), Diary()
    impatient = Raises("on_interrupt", KeyboardInterrupt())
    with pytest.raises(Interrupted, match="after generation 1 of 6"):
        evometa.run(
            DELTA,
            out=tmp_path / "a",
            callbacks=[first, impatient, Raises("on_generation", KeyboardInterrupt()), last],
        )
    assert impatient.calls == 1
    assert first.moments[-1] == last.moments[-1] == "on_interrupt"


def test_a_failure_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diary = Diary()
    engine = import_module("evometa.engine")
    monkeypatch.setattr(engine, "examine", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[diary])
    assert diary.told[-1] == ("on_failure", "division by zero")
    assert "on_end" not in diary.moments
    monkeypatch.setattr(engine, "commit", lambda *_: (_ for _ in ()).throw(RunFailed("no room.")))
    with pytest.raises(RunFailed):
        evometa.run(DELTA, out=tmp_path / "b", callbacks=[diary])
    assert "no room. No generation was finished, so nothing is kept; begin it anew with: evometa" in diary.told[-1][1]


def test_a_view_that_fails_at_the_end_leaves_callbacks_theirs(tmp_path: Path) -> None:
    class Gone(Notes):
        def end(self, run: Any) -> None:
            raise BrokenPipeError

    diary = Diary()
    with pytest.raises(BrokenPipeError):
        evometa.run(DELTA, out=tmp_path / "a", watch=Gone(), callbacks=[diary])
    assert diary.moments[-1] == "on_end"
    assert "on_failure" not in diary.moments


def test_what_is_refused_is_not_told(tmp_path: Path) -> None:
    diary = Diary()
    with pytest.raises(InputError):
        evometa.run(DELTA, settings=["fitness.objectives=['nothing']"], out=tmp_path / "a", callbacks=[diary])
    assert diary.told == []
