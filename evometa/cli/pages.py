"""Commands that show in a browser: dashboard, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evometa.cli.terminal import Data, Force, Stored, errors, say


def dashboard(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that holds the runs' folders.")] = Path(
        "runs"
    ),
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines see the runs, without a password.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8050,
) -> None:
    """Show all runs in a folder as a live web page, until Ctrl-C; it only reads."""
    with errors():
        from evometa.dashboard import serve

        serve(folder, host, port)


def report(
    run: Stored,
    out: Annotated[
        Path | None, typer.Option(help="The file to write, or a folder for figures. [default: in the run's folder]")
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            metavar="html|static|png|svg",
            help="One page; the same with fixed figures; or these one by one. (All but html need Chromium or Chrome.)",
        ),
    ] = "html",
    analyse: Annotated[
        bool, typer.Option("--analyse", help="Where no analysis is stored, make one first; the run is only read.")
    ] = False,
    data: Data = None,
    force: Force = False,
) -> None:
    """Write a report on a run: one HTML page that opens without a network, or its figures one by one."""
    with errors():
        from evometa.engine import load
        from evometa.report import write_report

        say(str(write_report(load(run, data), out, format, analyse=analyse, force=force)))
