"""Species over generations as a stream: how many genomes each of them has, in the order in which they arose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evometa.presentation.format import number, spaced
from evometa.report.figures.generations import NOTHING
from evometa.report.figures.scale import whole_x
from evometa.report.figures.theme import LIGHT, SERIES, blank, note, panels
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run
    from evometa.store.records import Statistics

SAMPLED = 200  # generations drawn
LARGEST = 15  # species with a band of their own
OTHERS = "all others"


@takes(run=RUN)
def species(run: Run) -> Figure:
    """Draw the sizes of species over the generations, the oldest lowest, and above them how many there are."""
    title = "Species"
    if not run.generation:
        return blank(title, NOTHING)
    rows = [row for row in run.history if row.species]
    if not rows:
        return blank(title, 'The population forms no species (species.by = "none").')
    shown = spaced(rows, SAMPLED)
    figure = panels(title, ["how many species", "genomes of each species, the oldest below"], [110, 260])
    generations = [row.generation for row in shown]
    figure.add_scatter(
        x=generations, y=[len(row.species) for row in shown], line={"color": LIGHT["ink"], "width": 2}, mode="lines",
        name="species", hovertemplate="%{y}", row=1, col=1,
    )  # fmt: skip
    total, born = _totals(rows)
    large = sorted((label for label, _ in total.most_common(LARGEST)), key=lambda label: (born[label], int(label)))
    for place, label in enumerate(large):
        sizes = [row.species.get(label, 0) for row in shown]
        _band(figure, generations, sizes, f"species {label}, from {born[label]}", SERIES[place % (len(SERIES) - 1)])
    if len(total) > len(large):
        rest = [sum(size for label, size in row.species.items() if label not in large) for row in shown]
        _band(figure, generations, rest, OTHERS, "slate")
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    whole_x(figure, "generation", generations, 2)
    figure.update_layout(hovermode="x unified", showlegend=False)
    words = f"The {LARGEST} largest of {number(len(total))} species have a band of their own."
    return note(figure, words) if len(total) > len(large) else figure


def _totals(rows: Sequence[Statistics]) -> tuple[Counter[str], dict[str, int]]:
    """Return how many members each species had in all, and the generation that it arose in, from 1."""
    total: Counter[str] = Counter()
    born: dict[str, int] = {}
    for row in rows:
        for label, size in row.species.items():
            total[label] += size
            born.setdefault(label, row.generation)
    return total, born


def _band(figure: Figure, generations: Sequence[int], sizes: Sequence[int], name: str, colour: str) -> None:
    """Lay a band on those below it; lines tell neighbours apart that have one colour."""
    figure.add_scatter(
        x=generations, y=sizes, name=name, stackgroup="species", mode="lines", row=2, col=1,
        line={"color": LIGHT[colour], "width": 1}, fillcolor=LIGHT[f"{colour} band"], hovertemplate="%{y}",
    )  # fmt: skip
