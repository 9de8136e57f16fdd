"""Plasticity: the rule's program runs for every synapse, tile by tile, and changes weights and states; evolved losses.

Arguments as in trial.py.
"""

from __future__ import annotations

from typing import Any

from evometa.language.signals import SIGNAL_COUNT
from evometa.lifetime import columns as k
from evometa.lifetime.graphs import SCATTERED
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_ERR,
    A_GRAD,
    A_P,
    A_ROWS,
    A_STASH,
    A_TARGET,
    A_W,
    A_W0,
    A_WIDE,
    ERR,
    GRAD,
    OUTPUT,
    P0,
    PLASTICITY_COUNT,
    POST,
    PRE,
    STATE_COUNT,
    STATES,
    TARGET,
    W0,
    W,
    point_loss,
)
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.sweeps import copy
from evometa.lifetime.numba.transmission import transmit
from evometa.lifetime.numba.vector import LANES, F, at, load, put, select, store
from evometa.system.jit import njit

SHARE = 3  # tiles of several nodes are run together up to this share of what a tile may have


@njit(error_model="numpy", nogil=True, inline="always")
def evolved_loss(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, answers: int, err: int, count: int,
                 batch: int, width: int) -> None:  # fmt: skip
    """Write ∂loss/∂answer of an evolved loss to `count` error rows."""
    step, start = batch * width, at(m, k.LOSS_CODE)
    point_loss(m, p, offset, stride, batch, width)
    derivative = at(b.out, at(m, k.LOSS_OUT) + 1)
    execute(arena, b.code, start, start + at(m, k.LOSS_BIRTH), offset, stride, 1, width)
    for o in range(count):
        put(offset, OUTPUT, answers + o * step)
        put(offset, TARGET, at(p, A_TARGET) + o * step)
        execute(arena, b.code, start + at(m, k.LOSS_BIRTH), start + at(m, k.LOSS_END), offset, stride, batch, width)
        rows(arena, err + o * step, width, at(offset, derivative), at(stride, derivative), batch, width)


@njit(error_model="numpy", nogil=True, cache=True)
def list_wide(m: Any, b: Any, wide: Any, results: int) -> None:
    """List what the synapses' section, or one of its `results`, reads of nodes: a number of registers, and these.

    They are pre, post, err, and what the nodes' section gives.
    """
    first, count = SIGNAL_COUNT + at(m, k.CONSTANT_COUNT), 0
    for candidate in range(3 + at(m, k.ROWS)):
        register = (PRE, POST, ERR)[candidate] if candidate < 3 else first + candidate - 3
        made, read = candidate < 3, False
        for i in range(at(m, k.CODE) + at(m, k.BIRTH_END), at(m, k.CODE) + at(m, k.NODE_END)):
            made = made or at(b.code, 5 * i + 1) == register
        for i in range(at(m, k.CODE) + at(m, k.NODE_END), at(m, k.CODE) + at(m, k.CODE_END)):
            for operand in range(2, 5):
                read = read or at(b.code, 5 * i + operand) == register
        for s in range(results):
            read = read or at(b.out, at(m, k.OUT) + s) == register
        if made and read:
            count += 1
            put(wide, count, register)
    put(wide, 0, count)


@njit(error_model="numpy", nogil=True, inline="always")
def apply_rule(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, wide: Any, most: Any, batch: int,
               width: int) -> None:  # fmt: skip
    """Run the rule's program for every node and then for every synapse, tile by tile; change weights and states.

    `wide`: as `list_wide` leaves it.
    """
    start, middle = at(m, k.CODE), at(m, k.NODE_END)
    run_nodes(m, p, b, arena, offset, stride, batch, width)
    by_node = at(wide, 0) > 0 or (at(m, k.READS) >> TARGET) & 1 > 0
    tile, last = at(m, k.TILES), at(m, k.TILES) + at(m, k.TILE_COUNT)
    while tile < last:
        following, count = together(m, b.tiles, tile, last, by_node)
        point_synapses(m, p, offset, at(b.tiles, 4 * tile + 1), width)
        point_tile(m, p, b, arena, offset, stride, wide, tile, following, batch, width)
        execute(arena, b.code, start + middle, start + at(m, k.CODE_END), offset, stride, count, width)
        bound(m, p, b.out, arena, offset, stride, most, count, width)
        tile = following


