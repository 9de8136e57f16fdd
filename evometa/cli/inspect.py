"""Commands that show: inspect, compare, list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from evometa.cli.terminal import Data, Json, Stored, console_of, errors, print_json, say


def inspect(
    run: Stored,
    as_json: Json = False,
    generation: Annotated[int | None, typer.Option(min=1, help="Look at this generation's best.")] = None,
    individual: Annotated[int | None, typer.Option(metavar="ID", help="Look at this individual.")] = None,
    analyse: Annotated[
        bool,
        typer.Option(
            "--analyse", help="Live it and its altered forms on held-out tasks now, where that is not stored."
        ),
    ] = False,
    search: Annotated[
        bool,
        typer.Option("--search", help="Show how it searched: operators, families, luck, and what lives went into."),
    ] = False,
    data: Data = None,
    latex: Annotated[
        bool, typer.Option("--latex", help="Print the simplified rule as LaTeX, and nothing else.")
    ] = False,
) -> None:
    """Show a run's champion: its rule, what that is made of and resembles, its network, scores, history and descent."""
    with errors():
        from evometa.presentation.run import load

        found = load(run, data)
        numbers = {"generation": generation, "individual": individual}
        asked: dict[str, Any] = {name: number for name, number in numbers.items() if number is not None}
        if latex:
            sys.stdout.write(found.latex(**asked) + "\n")
            return
        if analyse:
            asked["analysis"] = found.analyse(**asked, note=lambda text: say(text, err=True))
        if search:
            asked["search"] = True
        if as_json:
            print_json(found.details(**asked))
        else:
            found.render(console_of(), **asked)


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs: their folders, or their run.db.")],
    as_json: Json = False,
) -> None:
    """Show runs side by side: their champions, scores on held-out tasks, and the settings in which they differ.

    Of several runs, those that cannot be read are named on stderr (exit code 2), and the others compared.
    """
    with errors():
        from evometa.presentation.comparison import compare as side_by_side
        from evometa.presentation.comparison import print_comparison, readable

        found, refusals = readable(runs)
        if not found:
            raise refusals[0]
        if as_json:
            print_json(side_by_side(found))
        else:
            print_comparison(found, console_of())
        for refusal in refusals:
            say(f"evometa: {refusal}", err=True)
    if refusals:
        raise typer.Exit(refusals[0].exit_code)


def list_(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="recipes, tasks, signals, primitives, rules, heads, activations, credits, states, objectives, "
            "selections or runs.",
        ),
    ],
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where runs are looked for, at any depth. [default: runs]")
    ] = None,
    as_json: Json = False,
) -> None:
    """List what a recipe may name, each with its meaning, or the runs in a folder."""
    with errors():
        from evometa.presentation.listing import listed, print_listing

        if as_json:
            print_json(listed(what, folder))
        else:
            print_listing(what, console_of(), folder)
