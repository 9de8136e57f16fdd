"""The kernel of gradients: `descend` walks a list of (genome, block of 16 lanes), each life forth and then back.

A life is lived in parts, each onto the tape (tape.py); from the last one backwards, its updates are gone through in
reverse (passes.py), and the part before is lived again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.signals import SIGNAL_COUNT
from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import A_END, A_W
from evometa.lifetime.numba.comparison import answers_of
from evometa.lifetime.numba.descent import passes, shares
from evometa.lifetime.numba.descent.passes import View
from evometa.lifetime.numba.descent.queries import query_adjoint
from evometa.lifetime.numba.descent.tape import D_END, advance, keep, lay, longest_tape, remember, wind
from evometa.lifetime.numba.ridge import solves
from evometa.lifetime.numba.transmission import transmit
from evometa.lifetime.numba.vector import LANES, address, addresses, at, skip
from evometa.system.jit import njit

__all__ = ["descend", "longest_tape", "new_scratch"]


def new_scratch(*genomes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return room for the arena's plans, and for registers: of the rule and its adjoint, and of both losses."""
    registers, nodes = 0, int(genomes[0][:, k.NODES].max())
    for each in genomes:
        rule = each[:, [k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES]].sum(axis=1)
        loss = each[:, [k.LOSS_CONSTANT_COUNT, k.LOSS_ROWS, k.LOSS_TEMPORARIES]].sum(axis=1)
        registers = max(registers, int(np.maximum(rule, loss).max()))
    return np.zeros((13, max(A_END + 1, D_END + 1 + nodes, SIGNAL_COUNT + registers + 1)), np.int64)


@njit(error_model="numpy", nogil=True, cache=True)
def descend(items: Any, packed: Any, adjoints: Any, lanes: Any, weights: Any, order: int, length: int, life: Any,
            block: int, bound: Any, arena: Any, scratch: Any, results: Any) -> None:  # fmt: skip
    """Live the lives of each item and go back through them; write `results` (cpu.Shares).

    `adjoints`: the batch with adjoint programs in place of programs; `lanes`: 16 at a time; `length`: updates of a
    part; `life`: of a whole life, which give the age, and of a task; `block`: queries answered in one sweep.
    """
    _, updates, batch, apart = lanes.order.shape
    support, queries, ways = lanes.support_x.shape[1], lanes.query_x.shape[1], lanes.ways
    room, solved = max(support, batch) if ways > 0 else 0, ways > 0 and solves(lanes)
    b, b2, lessons = addresses(packed), addresses(adjoints), addresses(lanes)
    p, p2, q = address(scratch[0]), address(scratch[1]), address(scratch[2])
    offset, stride, wide = address(scratch[3]), address(scratch[4]), address(scratch[5])
    offset2, stride2, wide2 = address(scratch[6]), address(scratch[7]), address(scratch[8])
    losses, losses2 = (address(scratch[9]), address(scratch[10])), (address(scratch[11]), address(scratch[12]))
    floats, checkpoints, count = address(arena), lanes.checkpoints, packed.coefficients.shape[1]
    parts = max(1, -(-checkpoints[-1] // length))
    for item in range(len(items)):
        g, piece = items[item]
        m, m2 = skip(b.genomes, g * k.COLUMNS), skip(b2.genomes, g * k.COLUMNS)
        one, two = View(m, p, b, offset, stride, wide, losses), View(m2, p2, b2, offset2, stride2, wide2, losses2)
        lay(m, m2, p, p2, q, batch, block, ways, room, solved, length, parts)
        passes.begin(one, two, q, floats, lessons, (skip(b.coefficients, g * count), count), piece, batch, length)
        met = skip(lessons.order, piece * updates * batch * apart if apart > 1 else 0)
        c = len(checkpoints) - 1
        for turn in range(2 * parts - 1):
            part = turn if turn < parts else 2 * parts - 2 - turn
            start = part * length
            lived = min(length, checkpoints[-1] - start)
            if part < parts - 1:
                keep(m, q, floats, part, batch, turn >= parts)
            passes.live(one, two, q, floats, lessons, met, piece * support, room, apart > 1, start, lived, life,
                        bound, batch)  # fmt: skip
            if turn < parts - 1:
                advance(m, q, floats, lived, 0)
                remember(m, q, floats, lived, 0, batch)
                continue
            for row in range(lived, -1, -1):
                wind(m, p, p2, q, (offset, offset2), row, row, answers_of(m, lessons), batch)
                transmit(m, p, floats, 0, at(m, k.SYNAPSES), LANES)
                if row < lived:
                    passes.reverse(one, two, q, floats, lessons, room, row, start + row, life, bound, order, batch)
                elif turn == parts - 1:
                    shares.mark(q, floats, at(p, A_W), at(m, k.SYNAPSES))
                if c >= 0 and checkpoints[c] == start + row:
                    asked, end = lanes.asked[c]
                    share = weights[g, c] / np.float32(end - asked)
                    query_adjoint(m, p, q, b, floats, lessons, piece * queries + asked, end - asked, piece * support,
                                  support, room, share, order, batch, block)  # fmt: skip
                    shares.report(p, q, floats, end - asked, results.losses[g, c], piece * LANES)
                    c -= 1
        shares.finish(m, m2, q, b2, floats, address(results.mask), results, g, piece)
