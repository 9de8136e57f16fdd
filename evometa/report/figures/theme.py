"""One theme for all figures: two palettes with the same roles, an empty figure, a figure that says why it is empty.

Figures are made in the light palette. Every colour in them is a string of that palette, so `themed` (and a few lines
of script in a web page) can put those of the other palette in their place.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evometa.errors import InputError
from evometa.system.arguments import TEXT, having, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WHERE = "figures"  # in what is said when plotly is missing
SERIES = ("blue", "orange", "green", "purple", "ochre", "slate")  # in this order; told apart by colour-blind eyes too
DIVERGING = ("below 3", "below 2", "below 1", "zero", "above 1", "above 2", "above 3")
SEQUENTIAL = ("low", "lower middle", "middle", "upper middle", "high")
# Where many synapses cross, lines let others through: how much of each colour is left.
THIN = {
    **dict(zip(DIVERGING, (0.68, 0.56, 0.42, 0.3, 0.42, 0.56, 0.68), strict=True)),
    **dict(zip(SEQUENTIAL, (0.4, 0.46, 0.54, 0.64, 0.78), strict=True)),
    "muted": 0.3,
}
_STEPS = (0.97, 0.68, 0.4)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
BOTTOM = 44  # pixels below the axes
HEADING = 48  # characters of a line above a panel
WRAP = 46  # characters of a line of words within a figure: what a telephone shows
_BASES = {
    "light": {
        "paper": "#f6f7f8", "card": "#fffffe", "ink": "#1b2027", "muted": "#59626e", "line": "#c9ced5",
        "grid": "#e9ecef", "blue": "#0b62a8", "orange": "#a83f04", "green": "#0b7a5e", "purple": "#7f2a68",
        "ochre": "#9a8c12", "slate": "#7d8794",
    },
    "dark": {
        "paper": "#12161b", "card": "#1a1f26", "ink": "#e7eaee", "muted": "#a0aab6", "line": "#414954",
        "grid": "#2a3039", "blue": "#62aef5", "orange": "#ff945a", "green": "#4fd6a6", "purple": "#eda9dd",
        "ochre": "#ecd14f", "slate": "#7f8c9b",
    },
}  # fmt: skip
CONFIG: dict[str, Any] = {"responsive": True, "displaylogo": False, "displayModeBar": False, "doubleClick": "reset"}


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, ground: str, share: float) -> str:
    """Return so much of a colour, the rest of the ground."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(share * over + (1 - share) * under):02x}" for over, under in pairs)


def _palette(base: dict[str, str]) -> dict[str, str]:
    """Add what follows from the base colours: see-through bands, scales for weights and for plasticity."""
    bands = {f"{name} band": _through(base[name], 0.17) for name in SERIES}
    below = [_mixed(base["orange"], base["card"], share) for share in _STEPS]
    above = [_mixed(base["blue"], base["card"], share) for share in reversed(_STEPS)]
    diverging = dict(zip(DIVERGING, [*below, _mixed(base["line"], base["card"], 0.9), *above], strict=True))
    steps = (0.3, 0.48, 0.65, 0.82, 0.99)
    sequential = {name: _mixed(base["green"], base["card"], step) for name, step in zip(SEQUENTIAL, steps, strict=True)}
    scales = {**diverging, **sequential, "muted": base["muted"]}
    thin = {f"{name} thin": _through(scales[name], share) for name, share in THIN.items()}
    return base | {"accent": base["blue"]} | bands | diverging | sequential | thin


def _through(colour: str, share: float) -> str:
    """Return a colour that lets the rest of its ground through."""
    return "rgba({}, {}, {}, {})".format(*_channels(colour), share)


PALETTES = {name: _palette(base) for name, base in _BASES.items()}
LIGHT = PALETTES["light"]


def plain(text: Any, most: int = 0) -> str:
    """Return text so that plotly shows it as it is, tags and all; at most `most` characters (0: all)."""
    words = " ".join(str(text).split())
    return html.escape(words if not most or len(words) <= most else words[: most - 1] + "…", quote=False)


def wrapped(text: str, width: int = WRAP) -> str:
    """Return plain text broken into lines of at most so many characters."""
    return "<br>".join(plain(line) for line in textwrap.wrap(str(text), width))


def new(title: str, height: int, **layout: Any) -> Figure:
    """Return an empty figure of the house: `height` in pixels, as wide as its place. InputError without plotly."""
    go = graph_objects()
    return go.Figure(layout={"template": _template(go), "title": {"text": plain(title)}, "height": height, **layout})


