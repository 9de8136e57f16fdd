"""Checks of numbers of weight updates and of examples against the support examples that a family's tasks have."""

from __future__ import annotations

from evometa.config.keys import keys
from evometa.config.load import Loaded
from evometa.errors import InputError
from evometa.tasks import Family

SUPPORT = ("tasks.shots", "tasks.support", "tasks.patterns", "tasks.ways", "tasks.asked")  # what their number hangs on


def check_lengths(loaded: Loaded, family: Family) -> None:
    """Refuse batches, checkpoints and shorter lives that do not fit the support examples of a task. InputError."""
    for each in (family, *family.others.values()):
        for split in each.splits:
            _check_split(loaded, each, split)


def _check_split(loaded: Loaded, family: Family, split: str) -> None:
    """Refuse what does not fit the tasks of one split."""
    config, where, support = loaded.config, loaded.source.where, family.support[split]
    length = config.lifetime.length(support)
    for key in ("updates", "checkpoints") if split == "train" else ():
        _check_gradient(loaded, family, key, length)
    late = [point for point in config.lifetime.checkpoints if point > length]
    if late:
        raise InputError(
            f"numbers of at most {length}, the weight updates of a lifetime on tasks of family {family.name}",
            str(late[0]),
            where(("lifetime", "checkpoints")),
            f"Remove it, or raise lifetime.{'epochs' if config.lifetime.updates is None else 'updates'}.",
        )
    if config.lifetime.examples(support) > support:
        grows = [key for key in SUPPORT if key in keys(family.name)]
        raise InputError(
            f"at most {support}, the support examples of a task of family {family.name}",
            str(config.lifetime.batch),
            where(("lifetime", "batch")),
            'Set it to "all", lower it' + (f", or change {' or '.join(grows)}." if grows else "."),
        )


def _check_gradient(loaded: Loaded, family: Family, key: str, length: int) -> None:
    """Refuse a number of updates of section `gradient` beyond a lifetime's."""
    for table, own in loaded.config.gradient.all().items():
        given = getattr(own, key)
        found = max(given, default=0) if isinstance(given, tuple) else given
        if found > length:
            raise InputError(
                f"at most {length}, the weight updates of a lifetime on tasks of family {family.name}", str(found),
                loaded.source.where((*table.split("."), key)),
                f"Lower it, or raise lifetime.{'epochs' if loaded.config.lifetime.updates is None else 'updates'}.",
            )  # fmt: skip
