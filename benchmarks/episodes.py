"""Few-shot episodes against PyTorch's batch form: `python -m benchmarks.episodes` (needs the extra `bench`).

Work: each of many genomes embeds every image of every episode in a net of its own, 196-128-64 (ReLU, 33 472 synapses),
and answers 5-way 1-shot queries by prototypes; nothing is learned. Images are noise, all of them different, so nothing
can be embedded once for all (where they come from a pool, a form that embeds the pool once per genome has less to do;
that is another work). Ours walks a general edge list. PyTorch knows that the net is dense: products batched over
genomes, in chunks of genomes and episodes, the fastest of some sizes; distances by products as well. Threads: 1 and 2,
seconds of the processor with one thread, of the clock with two. Beside them: our own forward pass of as many images
through the same nets without a head that compares, whose rate is the dense one, and ridge in place of prototypes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import torch

from benchmarks.timing import table, take_turns_by
from benchmarks.workloads import people
from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.lifetime import F32, Births, Plan, Tasks
from evometa.lifetime.numba import cpu

WIDTHS, WAYS, QUERIES = (196, 128, 64), 5, 25
CHUNKS = [(genomes, episodes) for genomes in (1, 4, 16) for episodes in (8, 32, 128)]


class Work:
    """Genomes, episodes, and both ways to live them."""

    def __init__(self, genomes: int, episodes: int) -> None:
        rng = np.random.default_rng(0)
        graph = layered(WIDTHS[0], WIDTHS[1:-1], WIDTHS[-1], "relu")
        self.genomes, self.episodes, self.synapses = genomes, episodes, graph.synapses
        weights = (rng.standard_normal((genomes, graph.synapses)) / np.sqrt(WIDTHS[0])).astype(np.float32)
        self.phenotypes = people(graph, [compile_rule({})] * genomes, weights)
        self.images = rng.standard_normal((episodes, WAYS + QUERIES, WIDTHS[0])).astype(np.float32)
        self.labels = np.concatenate([np.arange(WAYS), np.arange(QUERIES) % WAYS])
        x = np.ascontiguousarray(self.images.transpose(1, 2, 0))
        x[WAYS:] += x[self.labels[WAYS:]]  # a query is its class's example with as much noise again
        self.images = np.ascontiguousarray(x.transpose(2, 0, 1))
        y = np.repeat(np.eye(WAYS, dtype=np.float32)[self.labels][..., None], episodes, axis=2)
        self.tasks = Tasks(x[:WAYS], y[:WAYS], x[WAYS:], y[WAYS:])
        nothing = np.zeros((len(x), WIDTHS[-1], episodes), np.float32)
        self.plain = Tasks(x[:1], nothing[:1], x, nothing)
        self.plan = Plan(np.zeros((0, WAYS, episodes), np.int32), np.zeros(1, np.int32), "prototype", "backprop")
        self.layers, first = [], 0
        for below, width in pairwise(WIDTHS):
            rows = weights[:, first : first + (below + 1) * width].reshape(genomes, width, below + 1)
            constant = graph.src[first : first + below + 1] == graph.inputs
            bias = torch.tensor(rows[..., constant]).mT.contiguous()
            self.layers.append((torch.tensor(rows[..., ~constant]).mT.contiguous(), bias))
            first += (below + 1) * width

    @property
    def flops(self) -> float:
        """Operations that embed all images, an addition and a product for each synapse."""
        return 2.0 * self.synapses * self.genomes * self.episodes * (WAYS + QUERIES)

    def ours(self, head: str, threads: int) -> F32:
        """Return the share of right answers of each genome."""
        plan = replace(self.plan, head=head)
        return cpu.live(self.phenotypes, self.tasks, Births(), plan, threads=threads).accuracy[:, 0].mean(axis=1)

    def dense(self, threads: int) -> None:
        """Send all images through our nets, and compare nothing."""
        cpu.live(self.phenotypes, self.plain, Births(), replace(self.plan, head="linear"), threads=threads)

    def theirs(self, genomes: int, episodes: int, only: int | None = None) -> F32:
        """Return the same as `ours` by PyTorch, some genomes and episodes at a time; `only`: of the first genomes."""
        right, images = np.zeros(self.genomes, np.float32), torch.from_numpy(self.images)
        labels = torch.from_numpy(self.labels[WAYS:])
        with torch.no_grad():
            for g in range(0, only or self.genomes, genomes):
                (w1, b1), (w2, b2) = ((w[g : g + genomes], b[g : g + genomes]) for w, b in self.layers)
                count = len(w1)
                for first in range(0, self.episodes, episodes):
                    part = images[first : first + episodes]
                    x = part.reshape(1, -1, WIDTHS[0]).expand(count, -1, -1)
                    e = torch.baddbmm(b2, torch.baddbmm(b1, x, w1).relu_(), w2)
                    e = e.reshape(count * len(part), WAYS + QUERIES, -1)
                    known, asked = e[:, :WAYS], e[:, WAYS:]
                    near = torch.baddbmm((known * known).sum(2)[:, None], asked, known.mT, alpha=-2.0)
                    hits = (near.argmin(2) == labels).float().reshape(count, -1).sum(1)
                    right[g : g + count] += hits.numpy()
        return (right / (self.episodes * QUERIES)).astype(np.float32)

    def fastest(self) -> tuple[int, int]:
        """Return the sizes of chunks with which PyTorch is fastest, tried with the first genomes."""
        best = {}
        for chunk in CHUNKS:
            self.theirs(*chunk, only=chunk[0])
            begin = time.perf_counter()
            self.theirs(*chunk, only=min(16, self.genomes))
            best[chunk] = time.perf_counter() - begin
        return min(best, key=best.__getitem__)


def main() -> None:
    """Run all contestants in turns and print the tables."""
    parser = argparse.ArgumentParser(description="few-shot episodes, ours beside PyTorch's batch form")
    parser.add_argument("--genomes", type=int, default=256)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    work = Work(given.genomes, given.episodes)
    ours, theirs = work.ours("prototype", 1), work.theirs(4, 32)
    print(f"{work.flops / 1e9:.0f} GFLOP; right answers: ours {ours.mean():.4f}, PyTorch's {theirs.mean():.4f}, "
          f"of a genome at most {np.abs(ours - theirs).max():.1e} apart")  # fmt: skip
    for threads, name in ((1, "processor"), (2, "clock")):
        torch.set_num_threads(threads)
        chunk = work.fastest()
        peer = f"PyTorch, bmm in chunks of {chunk[0]} × {chunk[1]}"
        contestants: dict[str, Callable[[], object]] = {
            peer: partial(work.theirs, *chunk),
            "evometa, prototype": partial(work.ours, "prototype", threads),
            "evometa, ridge": partial(work.ours, "ridge", threads),
            "evometa, no comparing": partial(work.dense, threads),
        }
        clocks = {"processor": time.process_time, "clock": time.perf_counter}
        seconds = take_turns_by(clocks, contestants, given.turns)[name]
        print(f"\n{threads} thread{'s' * (threads > 1)}, seconds of the {name}")
        table(seconds, peer, lambda _, s: f"{work.flops / s / 1e9:6.1f} GFLOP/s")
        dense = np.median(seconds["evometa, no comparing"] / seconds["evometa, prototype"])
        print(f"a prototype episode at {dense:.2f} of the dense rate")


if __name__ == "__main__":
    main()
