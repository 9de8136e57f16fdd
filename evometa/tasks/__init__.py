"""Where the tasks of a lifetime come from: families, one file each in `families`, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evometa.config.tasks import SPLITS, FamilySettings
from evometa.tasks.family import Family

__all__ = ["SPLITS", "Family", "open_family"]


def open_family(
    settings: FamilySettings, seed: int, splits: Sequence[str] = SPLITS, base: Path | None = None
) -> Family:
    """Open the family that `settings` describes; `seed` fixes its splits.

    `splits`: those that it serves for (a whole data set divides its rows among them; others are refused when
    sampled). `base`: folder that relative paths start from, by default the current one. Raises InputError.
    """
    family: Family = settings.open(seed, tuple(splits), base or Path.cwd())
    family.splits = {split: family.splits[split] for split in splits}
    return family
