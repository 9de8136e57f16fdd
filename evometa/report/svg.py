"""Figures as SVG within the page: fixed and small, without script, in the colours that the reader's system asks for."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from evometa.report.figures.theme import LIGHT
from evometa.report.pictures import write_pictures

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WIDTHS = {"wide": 790, "narrow": 350}  # pixels: beside a desk, and in a hand
ROLES = ("card", "ink", "muted", "line", "grid")  # first; of colours that are equal the first role counts
_SVG = "{http://www.w3.org/2000/svg}"
_COLOUR = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")
_NAME = re.compile(r"(?<=#)[^'\")]+")  # of an element that an attribute refers to
ElementTree.register_namespace("", _SVG[1:-1])
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def slug(role: str) -> str:
    """Return a role of the palette as the name of a CSS variable."""
    return f"--{role.replace(' ', '-')}"


def fixed_figures(figures: Mapping[str, Figure]) -> dict[str, str]:
    """Return each figure as two svg elements, one for each of WIDTHS. Errors as of `write_pictures`."""
    go = {f"{name}-{kind}": (figure, width) for name, figure in figures.items() for kind, width in WIDTHS.items()}
    with tempfile.TemporaryDirectory() as scratch:
        drawn = {key: figure for key, (figure, _) in go.items()}
        files = write_pictures(drawn, Path(scratch), "svg", [width for _, width in go.values()])
        texts = [settled(file.read_text(encoding="utf-8"), file.stem) for file in files]
    wide, narrow = texts[::2], texts[1::2]
    return {name: "".join(pair) for name, pair in zip(figures, zip(wide, narrow, strict=True), strict=True)}


def settled(svg: str, name: str) -> str:
    """Return the picture NAME-KIND as an element of a page, as wide as its place.

    It gets names of its own, the page's colours and font, and the page's ground; its lines of one kind are joined.
    """
    root = ElementTree.fromstring(svg)
    root.attrib |= {"class": f"fixed {name.rpartition('-')[2]}", "aria-hidden": "true"}
    ground = root.find(f"{_SVG}rect")
    if ground is not None:
        root.remove(ground)
    ids = dict.fromkeys(found for element in root.iter() if (found := element.get("id")))
    names = {known: f"{name}-{place}" for place, known in enumerate(ids)}
    for element in root.iter():
        _join(element)
        if "stop-color" in element.attrib:  # an attribute holds no variable
            element.set("style", f"stop-color: {element.attrib.pop('stop-color')}")
        for key, value in element.items():
            if key == "id":
                value = names[value]
            elif key == "style":
                value = ";".join(
                    part for part in value.split(";") if not part.strip().startswith("font-family:")
                ).strip()
            value = _NAME.sub(lambda found: names.get(found[0], found[0]), value)
            element.set(key, _COLOUR.sub(lambda found: _KNOWN.get(found[0], found[0]), value))
    return ElementTree.tostring(root, encoding="unicode")


def _join(parent: ElementTree.Element) -> None:
    """Make neighbouring lines of one style one path: a fifth of the size."""
    for lines, run in groupby(list(parent), _is_line):
        firsts: dict[str, ElementTree.Element] = {}
        for path in run if lines else ():
            first = firsts.setdefault(path.attrib["style"], path)
            if first is not path:
                first.attrib["d"] += path.attrib["d"]
                parent.remove(path)


def _is_line(element: ElementTree.Element) -> bool:
    return element.attrib.keys() == {"class", "d", "style"} and element.get("class") == "js-line"


def _rgb(colour: str) -> str:
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)})"


_KNOWN = {_rgb(LIGHT[role]): f"var({slug(role)})" for role in reversed([*ROLES, *LIGHT]) if LIGHT[role].startswith("#")}
