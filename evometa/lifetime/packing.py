"""Phenotypes, tasks and plan as flat arrays that a kernel can walk: shared by the CPU and the GPU backend.

Equal parts (one graph for a thousand genomes, one program for two) are stored once. Nothing is padded to the
largest genome: every array is a concatenation, and a row of `genomes` says where each part begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.program import Program
from evometa.language.signals import SIGNALS
from evometa.lifetime import CREDITS, HEADS, Births, Graph, Phenotypes, Plan, Tasks

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

TILE = 512  # synapse-lanes to one dispatched instruction: a register of 2 KiB, a dozen of them in L1
SCATTERED = -1  # a tile whose sources are not consecutive nodes
NO_TILES = np.zeros((0, 4), np.int32)

# Columns of `genomes`: sizes of a genome's parts, and where each begins in its flat array.
(NODES, SYNAPSES, INPUTS, OUTPUTS, RECURRENT, PTR, SRC, ACTIVATION, TILES, TILE_COUNT, LONGEST,
 CODE, BIRTH_END, NODE_END, CODE_END, CONSTANTS, CONSTANT_COUNT, ROWS, TEMPORARIES, OUT, READS,
 INNATE, FRESH, PLASTICITY, FEEDBACK, LOSS_CODE, LOSS_BIRTH, LOSS_END, LOSS_CONSTANTS, LOSS_CONSTANT_COUNT,
 LOSS_ROWS, LOSS_TEMPORARIES, LOSS_OUT, WEIGHTS_OUT) = range(34)  # fmt: skip
COLUMNS = 34
SIGNAL_COUNT = len(SIGNALS)


@dataclass(frozen=True)
class Packed:
    """Flat arrays of G genomes; see the columns above."""

    genomes: I64
    ptr: I32
    src: I32
    activation: NDArray[np.uint8]
    tiles: I32
    code: I32
    out: I32
    constants: F32
    innate: F32
    coefficients: F32
    plasticity: F32
    feedback: F32
    births: F32


class Pool:
    """A growing flat array in which equal objects (by identity) are stored once."""

    def __init__(self, dtype: Any, width: int = 0) -> None:
        self.dtype, self.width, self.top = dtype, width, 0
        self.parts: list[Any] = []
        self.seen: dict[int, int] = {}

    def add(self, key: Any, part: Any) -> int:
        """Append the array that belongs to `key`, unless it is there already; return where it begins."""
        begin = self.seen.get(id(key))
        if begin is None:
            begin, self.top = self.top, self.top + len(part)
            self.parts.append(part)
            self.seen[id(key)] = begin
        return begin

    def array(self) -> Any:
        """Return the whole flat array (never empty, so that a kernel may take its address)."""
        shape = (1, self.width) if self.width else (1,)
        return np.concatenate([*self.parts, np.zeros(shape, self.dtype)], dtype=self.dtype)


def tiles_of(graph: Graph, longest: int) -> I32:
    """Cut each node's synapses into tiles (target, first synapse, count, first source or SCATTERED).

    Within a tile of consecutive sources a kernel reads `pre` in place; long runs get tiles of their own.
    """
    rows: list[tuple[int, int, int, int]] = []
    for node in range(graph.nodes):
        begin, end = int(graph.ptr[node]), int(graph.ptr[node + 1])
        breaks = np.flatnonzero(np.diff(graph.src[begin:end]) != 1) + 1
        edges = [0, *breaks.tolist(), end - begin]
        pieces = [(a, b) for a, b in pairwise(edges) if b > a]
        if len(pieces) > 1 and (end - begin) / len(pieces) < 4:
            pieces = [(0, end - begin)]
        for a, b in pieces:
            consecutive = graph.src[begin + b - 1] - graph.src[begin + a] == b - a - 1
            for first in range(a, b, longest):
                count = min(longest, b - first)
                source = int(graph.src[begin + first]) if consecutive else SCATTERED
                rows.append((node, begin + first, count, source))
    return np.array(rows, np.int32).reshape(-1, 4)


class _Graphs:
    """Kernel forms of graphs: each different graph of a batch once, with its columns."""

    def __init__(self, tile: int) -> None:
        self.tile = tile
        self.ptr, self.src = Pool(np.int32), Pool(np.int32)
        self.activation, self.tiles = Pool(np.uint8), Pool(np.int32, 4)

    def columns(self, graph: Graph) -> list[int]:
        """Return the columns NODES to LONGEST of one graph."""
        recurrent = graph.src >= graph.dst
        tiles = _behind(tiles_of(graph, self.tile), recurrent, graph.nodes) if self.tile else NO_TILES
        return [
            graph.nodes, graph.synapses, graph.inputs, graph.outputs, int(recurrent.any()),
            self.ptr.add(graph, graph.ptr),
            # a recurrent synapse reads the rows of the previous trial, which lie behind this trial's
            self.src.add(graph, graph.src + np.where(recurrent, graph.nodes, 0)),
            self.activation.add(graph, graph.activation), self.tiles.add(graph, tiles), len(tiles),
            int(tiles[:, 2].max(initial=1)),
        ]  # fmt: skip


class _Programs:
    """Kernel forms of programs: each different program of a batch once, with its columns."""

    def __init__(self) -> None:
        self.code, self.out, self.constants = Pool(np.int32, 5), Pool(np.int32), Pool(np.float32)

    def columns(self, program: Program) -> list[int]:
        """Return the columns CODE to OUT of one program."""
        code = self.code.add(program, program.code)
        return [
            code, program.birth_end, program.node_end, len(program.code),
            self.constants.add(program, program.constants),
            len(program.constants), program.n_rows, program.n_tiles, self.out.add(program, program.outputs),
        ]  # fmt: skip

    def loss_columns(self, loss: Program | None) -> list[int]:
        """Return the columns LOSS_CODE to LOSS_OUT of an evolved loss; the first is -1 where there is none."""
        if loss is None:
            return [-1] + [0] * (LOSS_OUT - LOSS_CODE)
        code, birth, node, end, constants, count, rows, temporaries, out = self.columns(loss)
        return [code, max(birth, node), end, constants, count, rows, temporaries, out]


def _behind(tiles: I32, recurrent: NDArray[np.bool_], nodes: int) -> I32:
    """Point tiles of recurrent synapses to the previous trial's rows; a tile of both kinds is scattered."""
    tiles = tiles.copy()
    for tile in tiles:
        kinds = recurrent[tile[1] : tile[1] + tile[2]]
        if tile[3] != SCATTERED and kinds.any():
            tile[3] = tile[3] + nodes if kinds.all() else SCATTERED
    return tiles


