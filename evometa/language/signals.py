"""What a rule may read (signals, with their fixed registers and rates) and what it may give (slots).

Seeds are what the adjoint of a rule reads beside the rule's own signals (adjoint.py); no rule can name one. Lives that
act (acting.py) have signals and slots of their own, ACTING and ACTING_SLOTS, which other lives know nothing of; so have
habits (spec/habits.py), by which searches go, and teachers (teaching.py), TEACHING and the slots of TEACHER_RULE. TASKS
are of lives in which tasks, classes or worlds come one after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from evometa.spec.habits import HABIT_SIGNALS, HABITS
from evometa.spec.states import LANE, LANE_RULE, MEMORY, RULE, STATES, STORES, SYNAPSE, TEACHER_RULE

Rate = Literal["birth", "node", "synapse"]

RATES: tuple[Rate, ...] = ("birth", "node", "synapse")

COEFFICIENTS = tuple(f"c{k}" for k in range(8))
PLASTICITY = tuple(f"p{k}" for k in range(4))


@dataclass(frozen=True)
class Signal:
    """One thing a rule can read: its register, how often it changes, and whether it needs B = 1 (`single`).

    Rates: "birth" is constant over a lifetime (one row of lanes), "node" has one row for each target node,
    "synapse" one row for each synapse.
    """

    name: str
    register: int
    rate: Rate
    single: bool
    meaning: str


@dataclass(frozen=True)
class Slot:
    """One thing a rule gives: its formula's left-hand side, the signals that it may read, the state that it writes."""

    name: str
    symbol: str
    signals: tuple[str, ...]
    state: str | None = None

    @property
    def sign(self) -> str:
        """The sign between a formula's sides: whether it gives the next value of what the left one names."""
        return "←" if self.symbol == self.state else "="


def _signals() -> dict[str, Signal]:
    """Lay the signals out in the order of their registers."""
    weight, *memory = ((row.name, row.of, False, row.meaning) for row in STATES.values() if row.reader == "rule")
    stores = [row for row in memory if row[0] in STORES]
    rows: list[tuple[str, Rate, bool, str]] = [
        ("pre", "synapse", True, "activation of the node that the synapse comes from"),
        ("post", "node", True, "activation of the node that the synapse enters"),
        ("target", "node", True, "desired output (output nodes; by credit mode elsewhere)"),
        (
            "err",
            "node",
            True,
            "∂loss/∂net input of the target node, by credit mode (output − target for cross-entropy)",
        ),
        ("grad", "synapse", False, "∂loss/∂w: mean of err·pre over the examples of the update"),
        weight,
        ("w0", "synapse", False, "the innate weight: w at birth"),
        *stores,
        ("reward", "node", False, "reward of the trial"),
        ("age", "node", False, "share of the lifetime that has passed, 0 to 1"),
    ]
    rows += [
        (name, "birth", False, f"coefficient {name[1:]} of the rule, one number a genome") for name in COEFFICIENTS
    ]
    rows += [
        (name, "synapse", False, f"coefficient {name[1:]} of the synapse, innate like its weight")
        for name in PLASTICITY
    ]
    rows += [("output", "synapse", False, "what the output node answered (slot `loss` only)")]
    # last, so that older signals keep their registers, and with them operands their order
    rows += [row for row in memory if row not in stores]
    return {row[0]: Signal(row[0], register, *row[1:]) for register, row in enumerate(rows)}


SIGNALS: dict[str, Signal] = _signals()

_OF_RULE = tuple(name for name in SIGNALS if name != "output")

TASK_NAMES = ("novel", "task")
SLOTS: dict[str, Slot] = {
    slot: Slot(slot, state.name if state.name in MEMORY else f"Δ{state.name}", (*_OF_RULE, *TASK_NAMES), state.name)
    for slot, state in zip(RULE, SYNAPSE, strict=True)
}
SLOTS["loss"] = Slot("loss", "loss", ("output", "target", *COEFFICIENTS))

SEEDS: dict[str, Signal] = {
    f"d_{slot}": Signal(f"d_{slot}", len(SIGNALS) + number, "synapse", False, f"adjoint of what slot `{slot}` gives")
    for number, slot in enumerate(SLOTS)
}  # that of `loss`: of its slope ∂loss/∂output, which is what learning takes of a loss

