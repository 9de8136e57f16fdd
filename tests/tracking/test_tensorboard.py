"""TensorBoard: event files, read back as TensorBoard reads them."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.tracking import TensorBoard
from evometa.tracking.metrics import SCALARS
from evometa.tracking.resumption import keep, recall
from tests.listening import Notes
from tests.small import DELTA, MONITORED

pytest.importorskip("tensorboard")


@pytest.fixture(autouse=True)
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figures, unless a test wants them."""
    monkeypatch.setattr("evometa.report.figures.figures_of", lambda run: {})


def read(folder: Path) -> Any:
    """Return TensorBoard's own view of a run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0, "tensors": 0})
    return found.Reload()


def steps(events: Any, name: str) -> list[int]:
    return [event.step for event in events.Scalars(name)]


def texts(events: Any, name: str) -> dict[int, str]:
    return {event.step: event.tensor_proto.string_val[0].decode() for event in events.Tensors(name)}


def test_a_run_is_read_back(tmp_path: Path) -> None:
    view = Notes()
    run = evometa.run(MONITORED, out=tmp_path / "a", callbacks=[TensorBoard()], watch=view)
    events = read(tmp_path / "a")
    for name, key in SCALARS.items():
        assert steps(events, name) == [1, 2, 3, 4, 5, 6]
        values = [event.value for event in events.Scalars(name)]
        assert values == pytest.approx([row[key] for row in run.history])
    assert steps(events, "lifetimes/per_second") == [1, 2, 3, 4, 5, 6]
    assert run.champion is not None
    assert texts(events, "champion/formula") == {6: f"    {run.champion.formula}"}
    ids = [row["best_id"] for row in run.history]
    changes = {n: run.individual(id).formula for n, id in enumerate(ids, 1) if n == 1 or id != ids[n - 2]}
    assert texts(events, "best/formula") == {n: f"    {text}" for n, text in changes.items()}
    assert '"population": 16' in texts(events, "config")[0]
    assert [event.value for event in events.Scalars("champion/meta_test")] == pytest.approx([run.champion.meta_test])
    assert f"tensorboard: tensorboard --logdir {tmp_path}" in view.notes


def test_hyperparameters_are_the_resolved_configuration(tmp_path: Path) -> None:
    from tensorboard.plugins.hparams import plugin_data_pb2

    evometa.run(DELTA, out=tmp_path / "a", generations=1, callbacks=[TensorBoard()])
    content = read(tmp_path / "a").SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    found = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    assert found["evolution.population"].number_value == 16
    assert found["name"].string_value == "small"


def test_steps_do_not_restart(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=2, callbacks=[TensorBoard()])
    for generations in (4, 6):
        evometa.resume(tmp_path / "a", generations=generations, callbacks=[TensorBoard()])
    events = read(tmp_path / "a")
    assert steps(events, "fitness/best") == [1, 2, 3, 4, 5, 6]
    assert steps(events, "champion/meta_test") == [2, 4, 6]
    assert len(list((tmp_path / "a" / "tensorboard").iterdir())) == 3


def test_what_was_written_before_a_kill_is_not_there_twice(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=4, callbacks=[TensorBoard()])
    keep(tmp_path / "a", "tensorboard", {**recall(tmp_path / "a", "tensorboard"), "logged": 1})
    evometa.resume(tmp_path / "a", generations=6, callbacks=[TensorBoard()])
    assert steps(read(tmp_path / "a"), "fitness/best") == [1, 2, 3, 4, 5, 6]


def test_event_files_that_were_removed_are_written_again(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=4, callbacks=[TensorBoard()])
    for file in (tmp_path / "a" / "tensorboard").iterdir():
        file.unlink()
    evometa.resume(tmp_path / "a", generations=6, callbacks=[TensorBoard()])
    assert steps(read(tmp_path / "a"), "fitness/best") == [1, 2, 3, 4, 5, 6]


def test_a_folder_that_cannot_be_written_loses_the_log_and_not_the_run(tmp_path: Path) -> None:
    without = evometa.run(DELTA, out=tmp_path / "without")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "tensorboard").write_text("in the way")
    view = Notes()
    run = evometa.run(DELTA, out=tmp_path / "a", callbacks=[TensorBoard()], watch=view)
    assert run.digest == without.digest
    assert sum("callback TensorBoard.on_begin raised" in note for note in view.notes) == 1


def test_figures_are_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 90, 60) + b"..."

    def write_pictures(figures: dict[str, Any], folder: Path, kind: str) -> list[Path]:
        files = [folder / f"{name}.{kind}" for name in figures]
        for file in files:
            file.write_bytes(picture)
        return files

    monkeypatch.setattr("evometa.report.pictures.write_pictures", write_pictures)
    monkeypatch.setattr("evometa.report.figures.figures_of", lambda run: {"history": 0, "pareto": 1})
    evometa.run(DELTA, out=tmp_path / "a", generations=2, callbacks=[TensorBoard()])
    events = read(tmp_path / "a")
    assert events.Tags()["images"] == ["figures/history", "figures/pareto"]
    (image,) = events.Images("figures/history")
    assert (image.step, image.encoded_image_string, image.width, image.height) == (2, picture, 90, 60)


@pytest.mark.slow
def test_real_figures_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kaleido")
    if not (shutil.which("chromium") or shutil.which("google-chrome") or os.environ.get("BROWSER_PATH")):
        pytest.skip("no browser to draw with")
    monkeypatch.undo()
    view = Notes()
    evometa.run(DELTA, out=tmp_path / "a", generations=2, callbacks=[TensorBoard()], watch=view)
    assert not [note for note in view.notes if "left out" in note]
    events = read(tmp_path / "a")
    assert {"figures/history", "figures/verdict"} <= set(events.Tags()["images"])
    (image,) = events.Images("figures/history")
    assert image.width > 800
    assert len(image.encoded_image_string) > 10_000


def test_kaleido_does_not_see_our_arguments() -> None:
    """What it imports parses the command line, and would end the process over an ambiguous `--log`."""
    pytest.importorskip("kaleido")
    code = (
        "import sys; sys.argv[1:] = ['run', '--log', 'tensorboard']\n"
        "from evometa.tracking.tensorboard import _unseen_arguments\n"
        "with _unseen_arguments(): import kaleido\n"
        "assert sys.argv[1:] == ['run', '--log', 'tensorboard']"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
