"""Commands that begin: init."""

from __future__ import annotations

from typing import Annotated

import typer

from evometa.cli.terminal import errors, say


def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new recipe; writes NAME.toml.")],
    base: Annotated[str, typer.Option("--from", metavar="RECIPE", help="Recipe to start from.")] = "digits",
    short: Annotated[
        bool, typer.Option("--short", help="Write only `base = RECIPE`, on which you say what differs.")
    ] = False,
) -> None:
    """Write a commented TOML file with every key, to start a recipe of one's own from."""
    with errors():
        from evometa.config.template import write_template

        path = write_template(name, base, short)
        say(f"{path} written. Edit it, then: evometa run {path}")
