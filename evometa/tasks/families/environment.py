"""Lives in an environment of a user's own: Gymnasium's, a vector of these, or a batched class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.config.reals import Real
from evometa.config.tasks import FamilySettings, FilePath
from evometa.errors import InputError
from evometa.lifetime import Tasks
from evometa.spec.heads import Kind
from evometa.tasks.content import Content, digest
from evometa.tasks.environments.lives import EnvironmentLives
from evometa.tasks.environments.spec import LIMIT, EnvironmentSpec
from evometa.tasks.family import SPLITS, Family

MOST_SEED = 2**31


class EnvironmentTasks(FamilySettings):
    """Lives in an environment of your own: a gymnasium.Env, a vector of these, or a class of lanes side by side."""

    family: Literal["environment"] = "environment"
    kind: ClassVar[Kind] = "acting"
    environment: str = Field(
        min_length=1, max_length=4096,
        description="module:function or mine.py:Class, which makes it, or an id of Gymnasium such as CartPole-v1",
    )  # fmt: skip
    ticks: int = Field(200, ge=1, le=10_000_000, description="actions of a life, over all its trials")
    cut: int = Field(0, ge=0, le=10_000_000, description="actions after which a trial is cut; 0: as it says itself")
    keywords: dict[str, bool | int | Real | str] = Field(default={}, description="given to whatever makes it")
    vary: str = Field(
        default="", max_length=4096,
        description="module:function, called as f(rng) for each life: keywords in which lives differ",
    )  # fmt: skip
    limit: float = Field(LIMIT, gt=0, le=86_400, description="seconds without a sign of life, after which it is ended")
    path: FilePath | None = Field(None, description="folder that it is imported from; left out: the recipe's own")

    def lies_in(self, folder: Path) -> bool:
        name = self.environment.rpartition(":")[0]
        return bool(name) and any((folder / each).is_file() for each in (name, f"{name}.py"))

    def open(self, seed: int, splits: Sequence[str], base: Path) -> EnvironmentFamily:
        if self.path is not None and not (base / self.path).is_dir():
            raise InputError("a folder to import from", f"no folder {base / self.path}", "tasks.path")
        return EnvironmentFamily(self, base if self.path is None else base / self.path, splits)


class EnvironmentFamily(Family):
    """Lives in an environment, tried before a run begins; `lacking`: measures that it does not have."""

    def __init__(self, settings: EnvironmentTasks, folder: Path, splits: Sequence[str]) -> None:
        from evometa.tasks.environments.acting import tried  # compiled, which a list of families has no need of

        own = settings
        self.spec = EnvironmentSpec(own.environment, folder, own.keywords, own.vary, own.cut, own.limit)
        self.ticks, rehearsal = own.ticks, tried(self.spec)
        self.facts, self.notes = rehearsal.facts, rehearsal.notes
        super().__init__(
            name=own.environment, kind="acting", inputs=self.facts.inputs, outputs=self.facts.actions,
            support=dict.fromkeys(splits, own.ticks), queries=dict.fromkeys(splits, 0),
            splits={split: f"lives in {own.environment}, seeded anew" for split in SPLITS if split in splits},
        )  # fmt: skip

    @property
    def lacking(self) -> frozenset[str]:
        """Measures that it does not have, as nobody knows what the best actions would be worth."""
        return frozenset({"regret", "share", "tally", *(() if self.facts.ids else ("visited",))})

    @property
    def head(self) -> str:
        """There is none."""
        return ""

    def floats(self, split: str) -> int:
        return 2 * self.ticks + self.inputs

    def content(self) -> Content:
        numbers: Content = dict(zip(("inputs", "actions", "states"), self.facts, strict=True))
        return numbers | {f"the text of {name}": text for name, text in self._texts()}

    def _texts(self) -> Iterator[tuple[str, str]]:
        """Yield digests of the files that the environment, and what lives differ in, are imported from."""
        for name in (self.spec.name, self.spec.vary):
            file = self.spec.folder / name.rpartition(":")[0]
            for path in (file, file.with_name(f"{file.name}.py")) if ":" in name else ():
                if path.is_file():
                    yield name, digest(np.array(path.read_text(encoding="utf-8", errors="replace")))

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        seed = int(rng.integers(MOST_SEED))
        return EnvironmentLives(  # type: ignore[return-value]  # what lessons of this kind take
            self.spec, self.facts, self.ticks, seed, count
        )
