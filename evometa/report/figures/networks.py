"""The network, layer beside layer: innate weights and per-synapse plasticity, each in colour and width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.judging.analyses import ANALYSIS, Analysis
from evometa.presentation.network_text import layers_of
from evometa.report.figures.heat_maps import Panel, heat_maps
from evometa.report.figures.synapses import F64, Wiring, lay_out
from evometa.report.figures.theme import DIVERGING, LIGHT, SEQUENTIAL, blank, note, panels, plain
from evometa.system.arguments import LEARNER, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.connectome import Connectome
    from evometa.presentation.learner import Learner

UNIT, ABOVE, BELOW = 250, 0.06, 0.22  # pixels of a unit of height; room above and below the nodes, in units
MANY = 150  # synapses: from here on lines let others through
STEP_WIDTHS = {7: (2.6, 1.7, 1.0, 0.5, 1.0, 1.7, 2.6), 5: (0.6, 0.9, 1.3, 1.8, 2.4)}  # pixels, for each step of colour
# Marks of plotly and what they are called, for each activation; "circle" where all nodes are alike.
FORMS = {
    "linear": ("square", "□"), "tanh": ("circle", "○"), "sigmoid": ("diamond", "◇"), "relu": ("triangle-up", "△"),
    "step": ("pentagon", "⬠"), "gru": ("hexagon", "⬡"),
}  # fmt: skip
TANGLE, LAYERS = 300, 7  # more synapses than this are heat maps, where there are no more layers
OPEN = "open after learning, share of lives"
CHANGE = "change of the weight in a life, of the largest"
FAINT, FAINT_TEXTS = (-3, -2, -1, 0), ("0.1 %", "1 %", "10 %", "100 %")  # of the scale of changes, decimal logarithms
UNKNOWN = {
    "drawn": "Weights are drawn anew for each lifetime: what is shown is the wiring.",
    "fixed": "Weights at birth are the same for all learners of the run; the genome does not hold them.",
}


@takes(learner=LEARNER | None, analysis=ANALYSIS | None)
def network(learner: Learner | None, analysis: Analysis | None = None) -> Figure:
    """Draw the network of a learner: its layers, its innate weights, its plasticity and its gates where it has any.

    `analysis`: one made just now, in place of the stored one.
    """
    title = "The network"
    if learner is None:
        return blank(title, "No generation is finished yet.")
    if learner.genome is None:
        return blank(title, "The run has not kept this genome.")
    graphs = learner.graphs
    if not graphs:
        return blank(title, f"The run has not kept the graph. {learner.topology}")
    one, words = learner.connectome, []
    assert one is not None, "who has graphs has a connectome"
    one = one.learned(analysis)
    if one.weights is None:
        words.append(UNKNOWN.get(learner.settings.weights.mode, "The genome holds no innate weights."))
    if len(graphs) > 1:
        words.append(f"One of {len(graphs)} networks is drawn, that of the first set of tasks.")
    return drawn(one, title, words)


def drawn(one: Connectome, title: str, words: Sequence[str] = ()) -> Figure:
    """Draw a network in a panel for its weights, one for each coefficient of its synapses, one for how much lives
    change them and one for its gates; as heat maps where there are too many for lines.

    `words` stand below.
    """
    told = _panels(one)
    known = one.weights is not None or one.change is not None
    if known and one.graph.synapses > TANGLE and len(layers_of(one.graph)) <= LAYERS:
        return heat_maps(one, title, told, words)
    wiring = lay_out(one.graph, one.weights, evolved=one.marks is not None)
    low, high = wiring.extent
    headings = [panel.heading for panel in told]
    headings = headings if one.weights is not None else ["wiring", *headings]
    figure = panels(title, headings, [round(UNIT * (high - low + ABOVE + BELOW))] * len(headings), share=False)
    if one.weights is None:
        _panel(figure, 1, wiring, one, None)
    for row, panel in enumerate(told, start=len(headings) - len(told) + 1):
        candidates = replace(one, silent=np.zeros_like(one.silent))  # drawn by what has become of them
        _panel(figure, row, wiring, candidates if panel.heading == OPEN else one, panel)
    words = [*wiring.notes, *_legend(one), *words]
    figure.update_layout(showlegend=False, margin={"r": 64, "l": 18, "b": 18})
    return note(figure, " ".join(words)) if words else figure


def _panels(one: Connectome) -> list[Panel]:
    """Return the kinds of numbers that are known of a network's synapses."""
    found = []
    if one.weights is not None:
        weights = np.asarray(one.weights, np.float64)
        found.append(Panel("innate weight", weights, DIVERGING, _range(weights, diverging=True)))
    for k, values in enumerate(np.asarray(one.plasticity, np.float64)):
        found.append(Panel(f"plasticity p{k}", values, SEQUENTIAL, _range(values, diverging=False)))
    if one.change is not None and one.change.any():
        share = np.asarray(one.change, np.float64) / float(one.change.max())
        shown = np.log10(np.maximum(share, 10.0 ** FAINT[0]))
        texts = [f"{100 * value:.2g} %" for value in share.tolist()]
        found.append(
            Panel(CHANGE, shown, SEQUENTIAL, (FAINT[0], 0.0), tuple(zip(FAINT, FAINT_TEXTS, strict=True)), texts)
        )
    if one.opened is not None:
        found.append(Panel(OPEN, np.asarray(one.opened, np.float64), SEQUENTIAL, (0.0, 1.0)))
    return found


