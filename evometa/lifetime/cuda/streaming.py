"""A batch of lifetimes, however large, through a device: in parts that fit, packed while the device is at work.

Parts take turns between two sides, each with buffers and a queue of its own. No result depends on how a batch is cut.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evometa.errors import RunFailed
from evometa.language.program_columns import LENGTH
from evometa.language.programs import Programs
from evometa.lifetime import F32, Births, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.columns import SYNAPSES
from evometa.lifetime.cuda.device import LEFT, RIGHT, Device
from evometa.lifetime.cuda.launch import Part, collect, launch, lifetime_work, put_lessons
from evometa.lifetime.cuda.shared_memory import WIDTH
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.lanes import Lanes, cut
from evometa.lifetime.validation import check
from evometa.spec import SCORES

FIRST = 256  # genomes of the first part, so that the device soon has work
MOST = 2048  # genomes of any part
SLOWEST = 1e8  # operations a second
SECONDS = 1.0  # that a part may take, at the pace of those before: Ctrl-C is heard between parts

Progress = Callable[[int, int], None]
Put = Callable[[], dict[str, int]]
Start = Callable[[int, slice, dict[str, int]], Part]


def live(
    device: Device,
    phenotypes: Phenotypes,
    tasks: Tasks,
    births: Births,
    plan: Plan,
    *,
    progress: Progress | None = None,
) -> Outcomes:
    """Live every lifetime of the batch on the device; parts that do not fit are halved.

    Raises ContractError, and RunFailed if the device is lost, or too small for a single genome.
    """
    check(phenotypes, tasks, births, plan)
    lanes = cut(tasks, plan, WIDTH)
    genomes, points, padded = len(phenotypes), len(plan.checkpoints), len(lanes.support_x) * WIDTH
    scores = np.zeros((len(SCORES), genomes, points, padded), np.float32)
    status = np.zeros((genomes, padded), np.uint8)
    synapses = Graphs.of(phenotypes.graphs).synapses[phenotypes.graph].astype(np.float32)
    opened: F32 = np.broadcast_to(synapses[:, None, None], scores.shape[1:])
    weights: list[F32] = []

    def start(side: int, genomes: slice, lessons: dict[str, int]) -> Part:
        return launch(device, side, phenotypes.take(genomes), births, plan, lanes, lessons)

    for part in parts_of(device, work_of(phenotypes, lanes), partial(put_lessons, device, lanes), start):
        end, found = part.first + part.count, part.results
        scores[:, part.first : end] = found["scores"]
        status[part.first : end] = found["status"]
        if found["opened"].ndim > 1:
            opened = opened if opened.flags.writeable else opened.copy()
            opened[part.first : end] = found["opened"]
        weights += _learned(part) if plan.keep_weights else []
        if progress:
            progress(end, genomes)
    scores, status = np.ascontiguousarray(scores[..., : tasks.lanes]), np.ascontiguousarray(status[:, : tasks.lanes])
    return Outcomes(scores, status, weights if plan.keep_weights else None, opened[..., : tasks.lanes])


def parts_of(device: Device, each: NDArray[np.float64], put: Put, start: Start) -> Iterator[Part]:
    """Yield finished parts in order; while the device lives one, the next is packed and queued behind it.

    `each`: roughly the operations of each genome; `put` copies over what all parts share (`lessons`);
    `start(side, genomes, lessons)` packs a part and starts it.
    """
    work = np.concatenate([[0.0], np.cumsum(each)])
    lessons: dict[str, int] = {}
    waiting: Part | None = None
    first, side, most = 0, LEFT, FIRST
    while first < len(each):
        fits = int(np.searchsorted(work, work[first] + SECONDS * device.pace)) - first
        count = max(1, min(fits, most, device.most, len(each) - first))
        try:
            lessons = lessons or put()
            part = start(side, slice(first, first + count), lessons)
        except MemoryError as error:
            if waiting is not None:
                yield _finish(device, waiting)  # and once more, with the device to itself
                waiting = None
            elif count > 1:
                device.most = count // 2
            else:
                raise RunFailed(
                    f"The GPU's memory is too small for the lifetimes of one genome ({error}): "
                    "lower sampling.tasks, the network's size or a world's ids, or use --backend numba."
                ) from error
            device.forget()
            lessons = {}
            continue
        part.first, part.work, part.queued = first, float(work[first + count] - work[first]), time.perf_counter()
        if waiting is not None:
            yield _finish(device, waiting)
            part.queued = max(part.queued, time.perf_counter())  # the device began with it only now
        waiting, first, side, most = part, first + count, LEFT + RIGHT - side, MOST
    if waiting is not None:
        yield _finish(device, waiting)


def _finish(device: Device, part: Part) -> Part:
    """Wait for a part, and learn how fast the device is (not more than four times as fast as thought, at once)."""
    collect(device, part)
    pace = part.work / max(time.perf_counter() - part.queued, 1e-3)
    device.pace = min(max(pace, SLOWEST), 4 * device.pace)
    return part


def work_of(phenotypes: Phenotypes, lanes: Lanes) -> NDArray[np.float64]:
    """Return roughly how many operations each genome's lifetimes take."""
    synapses = Graphs.of(phenotypes.graphs).synapses[phenotypes.graph]
    instructions = Programs.of(phenotypes.programs).columns[phenotypes.program, LENGTH]
    return len(lanes.support_x) * WIDTH * synapses * lifetime_work(lanes, instructions)


def _learned(part: Part) -> list[F32]:
    """Return the learned weights of each genome."""
    ends = np.cumsum(part.packed.genomes[:, SYNAPSES])
    return [piece.copy() for piece in np.split(part.results["learned"][: ends[-1]], ends[:-1])]
