"""Rules of lives that act, compiled: what synapses do, and what a lane does once a tick, its modulator foremost.

In which order a tick goes is compiled into the programs, so that interpreters need not know. "next tick": the reward of
an action comes with what is seen next. `update` reads states of synapses as they were: s1 is then the trace of earlier
actions. "same tick": the world answers at once, and `update` reads states as they have become.

In both, s1 is 0 to its own slot where a trial starts: s1 lasts a trial, s2 and the weights last the life. Where rewards
come in the next tick, too: what nothing can be learned of (`cut`) has the modulator 0, and leaves its memories alone;
and a trial that starts is no outcome of an action, so `intrinsic` counts as 0 there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from evometa.language.numbering import LOSS_RATES, Numbering
from evometa.language.program import Program, assemble
from evometa.language.signals import INPUTS
from evometa.language.teaching import compile_student, compile_teacher
from evometa.language.tree import Tree
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import LANE, LANE_RULE, MEMORY, RULE, STORES

Order = Literal["next tick", "same tick", "lesson"]
ORDERS: tuple[Order, ...] = ("next tick", "same tick")  # of lives that act for themselves
TRACE = STORES[0]  # the state that lasts a trial

_ZERO = 0  # the bits of 0
_SELECT = PRIMITIVES["select"].opcode
_ADD = PRIMITIVES["add"].opcode


class AgentPrograms(NamedTuple):
    """A rule as it runs in lives that act: for each synapse, and, if it has such slots, for each lane."""

    rule: Program
    lane: Program | None


def compile_acting(rule: Mapping[str, Tree], order: Order) -> AgentPrograms:
    """Compile the slots of ACTING_SLOTS that a rule has (each optional) for an order of the tick.

    With "lesson" what runs for a lane is its teacher (teaching.py).
    """
    if order == "lesson":
        return AgentPrograms(compile_student(rule), compile_teacher(rule))
    return AgentPrograms(_compile_rule(rule, order), _compile_lane(rule, order))


def _compile_rule(rule: Mapping[str, Tree], order: Order) -> Program:
    values = Numbering()
    trace = INPUTS[TRACE].register
    if TRACE in rule:
        values.leaf[trace] = values.ternary(_SELECT, INPUTS["start"].register, values.constant(_ZERO), trace)
    memory = {name: values.number(rule[name]) for name in MEMORY if name in rule}
    values.leaf[trace] = trace
    if order == "same tick":
        for name, value in memory.items():
            values.leaf[INPUTS[name].register] = value
    update = values.number(rule["update"]) if "update" in rule else None
    return assemble(values, (update, *map(memory.get, MEMORY)), RULE)


def _compile_lane(rule: Mapping[str, Tree], order: Order) -> Program | None:
    """Compile what gives one number a lane; `reward` is without what is intrinsic to that slot alone."""
    if not any(slot in rule for slot in LANE_RULE):
        return None
    values = Numbering(LOSS_RATES)
    reward, m, cut, start = (INPUTS[name].register for name in ("reward", "m", "cut", "start"))
    given: dict[str, int | None] = dict.fromkeys(LANE_RULE)

    def unless(flag: int, otherwise: int, value: int) -> int:
        return values.ternary(_SELECT, flag, otherwise, value) if order == "next tick" else value

    zero = values.constant(_ZERO)
    if "intrinsic" in rule:
        own = unless(start, zero, values.number(rule["intrinsic"]))
        given["intrinsic"] = own
        values.leaf[reward] = values.binary(_ADD, reward, own)
    if "modulator" in rule:
        given["modulator"] = values.leaf[m] = unless(cut, zero, values.number(rule["modulator"]))
    for state in LANE:
        if state.name in rule:
            given[state.name] = unless(cut, INPUTS[state.name].register, values.number(rule[state.name]))
    return assemble(values, tuple(given.values()), LANE_RULE)
