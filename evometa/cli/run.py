"""Commands that evolve: run, resume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evometa.cli.terminal import Backend, Data, Generations, Json, On, Stored, console_of, errors, print_json

if TYPE_CHECKING:
    from evometa.callbacks import Callback

Log = Annotated[
    list[str] | None,
    typer.Option(
        "--log", metavar="tensorboard|mlflow|wandb", help="Log the run to a tracker; may be given several times."
    ),
]


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
    on: On = None,
    log: Log = None,
    as_json: Json = False,
) -> None:
    """Evolve by a recipe, and test the champion on held-out tasks."""
    with errors():
        from evometa.engine import run as start
        from evometa.presentation.view import open_view

        callbacks = trackers(log)
        with open_view(console_of(stderr=as_json)) as view:
            result = start(
                recipe,
                settings=settings or [],
                seed=seed,
                out=out,
                generations=generations,
                backend=backend,
                on=on,
                watch=view,
                callbacks=callbacks,
            )
        if as_json:
            print_json(result.summary())


def resume(
    run: Stored,
    generations: Generations = None,
    backend: Backend = None,
    on: On = None,
    data: Data = None,
    log: Log = None,
    as_json: Json = False,
) -> None:
    """Go on with a run from its last finished generation."""
    with errors():
        from evometa.engine import resume as go_on
        from evometa.presentation.view import open_view

        callbacks = trackers(log)
        with open_view(console_of(stderr=as_json)) as view:
            result = go_on(
                run, generations=generations, backend=backend, on=on, data=data, watch=view, callbacks=callbacks
            )
        if as_json:
            print_json(result.summary())


def trackers(names: list[str] | None) -> list[Callback]:
    """Return a callback for each tracker asked for. InputError for unknown ones, and where a library is missing."""
    if not names:
        return []
    from evometa.tracking import trackers as made

    return [*made(names)]
