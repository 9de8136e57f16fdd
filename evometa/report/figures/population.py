"""Populations: the trade-off between performance and size, how many behave differently, and island beside island."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evometa.evolution.stored import texts_of
from evometa.presentation.format import number, spaced
from evometa.report.figures.generations import NOTHING
from evometa.report.figures.scale import Scale, finite, fitting_axis, objectives, scale_y, whole_x
from evometa.report.figures.theme import LIGHT, SERIES, blank, new, note, panels, plain
from evometa.store.population import fitness_of, individuals, sample, survivors
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

CLOUD = 10_000  # individuals whose performance and size are looked at
DOTS = 1500  # different points drawn
SAMPLED = 40  # generations whose islands are looked at
PICKED = 400  # survivors of an island looked at in each


@dataclass(frozen=True, order=True)
class Point:
    """How well and how large some learners are, and how many."""

    size: int
    value: float
    count: int


@takes(run=RUN)
def pareto(run: Run) -> Figure:
    """Draw performance against the rule's size: everyone, the front that nobody beats in both, the champion."""
    title = "Performance and size"
    done = run.generation
    if not done:
        return blank(title, NOTHING)
    scale = objectives(run)[0]
    whole = run.settings.sampling.resample == "never"  # else scores of old tasks mean little now
    points, looked = _cloud(run, scale, whole)
    if not points:
        return blank(title, "There is nobody here whose genome was kept and whose fitness is finite.")
    front = _front(points, scale.higher)
    if len({point.size for point in points}) == 1:
        size = number(points[0].size)
        return blank(title, f"All rules looked at have the same size, {size} nodes: there is nothing to trade off.")
    figure = new(title, 430)
    _dots(figure, spaced(sorted(points), DOTS))
    _front_line(figure, front, scale)
    _champion(figure, run, whole)
    who = "all that ever lived" if whole else "the last population"
    figure.update_xaxes(title_text="nodes of the rule, all slots together", rangemode="tozero", showgrid=False)
    figure.update_yaxes(**fitting_axis([point.value for point in points], scale.higher))
    _heading(figure, scale.heading)
    figure.update_layout(margin={"t": 82})
    return note(figure, f"{number(looked)} individuals of {who}.")


def _cloud(run: Run, scale: Scale, whole: bool) -> tuple[list[Point], int]:
    """Return the different points of a sample of individuals, and how many individuals were looked at."""
    last = run.generation - 1
    ids = set(spaced([id for island in survivors(run.reader, last) for id in island], CLOUD))
    if whole:
        ids |= set(sample(run.reader, CLOUD))
    values, texts = fitness_of(run.reader, ids, last), rules(run, ids)
    counts: Counter[tuple[int, float]] = Counter()
    for id, text in texts.items():
        value = finite(values[id][0]) if id in values else None
        if value is not None and value != scale.lost:
            counts[(_size(text), value)] += 1
    return [Point(size, value, count) for (size, value), count in counts.items()], sum(counts.values())


