"""TensorBoard: event files in the run's folder; `tensorboard --logdir runs` shows all runs of a folder."""

from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from evometa.presentation.events import Start
from evometa.store.records import Json
from evometa.tracking.metrics import Entry, flat
from evometa.tracking.tracker import Ending, Tracker, library

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FOLDER = "tensorboard"
RGBA = 4  # the format's number for a picture's channels


class TensorBoard(Tracker):
    """Logs a run to event files in its folder `tensorboard`. InputError where the library is missing."""

    name: ClassVar[str] = "tensorboard"

    def __init__(self) -> None:
        super().__init__()
        self._events = library("tensorboard.compat.proto.event_pb2", self.name)
        self._summaries = library("tensorboard.compat.proto.summary_pb2", self.name)
        self._files = library("tensorboard.summary.writer.event_file_writer", self.name)
        self._texts = library("tensorboard.plugins.text.summary_v2", self.name)
        self._settings = library("tensorboard.plugins.hparams.summary_v2", self.name)
        self._writer: Any = None

    def open(self, info: Start, kept: Json) -> tuple[Json, int]:
        place = self.folder / FOLDER
        known = any(place.glob("events.out.tfevents.*")) if kept else False
        logged = int(kept.get("logged", 0)) if known else 0
        self._writer = self._files.EventFileWriter(str(place))
        # what was logged, but not noted as logged before a kill, is logged again: readers drop the first
        log = self._events.SessionLog(status=self._events.SessionLog.START)
        self._writer.add_event(self._events.Event(wall_time=time.time(), step=logged + 1, session_log=log))
        if not known:
            self._add_summary(0, self._settings.hparams_pb(flat(info.config), trial_id=str(self.folder.name)))
        text = _code(json.dumps(info.config, indent=1, ensure_ascii=False))
        self._add_summary(logged, self._texts.text_pb("config", text))
        self.note(f"tensorboard: tensorboard --logdir {self.folder.parent}")
        return {"folder": FOLDER}, logged

    def write(self, entries: Sequence[Entry]) -> None:
        for generation, numbers, formula in entries:
            self._add_numbers(generation, numbers)
            if formula:
                self._add_summary(generation, self._texts.text_pb("best/formula", _code(formula)))
        self._writer.flush()

    def finish(self, numbers: Mapping[str, float], formula: str) -> None:
        self._add_numbers(self.logged, numbers)
        if formula:
            self._add_summary(self.logged, self._texts.text_pb("champion/formula", _code(formula)))

    def draw(self, figures: Mapping[str, Figure]) -> None:
        for name, picture in _pictures(figures):
            width, height = struct.unpack(">II", picture[16:24])  # where a PNG has them
            image = self._summaries.Summary.Image(
                encoded_image_string=picture, width=width, height=height, colorspace=RGBA
            )
            value = self._summaries.Summary.Value(tag=f"figures/{name}", image=image)
            self._add_summary(self.logged, self._summaries.Summary(value=[value]))

    def close(self, ending: Ending) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _add_numbers(self, generation: int, numbers: Mapping[str, float]) -> None:
        values = [self._summaries.Summary.Value(tag=name, simple_value=value) for name, value in numbers.items()]
        self._add_summary(generation, self._summaries.Summary(value=values))

    def _add_summary(self, generation: int, summary: Any) -> None:
        self._writer.add_event(self._events.Event(wall_time=time.time(), step=generation, summary=summary))


def _code(text: str) -> str:
    """Return text as Markdown's code, since TensorBoard shows Markdown."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _pictures(figures: Mapping[str, Figure]) -> Iterator[tuple[str, bytes]]:
    """Yield each figure's name, and it as PNG."""
    from evometa.report.pictures import write_pictures

    with TemporaryDirectory(prefix="evometa-") as folder:
        with _unseen_arguments(), suppress(ImportError):
            import_module("kaleido")
        for name, file in zip(figures, write_pictures(dict(figures), Path(folder), "png"), strict=True):
            yield name, file.read_bytes()


@contextmanager
def _unseen_arguments() -> Iterator[None]:
    """Hide the command line: a library of Kaleido's parses it when imported, and ends the process over `--log`."""
    before, sys.argv = sys.argv, sys.argv[:1]
    try:
        yield
    finally:
        sys.argv = before
