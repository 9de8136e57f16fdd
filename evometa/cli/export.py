"""Commands that take something out of a run: export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from evometa.cli.terminal import Data, Force, Stored, errors, say
from evometa.export import FORMATS


def export(
    run: Stored,
    to: Annotated[
        str,
        typer.Option(
            metavar="FORMAT", help="; ".join(f"{name}: {found.meaning}" for name, found in FORMATS.items()) + "."
        ),
    ],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="File to write; else it is printed.")] = None,
    individual: Annotated[int | None, typer.Option(metavar="ID", help="Another individual than the champion.")] = None,
    trained: Annotated[
        bool | None,
        typer.Option(
            "--trained/--innate",
            help="onnx, networkx, graphml: weights as learned on a held-out task, or as at birth. "
            "[default: at birth, where all are born alike]",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    force: Force = False,
) -> None:
    """Write a champion as code, formula, network or data that works without evometa."""
    with errors():
        from evometa.errors import InputError
        from evometa.export import export as write
        from evometa.presentation.run import load

        found = load(run, data)
        learner = found.champion if individual is None else found.individual(individual)
        if learner is None:
            remedy = "Wait for the first generation, or name an individual: --individual ID."
            raise InputError("a run with a champion", "no finished generation yet", str(found.path), remedy)
        result = write(learner, to, out, trained=trained, force=force)
        if isinstance(result, Path):
            say(f"{result} written", err=True)
        else:
            sys.stdout.write(result)
