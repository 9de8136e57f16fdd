"""Task families: where the tasks of a lifetime come from, one file each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from evometa.config.section import Section
from evometa.config.tasks import (
    BooleanTasks,
    DatasetTasks,
    DigitsTasks,
    FunctionTasks,
    OmniglotTasks,
    SinusoidTasks,
    TableTasks,
    TaskSettings,
)
from evometa.tasks.family import SPLITS, Family

__all__ = ["FAMILIES", "SPLITS", "Family", "open_family"]

FAMILIES: dict[str, str] = {
    model.model_fields["family"].default: model.__doc__ or "" for model in get_args(get_args(TaskSettings)[0])
}
"""Every family's name and its meaning in a sentence."""


def open_family(settings: Section, seed: int, splits: Sequence[str] = SPLITS, base: Path | None = None) -> Family:
    """Open the family that `settings` (one of TaskSettings) describes; `seed` fixes its splits.

    `splits`: those that it serves for (a whole data set divides its rows among them; others are refused when
    sampled). `base`: folder that relative paths start from, by default the current one. Raises InputError.
    """
    family = _open(settings, seed, tuple(splits), base or Path.cwd())
    family.splits = {split: family.splits[split] for split in splits}
    return family


def _open(settings: Section, seed: int, splits: tuple[str, ...], base: Path) -> Family:
    """Import only the family's own file: scikit-learn alone costs most of a second."""
    match settings:
        case BooleanTasks():
            from evometa.tasks.boolean import Boolean

            return Boolean(settings, seed)
        case SinusoidTasks():
            from evometa.tasks.sinusoid import Sinusoid

            return Sinusoid(settings)
        case DigitsTasks():
            from evometa.tasks.digits import Digits

            return Digits(settings, seed)
        case OmniglotTasks():
            from evometa.tasks.omniglot import Omniglot

            return Omniglot(settings, seed, base)
        case TableTasks():
            from evometa.tasks.table import Table

            return Table(settings, seed, base)
        case FunctionTasks():
            from evometa.tasks.function import Function

            return Function(settings, seed, base)
        case DatasetTasks():
            from evometa.tasks.dataset import Dataset

            return Dataset(settings, seed, splits)
    raise TypeError(f"not the settings of a task family: {type(settings).__name__}")
