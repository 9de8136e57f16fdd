"""What has no meaning where networks say what comes of actions, and not what to do."""

from __future__ import annotations

from evometa.config.load import Loaded
from evometa.config.section import show
from evometa.errors import InputError
from evometa.language.acting_library import AGENTS
from evometa.tasks import Family


def check_afterstates(loaded: Loaded, family: Family) -> None:
    """Refuse, where a world shows afterstates, what learners or classic agents cannot do there. Raises InputError."""
    if not getattr(family, "afterstates", False):
        return
    own, where = loaded.config.acting, loaded.source.where
    for key, value, wanted in (("policy", own.policy, "greedy"), ("critic", own.critic, 0),
                               ("predictions", own.predictions, 0), ("see_action", own.see_action, False)):  # fmt: skip
        if value != wanted:
            raise InputError(f"{show(wanted)}, as the world shows afterstates", show(value), where(("acting", key)))
    for name in loaded.config.rivals:
        if AGENTS[name].policy != "greedy" or AGENTS[name].critic:
            raise InputError("greedy rules without a critic, as the world shows afterstates", name,
                             where(("champion", "baselines")))  # fmt: skip
