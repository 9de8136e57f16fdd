"""Writing a report: one HTML page, or a folder of single figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evometa.errors import InputError
from evometa.judging.analyses import Analysis
from evometa.report.figures.catalogue import figures_of
from evometa.report.page import page
from evometa.report.pictures import write_pictures
from evometa.system.arguments import FLAG, PATH, RUN, TEXT, takes
from evometa.system.disk import check_output, make_folder, write_whole

if TYPE_CHECKING:
    from evometa.presentation.run import Run

FORMATS = ("html", "static", "png", "svg")


@takes(run=RUN, out=PATH, format=TEXT, analyse=FLAG, force=FLAG)
def write_report(
    run: Run, out: str | Path | None = None, format: str = "html", *, analyse: bool = False, force: bool = False
) -> Path:
    """Write a run's report, and return where it lies.

    "html": one page in `out` (default: report.html in the run's folder), which needs no network; "static": the same
    with fixed figures, without script, a tenth as large; "png", "svg": the figures one by one, in the folder `out`
    (default: figures in the run's folder). What is there already is replaced in those default places, elsewhere with
    `force` only. `analyse`: where the run holds no analysis of its champion (or best so far), make one first; the run
    file is only read. Raises InputError where that cannot be written, for another format, or without the extra
    "report".
    """
    if format not in FORMATS:
        raise InputError(f"one of {', '.join(FORMATS)}", f'"{format}"', "--format")
    place = Path(out) if out is not None else run.folder
    replace = force or out is None
    if format in ("html", "static"):
        target = place / "report.html" if place.is_dir() else place
        check_output(target, replace=replace)  # before what takes long
        text = page(run, _analysis(run, analyse), fixed=format == "static")
        make_folder(target.parent)
        write_whole(target, text.encode(), replace=replace)
        return target
    folder = place / "figures" if out is None else place
    write_pictures(figures_of(run, _analysis(run, analyse)), folder, format, replace=replace)
    return folder


def _analysis(run: Run, wanted: bool) -> Analysis | None:
    """Analyse a run's champion where that is wanted and the run has no analysis of it."""
    return run.analyse() if wanted and run.analysis is None and run.champion is not None else None
