"""MLflow, with a database in a file: what was logged, read back through its client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Callback
from evometa.engine import Interrupted
from evometa.tracking import MLflow
from evometa.tracking.metrics import SCALARS
from evometa.tracking.resumption import keep, recall
from tests.listening import Notes
from tests.small import DELTA, MONITORED

mlflow = pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # MLflow's own use of other libraries


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database, with an experiment whose files lie beside it."""
    folder = tmp_path_factory.mktemp("mlflow")
    address = f"sqlite:///{folder}/mlflow.db"
    mlflow.MlflowClient(address).create_experiment("evometa", artifact_location=(folder / "files").as_uri())
    return address


@pytest.fixture(autouse=True)
def figures(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No figures, unless a test wants them; MLflow's own active run must not be touched."""
    monkeypatch.setattr("evometa.report.figures.figures_of", lambda run: {})
    yield
    assert mlflow.active_run() is None


def found(store: str, folder: Path) -> tuple[Any, Any]:
    """Return the client and the run that a run's folder tells of."""
    client = mlflow.MlflowClient(store)
    return client, client.get_run(recall(folder, "mlflow")["run_id"])


def steps(store: str, folder: Path, name: str = "fitness/best") -> list[int]:
    client, run = found(store, folder)
    return [row.step for row in client.get_metric_history(run.info.run_id, name)]


def text(store: str, folder: Path, path: str) -> str:
    client, run = found(store, folder)
    return Path(client.download_artifacts(run.info.run_id, path)).read_text(encoding="utf-8")


def test_a_run_is_read_back(store: str, tmp_path: Path) -> None:
    view = Notes()
    run = evometa.run(MONITORED, out=tmp_path / "a", callbacks=[MLflow(store)], watch=view)
    client, kept = found(store, tmp_path / "a")
    for name, key in SCALARS.items():
        rows = client.get_metric_history(kept.info.run_id, name)
        assert [(row.step, row.value) for row in rows] == [(n, row[key]) for n, row in enumerate(run.history, 1)]
    assert (kept.info.status, kept.info.run_name) == ("FINISHED", "a")
    assert kept.data.params["evolution.population"] == "16"
    assert kept.data.params["tasks.0.family"] == "boolean"
    assert run.champion is not None
    assert kept.data.metrics["champion/meta_test"] == run.champion.meta_test
    assert kept.data.tags["champion.formula"] == text(store, tmp_path / "a", "champion.txt") == run.champion.formula
    first = run.individual(run.history[0]["best_id"]).formula
    assert text(store, tmp_path / "a", "best/000001.txt") == first
    assert '"population": 16' in text(store, tmp_path / "a", "config.json")
    assert f"mlflow: run {kept.info.run_id} in {store}" in view.notes


def test_steps_do_not_restart(store: str, tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=2, callbacks=[MLflow(store)])
    first = recall(tmp_path / "a", "mlflow")["run_id"]
    evometa.resume(tmp_path / "a", generations=6, callbacks=[MLflow(store)])
    assert recall(tmp_path / "a", "mlflow")["run_id"] == first
    assert steps(store, tmp_path / "a") == [1, 2, 3, 4, 5, 6]
    assert found(store, tmp_path / "a")[1].info.status == "FINISHED"


def test_what_was_written_before_a_kill_is_not_there_twice(store: str, tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=4, callbacks=[MLflow(store)])
    keep(tmp_path / "a", "mlflow", {**recall(tmp_path / "a", "mlflow"), "logged": 1})
    evometa.resume(tmp_path / "a", generations=6, callbacks=[MLflow(store)])
    assert steps(store, tmp_path / "a") == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("deleted", [True, False])
def test_a_run_that_is_gone_is_begun_anew(deleted: bool, store: str, tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=2, callbacks=[MLflow(store)])
    first = recall(tmp_path / "a", "mlflow")["run_id"]
    if deleted:
        mlflow.MlflowClient(store).delete_run(first)
    else:
        keep(tmp_path / "a", "mlflow", {"run_id": "0" * 32, "logged": 2})
    view = Notes()
    evometa.resume(tmp_path / "a", generations=3, callbacks=[MLflow(store)], watch=view)
    assert recall(tmp_path / "a", "mlflow")["run_id"] != first
    assert steps(store, tmp_path / "a") == [1, 2, 3]
    assert any("no longer there; a new one is begun" in note for note in view.notes)


def test_an_interrupted_run_is_killed_until_it_is_resumed(store: str, tmp_path: Path) -> None:
    class Cut(Callback):
        def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[MLflow(store), Cut()])
    assert found(store, tmp_path / "a")[1].info.status == "KILLED"
    assert steps(store, tmp_path / "a") == [1]
    evometa.resume(tmp_path / "a", callbacks=[MLflow(store)])
    assert found(store, tmp_path / "a")[1].info.status == "FINISHED"
    assert steps(store, tmp_path / "a") == [1, 2, 3, 4, 5, 6]


def test_figures_are_pages(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = pytest.importorskip("plotly.graph_objects").Figure(layout={"title": {"text": "<b>ü</b>"}})
    monkeypatch.setattr("evometa.report.figures.figures_of", lambda run: {"history": figure})
    evometa.run(DELTA, out=tmp_path / "a", generations=1, callbacks=[MLflow(store)])
    assert "<html>" in text(store, tmp_path / "a", "figures/history.html")


def test_a_store_that_does_not_answer_loses_the_log_and_not_the_run(tmp_path: Path) -> None:
    without = evometa.run(DELTA, out=tmp_path / "without")
    view = Notes()
    (tmp_path / "in the way").write_text("")
    tracker = MLflow(f"sqlite:///{tmp_path}/in the way/mlflow.db")
    run = evometa.run(DELTA, out=tmp_path / "a", callbacks=[tracker], watch=view)
    assert run.digest == without.digest
    assert sum("callback MLflow.on_begin raised" in note for note in view.notes) == 1


def test_passwords_are_not_shown() -> None:
    from evometa.tracking.mlflow import _without_password

    assert _without_password("postgresql://me:secret@host:1/db") == "postgresql://host:1/db"
    assert _without_password("sqlite:////tmp/a@b/mlflow.db") == "sqlite:////tmp/a@b/mlflow.db"
    assert _without_password("databricks") == "databricks"