def rules(run: Run, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the texts of individuals' rules by slot; those whose genomes were not kept are left out."""
    stored = individuals(run.reader, ids)
    genomes = zip(stored, run.genomes.of(stored), strict=True)
    return {one.id: texts_of(genome) for one, genome in genomes if genome is not None}


def _size(texts: dict[str, str]) -> int:
    """Count the nodes of rules by their texts: one for each tree, and one for each bracket and comma."""
    return sum(1 + text.count("(") + text.count(",") for text in texts.values())


def _front(points: list[Point], higher: bool) -> list[Point]:
    """Return the points that no smaller or equal one is as good as, from small to large."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.size, -p.value if higher else p.value)):
        if not front or (point.value > front[-1].value if higher else point.value < front[-1].value):
            front.append(point)
    return front


def _dots(figure: Figure, points: list[Point]) -> None:
    figure.add_scatter(
        x=[p.size for p in points], y=[p.value for p in points], customdata=[p.count for p in points], mode="markers",
        name="individuals", marker={"color": LIGHT["slate"], "opacity": 0.35, "line": {"width": 0},
                                    "size": [min(14.0, 4.5 + p.count**0.4) for p in points]},
        hovertemplate="%{x} nodes · %{y:.4g} · %{customdata} of them<extra></extra>",
    )  # fmt: skip


def _front_line(figure: Figure, front: list[Point], scale: Scale) -> None:
    """Draw the front as stairs: between two points, nothing larger than the first is better than it."""
    figure.add_scatter(
        x=[p.size for p in front], y=[p.value for p in front], mode="lines+markers", name="front",
        line={"color": LIGHT["orange"], "width": 2, "shape": "hv"}, marker={"color": LIGHT["orange"], "size": 8},
        hovertemplate=f"front: %{{x}} nodes · {plain(scale.name)} %{{y:.4g}}<extra></extra>",
    )  # fmt: skip


def _champion(figure: Figure, run: Run, whole: bool) -> None:
    """Mark the champion, unless it has met other tasks than those drawn."""
    champion = run.champion
    last = run.generation - 1
    if not whole and champion is not None and run.reader.evaluation(champion.id, last) is None:
        return
    value = finite(champion.fitness[0]) if champion is not None and champion.fitness else None
    if champion is None or champion.genome is None or value is None:
        return
    figure.add_scatter(
        x=[champion.genome.size], y=[value], mode="markers", name="champion" if run.finished else "best so far",
        marker={"color": LIGHT["blue"], "symbol": "star", "size": 17, "line": {"color": LIGHT["card"], "width": 1.5}},
        hovertemplate=f"#{champion.id}: %{{x}} nodes · %{{y:.4g}}<extra></extra>",
    )  # fmt: skip


def _heading(figure: Figure, text: str) -> None:
    """Write what the y axis is above it, level, so that nobody has to turn the head."""
    figure.add_annotation(
        text=plain(text), x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=5,
        showarrow=False, font={"size": 12},
    )  # fmt: skip


@takes(run=RUN)
def islands(run: Run) -> Figure:
    """Draw the best and the median fitness of each island over time."""
    title = "Islands"
    if not run.generation:
        return blank(title, NOTHING)
    count = len(survivors(run.reader, run.generation - 1))
    if count < 2:
        return blank(title, "The whole population lives on one island (evolution.islands = 1).")
    scale = objectives(run)[0]
    curves = _island_curves(run, scale)
    if not curves:
        return blank(title, "Not one island has a finite fitness.")
    shown = sorted(curves)[:12]
    figure = panels(title, [f"best of each island: {scale.heading}"], [250])
    for place, island in enumerate(shown):
        colour = LIGHT[SERIES[place % len(SERIES)]]
        x, y = zip(*curves[island], strict=True)
        line = {"color": colour, "width": 2, "dash": "solid" if place < len(SERIES) else "dot"}
        figure.add_scatter(x=x, y=y, name=f"island {island + 1}", mode="lines", line=line, hovertemplate="%{y:.4g}")
    scale_y(figure, *([y for _, y in curves[island]] for island in shown), higher=scale.higher)
    whole_x(figure, "generation", [x for island in shown for x, _ in curves[island]])
    figure.update_layout(hovermode="x unified")
    return note(figure, f"{len(shown)} of {count} islands are drawn.") if len(shown) < count else figure


def _island_curves(run: Run, scale: Scale) -> dict[int, list[tuple[int, float]]]:
    """Return the best fitness of each island at some generations."""
    best: Any = max if scale.higher else min
    curves: dict[int, list[tuple[int, float]]] = {}
    for generation in spaced(run.reader.generations(), SAMPLED):
        groups = [spaced(island, PICKED) for island in survivors(run.reader, generation)]
        values = fitness_of(run.reader, {id for group in groups for id in group}, generation)
        for island, group in enumerate(groups):
            found = [value for id in group if id in values and (value := finite(values[id][0])) is not None]
            found = [value for value in found if value != scale.lost]
            if found:
                curves.setdefault(island, []).append((generation + 1, best(found)))
    return curves
