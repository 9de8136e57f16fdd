"""The dashboard's Dash application: its frame, and what makes its pages follow the address and the runs.

A page is built once (`show`); after that only its slots are filled anew, when what they show has changed. The list
of runs does the same with its rows. Nothing that a browser sends is used but as a key to look up, a number, a word
to filter by, or the name of a slot.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from evometa.dashboard.content import Content
from evometa.dashboard.guard import guard
from evometa.dashboard.page import FIGURE, TEXT, WORDS, attributes
from evometa.dashboard.routes import MOST
from evometa.dashboard.shelf import Shelf
from evometa.report import figures

if TYPE_CHECKING:
    from dash.development.base_component import Component

EVERY = 2000  # milliseconds between two questions of a page whether anything is new
ROLES = ("paper", "card", "ink", "muted", "line", "grid", "accent", "orange", "green")  # colours that the pages use
ASSETS = Path(__file__).parent / "assets"
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>{%metas%}<meta name="color-scheme" content="light dark"><title>{%title%}</title>
<link rel="icon" href="/assets/icon.svg">{%css%}<style>PALETTE</style></head>
<body>{%app_entry%}<noscript>The dashboard needs JavaScript; evometa report and evometa inspect do not.</noscript>
<footer hidden>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""


def make_app(folder: Path, host: str = "127.0.0.1") -> Dash:
    """Return the application over a folder of runs, answering to the names of a host. Raises InputError."""
    content = Content(Shelf(folder))
    app = Dash(
        "evometa.dashboard", assets_folder=str(ASSETS), title="evometa", update_title="", index_string=_index(),
        suppress_callback_exceptions=True, serve_locally=True, add_log_handler=False, enable_mcp=False,
        requests_pathname_prefix="/", routes_pathname_prefix="/", include_assets_files=True,
    )  # fmt: skip
    app.layout = _frame()
    _pages(app, content)
    _list(app, content)
    _browser(app)
    guard(app.server, host, app.csp_hashes())
    return app


def _index() -> str:
    """Return the frame of every page: the colours of the figures are those of the page."""
    light, dark = ("".join(f"--{role}:{figures.PALETTES[name][role]};" for role in ROLES) for name in ("light", "dark"))
    system = f"@media (prefers-color-scheme:dark){{:root{{{dark}color-scheme:dark}}}}"
    chosen = f":root[data-theme=light]{{{light}color-scheme:light}}:root[data-theme=dark]{{{dark}color-scheme:dark}}"
    return INDEX.replace("PALETTE", f":root{{{light}color-scheme:light}}{system}{chosen}")


def _frame() -> Component:
    """Return what all pages have: where they are, what has been seen, a way past the head, the head, the page."""
    kept = [
        *(
            dcc.Store(id=name)
            for name in ("shown", "seen", "drawn", "listed", "tick", "draw-tick", "list-tick", "theme", "system")
        ),
        dcc.Store(id="choice", storage_type="local"),
        dcc.Store(id="chosen", storage_type="session"),
        dcc.Store(id="state", data="all"),
        dcc.Store(id="order", data="newest"),
        dcc.Store(id="most", data=MOST),
    ]
    head = html.Header(
        [
            dcc.Link("evometa", href="/", className="brand"),
            html.Nav(
                [dcc.Link("Runs", href="/"), dcc.Link("Compare", href="/compare", id="compare-nav")],
                **attributes(aria_label="Pages"),
            ),
            html.Button("Theme", id="next-theme", type="button", className="button"),
        ]
    )
    frame: Component = html.Div(
        [
            html.A("Skip to the content", href="#main", className="skip"),
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Interval(id="clock", interval=EVERY),
            *kept,
            head,
            html.Main(id="main", tabIndex=-1),
        ]
    )
    return frame


def _pages(app: Dash, content: Content) -> None:
    """A page follows the address; its texts follow the runs, its figures the texts and the theme."""

    @app.callback(Output("main", "children"), Output("shown", "data"), Input("url", "pathname"), Input("url", "search"))
    def show(pathname: Any, search: Any) -> Any:
        return content.show(pathname, search)

    @app.callback(
        Output({"type": TEXT, "name": ALL}, "children"),
        Output("seen", "data"),
        Input("shown", "data"),
        Input("tick", "data"),
        State("seen", "data"),
        State({"type": TEXT, "name": ALL}, "id"),
        running=[(Output("clock", "disabled"), True, False)],
    )
    def write(shown: Any, _tick: Any, seen: Any, slots: Any) -> Any:
        return content.fill(TEXT, shown, seen, slots)

    @app.callback(
        Output({"type": FIGURE, "name": ALL}, "figure"),
        Output({"type": FIGURE, "name": ALL}, "style"),
        Output({"type": WORDS, "name": ALL}, "children"),
        Output("drawn", "data"),
        Input("seen", "data"),
        Input("theme", "data"),
        Input("draw-tick", "data"),
        State("shown", "data"),
        State("drawn", "data"),
        State({"type": FIGURE, "name": ALL}, "id"),
        running=[(Output("clock", "disabled"), True, False)],
    )
    def draw(_seen: Any, theme: Any, _tick: Any, shown: Any, drawn: Any, slots: Any) -> Any:
        made, now = content.fill(FIGURE, shown, drawn, slots, theme)
        return made, [height_of(figure) for figure in made], [words_of(figure) for figure in made], now


def height_of(figure: Any) -> Any:
    """Return the style that gives a figure's place the height it was drawn for; an empty one has no place."""
    if figure is no_update:
        return no_update
    layout = figure["layout"]
    return {"display": "none"} if layout["meta"].get("empty") else {"height": f"{int(layout['height'])}px"}


