"""The hand on the process in which an environment runs: what hangs, dies or fails there is said in words here."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from evometa.errors import FunctionFailed, InputError, RunFailed
from evometa.tasks.environments.opening import WHERE
from evometa.tasks.environments.spec import EnvironmentSpec
from evometa.tasks.environments.wire import Message, messages, send
from evometa.tasks.environments.worker import Failure

START = 120.0  # seconds that a process may take to begin, imports included
_RUN = "import sys; sys.path[:] = sys.argv[1:]; from evometa.tasks.environments.worker import main; main()"
_ENDED = "dead"


class EnvironmentProcess:
    """A process of its own for an environment; `with` ends it.

    What it is asked returns what the worker's method of that name does. FunctionFailed says what the environment did
    that it may not, InputError what cannot be used, RunFailed that it hung or died.
    """

    def __init__(self, spec: EnvironmentSpec) -> None:
        self.spec, self.lane = spec, -1
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RUN, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interruption is this process's to hear
        )
        self.heard: queue.Queue[Message] = queue.Queue()
        assert self.process.stdout is not None
        threading.Thread(target=_listen, args=(self.process.stdout, self.heard), daemon=True).start()
        self._wait("starting", START)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
                 ) -> None:  # fmt: skip
        self.end()

    def ask(self, kind: str, **body: Any) -> Mapping[str, Any]:
        """Ask for something and return it."""
        assert self.process.stdin is not None
        self.lane = -1
        try:
            send(self.process.stdin, kind, **body)
        except (TypeError, ValueError) as error:
            raise InputError("keywords of numbers, texts and lists", str(error), f"{WHERE} {self.spec.name}") from error
        except BrokenPipeError:  # it died: that is heard, too
            pass
        return self._wait(kind, self.spec.limit)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()

    def _wait(self, kind: str, limit: float) -> Mapping[str, Any]:
        while True:
            try:
                what, given = self.heard.get(timeout=limit)
            except queue.Empty:
                self.end()
                raise RunFailed(
                    f"environment {self.spec.name}: expected a sign of life within {limit:g} s of {kind}{self._of()}; "
                    "found none, and its process was ended."
                ) from None
            if what == "done":
                return given
            if what == "beat":
                self.lane = given["lane"]
            elif what == _ENDED:
                code = self.process.wait()
                raise RunFailed(
                    f"environment {self.spec.name}: expected an answer to {kind}{self._of()}; found that its process "
                    f"had ended with code {code}."
                )
            else:
                raise self._said(Failure(**given))

    def _of(self) -> str:
        return f", lane {self.lane} or one behind it" if self.lane >= 0 else ""

    def _said(self, failure: Failure) -> Exception:
        if failure.given:
            return InputError(failure.expected, failure.found, failure.where, failure.remedy)
        name = f"{WHERE} {self.spec.name}" + (f", lane {failure.lane}" if failure.lane >= 0 else "")
        return FunctionFailed(name, failure.expected, failure.found, failure.remedy)


def _listen(pipe: IO[bytes], heard: queue.Queue[Message]) -> None:
    with suppress(OSError, ValueError):  # it was closed
        for message in messages(pipe):
            heard.put(message)
    heard.put(Message(_ENDED, {}))
