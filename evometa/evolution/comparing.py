"""How much memory heads that compare will need: for each example that they know, and each pair of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evometa.config.schema import SPLITS
from evometa.evolution.ends import ends_of
from evometa.lifetime.adjoints import part_of
from evometa.lifetime.numba.compared import Compared
from evometa.lifetime.numba.cpu import choose_width
from evometa.lifetime.numba.vector import LANES
from evometa.spec import COMPARISONS, HEADS
from evometa.system import machine

if TYPE_CHECKING:
    from evometa.config.schema import Config
    from evometa.evolution.memory import Sized
    from evometa.tasks import Family

SIZES = ("shots", "support", "ways")  # keys of families that say how many examples a task has


def examples_compared(config: Config, sets: Sequence[Sized], lanes: Mapping[str, int]) -> dict[str, int]:
    """Return bytes of what threads keep of comparisons, by the keys that it grows with; none of other heads.

    `lanes`: of each split.
    """
    if not config.network.compares:
        return {}
    sizes = [_of(config, one, lanes) for one in sets]
    most = max(range(len(sets)), key=sizes.__getitem__)
    settings = sets[most].settings.settings
    known = [key for size in SIZES for key in type(settings).model_fields if key.split("_")[-1] == size]
    own = [f"tasks.{key}" for key in known if getattr(settings, key) is not None]
    own += ["tasks.other_tests"] if sets[most].family.others else []
    keys = ", ".join([*own, "lifetime.batch", "network.embedding", "run.threads"])
    return {f"examples that are compared: {keys}": sizes[most]}


def _of(config: Config, one: Sized, lanes: Mapping[str, int]) -> int:
    """Return the bytes of one set's comparisons: in lives, and where gradients go back through them."""
    lives = tapes = 0
    for split in SPLITS:
        if split not in one.settings.splits:
            continue
        others = one.family.others.values() if split == "test" else ()
        for family in (one.family, *others):
            support = family.support[split]
            batch = config.lifetime.examples(support)
            size = _compared(config, family, max(support, batch))
            if config.backend != "cupy":
                lives = max(lives, size.rows(batch) * choose_width([one.network], lanes[split], batch))
            if split == "train" and config.gradient.steps:
                length = config.lifetime.length(support)
                updates = max(own.updates or length for own in config.gradient.all().values())
                tapes = (size.rows(batch) + size.tape(batch, part_of(updates))) * LANES
    return 4 * (lives + tapes) * (config.run.threads or machine.processors())


def _compared(config: Config, family: Family, room: int) -> Compared:
    solved = COMPARISONS[HEADS[config.network.head].comparison].solves
    return Compared(ends_of(config, family)[1], family.outputs, room, solved)
