"""One part of a batch on a device that runs the CUDA text: packed, placed, started, collected.

Nothing here knows CuPy: see device.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32, Births, Phenotypes, Plan
from evometa.lifetime import columns as k
from evometa.lifetime.cuda.comparing import Comparing
from evometa.lifetime.cuda.device import BATCH, BOTH, LEFT, NUMBERS, REALS, Device
from evometa.lifetime.cuda.schedule import TILE, Schedules
from evometa.lifetime.cuda.shape import Shape, choose_shape, examples_of, shared_rows
from evometa.lifetime.cuda.shared_memory import HOT, REGIONS, WIDTH, answer_sizes, place, region_sizes
from evometa.lifetime.cuda.text import EXTRAS
from evometa.lifetime.lanes import Lanes
from evometa.lifetime.packing import Packed, pack, used
from evometa.spec import SCORES
from evometa.spec.arrays import arrays_of
from evometa.spec.states import GATE, RULE

NONE = np.zeros(1, np.float32)  # optimism, where there is none


@dataclass
class Part:
    """A part of a batch on its way: which genomes, on which side, and the buffers that are to be collected."""

    first: int
    count: int
    side: int
    results: dict[str, NDArray[Any]]
    packed: Packed
    work: float = 0.0  # operations, roughly
    queued: float = 0.0  # when the device had it and nothing before it, by the clock


def answers(device: Device, phenotypes: Phenotypes, signals: F32) -> F32:
    """Return what each rule's slots (RULE; 0 where absent) give for signals f32[signals, P], f32[G, slots, P]."""
    packed = pack(phenotypes, None, WIDTH)
    points = signals.shape[1]
    result = np.zeros((len(phenotypes), len(RULE), points), np.float32)
    teams = min(4, -(-points // (WIDTH * TILE)))
    shape = Shape(teams, 1, shared_rows(device, len(phenotypes), teams))
    sizes = answer_sizes(packed.genomes, shape.teams)
    places, shared, slot = placed(sizes, shape)
    batch = np.zeros(1, BATCH)
    set_arrays(batch, device, LEFT, **packed._asdict(), extras=extras_of(places, None))
    batch["item_count"] = len(phenotypes)
    batch["coefficient_count"] = packed.coefficients.shape[1]
    blocks = blocks_of(batch, device, LEFT, "evometa_answers", shape.teams, shared, slot)
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
    packed, (schedules, columns) = pack(phenotypes, births, WIDTH, memory=plan.memory), schedules_of(phenotypes)
    pieces, batch_size, compares = len(lanes.support_x), examples_of(lanes), Comparing.of(lanes)

    def sizes_of(teams: int, block: int) -> dict[str, Any]:
        return region_sizes(packed.genomes, teams, batch_size, block, compares=compares)

    shape = choose_shape(device, pieces * len(phenotypes), schedules, columns, lanes, sizes_of, HOT)
    places, shared, slot = placed(sizes_of(shape.teams, shape.block), shape)
    extras, items = extras_of(places, columns), work_items(packed, pieces, lanes)
    part = Part(0, len(phenotypes), side, _results(packed, lanes, plan.keep_weights), packed)
    batch = argument(device, side, packed, schedules, extras, items, lanes, lessons, plan, shape, slot)
    batch["keep"], batch["gated"] = int(plan.keep_weights), int(part.results["opened"].ndim > 1)
    for name, array in part.results.items():
        batch[name] = device.room(side, name, array.nbytes, clear=True)
    blocks = blocks_of(batch, device, side, "evometa_live", shape.teams, shared, slot)
    device.launch(side, "evometa_live", (batch,), blocks, shape.teams, 4 * shared)
    return part


def schedules_of(phenotypes: Phenotypes) -> tuple[Schedules, NDArray[np.int64]]:
    """Return the schedules of the graphs that genomes have, and the columns of each genome."""
    graphs, place = used(phenotypes.graphs, phenotypes.graph)
    schedules = Schedules(graphs)
    return schedules, schedules.columns[place]


def argument(
    device: Device, side: int, packed: Packed, schedules: Schedules, extras: NDArray[np.int64],
    items: NDArray[np.int64], lanes: Lanes, lessons: dict[str, int], plan: Plan, shape: Shape, slot: int,
) -> NDArray[Any]:  # fmt: skip
    """Copy a part over, and return the kernel's argument, but for what it writes."""
    batch = np.zeros(1, BATCH)
    set_arrays(batch, device, side, **packed._asdict() | schedules.arrays(), extras=extras, items=items, optimism=NONE)
    for name, address in lessons.items():
        batch[name] = address
    updates, metric, memory = lanes.order.shape[1], lanes.metric, lanes.memory
    numbers = (
        len(items), len(packed.genomes), len(lanes.support_x) * WIDTH, packed.coefficients.shape[1],
        lanes.support_x.shape[1], lanes.query_x.shape[1], updates, examples_of(lanes), len(lanes.checkpoints),
        lanes.head, lanes.credit, shape.block, slot, 0, 0, plan.length, plan.task,
        lanes.comparison, lanes.ways, *metric.by, memory.focus_by, memory.sharpness_by, 0,
    )  # fmt: skip
    for name, number in zip(NUMBERS, numbers, strict=True):
        batch[name] = number
    reals = np.float32(plan.bound), lanes.synapse_cost, *metric.numbers, memory.focus, memory.sharpness
    for name, real in zip(REALS, reals, strict=True):
        batch[name] = real
    return batch


def _results(packed: Packed, lanes: Lanes, keep_weights: bool) -> dict[str, NDArray[Any]]:
    """Return room for the results of lives."""
    genomes, points, padded = len(packed.genomes), len(lanes.checkpoints), len(lanes.support_x) * WIDTH
    learned = int(packed.genomes[:, k.SYNAPSES].sum()) if keep_weights else 1
    gated = (packed.genomes[:, k.STATES] >> GATE & 1).any()
    return {
        "scores": np.zeros((len(SCORES), genomes, points, padded), np.float32),
        "status": np.zeros((genomes, padded), np.uint8),
        "opened": np.zeros((genomes, points, padded) if gated else 1, np.float32),
        "learned": np.zeros(learned, np.float32),
    }


def collect(device: Device, part: Part) -> Part:
    """Wait for a part and bring its results over."""
    for name, array in part.results.items():
        device.fetch(part.side, name, array)
    return part


def work_items(packed: Packed, pieces: int, lanes: Lanes) -> NDArray[np.int64]:
    """Return the lifetimes with examples of a launch (see `by_cost`)."""
    synapses, instructions = packed.genomes[:, k.SYNAPSES], packed.genomes[:, k.CODE_END]
    return by_cost(synapses * lifetime_work(lanes, instructions), pieces)


def by_cost(cost: Any, pieces: int) -> NDArray[np.int64]:
    """Return every (genome, piece of lanes), i64[n, 2], the longest lifetimes first, so that the last end together."""
    order = np.argsort(-cost, kind="stable")
    return np.stack([np.repeat(order, pieces), np.tile(np.arange(pieces), len(order))], axis=1).astype(np.int64)


def lifetime_work(lanes: Lanes, instructions: Any) -> Any:
    """Return roughly how many operations a lifetime takes for each synapse, whose program has so many instructions."""
    examples = int(lanes.checkpoints[-1]) * lanes.order.shape[2]
    known = len(lanes.checkpoints) * lanes.support_x.shape[1] * (lanes.ways > 0)
    return examples * (6.0 + instructions) + 2.0 * (lanes.answers + known)


def placed(sizes: dict[str, Any], shape: Shape, regions: Sequence[str] = REGIONS) -> tuple[dict[str, Any], int, int]:
    """Return sizes, and where each region lies, by name; and the floats of shared memory and of a slot of a block."""
    offsets, shared, slot = place(sizes, shape.rows, regions)
    return sizes | offsets, WIDTH + shared, slot  # the first row is the kernel's own


def extras_of(values: dict[str, Any], columns: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return each genome's second row: the columns of its schedule, then values by name, 0 where there is none."""
    extras = np.zeros((len(values["FILE_ROWS"]), len(EXTRAS)), np.int64)
    if columns is not None:
        extras[:, : columns.shape[1]] = columns
    for i, name in enumerate(EXTRAS):
        if name in values:
            extras[:, i] = values[name]
    return extras


def blocks_of(batch: NDArray[Any], device: Device, side: int, kernel: str, teams: int, shared: int, slot: int) -> int:
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


def set_arrays(batch: NDArray[Any], device: Device, side: int, **arrays: NDArray[Any]) -> None:
    """Copy arrays over, and their addresses into the kernel's argument."""
    for name, array in arrays.items():
        batch[name] = device.put(side, name, array)
