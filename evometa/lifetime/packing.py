"""Phenotypes as flat arrays that a kernel can walk: shared by the CPU and the GPU backend.

A part that several genomes point to (one graph for a thousand genomes, one program for two) is stored once. Nothing
is padded to the largest genome: every array is a concatenation, and a row of `genomes` (columns.py) says where each
part begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.language.program import LOSS_RESULTS
from evometa.language.programs import Programs
from evometa.language.signals import SIGNALS
from evometa.lifetime import NONE, Births, Phenotypes
from evometa.lifetime import columns as k
from evometa.lifetime.graphs import Graphs, flat
from evometa.lifetime.lanes import as_taken, by_lanes
from evometa.lifetime.memory import NO_MEMORY, Memory
from evometa.lifetime.ragged import Ragged, blocks, given
from evometa.spec.arrays import F32, I32, I64, U8
from evometa.spec.states import GATE, SYNAPSE

TILE = 512  # synapse-lanes to one dispatched instruction: a register of 2 KiB, a dozen of them in L1


class Packed(NamedTuple):
    """Flat arrays of G genomes, as kernels take them; a row of `genomes` says where one's parts begin (columns.py)."""

    genomes: Annotated[I64, "G COLUMNS"]
    ptr: Annotated[I32, "*"]
    src: Annotated[I32, "*"]
    activation: Annotated[U8, "*"]
    spans: Annotated[I32, "*"]
    onward: Annotated[I32, "*"]
    traits: Annotated[U8, "*"]
    tiles: Annotated[I32, "*"]
    code: Annotated[I32, "*"]
    out: Annotated[I32, "*"]
    constants: Annotated[F32, "*"]
    innate: Annotated[F32, "*"]
    coefficients: Annotated[F32, "G Kc"]
    plasticity: Annotated[F32, "*"]
    feedback: Annotated[F32, "*"]
    births: Annotated[F32, "*"]


class Pool:
    """A growing flat array."""

    def __init__(self, dtype: Any) -> None:
        self.dtype, self.top = dtype, 0
        self.parts: list[Any] = []

    def add(self, part: Any) -> int:
        """Append an array; return where it begins."""
        begin, self.top = self.top, self.top + len(part)
        self.parts.append(part)
        return begin

    def add_all(self, parts: Sequence[Any]) -> I64:
        """Append arrays; return where each begins."""
        return np.fromiter(map(self.add, parts), np.int64, len(parts))

    def array(self) -> Any:
        """Return the whole flat array (never empty, so that a kernel may take its address)."""
        return np.concatenate([*self.parts, np.zeros(1, self.dtype)], dtype=self.dtype)


def by_genome(genomes: I64, learned: F32) -> list[F32]:
    """Return the weights that kernels wrote for genomes, one behind the other, as those of each, f32[E]."""
    places = genomes[:, [k.WEIGHTS_OUT, k.SYNAPSES]].tolist()
    return [learned[begin : begin + count] for begin, count in places]


def used(parts: Sequence[Any], positions: NDArray[Any]) -> tuple[Sequence[Any], NDArray[np.int64]]:
    """Return the parts that are pointed to, and the positions in that sequence (NONE stays)."""
    pointed = np.zeros(len(parts) + 1, bool)
    pointed[positions] = True
    pointed[NONE] = False  # the place behind the last part
    places, index = np.flatnonzero(pointed), np.append(np.cumsum(pointed[:-1]) - 1, NONE)
    if isinstance(parts, Graphs | Programs | Ragged):
        return parts.take(places), index[positions]
    return [parts[place] for place in places.tolist()], index[positions]


class Code:
    """Kernel forms of rules and losses, behind one another, the columns CODE to READS of each, and rules' states."""

    def __init__(self, *batches: Programs) -> None:
        self.code, self.out, self.constants = Pool(np.int32), Pool(np.int32), Pool(np.float32)
        rows = []
        for each in batches:
            code, out = self.code.add(each.code) // 5, self.out.add(each.outputs.reshape(-1))
            own = np.insert(each.columns, k.OUT - k.CODE, out + np.arange(len(each)) * each.outputs.shape[1], axis=1)
            own[:, 0] += code
            own[:, k.CONSTANTS - k.CODE] += self.constants.add(each.constants)
            rows.append(own)
        self.columns = np.concatenate(rows)
        self.states = states_of(rows[0][:, k.READS - k.CODE], batches[0].outputs)

    def of_losses(self) -> I64:
        """Return the columns as LOSS_CODE to LOSS_OUT: what would be run for each node is run at birth, too."""
        code, birth, node, end, constants, count, rows, temporaries, out, _ = self.columns.T
        return np.stack([code, np.maximum(birth, node), end, constants, count, rows, temporaries, out], axis=1)


