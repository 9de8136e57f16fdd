"""In which order lives meet their support examples."""

from __future__ import annotations

import numpy as np

from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.lifetime import I32, in_all_lanes


def example_order(
    config: Config, support: int, updates: int, lanes: int, rng: np.random.Generator, batch: int = 0
) -> I32:
    """Return which support examples each weight update sees in each lane, i32[U, B, L].

    A pass takes all examples but what is left over of whole batches; shuffled, each in an order of its own. `batch`:
    examples of an update (0: as many as the recipe says). Raises InputError for more of them than there are.
    """
    batch = batch or config.lifetime.examples(support)
    if batch > support:
        raise InputError(f"at most the {support} support examples of a task", str(batch), "lifetime.batch", "Lower it.")
    whole = support // batch * batch
    passes = -(-updates * batch // whole)
    ascending = np.arange(support, dtype=np.int32)
    if config.lifetime.order == "fixed":
        return in_all_lanes(np.tile(ascending[:whole], passes)[: updates * batch].reshape(updates, batch), lanes)
    orders = rng.permuted(np.broadcast_to(ascending, (passes, lanes, support)), axis=2)[..., :whole]
    return orders.swapaxes(1, 2).reshape(-1, lanes)[: updates * batch].reshape(updates, batch, lanes)
