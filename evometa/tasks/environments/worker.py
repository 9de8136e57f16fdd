"""The process in which a user's environment runs: asked by one pipe, heard by another, ended when its parent is.

What is asked: "rehearse", "begin", "step". What is answered: "beat" and a lane, as a sign of life, then "done" with
what was asked for, or "wrong" with a Failure.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import IO, Any, NamedTuple

from evometa.errors import FunctionFailed, InputError
from evometa.tasks.environments.course import Course
from evometa.tasks.environments.protocol import Wrong
from evometa.tasks.environments.rehearsal import rehearse
from evometa.tasks.environments.spec import EnvironmentSpec
from evometa.tasks.environments.wire import Message, messages, send

EVERY = 0.2  # seconds between signs of life
Tell = Callable[..., None]  # a kind of message, and what goes with it


class Failure(NamedTuple):
    """What went wrong; `given`: whether what was said to us is wrong, and not what the environment did."""

    expected: str
    found: str
    where: str = ""
    lane: int = -1
    remedy: str = ""
    given: bool = False


class Pulse:
    """Tells the parent now and then which lane has its turn."""

    def __init__(self, tell: Tell) -> None:
        self.tell, self.lane, self.last = tell, -1, time.monotonic()

    def __call__(self, lane: int) -> None:
        self.lane = lane
        now = time.monotonic()
        if now - self.last > EVERY:
            self.last = now
            self.tell("beat", lane=lane)


class Service:
    """Does what is asked, with the environment that was begun last."""

    def __init__(self, tell: Tell) -> None:
        self.tell, self.pulse = tell, Pulse(tell)
        self.course: Course | None = None

    def answer(self, message: Message) -> None:
        """Do it, and say what came of it."""
        self.pulse.lane = -1
        try:
            self.tell("done", **getattr(self, message.kind)(**message.body))
            return
        except Wrong as error:
            failure = Failure(error.expected, error.found, "", error.lane, error.remedy)
        except InputError as error:
            failure = Failure(error.expected, error.found, error.where, -1, error.remedy, True)
        except FunctionFailed as error:
            failure = Failure(error.expected, error.found, "", self.pulse.lane, error.remedy)
        except (Exception, SystemExit) as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            found = f"{type(error).__name__}: {error} ({frame.filename}, line {frame.lineno})"
            failure = Failure(f"no error from {message.kind}", found, "", self.pulse.lane)
        self.tell("wrong", **failure._asdict())

    def rehearse(self, spec: dict[str, Any], seed: int) -> dict[str, Any]:
        """Try the environment."""
        return rehearse(EnvironmentSpec.read(spec), seed, self.pulse)._asdict()

    def begin(self, spec: dict[str, Any], lanes: list[int], seed: int, generation: int) -> dict[str, Any]:
        """Begin lives."""
        self.course = Course(EnvironmentSpec.read(spec), lanes, seed, generation, self.pulse)
        return {"facts": self.course.facts, **self.course.begin()._asdict()}

    def step(self, actions: Any) -> dict[str, Any]:
        """Make a step of all lanes."""
        if self.course is None:
            raise Wrong("lives that were begun", "none")
        return self.course.step(actions)._asdict()


def main() -> None:
    """Serve until the parent is gone; whatever user code prints goes to where errors go."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    inbox: queue.Queue[Message] = queue.Queue()
    threading.Thread(target=_hear, args=(sys.stdin.buffer, inbox), daemon=True).start()
    service = Service(partial(send, out))
    service.tell("done")
    while True:
        service.answer(inbox.get())


def _hear(pipe: IO[bytes], inbox: queue.Queue[Message]) -> None:
    """Put what is asked into the box; where nobody can ask any more, end, whatever goes on."""
    for message in messages(pipe):
        inbox.put(message)
    os._exit(0)