@njit(error_model="numpy", nogil=True, inline="always")
def run_nodes(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, batch: int, width: int) -> None:
    """Run the nodes' section of a program for every node that has synapses."""
    begin, end, hidden = at(m, k.BIRTH_END), at(m, k.NODE_END), at(m, k.NODES) - at(m, k.OUTPUTS)
    node = at(m, k.INPUTS) + 1
    while begin < end and node < at(m, k.NODES):
        following = min(node + at(m, k.LONGEST), at(m, k.NODES) if node >= hidden else hidden)
        point_nodes(m, p, b.code, offset, stride, node, batch, width)
        execute(arena, b.code, at(m, k.CODE) + begin, at(m, k.CODE) + end, offset, stride, following - node, width)
        node = following


@njit(error_model="numpy", nogil=True, cache=True)
def point_nodes(m: Any, p: Any, code: Any, offset: Any, stride: Any, node: int, batch: int, width: int) -> None:
    """Point what the nodes' section reads and writes to the rows of nodes, from this one on."""
    step, hidden = batch * width, at(m, k.NODES) - at(m, k.OUTPUTS)
    put(offset, POST, at(p, A_ACT) + node * step)
    put(offset, ERR, at(p, A_ERR) + node * step)
    # hidden nodes have no target of their own: they see the first output's
    put(offset, TARGET, at(p, A_TARGET) + max(0, node - hidden) * step)
    put(stride, POST, step)
    put(stride, ERR, step)
    put(stride, TARGET, step if node >= hidden else 0)
    for i in range(at(m, k.CODE) + at(m, k.BIRTH_END), at(m, k.CODE) + at(m, k.NODE_END)):
        register = at(code, 5 * i + 1)
        put(offset, register, node_row(m, p, register, node, width))
        put(stride, register, width)


@njit(error_model="numpy", nogil=True, cache=True)
def node_row(m: Any, p: Any, register: int, node: int, width: int) -> int:
    """Return where a result of the nodes' section lies for a node."""
    own = register - SIGNAL_COUNT - at(m, k.CONSTANT_COUNT)
    return at(p, A_ROWS) + (own * at(m, k.NODES) + node) * width


@njit(error_model="numpy", nogil=True, cache=True)
def together(m: Any, tiles: Any, tile: int, last: int, by_node: bool) -> tuple[int, int]:
    """Return the tile behind those that are run with this one, and how many synapses they have.

    Tiles of several nodes make one where their synapses stand behind one another. If the rule reads something of nodes
    (`by_node`), that has to be copied to each synapse: worth it for small tiles alone; and outputs have own targets.
    """
    longest, hidden = at(m, k.LONGEST), at(m, k.NODES) - at(m, k.OUTPUTS)
    first, count = at(tiles, 4 * tile + 1), at(tiles, 4 * tile + 2)
    small = longest // SHARE if by_node else longest
    tile += 1
    if count > small or (by_node and at(tiles, 4 * (tile - 1)) >= hidden):
        return tile, count
    while tile < last and at(tiles, 4 * tile + 1) == first + count:
        more = at(tiles, 4 * tile + 2)
        if more > small or count + more > longest or (by_node and at(tiles, 4 * tile) >= hidden):
            break
        count += more
        tile += 1
    return tile, count


@njit(error_model="numpy", nogil=True, cache=True)
def point_synapses(m: Any, p: Any, offset: Any, first: int, width: int) -> None:
    """Point the registers of synapses' numbers to their rows, from this synapse on."""
    row = first * width
    for s in range(STATE_COUNT):
        put(offset, STATES[s], at(p, A_W + s) + row)
    put(offset, W0, at(p, A_W0) + row)
    put(offset, GRAD, at(p, A_GRAD) + row)
    for i in range(PLASTICITY_COUNT):
        put(offset, P0 + i, at(p, A_P) + i * at(m, k.SYNAPSES) * width + row)


