"""MLflow: a run of an experiment on a server, or in a database file; `MLFLOW_TRACKING_URI` says where."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from evometa.presentation.events import Start
from evometa.store.records import Json
from evometa.system.arguments import TEXT, takes
from evometa.tracking.metrics import SCALARS, Entry, flat
from evometa.tracking.tracker import Ending, Tracker, library

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

METRICS, PARAMETERS = 1000, 100  # the most that MLflow takes in one call
LONGEST = 500  # characters of a parameter; older servers take no more
DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
STATUS = {"finished": "FINISHED", "interrupted": "KILLED", "failed": "FAILED"}


class MLflow(Tracker):
    """Logs a run to MLflow.

    `tracking_uri`: a server (`http://…`) or a database (`sqlite:///mlflow.db`), by default as MLflow itself decides
    (MLFLOW_TRACKING_URI, else the file mlflow.db here); `experiment`: its name, by default MLFLOW_EXPERIMENT_NAME or
    "evometa". Beside other runs of the process: MLflow's active run is left alone. InputError where a library is
    missing: a database needs SQLAlchemy and Alembic besides mlflow-skinny, the extra has all three.
    """

    name: ClassVar[str] = "mlflow"

    @takes(tracking_uri=TEXT, experiment=TEXT)
    def __init__(self, tracking_uri: str | None = None, experiment: str | None = None) -> None:
        super().__init__()
        mlflow = library("mlflow", self.name)
        self._entities = library("mlflow.entities", self.name)
        self.tracking_uri = str(tracking_uri or mlflow.get_tracking_uri())
        if self.tracking_uri.startswith(DATABASES):
            for module in ("sqlalchemy", "alembic"):
                library(module, self.name)
        self.experiment = experiment or os.environ.get("MLFLOW_EXPERIMENT_NAME") or "evometa"
        self._mlflow = mlflow
        self._client: Any = None
        self._run = ""

    def open(self, info: Start, kept: Json) -> tuple[Json, int]:
        self._client = self._mlflow.MlflowClient(self.tracking_uri)
        self._run, logged = self._known(str(kept.get("run_id", "")))
        if not self._run:
            self._run = self._client.create_run(self._experiment(), run_name=self.folder.name).info.run_id
            self._describe(info)
        self.note(f"mlflow: run {self._run} in {_without_password(self.tracking_uri)}")
        return {"run_id": self._run}, logged

    def write(self, entries: Sequence[Entry]) -> None:
        now = int(time.time() * 1000)
        metrics = [
            self._entities.Metric(name, value, now, entry.generation)
            for entry in entries
            for name, value in entry.numbers.items()
        ]
        for start in range(0, len(metrics), METRICS):
            self._client.log_batch(self._run, metrics=metrics[start : start + METRICS])
        for entry in entries:
            if entry.formula:
                self._client.log_text(self._run, entry.formula, f"best/{entry.generation:06}.txt")
        if formulas := [entry.formula for entry in entries if entry.formula]:
            self._client.set_tag(self._run, "best.formula", formulas[-1][:LONGEST])

    def finish(self, numbers: Mapping[str, float], formula: str) -> None:
        now = int(time.time() * 1000)
        metrics = [self._entities.Metric(name, value, now, self.logged) for name, value in numbers.items()]
        self._client.log_batch(self._run, metrics=metrics)
        self._client.log_text(self._run, formula, "champion.txt")
        self._client.set_tag(self._run, "champion.formula", formula[:LONGEST])

    def draw(self, figures: Mapping[str, Figure]) -> None:
        for name, figure in figures.items():
            self._client.log_figure(self._run, figure, f"figures/{name}.html")

    def close(self, ending: Ending) -> None:
        if self._client is not None:
            self._client.set_terminated(self._run, STATUS[ending])
            self._client = None

    def _known(self, run: str) -> tuple[str, int]:
        """Return a run to go on with and the generation up to which it has everything; "" where it is gone."""
        if not run:
            return "", 0
        try:
            found = self._client.get_run(run)
        except self._mlflow.MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return self._gone(run)
        if found.info.lifecycle_stage != "active":
            return self._gone(run)
        self._client.update_run(run, status="RUNNING")
        # written last of a generation's numbers, so all others are there too
        rows = self._client.get_metric_history(run, list(SCALARS)[-1])
        return run, max((row.step for row in rows), default=0)

    def _gone(self, run: str) -> tuple[str, int]:
        self.note(f"mlflow: run {run} is no longer there; a new one is begun")
        return "", 0

    def _experiment(self) -> str:
        """Return the id of the experiment, made where there is none of that name."""
        found = self._client.get_experiment_by_name(self.experiment)
        return str(self._client.create_experiment(self.experiment) if found is None else found.experiment_id)

    def _describe(self, info: Start) -> None:
        """Log the configuration: as parameters, which cannot be changed later, and whole, as a file."""
        rows = [self._entities.Param(key, str(value)[:LONGEST]) for key, value in flat(info.config).items()]
        for start in range(0, len(rows), PARAMETERS):
            self._client.log_batch(self._run, params=rows[start : start + PARAMETERS])
        self._client.set_tag(self._run, "evometa.run", info.out)
        text = json.dumps(info.config, indent=1, ensure_ascii=False)
        self._client.log_text(self._run, text, "config.json")


def _without_password(uri: str) -> str:
    """Return an address without the user and password that may be in it."""
    scheme, mark, rest = uri.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{mark}{place.rpartition('@')[2]}{slash}{path}"
