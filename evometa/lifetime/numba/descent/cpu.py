"""Gradients of lifetimes on the processor: `descend` of the contract (evometa/lifetime/slopes.py).

Threads take pieces as `numba/cpu.py` has it; what the kernel writes is the sums of each block of 16 lanes, which are
added here in their order. Updates are kept for a part of a life at a time; other parts are lived again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.language.program import Program
from evometa.lifetime import F32, Births, Memory, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime import columns as k
from evometa.lifetime.adjoints import SUMS, no_slopes, part_of, parts_of, with_adjoints, write
from evometa.lifetime.lanes import Lanes, as_taken, cut
from evometa.lifetime.numba.arena import COEFFICIENT_COUNT, PLASTICITY_COUNT
from evometa.lifetime.numba.cpu import BLOCK, CACHE, PIECE, Progress, Room, aligned, every_processor, spread
from evometa.lifetime.numba.vector import LANES
from evometa.lifetime.packing import TILE, pack, renew
from evometa.lifetime.validation import check, check_counts, check_descent, check_lessons
from evometa.spec.arrays import U8

SHARES = 4  # pieces of work for each of several threads, at least: none waits long for the last


class Shares(NamedTuple):
    """What the kernel writes: sums over each of T blocks of lanes, for all genomes behind one another.

    `mask`: 1 in each lane, 0 in those that fill up the last block.
    """

    losses: Annotated[F32, "G C L"]
    status: Annotated[U8, "G L"]
    innate: Annotated[F32, "T *"]
    plasticity: Annotated[F32, "T *"]
    coefficients: Annotated[F32, "T *"]
    mask: Annotated[F32, "L"]


def descend(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, adjoints: Sequence[Program], weights: F32,
            loss_adjoints: Sequence[Program] = (), order: int = 2, *, threads: int = 0,
            progress: Progress | None = None, length: int = 0) -> Slopes:  # fmt: skip
    """Differentiate every lifetime of the batch on `threads` CPUs (0: all).

    `progress(done, total)` hears of blocks of lanes done; `length`: updates that are kept at a time (0: it is chosen).
    Raises ContractError.
    """
    one = Repeated(adjoints, loss_adjoints, order, threads=threads, progress=progress, length=length)
    return one(phenotypes, tasks, births, plan, weights)


class Repeated:
    """`descend` for a batch whose numbers alone change from call to call: the rest is checked and packed once.

    Numbers: innate weights, plasticity, coefficients; and tasks, as long as they, too, are of the sizes of the first.
    Arguments as `descend` has them. Raises ContractError.
    """

    def __init__(self, adjoints: Sequence[Program], loss_adjoints: Sequence[Program] = (), order: int = 2, *,
                 threads: int = 0, progress: Progress | None = None, length: int = 0) -> None:  # fmt: skip
        self.adjoints, self.loss_adjoints, self.order = adjoints, loss_adjoints, order
        self.threads, self.progress, self.length = threads, progress, length
        self._known: tuple[Any, ...] = ()
        self._parts: list[tuple[slice, Descents]] = []

    def __call__(self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, weights: F32) -> Slopes:
        """Differentiate every lifetime."""
        self._prepare(phenotypes, tasks, births, plan, weights)
        lanes, slopes = cut(tasks, plan, LANES, share=True), no_slopes(phenotypes, plan, tasks.lanes)
        for part, one in self._parts:
            found = one.descend(lanes, weights[part], self.order, plan, tasks.lanes, self.length, self.threads,
                                self.progress)  # fmt: skip
            slopes.losses[part], slopes.status[part] = found.losses[..., : tasks.lanes], found.status[:, : tasks.lanes]
            write(slopes, one.phenotypes, one.packed.genomes, part, tasks.lanes, found.innate, found.plasticity,
                  found.coefficients)  # fmt: skip
        return slopes

    def _prepare(self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, weights: F32) -> None:
        """Take up a batch: the numbers alone, where the rest is that of the last call."""
        sizes = check_lessons(tasks, plan)
        settings = plan.head, plan.credit, plan.metric, plan.memory
        form = *(getattr(phenotypes, name) for name in FORM), *sizes.items(), *settings
        if len(form) == len(self._known) and all(map(_same, form, self._known)) and not births.weights:
            check_counts(weights, len(phenotypes), plan)
            for part, one in self._parts:
                one.renew(phenotypes.take(part))
            return
        check(phenotypes, tasks, births, plan)
        check_descent(phenotypes, plan, self.adjoints, weights, self.loss_adjoints, self.order)
        self._parts = [
            (part, Descents(phenotypes.take(part), births, plan.memory, self.adjoints, self.loss_adjoints))
            for part in parts_of(phenotypes, -(-tasks.lanes // LANES), SUMS)
        ]
        self._known = form


FORM = ("graphs", "programs", "losses", "feedback", "graph", "program", "loss", "innate", "plasticity")
"""What of phenotypes makes their form: all but numbers."""


def _same(one: Any, other: Any) -> bool:
    """Tell whether it is the same thing, or a size or a name that is equal."""
    return one is other or (isinstance(one, str | tuple) and one == other)


class Descents:
    """Base learners and the adjoints of their rules and losses as the kernel takes them, and room for threads."""

    def __init__(self, phenotypes: Phenotypes, births: Births, memory: Memory, adjoints: Sequence[Program],
                 loss_adjoints: Sequence[Program]) -> None:  # fmt: skip
        packed = pack(phenotypes, births, LANES, TILE // LANES, memory)
        self.phenotypes, self.packed = phenotypes, packed._replace(coefficients=packed.coefficients.copy())
        self.adjoints = with_adjoints(self.packed, phenotypes, adjoints, loss_adjoints)
        self._rooms: dict[tuple[int, ...], list[Room]] = {}  # that no thread is in, by what their size hangs on

    def renew(self, phenotypes: Phenotypes) -> None:
        """Take other numbers of the same learners."""
        renew(self.packed, phenotypes)
        self.phenotypes = phenotypes

    def descend(self, lanes: Lanes, weights: F32, order: int, plan: Plan, count: int, length: int, threads: int,
                progress: Progress | None) -> Shares:  # fmt: skip
        """Go forth and back through the lives of `count` lanes."""
        from evometa.lifetime.numba.descent import kernel

        genomes, pieces, batch = self.packed.genomes, len(lanes.support_x), lanes.order.shape[2]
        updates = int(lanes.checkpoints[-1])
        length = length or part_of(updates)
        parts, block = max(1, -(-updates // length)), self._block(lanes)
        synapses = int(genomes[:, k.SYNAPSES].sum())
        found = Shares(
            np.zeros((len(genomes), len(lanes.checkpoints), pieces * LANES), np.float32),
            np.zeros((len(genomes), pieces * LANES), np.uint8), np.zeros((pieces, synapses), np.float32),
            np.zeros((pieces, PLASTICITY_COUNT * synapses), np.float32),
            np.zeros((pieces, COEFFICIENT_COUNT * len(genomes)), np.float32),
            (np.arange(pieces * LANES) < count).astype(np.float32),
        )  # fmt: skip
        weights = as_taken(weights, np.float32)
        sizes = batch, block, lanes.ways, lanes.room, lanes.solved, length, parts
        rooms = self._rooms.setdefault(sizes, [])

        def work(items: NDArray[np.int64]) -> int:
            room = rooms.pop() if rooms else self._room(*sizes)
            kernel.descend(items, self.packed, self.adjoints, lanes, weights, order, length, plan.life, block,
                           np.float32(plan.bound), *room, found)  # fmt: skip
            rooms.append(room)
            return len(items)

        spread(work, self._cut(lanes, updates, threads or every_processor()), threads, progress)
        return found

    def _room(self, *sizes: int) -> Room:
        """Return room for a thread."""
        from evometa.lifetime.numba.descent import kernel

        genomes, adjoints = self.packed.genomes, self.adjoints.genomes
        scratch = kernel.new_scratch(genomes, adjoints)
        return aligned(int(kernel.longest_tape(genomes, adjoints, scratch, *sizes))), scratch

    def _block(self, lanes: Lanes) -> int:
        """Return how many queries to answer in one sweep: as many as leave activations and adjoints in cache."""
        fits = CACHE // (LANES * int(self.packed.genomes[:, k.NODES].max(initial=1)))
        return min(max(5, fits // 5 * 5), BLOCK, lanes.most)

    def _cut(self, lanes: Lanes, updates: int, threads: int) -> list[NDArray[np.int64]]:
        """Return lists of (genome, block of lanes), each about PIECE operations long, or shorter: SHARES a thread."""
        pieces, batch = len(lanes.support_x), lanes.order.shape[2]
        synapses, instructions = self.packed.genomes[:, k.SYNAPSES], self.adjoints.genomes[:, k.CODE_END]
        queries = lanes.answers
        cost = synapses * LANES * (updates * (20.0 * batch + 2.0 * instructions) + 6.0 * queries)
        grid = np.meshgrid(np.arange(len(synapses)), np.arange(pieces), indexing="ij")
        ends = np.cumsum(np.repeat(cost, pieces))
        number = ends // (PIECE if threads == 1 else min(PIECE, ends[-1] / (SHARES * threads)))
        return np.split(np.stack(grid, axis=-1).reshape(-1, 2), np.flatnonzero(np.diff(number)) + 1)
