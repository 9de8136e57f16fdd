"""Types of what may be chosen of the tables, for models that check it; a type checker, which has no rows, sees text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from evometa.spec.acting import POLICIES
from evometa.spec.activations import ACTIVATIONS
from evometa.spec.credits import CREDITS
from evometa.spec.habits import HABITS
from evometa.spec.heads import HEADS
from evometa.spec.states import LANE_RULE, SLOTS, TEACHER_RULE

if TYPE_CHECKING:
    ActivationName: TypeAlias = str
    CreditName: TypeAlias = str
    HeadChoice: TypeAlias = str
    ClassifierChoice: TypeAlias = str
    ComparisonName: TypeAlias = str
    SlotName: TypeAlias = str
    PolicyName: TypeAlias = str
else:
    ActivationName, CreditName, SlotName = (
        Literal[ACTIVATIONS.names],
        Literal[CREDITS.names],
        Literal[(*SLOTS, *LANE_RULE, *TEACHER_RULE, *HABITS)],
    )
    PolicyName = Literal[POLICIES.names]
    HeadChoice = Literal[("auto", *HEADS)]
    _CLASSES = [row for row in HEADS.values() if row.kind == "classification"]
    ClassifierChoice = Literal[("auto", *(row.name for row in _CLASSES if not row.comparison))]
    ComparisonName = Literal[tuple(row.name for row in _CLASSES if row.comparison)]
