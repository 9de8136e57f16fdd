"""Runs in trackers of experiments: `--log tensorboard|mlflow|wandb` on the command line, callbacks in Python.

    from evometa.tracking import MLflow, TensorBoard, WandB

    evometa.run("delta", callbacks=[TensorBoard()])
    evometa.resume("runs/delta-1", callbacks=[MLflow("sqlite:///mlflow.db"), WandB(project="rules")])

Each logs, at every generation, the numbers of `evometa.tracking.metrics.scalars`; the best rule as text when it
changes; the resolved configuration; at the end the champion's held-out score and the figures of `report.figures`.
A resumed run goes on in the same run of the tracker, and what the tracker has missed (after a kill, or as it was
not there) is filled in from the run file. The libraries are extras, imported when a tracker is made.
"""

from __future__ import annotations

from collections.abc import Iterable

from evometa.errors import InputError
from evometa.tracking.mlflow import MLflow
from evometa.tracking.tensorboard import TensorBoard
from evometa.tracking.tracker import Tracker
from evometa.tracking.wandb import WandB

__all__ = ["TRACKERS", "MLflow", "TensorBoard", "Tracker", "WandB", "trackers"]

TRACKERS: dict[str, type[TensorBoard] | type[MLflow] | type[WandB]] = {
    kind.name: kind for kind in (TensorBoard, MLflow, WandB)
}


def trackers(names: Iterable[str]) -> list[Tracker]:
    """Return a tracker, with its usual settings, for each different name; InputError for unknown ones, and where a
    library is missing."""
    wanted = dict.fromkeys(names)
    for name in wanted:
        if name not in TRACKERS:
            raise InputError(f"one of {', '.join(TRACKERS)}", name, "--log")
    return [TRACKERS[name]() for name in wanted]
