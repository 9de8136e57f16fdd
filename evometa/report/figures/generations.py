"""How a run went: fitness from generation to generation, what learning added, what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.presentation.format import number, spaced
from evometa.report.figures.scale import column, known, objectives, performance, scale_y, whole_x
from evometa.report.figures.theme import LIGHT, blank, note, panels, plain
from evometa.store.population import fitness_in
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

POINTS = 600  # generations drawn at most
SPREADS = 60  # generations whose population is looked at
SAMPLE = 1000  # individuals looked at in each
PLASTIC = "share of synapses that learn, mean over genomes"
NOTHING = "No generation is finished yet. Once there is one, look again."


@takes(run=RUN)
def history(run: Run) -> Figure:
    """Draw fitness by generation (best, its panel, median, spread), and the best's performance at birth and after."""
    title = "Fitness, generation by generation"
    rows = spaced(run.history, POINTS)
    if not rows:
        return blank(title, NOTHING)
    fitness, told = objectives(run)[0], performance(run)
    best, median = column(rows, "best"), column(rows, "median")
    innate, adapted = column(rows, "innate"), column(rows, "adapted")
    panel, validation = column(rows, "panel"), column(rows, "validation")
    if not known([*best, *median, *innate, *adapted]):
        return blank(title, "Not one generation has a finite fitness: every lifetime was lost.")
    both = bool(known([*innate, *adapted]))
    plastic = column(rows, "plastic")
    shown = [(fitness.heading, 230), (f"performance of the best: {told.name}", 190), (PLASTIC, 130)]
    shown = [one for one, there in zip(shown, (True, both, bool(known(plastic))), strict=True) if there]
    figure = panels(title, *zip(*shown, strict=True))
    x = column(rows, "generation")
    _spread(figure, run)
    _line(figure, 1, x, median, "median of the population", LIGHT["slate"], dash="dot")
    if known(panel):
        _line(figure, 1, x, panel, "best, on the panel's tasks", LIGHT["orange"], dash="dash")
    if known(validation):
        _line(figure, 1, x, validation, "best, on validation tasks", LIGHT["purple"], dash="dash")
    _line(figure, 1, x, best, "best, on the generation's tasks" if known(panel) else "best", LIGHT["blue"])
    scale_y(figure, best, median, known(panel), known(validation), higher=fitness.higher)
    if both:
        _line(figure, 2, x, innate, "at birth (innate)", LIGHT["orange"])
        _line(figure, 2, x, adapted, "after learning (adapted)", LIGHT["green"])
        figure.data[-1].update(fill="tonexty", fillcolor=LIGHT["green band"])
        scale_y(figure, innate, adapted, higher=told.higher, row=2)
    if known(plastic):
        _line(figure, len(shown), x, plastic, "synapses that learn", LIGHT["purple"])
        figure.update_yaxes(range=[0, 1.02], tickformat=".0%", row=len(shown), col=1)
    return _generations(figure, x, len(shown))


def _spread(figure: Figure, run: Run) -> None:
    """Draw where the middle eight tenths of those judged in a generation lie."""
    chosen = spaced(run.reader.generations(), SPREADS)
    lost = objectives(run)[0].lost
    x, low, high = [], [], []
    for generation in chosen:
        values = fitness_in(run.reader, generation, SAMPLE)[:, 0]
        values = values[np.isfinite(values) & (values != lost)]
        if len(values):
            x.append(generation + 1)
            lower, upper = np.quantile(values, [0.1, 0.9]).tolist()
            low.append(lower)
            high.append(upper)
    if len(x) < 2:
        return
    name = "middle 80 % of those judged"
    common: dict[str, Any] = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(y=low, showlegend=False, **common, row=1, col=1)
    figure.add_scatter(y=high, name=name, fill="tonexty", fillcolor=LIGHT["blue band"], **common, row=1, col=1)


def _line(figure: Figure, row: int, x: Sequence[Any], y: Sequence[Any], name: str, colour: str, **line: Any) -> None:
    short = len(x) < 3
    figure.add_scatter(
        x=x, y=y, name=plain(name), mode="lines+markers" if short else "lines", row=row, col=1,
        line={"color": colour, "width": 2, **line}, marker={"color": colour, "size": 7},
        hovertemplate="%{y:.4g}",
    )  # fmt: skip


def _generations(figure: Figure, x: Sequence[float | None], rows: int) -> Figure:
    """Give the lowest panel its axis of generations."""
    last = max(known(x), default=1.0)
    figure.update_xaxes(range=[min(1.0, last) - 0.01 * last, last * 1.01 + 0.01])
    whole_x(figure, "generation", x, rows)
    figure.update_layout(hovermode="x unified")
    return figure


@takes(run=RUN)
def failures(run: Run) -> Figure:
    """Draw the share of lifetimes that diverged, generation by generation; their causes are counted below."""
    title = "Lifetimes lost"
    rows = run.history
    if not rows:
        return blank(title, NOTHING)
    lived, lost = sum(known(column(rows, "lifetimes"))), sum(known(column(rows, "diverged")))
    if not lost:
        return blank(title, f"None of {number(int(lived))} lifetimes was lost: all weights and answers stayed finite.")
    figure = panels(title, ["share of the lifetimes that were lost"], [190])
    drawn = spaced(rows, POINTS)
    x, counts = column(drawn, "generation"), column(drawn, "diverged")
    shares = [_percent(d, n) for d, n in zip(counts, column(drawn, "lifetimes"), strict=True)]
    bars = {"marker": {"color": LIGHT["orange"], "line": {"width": 0}}, "hovertemplate": "%{y:.3g} % (%{customdata:,})"}
    figure.add_bar(x=x, y=shares, customdata=counts, name="diverged", showlegend=False, **bars)
    figure.update_yaxes(rangemode="tozero", ticksuffix=" %")
    _generations(figure, x, 1)
    figure.update_xaxes(range=None)
    causes: Counter[str] = Counter()
    for row in rows:
        causes.update(row.reasons)
    words = "; ".join(f"{number(count)} {cause}" for cause, count in causes.most_common(5))
    first = next((f" (the first: {row.fault})" for row in rows if row.fault), "")
    return note(figure, f"{number(int(lost))} of {number(int(lived))} lifetimes. {words}{first}")


def _percent(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else 100.0 * part / whole
