"""Compiled rules and losses; the last few are remembered, as equal ones turn up again and again."""

from __future__ import annotations

from functools import lru_cache

from evometa.language.acting import AgentPrograms, Order, compile_acting
from evometa.language.program import Program, compile_loss, compile_rule
from evometa.language.tree import Tree


@lru_cache(maxsize=1 << 13)
def program_of(rule: tuple[tuple[str, Tree], ...]) -> Program:
    """Return the compiled program of a rule's slots (all but `loss`); the last 8192 rules are remembered."""
    return compile_rule(dict(rule))


@lru_cache(maxsize=1 << 13)
def agent_of(rule: tuple[tuple[str, Tree], ...], order: Order) -> AgentPrograms:
    """Return the compiled programs of a rule of lives that act."""
    return compile_acting(dict(rule), order)


@lru_cache(maxsize=1 << 14)
def loss_of(tree: Tree) -> Program:
    """Return the compiled loss and its derivative."""
    return compile_loss(tree)
