"""The command line: arguments, exit codes, what goes to stdout and what to stderr.

Exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted. Everything heavy is imported where it
is used, so that `evometa --help` is quick.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evometa import __version__
from evometa.errors import EvometaError

if TYPE_CHECKING:
    from rich.console import Console

REPORT = "This is a fault of evometa, not of yours. Please report it with the lines above and your recipe."

app = typer.Typer(
    name="evometa",
    help="Evolve learning rules and network topologies; judge them by what they can learn.",
    epilog="Start with: evometa run digits",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
Generations = Annotated[int | None, typer.Option(min=1, help="Generations to evolve, in all.")]
Backend = Annotated[
    str | None,
    typer.Option(metavar="auto|numba|cupy", help="What lifetimes are computed on: processor or GPU, same results."),
]
Stored = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, or its run.db.")]


def main() -> None:
    """Run the command line; the process ends with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a sign such as ∂ shows ? in its place
    app(prog_name="evometa")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"evometa {__version__}")
        raise typer.Exit


@app.callback()
def _evometa(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Evolve learning rules and network topologies; judge them by what they can learn."""


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A built-in recipe's name, or a TOML file.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change any key, such as evolution.population=50."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random draw.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's own new folder. [default: runs/RECIPE-N]")] = None,
    generations: Generations = None,
    backend: Backend = None,
    as_json: Json = False,
) -> None:
    """Evolve by a recipe, and test the champion on held-out tasks."""
    with _errors():
        from evometa.run import run as start
        from evometa.view import open_view

        with open_view(_console(stderr=as_json)) as view:
            result = start(
                recipe,
                settings=settings or [],
                seed=seed,
                out=out,
                generations=generations,
                backend=backend,
                watch=view,
            )
        if as_json:
            _print_json(result.summary())


@app.command()
def resume(run: Stored, generations: Generations = None, backend: Backend = None, as_json: Json = False) -> None:
    """Go on with a run from its last finished generation."""
    with _errors():
        from evometa.run import resume as go_on
        from evometa.view import open_view

        with open_view(_console(stderr=as_json)) as view:
            result = go_on(run, generations=generations, backend=backend, watch=view)
        if as_json:
            _print_json(result.summary())


@app.command()
def inspect(
    run: Stored,
    as_json: Json = False,
    generation: Annotated[int | None, typer.Option(min=1, help="Look at this generation's best.")] = None,
    individual: Annotated[int | None, typer.Option(metavar="ID", help="Look at this individual.")] = None,
) -> None:
    """Show a run's champion: its rule, what it resembles, its network, its history and ancestors."""
    with _errors():
        from evometa.run import load

        found = load(run)
        asked = {"generation": generation, "individual": individual}
        asked = {name: number for name, number in asked.items() if number is not None}
        if as_json:
            _print_json(found.summary(**asked))
        else:
            found.render(_console(), **asked)


@app.command("list")
def list_(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="recipes, tasks, signals, primitives, rules or runs.")],
) -> None:
    """List what there is: recipes, tasks, signals, primitives, rules or runs."""
    with _errors():
        from evometa.listing import print_listing

        print_listing(what, _console())


@app.command()
def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new recipe; writes NAME.toml.")],
    base: Annotated[str, typer.Option("--from", metavar="RECIPE", help="Recipe to start from.")] = "digits",
) -> None:
    """Write a commented TOML file with every key, to start a recipe of one's own from."""
    with _errors():
        from evometa.config.template import write_template

        path = write_template(name, base)
        typer.echo(f"{path} written. Edit it, then: evometa run {path}")


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _print_json(value: Mapping[str, Any]) -> None:
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


@contextmanager
def _errors() -> Iterator[None]:
    """Turn errors into a message on stderr and an exit code; a traceback is for faults of our own only."""
    try:
        yield
    except KeyboardInterrupt as stop:
        _stop(str(stop) or "interrupted", 130)
    except EvometaError as error:
        _stop(str(error), error.exit_code)
    except BrokenPipeError:
        raise  # the reader of our output has gone: typer ends the process quietly
    except MemoryError:
        _stop("not enough memory: lower evolution.population or sampling.tasks", 1)
    except Exception:
        import traceback

        _stop(f"{traceback.format_exc()}\n{REPORT}", 1)


def _stop(message: str, code: int) -> None:
    sys.stderr.write(f"evometa: {message}\n")
    raise typer.Exit(code)
