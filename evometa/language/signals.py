"""What a rule may read (signals, with their fixed registers and rates) and what it may give (slots).

Seeds are what the adjoint of a rule reads beside the rule's own signals (adjoint.py); no rule can name one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evometa.spec.states import MEMORY, RULE, STATES, STORES, SYNAPSE

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

SLOTS: dict[str, Slot] = {
    slot: Slot(slot, state.name if state.name in MEMORY else f"Δ{state.name}", _OF_RULE, state.name)
    for slot, state in zip(RULE, SYNAPSE, strict=True)
}
SLOTS["loss"] = Slot("loss", "loss", ("output", "target", *COEFFICIENTS))

SEEDS: dict[str, Signal] = {
    f"d_{slot}": Signal(f"d_{slot}", len(SIGNALS) + number, "synapse", False, f"adjoint of what slot `{slot}` gives")
    for number, slot in enumerate(SLOTS)
}  # that of `loss`: of its slope ∂loss/∂output, which is what learning takes of a loss
INPUTS: dict[str, Signal] = SIGNALS | SEEDS  # whatever a program can read
SIGNAL_COUNT = len(INPUTS)
