"""A batch of lifetimes, however large, through a device: in parts that fit, packed while the device is at work.

Parts take turns between two sides, each with buffers and a queue of its own. No result depends on how a batch is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from evometa.errors import RunFailed
from evometa.lifetime import F32, Births, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.device import LEFT, RIGHT, Device
from evometa.lifetime.launch import Part, collect, launch, put_lessons
from evometa.lifetime.packing import SYNAPSES, Lanes, cut
from evometa.lifetime.placing import WIDTH

MOST = 2048  # genomes of a part, at most
WORK = 2e12  # operations in a part: a second or two, so that Ctrl-C is heard soon

Progress = Callable[[int, int], None]


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

    Raises RunFailed if the device is lost, or too small for a single genome.
    """
    lanes = cut(tasks, plan, WIDTH)
    genomes, points, padded = len(phenotypes), len(plan.checkpoints), len(lanes.support_x) * WIDTH
    scores = np.zeros((3, genomes, points, padded), np.float32)
    status = np.zeros((genomes, padded), np.uint8)
    weights: list[F32] = []
    limit, done = MOST, 0
    while done < genomes:
        try:
            for part in _parts(device, phenotypes, births, plan, lanes, done, limit):
                scores[:, part.first : part.first + part.count] = part.scores
                status[part.first : part.first + part.count] = part.status
                weights += _learned(part) if plan.keep_weights else []
                done = part.first + part.count
                if progress:
                    progress(done, genomes)
        except MemoryError as error:
            device.forget()
            limit = min(limit, genomes - done) // 2
            if limit == 0:
                raise RunFailed(
                    f"The GPU's memory is too small for the lifetimes of one genome ({error}): "
                    "lower sampling.tasks or the network's size, or use --backend numba."
                ) from error
    kept = [np.ascontiguousarray(a[..., : tasks.lanes]) for a in (*scores, status)]
    return Outcomes(kept[0], kept[1], kept[2], kept[3], weights if plan.keep_weights else None)


def _parts(
    device: Device, phenotypes: Phenotypes, births: Births, plan: Plan, lanes: Lanes, first: int, limit: int
) -> Iterator[Part]:
    """Yield finished parts in order; while the device lives one, the next is packed and queued behind it."""
    lessons = put_lessons(device, lanes)
    work = np.concatenate([[0.0], np.cumsum(_work(phenotypes, lanes))])
    waiting: Part | None = None
    side = LEFT
    while first < len(phenotypes):
        count = int(np.searchsorted(work, work[first] + WORK)) - first
        count = max(1, min(count, limit, len(phenotypes) - first))
        some = _slice(phenotypes, first, count)
        try:
            part = launch(device, side, some, births, plan, lanes, lessons)
        except MemoryError:
            if waiting is None:
                raise
            yield collect(device, waiting)  # and once more, with the device to itself
            waiting = None
            device.forget()
            lessons = put_lessons(device, lanes)
            part = launch(device, side, some, births, plan, lanes, lessons)
        part.first = first
        if waiting is not None:
            yield collect(device, waiting)
        waiting, first, side = part, first + count, LEFT + RIGHT - side
    if waiting is not None:
        yield collect(device, waiting)


def _work(phenotypes: Phenotypes, lanes: Lanes) -> list[float]:
    """Return roughly how many operations each genome's lifetimes take."""
    padded, queries = len(lanes.support_x) * WIDTH, len(lanes.checkpoints) * lanes.query_x.shape[1]
    return [
        padded * graph.synapses * (lanes.order.size * (6.0 + len(program.code)) + 2.0 * queries)
        for graph, program in zip(phenotypes.graphs, phenotypes.programs, strict=True)
    ]


def _slice(phenotypes: Phenotypes, first: int, count: int) -> Phenotypes:
    """Return some of the phenotypes."""
    if count == len(phenotypes):
        return phenotypes
    cut_to = slice(first, first + count)
    names = ("graphs", "programs", "innate", "coefficients", "plasticity", "feedback", "losses")
    return replace(phenotypes, **{name: getattr(phenotypes, name)[cut_to] for name in names})


def _learned(part: Part) -> list[F32]:
    """Return the learned weights of each genome."""
    ends = np.cumsum(part.packed.genomes[:, SYNAPSES])
    return [piece.copy() for piece in np.split(part.learned[: ends[-1]], ends[:-1])]
