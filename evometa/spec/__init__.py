"""What a life is made of, as data: tables of rows that everything reads and that import nothing of evometa.

A row is the one place where its name stands. What it computes is written in it as expressions, from which
`python -m evometa.language.generate` makes the text of every backend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from evometa.spec.activations import ACTIVATIONS
from evometa.spec.credits import CREDITS
from evometa.spec.heads import HEADS, SCORES, Kind

__all__ = ["ACTIVATIONS", "CREDITS", "HEADS", "SCORES", "ActivationName", "CreditName", "HeadName", "Kind"]

if TYPE_CHECKING:  # a type checker cannot know the rows
    ActivationName = CreditName = HeadName = str
else:
    ActivationName, CreditName, HeadName = (Literal[table.names] for table in (ACTIVATIONS, CREDITS, HEADS))
