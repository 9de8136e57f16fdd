"""A network with many synapses: numbers of theirs as heat maps, layer beside layer, where lines would be a tangle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from evometa.presentation.format import number, spaced
from evometa.presentation.network_text import layers_of
from evometa.report.figures.synapses import F64, I64
from evometa.report.figures.theme import LIGHT, new, plain, wrapped

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.connectome import Connectome

HEIGHT, BETWEEN, TOP, FOOT = 190, 104, 100, 64  # pixels of a row of maps, between rows, above and below them
LINE = 16  # pixels of a line of words
MAPS = "Each row of a map is a node, each column one that it reads; biases stand apart at the right."
NAMED = 4000  # synapses; with more, names would be most of the page
MOST = 100  # nodes that a map shows, of either kind
GAP, THICK = 0.02, 0.05  # of a map's columns: between weights and biases, least width of biases
NARROW = 0.16  # least width of a layer's map, as a share of the widest
SPACE = 0.035  # of the figure's width, between layers


class Panel(NamedTuple):
    """One kind of number for all synapses, f64[E]: its heading, colours from the lowest to the highest, ends of its
    scale, marks on it with their texts (none: plotly's own), and what a number reads as when pointed at."""

    heading: str
    values: F64
    colours: tuple[str, ...]
    ends: tuple[float, float]
    marks: tuple[tuple[float, str], ...] = ()
    texts: Sequence[str] = ()

    def text(self, e: int) -> str:
        """Return what the number of a synapse reads as."""
        return self.texts[e] if self.texts else number(float(self.values[e]))

    @property
    def steps(self) -> list[list[Any]]:
        """The colours with their places on the scale."""
        return [[i / (len(self.colours) - 1), LIGHT[name]] for i, name in enumerate(self.colours)]

    @property
    def bar(self) -> dict[str, Any]:
        """How its scale is drawn, but for where."""
        look: dict[str, Any] = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "nticks": 5}
        look |= {"tickfont": {"size": 11, "color": LIGHT["muted"]}}
        if self.marks:
            look |= {"tickvals": [mark for mark, _ in self.marks], "ticktext": [text for _, text in self.marks]}
        return look


class _Block(NamedTuple):
    """Synapses into a layer: the nodes in it, those that they come from (without the constant), and how many columns
    the biases are thick."""

    title: str
    targets: list[int]
    sources: list[int]
    thick: float


def heat_maps(one: Connectome, title: str, panels: Sequence[Panel], words: Sequence[str] = ()) -> Figure:
    """Draw each panel as a row of maps, one for each layer: a row for each node, a column for each that it reads, its
    bias at the right. `words` stand below."""
    blocks, left_out = _blocks(one)
    lines = wrapped(" ".join([MAPS, *left_out, *words]))
    foot = FOOT + LINE * (1 + lines.count("<br>"))
    inner = len(panels) * HEIGHT + (len(panels) - 1) * BETWEEN
    figure = new(title, TOP + inner + foot)
    widths = np.array([len(block.sources) + block.thick for block in blocks], float)
    widths = np.maximum(widths, NARROW * widths.max())
    widths *= (1 - SPACE * (len(blocks) - 1)) / widths.sum()
    for row, panel in enumerate(panels):
        top = 1 - row * (HEIGHT + BETWEEN) / inner
        figure.add_annotation(
            text=plain(panel.heading), x=0, y=top, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
            yshift=8, showarrow=False, font={"size": 12},
        )  # fmt: skip
        left = 0.0
        for column, (block, width) in enumerate(zip(blocks, widths.tolist(), strict=True)):
            axis = _suffix(row * len(blocks) + column)
            last, length = column == len(blocks) - 1, HEIGHT / inner
            bar = {"len": 0.9 * length, "y": top - length / 2, **panel.bar} if last else None
            _map(figure, axis, one, block, panel, bar)
            quiet = {"showline": False, "ticks": "", "showticklabels": False, "showgrid": False}
            across = {"domain": [left, min(1.0, left + width)], "anchor": f"y{axis}", "title": {"text": block.title}}
            down = {"domain": [max(0.0, top - length), top], "anchor": f"x{axis}", "autorange": "reversed"}
            figure.update_layout({f"xaxis{axis}": quiet | across, f"yaxis{axis}": quiet | down})
            left += width + SPACE
    figure.add_annotation(
        text=lines, x=0, y=0, xref="paper", yref="paper", xanchor="left", yanchor="top", yshift=8 - FOOT, align="left",
        showarrow=False, font={"size": 12, "color": LIGHT["muted"]},
    )  # fmt: skip
    figure.update_layout(margin={"l": 18, "r": 68, "t": TOP, "b": foot}, showlegend=False)
    return figure