def panels(title: str, headings: Sequence[str], heights: Sequence[int], *, share: bool = True) -> Figure:
    """Return a figure of panels one below the other; `heights` in pixels; `share`: they have one x axis."""
    graph_objects()
    from plotly.subplots import make_subplots

    between = 58 if share else 100
    inner = sum(heights) + between * (len(heights) - 1)
    made = make_subplots(
        rows=len(heights), cols=1, shared_xaxes=share, row_heights=list(heights),
        vertical_spacing=between / inner if len(heights) > 1 else 0,
        subplot_titles=[wrapped(text, HEADING) for text in headings],
    )  # fmt: skip
    made.update_annotations(x=0, xanchor="left", align="left", font_size=12, yshift=5)
    figure = new(title, inner + 150)
    made.layout.template = figure.layout.template
    figure.update_layout(made.layout)
    figure._grid_ref, figure._grid_str = made._grid_ref, made._grid_str
    return figure


def blank(title: str, words: str) -> Figure:
    """Return a figure that says in words why there is nothing to see."""
    figure = new(title, 190)
    figure.update_xaxes(visible=False, range=[0, 1], fixedrange=True)
    figure.update_yaxes(visible=False, range=[0, 1], fixedrange=True)
    figure.add_annotation(
        text=wrapped(words), x=0, y=0.5, xref="paper", yref="paper", xanchor="left", align="left", showarrow=False,
        font={"color": LIGHT["muted"], "size": 14},
    )  # fmt: skip
    figure.layout.meta = {"empty": words}
    return figure


def note(figure: Figure, words: str) -> Figure:
    """Add a line of words below a figure's lowest axis, and return it."""
    axes = list(figure.select_xaxes())
    margin = figure.layout.margin.b or BOTTOM
    lines = len(textwrap.wrap(words, WRAP))
    figure.update_layout(height=figure.layout.height + 16 * lines)
    small = f'<span style="font-size:12px">{wrapped(words)}</span>'
    if axes[-1].visible is not False:
        title = axes[-1].title.text
        axes[-1].title.text = f"{title}<br>{small}" if title else small
        return figure
    figure.update_layout(margin={"b": margin + 16 * lines})
    figure.add_annotation(
        text=small, x=0, y=0, xref="paper", yref="paper", xanchor="left", yanchor="top", yshift=-2, align="left",
        showarrow=False, font={"color": LIGHT["muted"]},
    )  # fmt: skip
    return figure


@takes(figure=having("a figure", "to_plotly_json", "update_layout"), theme=TEXT)
def themed(figure: Figure, theme: str = "dark") -> Figure:
    """Return a copy of a figure in a palette, "light" or "dark". Raises InputError for another name."""
    if theme not in PALETTES:
        raise InputError(f"one of {', '.join(PALETTES)}", f'"{theme}"', "theme")
    swaps = {PALETTES[name][role]: PALETTES[theme][role] for name in PALETTES for role in PALETTES[name]}
    return graph_objects().Figure(_swapped(figure.to_plotly_json(), swaps))


def _swapped(value: Any, swaps: dict[str, str]) -> Any:
    if isinstance(value, str):
        return swaps.get(value, value)
    if isinstance(value, dict):
        return {key: _swapped(item, swaps) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_swapped(item, swaps) for item in value]
    return value


def graph_objects() -> Any:
    """Import plotly. InputError where it is not installed."""
    try:
        from plotly import graph_objects
    except ImportError:
        remedy = 'pip install "evometa[report]"'
        raise InputError("the package plotly, which draws figures", "none", WHERE, remedy) from None
    return graph_objects


def _template(go: Any) -> Any:
    """Return fonts, axes and colours, so that figures only say what is theirs."""
    quiet = {"color": LIGHT["muted"], "size": 12}
    axis = {
        "automargin": True, "zeroline": False, "exponentformat": "power", "linecolor": LIGHT["line"],
        "tickcolor": LIGHT["line"], "gridcolor": LIGHT["grid"], "tickfont": quiet,
        "title": {"font": quiet, "standoff": 10},
    }  # fmt: skip
    layout = {
        "font": {"family": FONT, "size": 13, "color": LIGHT["ink"]},
        "title": {"font": {"size": 17}, "x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "container",
                  "yanchor": "top", "pad": {"t": 16}},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": [LIGHT[name] for name in SERIES],
        "margin": {"l": 52, "r": 18, "t": 76, "b": BOTTOM},
        "xaxis": {**axis, "showgrid": False, "ticks": "outside", "ticklen": 4, "showline": True},
        "yaxis": {**axis, "showgrid": True, "nticks": 6},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yref": "container", "yanchor": "bottom",
                   "font": {"size": 12}, "title": {"text": ""}, "bgcolor": "rgba(0,0,0,0)", "itemwidth": 34,
                   "traceorder": "normal"},
        "hoverlabel": {"bgcolor": LIGHT["card"], "bordercolor": LIGHT["line"], "align": "left",
                       "font": {"color": LIGHT["ink"], "size": 12}},
        "hovermode": "closest",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": LIGHT["muted"], "activecolor": LIGHT["ink"]},
    }  # fmt: skip
    return go.layout.Template(layout=layout)
