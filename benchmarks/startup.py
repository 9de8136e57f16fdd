"""How long a user waits: `python -m benchmarks.startup [--quick]`.

Wall seconds of whole processes: `evometa --help`; `evometa run delta --generations 1 --json` until the line of the
first generation, with kernels cached, and with an empty cache (where a line must say that kernels are being compiled)
for recipes of each kind. `--quick` leaves out the empty cache.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.claims import Table, claim, options

HELP, CACHED, FRESH = 0.3, 3.0, 30.0  # seconds allowed
RECIPES = ("delta", "xor", "rewire")  # rules alone, networks that evolve, both, with gates
FIRST, COMPILING = "generation 1/", "compiling kernels"


def command(*arguments: str) -> list[str]:
    """Return the command line of evometa in this environment."""
    script = Path(sys.executable).with_name("evometa")
    start = [str(script)] if script.exists() else [sys.executable, "-c", "from evometa.cli import main; main()"]
    return [*start, *arguments]


def processor() -> float:
    """Return the processor seconds of all processes started here that have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


def help_seconds() -> tuple[float, float]:
    """Return the seconds of `evometa --help`, and its processor seconds."""
    begin, spent = time.perf_counter(), processor()
    subprocess.run(command("--help"), check=True, capture_output=True)
    return time.perf_counter() - begin, processor() - spent


def first_generation(cache: Path | None, recipe: str = "delta") -> tuple[float, float, float, bool]:
    """Return seconds until the first generation's line, until the end, of the processor; was compiling announced?

    `cache`: a folder for compiled kernels, the only place where they are looked for; None: the usual ones.
    """
    places = {name: str(cache) for name in ("EVOMETA_CACHE", "NUMBA_CACHE_DIR", "TMPDIR")}
    env = os.environ | {"PYTHONUNBUFFERED": "1"} | ({} if cache is None else places)
    with tempfile.TemporaryDirectory() as folder:
        arguments = command("run", recipe, "--generations", "1", "--out", f"{folder}/run", "--json")
        begin, spent = time.perf_counter(), processor()
        process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        seen, told, lines = 0.0, False, []
        for line in process.stderr:
            lines.append(line)
            told = told or COMPILING in line
            if line.startswith(FIRST) and not seen:
                seen = time.perf_counter() - begin
        process.communicate()
        whole = time.perf_counter() - begin
    if process.returncode or not seen:
        raise RuntimeError(f"no first generation, exit code {process.returncode}:\n{''.join(lines)}")
    return seen, whole, processor() - spent, told


def uncached(recipe: str) -> tuple[float, float, float, bool]:
    """Return what `first_generation` does where nothing is cached."""
    with tempfile.TemporaryDirectory() as folder:
        return first_generation(Path(folder), recipe)


def main() -> None:
    """Measure and print the table and the verdicts."""
    chosen = options(__doc__, repeats=10)
    repeats = 3 if chosen.quick else chosen.repeats
    help_seconds()  # so that files are in the page cache for all of them
    first_generation(None)  # and kernels are compiled
    helped = [help_seconds() for _ in range(repeats)]
    cached = [first_generation(None) for _ in range(max(1, repeats // 2))]
    fresh = {recipe: [] if chosen.quick else [uncached(recipe) for _ in range(-(-repeats // 4))] for recipe in RECIPES}
    table = Table(seconds_until=-44, median=7, fastest=7, slowest=7, processor=9, n=3)
    for name, times, spent in (
        ("evometa --help has ended", [seconds for seconds, _ in helped], [spent for _, spent in helped]),
        ("first generation, kernels cached", [row[0] for row in cached], []),
        ("run of one generation has ended, cached", [row[1] for row in cached], [row[2] for row in cached]),
        *(
            (f"{words}, nothing cached: {recipe}", [row[place] for row in rows], [row[2] for row in rows][: 3 * place])
            for recipe, rows in fresh.items()
            for place, words in enumerate(("first generation", "run of one has ended"))
        ),
    ):
        if times:
            used = float(np.median(spent)) if spent else ""
            table.row(name, float(np.median(times)), min(times), max(times), used, len(times))
    print()
    took = float(np.median([seconds for seconds, _ in helped]))
    claim(f"evometa --help in {HELP} s: {took:.2f} s", took <= HELP)
    took = float(np.median([row[0] for row in cached]))
    claim(f"first generation within {CACHED:.0f} s when kernels are cached: {took:.1f} s", took <= CACHED)
    for recipe, rows in fresh.items():
        if rows:
            took = float(np.median([row[0] for row in rows]))
            claim(f"{recipe}: first generation within {FRESH:.0f} s when nothing is: {took:.1f} s", took <= FRESH)
            claim("a line says that kernels are being compiled, in each of these", all(row[3] for row in rows))


if __name__ == "__main__":
    main()
