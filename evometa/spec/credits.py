"""THE table of credit modes: how hidden nodes learn of the errors of the outputs.

Either they all have the same error, an expression over the outputs' errors `e`, with `O` their number and `sum` over
them; or errors go back along the synapses, each times a weight of that synapse (`back`), or they have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evometa.spec.table import Table


@dataclass(frozen=True)
class Credit:
    """One row. `back`: errors go back through the weights themselves ("w"), or through fixed ones ("feedback").

    `hidden_adjoint`: the share of hidden nodes in the adjoint of each output's error, of the sum `v` of theirs.
    `meaning` answers how hidden nodes learn of the error; `words` say so of a rule.
    """

    name: str
    meaning: str
    words: str
    hidden: str | None = None
    hidden_adjoint: str | None = None
    back: Literal["w", "feedback"] | None = None

    @property
    def fixed(self) -> bool:
        """Whether errors go back through fixed weights, drawn at birth."""
        return self.back == "feedback"


CREDITS = Table(
    Credit("local", "not at all", "learns locally"),
    Credit("broadcast", "its mean", "learns from the mean output error", hidden="sum(e) / O",
           hidden_adjoint="v / O"),
    Credit("feedback", "through fixed random weights",
           "learns from output errors sent back through fixed random weights", back="feedback"),
    Credit("backprop", "through the network's own", "learns from backpropagated errors", back="w"),
)  # fmt: skip
