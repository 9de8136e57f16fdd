"""How a run searched: what each operator yields, and how much of what seemed best was luck."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from evometa.presentation.format import signed, spaced
from evometa.report.figures.generations import NOTHING, POINTS
from evometa.report.figures.rows import Mark, Row, row_figure
from evometa.report.figures.scale import known, numbers, objectives, scale_y, whole_x
from evometa.report.figures.theme import BOTTOM, LIGHT, blank, panels
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run
    from evometa.presentation.search import Offspring

Z = 1.96  # of a 95 % interval
LEGEND = 40  # pixels


@takes(run=RUN)
def operators(run: Run) -> Figure:
    """Draw the share of each operator's children that are better than their better parent on the same tasks."""
    title = "What operators yield"
    if not run.generation:
        return blank(title, NOTHING)
    rows = [_row(one) for one in run.search().operators if one.compared]
    if not rows:
        return blank(title, "No child has met the same tasks as a parent yet.")
    rows.sort(key=lambda row: (-row.marks[0].mean, row.name))
    return row_figure(title, rows, "% of children better than their better parent, 95 % interval", zero=True)


def _row(one: Offspring) -> Row:
    mean, half = interval(one.better, one.compared)
    told = f"{one.better:,} of {one.compared:,}, {one.survived:,} survived; gain {signed(one.median)} in the middle"
    said = f"{one.better:,} of {one.compared:,}, best {signed(one.best)}"
    mark = Mark(100 * mean, 100 * half, told=f"{told}, {signed(one.best)} at best")
    return Row(one.operator or "unknown", said, (mark,), False)


def interval(hits: int, count: int) -> tuple[float, float]:
    """Return the middle and half the width of the 95 % interval of a share (Wilson 1927), which never leaves 0 to 1."""
    share, wide = hits / count, 1 + Z * Z / count
    middle = (share + Z * Z / (2 * count)) / wide
    return middle, Z * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count)) / wide


@takes(run=RUN)
def luck(run: Run) -> Figure:
    """Draw what the best of each generation came to there, on the panel and on validation tasks; the share of twins."""
    title = "Luck and twins"
    if not run.generation:
        return blank(title, NOTHING)
    rows = spaced(run.search().generations, POINTS)
    x, scale = [row.generation for row in rows], objectives(run)[0]
    shares = [100 * row.twins / row.born if row.born else None for row in rows]
    lines = {
        "on the generation's tasks": (numbers(row.best for row in rows), "blue", "solid"),
        "on the panel's tasks": (numbers(row.panel for row in rows), "orange", "dash"),
        "on validation tasks": (numbers(row.validation for row in rows), "purple", "dot"),
    }
    told = {name: line for name, line in lines.items() if known(line[0])}
    several = len(told) > 1
    headings = [f"{scale.name} of the best", "% of those born like one known"][not several :]
    figure = panels(title, headings, [200, 120][not several :])
    mode = "lines" if len(x) > 2 else "lines+markers"
    for name, (values, colour, dash) in told.items() if several else ():
        line = {"color": LIGHT[colour], "width": 2, "dash": dash}
        figure.add_scatter(x=x, y=values, mode=mode, line=line, name=name, hovertemplate="%{y:.4g}", row=1, col=1)
    if several:
        scale_y(figure, *(values for values, *_ in told.values()), higher=scale.higher)
    line = {"color": LIGHT["slate"], "width": 2}
    figure.add_scatter(
        x=x, y=shares, mode=mode, line=line, name="twins", showlegend=False, hovertemplate="%{y:.3g} %",
        row=1 + several, col=1,
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", row=1 + several, col=1)
    whole_x(figure, "generation", x, 1 + several)
    figure.update_layout(hovermode="x unified")
    if several:
        figure.update_layout(height=figure.layout.height + LEGEND, margin={"b": BOTTOM + LEGEND})
    return figure
