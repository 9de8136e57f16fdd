"""Whether a rule of lives that act is a classic one, as it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from evometa.language.acting import AgentPrograms, Order, compile_acting
from evometa.language.acting_library import AGENTS
from evometa.language.liveness import living
from evometa.language.tree import Tree


def agent_in_words(rule: Mapping[str, Tree], order: Order) -> str:
    """Return which classic agent's rule this is, whatever its numbers are; else that it is none."""
    name = _known(order).get(_key(compile_acting(living(rule, acts=True), order)))
    return name or "none of the classic rules"


@cache
def _known(order: Order) -> dict[tuple[bytes, bytes], str]:
    """Return the titles of classic agents by their programs."""
    own = [agent for agent in AGENTS.values() if agent.order == order]
    return {_key(compile_acting(living(agent.slots, acts=True), order)): agent.title for agent in own}


def _key(programs: AgentPrograms) -> tuple[bytes, bytes]:
    return programs.rule.key, b"" if programs.lane is None else programs.lane.key
