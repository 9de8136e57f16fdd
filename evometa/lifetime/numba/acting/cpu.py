"""The processor's backend of lives that act: `act`, the contract's function, on threads."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.language.program_columns import BIRTH_END, CODE, CONSTANT, CONSTANT_COUNT, LENGTH, ROWS, TILES
from evometa.language.programs import Programs
from evometa.language.worlds.program import WorldProgram
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.acting_check import check_acting
from evometa.lifetime.columns import CODE_END, SYNAPSES
from evometa.lifetime.graphs import synapses_of
from evometa.lifetime.lanes import as_taken, by_lanes
from evometa.lifetime.numba.acting import layout
from evometa.lifetime.numba.acting.layout import Results, Stage
from evometa.lifetime.numba.acting.rerolling import reroll
from evometa.lifetime.numba.cpu import CACHE, PIECE, Progress, aligned, every_processor, spread
from evometa.lifetime.numba.vector import LANES, lanes_of
from evometa.lifetime.packing import TILE, Packed, by_genome, pack
from evometa.spec import CREDITS
from evometa.spec.acting import MEASURES
from evometa.spec.arrays import F32, I64
from evometa.spec.states import LANE_RULE
from evometa.system.machine import memory

WIDEST = 256  # lanes taken at a time, at most
DISPATCH = 8  # lanes that would take as long as to dispatch the instructions of a piece: of rooms some 6, of poles 30


def act(
    actors: Actors, lives: Lives, plan: ActingPlan, *, threads: int = 0, progress: Progress | None = None
) -> ActingOutcomes:
    """Live every life of the batch on `threads` CPUs (0: all); `progress(done, total)` hears of items done.

    Raises ContractError.
    """
    from evometa.lifetime.numba.acting import kernel

    check_acting(actors, lives, plan)
    threads = threads or every_processor()
    rows = max(lives.world.ids, int(np.max(synapses_of(actors.phenotypes.graphs))))
    width = choose_width(rows, lives.lanes, len(actors), threads)
    packed = pack(actors.phenotypes, actors.births, width, max(1, TILE // width))
    stage, results = staged(actors, lives, plan, width), room_for(packed, lives, plan, width)
    local, parts = threading.local(), cut_work(packed, lives, plan, width)
    length = int(kernel.longest(packed, stage, kernel.new_scratch(packed.genomes, stage), width))
    check_memory(length, min(threads, len(parts)), width, lives.world)

    def work(items: NDArray[np.int64]) -> int:
        if not hasattr(local, "scratch"):
            local.scratch = kernel.new_scratch(packed.genomes, stage)
            local.arena = aligned(length)
        kernel.act(items, packed, stage, width, local.arena, local.scratch, results)
        return len(items)

    spread(work, parts, threads, progress)
    weights = by_genome(packed.genomes, results.learned) if plan.keep_weights else None
    measures = np.ascontiguousarray(results.measures[..., : lives.lanes])
    status = np.ascontiguousarray(results.status[:, : lives.lanes])
    return ActingOutcomes(measures, status, weights)


def choose_width(rows: int, lanes: int, genomes: int, threads: int) -> int:
    """Return how many lanes to take at a time, a multiple of 16; `rows`: of the largest region of a lane.

    A world's program is dispatched instruction by instruction, whatever the network, so the wider the better (without a
    learner 256 lanes are 1.4 times as fast as 64), as long as such regions stay in cache, every thread has something to
    do, and the last piece is not mostly padding: a piece costs what DISPATCH lanes more would. No result depends on it.
    """
    most = min(WIDEST, CACHE // 2 // max(rows, 1), -(-lanes * genomes // threads), lanes)
    widths = range(LANES, lanes_of(max(most, 1)) + 1, LANES)
    return min(widths, key=lambda width: -(-lanes // width) * (width + DISPATCH))


def check_memory(length: int, arenas: int, width: int, world: WorldProgram) -> None:
    """Refuse arenas, of so many floats each, that this machine has no room for. Raises InputError.

    Above all visits may take it: a float for each of the world's `ids` in each of `width` lanes, in each arena.
    """
    need, room = 4 * length * arenas, memory()
    if need > room:
        visits = 4 * world.ids * width * arenas
        raise InputError(
            f"lives within this machine's memory, {room / 1e9:.1f} GB", f"lives that take {need / 1e9:.1f} GB, "
            f"{visits / 1e9:.1f} of them for the visits of {world.ids:,} states", "world",
            "Number fewer states (ids), or take fewer threads.",
        )  # fmt: skip


def staged(actors: Actors, lives: Lives, plan: ActingPlan, width: int) -> Stage:
    """Return the world and its lives as the kernel takes them."""
    world, programs, loops = lives.world, Programs.of(actors.lanes, LANE_RULE), reroll(lives.world)
    projection = np.zeros((0, world.shown), np.float32) if plan.projection is None else plan.projection
    rows = -(-lives.lanes // width) * width
    sizes = np.zeros(layout.LIVES + 1, np.int64)
    for column, value in {
        layout.TICKS: plan.ticks, layout.ACTIONS: world.actions, layout.SHOWN: world.shown,
        layout.NOISE: world.noise, layout.STATES: world.states, layout.PARAMETERS: world.parameters,
        layout.TABLES: len(world.lengths), layout.REGISTERS: world.registers, layout.CONSTANTS: len(world.constants),
        layout.BIRTH_END: loops.ends[0], layout.SHOW_END: loops.ends[1], layout.CODE_END: loops.ends[2],
        layout.ALIASES: len(loops.aliases),
        layout.ID: world.id, layout.IDS: world.ids, layout.LEGAL: len(world.legal),
        layout.PREDICTIONS: len(projection), layout.SOFTMAX: plan.policy == "softmax",
        layout.RANDOM_TIES: plan.ties == "random", layout.CRITIC: plan.critic > 0, layout.SEE_REWARD: plan.see_reward,
        layout.SEE_ACTION: plan.see_action, layout.FORGET: plan.forget,
        layout.NEXT_TICK: actors.order == "next tick", layout.CREDIT: CREDITS.code(plan.credit), layout.LIVES: rows,
        layout.WAYS: world.actions if world.afterstates else 0, layout.ANSWERS: world.answers,
        layout.TASK: plan.task,
    }.items():  # fmt: skip
        sizes[column] = value
    c = programs.columns
    lanes = np.zeros((max(len(c), 1), 6), np.int64)
    lanes[: len(c)] = np.stack([c[:, CODE], c[:, CODE] + c[:, BIRTH_END], c[:, CODE] + c[:, LENGTH], c[:, CONSTANT],
                                c[:, CONSTANT_COUNT], c[:, ROWS] + c[:, TILES]], axis=1)  # fmt: skip
    noise, draws = (some(filled(each, rows), np.float32) for each in (lives.noise, lives.draws))
    parameters = some(by_lanes(lives.parameters, width), np.float32)
    return Stage(
        sizes, some(loops.code, np.int32), some(loops.loops, np.int32), some(loops.aliases, np.int32),
        some(world.constants, np.float32),
        some(world.observe, np.int32), some(world.legal, np.int32), some(world.step, np.int32),
        some(world.after, np.int32), some(world.born, np.int32), some(world.tables, np.float32),
        some(world.begins, np.int32), parameters, noise, draws, some(projection, np.float32),
        as_taken(plan.windows), as_taken(actors.lane), some(lanes, np.int64), some(programs.code, np.int32),
        some(programs.outputs, np.int32), some(programs.constants, np.float32), as_taken(actors.optimism),
        as_taken(actors.bound), np.float32(plan.epsilon), np.float32(plan.critic),
    )  # fmt: skip


def filled(array: F32, lanes: int) -> F32:
    """Return an array whose last axis has so many lanes, the last one repeated: itself, where it has them."""
    short = lanes - array.shape[-1]
    return array if not short else np.concatenate([array, np.repeat(array[..., -1:], short, axis=-1)], axis=-1)


def some(array: Any, dtype: Any) -> Any:
    """Return a flat array as the kernel takes it, never empty, so that it has an address."""
    flat = np.reshape(array, -1)
    return as_taken(flat if len(flat) else np.zeros(1, dtype), dtype)


def room_for(packed: Packed, lives: Lives, plan: ActingPlan, width: int) -> Results:
    """Return room for what the kernel writes."""
    genomes, lanes = len(packed.genomes), -(-lives.lanes // width) * width
    measures = np.zeros((len(MEASURES), genomes, len(plan.windows), lanes), np.float32)
    learned = np.zeros(int(packed.genomes[:, SYNAPSES].sum()) if plan.keep_weights else 0, np.float32)
    return Results(measures, np.zeros((genomes, lanes), np.uint8), learned)


def cut_work(packed: Packed, lives: Lives, plan: ActingPlan, width: int) -> list[I64]:
    """Return lists of (genome, piece of lanes), each about PIECE operations long."""
    pieces, synapses, instructions = -(-lives.lanes // width), *packed.genomes[:, [SYNAPSES, CODE_END]].T
    asked = lives.world.actions if lives.world.afterstates else 0
    cost = width * plan.ticks * (synapses * (6.0 + asked + instructions) + len(lives.world.code))
    items = np.stack(np.meshgrid(np.arange(len(synapses)), np.arange(pieces), indexing="ij"), axis=-1).reshape(-1, 2)
    number = np.cumsum(np.repeat(cost, pieces)) // PIECE
    return np.split(items, np.flatnonzero(np.diff(number)) + 1)