def words_of(figure: Any) -> Any:
    """Return what an empty figure says, as text, which fits any width."""
    if figure is no_update:
        return no_update
    empty = figure["layout"]["meta"].get("empty")
    return [html.P(str(empty), className="muted")] if empty else []


def _list(app: Dash, content: Content) -> None:
    """The list follows its filter, the order chosen, and the runs."""

    @app.callback(
        Output({"type": "list", "name": ALL}, "children"),
        Output({"type": "row", "name": ALL}, "children"),
        Output("listed", "data"),
        Input({"type": "words", "name": ALL}, "value"),
        Input("state", "data"),
        Input("order", "data"),
        Input("list-tick", "data"),
        State("listed", "data"),
        State({"type": "list", "name": ALL}, "id"),
        State({"type": "row", "name": ALL}, "id"),
        running=[(Output("clock", "disabled"), True, False)],
    )
    def write_list(words: Any, state: Any, order: Any, _tick: Any, listed: Any, places: Any, rows: Any) -> Any:
        return content.list_runs(words, state, order, listed, places, rows)


def _browser(app: Dash) -> None:
    """What the browser does without asking; the functions are in assets/evometa.js."""

    def local(name: str, *what: Any, first: bool = True) -> None:
        app.clientside_callback(ClientsideFunction("evometa", name), *what, prevent_initial_call=not first)

    def every(kind: str) -> dict[str, Any]:
        return {"type": kind, "name": ALL}

    local("arrive", Input("shown", "data"))
    local(
        "tick",
        Output("tick", "data"),
        Output("list-tick", "data"),
        Output("draw-tick", "data"),
        Input("clock", "n_intervals"),
        State("shown", "data"),
        State("drawn", "data"),
        first=False,
    )
    local("more", Input("drawn", "data"))
    local(
        "theme",
        Output("theme", "data"),
        Output("next-theme", "children"),
        Input("choice", "data"),
        Input("system", "data"),
    )
    local("next_theme", Output("choice", "data"), Input("next-theme", "n_clicks"), State("choice", "data"), first=False)
    for kind in ("state", "order"):
        pressed = Output(every(kind), "aria-pressed")
        local(
            "press",
            Output(kind, "data"),
            pressed,
            Input(every(kind), "n_clicks"),
            State(every(kind), "id"),
            State(kind, "data"),
        )
    local("choose", Output("chosen", "data"), Input(every("choose"), "n_clicks"), State("chosen", "data"), first=False)
    local(
        "chosen", Output(every("choose"), "aria-checked"), Output(every("compare"), "href"),
        Output(every("compare"), "children"), Output("compare-nav", "href"), Input("chosen", "data"),
        Input(every("choose"), "id"), Input(every("compare"), "id"), State("most", "data"),
    )  # fmt: skip
    clicked = Input(every(FIGURE), "clickData")
    local("follow", Output("url", "pathname"), clicked, State(every(FIGURE), "id"), State("shown", "data"), first=False)