# Behind everything else, so that whatever does not act has the registers that it always had.
_OF_ACTING: list[tuple[str, str]] = [
    ("act", "1 at the output of the action that is taken, 0 at every other node"),
    ("acted", "what act was in the tick before"),
    ("value", "what the learner expects: its value output, else the largest net input of an action that is legal"),
    ("before", "what it expected in the tick before: its value output, else the net input of the action taken"),
    ("done", "1 where the trial has ended with the rewarded action"),
    ("cut", "1 where the trial was cut there, or where there is no rewarded action yet: nothing can be learned of it"),
    ("start", "1 in the first tick of a trial"),
    ("trial", "number of the trial, from 0 on"),
    ("greedy", "1 where the action taken is one of those with the largest net input"),
    ("visits", "how often the state that is shown has been met in this life, 0 in worlds that number no states"),
    ("surprise", "mean square of what the predicting outputs of the tick before missed of what is seen now"),
    ("m", "what the modulator gives in this tick"),
    *((row.name, row.meaning) for row in LANE),
]
ACTING: dict[str, Signal] = {
    name: Signal(name, len(SIGNALS) + len(SEEDS) + number, "node", False, meaning)
    for number, (name, meaning) in enumerate(_OF_ACTING)
}
_MEANINGS = (
    "1 in the first update of a task, of a class or of a world, else 0",
    "number of the task, of the class or of the world, from 0 on",
)
TASKS: dict[str, Signal] = {
    name: Signal(name, len(SIGNALS) + len(SEEDS) + len(ACTING) + number, "node", False, meaning)
    for number, (name, meaning) in enumerate(zip(TASK_NAMES, _MEANINGS, strict=True))
}
NODES = ("act", "acted")  # of these each node has its own; what else acting lives know is one number a lane
_OF_LANES = ("reward", "age", *COEFFICIENTS, *(name for name in ACTING if name not in NODES), *TASK_NAMES)
_OF_SYNAPSES = (*(name for name in _OF_RULE if name != "target"), *ACTING, *TASK_NAMES)

_OF_TEACHERS: list[tuple[str, str]] = [
    ("gap", "by how much the student's best losing move of the candidate looks better to it than its best sound one"),
    ("loss", "−log of the share that the student gives to the candidate's sound moves"),
    ("blunder", "1 where the move that the student would make in the candidate loses"),
    ("reached", "1 where the student may come to the candidate in a game, 1/(1 + n) where it does after n blunders "
     "that were taken back, 0 where it never does"),
    ("chance", "how likely the candidate is met in a game of the student's, one move in ten at random, against a "
     "random player"),
    ("ply", "moves that have been made in the candidate"),
    ("role", "0 where the student is to move as who began, 1 as the other"),
    ("taught", "how often the candidate has been taught"),
    ("since", "lessons since it was taught last, or since birth"),
    ("noise", "a number from 0 to 1, drawn anew for each candidate and lesson"),
]  # fmt: skip
TEACHING: dict[str, Signal] = {
    name: Signal(name, len(SIGNALS) + len(SEEDS) + len(ACTING) + len(TASKS) + number, "node", False, meaning)
    for number, (name, meaning) in enumerate(_OF_TEACHERS)
}  # what a teacher sees of each candidate
_TO_TEACHERS = ("age", *COEFFICIENTS, *TEACHING)

ACTING_SLOTS: dict[str, Slot] = {
    "intrinsic": Slot("intrinsic", "intrinsic", tuple(name for name in _OF_LANES if name != "m")),
    "modulator": Slot("modulator", "m", tuple(name for name in _OF_LANES if name != "m")),
    **{row.name: Slot(row.name, row.name, _OF_LANES, row.name) for row in LANE},
    **{name: Slot(name, slot.symbol, _OF_SYNAPSES, slot.state) for name, slot in SLOTS.items() if name in RULE},
    **{name: Slot(name, name, _TO_TEACHERS) for name in TEACHER_RULE},
}


HABIT_SLOTS: dict[str, Slot] = {row.name: Slot(row.name, row.name, row.signals) for row in HABITS.values()}


class Lives(Protocol):
    """What a recipe says of the lives of its genomes (`evometa.config.schema.Config`)."""

    @property
    def acts(self) -> bool: ...

    @property
    def searches(self) -> bool: ...


def slots_of(lives: Lives) -> dict[str, Slot]:
    """Return the slots that rules have in lives that act, in those that are searches, or in those with examples."""
    return HABIT_SLOTS if lives.searches else ACTING_SLOTS if lives.acts else SLOTS


# Habits run on rows of NumPy, in no program: their signals have registers that name them, behind all others.
_SHARED = SIGNALS | ACTING | TASKS | TEACHING  # whose names some of them have, too
HABIT_READABLE: dict[str, Signal] = {
    row.name: Signal(
        row.name,
        _SHARED[row.name].register if row.name in _SHARED else len(_SHARED) + len(SEEDS) + number,
        "node", False, row.meaning,
    )
    for number, row in enumerate(HABIT_SIGNALS.values())
}  # fmt: skip
READABLE: dict[str, Signal] = _SHARED | {
    n: s for n, s in HABIT_READABLE.items() if n not in _SHARED
}  # all that has a name
_OTHERS = {name: ACTING_SLOTS[name] for name in (*LANE_RULE, *TEACHER_RULE)}
EVERY_SLOT: dict[str, Slot] = SLOTS | _OTHERS | HABIT_SLOTS  # as one writes it
INPUTS: dict[str, Signal] = SIGNALS | SEEDS | ACTING | TASKS | TEACHING  # whatever a program can read
SIGNAL_COUNT = len(INPUTS)
