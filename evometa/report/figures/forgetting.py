"""What a learner for life knows when: accuracy by classes and moment, forgetting as curves; task by task in a row."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from evometa.judging.reports import Report, RowCourse, StreamCourse
from evometa.report.figures.theme import LIGHT, SERIES, blank, new

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "What is known when"
NONE = "Its lives have one task, and no stream of classes."
HEIGHT, TOGETHER = 420, 10  # pixels; tasks in a row that have a point together, where there are many


def retention(report: Report | None) -> Figure:
    """Draw the accuracy on each group of classes over a stream, or that on each task of a row, born anew beside it."""
    if report is not None and report.stream is not None and report.stream.matrix:
        return _stream(report.stream)
    if report is not None and report.row is not None and report.row.curve:
        return _row(report.row)
    return blank(TITLE, NONE)


def _stream(told: StreamCourse) -> Figure:
    """Draw the matrix of accuracies by group of classes and moment, and of each group a curve from when it was met."""
    figure, count = new(TITLE, HEIGHT), len(told.matrix)
    rows = [[row[group] if group < len(row) else None for row in told.matrix] for group in range(count)]
    names = [f"part {group + 1}" for group in range(count)]
    moments = list(range(1, count + 1))
    figure.add_heatmap(
        x=moments, y=names, z=rows, zmin=0, zmax=1, showscale=False, xgap=1, ygap=1,
        colorscale=[[0, LIGHT["card"]], [1, LIGHT["blue"]]],
        hovertemplate="%{y} of the classes, moment %{x}: %{z:.3f}<extra></extra>",
    )  # fmt: skip
    for group, row in enumerate(rows):
        figure.add_scatter(
            x=moments[group:], y=row[group:], name=names[group], mode="lines+markers", xaxis="x2", yaxis="y2",
            line={"color": LIGHT[SERIES[group % (len(SERIES) - 1)]], "width": 2}, hovertemplate="%{y:.3f}",
        )  # fmt: skip
    figure.update_layout(
        showlegend=False,
        xaxis={"domain": [0, 0.46], "title": "moment of the stream", "dtick": 1},
        yaxis={"autorange": "reversed"},
        xaxis2={"domain": [0.56, 1], "title": "moment of the stream", "anchor": "y2", "dtick": 1},
        yaxis2={"range": [0, 1], "title": "accuracy", "anchor": "x2"},
    )
    return figure


def _row(told: RowCourse) -> Figure:
    """Draw what is come to on each task, or some together, beside that of the same learner born anew for each."""
    figure, count = new(TITLE, HEIGHT), len(told.curve)
    step = TOGETHER if count > 4 * TOGETHER else 1
    bounds = [*range(0, count, step), count]
    places = [(first + end + 1) / 2 for first, end in pairwise(bounds)]
    for name, values, colour in (("carried", told.curve, "blue"), ("born anew for each task", told.reset, "slate")):
        means = [sum(values[first:end]) / (end - first) for first, end in pairwise(bounds)]
        figure.add_scatter(
            x=places, y=means, name=name, mode="lines+markers", hovertemplate="%{y:.3f}",
            line={"color": LIGHT[colour], "width": 2},
        )  # fmt: skip
    figure.update_layout(
        showlegend=True,
        hovermode="x unified",
        xaxis={"title": "tasks so far"},
        yaxis={"title": told.measure or "accuracy"},
    )
    return figure