def pack(phenotypes: Phenotypes, births: Births | None, width: int, tile: int = 0) -> Packed:
    """Return the flat arrays of a batch of phenotypes, for kernels that take `width` lanes at a time.

    `tile`: the most synapses of a tile; 0 leaves tiles out (a GPU cuts its own, see schedule.py). Fresh weights lie
    as [pieces of lanes, E, width] for each graph that is born with them; without `births` nobody can be born, but
    the rules can be run.
    """
    graphs, programs = _Graphs(tile), _Programs()
    genomes = np.zeros((len(phenotypes), COLUMNS), np.int64)
    genomes[:, NODES : LONGEST + 1] = each(phenotypes.graphs, graphs.columns)
    genomes[:, CODE : OUT + 1] = each(phenotypes.programs, programs.columns)
    genomes[:, LOSS_CODE : LOSS_OUT + 1] = each(phenotypes.losses, programs.loss_columns)
    genomes[:, READS] = each(phenotypes.programs, lambda p: sum(1 << SIGNALS[name].register for name in p.reads))
    innate, plasticity, feedback, fresh = (Pool(np.float32) for _ in range(4))
    genomes[:, FRESH] = [weights is None for weights in phenotypes.innate]
    genomes[:, INNATE] = each(phenotypes.innate, lambda w: 0 if w is None else innate.add(w, w))
    genomes[:, PLASTICITY] = each(phenotypes.plasticity, lambda p: plasticity.add(p, p.reshape(-1)))
    genomes[:, FEEDBACK] = each(phenotypes.feedback, lambda b: 0 if b is None else feedback.add(b, b))
    if births is not None and genomes[:, FRESH].any():
        cut_weights = {key: by_lanes(weights, width).reshape(-1) for key, weights in births.weights.items()}
        starts = each(phenotypes.graphs, lambda g: fresh.add(g, cut_weights[id(g)]) if id(g) in cut_weights else -1)
        genomes[:, INNATE] = np.where(genomes[:, FRESH], starts, genomes[:, INNATE])
    genomes[1:, WEIGHTS_OUT] = np.cumsum(genomes[:-1, SYNAPSES])
    return Packed(
        genomes, graphs.ptr.array(), graphs.src.array(), graphs.activation.array(), graphs.tiles.array().reshape(-1),
        programs.code.array().reshape(-1), programs.out.array(), programs.constants.array(), innate.array(),
        np.ascontiguousarray(phenotypes.coefficients, np.float32), plasticity.array(), feedback.array(), fresh.array(),
    )  # fmt: skip


def each(parts: list[Any], columns: Callable[[Any], Any]) -> Any:
    """Return the columns of every genome's part, worked out once for each different object."""
    known = {key: columns(part) for key, part in {id(part): part for part in parts}.items()}
    return np.array([known[id(part)] for part in parts], np.int64)


def by_lanes(array: F32, width: int) -> F32:
    """Cut the last axis (lanes) into pieces of `width`: f32[..., L] → f32[pieces, ..., width], last lane repeated."""
    lanes = array.shape[-1]
    pieces = -(-lanes // width)
    chosen = np.minimum(np.arange(pieces * width), lanes - 1)
    cut = array[..., chosen].reshape(*array.shape[:-1], pieces, width)
    return np.ascontiguousarray(np.moveaxis(cut, -2, 0))


@dataclass(frozen=True)
class Lanes:
    """Tasks cut into T pieces of `width` lanes, pieces outermost: `support_x f32[T, S, I, width]` and so on."""

    support_x: F32
    support_y: F32
    query_x: F32
    query_y: F32
    order: I32
    checkpoints: I32
    head: int
    credit: int


def cut(tasks: Tasks, plan: Plan, width: int) -> Lanes:
    """Return tasks and plan in the kernel's layout."""
    return Lanes(
        by_lanes(tasks.support_x, width),
        by_lanes(tasks.support_y, width),
        by_lanes(tasks.query_x, width),
        by_lanes(tasks.query_y, width),
        np.ascontiguousarray(plan.order, np.int32),
        np.ascontiguousarray(plan.checkpoints, np.int32),
        HEADS.index(plan.head),
        CREDITS.index(plan.credit),
    )
