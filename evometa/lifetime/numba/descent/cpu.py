"""Gradients of lifetimes on the processor: `descend` of the contract (evometa/lifetime/slopes.py).

Threads take pieces as `numba/cpu.py` has it; what the kernel writes is the sums of each block of 16 lanes, which are
added here in their order. Updates are kept for a part of a life at a time; other parts are lived again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from math import isqrt
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.language.adjoint import ADJOINTS, LOSS_ADJOINTS
from evometa.language.program import Program
from evometa.language.programs import Programs
from evometa.lifetime import F32, NONE, Births, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime import columns as k
from evometa.lifetime.lanes import Lanes, as_taken, cut
from evometa.lifetime.numba.arena import COEFFICIENT_COUNT, PLASTICITY_COUNT
from evometa.lifetime.numba.cpu import BLOCK, CACHE, PIECE, Progress, Room, aligned, every_processor, spread
from evometa.lifetime.numba.vector import LANES
from evometa.lifetime.packing import TILE, Code, Packed, pack, used
from evometa.lifetime.validation import check, check_descent
from evometa.spec.arrays import U8

WHOLE = 16  # updates of a life that is kept whole; of a longer one, parts of about its root
SHARES = 4  # pieces of work for each of several threads, at least: none waits long for the last
SUMS = 1 << 24  # floats of sums over blocks of lanes that are kept at a time (64 MiB)


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
    check(phenotypes, tasks, births, plan)
    check_descent(phenotypes, plan, adjoints, weights, loss_adjoints, order)
    lanes = cut(tasks, plan, LANES, share=True)
    slopes = Slopes(
        np.zeros((len(phenotypes), len(plan.checkpoints), tasks.lanes), np.float32), [], [],
        np.zeros_like(phenotypes.coefficients), np.zeros((len(phenotypes), tasks.lanes), np.uint8),
    )  # fmt: skip
    synapses = [graph.synapses for graph in phenotypes.graphs]
    floats = len(lanes.support_x) * (1 + PLASTICITY_COUNT) * np.array(synapses, np.int64)[phenotypes.graph]
    for part in _runs(np.cumsum(floats) // SUMS):
        one = Descents(phenotypes.take(part), births, adjoints, loss_adjoints)
        found = one.descend(lanes, weights[part], order, plan, tasks.lanes, length, threads, progress)
        one.write(found, slopes, part, tasks.lanes)
    return slopes


def part_of(updates: int) -> int:
    """Return how many updates to keep at a time: all of a short life, the root of a long one's number."""
    return max(updates, 1) if updates <= WHOLE else isqrt(updates - 1) + 1


def _runs(numbers: NDArray[np.int64]) -> list[slice]:
    """Return the stretches of equal numbers."""
    ends = np.flatnonzero(np.diff(numbers, prepend=-1, append=-1)).tolist()
    return [slice(*pair) for pair in pairwise(ends)]


