"""Which environment lives are lived in, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

from evometa.errors import InputError

LIMIT = 60.0  # seconds without a sign of life


@dataclass(frozen=True)
class EnvironmentSpec:
    """An environment by name: `module:function` (or `mine.py:Class`), imported from `folder`, or an id of Gymnasium.

    `keywords`: given to whatever makes it. `vary`: a function by name, called as f(rng) for each lane, gives keywords
    of that lane, so that lives differ in them. `cut`: moves after which a trial is cut, 0: only where the environment
    says so. `limit`: seconds that it may take without a sign of life, before it is ended.
    """

    name: str
    folder: Path = Path()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    vary: str = ""
    cut: int = 0
    limit: float = LIMIT

    def __post_init__(self) -> None:
        if self.cut < 0:
            raise InputError("moves of 0 or more", f"{self.cut}", "environment, cut")
        if not self.limit > 0:
            raise InputError("seconds above 0", f"{self.limit}", "environment, limit")

    def written(self) -> dict[str, Any]:
        """Return it as JSON has it, so that another process finds the same folder."""
        return {**vars(self), "folder": str(self.folder.resolve()), "keywords": dict(self.keywords)}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """Return what was written."""
        return cls(**{**written, "folder": Path(written["folder"])})


def reset_seed(seed: int, generation: int, lane: int, trial: int) -> int:
    """Return the seed below 2^31 by which a trial begins: counted, not carried, so that no lane knows of others."""
    label = f"{seed} {generation} {lane} {trial}".encode()
    return int.from_bytes(blake2b(label, digest_size=4).digest(), "little") >> 1
