"""Blank students that are to be taught tic-tac-toe: whoever is never beaten by anyone has learned it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.config.network import Width
from evometa.config.section import Section
from evometa.config.tasks import FamilySettings
from evometa.errors import InputError
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.language.tree import Tree
from evometa.lifetime import Tasks
from evometa.lifetime.teaching import TeachingLives
from evometa.spec.heads import Kind
from evometa.spec.states import RULE
from evometa.tasks.family import SPLITS, Family
from evometa.tasks.games import View, tictactoe

NUMBERS = 1 << 16  # that `noise` takes its own from


class OtherStudents(Section):
    """Students of a further test: what is other about them."""

    view: View | None = Field(None, description="what they see; left out: the same")
    hidden: tuple[Width, ...] | None = Field(None, max_length=16, description="widths of their hidden layers")
    rule: dict[str, str] = Field(default={}, max_length=3, description="a rule of their own, a text for each slot")


class TeachingTasks(FamilySettings):
    """Blank students, who are taught tic-tac-toe lesson by lesson until nobody can beat them."""

    family: Literal["teaching"] = "teaching"
    kind: ClassVar[Kind] = "acting"
    view: View = Field(
        default="canonical",
        description="what a student sees: the board, 2 755 positions of which can be taught, or always the same of its "
        "eight pictures (canonical), which are 371",
    )
    lessons: int = Field(default=400, ge=1, le=1_000_000, description="lessons that a student is given at most")
    other_tests: dict[str, OtherStudents] = Field(
        default={}, max_length=16, description="further tests, each by a name with what is other: view, hidden, rule"
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> TeachingFamily:
        family = TeachingFamily(self.view, self.lessons, splits)
        if self.other_tests and "test" not in splits:
            expected = "nothing, as this set does not serve for test"
            raise InputError(expected, "some students", "tasks.other_tests", 'Remove it, or add "test" to splits.')
        family.others = {name: self._other(name, other) for name, other in self.other_tests.items()}
        return family

    def _other(self, name: str, other: OtherStudents) -> TeachingFamily:
        where = f'tasks.other_tests."{name}".rule'
        if strange := [slot for slot in other.rule if slot not in RULE]:
            raise InputError(f"slots of a student ({', '.join(RULE)})", strange[0], where)
        family = TeachingFamily(other.view or self.view, self.lessons, ["test"])
        family.hidden, family.rule = other.hidden, parse_rule(other.rule, where, ACTING_SLOTS)
        return family


class TeachingFamily(Family):
    """Students of tic-tac-toe; `rule`: of their own, in place of a genome's, where it is not empty."""

    rule: Mapping[str, Tree] = MappingProxyType({})
    lacking: frozenset[str] = frozenset()

    def __init__(self, view: View, lessons: int, splits: Sequence[str]) -> None:
        self.view, self.game, self.lessons = view, tictactoe(view), lessons
        super().__init__(
            name="teaching", kind="acting", inputs=len(self.game.x), outputs=len(self.game.legal),
            support=dict.fromkeys(splits, lessons), queries=dict.fromkeys(splits, 0),
            splits={split: f"students of tic-tac-toe ({view}), blank at birth" for split in SPLITS if split in splits},
        )  # fmt: skip

    def lasting(self, lessons: int) -> TeachingFamily:
        """Return the students of the test, who are given so many lessons at most."""
        return TeachingFamily(self.view, lessons, ["test"])

    @property
    def head(self) -> str:
        """There is none."""
        return ""

    def floats(self, split: str) -> int:
        return 4 * self.lessons

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        numbers = rng.random(NUMBERS, np.float32)
        offset = rng.integers(0, NUMBERS, (self.lessons, count), np.int32)
        draws = rng.random((self.lessons, count), np.float32)
        candidates = self.game.losing.astype(np.int32)
        return TeachingLives(  # type: ignore[return-value]  # what lessons of this kind take
            self.game, candidates, numbers, offset, draws
        )
