"""How numbers of the newborn were tuned along their gradient: what that gained, how steep it was, what still learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evometa.presentation.format import spaced
from evometa.report.figures.generations import NOTHING, POINTS
from evometa.report.figures.scale import column, known, scale_y, whole_x
from evometa.report.figures.theme import LIGHT, blank, panels
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

NONE = "No number is tuned by gradients: gradient.steps is 0."


@takes(run=RUN)
def tuning(run: Run) -> Figure:
    """Draw by generation, of its newborn: loss before and after tuning, norm of the gradient, share of synapses that
    learn."""
    title = "Numbers tuned along their gradient"
    if not run.generation:
        return blank(title, NOTHING)
    rows = [row for row in spaced(run.history, POINTS) if row.plastic is not None]
    if not rows:
        return blank(title, NONE)
    x = column(rows, "generation")
    before, after, norm = (column(rows, f"gradient_{name}") for name in ("before", "after", "norm"))
    plastic = [100 * share for share in known(column(rows, "plastic"))]
    lines = [
        (1, "before tuning", before, "orange", "%{y:.4g}"), (1, "after", after, "green", "%{y:.4g}"),
        (2, "norm of the gradient", norm, "purple", "%{y:.4g}"),
        (3, "synapses that learn", plastic, "blue", "%{y:.3g} %"),
    ]  # fmt: skip
    headings = ["loss of the newborn on fresh tasks (median)", "norm of the gradient (median)",
                "% of synapses that a life changes (mean)"]  # fmt: skip
    figure = panels(title, headings, [200, 130, 120])
    mode = "lines" if len(x) > 2 else "lines+markers"
    for row, name, values, colour, told in lines:
        figure.add_scatter(
            x=x, y=values, mode=mode, name=name, line={"color": LIGHT[colour], "width": 2}, hovertemplate=told,
            showlegend=row == 1, row=row, col=1,
        )  # fmt: skip
    scale_y(figure, before, after)
    scale_y(figure, norm, row=2)
    figure.update_yaxes(rangemode="tozero", row=3, col=1)
    whole_x(figure, "generation", x, 3)
    figure.update_layout(hovermode="x unified")
    return figure
