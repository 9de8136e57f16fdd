"""Figures as files, PNG or SVG: drawn by a Chromium that Kaleido starts once for all of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from evometa.errors import InputError, RunFailed
from evometa.report.figures.theme import LIGHT, graph_objects
from evometa.system.disk import check_output, make_folder

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WIDTH = 900  # pixels; PNG has twice as many
EXTRA = 'pip install "evometa[report]"'
BROWSER = "Install Chromium or Chrome (or name one in BROWSER_PATH), or take --format html, which needs neither."


def write_pictures(
    figures: Mapping[str, Figure], folder: Path, kind: str, widths: int | list[int] = WIDTH, *, replace: bool = True
) -> list[Path]:
    """Write each figure as NAME.png or NAME.svg into a folder, which is made, and return the files.

    `kind`: "png" or "svg"; `widths`: in pixels, one for all or one for each; `replace`: files of those names. Raises
    InputError without Kaleido, without a Chromium, or where the folder cannot be written to; RunFailed where the
    browser fails.
    """
    graph_objects()
    try:
        import kaleido  # noqa: F401  plotly asks for it by itself
    except ImportError:
        raise InputError("the package kaleido, which writes figures", "none", f"--format {kind}", EXTRA) from None
    files = [folder / f"{name}.{kind}" for name in figures]
    for file in files:
        check_output(file, replace=replace)
    make_folder(folder)
    with tempfile.TemporaryDirectory(prefix=".figures-", dir=folder) as scratch:
        _draw(figures, [Path(scratch, file.name) for file in files], kind, widths)
        for file in files:
            os.replace(Path(scratch, file.name), file)
    return files


def _draw(figures: Mapping[str, Figure], files: list[Path], kind: str, widths: int | list[int]) -> None:
    """Draw each figure into its file."""
    import plotly.io

    drawn = [_grounded(figure) for figure in figures.values()]
    try:
        heights = [figure.layout.height for figure in drawn]
        plotly.io.write_images(drawn, files, format=kind, width=widths, height=heights, scale=2 if kind == "png" else 1)
    except Exception as error:
        raise _explained(error, kind) from error
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise RunFailed(f"the browser did not draw {', '.join(missing)}. {BROWSER}")


def _grounded(figure: Figure) -> Figure:
    """Return a copy on a ground of its own, as it has no page around it."""
    copy = graph_objects().Figure(figure)
    copy.update_layout(paper_bgcolor=LIGHT["card"])
    return copy


def _explained(error: Exception, kind: str) -> InputError | RunFailed:
    """Tell a browser that is not there from one that fails."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.filename:
        return InputError("a folder that can be written to", str(error.strerror), str(error.filename))
    if "chrome" in text.lower() or "browser" in type(error).__name__.lower():
        return InputError("a Chromium or Chrome to draw with", "none that starts", f"--format {kind}", BROWSER)
    return RunFailed(f"the figures could not be drawn ({type(error).__name__}: {text[:200]}). {BROWSER}")
