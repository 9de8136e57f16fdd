"""What all commands share: their common options, the console, JSON on stdout, errors to exit codes."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evometa.errors import EvometaError
from evometa.errors.text import legible, legible_lines
from evometa.system.interruption import signals_heard

if TYPE_CHECKING:
    from rich.console import Console

REPORT = "This is a fault of evometa, not of yours. Please report it with the lines above and your recipe."

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
Generations = Annotated[int | None, typer.Option(min=1, help="Generations to evolve, in all.")]
Backend = Annotated[
    str | None,
    typer.Option(metavar="auto|numba|cupy", help="What lifetimes are computed on: processor or GPU, same results."),
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="local|dask://HOST:PORT|dask:FILE",
        help="Where lifetimes are computed: this machine, or a Dask cluster's workers; same results.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="File or folder of the tasks' data, where it is not beside the recipe or the run."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
Stored = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, or its run.db.")]


def console_of(stderr: bool = False) -> Console:
    """Return a console on stdout or stderr."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def say(text: str, *, err: bool = False) -> None:
    """Print one line on stdout, or on stderr."""
    (sys.stderr if err else sys.stdout).write(f"{legible(text)}\n")


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on stdout."""
    sys.stdout.write(json.dumps(_finite(value), allow_nan=False) + "\n")


def _finite(value: Any) -> Any:
    """Put null where JSON has no number (NaN, infinities)."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


MEMORY = "not enough memory: lower what is largest of tasks, networks and population, or run.threads"


@contextmanager
def errors() -> Iterator[None]:
    """Turn errors into a message on stderr and an exit code; a traceback is for faults of our own only."""
    with signals_heard(), _words():
        yield


@contextmanager
def _words() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        _stop(legible(str(stop)) or "interrupted", getattr(stop, "exit_code", 130))
    except EvometaError as error:
        _stop(str(error), error.exit_code)
    except BrokenPipeError:
        raise  # the reader of our output has gone: typer ends the process quietly
    except MemoryError:
        _stop(MEMORY, 1)
    except Exception:
        import traceback

        _stop(f"{traceback.format_exc()}\n{REPORT}", 1)


def _stop(message: str, code: int) -> None:
    with suppress(OSError):  # nobody may be there to read it
        sys.stderr.write(f"evometa: {legible_lines(message)}\n")
        sys.stderr.flush()
    raise typer.Exit(code)