class Descents:
    """Base learners and the adjoints of their rules and losses as the kernel takes them."""

    def __init__(self, phenotypes: Phenotypes, births: Births, adjoints: Sequence[Program],
                 loss_adjoints: Sequence[Program]) -> None:  # fmt: skip
        self.phenotypes, self.packed = phenotypes, pack(phenotypes, births, LANES, TILE // LANES)
        self.adjoints = self._adjoints(adjoints, loss_adjoints)

    def _adjoints(self, adjoints: Sequence[Program], loss_adjoints: Sequence[Program]) -> Packed:
        """Return the batch with adjoint programs in place of programs."""
        rules, program = used(adjoints, self.phenotypes.program)
        losses, loss = used(loss_adjoints, self.phenotypes.loss)
        code = Code(Programs.of(rules, ADJOINTS), Programs.of(losses, LOSS_ADJOINTS))
        genomes, evolved = self.packed.genomes.copy(), loss != NONE
        genomes[:, k.CODE : k.READS + 1] = code.columns[program]
        genomes[evolved, k.LOSS_CODE : k.LOSS_OUT + 1] = code.of_losses()[len(rules) + loss[evolved]]
        return self.packed._replace(
            genomes=genomes, code=code.code.array(), out=code.out.array(), constants=code.constants.array()
        )

    def descend(self, lanes: Lanes, weights: F32, order: int, plan: Plan, count: int, length: int, threads: int,
                progress: Progress | None) -> Shares:  # fmt: skip
        """Go forth and back through the lives of `count` lanes."""
        from evometa.lifetime.numba.descent import kernel

        genomes, pieces, batch = self.packed.genomes, len(lanes.support_x), lanes.order.shape[2]
        updates = int(lanes.checkpoints[-1])
        length = length or part_of(updates)
        parts, block, local = max(1, -(-updates // length)), self._block(lanes), threading.local()
        synapses = int(genomes[:, k.SYNAPSES].sum())
        found = Shares(
            np.zeros((len(genomes), len(lanes.checkpoints), pieces * LANES), np.float32),
            np.zeros((len(genomes), pieces * LANES), np.uint8), np.zeros((pieces, synapses), np.float32),
            np.zeros((pieces, PLASTICITY_COUNT * synapses), np.float32),
            np.zeros((pieces, COEFFICIENT_COUNT * len(genomes)), np.float32),
            (np.arange(pieces * LANES) < count).astype(np.float32),
        )  # fmt: skip
        weights = as_taken(weights, np.float32)

        def room() -> Room:
            scratch = kernel.new_scratch(genomes, self.adjoints.genomes)
            floats = kernel.longest_tape(genomes, self.adjoints.genomes, scratch, batch, block, length, parts)
            return aligned(int(floats)), scratch

        def work(items: NDArray[np.int64]) -> int:
            if not hasattr(local, "room"):
                local.room = room()
            kernel.descend(items, self.packed, self.adjoints, lanes, weights, order, length, plan.length, block,
                           np.float32(plan.bound), *local.room, found)  # fmt: skip
            return len(items)

        spread(work, self._cut(lanes, updates, threads or every_processor()), threads, progress)
        return found

    def _block(self, lanes: Lanes) -> int:
        """Return how many queries to answer in one sweep: as many as leave activations and adjoints in cache."""
        fits = CACHE // (LANES * int(self.packed.genomes[:, k.NODES].max(initial=1)))
        return min(max(5, fits // 5 * 5), BLOCK, lanes.query_x.shape[1])

    def _cut(self, lanes: Lanes, updates: int, threads: int) -> list[NDArray[np.int64]]:
        """Return lists of (genome, block of lanes), each about PIECE operations long, or shorter: SHARES a thread."""
        pieces, batch = len(lanes.support_x), lanes.order.shape[2]
        synapses, instructions = self.packed.genomes[:, k.SYNAPSES], self.adjoints.genomes[:, k.CODE_END]
        queries = len(lanes.checkpoints) * lanes.query_x.shape[1]
        cost = synapses * LANES * (updates * (20.0 * batch + 2.0 * instructions) + 6.0 * queries)
        grid = np.meshgrid(np.arange(len(synapses)), np.arange(pieces), indexing="ij")
        ends = np.cumsum(np.repeat(cost, pieces))
        number = ends // (PIECE if threads == 1 else min(PIECE, ends[-1] / (SHARES * threads)))
        return np.split(np.stack(grid, axis=-1).reshape(-1, 2), np.flatnonzero(np.diff(number)) + 1)

    def write(self, found: Shares, slopes: Slopes, part: slice, lanes: int) -> None:
        """Add up the blocks of lanes, and write the slopes of these genomes, which are a part of all."""
        innate, plasticity, coefficients = (
            _in_order(rows) / np.float32(lanes) for rows in (found.innate, found.plasticity, found.coefficients)
        )
        slopes.losses[part], slopes.status[part] = found.losses[..., :lanes], found.status[:, :lanes]
        slopes.coefficients[part] = coefficients.reshape(-1, COEFFICIENT_COUNT)[:, : slopes.coefficients.shape[1]]
        begins, counts = self.packed.genomes[:, [k.WEIGHTS_OUT, k.SYNAPSES]].T.tolist()
        for g, (begin, synapses) in enumerate(zip(begins, counts, strict=True)):
            drawn = self.phenotypes.innate[g] == NONE
            slopes.innate.append(None if drawn else innate[begin : begin + synapses].copy())
            rows = len(self.phenotypes.plasticities[self.phenotypes.plasticity[g]])
            own = plasticity[PLASTICITY_COUNT * begin :][: PLASTICITY_COUNT * synapses].reshape(-1, synapses)
            slopes.plasticity.append(own[:rows].copy())


def _in_order(rows: F32) -> Any:
    """Return the sum of rows, one after the other."""
    total = np.zeros(rows.shape[1:], np.float32)
    for row in rows:
        total += row
    return total
