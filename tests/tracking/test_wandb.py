"""Weights & Biases, offline: what was logged, read back from the files that it would send."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.engine import Interrupted
from evometa.tracking import WandB
from evometa.tracking.metrics import SCALARS
from evometa.tracking.resumption import recall
from tests.listening import Notes, Raises
from tests.small import DELTA

wandb = pytest.importorskip("wandb")

BLOCK, HEAD = 32768, 7  # bytes: of a block, of what precedes a record and of what precedes all


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No network, no figures unless a test wants them, and nobody's own settings."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "settings"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("WANDB_DIR", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("evometa.report.figures.figures_of", lambda run: {})


def records(file: Path) -> Iterator[Any]:
    """Yield the records of a `.wandb` file: LevelDB's log format, in it protocol buffers."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, at, parts = file.read_bytes(), HEAD, b""
    while at + HEAD <= len(data):
        if BLOCK - at % BLOCK < HEAD:  # the rest of a block that is too short for a record
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        parts += data[at + HEAD : at + HEAD + length]
        at += HEAD + length
        if kind in (1, 4):  # whole, or the last part
            yield Record.FromString(parts)
            parts = b""


def files(folder: Path) -> list[Path]:
    return sorted((folder / "wandb").glob("offline-run-*/*.wandb"), key=lambda file: file.stat().st_mtime_ns)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Return what was logged, session after session."""
    found = []
    for file in files(folder):
        for record in records(file):
            if record.HasField("history"):
                items = [(item.key or ":".join(item.nested_key), item.value_json) for item in record.history.item]
                found.append({key: json.loads(value) for key, value in items})
    return found


def endings(folder: Path) -> list[int]:
    return [one.exit.exit_code for file in files(folder) for one in records(file) if one.HasField("exit")]


def test_a_run_is_read_back(tmp_path: Path) -> None:
    view = Notes()
    run = evometa.run(DELTA, out=tmp_path / "a", callbacks=[WandB()], watch=view)
    *generations, last = rows(tmp_path / "a")
    assert [row["generation"] for row in generations] == [1, 2, 3, 4, 5, 6]
    for name, key in SCALARS.items():
        assert [row[name] for row in generations] == [row[key] for row in run.history]
    assert run.champion is not None
    assert last["champion/meta_test"] == run.champion.meta_test
    assert [n for n, row in enumerate(generations) if "best/formula:_type" in row] == [
        n for n, row in enumerate(run.history) if n == 0 or row["best_id"] != run.history[n - 1]["best_id"]
    ]
    (file,) = files(tmp_path / "a")
    (begun,) = [one.run for one in records(file) if one.HasField("run")]
    assert (begun.display_name, begun.project, begun.run_id) == (
        "a",
        "evometa",
        recall(tmp_path / "a", "wandb")["run_id"],
    )
    config = {}
    for one in records(file):
        for item in one.config.update if one.HasField("config") else begun.config.update:
            config[item.key or item.nested_key[0]] = json.loads(item.value_json)
    assert config["evolution"]["population"] == 16
    summary = {item.key: item.value_json for one in records(file) for item in one.summary.update}
    assert json.loads(summary["champion formula"]) == run.champion.formula
    assert endings(tmp_path / "a") == [0]
    assert any(note.startswith(f"wandb: run {begun.run_id}, offline; send it with: wandb sync") for note in view.notes)


def test_steps_do_not_restart(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=2, callbacks=[WandB()])
    evometa.resume(tmp_path / "a", generations=6, callbacks=[WandB()])
    assert [row["generation"] for row in rows(tmp_path / "a") if "fitness/best" in row] == [1, 2, 3, 4, 5, 6]
    ids = {one.run.run_id for file in files(tmp_path / "a") for one in records(file) if one.HasField("run")}
    assert ids == {recall(tmp_path / "a", "wandb")["run_id"]}


def test_an_interrupted_run_is_killed(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[WandB(), Raises("on_generation", KeyboardInterrupt())])
    assert endings(tmp_path / "a") == [255]
    assert [row["generation"] for row in rows(tmp_path / "a")] == [1]


def test_figures_are_drawn_by_plotly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = pytest.importorskip("plotly.graph_objects").Figure(layout={"title": {"text": "ü"}})
    monkeypatch.setattr("evometa.report.figures.figures_of", lambda run: {"history": figure})
    evometa.run(DELTA, out=tmp_path / "a", generations=1, callbacks=[WandB(project="rules")])
    assert rows(tmp_path / "a")[-1]["figures/history:_type"] == "plotly-file"


def test_texts_hold_no_markup() -> None:
    assert WandB()._text("<script>alert(1)</script>").html == "<pre>&lt;script&gt;alert(1)&lt;/script&gt;</pre>"


def test_it_changes_nothing(tmp_path: Path) -> None:
    without = evometa.run(DELTA, out=tmp_path / "without")
    assert evometa.run(DELTA, out=tmp_path / "a", callbacks=[WandB()]).digest == without.digest
