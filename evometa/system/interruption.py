"""Being told to stop: Ctrl-C, SIGTERM and SIGHUP are one kind of interruption, which a second one does not spoil.

The first signal raises Stopped, a KeyboardInterrupt. Those that follow are held back, so that what the first one set
off (closing the run, its trackers, saying how to go on) comes to its end, but for two places: code that says so
(`cuttable`), and an ending that takes longer than GRACE. A reader that goes away stops nothing (`Patient`).
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, Any

GRACE = 5.0  # seconds, after which a further signal cuts an ending short
SIGNALS = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)  # Windows has no SIGHUP


class Stopped(KeyboardInterrupt):
    """This process was told to stop, by `signal`; `exit_code` is what a shell expects of it."""

    def __init__(self, message: str = "", signal: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.signal, self.exit_code = signal, 128 + signal


class Interrupted(Stopped):
    """Ctrl-C, SIGTERM or SIGHUP: the generation in flight is given up, all others are committed; the message says how
    to go on."""


class _Handler:
    """Raises Stopped for the first signal, and holds back those that follow."""

    def __init__(self) -> None:
        self.first: float | None = None  # when the first signal came
        self.cuttable = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.first is not None and not self.cuttable and now - self.first < GRACE:
            return
        self.first = now
        raise Stopped("", number)


_active: _Handler | None = None  # of the main thread; others hear no signals


@contextmanager
def signals_heard(to_the_end: bool = False) -> Iterator[None]:
    """Within the block, signals to stop raise Stopped; afterwards all is as before.

    Signals that the process ignores (as under nohup) or handles in a way of its own stay so; outside of the main
    thread nothing is changed. `to_the_end`: the process ends with the block, so that after an interruption further
    signals are held back until it has (`end_quietly`).
    """
    global _active
    if _active is not None or threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: handler for number in SIGNALS if (handler := signal.getsignal(number)) in usual}
    _active = handler = _Handler()
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        if handler.first is None or not to_the_end:
            for number, old in before.items():
                signal.signal(number, old)
        _active = None


def end_quietly() -> None:
    """At the very end of the process, ignore signals and what nobody reads any more: its exit code is what it was.

    Python, tidying up, would die of a signal, and fail for a reader that has gone. To be called before anything else
    registers with atexit, whose last call is the first one's.
    """
    atexit.register(_end_quietly)


def _end_quietly() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _into_nothing(stream)
        except (AttributeError, OSError, ValueError):  # closed, or none; what cannot be written else is Python's to say
            pass


def _into_nothing(stream: IO[str]) -> None:
    """Lead what a stream writes from now on into nothing, what Python flushes at its end as well."""
    with suppress(OSError, AttributeError, ValueError), open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())


def carry_on() -> None:
    """Say that no ending is under way (any more): the next signal raises at once."""
    if _active is not None and threading.current_thread() is threading.main_thread():
        _active.first = None


@contextmanager
def compiled_code_interrupted() -> Iterator[None]:
    """Let an interruption be one that came while a compiled function took its arguments: Python makes a fault of it.

    Of a fault in the making of arguments, which are functions themselves, it makes another.
    """
    try:
        yield
    except SystemError as error:
        cause: BaseException | None = error
        while isinstance(cause, SystemError):
            cause = cause.__cause__
        if isinstance(cause, KeyboardInterrupt):
            raise cause from None
        raise


@contextmanager
def cuttable() -> Iterator[None]:
    """Within the block, any signal raises at once: for what others wrote, which may take for ever."""
    handler = _active if threading.current_thread() is threading.main_thread() else None
    if handler is None:
        yield
        return
    before, handler.cuttable = handler.cuttable, True
    try:
        yield
    finally:
        handler.cuttable = before


class Patient:
    """A text stream like `stream`; what can no longer be written to it (its reader has gone) is dropped."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write the text, or drop it."""
        with self._dropped():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is buffered, or drop it."""
        with self._dropped():
            self._stream.flush()

    @contextmanager
    def _dropped(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            _into_nothing(self._stream)
