"""Told to stop, by whatever signal and however often; and nobody left to read what is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from math import inf
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Callback
from evometa.config.load import load as load_config
from evometa.config.template import render
from evometa.engine import Interrupted
from evometa.system import interruption
from evometa.system.interruption import SIGNALS, Stopped, cuttable, signals_heard
from tests.listening import Diary
from tests.small import DELTA, recipe
from tests.waiting import until

# a slow machine may take its time over an ending
PATIENT = "from evometa.system import interruption; interruption.GRACE = 1e9; from evometa.cli import main; main()"
COMMAND = [sys.executable, "-c", PATIENT]
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
pytestmark = [
    pytest.mark.clocks,
    pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them"),
]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two signals a slow machine may rest for longer than an ending may take."""
    monkeypatch.setattr(interruption, "GRACE", inf)


def handlers() -> list[Any]:
    return [signal.getsignal(number) for number in SIGNALS]


def send(number: int) -> None:
    signal.raise_signal(number)  # of this thread: heard before this returns


class Sends(Callback):
    """Sends this process signals after its first generation, and again when it is told of the interruption."""

    def __init__(self, *numbers: int, again: int | None = None) -> None:
        self.numbers, self.again = numbers, again

    def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
        for number in self.numbers:
            send(number)

    def on_interrupt(self, message: str) -> None:
        if self.again is not None:
            send(self.again)


@pytest.mark.parametrize("number", SIGNALS)
def test_every_signal_interrupts_a_run_and_the_caller_has_its_handlers_back(number: int, tmp_path: Path) -> None:
    before, diary = handlers(), Diary()
    with pytest.raises(Interrupted, match="after generation 1 of 6") as stop:
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[Sends(number), diary])
    assert stop.value.exit_code == 128 + number
    assert diary.moments[-1] == "on_interrupt"
    assert handlers() == before
    assert evometa.resume(tmp_path / "a").finished


@pytest.mark.parametrize("again", SIGNALS)
def test_a_second_one_while_trackers_close_leaves_the_others_their_moment(again: int, tmp_path: Path) -> None:
    diary = Diary()
    with pytest.raises(Interrupted, match="Go on with: evometa resume"):
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[Sends(signal.SIGTERM, again=again), diary])
    assert diary.moments[-1] == "on_interrupt"


def test_further_signals_are_held_back_until_the_ending_is_over() -> None:
    said = False
    with signals_heard():
        try:
            send(signal.SIGINT)
        except Stopped:
            send(signal.SIGTERM)
            send(signal.SIGINT)
            said = True
    assert said
    with pytest.raises(Stopped), signals_heard():
        send(signal.SIGTERM)


def interrupted_twice(cut: bool = False) -> None:
    with signals_heard():
        try:
            send(signal.SIGINT)
        except Stopped:
            with cuttable() if cut else nullcontext():
                send(signal.SIGINT)


def test_an_ending_that_hangs_can_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted_twice()
    with pytest.raises(Stopped):
        interrupted_twice(cut=True)
    monkeypatch.setattr(interruption, "GRACE", 0.0)
    with pytest.raises(Stopped):
        interrupted_twice()


def test_what_the_process_ignores_or_handles_itself_stays_so() -> None:
    calls: list[int] = []
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.signal(signal.SIGTERM, lambda n, f: calls.append(n))
    try:
        with signals_heard():
            send(signal.SIGHUP)
            send(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, old[0])
        signal.signal(signal.SIGTERM, old[1])
    assert calls == [signal.SIGTERM]


def test_a_run_in_another_thread_touches_no_handler(tmp_path: Path) -> None:
    seen: list[Any] = []

    class Looks(Callback):
        def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
            seen.append(handlers())

    before = handlers()
    thread = threading.Thread(target=lambda: evometa.run(DELTA, out=tmp_path / "a", callbacks=[Looks()]))
    thread.start()
    thread.join()
    assert seen
    assert all(one == before for one in seen)


def test_an_interruption_that_a_callback_swallows_is_not_the_last(tmp_path: Path) -> None:
    class Swallows(Callback):
        def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
            if statistics["generation"] == 1:
                try:
                    send(signal.SIGINT)
                except BaseException:
                    return
            send(signal.SIGINT)

    with pytest.raises(Interrupted, match="after generation 2"):
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[Swallows()])


# The command


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A recipe that goes on for much longer than any test."""
    path = tmp_path / "long.toml"
    path.write_text(render(load_config(recipe(DELTA, run={"generations": 1_000_000})).config))
    return path


def started(long: Path, *options: str, **more: Any) -> subprocess.Popen[str]:
    """Start a run, and wait until it has committed a generation."""
    out = long.parent / "run"
    process = subprocess.Popen(
        [*COMMAND, "run", str(long), "--out", str(out), *options], text=True, env=BUFFERED, **more
    )
    try:
        until(lambda: (out / "run.db").exists() and evometa.load(out).generation > 1, "a generation")
    except BaseException:
        process.kill()
        raise
    return process


@pytest.mark.parametrize(
    "numbers", [[signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT] * 3, [signal.SIGTERM] * 2, [signal.SIGHUP] * 300]
)
def test_the_command_says_how_to_go_on(long: Path, numbers: list[int]) -> None:
    process = started(long, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.002)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 128 + numbers[0], said
    assert said.startswith("evometa: interrupted after generation ")
    assert said.endswith(f"Go on with: evometa resume {long.parent / 'run'}\n")


def test_computing_goes_on_when_nobody_reads_any_more(long: Path) -> None:
    process = started(long, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    process.stdout.close()  # as `| head -n 1` does
    last = evometa.load(long.parent / "run").generation
    until(lambda: evometa.load(long.parent / "run").generation > last + 50, "further generations")
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 143  # though nobody reads that either


def test_a_whole_run_whose_reader_left_is_a_success(long: Path) -> None:
    script = f"set -o pipefail; {sys.executable} -c 'from evometa.cli import main; main()' \"$@\" | head -n 1"
    out = str(long.parent / "run")
    arguments = ["run", str(long), "--out", out, "--generations", "6"]
    done = subprocess.run(["bash", "-c", script, "bash", *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert evometa.load(out).finished


@pytest.mark.parametrize(("quiet", "code"), [("end_quietly()", 143), ("pass", 120)])
def test_an_exit_code_outlives_what_nobody_reads(quiet: str, code: int) -> None:
    """Text that is still buffered when its reader has gone makes Python end with 120, were it not for us."""
    start = "import sys; from evometa.system.interruption import end_quietly"
    text = f"{start}; {quiet}; sys.stdin.read(); print(1); exit(143)"
    process = subprocess.Popen(
        [sys.executable, "-c", text], env=BUFFERED, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    process.stdin.close()
    assert process.wait(120) == code


def test_an_interruption_that_python_took_for_a_fault_of_compiled_code_is_one() -> None:
    with pytest.raises(KeyboardInterrupt), interruption.compiled_code_interrupted():
        raise SystemError("returned a result with an exception set") from KeyboardInterrupt()
    making = SystemError("of the making of an argument, a function")
    making.__cause__ = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt), interruption.compiled_code_interrupted():
        raise SystemError("returned a result with an exception set") from making
    with pytest.raises(SystemError), interruption.compiled_code_interrupted():
        raise SystemError("another") from ValueError()
