"""What a life is made of, as data: tables of rows that everything reads and that import nothing of evometa.

A row is the one place where its name stands. What it computes is written in it as expressions, from which
`python -m evometa.language.generate` makes the text of every backend.
"""

from __future__ import annotations

from evometa.spec.activations import ACTIVATIONS, GRU
from evometa.spec.comparisons import COMPARISONS
from evometa.spec.credits import CREDITS
from evometa.spec.heads import HEADS, SCORES
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import SLOTS, STATES

__all__ = ["ACTIVATIONS", "COMPARISONS", "CREDITS", "GRU", "HEADS", "PRIMITIVES", "SCORES", "SLOTS", "STATES"]
