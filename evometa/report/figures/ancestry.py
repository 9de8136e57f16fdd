"""Where a learner comes from: its ancestors, what made each of them, and what that gained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evometa.presentation.format import number
from evometa.report.figures.scale import finite, scale_y, whole_x
from evometa.report.figures.theme import LIGHT, blank, panels, plain
from evometa.system.arguments import FLAG, STEPS, TEXT, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST = 300  # ancestors drawn
# How a learner was made: the first word of its operator, colour and symbol.
KINDS = {
    "drawn at random": ("purple", "square", ("first", "random", "immigrant")),
    "guess": ("ochre", "star", ("guess",)),
    "crossover": ("green", "diamond", ("crossover",)),
    "tuned along the gradient": ("orange", "triangle-up", ("tuned",)),
    "mutation": ("blue", "circle", ()),
}


@takes(steps=STEPS, heading=TEXT, higher=FLAG)
def lineage(steps: Sequence[Any], heading: str = "fitness", higher: bool = False) -> Figure:
    """Draw ancestors (presentation.lineage.Step) by generation of birth and fitness, lines from parent to child.

    `heading`: what fitness is; `higher`: more of it is better.
    """
    title = "Ancestors"
    drawn = [(step, value) for step in steps[:MOST] if (value := fitness_of_step(step)) is not None]
    if not drawn:
        return blank(title, "There are no ancestors to show.")
    figure = panels(title, [heading], [300])
    place = {step.id: (step.born, value) for step, value in drawn}
    x: list[Any] = []
    y: list[Any] = []
    for step, value in drawn:
        for parent in step.parents:
            if parent in place:
                x += [place[parent][0], step.born, None]
                y += [place[parent][1], value, None]
    line = {"color": LIGHT["line"], "width": 1.5}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", showlegend=False)
    for name, (colour, symbol, _) in KINDS.items():
        part = [(step, value) for step, value in drawn if kind_of(step.operator) == name]
        if part:
            figure.add_scatter(
                x=[step.born for step, _ in part], y=[value for _, value in part], mode="markers", name=name,
                marker={"color": LIGHT[colour], "symbol": symbol, "size": 9,
                        "line": {"color": LIGHT["card"], "width": 1}},
                text=[_told(step, value) for step, value in part], hovertemplate="%{text}<extra></extra>",
                customdata=[step.id for step, _ in part],  # whom a click leads to
            )  # fmt: skip
    scale_y(figure, [value for _, value in drawn], higher=higher)
    whole_x(figure, "generation of birth", [step.born for step, _ in drawn])
    return figure


def kind_of(operator: str) -> str:
    """Return the kind of a variation: one of KINDS."""
    words = str(operator).replace("_", " ").split()
    for name, (_, _, starts) in KINDS.items():
        if words and words[0] in starts:
            return name
    return "mutation"


def fitness_of_step(step: Any) -> float | None:
    """Return the first number of an ancestor's fitness."""
    value = step.fitness
    return finite(value if isinstance(value, (int, float)) or value is None else next(iter(value), None))


def _told(step: Any, value: float) -> str:
    gain = finite(getattr(step, "gain", None))
    words = [f"#{step.id}, {plain(step.operator, 40)}: {number(value)}"]
    if gain is not None:
        words.append(f"{gain:+.4g} against its better parent")
    change = str(getattr(step, "change", "") or "")
    return "<br>".join([*words, plain(change, 90)] if change else words)
