"""Boards of tic-tac-toe in a terminal: a teacher's lessons in order, and what a learner plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from evometa.errors.text import count_of
from evometa.judging.analyses import Curriculum, Position
from evometa.presentation.format import signed

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


def positions(told: Sequence[Position]) -> Iterator[Text]:
    """Yield boards that a learner plays on after its life, what it values moves at, its own marked by a star."""
    yield Text("what it plays after one held-out life (x its own, * its move, ! a blunder by the perfect table)")
    for one in told:
        lines = marked(one.board, one.played)
        worth = {move.square: f"{signed(move.value)}{'' if move.sound else '!'}" for move in one.moves}
        wide = max(map(len, worth.values()), default=1)
        blunder = any(move.square == one.played and not move.sound for move in one.moves)
        yield Text(f"{one.name}: {verdict(one)}", style="red" if blunder else "dim")
        for row in range(SIDE):
            squares = range(SIDE * row, SIDE * row + SIDE)
            values = "  ".join(f"{worth.get(square, one.board[square]):>{wide}}" for square in squares)
            yield Text(f"{' '.join(lines[square] for square in squares)}   {values}")


def verdict(told: Position) -> str:
    """Say whether the move that is made is sound, and how many of the legal ones are."""
    sound = [move.square for move in told.moves if move.sound]
    of = f"{len(sound)} of {count_of(len(told.moves), 'move')}"
    return f"sound ({of} are)" if told.played in sound else f"a blunder ({of} are sound)"
