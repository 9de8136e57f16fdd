"""Checks of numbers of weight updates and of examples against the support examples that a family's tasks have."""

from __future__ import annotations

from evometa.config.keys import Path, keys
from evometa.config.load import Loaded
from evometa.config.section import show
from evometa.errors import InputError
from evometa.spec import HEADS
from evometa.tasks import Family
from evometa.tasks.in_a_row import InARow

SUPPORT = ("tasks.shots", "tasks.support", "tasks.patterns", "tasks.ways", "tasks.asked")  # what their number hangs on


def check_lengths(loaded: Loaded, family: Family) -> None:
    """Refuse batches, checkpoints and shorter lives that do not fit the support examples of a task. InputError."""
    if family.sequence:
        check_sequence(loaded, family)
    check_row(loaded)
    for each in (family, *family.others.values()):
        for split in each.splits:
            _check_split(loaded, each, split)


def check_sequence(loaded: Loaded, family: Family) -> None:
    """Refuse what does not fit lives of a weight update a tick, asked at ticks of their own. InputError."""
    config = loaded.config
    life, gradient = config.lifetime, config.gradient.all() if config.gradient.steps else {}
    head = HEADS[family.head if config.network.head == "auto" else config.network.head]
    faults: list[tuple[bool, str, object, Path]] = [
        (bool(head.comparison), "a head that does not compare with examples, which are the ticks to come", head.name,
         ("network", "head")),
        (life.batch != 1, "1, as each tick is an update", life.batch, ("lifetime", "batch")),
        (life.updates is not None, "no number, as a life has an update a tick", life.updates, ("lifetime", "updates")),
        ((life.epochs or 1) > 1, "1, as a sequence is met once", life.epochs, ("lifetime", "epochs")),
        (bool(life.checkpoints), "[], as queries have ticks of their own", show(life.checkpoints),
         ("lifetime", "checkpoints")),
        (config.champion.updates is not None, "no number, as a sequence ends with its last tick",
         config.champion.updates, ("champion", "updates")),
        (config.evolution.inheritance == "darwin", 'a way that judges lives: "baldwin" or "lamarck"', "darwin",
         ("evolution", "inheritance")),
        *((bool(one.updates or one.checkpoints), "no updates or checkpoints of its own, as all ticks count",
           "some", (*table.split("."),)) for table, one in gradient.items()),
    ]  # fmt: skip
    for wrong, expected, found, key in faults:
        if wrong:
            what = f"{expected}: tasks of family {family.name} are sequences"
            raise InputError(what, str(found), loaded.source.where(key), "Change or remove it.")


def check_row(loaded: Loaded) -> None:
    """Refuse what does not fit lives of several tasks, or streams of classes. InputError."""
    config = loaded.config
    life, gradient = config.lifetime, config.gradient.all() if config.gradient.steps else {}
    row, classes = life.tasks > 1, life.order == "classes"
    several = "a life has several tasks" if row else "classes come one after another"
    faults: list[tuple[bool, str, object, Path]] = [
        (row and classes, "shuffled or fixed", "classes", ("lifetime", "order")),
        (row and config.network.compares, "a head with outputs of its own, as one that compares knows examples of all "
         "tasks", config.network.head, ("network", "head")),
        ((row or classes) and bool(life.checkpoints), "[], as queries are asked where tasks end",
         show(life.checkpoints), ("lifetime", "checkpoints")),
        ((row or classes) and config.champion.updates is not None, "no number, as a life ends with its last task",
         config.champion.updates, ("champion", "updates")),
        (row and config.evolution.inheritance == "darwin", 'a way that judges lives: "baldwin" or "lamarck"', "darwin",
         ("evolution", "inheritance")),
        (classes and (life.epochs or 1) > 1, "1, as a stream is met once", life.epochs, ("lifetime", "epochs")),
        (classes and bool(life.updates), "0 or no number, as a stream is met once", life.updates,
         ("lifetime", "updates")),
        *(((row or classes) and bool(one.updates or one.checkpoints), "no updates or checkpoints of its own, as whole "
           "lives count", "some", (*table.split("."),)) for table, one in gradient.items()),
    ]  # fmt: skip
    for wrong, expected, found, key in faults:
        if wrong:
            raise InputError(f"{expected}: {several}", str(found), loaded.source.where(key), "Change or remove it.")


def _check_split(loaded: Loaded, family: Family, split: str) -> None:
    """Refuse what does not fit the tasks of one split."""
    config, where = loaded.config, loaded.source.where
    support = family.each[split][0] if isinstance(family, InARow) else family.support[split]
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
