"""Columns of the tables of activations, heads and credit modes (evometa/spec), as what they compute and over what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from evometa.spec import ACTIVATIONS, CREDITS, HEADS, SCORES
from evometa.spec.heads import Head
from evometa.spec.table import Table


@dataclass(frozen=True)
class Column:
    """One column: what its rows compute over the arrays `reads`, all f32[outputs], or f32 where not `over` outputs.

    `writes`: the array that they write; without one they give a number. `texts`: (position, name, expression).
    """

    name: str
    meaning: str
    reads: str
    writes: str
    texts: tuple[tuple[int, str, str], ...]
    over: bool = True

    @property
    def arrays(self) -> list[str]:
        """All arrays that it is handed."""
        return list(dict.fromkeys(self.reads + self.writes))


def columns(heads: Table[Head] = HEADS) -> list[Column]:
    """Return the columns of all tables; `heads`: a table other than this version's."""

    def of(table: Table[Any], column: Callable[[Any], str | None]) -> tuple[tuple[int, str, str], ...]:
        rows = [(code, row.name, column(row)) for code, row in enumerate(table.values())]
        return tuple((code, name, text) for code, name, text in rows if text)

    scores = [
        Column(f"score_{name}", row.meaning, "yt", "", of(heads, methodcaller("score", name)))
        for name, row in SCORES.items()
    ]
    return [
        Column("activate", "activation of a net input x", "x", "x", of(ACTIVATIONS, lambda row: row.value), over=False),
        Column("slope", "error d times the derivative at an activation a", "ad", "d",
               of(ACTIVATIONS, lambda row: row.slope), over=False),
        Column("curve", "number d times the derivative of `slope` at an activation a, for the error 1", "ad", "d",
               of(ACTIVATIONS, lambda row: row.curve), over=False),
        Column("answer", "answers to net inputs z", "z", "z", of(heads, lambda row: row.answer)),
        Column("error", "∂loss/∂(net input) of the head's own loss", "yt", "e", of(heads, lambda row: row.error)),
        Column("through", "∂(mean of an evolved loss)/∂(net input), of its slopes s", "ys", "s",
               of(heads, lambda row: row.through)),
        *scores,
        Column("reward", "reward for the answers to an example", "yt", "", of(heads, lambda row: row.reward)),
        Column("shared_error", "error of every hidden node, where they all have the same", "e", "",
               of(CREDITS, lambda row: row.hidden)),
        Column("answer_adjoint", "adjoint of net inputs, of that of answers v", "yv", "v",
               of(heads, lambda row: row.answer_adjoint)),
        Column("error_adjoint", "adjoint of answers, of that of `error` v", "ytv", "v",
               of(heads, lambda row: row.error_adjoint)),
        Column("through_y", "adjoint of answers, of that of `through` v", "ysv", "e",
               of(heads, lambda row: row.through_y)),
        Column("through_s", "adjoint of slopes, of that of `through` v", "yv", "v",
               of(heads, lambda row: row.through_s)),
        Column("reward_slope", "∂reward/∂answer", "yt", "e", of(heads, lambda row: row.reward_slope)),
        Column("shared_adjoint", "adjoint of each output's error, of the sum v of those of all hidden nodes' errors",
               "v", "v", of(CREDITS, lambda row: row.hidden_adjoint)),
    ]  # fmt: skip
