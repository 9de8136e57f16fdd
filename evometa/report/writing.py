"""Writing a report: one HTML page, or a folder of single figures."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from evometa.errors import InputError
from evometa.figures.catalogue import figures_of
from evometa.report.page import page
from evometa.report.pictures import write_pictures

if TYPE_CHECKING:
    from evometa.inspect import Run

FORMATS = ("html", "static", "png", "svg")


def write_report(run: Run, out: str | Path | None = None, format: str = "html", *, analyse: bool = False) -> Path:
    """Write a run's report, and return where it lies.

    "html": one page in `out` (default: report.html in the run's folder), which needs no network; "static": the same
    with fixed figures, without script, a tenth as large; "png", "svg": the figures one by one, in the folder `out`
    (default: figures in the run's folder). What is there already is replaced. `analyse`: where the run holds no
    analysis of its champion (or best so far), make one first; the run file is only read. Raises InputError where that
    cannot be written, for another format, or without the extra "report".
    """
    if format not in FORMATS:
        raise InputError(f"one of {', '.join(FORMATS)}", f'"{format}"', "--format")
    analysis = run.analyse() if analyse and run.analysis is None and run.champion is not None else None
    if format in ("html", "static"):
        target = Path(out) if out is not None else run.folder
        if target.is_dir():
            target = target / "report.html"
        _write(target, page(run, analysis, fixed=format == "static"))
        return target
    folder = Path(out) if out is not None else run.folder / "figures"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None
    write_pictures(figures_of(run, analysis), folder, format)
    return folder


def _write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    scratch: Path | None = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=file.parent, delete=False) as opened:
            scratch = Path(opened.name)
            opened.write(text)
        scratch.chmod(0o644)
        os.replace(scratch, file)
    except OSError as error:
        if scratch is not None:
            with suppress(OSError):
                scratch.unlink()
        raise _unwritable(file, error) from None


def _unwritable(path: Path, error: OSError) -> InputError:
    remedy = "Name another place with --out."
    return InputError("a place that can be written to", error.strerror or str(error), str(path), remedy)
