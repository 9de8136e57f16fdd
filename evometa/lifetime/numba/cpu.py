"""The CPU backend: hands pieces of a batch to threads that run the Numba kernel without the interpreter's lock.

Why threads of our own and not `prange`: pieces go to whoever is free, the main thread stays able to hear
Ctrl-C between pieces, no threading layer can hang in a forked child, and the kernel compiles faster.
No result depends on how a batch was cut, since lanes never meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from typing import Annotated, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32, NONE, Births, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.columns import CODE_END, NODES, READS, STATES, SYNAPSES
from evometa.lifetime.graphs import synapses_of
from evometa.lifetime.lanes import Lanes, cut
from evometa.lifetime.memory import NO_MEMORY, Memory
from evometa.lifetime.numba.innate import alike_at_birth, apart, joined
from evometa.lifetime.numba.vector import LANES, lanes_of
from evometa.lifetime.packing import TILE, Packed, by_genome, pack, states_of
from evometa.lifetime.validation import check
from evometa.spec import SCORES
from evometa.spec.arrays import I64, U8
from evometa.spec.states import GATE, SYNAPSE
from evometa.system.machine import processors

BLOCK = 20  # queries answered in one sweep, at most
WIDEST = 64  # lanes taken at a time, at most
CACHE = 1 << 15  # floats of one [E, width] region that still stay in a core's cache with their like
LINE = 16  # floats of a line of cache, as many as a vector has: across two lines, it takes twice the time to load
PIECE = 3e8  # operations in one piece of work: some 50 ms, so that Ctrl-C is heard soon

Progress = Callable[[int, int], None]
Span = tuple[int, int, int]  # updates made before, those of a whole life, and of a task (0: there is one)
Room = tuple[F32, NDArray[np.int64]]  # an arena and scratch, as the kernel takes them


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
    largest = graphs[int(np.argmax(synapses_of(graphs)))]
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
    check(phenotypes, tasks, births, plan)
    width = choose_width(phenotypes.graphs, tasks.lanes, plan.order.shape[1])
    learners = Learners(phenotypes, births, width, memory=plan.memory)
    lanes = cut(tasks, plan, width, share=True)
    first, kind = alike_at_birth(phenotypes, learners.packed, plan.metric)
    once = plan.checkpoints[0] == 0 and len(plan.checkpoints) > 1 and 2 * len(first) <= len(kind)
    innate, later = apart(lanes) if once else (None, lanes)
    span = (0, *plan.life)
    found = learners.live(later, plan.bound, keep=plan.keep_weights, span=span, threads=threads, progress=progress)
    if innate is not None:
        some = Learners(phenotypes.take(first.tolist()), births, width, memory=plan.memory)
        found = joined(some.live(innate, plan.bound, span=span, threads=threads), kind, found)
    genomes = learners.packed.genomes
    weights = by_genome(genomes, found.learned) if plan.keep_weights else None
    scores, status = np.ascontiguousarray(found.scores[..., : tasks.lanes]), found.status[:, : tasks.lanes]
    every = np.broadcast_to(genomes[:, SYNAPSES, None, None].astype(np.float32), found.scores.shape[1:])
    opened = (found.opened if len(found.opened) else every)[..., : tasks.lanes]
    return Outcomes(scores, np.ascontiguousarray(status), weights, opened)


class States(NamedTuple):
    """Lives that are taken up and put down again: pieces of lanes of each genome, from its place in `begins` on."""

    begins: Annotated[I64, "G"] = np.zeros(0, np.int64)
    rows: Annotated[F32, "*"] = np.zeros(0, np.float32)


NO_STATES = States()


class Results(NamedTuple):
    """What the kernel writes.

    Where they are wanted (else they are empty): `opened`, how many synapses are open; `learned`, all genomes' weights
    of lane 0, one after the other; the `answers` to queries, instead of scores.
    """

    scores: Annotated[F32, "M G C L"]
    status: Annotated[U8, "G L"]
    opened: Annotated[F32, "G C L"]
    learned: Annotated[F32, "*"]
    answers: Annotated[F32, "G C T Q O width"]


class Learners:
    """A batch of base learners as the kernel takes them, `width` lanes at a time.

    `reads`: signals to have besides; `memory`: of each life.
    """

    def __init__(self, phenotypes: Phenotypes, births: Births, width: int, reads: int = 0,
                 memory: Memory = NO_MEMORY) -> None:  # fmt: skip
        self.width, self.packed = width, pack(phenotypes, births, width, max(1, TILE // width), memory)
        self.packed.genomes[:, READS] |= reads
        self.packed.genomes[:, STATES] |= states_of(np.array([reads]), np.full((1, len(SYNAPSE)), NONE))

    def live(self, lanes: Lanes, bound: float, *, keep: bool = False, answers: bool = False, span: Span = (0, 1, 0),
             states: States = NO_STATES, threads: int = 0, progress: Progress | None = None) -> Results:  # fmt: skip
        """Live from birth, or from `states`, which are changed, the updates and checkpoints of the plan in `lanes`.

        `span`: updates made before, those of a whole life, and of a task; `keep` the learned weights; `answers`, not
        scores.
        """
        results = self.results(lanes, keep, answers)
        local = threading.local()

        def work(items: NDArray[np.int64]) -> int:
            if not hasattr(local, "room"):
                local.room = self.room(lanes)
            self.run(items, lanes, bound, local.room, results, span, states)
            return len(items)

        spread(work, cut_work(self.packed, self.width, lanes), threads, progress)
        return results

    def results(self, lanes: Lanes, keep: bool = False, answers: bool = False) -> Results:
        """Return room for what the kernel writes."""
        shape = (len(self.packed.genomes), len(lanes.checkpoints), len(lanes.support_x))
        scores = np.zeros((len(SCORES), *shape[:2], shape[2] * self.width), np.float32)
        status = np.zeros((shape[0], shape[2] * self.width), np.uint8)
        gated = self.packed.genomes[:, STATES] >> GATE & 1 > 0
        opened = np.zeros((*shape[:2], status.shape[1]) if gated.any() else (0, 0, 0), np.float32)
        learned = np.zeros(int(self.packed.genomes[:, SYNAPSES].sum()) if keep else 0, np.float32)
        replies = np.zeros((*shape, *lanes.query_y.shape[1:]) if answers else (0,) * 6, np.float32)
        return Results(scores, status, opened, learned, replies)

    def room(self, lanes: Lanes) -> Room:
        """Return what a thread needs of its own: an arena, and scratch."""
        from evometa.lifetime.numba import kernel

        scratch, block = kernel.new_scratch(self.packed.genomes), self.block(lanes)
        length = kernel.longest_arena(
            self.packed.genomes, scratch, self.width, lanes.order.shape[2], block, lanes.ways, lanes.room, lanes.solved
        )
        return aligned(int(length)), scratch

    def block(self, lanes: Lanes) -> int:
        """Return how many queries to answer in one sweep: as many as leave their activations in cache."""
        fits = 2 * CACHE // (self.width * int(self.packed.genomes[:, NODES].max(initial=1)))
        return min(max(5, fits // 5 * 5), BLOCK, lanes.most)

    def run(self, items: NDArray[np.int64], lanes: Lanes, bound: float, room: Room, results: Results,
            span: Span, states: States = NO_STATES) -> None:  # fmt: skip
        """Run the kernel on items (genome, piece of lanes); what the steps leave stays in the room."""
        from evometa.lifetime.numba import kernel

        kernel.live(
            items, self.packed, lanes, span, self.block(lanes), self.width, np.float32(bound), *room, states, results
        )


def aligned(count: int) -> F32:
    """Return `count` zeros that begin with a line of cache; NumPy's own begin 16 bytes into one, if there are many."""
    floats = np.zeros(count + LINE, np.float32)
    first = -(floats.ctypes.data // floats.itemsize) % LINE
    return floats[first : first + count]


@cache
def every_processor() -> int:
    """Return how many threads take all processors: the system is asked once, as it takes its time to answer."""
    return processors()


def cut_work(packed: Packed, width: int, lanes: Lanes) -> list[NDArray[np.int64]]:
    """Return lists of (genome, piece of lanes), each about PIECE operations long."""
    pieces, updates, batch = len(lanes.support_x), *lanes.order.shape[1:3]
    examples, queries = updates * batch, lanes.answers
    synapses, instructions = packed.genomes[:, SYNAPSES], packed.genomes[:, CODE_END]
    cost = synapses * width * (examples * (6.0 + instructions) + 2.0 * queries)
    items = np.stack(np.meshgrid(np.arange(len(synapses)), np.arange(pieces), indexing="ij"), axis=-1).reshape(-1, 2)
    number = np.cumsum(np.repeat(cost, pieces)) // PIECE
    return np.split(items, np.flatnonzero(np.diff(number)) + 1)


def spread(work: Callable[[Any], int], parts: list[Any], threads: int, progress: Progress | None) -> None:
    """Give the parts to threads as they become free; Ctrl-C ends after the parts in hand."""
    total, done = sum(len(part) for part in parts), 0
    if len(parts) == 1 and not progress:
        work(parts[0])  # a thread of its own would not be ready earlier
        return
    with ThreadPoolExecutor(min(threads or every_processor(), len(parts))) as pool:
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


def memory(graph: Extent, registers: int, batch: int, lanes: int, genomes: int, checkpoints: int, threads: int = 0,
           remembered: Memory = NO_MEMORY) -> int:  # fmt: skip
    """Return roughly how many bytes a batch needs: arenas (one to each thread) and outcomes.

    `registers`: of a rule, at most; each may hold a result of every node; `remembered`: the memory of each life.
    """
    width = choose_width([graph], lanes, batch)
    rows = graph.synapses * 12 + graph.nodes * (3 * batch + 2 * BLOCK + registers) + registers * TILE // LANES
    rows += remembered.rows + remembered.access_rows
    return 4 * (rows * width * (threads or every_processor()) + 4 * genomes * checkpoints * lanes)
