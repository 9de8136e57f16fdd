"""Who shares the population over generations, as streams: species, and families of the search's starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.presentation.format import number, spaced
from evometa.report.figures.generations import NOTHING
from evometa.report.figures.scale import whole_x
from evometa.report.figures.theme import LIGHT, SERIES, blank, note, panels, plain
from evometa.store.evaluations import F64
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

SAMPLED = 200  # generations drawn
LARGEST = 15  # groups with a band of their own
LABEL = 48  # characters of a family's name
THICK = 0.12  # of the population: a band in which its name finds room
OTHERS = "all others"
Sizes = Mapping[str, int]


@takes(run=RUN)
def species(run: Run) -> Figure:
    """Draw the sizes of species over the generations, the oldest lowest, and above them how many there are."""
    title = "Species"
    if not run.generation:
        return blank(title, NOTHING)
    sizes = {row.generation: row.species for row in run.history if row.species}
    if not sizes:
        return blank(title, 'The population forms no species (species.by = "none").')
    return _stream(title, "species", sizes, lambda label, born: f"species {label}, from {born}", int)


@takes(run=RUN)
def families(run: Run) -> Figure:
    """Draw the sizes of families, by the guess that each descends from, and above them how many there are."""
    title = "Families"
    if not run.generation:
        return blank(title, NOTHING)
    sizes = {row.generation: row.families for row in run.history if row.families}
    if not sizes:
        return blank(title, "The search began with nothing but what the recipe draws: there is one family.")
    figure = _stream(title, "families", sizes, lambda label, born: plain(label, LABEL), str)
    below, whole = np.zeros(len(figure.data[0].x)), np.sum([band.y for band in figure.data[1:]], axis=0)
    for band in figure.data[1:]:
        _label(figure, band, below, whole)
        below += band.y
    return figure


def _stream(
    title: str,
    what: str,
    sizes: Mapping[int, Sizes],
    name: Callable[[str, int], str],
    order: Callable[[str], int | str],
) -> Figure:
    """Draw sizes of groups by generation, the oldest lowest, and above them how many there are.

    `name`: of a group's band, by its label and the generation that it arose in; `order`: of those as old.
    """
    shown = spaced(list(sizes), SAMPLED)
    figure = panels(title, [f"how many {what}", f"genomes of the {what}, the oldest below"], [110, 260])
    figure.add_scatter(
        x=shown, y=[len(sizes[at]) for at in shown], line={"color": LIGHT["ink"], "width": 2}, mode="lines",
        name=what, hovertemplate="%{y}", row=1, col=1,
    )  # fmt: skip
    total, born = _totals(sizes)
    largest = [label for label, _ in total.most_common(LARGEST)]
    large = sorted(largest, key=lambda label: (born[label], order(label)))
    for place, label in enumerate(large):
        row = [sizes[at].get(label, 0) for at in shown]
        _band(figure, shown, row, name(label, born[label]), SERIES[place % (len(SERIES) - 1)], what)
    if len(total) > len(large):
        rest = [sum(size for label, size in sizes[at].items() if label not in large) for at in shown]
        _band(figure, shown, rest, OTHERS, "slate", what)
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    whole_x(figure, "generation", shown, 2)
    figure.update_layout(hovermode="x unified", showlegend=False)
    words = f"The {LARGEST} largest of {number(len(total))} {what} have a band of their own."
    return note(figure, words) if len(total) > len(large) else figure


def _totals(sizes: Mapping[int, Sizes]) -> tuple[Counter[str], dict[str, int]]:
    """Return how many members each group had in all, and the generation that it arose in, from 1."""
    total: Counter[str] = Counter()
    born: dict[str, int] = {}
    for generation, groups in sizes.items():
        for label, size in groups.items():
            total[label] += size
            born.setdefault(label, generation)
    return total, born


def _band(figure: Figure, generations: Sequence[int], sizes: Sequence[int], name: str, colour: str, what: str) -> None:
    """Lay a band on those below it; lines tell neighbours apart that have one colour."""
    figure.add_scatter(
        x=generations, y=sizes, name=name, stackgroup=what, mode="lines", row=2, col=1,
        line={"color": LIGHT[colour], "width": 1}, fillcolor=LIGHT[f"{colour} band"], hovertemplate="%{y}",
    )  # fmt: skip


def _label(figure: Figure, band: Any, below: F64, whole: F64) -> None:
    """Write a band's name into it where it is thickest, if it is thick enough; `below`, `whole`: sizes there."""
    sizes = np.asarray(band.y)
    inner = slice(1, -1) if len(sizes) > 2 else slice(None)  # at the edges a name would be cut off
    at = int(np.arange(len(sizes))[inner][np.argmax(sizes[inner])])
    if sizes[at] >= THICK * whole[at]:
        place = {"x": band.x[at], "y": below[at] + sizes[at] / 2, "row": 2, "col": 1}
        figure.add_annotation(text=band.name, showarrow=False, font={"size": 12}, **place)
