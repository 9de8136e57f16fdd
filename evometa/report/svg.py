"""Figures as SVG within the page: fixed and small, without script, in the colours that the reader's system asks for."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from evometa.report.figures.theme import LIGHT
from evometa.report.pictures import write_pictures

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WIDTHS = {"wide": 790, "narrow": 350}  # pixels: beside a desk, and in a hand
ROLES = ("card", "ink", "muted", "line", "grid")  # first; of colours that are equal the first role counts
_COLOUR = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")
_FONT = re.compile(r"font-family: [^;\"]*; ?")
_GROUND = re.compile(r'<rect x="0" y="0" width="\d+" height="\d+" style="fill: [^"]*"/>')
_LINES = re.compile(r'(?:<path class="js-line" d="[^"]*" style="[^"]*"/>){2,}')
_LINE = re.compile(r'<path class="js-line" d="([^"]*)" style="([^"]*)"/>')
_STOP = re.compile(r'stop-color="([^"]*)"')
_ID = re.compile(r'\bid="([^"]+)"')


def slug(role: str) -> str:
    """Return a role of the palette as the name of a CSS variable."""
    return f"--{role.replace(' ', '-')}"


def fixed_figures(figures: Mapping[str, Figure]) -> dict[str, str]:
    """Return each figure as two svg elements, one for each of WIDTHS. Errors as of `write_pictures`."""
    go = {f"{name}-{kind}": (figure, width) for name, figure in figures.items() for kind, width in WIDTHS.items()}
    with tempfile.TemporaryDirectory() as scratch:
        drawn = {key: figure for key, (figure, _) in go.items()}
        files = write_pictures(drawn, Path(scratch), "svg", [width for _, width in go.values()])
        texts = {file.stem: settled(file.read_text(encoding="utf-8"), file.stem) for file in files}
    return {name: "".join(_shown(texts[f"{name}-{kind}"], kind) for kind in WIDTHS) for name in figures}


def settled(svg: str, name: str) -> str:
    """Return an SVG fit for a page: names of its own, the page's colours and font, lines of one kind joined."""
    for place, known in enumerate(dict.fromkeys(_ID.findall(svg))):
        svg = re.sub(rf'(id="|\#){re.escape(known)}(?=["\')])', rf"\g<1>{name}-{place}", svg)
    svg = _GROUND.sub("", svg, count=1)
    svg = joined(_FONT.sub("", svg))
    svg = _STOP.sub(lambda found: f'style="stop-color: {_variable(found[1])}"', svg)
    return _COLOUR.sub(lambda found: _variable(found[0]), svg)


def joined(svg: str) -> str:
    """Return an SVG in which neighbouring lines of one style are one path: a fifth of the size."""

    def join(found: re.Match[str]) -> str:
        paths: dict[str, list[str]] = {}
        for path, style in _LINE.findall(found[0]):
            paths.setdefault(style, []).append(path)
        return "".join(f'<path class="js-line" d="{"".join(d)}" style="{style}"/>' for style, d in paths.items())

    return _LINES.sub(join, svg)


def _variable(colour: str) -> str:
    """Return the CSS variable of a colour of the palette; other colours stay."""
    return _KNOWN.get(colour, colour)


def _rgb(colour: str) -> str:
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)})"


_KNOWN = {_rgb(LIGHT[role]): f"var({slug(role)})" for role in reversed([*ROLES, *LIGHT]) if LIGHT[role].startswith("#")}


def _shown(svg: str, kind: str) -> str:
    """Let an SVG be as wide as its place."""
    return re.sub(r'<svg class="main-svg"', f'<svg class="fixed {kind}" aria-hidden="true"', svg, count=1)
