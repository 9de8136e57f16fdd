"""The one way onto a console: no markup is read in what is printed, and no control character of it comes out."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment

from evometa.errors.text import legible_lines

WIDE = 10_000  # columns where lines are not to be broken


class Paper:
    """Parts of a page, one below the other, safe on any console, whatever its settings and whatever they hold.

    Texts must be legible beforehand where a line end in them would look like one of ours.
    """

    def __init__(self, *parts: RenderableType) -> None:
        self.parts = parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        plain = options.update(markup=False, highlight=False)
        for part in self.parts:
            for segment in console.render(part, plain):
                yield segment if segment.control else Segment(legible_lines(segment.text), segment.style)


def print_parts(console: Console, parts: Sequence[RenderableType]) -> None:
    """Print parts of a page, one below the other: fitted to a terminal, or with whole lines."""
    page = Paper(*parts)
    if console.is_terminal:
        console.print(page)
        return
    text = StringIO()
    Console(file=text, width=WIDE).print(page)
    console.file.write("".join(line.rstrip() + "\n" for line in text.getvalue().splitlines()))
    console.file.flush()
