"""Does time grow in proportion, and memory not at all? `python -m benchmarks.scaling [--generations N] [--quick]`.

Time: the lifetime kernel on synthetic batches (8 inputs, layers of 16, 4 outputs, backpropagation, 40 updates) that
double in genomes, in lanes, in layers; nanoseconds for each genome × lane × synapse × update, and the exponent fitted
to the larger half. Memory: a small recipe over a thousand generations, resident size every hundred. The compiled
programs of the last 65 536 rules are remembered; they are counted too, and are that many well before half-way.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import evometa
from benchmarks.claims import Table, claim, options, warm
from benchmarks.timing import take_turns
from evometa.callbacks import Silent
from evometa.genetics.programs import program_of
from evometa.genetics.topology import layered
from evometa.language.library import RULES
from evometa.lifetime import Births, Phenotype, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba import cpu
from evometa.presentation.events import Generation
from tests.small import DELTA, recipe

UPDATES, SHOTS = 40, 20
BASE = {"genomes": 128, "lanes": 128, "synapses": 2}  # the last as the number of hidden layers
SIZES = {
    "genomes": (16, 32, 64, 128, 256, 512, 1024, 2048),
    "lanes": (64, 128, 256, 512, 1024, 2048),
    "synapses": (1, 2, 4, 8, 16, 32),
}
LINEAR = 1.1  # the largest exponent that still passes for linear
GROWTH = 0.05  # by which memory may grow in the second half of a run and still be called flat


def batch(genomes: int, lanes: int, layers: int) -> tuple[tuple[Phenotypes, Tasks, Births, Plan], int]:
    """Return a batch to live, and its number of synapses."""
    rng = np.random.default_rng(0)
    graph = layered(8, (16,) * layers, 4)
    program = program_of(tuple(RULES["sgd"].slots.items()))
    weights = (0.3 * rng.standard_normal((genomes, graph.synapses))).astype(np.float32)
    none = np.zeros((0, graph.synapses), np.float32)
    rate = np.full(1, 0.1, np.float32)
    phenotypes = batch_of([Phenotype(graph, program, w, rate, none) for w in weights])
    x = rng.standard_normal((SHOTS, 8, lanes)).astype(np.float32)
    y = np.eye(4, dtype=np.float32)[rng.integers(0, 4, (SHOTS, lanes))].transpose(0, 2, 1).copy()
    order = rng.integers(0, SHOTS, (UPDATES, 1, lanes)).astype(np.int32)
    plan = Plan(order, np.array([UPDATES], np.int32), "softmax", "backprop")
    return (phenotypes, Tasks(x, y, x, y), Births(), plan), graph.synapses


def time_grows(axis: str, turns: int, most: int) -> None:
    """Double one axis and print time, time for each unit, and the fitted exponent."""
    sizes = SIZES[axis][:most]
    batches = [batch(*(BASE | {axis: size}).values()) for size in sizes]
    seconds = take_turns({str(n): lambda b=b: cpu.live(*b[0]) for n, b in enumerate(batches)}, turns)  # type: ignore[misc]
    best = np.array([values.min() for values in seconds.values()])
    amounts = np.array([synapses for _, synapses in batches] if axis == "synapses" else sizes)
    shared = [size for name, size in BASE.items() if name not in (axis, "synapses")]
    each = best / (amounts * np.prod(shared) * UPDATES * (1 if axis == "synapses" else batches[0][1]))
    print()
    table = Table(**{axis: 8}, ms=9, ns_each=8, times_the_last=14)
    for n, amount in enumerate(amounts):
        table.row(amount, best[n] * 1e3, each[n] * 1e9, "" if n == 0 else f"{best[n] / best[n - 1]:.2f}")
    upper = slice(len(sizes) // 2 - 1, None)
    exponent = float(np.polyfit(np.log(amounts[upper]), np.log(best[upper]), 1)[0])
    claim(f"time is linear in {axis}, or better: exponent {exponent:.3f} (at most {LINEAR})", exponent <= LINEAR)


def resident() -> float:
    """Return this process's resident memory in MiB."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        )  # the highest so far: good enough to see growth
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS")) / 1024


class Scale(Silent):
    """Notes the resident memory every so many generations, with the number of programs remembered."""

    def __init__(self, every: int) -> None:
        self.every, self.table = every, Table(generation=10, resident_MiB=12, programs_remembered=19)
        self.generations: list[int] = []
        self.sizes: list[float] = []
        self.programs: list[int] = []

    def generation(self, stats: Generation) -> None:
        """Take a note where it is time."""
        if stats.generation % self.every == 0:
            self.generations.append(stats.generation)
            self.sizes.append(resident())
            self.programs.append(program_of.cache_info().currsize)
            self.table.row(self.generations[-1], self.sizes[-1], self.programs[-1])


def memory_stays(generations: int) -> None:
    """Evolve a small recipe for long and print how memory went."""
    print()
    scale = Scale(max(1, generations // 10))
    small = recipe(DELTA, run={"generations": generations}, evolution={"population": 256, "immigrants": 0.0625})
    with tempfile.TemporaryDirectory() as folder:
        evometa.run(small, out=Path(folder, "run"), watch=scale)
    half = len(scale.sizes) // 2
    slope = float(np.polyfit(scale.generations[half:], scale.sizes[half:], 1)[0])
    growth = scale.sizes[-1] / scale.sizes[half] - 1
    more = scale.programs[-1] - scale.programs[half]
    if more:
        each = 1024 * (scale.sizes[-1] - scale.sizes[half]) / more
        print(f"\n{more} more programs are remembered than half-way: {each:.2f} KiB each, if nothing else grew")
    told = f"{slope * 1024:+.2f} KiB a generation in the second half, {growth:+.1%} there"
    claim(f"memory is flat over {generations} generations: {told} (at most {GROWTH:.0%})", growth <= GROWTH)


def main() -> None:
    """Measure time along each axis, then memory."""
    chosen = options(__doc__, generations=1000)
    warm()
    for axis in SIZES:
        time_grows(axis, 1 if chosen.quick else 7, 3 if chosen.quick else 8)
    memory_stays(30 if chosen.quick else chosen.generations)


if __name__ == "__main__":
    main()
