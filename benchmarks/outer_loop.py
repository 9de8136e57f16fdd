"""What everything but lifetimes costs: `python -m benchmarks.outer_loop [--seeds N] [--population N] [--quick]`.

Recipe `delta`: each phase's own seconds (without the phases within it) in all generations. The outer loop is all but
the kernel: variation, compiling rules and packing them into arrays, finding rules that behave alike,
judging, selection, the run file; "the rest" is what evaluation, the panel, statistics and the loop itself take between
these. Batches are checked and packed within the backend, which counts as outer loop all the same; handing pieces to
threads is the kernel's.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.claims import Table, claim, options, warm
from evometa.callbacks import Listeners
from evometa.config.load import load
from evometa.engine import Engine, rare_collection
from evometa.evolution.persistence import begin
from evometa.system.machine import processors
from evometa.tasks.location import Places

Times = np.ndarray  # seconds of the clock, seconds of the processor
LIMITS = {1_000: 0.15, 10_000: 0.25}  # of the outer loop, up to such populations
LIFETIMES, PACKING = "lifetimes (kernel)", "pack into arrays"
PATCHED = {
    ("evometa.language.batch_compiler", "compile_batch"): "compile rules",
    ("evometa.evolution.lessons", "express"): "genomes to phenotypes",
    ("evometa.lifetime.numba.cpu", "check"): "check the batch",
    ("evometa.lifetime.numba.cpu", "pack"): PACKING,
    ("evometa.lifetime.numba.cpu", "cut"): PACKING,
    ("evometa.lifetime.numba.cpu", "cut_work"): PACKING,
    ("evometa.evolution.evaluation", "judge"): "judge",
    ("evometa.engine", "encode"): "run file",
    ("evometa.engine", "commit"): "run file",
}
"""Functions by the module and the name that they are called by, and the phase that they are."""


def now() -> Times:
    """Return the time: of the clock, and of the processor in all threads."""
    return np.array([time.perf_counter(), time.process_time()])


class Phases:
    """Seconds of each phase (clock, processor) without the phases that are called from within it."""

    def __init__(self) -> None:
        self.seconds: dict[str, Times] = defaultdict(lambda: np.zeros(2))
        self.within = [np.zeros(2)]

    def timed(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a clock around it."""

        def run(*arguments: Any, **named: Any) -> Any:
            begin = now()
            self.within.append(np.zeros(2))
            try:
                return function(*arguments, **named)
            finally:
                took = now() - begin
                self.seconds[phase] += took - self.within.pop()
                self.within[-1] = self.within[-1] + took

        return run


def measure(seed: int, settings: list[str]) -> dict[str, Times]:
    """Evolve once with clocks around every phase; the champion's test is left out."""
    phases = Phases()
    engine = Engine(load("delta", settings, seed=seed), Places(Path.cwd()), Listeners())
    evaluator, evolution = engine.evaluator, engine.evolution
    owners: list[tuple[Any, str, str]] = [(import_module(m), name, phase) for (m, name), phase in PATCHED.items()]
    owners += [
        (evaluator, "signatures", "find rules that behave alike"),
        (evolution, "ask", "variation"), (evolution, "tell", "selection"), (engine, "generation", "the rest"),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for owner, name, phase in owners:
            stack.enter_context(patch.object(owner, name, phases.timed(phase, getattr(owner, name))))
        timed = evaluator.ways._replace(live=phases.timed(LIFETIMES, evaluator.ways.live))
        stack.enter_context(patch.object(evaluator, "ways", timed))
        writer = stack.enter_context(begin(engine.config, Path(folder, "run"), engine.record))
        stack.enter_context(rare_collection())
        while evolution.generation < engine.config.run.generations:
            engine.generation(writer)
    return dict(phases.seconds)


def main() -> None:
    """Run all seeds and print the share of every phase and the verdict."""
    chosen = options(__doc__, seeds=3, population=1000)
    warm()
    settings = [f"evolution.population={chosen.population}", *(["run.generations=3"] if chosen.quick else [])]
    runs = [measure(seed, settings) for seed in range(1 if chosen.quick else chosen.seeds)]
    names = sorted({phase for run in runs for phase in run}, key=lambda one: -runs[0].get(one, np.zeros(2))[0])
    seconds = np.array([[run.get(name, np.zeros(2)) for name in names] for run in runs])  # [runs, phases, 2]
    totals = seconds.sum(axis=1)
    table = Table(phase=-30, seconds=8, processor=9, share=8)
    for n, name in enumerate(names):
        clock, processor = np.median(seconds[:, n], axis=0)
        table.row(name, round(clock, 2), round(processor, 2), f"{np.median(seconds[:, n, 0] / totals[:, 0]):.1%}")
    kernel, packing = seconds[:, names.index(LIFETIMES)], seconds[:, names.index(PACKING)]
    share = 1 - kernel[:, 0] / totals[:, 0]
    table.row("all; the outer loop's share", *np.round(np.median(totals, axis=0), 2), f"{np.median(share):.1%}")
    outer = totals[:, 1] - kernel[:, 1]
    alone = outer / (outer + kernel[:, 1] / processors())
    without = 1 - (kernel + packing)[:, 0] / totals[:, 0]
    print(f"\neach seed: {', '.join(f'{one:.1%}' for one in share)}; {np.median(without):.1%} without packing")
    print(f"by processor time, the kernel's shared by {processors()} threads: {np.median(alone):.1%}")
    limit = next((limit for most, limit in LIMITS.items() if chosen.population <= most), max(LIMITS.values()))
    claim(f"the outer loop takes {np.median(share):.1%} (at most {limit:.0%})", float(np.median(share)) <= limit)


if __name__ == "__main__":
    main()
