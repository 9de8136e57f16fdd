"""Weights & Biases: a run of a project, online or (`WANDB_MODE=offline`) in the run's folder."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from evometa.presentation.events import Start
from evometa.store.records import Json
from evometa.system.arguments import TEXT, takes
from evometa.tracking.metrics import Entry
from evometa.tracking.tracker import Ending, Tracker, library

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

STATUS = {"finished": 0, "interrupted": 255, "failed": 1}  # 255: shown as killed


class WandB(Tracker):
    """Logs a run to Weights & Biases, against `generation` as the step.

    `project`: by default WANDB_PROJECT or "evometa"; `entity`: WANDB_ENTITY, or one's own; `mode`: "online" or
    "offline", by default WANDB_MODE or online. InputError where the library is missing.
    """

    name: ClassVar[str] = "wandb"
    lag: ClassVar[float] = 30.0  # its own process puts rows by for 15 s, and ends with this one

    @takes(project=TEXT, entity=TEXT, mode=TEXT)
    def __init__(self, project: str | None = None, entity: str | None = None, mode: str | None = None) -> None:
        super().__init__()
        self._wandb = library("wandb", self.name)
        self.project = project or os.environ.get("WANDB_PROJECT") or "evometa"
        self.entity, self.mode = entity, mode
        self._run: Any = None

    def open(self, info: Start, kept: Json) -> tuple[Json, int]:
        self._run = self._wandb.init(
            project=self.project, entity=self.entity, mode=self.mode, id=kept.get("run_id"), resume="allow",
            name=self.folder.name, dir=os.environ.get("WANDB_DIR") or str(self.folder), reinit="create_new",
            settings=self._wandb.Settings(console="off", silent=True),
        )  # fmt: skip
        self._run.config.update(info.config, allow_val_change=True)
        self._run.define_metric("generation", hidden=True)
        self._run.define_metric("*", step_metric="generation")
        where = (
            f"offline; send it with: wandb sync {Path(self._run.dir).parent}" if self._run.offline else self._run.url
        )
        self.note(f"wandb: run {self._run.id}, {where}")
        return {"run_id": self._run.id}, int(kept.get("logged", 0))

    def write(self, entries: Sequence[Entry]) -> None:
        for generation, numbers, formula in entries:
            row: Json = {"generation": generation, **numbers}
            if formula:
                row["best/formula"] = self._text(formula)
                self._run.summary["best formula"] = formula
            self._run.log(row)

    def finish(self, numbers: Mapping[str, float], formula: str) -> None:
        row = {"generation": self.logged, **numbers, "champion/formula": self._text(formula)}
        self._run.log(row)
        self._run.summary["champion formula"] = formula

    def draw(self, figures: Mapping[str, Figure]) -> None:
        drawn = {f"figures/{name}": self._wandb.Plotly(figure) for name, figure in figures.items()}
        self._run.log({"generation": self.logged, **drawn})

    def close(self, ending: Ending) -> None:
        if self._run is not None:
            self._run.finish(exit_code=STATUS[ending])
            self._run = None

    def _text(self, formula: str) -> Any:
        return self._wandb.Html(f"<pre>{html.escape(formula)}</pre>", inject=False)
