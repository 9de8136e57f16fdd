"""How a run searched, on paper: what `evometa inspect --search` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evometa.errors.text import legible
from evometa.judging.verdict import lifetimes
from evometa.presentation.format import curve, interval, number, signed, spaced
from evometa.presentation.search import Course, Family, Offspring, Search

ROWS = 10  # generations, families in a table


def search_parts(told: Search) -> Iterator[RenderableType]:
    """Yield the parts of a search on paper: operators, families, generations, lives."""
    yield Text(told.sentence)
    if not told.generations:
        return
    yield Text("")
    yield Text("operators: what became of their children, and their gain over the better parent", style="bold")
    yield _operators(told.operators)
    yield Text("Gains are on the tasks of the child's first generation, of which there are few: the best owes to luck.",
               style="dim")  # fmt: skip
    yield Text("")
    yield Text("families, by the start that they descend from", style="bold")
    yield _families(told.families)
    if len(told.families) > ROWS:
        yield Text(f"and {len(told.families) - ROWS:,} more", style="dim")
    yield Text("")
    yield from _generations(told.generations)
    yield Text("")
    if tuned := [row for row in told.generations if row.plastic is not None]:
        yield Text("numbers of the newborn, tuned along their gradient", style="bold")
        yield _tuned(tuned)
        yield Text("Medians; losses before and after are on the same tasks, which no step was made on.", style="dim")
        yield Text("")
    yield Text(lifetimes(told.lived))


def _operators(rows: Sequence[Offspring]) -> Table:
    table = _table("operator", "born", "twins", "survive", "better", "median gain", "best gain")
    for row in rows:
        table.add_row(
            Text(legible(row.operator) or "unknown"), f"{row.born:,}", _share(row.twins, row.born),
            _share(row.survived, row.born), _share(row.better, row.compared), signed(row.median), signed(row.best),
        )  # fmt: skip
    return table


def _families(rows: Sequence[Family]) -> Table:
    table = _table("family", "founders", "born", "alive")
    for row in rows[:ROWS]:
        table.add_row(Text(legible(row.name)), *(f"{count:,}" for count in (row.founders, row.born, row.alive)))
    return table


def _generations(rows: Sequence[Course]) -> Iterator[RenderableType]:
    """Show luck, twins and families over time."""
    table = _table("generation", "best", "panel", "luck", "twins", "families", "lines", "largest family")
    for row in spaced(rows, ROWS):
        largest = max(row.families, key=lambda name: row.families[name], default="")
        share = f"{row.families[largest] / sum(row.families.values()):.0%} {legible(largest)}" if largest else "–"
        table.add_row(
            f"{row.generation:,}", interval(row.best, row.error), number(row.panel), signed(row.luck),
            _share(row.twins, row.born), f"{len(row.families):,}", f"{row.lines:,}", Text(share),
        )  # fmt: skip
    yield Text.assemble(("luck   ", "dim"), (curve([row.luck for row in rows]), "green"))
    yield Text.assemble(("lines  ", "dim"), (curve([float(row.lines) for row in rows]), "green"))
    yield table


def _tuned(rows: Sequence[Course]) -> Table:
    table = _table("generation", "gradient norm", "loss before", "after", "synapses that learn")
    for row in spaced(rows, ROWS):
        share = "–" if row.plastic is None else f"{row.plastic:.0%}"
        table.add_row(f"{row.generation:,}", number(row.norm), number(row.before), number(row.after), share)
    return table


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        left = place == 0 or name == "largest family"
        table.add_column(name, justify="left" if left else "right", overflow="fold" if place else "ellipsis")
    return table
