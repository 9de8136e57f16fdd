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

    Runs of one recipe that differ in their seeds alone are audited together, too. What is found of each is kept in its
    file. The exit code is 0 whatever it is.
    """
    with errors():
        from evometa.presentation.audit import audit_all, keep_audit, plain_audit, print_audit
        from evometa.presentation.run import load

        loaded = [load(path, data) for path in runs]
        found, together = audit_all(loaded, tasks=tasks, note=lambda text: say(text, err=True))
        if as_json:
            told = {path: plain_audit(one) for path, one in zip(runs, found, strict=True)}
            whole = None if together is None else plain_audit(together)
            print_json(told[runs[0]] if len(runs) == 1 else {"runs": told, "together": whole})
        else:
            for path, one in zip(runs, found, strict=True):
                if len(runs) > 1:
                    say(path)
                print_audit(one, console_of())
            if together is not None:
                print_audit(together, console_of())
        for run, one in zip(loaded, found, strict=True):  # last: who may not write loses nothing that was shown
            keep_audit(run.path, one)