@njit(error_model="numpy", nogil=True, cache=True)
def point_tile(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, wide: Any, tile: int, following: int,
               batch: int, width: int) -> None:  # fmt: skip
    """Point what synapses read of nodes to the rows of these, or, where tiles of several are together, to copies."""
    step, node, source = batch * width, at(b.tiles, 4 * tile), at(b.tiles, 4 * tile + 3)
    several, hidden = following > tile + 1, at(m, k.NODES) - at(m, k.OUTPUTS)
    put(offset, TARGET, at(p, A_TARGET) + max(0, node - hidden) * step)
    put(stride, TARGET, 0)
    for i in range(at(wide, 0)):
        register, copies = at(wide, 1 + i), at(p, A_WIDE) + i * at(m, k.LONGEST) * width
        copied = several or (register == PRE and source == SCATTERED)
        base, apart = at(p, A_ERR) if register == ERR else at(p, A_ACT), step
        if register >= SIGNAL_COUNT:
            base, apart = node_row(m, p, register, 0, width), width
        if copied:
            put(offset, register, copies)
            put(stride, register, width)
            gather_rows(m, b, arena, copies, base, apart, register == PRE, tile, following, width)
        elif register == PRE:
            put(offset, register, base + source * apart)
            put(stride, register, apart)
        else:
            put(offset, register, base + node * apart)
            put(stride, register, 0)


@njit(error_model="numpy", nogil=True, cache=True)
def gather_rows(m: Any, b: Any, arena: Any, copies: int, base: int, apart: int, of_source: bool, tile: int,
                following: int, width: int) -> None:  # fmt: skip
    """Copy, for each synapse of some tiles, the row of its source or target, which are `apart` from `base` on."""
    for t in range(tile, following):
        node, first, count = at(b.tiles, 4 * t), at(m, k.SRC) + at(b.tiles, 4 * t + 1), at(b.tiles, 4 * t + 2)
        for e in range(first, first + count):
            copy(arena, copies, base + (at(b.src, e) if of_source else node) * apart, width)
            copies += width


@njit(error_model="numpy", nogil=True, cache=True)
def bound(m: Any, p: Any, out: Any, arena: Any, offset: Any, stride: Any, most: Any, count: int, width: int) -> None:
    """Change the weights of one tile of synapses, within the bound, and then their states."""
    first, stash, one = at(m, k.OUT), at(p, A_STASH) - count * width, min(count, 1)  # as in `execute`
    # a slot may give a state as it was: such are put aside before any is written
    for s in range(1, STATE_COUNT):
        given = at(out, first + s)
        if given in STATES:
            rows(arena, stash + s * count * width, width, at(offset, given), width, count, width)
    delta = at(out, first)
    if delta >= 0:
        low, high = F(-most), F(most)
        w, change, step = at(offset, W), at(offset, delta), at(stride, delta)
        for v in range(0, width, LANES):
            e = 0
            while e != count:
                x = load(arena, w + e * width + v) + load(arena, change + e * step + v)
                store(arena, w + e * width + v, select(x < low, low, select(x > high, high, x)))
                e += one
    for s in range(1, STATE_COUNT):
        given = at(out, first + s)
        if given in STATES:
            rows(arena, at(offset, STATES[s]), width, stash + s * count * width, width, count, width)
        elif given >= 0:
            rows(arena, at(offset, STATES[s]), width, at(offset, given), at(stride, given), count, width)
    transmit(m, p, arena, (at(offset, W) - at(p, A_W)) // width, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def rows(arena: Any, target: int, target_stride: int, source: int, stride: int, count: int, width: int) -> None:
    """Copy `count` rows."""
    one = min(count, 1)  # as in `execute`
    for v in range(0, width, LANES):
        e = 0
        while e != count:
            store(arena, target + e * target_stride + v, load(arena, source + e * stride + v))
            e += one