def pack(
    phenotypes: Phenotypes, births: Births | None, width: int, tile: int = 0, memory: Memory = NO_MEMORY
) -> Packed:
    """Return the flat arrays of a batch of phenotypes, for kernels that take `width` lanes at a time.

    `tile`: the most synapses of a tile; 0 leaves tiles out (a GPU cuts its own, see schedule.py). Fresh weights lie
    as [pieces of lanes, E, width] for each graph that is born with them; without `births` nobody can be born, but
    the rules can be run.
    """
    own, graph = used(phenotypes.graphs, phenotypes.graph)
    rules, program = used(phenotypes.programs, phenotypes.program)
    losses, loss = used(phenotypes.losses, phenotypes.loss)
    graphs, programs = flat(own, tile), Code(Programs.of(rules), Programs.of(losses, LOSS_RESULTS))
    genomes = np.zeros((len(phenotypes), k.COLUMNS), np.int64)
    genomes[:, k.NODES : k.LONGEST + 1] = graphs.columns[graph]
    genomes[:, k.CODE : k.READS + 1] = programs.columns[program]
    genomes[:, k.LOSS_CODE] = -1
    evolved = loss != NONE
    genomes[evolved, k.LOSS_CODE : k.LOSS_OUT + 1] = programs.of_losses()[len(rules) + loss[evolved]]
    innate, plasticity, feedback, fresh = (Pool(np.float32) for _ in range(4))
    genomes[:, k.INNATE] = _begins(innate, *used(phenotypes.innates, phenotypes.innate))
    genomes[:, k.PLASTICITY] = _begins(plasticity, *used(phenotypes.plasticities, phenotypes.plasticity))
    back = phenotypes.feedback
    if given(back).any():
        back, _ = used(back, phenotypes.graph)
        there = back if isinstance(back, Ragged) else [() if weights is None else weights for weights in back]
        genomes[:, k.FEEDBACK] = _begins(feedback, there, graph)
    drawn = phenotypes.innate == NONE
    genomes[:, k.FRESH] = drawn
    if births is not None and drawn.any():
        weights, place = used(births.weights, np.where(drawn, phenotypes.graph, NONE))
        starts = _lanes_of(fresh, weights, width)
        genomes[drawn, k.INNATE] = starts[place[drawn]]
    genomes[:, k.STATES] = programs.states[program] | graphs.silent[graph].astype(np.int64) << GATE
    genomes[:, [k.SLOTS, k.CELLS]] = memory[:2]
    genomes[1:, k.WEIGHTS_OUT] = np.cumsum(genomes[:-1, k.SYNAPSES])
    return Packed(
        genomes, graphs.ptr, graphs.src, graphs.activation, graphs.spans, graphs.onward, graphs.traits,
        graphs.tiles.reshape(-1), programs.code.array(), programs.out.array(), programs.constants.array(),
        innate.array(), as_taken(phenotypes.coefficients, np.float32), plasticity.array(), feedback.array(),
        fresh.array(),
    )  # fmt: skip


def renew(packed: Packed, phenotypes: Phenotypes) -> None:
    """Write other numbers of the same learners to their flat arrays: innate weights, plasticity, coefficients."""
    own = phenotypes
    innates, plasticities = (own.innates, own.innate), (own.plasticities, own.plasticity)
    for flat_array, (parts, positions) in ((packed.innate, innates), (packed.plasticity, plasticities)):
        pool = Pool(np.float32)
        _begins(pool, *used(parts, positions))
        flat_array[:] = pool.array()
    packed.coefficients[:] = own.coefficients


def states_of(reads: I64, slots: Any) -> I64:
    """Return the states that programs ask for beside the weight, a bit each: those that are read or written."""
    states = np.zeros(len(reads), np.int64)
    for number, state in enumerate(SYNAPSE[1:], start=1):
        read = (reads >> SIGNALS[state.name].register) & 1 > 0
        states |= (read | (slots[:, number] >= 0)).astype(np.int64) << number
    return states


def _lanes_of(pool: Pool, parts: Sequence[F32], width: int) -> I64:
    """Append weights f32[E, L] as [pieces of lanes, E, width]; return where each begins."""
    if not isinstance(parts, Ragged):
        begins: list[int] = []
        for place, each in enumerate(parts):
            shared = place > 0 and each is parts[place - 1]  # graphs that differ in what learns alone have one array
            begins.append(begins[-1] if shared else pool.add(by_lanes(each, width).reshape(-1)))
        return np.array(begins, np.int64)
    pieces = by_lanes(parts.values, width)
    pool.add(blocks(pieces, parts.begins).reshape(-1))
    return parts.begins[:-1] * (len(pieces) * width)


def _begins(pool: Pool, parts: Sequence[Any], positions: NDArray[np.int64]) -> I64:
    """Append arrays of numbers; return where each genome's begin (0 where it has none)."""
    if isinstance(parts, Ragged):
        rows = np.atleast_2d(parts.values)
        pool.add(blocks(rows, parts.begins))
        begins = len(rows) * parts.begins[:-1]
    else:
        begins = pool.add_all([np.reshape(part, -1) for part in parts])
    return np.where(positions == NONE, 0, begins[positions]) if len(begins) else np.zeros(len(positions), np.int64)
