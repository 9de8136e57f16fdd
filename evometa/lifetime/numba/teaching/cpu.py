"""The processor's backend of students that are taught: `teach`, the contract's function, on threads."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.program_columns import BIRTH_END, CODE, CONSTANT, CONSTANT_COUNT, LENGTH, ROWS, TILES
from evometa.language.programs import Programs
from evometa.lifetime import NONE
from evometa.lifetime.acting import ActingPlan
from evometa.lifetime.columns import CODE_END, SYNAPSES
from evometa.lifetime.numba.acting.cpu import check_memory, filled, some, staged
from evometa.lifetime.numba.cpu import PIECE, Progress, aligned, choose_width, every_processor, spread
from evometa.lifetime.numba.teaching import layout as y
from evometa.lifetime.packing import TILE, Packed, by_genome, pack
from evometa.lifetime.teaching import Classes, TeachingLives, TeachingOutcomes
from evometa.lifetime.teaching_check import check_teaching
from evometa.spec.arrays import I64
from evometa.spec.states import TEACHER_RULE
from evometa.spec.teaching import RESULTS


def teach(
    classes: Classes, lives: TeachingLives, plan: ActingPlan, *, threads: int = 0, progress: Progress | None = None
) -> TeachingOutcomes:
    """Live every life of the batch on `threads` CPUs (0: all); `progress(done, total)` hears of items done.

    Raises ContractError.
    """
    from evometa.lifetime.numba.acting.kernel import new_scratch
    from evometa.lifetime.numba.teaching import kernel

    check_teaching(classes, lives, plan)
    students, game = classes.students, lives.acting
    width = choose_width(students.phenotypes.graphs, lives.lanes, 1)
    packed = pack(students.phenotypes, students.births, width, max(1, TILE // width))
    stage, room = staged(students, game, plan, width), room_of(classes, lives, width)
    results, parts = room_for(packed, lives, plan, width), cut_work(packed, lives, width)
    local = threading.local()
    scratches = new_scratch(packed.genomes, stage), kernel.new_scratch(room)
    length = int(kernel.longest(packed, stage, room, *scratches, width))
    check_memory(length, min(threads or every_processor(), len(parts)), width, game.world)

    def work(items: NDArray[np.int64]) -> int:
        if not hasattr(local, "scratch"):
            local.scratch, local.own = new_scratch(packed.genomes, stage), kernel.new_scratch(room)
            local.arena = aligned(length)
        kernel.teach(items, packed, stage, room, width, local.arena, local.scratch, local.own, results)
        return len(items)

    spread(work, parts, threads, progress)
    weights = by_genome(packed.genomes, results.learned) if plan.keep_weights else None
    found = np.ascontiguousarray(results.results[..., : lives.lanes])
    status = np.ascontiguousarray(results.status[:, : lives.lanes])
    return TeachingOutcomes(found, status, weights, results.lessons, results.m)


def room_of(classes: Classes, lives: TeachingLives, width: int) -> y.Room:
    """Return a game, its lives and the teachers as the kernel takes them."""
    game, programs = lives.game, Programs.of(classes.teachers, TEACHER_RULE)
    rows, choices = -(-lives.lanes // width) * width, game.choices
    always = np.isin(choices, lives.candidates) | game.met[choices]
    asked = np.concatenate([choices[always], choices[~always]])
    sizes = np.zeros(y.LIVES + 1, np.int64)
    for column, value in {
        y.POSITIONS: len(game.ply), y.SHOWN: len(game.x), y.MOVES: len(game.legal), y.LEAN: int(always.sum()),
        y.ASKED: len(asked), y.NUMBERS: len(lives.numbers), y.DRAWN: lives.answer == "drawn", y.LIVES: rows,
    }.items():  # fmt: skip
        sizes[column] = value
    candidate = np.zeros(len(game.ply), np.int32)
    candidate[lives.candidates] = 1
    c = programs.columns
    reads = [[name in program.reads for name in ("loss", "chance", "noise")] for program in programs]
    table = np.concatenate([np.stack([
        c[:, CODE], c[:, CODE] + c[:, BIRTH_END], c[:, CODE] + c[:, LENGTH], c[:, CONSTANT], c[:, CONSTANT_COUNT],
        c[:, ROWS], c[:, TILES],
    ], axis=1), np.array(reads, np.int64)], axis=1)  # fmt: skip
    legal, sound, best, following = (
        some(each.T, np.int32) for each in (game.legal, game.sound, game.best, game.following)
    )
    return y.Room(
        sizes, some(game.x.T, np.float32), legal, sound, best, following, some(game.ply, np.int32),
        some(asked, np.int32), candidate, some(lives.numbers, np.float32), some(padded(lives.offset, rows), np.int32),
        some(filled(lives.draws, rows), np.float32), some(classes.teacher, np.int32), some(table, np.int64),
        some(programs.code, np.int32), some(programs.outputs, np.int32), some(programs.constants, np.float32),
    )  # fmt: skip


def padded(array: Any, lanes: int) -> Any:
    """Return whole numbers whose last axis has so many lanes, the last one repeated."""
    return np.concatenate([array, np.repeat(array[:, -1:], lanes - array.shape[-1], axis=-1)], axis=-1)


def room_for(packed: Packed, lives: TeachingLives, plan: ActingPlan, width: int) -> y.Results:
    """Return room for what the kernel writes."""
    genomes, lanes = len(packed.genomes), -(-lives.lanes // width) * width
    results = np.zeros((len(RESULTS), genomes, len(plan.windows), lanes), np.float32)
    learned = np.zeros(int(packed.genomes[:, SYNAPSES].sum()) if plan.keep_weights else 0, np.float32)
    lessons, m = np.full((2, lives.ticks), NONE, np.int32), np.zeros(lives.ticks, np.float32)
    return y.Results(results, np.zeros((genomes, lanes), np.uint8), learned, lessons, m)


def cut_work(packed: Packed, lives: TeachingLives, width: int) -> list[I64]:
    """Return lists of (genome, piece of lanes), each about PIECE operations long."""
    pieces, synapses, instructions = -(-lives.lanes // width), *packed.genomes[:, [SYNAPSES, CODE_END]].T
    cost = width * lives.ticks * synapses * (len(lives.game.choices) + 6.0 + instructions)
    items = np.stack(np.meshgrid(np.arange(len(synapses)), np.arange(pieces), indexing="ij"), axis=-1).reshape(-1, 2)
    number = np.cumsum(np.repeat(cost, pieces)) // PIECE
    return np.split(items, np.flatnonzero(np.diff(number)) + 1)
