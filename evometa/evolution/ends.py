"""How many inputs and outputs networks have, by what tasks show and ask for, and what a recipe adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evometa.config.schema import Config
    from evometa.tasks import Family


def ends_of(config: Config, family: Family) -> tuple[int, int]:
    """Return the inputs and outputs of a recipe's networks for tasks of a family, but what a memory adds to these."""
    if family.kind == "acting":
        own = config.acting
        inputs = family.inputs + own.see_reward + own.see_action * family.outputs
        return inputs, family.outputs + (own.critic > 0) + own.predictions
    return family.inputs, config.network.outputs(family.outputs)
