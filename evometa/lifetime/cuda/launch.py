"""One part of a batch on a device that runs the CUDA text: packed, placed, started, collected.

Nothing here knows CuPy: see device.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32, Births, Phenotypes, Plan
from evometa.lifetime import columns as k
from evometa.lifetime.cuda.device import BATCH, BOTH, LEFT, NUMBERS, Device
from evometa.lifetime.cuda.schedule import TILE, Schedules
from evometa.lifetime.cuda.shared_memory import HOT, WIDTH, answer_sizes, place, region_sizes
from evometa.lifetime.cuda.text import EXAMPLES, EXTRAS, MOST_TEAMS
from evometa.lifetime.lanes import Lanes
from evometa.lifetime.packing import Packed, pack, used
from evometa.spec import SCORES
from evometa.spec.arrays import arrays_of
from evometa.spec.states import GATE, RULE

BLOCK = 20  # queries answered in one sweep, at most
RESULTS = ("scores", "status", "opened", "learned")
RESERVED = 1024  # bytes of shared memory that the driver takes of each block
TEAMS = (1, 2, 4, 8, 16)
WARPS = 16  # of one multiprocessor at work at once: more would not find registers


@dataclass(frozen=True)
class Shape:
    """How a launch is cut: teams to a block, queries to a sweep, rows of shared memory that a block may take."""

    teams: int
    block: int
    rows: int


@dataclass
class Part:
    """A part of a batch on its way: which genomes, on which side, and what is to be collected."""

    first: int
    count: int
    side: int
    scores: F32
    status: NDArray[np.uint8]
    opened: F32
    learned: F32
    packed: Packed
    work: float = 0.0  # operations, roughly
    queued: float = 0.0  # when the device had it and nothing before it, by the clock


def answers(device: Device, phenotypes: Phenotypes, signals: F32) -> F32:
    """Return what each rule's slots (RULE; 0 where absent) give for signals f32[signals, P], f32[G, slots, P]."""
    packed = pack(phenotypes, None, WIDTH)
    points = signals.shape[1]
    result = np.zeros((len(phenotypes), len(RULE), points), np.float32)
    teams = min(4, -(-points // (WIDTH * TILE)))
    shape = Shape(teams, 1, _rows(device, len(phenotypes), teams))
    sizes = answer_sizes(packed.genomes, shape.teams)
    extras, shared, slot = _extras(packed, sizes, None, shape)
    batch = np.zeros(1, BATCH)
    _set(batch, device, LEFT, **packed._asdict(), extras=extras)
    batch["item_count"] = len(phenotypes)
    batch["coefficient_count"] = packed.coefficients.shape[1]
    blocks = _blocks(batch, device, LEFT, "evometa_answers", shape.teams, shared, slot)
    where = (
        device.put(LEFT, "signals", np.ascontiguousarray(signals)),
        device.room(LEFT, "answers", result.nbytes, True),
    )
    device.launch(
        LEFT, "evometa_answers", (batch, *map(np.uint64, where), np.int64(points)), blocks, shape.teams, 4 * shared
    )
    device.fetch(LEFT, "answers", result)
    return result


def put_lessons(device: Device, lanes: Lanes) -> dict[str, int]:
    """Copy tasks and plan over, once for all parts; return their addresses."""
    return {name: device.put(BOTH, name, getattr(lanes, name)) for name in arrays_of(Lanes)}


def launch(
    device: Device,
    side: int,
    phenotypes: Phenotypes,
    births: Births,
    plan: Plan,
    lanes: Lanes,
    lessons: dict[str, int],
) -> Part:
    """Pack one part, copy it over and start its lifetimes."""
    packed, (graphs, place) = pack(phenotypes, births, WIDTH), used(phenotypes.graphs, phenotypes.graph)
    schedules = Schedules(graphs)
    columns = schedules.columns[place]
    pieces, genomes, points = len(lanes.support_x), len(phenotypes), len(lanes.checkpoints)
    updates, batch_size = lanes.order.shape[1:3]
    shape = choose_shape(device, packed, schedules, columns, pieces, lanes)
    sizes = region_sizes(packed.genomes, shape.teams, batch_size, shape.block)
    extras, shared, slot = _extras(packed, sizes, columns, shape)
    items = work_items(packed, pieces, lanes)
    batch = np.zeros(1, BATCH)
    _set(batch, device, side, **packed._asdict() | schedules.arrays(), extras=extras, items=items)
    for name, address in lessons.items():
        batch[name] = address
    part = _results(packed, side, points, pieces * WIDTH, plan.keep_weights)
    for name in RESULTS:
        batch[name] = device.room(side, name, getattr(part, name).nbytes, clear=True)
    numbers = (
        len(items), genomes, pieces * WIDTH, packed.coefficients.shape[1], lanes.support_x.shape[1],
        lanes.query_x.shape[1], updates, batch_size, points, lanes.head, lanes.credit, shape.block, slot,
        int(plan.keep_weights), int(part.opened.ndim > 1), plan.length,
    )  # fmt: skip
    for name, number in zip(NUMBERS, numbers, strict=True):
        batch[name] = number
    batch["bound"], batch["synapse_cost"] = np.float32(plan.bound), lanes.synapse_cost
    blocks = _blocks(batch, device, side, "evometa_live", shape.teams, shared, slot)
    device.launch(side, "evometa_live", (batch,), blocks, shape.teams, 4 * shared)
    return part


def _results(packed: Packed, side: int, points: int, padded: int, keep_weights: bool) -> Part:
    """Return a part with room for its results."""
    genomes = len(packed.genomes)
    learned = int(packed.genomes[:, k.SYNAPSES].sum()) if keep_weights else 1
    scores = np.zeros((len(SCORES), genomes, points, padded), np.float32)
    status = np.zeros((genomes, padded), np.uint8)
    gated = (packed.genomes[:, k.STATES] >> GATE & 1).any()
    opened = np.zeros((genomes, points, padded) if gated else 1, np.float32)
    return Part(0, genomes, side, scores, status, opened, np.zeros(learned, np.float32), packed)


def collect(device: Device, part: Part) -> Part:
    """Wait for a part and bring its results over."""
    for name in RESULTS:
        device.fetch(part.side, name, getattr(part, name))
    return part


def choose_shape(
    device: Device, packed: Packed, schedules: Schedules, columns: NDArray[np.int64], pieces: int, lanes: Lanes
) -> Shape:
    """Return how to cut a launch: as few teams as fill the device and let a block keep what is hot in shared memory."""
    batch, block = lanes.order.shape[2], min(BLOCK, lanes.query_x.shape[1])
    items = len(packed.genomes) * pieces
    tiles = int(columns[:, -1].max(initial=1))
    useful = min(MOST_TEAMS, tiles, 2 * schedules.widest * -(-batch // EXAMPLES))
    least = WARPS * device.multiprocessors / items  # with fewer the device would not be full
    choices = [t for t in TEAMS if t <= useful] or [1]
    choices = [t for t in choices if t >= least] or choices[-1:]
    for teams in choices:
        sizes = region_sizes(packed.genomes, teams, batch, block)
        shape = Shape(teams, block, _rows(device, items, teams))
        if np.sum([sizes[region] for region in HOT], axis=0).max() <= shape.rows:
            return shape
    return Shape(choices[0], block, _rows(device, items, choices[0]))


def _rows(device: Device, blocks: int, teams: int) -> int:
    """Return the rows of shared memory that a block may take, its own first one apart, so that enough blocks fit."""
    wanted = min(max(1, WARPS // teams), -(-blocks // device.multiprocessors))
    return max(0, (min(device.shared, device.shared_all // wanted - RESERVED) // (4 * WIDTH)) - 1)


def work_items(packed: Packed, pieces: int, lanes: Lanes) -> NDArray[np.int64]:
    """Return every (genome, piece of lanes), i64[n, 2], the longest lifetimes first, so that the last end together."""
    synapses, instructions = packed.genomes[:, k.SYNAPSES], packed.genomes[:, k.CODE_END]
    cost = synapses * lifetime_work(lanes, instructions)
    order = np.argsort(-cost, kind="stable")
    return np.stack([np.repeat(order, pieces), np.tile(np.arange(pieces), len(order))], axis=1).astype(np.int64)


def lifetime_work(lanes: Lanes, instructions: Any) -> Any:
    """Return roughly how many operations a lifetime takes for each synapse, whose program has so many instructions."""
    examples = int(lanes.checkpoints[-1]) * lanes.order.shape[2]
    return examples * (6.0 + instructions) + 2.0 * len(lanes.checkpoints) * lanes.query_x.shape[1]


def _extras(
    packed: Packed, sizes: dict[str, Any], columns: NDArray[np.int64] | None, shape: Shape
) -> tuple[NDArray[np.int64], int, int]:
    """Return each genome's second row (EXTRAS), and the floats of shared memory and of a slot that a block needs."""
    offsets, shared, slot = place(sizes, shape.rows)
    extras = np.zeros((len(packed.genomes), len(EXTRAS)), np.int64)
    if columns is not None:
        extras[:, : columns.shape[1]] = columns
    for i, name in enumerate(EXTRAS):
        if name in offsets:
            extras[:, i] = offsets[name]
        elif name in sizes:
            extras[:, i] = sizes[name]
    return extras, WIDTH + shared, slot  # the first row is the kernel's own


def _blocks(batch: NDArray[Any], device: Device, side: int, kernel: str, teams: int, shared: int, slot: int) -> int:
    """Return how many blocks to launch, and give each its slot of global memory: fewer blocks where memory is short."""
    blocks = max(1, min(int(batch["item_count"][0]), device.resident(kernel, teams, 4 * shared)))
    batch["slot"], batch["next"] = slot, device.room(side, "next", 4, clear=True)
    while True:
        try:
            batch["arena"] = device.room(side, "arena", max(1, 4 * slot * blocks))
            return blocks
        except MemoryError:
            if blocks == 1:
                raise
            blocks //= 2


def _set(batch: NDArray[Any], device: Device, side: int, **arrays: NDArray[Any]) -> None:
    """Copy arrays over, and their addresses into the kernel's argument."""
    for name, array in arrays.items():
        batch[name] = device.put(side, name, array)
