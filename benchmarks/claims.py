"""What the benchmarks have in common: options, runs in a folder of their own, plain tables, verdicts on claims."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import evometa
from evometa.judging.intervals import mean_interval
from evometa.judging.reports import Report
from evometa.lifetime.backends import choose_backend, warm_up
from evometa.presentation.run import Run

BUSY = 0.5  # load average from which times are not to be trusted


def options(doc: str | None, seeds: int | None = None, **values: int | str | None) -> argparse.Namespace:
    """Read the command line: `--quick`, `--seeds` if there are any, a whole number or a text for each of `values`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke test in seconds; its numbers mean nothing")
    for name, value in ({} if seeds is None else {"seeds": seeds}).items() | values.items():
        told, kind = "as in the recipe" if value is None else str(value), str if isinstance(value, str) else int
        mark = "TEXT" if kind is str else "N"
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=value, metavar=mark, help=f"[{told}]")
    chosen = parser.parse_args()
    if chosen.quick:
        print("--quick: this only shows that the script works; its numbers and verdicts mean nothing\n")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > BUSY:
        print(f"the load average is {load:.1f}: other programs are at work, so times below are longer than need be\n")
    return chosen


def warm() -> None:
    """Compile or load the kernels now, so that no run pays for it."""
    backend, line = choose_backend("auto", 0)
    warm_up(backend, print)
    print(f"{line}\n", flush=True)


@contextmanager
def lived(
    recipe: Any, settings: Sequence[str] = (), keep: Path | None = None, **given: Any
) -> Iterator[tuple[Run, float]]:
    """Yield a finished run and the seconds it took, champion's test included.

    Its folder goes with the block, or is the one to `keep`: a run that is there already is gone on with, and nobody
    knows its seconds (NaN).
    """
    if keep is not None and keep.exists():
        yield evometa.resume(keep), float("nan")
        return
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        run = evometa.run(recipe, settings=settings, out=keep or Path(folder, "run"), **given)
        yield run, time.perf_counter() - begin


def report(run: Run) -> Report:
    """Return what the run file keeps of the champion's test."""
    found = run.report(run.generation)
    if found is None:
        raise ValueError(f"{run!r} has no report")
    return found


class Table:
    """A plain table whose rows appear as they are known, since one may take minutes."""

    def __init__(self, **columns: int) -> None:
        """Print the heading; `columns`: widths, negative for text that is set left; _ stands for a space."""
        self.widths = list(columns.values())
        names = [name.replace("_", " ").strip() for name in columns]
        self.row(*names)

    def row(self, *cells: object) -> None:
        """Print one row; floats in four digits."""
        texts = [f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in cells]
        pairs = zip(texts, self.widths, strict=True)
        line = "  ".join(text.ljust(-width) if width < 0 else text.rjust(width) for text, width in pairs)
        print(line.rstrip(), flush=True)


def spread(values: Any) -> str:
    """Write mean ± standard deviation."""
    array = np.asarray(values, np.float64)
    return f"{array.mean():.4f} ± {array.std(ddof=1) if len(array) > 1 else 0.0:.4f}"


def likely(values: Any) -> str:
    """Write mean ± half width of the 95 % interval (Student's t)."""
    mean, half = mean_interval(values)
    return f"{mean:.4f} ± {'?' if half is None else f'{half:.4f}'}"


def above_zero(differences: Any) -> bool:
    """Tell whether the whole 95 % interval of the mean lies above 0; a single difference has no interval."""
    mean, half = mean_interval(differences)
    return half is not None and mean - half > 0


def claim(text: str, holds: bool) -> None:
    """Print the verdict on a claim."""
    print(f"{'holds' if holds else 'does not hold':13}  {text}", flush=True)
