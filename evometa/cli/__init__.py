"""The command line: arguments, exit codes, what goes to stdout and what to stderr.

Exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted (143 by SIGTERM, 129 by
SIGHUP). Everything heavy is imported where it
is used, so that `evometa --help` is quick.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from evometa.cli import audit, export, init, inspect, pages, run, warm
from evometa.system.interruption import end_quietly, signals_heard
from evometa.version import __version__

app = typer.Typer(
    name="evometa",
    help="Evolve learning rules and network topologies; judge them by what they can learn.",
    epilog="Start with: evometa run alphabets",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; the process ends with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a sign such as ∂ shows ? in its place
    end_quietly()
    with signals_heard(to_the_end=True):
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


app.command()(run.run)
app.command()(run.resume)
app.command()(inspect.inspect)
app.command("list")(inspect.list_)
app.command()(init.init)
app.command()(pages.dashboard)
app.command()(inspect.compare)
app.command()(audit.audit)
app.command()(export.export)
app.command()(pages.report)
app.command()(warm.warm)
