"""The CPU backend: hands pieces of a batch to threads that run the Numba kernel without the interpreter's lock.

Why threads of our own and not `prange`: pieces go to whoever is free, the main thread stays able to hear
Ctrl-C between pieces, no threading layer can hang in a forked child, and the kernel compiles faster.
No result depends on how a batch was cut, since lanes never meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import Births, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.columns import CODE_END, SYNAPSES, WEIGHTS_OUT
from evometa.lifetime.lanes import Lanes, cut
from evometa.lifetime.numba.vector import LANES, lanes_of
from evometa.lifetime.packing import TILE, Packed, pack
from evometa.lifetime.validation import check
from evometa.spec import SCORES
from evometa.system.machine import processors

BLOCK = 20  # queries answered in one sweep
WIDEST = 64  # lanes taken at a time, at most
CACHE = 1 << 15  # floats of one [E, width] region that still stay in a core's cache with their like
PIECE = 3e8  # operations in one piece of work: some 50 ms, so that Ctrl-C is heard soon

Progress = Callable[[int, int], None]


class Extent(Protocol):
    """What of a network decides how much memory its lifetimes take: a Graph, or its size before it is built."""

    @property
    def inputs(self) -> int: ...
    @property
    def nodes(self) -> int: ...
    @property
    def synapses(self) -> int: ...


def choose_width(graphs: Sequence[Extent], lanes: int, batch: int) -> int:
    """Return how many lanes to take at a time, a multiple of 16.

    Wide enough that one node's synapses fill a tile of the interpreter, narrow enough that a net's weights
    stay in cache, and without a last piece that is mostly padding. With several examples to an update the sweeps
    are already blocked, and 16 was fastest for every net tried (1.1 to 1.8 times). No result depends on it.
    """
    if batch > 1:
        return LANES
    largest = max(graphs, key=lambda graph: graph.synapses)
    fan_in = largest.synapses / (largest.nodes - largest.inputs - 1)
    fits = min(int(TILE / max(fan_in, 1)), CACHE // max(largest.synapses, 1))
    width = min(WIDEST, lanes_of(max(fits, 1)), lanes_of(lanes))  # a network of any size takes one vector at least
    pieces = -(-lanes // width)
    return lanes_of(-(-lanes // pieces))


def live(
    phenotypes: Phenotypes,
    tasks: Tasks,
    births: Births,
    plan: Plan,
    *,
    threads: int = 0,
    progress: Progress | None = None,
) -> Outcomes:
    """Live every lifetime of the batch on `threads` CPUs (0: all); `progress(done, total)` hears of items done.

    Raises ContractError.
    """
    from evometa.lifetime.numba import kernel

    check(phenotypes, tasks, births, plan)
    width = choose_width(phenotypes.graphs, tasks.lanes, plan.order.shape[1])
    block = min(BLOCK, len(tasks.query_x))
    packed = pack(phenotypes, births, width, max(1, TILE // width))
    lanes = cut(tasks, plan, width, share=True)
    pieces, genomes, points = len(lanes.support_x), len(phenotypes), len(lanes.checkpoints)
    scores = np.zeros((len(SCORES), genomes, points, pieces * width), np.float32)
    status = np.zeros((genomes, pieces * width), np.uint8)
    learned = np.zeros(
        int(packed.genomes[-1, WEIGHTS_OUT] + packed.genomes[-1, SYNAPSES]) if plan.keep_weights else 0, np.float32
    )
    scratch = kernel.new_scratch(packed.genomes)
    length = int(kernel.longest_arena(packed.genomes, scratch, width, lanes.order.shape[2], block))
    examples = tuple(a.reshape(-1) for a in (lanes.support_x, lanes.support_y, lanes.query_x, lanes.query_y))
    sizes = (lanes.support_x.shape[1], lanes.query_x.shape[1])
    local = threading.local()

    def work(items: NDArray[np.int64]) -> int:
        if not hasattr(local, "arena"):
            local.arena, local.scratch = np.zeros(length, np.float32), scratch.copy()
        kernel.live(
            items, packed.genomes,
            (packed.constants, packed.innate, packed.plasticity, packed.feedback, packed.births),
            packed.coefficients, packed.code, packed.out,
            (packed.ptr, packed.src, packed.activation, packed.tiles),
            examples, sizes, lanes.order, lanes.checkpoints, (lanes.head, lanes.credit, block, width),
            np.float32(plan.bound), local.arena, local.scratch, (scores, status, learned),
        )  # fmt: skip
        return len(items)

    spread(work, cut_work(packed, width, lanes), threads, progress)
    ends = packed.genomes[:, WEIGHTS_OUT] + packed.genomes[:, SYNAPSES]
    weights = [learned[a:b] for a, b in zip(packed.genomes[:, WEIGHTS_OUT], ends, strict=True)]
    scores, status = np.ascontiguousarray(scores[..., : tasks.lanes]), np.ascontiguousarray(status[:, : tasks.lanes])
    return Outcomes(scores, status, weights if plan.keep_weights else None)


def cut_work(packed: Packed, width: int, lanes: Lanes) -> list[NDArray[np.int64]]:
    """Return lists of (genome, piece of lanes), each about PIECE operations long."""
    pieces, updates, batch = len(lanes.support_x), *lanes.order.shape[1:3]
    examples, queries = updates * batch, len(lanes.checkpoints) * lanes.query_x.shape[1]
    synapses, instructions = packed.genomes[:, SYNAPSES], packed.genomes[:, CODE_END]
    cost = synapses * width * (examples * (6.0 + instructions) + 2.0 * queries)
    items = np.stack(np.meshgrid(np.arange(len(synapses)), np.arange(pieces), indexing="ij"), axis=-1).reshape(-1, 2)
    number = np.cumsum(np.repeat(cost, pieces)) // PIECE
    return np.split(items, np.flatnonzero(np.diff(number)) + 1)


def spread(work: Callable[[Any], int], parts: list[Any], threads: int, progress: Progress | None) -> None:
    """Give the parts to threads as they become free; Ctrl-C ends after the parts in hand."""
    total, done = sum(len(part) for part in parts), 0
    with ThreadPoolExecutor(min(threads or processors(), len(parts))) as pool:
        futures = [pool.submit(work, part) for part in parts]
        try:
            for future in as_completed(futures):
                done += future.result()
                if progress:
                    progress(done, total)
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def memory(
    graph: Extent, registers: int, batch: int, lanes: int, genomes: int, checkpoints: int, threads: int = 0
) -> int:
    """Return roughly how many bytes a batch needs: arenas (one to each thread) and outcomes."""
    width = choose_width([graph], lanes, batch)
    rows = graph.synapses * 12 + graph.nodes * (3 * batch + 2 * BLOCK) + registers * TILE // LANES
    return 4 * (rows * width * (threads or processors()) + 4 * genomes * checkpoints * lanes)
