"""THE table of states: what a life keeps of each synapse and of each node from one weight update to the next.

Signals, slots, programs, the memory of every backend, and the files of estimators follow from the rows.
To add a state of a synapse: append a row behind its like, and run the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evometa.spec.table import Table


@dataclass(frozen=True)
class State:
    """One row. `born`: at birth 0, the innate weight, or 1, but 0 where a synapse is SILENT ("open"); `slot`: what of a
    rule writes it, None: the forward pass does.

    `reader`: every slot that writes a state ("rule", as a signal of the state's name), or recurrent synapses alone
    ("sweep").
    """

    name: str
    of: Literal["synapse", "node"]
    born: Literal["zero", "innate", "open"]
    slot: str | None
    reader: Literal["rule", "sweep"]
    meaning: str


# The first is the weight: its slot gives a change, which is added within the bound. Other slots give the next value.
STATES = Table(
    State("w", "synapse", "innate", "update", "rule", "the weight itself"),
    State("s1", "synapse", "zero", "s1", "rule", "first state of the synapse (0 at birth)"),
    State("s2", "synapse", "zero", "s2", "rule", "second state of the synapse (0 at birth)"),
    State("gate", "synapse", "open", "gate", "rule", "gate of the synapse, open above 0: else its weight counts as 0"),
    State("act", "node", "zero", None, "sweep", "activation of the node"),
)

SYNAPSE = tuple(state for state in STATES.values() if state.of == "synapse")
MEMORY = tuple(state.name for state in SYNAPSE[1:])  # what a rule keeps beside the weight, in slots of these names
GATE = next(number for number, state in enumerate(SYNAPSE) if state.born == "open")  # the state that lets w through
STORES = tuple(state.name for state in SYNAPSE if state.born == "zero")  # which stand for each other
RULE = tuple(state.slot for state in SYNAPSE if state.slot)  # the slots that write states
SLOTS = (*RULE, "loss")


@dataclass(frozen=True)
class LaneState:
    """What a life that acts keeps beside: one number a lane, 0 at birth, which the slot of its name writes."""

    name: str
    meaning: str


LANE = (
    LaneState("m1", "first memory of the modulator, one number a lane (0 at birth)"),
    LaneState("m2", "second memory of the modulator, one number a lane (0 at birth)"),
)
LANE_RULE = ("intrinsic", "modulator", *(state.name for state in LANE))  # the slots that give one number a lane
TEACHER_RULE = ("lesson", "insist")  # the slots of a teacher, which give one number for each candidate
