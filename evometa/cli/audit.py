"""The command that audits: audit."""

from __future__ import annotations

from typing import Annotated

import typer

from evometa.cli.terminal import Data, Json, console_of, errors, print_json, say


def audit(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs: their folders, or their run.db.")],
    tasks: Annotated[int, typer.Option(min=10, help="Held-out tasks that lives are audited on.")] = 400,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Find out whether a champion learns, or only looks so: its held-out tasks are disturbed in every way that tells.

    What is found is kept in the run file. The exit code is 0 whatever it is.
    """
    with errors():
        from evometa.presentation.audit import audit as made
        from evometa.presentation.audit import keep_audit, plain_audit, print_audit
        from evometa.presentation.run import load

        told = {}
        for path in runs:
            run = load(path, data)
            found = made(run, tasks=tasks, note=lambda text: say(text, err=True))
            told[path] = plain_audit(found)
            if not as_json:
                if len(runs) > 1:
                    say(path)
                print_audit(found, console_of())
            keep_audit(run.path, found)  # last: a run that is held, or may not be written, loses nothing that was shown
        if as_json:
            print_json(told[runs[0]] if len(runs) == 1 else {"runs": told})
