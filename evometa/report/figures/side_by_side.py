"""Several runs in one picture: how their fitness rose, and what their champions score on held-out tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evometa.presentation.format import interval, spaced
from evometa.report.figures.scale import Scale, axis_type, column, finite, known, measure, objectives, scale_y
from evometa.report.figures.theme import LIGHT, SERIES, blank, panels, plain
from evometa.system.arguments import RUNS, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

MOST = 12  # runs drawn
POINTS = 300  # generations of each
KINDS = 3  # different measures drawn
ROW = 46  # pixels


@takes(runs=RUNS)
def comparison(runs: Sequence[Run]) -> Figure:
    """Draw the best fitness of several runs by generation, and their champions' scores on held-out tasks."""
    title = "Runs compared"
    chosen = {f"{run.folder.name} ({place})": run for place, run in enumerate(runs[:MOST], start=1)}
    names = [run.folder.name for run in chosen.values()]
    if len(set(names)) == len(names):
        chosen = dict(zip(names, chosen.values(), strict=True))
    histories = _histories(chosen)
    scores = _scores(chosen)
    if not histories and not scores:
        return blank(title, "None of these runs has finished a generation yet.")
    headings = [f"best fitness: {scale.heading}" for scale in histories]
    headings += [f"champion on held-out tasks: {scale.heading}" for scale in scores]
    heights = [230] * len(histories) + [30 + ROW * len(rows) for rows in scores.values()]
    figure = panels(title, headings, heights, share=False)
    colours = {name: LIGHT[SERIES[place % len(SERIES)]] for place, name in enumerate(chosen)}
    dashes = {name: ("solid", "dot")[place // len(SERIES) % 2] for place, name in enumerate(chosen)}
    for row, (scale, curves) in enumerate(histories.items(), start=1):
        for name, (x, y) in curves.items():
            line = {"color": colours[name], "width": 2, "dash": dashes[name]}
            mode = "lines" if len(x) > 2 else "lines+markers"
            figure.add_scatter(
                x=x, y=y, name=plain(name, 40), mode=mode, line=line, row=row, col=1, hovertemplate="%{x}: %{y:.4g}"
            )
        scale_y(figure, *(y for _, y in curves.values()), higher=scale.higher, row=row)
        figure.update_xaxes(title_text="generation", tickformat=",d", row=row, col=1)
    for row, (scale, rows) in enumerate(scores.items(), start=len(histories) + 1):
        _draw(figure, row, rows, colours, axis_type([score for _, score, _ in rows], higher=scale.higher))
    return figure


def _histories(runs: dict[str, Run]) -> dict[Scale, dict[str, tuple[list[float], list[float | None]]]]:
    """Return each run's curve of best fitness, by what it is judged by."""
    found: dict[Scale, dict[str, tuple[list[float], list[float | None]]]] = {}
    for name, run in runs.items():
        rows = spaced(run.history, POINTS)
        best = column(rows, "best")
        scale = objectives(run)[0]
        if known(best) and (scale in found or len(found) < KINDS):
            found.setdefault(scale, {})[name] = known(column(rows, "generation")), best
    return found


def _scores(runs: dict[str, Run]) -> dict[Scale, list[tuple[str, float, float | None]]]:
    """Return each champion's score on held-out tasks, by its measure."""
    found: dict[Scale, list[tuple[str, float, float | None]]] = {}
    for name, run in runs.items():
        champion = run.champion
        score = None if champion is None else finite(champion.meta_test)
        if champion is None or score is None:
            continue
        scale = measure(champion.measure)
        if scale in found or len(found) < KINDS:
            found.setdefault(scale, []).append((name, score, finite(champion.meta_test_ci95)))
    return found


def _draw(
    figure: Figure, row: int, rows: list[tuple[str, float, float | None]], colours: dict[str, str], kind: str
) -> None:
    """Draw one line for each champion: its score with the 95 % interval, its name above."""
    for place, (name, score, half) in enumerate(rows):
        colour = colours[name]
        figure.add_scatter(
            x=[score], y=[place], mode="markers", showlegend=False, marker={"color": colour, "size": 10},
            error_x={"array": [half or 0.0], "color": colour, "thickness": 2, "width": 5}, row=row, col=1,
            hovertemplate=f"{plain(name, 60)}: {interval(score, half)}<extra></extra>".replace("%{", "% {"),
        )  # fmt: skip
        axis = str(row) if row > 1 else ""
        common = {"y": place, "yref": f"y{axis}", "xref": f"x{axis} domain", "showarrow": False, "yshift": 14}
        figure.add_annotation(x=0, xanchor="left", text=plain(name, 22), **common)
        value = {"text": interval(score, half), "font": {"color": LIGHT["muted"], "size": 12}}
        figure.add_annotation(x=1, xanchor="right", **value, **common)
    figure.update_yaxes(visible=False, range=[len(rows) - 0.5, -0.8], row=row, col=1)
    figure.update_xaxes(showgrid=True, gridcolor=LIGHT["grid"], nticks=6, type=kind, row=row, col=1)
