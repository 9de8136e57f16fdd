"""What of a rule learning feels: states that nobody reads, that stay 0 or are one number go, and constants are folded.

What is left gives the same weight changes, bit for bit: `update` reads a state as it has become, slots of states read
it as it was, which is what it is born as at first. So a state that is always set to −0.7 is −0.7 to `update`, but was 0
once to its own slot.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evometa.language.algebra import substitute
from evometa.language.rewrites import fold
from evometa.language.tree import Tree, join, leaf
from evometa.spec.habits import HABITS
from evometa.spec.states import GATE, LANE, MEMORY, STATES, STORES, SYNAPSE, TEACHER_RULE

ROOTS = ("update", str(SYNAPSE[GATE].slot))  # slots that the network itself feels
AGENT_ROOTS = (*ROOTS, *TEACHER_RULE)  # those that lives which act, or are taught, feel themselves
FELT = frozenset({"err", "grad"})  # signals through which a loss is felt

GIVEN = {**{name: name for name in (*STORES, *(state.name for state in LANE))}, "modulator": "m", "intrinsic": "reward"}
"""Slots of lives that act, and the signal through which others feel what each gives."""

_ZERO, _ONE = leaf(0.0), leaf(1.0)
# Constants that change no bit of the other argument: x − 0, 1·x, x/1, x/√(1 + 0²); x + 0 does (−0 becomes 0).
_NEUTRAL = {("sub", 1): _ZERO, ("mul", 0): _ONE, ("mul", 1): _ONE, ("div", 1): _ONE, ("aq", 1): _ZERO}


def living(rule: Mapping[str, Tree], acts: bool = False) -> dict[str, Tree]:
    """Return the slots that weights depend on, as small as they can be made without changing a bit.

    A rule without `update` changes no weight: nothing of it is left but habits, which searches feel. A gate's slot
    stays, as the network feels it. `acts`: it is one of lives that act, where update may read states as they were.
    """
    if "update" not in rule:
        return {name: folded(tree) for name, tree in rule.items() if name in HABITS}
    if acts:
        return _living_agent(rule)
    zeros = dict.fromkeys(_always_zero(rule), _ZERO)
    slots = {name: folded(substitute(tree, zeros)) for name, tree in rule.items() if name not in zeros}
    update = slots["update"]
    for name in MEMORY:
        value = _memoryless(name, slots[name]) if name in slots else None
        if value is None:
            continue
        elsewhere = any(name in tree.signals() for slot, tree in slots.items() if slot not in ("update", name))
        if len(value) == 1 or (_occurrences(update, name) == 1 and not elsewhere):  # else it would stand there twice
            update = folded(substitute(update, {name: value}))
    slots["update"] = update
    return {name: slots[name] for name in felt_slots(slots)}


def _living_agent(rule: Mapping[str, Tree]) -> dict[str, Tree]:
    """Return the same of a rule of lives that act: what no slot gives is 0, and what nothing is felt through goes."""
    zeros = {name: _ZERO for slot, name in GIVEN.items() if slot not in rule and name != "reward"}
    slots = {name: folded(substitute(tree, zeros)) for name, tree in rule.items()}
    return {name: slots[name] for name in felt_slots(slots, acts=True)}


def felt_slots(slots: Mapping[str, Tree], acts: bool = False) -> list[str]:
    """Return the slots that weights depend on; `acts`: of a rule of lives that act."""
    if acts:
        return _felt_by_agent(slots)
    felt = felt_signals(slots)
    return [
        name for name in slots if name in ROOTS or (name in MEMORY and name in felt) or (name == "loss" and felt & FELT)
    ]


def _felt_by_agent(slots: Mapping[str, Tree]) -> list[str]:
    """Return the slots that the weights of a life that acts depend on."""
    given = {signal: slot for slot, signal in GIVEN.items() if slot in slots}
    felt, more = set[str](), {root for root in AGENT_ROOTS if root in slots}
    while more:
        felt |= more
        more = {given[signal] for name in felt for signal in slots[name].signals() if signal in given} - felt
    return [name for name in slots if name in felt]


def folded(tree: Tree) -> Tree:
    """Return the tree with what constants alone decide worked out, in float32; what is not finite stays.

    Constants that do nothing go, too.
    """
    stack: list[Tree] = []
    for item in reversed(tree):
        arguments = [stack.pop() for _ in range(item.arity)]
        known = [argument[0].bits for argument in arguments if argument[0].constant]
        if not arguments:
            stack.append(Tree((item,)))
        elif item.name == "select" and arguments[0][0].constant:
            stack.append(arguments[1] if float(arguments[0][0].value) > 0 else arguments[2])
        elif len(known) == item.arity:
            value = np.uint32(fold(item.opcode, [*known, 0, 0][:3])).view(np.float32)
            stack.append(leaf(float(value)) if np.isfinite(value) else join(item.name, *arguments))
        else:
            rest = [a for place, a in enumerate(arguments) if _NEUTRAL.get((item.name, place)) != a]
            stack.append(rest[0] if len(rest) == 1 < item.arity else join(item.name, *arguments))
    return stack[0]


def _always_zero(rule: Mapping[str, Tree]) -> set[str]:
    """Return the states that are 0 as long as all of them are: those that the rule does not set, and `s1 = s1`."""
    zero = {name for name in MEMORY if STATES[name].born == "zero"}
    while True:
        still = dict.fromkeys(zero, _ZERO)
        moved = {name for name in zero if name in rule and folded(substitute(rule[name], still)) != _ZERO}
        if not moved:
            return zero
        zero -= moved


def _memoryless(name: str, tree: Tree) -> Tree | None:
    """Return what a state becomes, whatever it was; None where that depends on what it or the other was."""
    read = tree.signals() & set(MEMORY)
    if not read:
        return tree
    if read == {name} and STATES[name].born == "zero":  # one number at once, and then for ever: max(s1, 0.5)
        first = folded(substitute(tree, {name: _ZERO}))
        if first[0].constant and folded(substitute(tree, {name: first})) == first:
            return first
    return None


def _occurrences(tree: Tree, name: str) -> int:
    return sum(item.name == name for item in tree)


def felt_signals(slots: Mapping[str, Tree]) -> frozenset[str]:
    """Return the signals that `update` and the gate read, directly or through states."""
    read = frozenset().union(*(slots[name].signals() for name in ROOTS if name in slots))
    for _ in MEMORY:
        read |= {signal for name in MEMORY if name in slots and name in read for signal in slots[name].signals()}
    return read