def _legend(one: Connectome) -> list[str]:
    """Say what forms and lines mean that are not the same for all."""
    words = []
    if len(one.activations) > 1:
        words.append(f"Forms of nodes: {', '.join(f'{FORMS[kind][1]} {kind}' for kind in one.activations)}.")
    if one.marks is not None and one.recurrent.any():
        words.append("Below runs what goes back: it carries what was there at the update before.")
    if one.fixed.any():
        words.append("Dotted synapses are fixed, the others learn.")
    if one.silent.any():
        words.append("Grey dashes: candidates that are closed at birth, which the rule may open.")
    return words


def _panel(figure: Figure, row: int, wiring: Wiring, one: Connectome, panel: Panel | None) -> None:
    """Draw the synapses in steps of colour, the nodes above them, and the scale beside them; None: the wiring alone."""
    values, names = (None, DIVERGING) if panel is None else (panel.values, panel.colours)
    low, high = (-1.0, 1.0) if panel is None else panel.ends
    steps = np.zeros(len(wiring.source), int) if values is None else _steps(values, low, high, len(names))
    many = len(wiring.drawn) > MANY
    thin = float(np.clip((500 / max(1, len(wiring.drawn))) ** 0.5, 0.45, 1.0))
    drawn = np.zeros(len(wiring.source), bool)
    drawn[wiring.drawn] = True
    faint = {"color": LIGHT["muted thin" if many else "muted"], "width": 0.9}
    _lines(figure, row, wiring, drawn & one.silent, {**faint, "dash": "dash"})
    kinds = enumerate(names if values is not None else ("muted",))
    for step, name in sorted(kinds, key=lambda kind: STEP_WIDTHS[len(names)][kind[0]]):  # strong ones over the others
        width = 0.7 if values is None else thin * STEP_WIDTHS[len(names)][step]
        line = {"color": LIGHT[f"{name} thin" if many else name], "width": width}
        chosen = drawn & (steps == step) & ~one.silent
        _lines(figure, row, wiring, chosen & ~one.fixed, line)
        _lines(figure, row, wiring, chosen & one.fixed, {**line, "dash": "dot"})
    _nodes(figure, row, wiring, one, panel)
    _points(figure, row, wiring, one, panel)
    for place, label in wiring.labels:
        figure.add_annotation(
            x=place, y=wiring.extent[0], text="<br>".join(plain(part) for part in label.split(" ", 1)), showarrow=False,
            row=row, col=1, font={"size": 12, "color": LIGHT["muted"]}, yanchor="top", yshift=-14,
        )  # fmt: skip
    figure.update_xaxes(visible=False, range=[-0.22, wiring.width + 0.22], row=row, col=1)
    figure.update_yaxes(visible=False, range=[wiring.extent[0] - BELOW, wiring.extent[1] + ABOVE], row=row, col=1)


def _lines(figure: Figure, row: int, wiring: Wiring, chosen: Any, line: dict[str, Any]) -> None:
    """Draw some synapses, bool[E], as one line with gaps."""
    if chosen.any():
        x, y = wiring.path(np.flatnonzero(chosen))
        figure.add_scatter(x=x, y=y, line=line, mode="lines", hoverinfo="skip", row=row, col=1)


