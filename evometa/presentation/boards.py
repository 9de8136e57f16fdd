"""Boards of tic-tac-toe in a terminal: a teacher's lessons in order."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from evometa.errors.text import count_of
from evometa.judging.analyses import Curriculum

ACROSS, ROWS = 9, 3  # boards beside one another, and rows of them
SIDE = 3


def lessons(told: Curriculum) -> Iterator[Text]:
    """Yield the first lessons of a student as boards, the square that is taught marked by a star."""
    end = "nobody can beat it then" if told.unbeatable else "it can be beaten still"
    yield Text(f"what one held-out student is taught, in order (* the move; {count_of(told.lessons, 'lesson')}, {end})")
    shown = list(zip(told.boards, told.moves, strict=True))[: ACROSS * ROWS]
    for first in range(0, len(shown), ACROSS):
        some = [marked(*one) for one in shown[first : first + ACROSS]]
        yield Text("  ".join(f"{first + number + 1:<{2 * SIDE - 1}}" for number in range(len(some))), style="dim")
        for row in range(SIDE):
            yield Text("  ".join(" ".join(board[SIDE * row : SIDE * row + SIDE]) for board in some))
    if told.lessons > len(shown):
        yield Text(f"and {told.lessons - len(shown):,} more", style="dim")


def marked(board: str, move: int) -> str:
    """Return a board with a star on a square."""
    return f"{board[:move]}*{board[move + 1 :]}"
