"""What is noted of a student at the end of each window of its lessons."""

from __future__ import annotations

from dataclasses import dataclass

from evometa.spec.table import Table


@dataclass(frozen=True)
class Result:
    """One row: a number that a student has come to by then."""

    name: str
    meaning: str


RESULTS = Table(
    Result("lessons", "lessons given so far"),
    Result("effort", "the same, each counted as 1 and what was still wrong, from 0 to below 1"),
    Result("blunders", "positions where its own games can come to, and its move loses"),
    Result("gap", "by how much losing moves look better than sound ones, over all positions that it may come to"),
)