def _range(values: F64, diverging: bool) -> tuple[float, float]:
    """Return the ends of the scale: the largest fiftieth is beyond them."""
    sound = values[np.isfinite(values)]
    if not len(sound):
        return -1.0, 1.0
    if diverging:
        most = float(np.quantile(np.abs(sound), 0.98)) or 1.0
        return -most, most
    low, high = float(sound.min()), float(sound.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _steps(values: F64, low: float, high: float, count: int) -> Any:
    """Return the step of colour of each value; what is not a number counts as the middle."""
    share = (np.nan_to_num(values, nan=(low + high) / 2, posinf=high, neginf=low) - low) / (high - low)
    return np.clip((share * count).astype(int), 0, count - 1)


def _nodes(figure: Figure, row: int, wiring: Wiring, one: Connectome, panel: Panel | None) -> None:
    """Draw the nodes, coloured by their bias where there is one, and the scale of the panel."""
    values = None if panel is None else panel.values
    shown = wiring.nodes
    bias = wiring.bias(values)[shown] if values is not None else np.full(len(shown), np.nan)
    named = [one.name(node) if one.marks is not None else f"node {node}" for node in shown.tolist()]
    texts = [
        f"{wiring.kind[node]} {name}" + ("" if panel is None or e < 0 else f" · bias {panel.text(e)}")
        for node, name, e in zip(shown.tolist(), named, wiring.biases[shown].tolist(), strict=True)
    ]
    edge = {"color": LIGHT["muted"], "width": 1.2 if wiring.dot > 5 else 0.6}
    marker = {"size": wiring.dot, "opacity": 1.0, "line": edge, "color": _fills(bias, panel)}
    if len(one.activations) > 1:
        kinds = [one.graph.activation_of(node) if node in one.hidden else "" for node in shown.tolist()]
        marker["symbol"] = [FORMS[kind][0] if kind else "circle" for kind in kinds]
    place = {"x": wiring.x[shown], "y": wiring.y[shown]}
    hover = "%{text}<extra></extra>"
    figure.add_scatter(**place, mode="markers", marker=marker, text=texts, hovertemplate=hover, row=row, col=1)
    if panel is not None:
        _scale(figure, row, panel)


def _fills(bias: F64, panel: Panel | None) -> list[str]:
    """Return the colour of each bias, that of the page where there is none; those of the palette only."""
    if panel is None:
        return [LIGHT["card"]] * len(bias)
    colours = [LIGHT[name] for name in panel.colours]
    steps = _steps(bias, *panel.ends, len(colours))
    return [LIGHT["card"] if np.isnan(b) else colours[step] for b, step in zip(bias, steps, strict=True)]


def _scale(figure: Figure, row: int, panel: Panel) -> None:
    """Draw the scale of a panel beside it."""
    axis = figure.layout[f"yaxis{row if row > 1 else ''}"].domain
    bar = {"len": 0.85 * (axis[1] - axis[0]), "y": sum(axis) / 2, **panel.bar}
    marker = {"color": [panel.ends[0]], "cmin": panel.ends[0], "cmax": panel.ends[1], "colorscale": panel.steps}
    marker |= {"showscale": True, "opacity": 0, "colorbar": bar}
    figure.add_scatter(x=[0], y=[0], mode="markers", marker=marker, hoverinfo="skip", row=row, col=1)


def _points(figure: Figure, row: int, wiring: Wiring, one: Connectome, panel: Panel | None) -> None:
    """Let a small network's synapses tell their numbers when pointed at."""
    if panel is None or len(wiring.drawn) > MANY:
        return
    a, b = wiring.source[wiring.drawn], wiring.target[wiring.drawn]
    ends = [
        tuple(map(one.name if one.marks is not None else str, pair))
        for pair in zip(a.tolist(), b.tolist(), strict=True)
    ]
    texts = [f"{s} → {t}: {panel.text(e)}" for (s, t), e in zip(ends, wiring.drawn.tolist(), strict=True)]
    ways = [wiring.path(np.array([e])) for e in wiring.drawn]
    x, y = (
        [(way[axis][(len(way[axis]) - 2) // 2] + way[axis][(len(way[axis]) - 1) // 2]) / 2 for way in ways]
        for axis in (0, 1)
    )
    figure.add_scatter(
        x=x, y=y, mode="markers", marker={"size": 10, "opacity": 0}, text=texts, hovertemplate="%{text}<extra></extra>",
        row=row, col=1,
    )  # fmt: skip