def _blocks(one: Connectome) -> tuple[list[_Block], list[str]]:
    """Return what each layer's map shows, and what is left out, in words."""
    graph, blocks, notes = one.graph, [], []
    layers = layers_of(graph)[1:]
    for place, layer in enumerate(layers, start=1):
        own = np.isin(graph.dst, layer) & (graph.src != graph.inputs)
        sources = np.unique(graph.src[own]).tolist()
        name = "outputs" if place == len(layers) else f"layer {place}"
        kinds = "/".join(sorted({graph.activation_of(node) for node in layer})) if place < len(layers) else ""
        shown = spaced(layer, MOST), spaced(sources, MOST)
        if len(layer) > MOST or len(sources) > MOST:
            notes.append(f"Of {name}, {len(shown[0])} of {number(len(layer))} nodes and {len(shown[1])} of "
                         f"{number(len(sources))} that they read are shown.")  # fmt: skip
        biased = bool((np.isin(graph.dst, layer) & (graph.src == graph.inputs)).any())
        thick = max(1.0, THICK * len(sources)) if biased else 0.0
        words = f"{number(len(layer))} {kinds}".strip() if len(layers) < 5 else ""
        blocks.append(_Block("<br>".join(filter(None, (name, words))), *shown, thick))
    return blocks, notes


def _suffix(number: int) -> str:
    """Return what plotly appends to the names of the axes of a map."""
    return str(number + 1) if number else ""


def _map(figure: Figure, axis: str, one: Connectome, block: _Block, panel: Panel, bar: dict[str, Any] | None) -> None:
    """Draw one map; `bar`: the panel's scale, where it stands beside this one."""
    columns = [*block.sources, None, one.graph.inputs] if block.thick else list(block.sources)
    places = _places(one, block.targets, columns)
    values = np.where(places >= 0, panel.values[places], np.nan)
    edges = np.arange(len(block.sources) + 1, dtype=float)
    if block.thick:
        gap = max(0.5, GAP * len(block.sources))
        edges = np.concatenate([edges, edges[-1] + [gap, gap + block.thick]])
    low, high = panel.ends
    named = one.graph.synapses <= NAMED
    figure.add_heatmap(
        x=np.round(edges, 3).tolist(), y=(np.arange(len(block.targets) + 1) - 0.5).tolist(),
        z=[[None if np.isnan(v) else float(f"{v:.4g}") for v in row] for row in values.tolist()],
        zmin=low, zmax=high, colorscale=panel.steps, showscale=bar is not None, colorbar=bar,
        customdata=_texts(one, places, panel) if named else None, hoverongaps=False,
        hovertemplate="%{customdata}<extra></extra>" if named else None, hoverinfo=None if named else "z",
        xaxis=f"x{axis}", yaxis=f"y{axis}",
    )  # fmt: skip


def _places(one: Connectome, targets: Sequence[int], columns: Sequence[int | None]) -> I64:
    """Return which synapse leads from each column's node to each target, i64[targets, columns]; -1: none."""
    graph = one.graph
    found = np.full((len(targets), len(columns)), -1)
    place = {node: column for column, node in enumerate(columns) if node is not None}
    for row, node in enumerate(targets):
        for e in range(graph.ptr[node], graph.ptr[node + 1]):
            column = place.get(int(graph.src[e]))
            if column is not None:
                found[row, column] = e
    return found


def _texts(one: Connectome, places: I64, panel: Panel) -> list[list[str]]:
    """Return what each synapse is called, and its number."""
    return [[f"{plain(one.synapse(e))}: {panel.text(e)}" if e >= 0 else "" for e in row] for row in places.tolist()]
