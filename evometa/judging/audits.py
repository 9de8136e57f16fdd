"""What an audit keeps in JSON, as those who make it and those who show it know it (see `store.records`)."""

from __future__ import annotations

from typing import Literal

from evometa.store.records import Real, Record, Text, Whole

SOUND = "as it should be"  # of a test that passes

Verdict = Literal["passes", "flagged", "undecided", "left out"]


class Cell(Record):
    """One disturbance: the scores of champion and of the best stock rule under it, by the recipe's measure.

    `fault`: what is judged, a fault where it is above 0; `low` and `high`: its 99 % interval. `needed`: tasks that
    would decide, where these do not; `family`: whether the stock rule has the same fault, so that it is the tasks'.
    """

    name: str = ""
    champion: Real = None
    stock: Real = None
    fault: Real = None
    low: Real = None
    high: Real = None
    verdict: Verdict = "undecided"
    needed: Whole | None = None
    family: bool = False


class Check(Record):
    """One test: its verdict, that in words, and its cells; flagged where one cell is, and passed where all are."""

    name: str = ""
    question: str = ""
    verdict: Verdict = "undecided"
    words: str = ""
    cells: list[Cell] = []


class Audit(Record):
    """An audit of a champion on held-out tasks.

    Scores are by `measure`: `champion`, `stock` (of the rule that is called `rival`), `innate` (the champion's before
    learning) and `chance` (of a network that has learned nothing). `margin`: a difference below it does not matter.
    `orders`: orders of examples that each task was lived in. `unit`: what tasks are made of that is drawn
    independently; `runs`: champions of so many runs, whose scores are means then.
    """

    individual: Whole = 0
    measure: str = ""
    lower_is_better: bool = False
    tasks: Whole = 0
    orders: Whole = 0
    lifetimes: Whole = 0
    champion: Real = None
    stock: Real = None
    rival: Text = None
    innate: Real = None
    chance: Real = None
    margin: Real = None
    unit: str = "task"
    runs: Whole = 1
    tests: list[Check] = []

    @property
    def flagged(self) -> list[str]:
        """The names of the tests that found a fault."""
        return [test.name for test in self.tests if test.verdict == "flagged"]
