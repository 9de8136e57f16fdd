"""Gradients of lifetimes on a device that runs the CUDA text: `descend` of the contract (evometa/lifetime/slopes.py).

Parts of a batch go through a device as lives do (streaming.py). A block of the device keeps the tape of the lives that
it is at; sums over blocks of lanes come back, and are added here in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from evometa.language.program import Program
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.lifetime import F32, Births, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime import columns as k
from evometa.lifetime.adjoints import SUMS, no_slopes, part_of, parts_of, with_adjoints, write
from evometa.lifetime.cuda import streaming
from evometa.lifetime.cuda.comparing import Comparing
from evometa.lifetime.cuda.device import SLOPE_NUMBERS, SLOPES, WRITTEN_SUMS, Device
from evometa.lifetime.cuda.launch import (
    Part,
    argument,
    blocks_of,
    extras_of,
    placed,
    put_lessons,
    schedules_of,
    work_items,
)
from evometa.lifetime.cuda.shape import choose_shape, examples_of
from evometa.lifetime.cuda.shared_memory import WIDTH
from evometa.lifetime.cuda.tape import ADJOINT, HOT_NAMES, REGIONS, sizes_of
from evometa.lifetime.lanes import Lanes, as_taken, cut
from evometa.lifetime.packing import Packed, pack
from evometa.lifetime.slopes import BLOCK
from evometa.lifetime.validation import check, check_descent
from evometa.spec import SCORES

LOSS = SCORES.code("loss")
COST = 6.0  # of a life and its way back, in lives
KERNEL, SUMS_OF = "evometa_descend", "_sums"


def descend(device: Device, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan,
            adjoints: Sequence[Program], weights: F32, loss_adjoints: Sequence[Program] = (), order: int = 2, *,
            progress: streaming.Progress | None = None, length: int = 0) -> Slopes:  # fmt: skip
    """Differentiate every lifetime of the batch on the device; parts that do not fit are halved.

    `progress(done, total)` hears of genomes done; `length`: updates that are kept at a time (0: it is chosen). Raises
    ContractError, and RunFailed if the device is lost, or too small for a single genome.
    """
    check(phenotypes, tasks, births, plan)
    check_descent(phenotypes, plan, adjoints, weights, loss_adjoints, order)
    lanes, slopes = cut(tasks, plan, WIDTH), no_slopes(phenotypes, plan, tasks.lanes)
    for genomes in parts_of(phenotypes, len(lanes.support_x) * WIDTH // BLOCK, SUMS):
        one = Descents(device, phenotypes.take(genomes), births, plan, adjoints, weights[genomes], loss_adjoints, lanes,
                       order, tasks.lanes, length)  # fmt: skip
        put = partial(put_lessons, device, lanes)
        for part in streaming.parts_of(device, COST * streaming.work_of(one.phenotypes, lanes), put, one.start):
            place = slice(genomes.start + part.first, genomes.start + part.first + part.count)
            one.write(part, slopes, place)
            if progress:
                progress(place.stop, len(phenotypes))
    return slopes


class Descents:
    """Some genomes whose lives a device goes forth and back through, `count` lanes of each."""

    def __init__(self, device: Device, phenotypes: Phenotypes, births: Births, plan: Plan, adjoints: Sequence[Program],
                 weights: F32, loss_adjoints: Sequence[Program], lanes: Lanes, order: int, count: int,
                 length: int) -> None:  # fmt: skip
        self.device, self.phenotypes, self.births, self.plan = device, phenotypes, births, plan
        self.adjoints, self.weights, self.loss_adjoints = adjoints, weights, loss_adjoints
        self.lanes, self.order, self.count = lanes, order, count
        updates = int(lanes.checkpoints[-1])
        self.length = length or part_of(updates)
        self.parts = max(1, -(-updates // self.length))

    def start(self, side: int, genomes: slice, lessons: dict[str, int]) -> Part:
        """Pack one part, copy it over and start it on its way (Start of streaming.py)."""
        device, lanes, phenotypes = self.device, self.lanes, self.phenotypes.take(genomes)
        packed = pack(phenotypes, self.births, WIDTH, memory=self.plan.memory)
        schedules, columns = schedules_of(phenotypes)
        adjoints = with_adjoints(packed, phenotypes, self.adjoints, self.loss_adjoints)
        pieces, batch_size, compares = len(lanes.support_x), examples_of(lanes), Comparing.of(lanes)

        def sizes(teams: int, block: int) -> dict[str, Any]:
            return sizes_of(packed, adjoints, teams, batch_size, block, self.length, self.parts, self.order, compares)

        shape = choose_shape(device, pieces * len(phenotypes), schedules, columns, lanes, sizes, HOT_NAMES)
        places, shared, slot = placed(sizes(shape.teams, shape.block), shape, REGIONS)
        items = work_items(packed, pieces, lanes)
        batch = argument(device, side, packed, schedules, extras_of(places, columns), items, lanes, lessons, self.plan,
                         shape, slot)  # fmt: skip
        results, sums = self._results(packed), np.zeros(1, SLOPES)
        numbers = (self.order, self.length, self.count, packed.genomes[:, k.SYNAPSES].sum())
        for name, number in zip(SLOPE_NUMBERS, numbers, strict=True):
            sums[name] = number
        sums["weights"] = device.put(side, "weights", as_taken(self.weights[genomes], np.float32))
        for name, array in results.items():
            own = sums if name.endswith(SUMS_OF) else batch
            own[name.removesuffix(SUMS_OF)] = device.room(side, name, array.nbytes, clear=True)
        blocks = blocks_of(batch, device, side, KERNEL, shape.teams, shared, slot)
        view = batch.copy()  # the same lives, seen with the adjoints of their programs
        own_places = places | {name: places[own] for name, own in ADJOINT.items()}
        own_arrays = {name: getattr(adjoints, name) for name in ("genomes", "code", "out", "constants")}
        for name, array in (own_arrays | {"extras": extras_of(own_places, columns)}).items():
            view[name] = device.put(side, f"adjoint_{name}", array)
        device.launch(side, KERNEL, (batch, view, sums), blocks, shape.teams, 4 * shared)
        return Part(0, len(phenotypes), side, results, packed)

    def _results(self, packed: Packed) -> dict[str, Any]:
        """Return room for what a part gives."""
        genomes, padded = len(packed.genomes), len(self.lanes.support_x) * WIDTH
        synapses, blocks = int(packed.genomes[:, k.SYNAPSES].sum()), padded // BLOCK
        sizes = {
            "innate": synapses,
            "plasticity": len(PLASTICITY) * synapses,
            "coefficients": len(COEFFICIENTS) * genomes,
        }
        return {
            "scores": np.zeros((len(SCORES), genomes, len(self.lanes.checkpoints), padded), np.float32),
            "status": np.zeros((genomes, padded), np.uint8),
            **{name + SUMS_OF: np.zeros((blocks, size), np.float32) for name, size in sizes.items()},
        }

    def write(self, part: Part, slopes: Slopes, place: slice) -> None:
        """Write the slopes of a part, which is a `place` of all genomes."""
        found, lanes = part.results, self.count
        slopes.losses[place], slopes.status[place] = found["scores"][LOSS, ..., :lanes], found["status"][:, :lanes]
        phenotypes = self.phenotypes.take(slice(part.first, part.first + part.count))
        write(slopes, phenotypes, part.packed.genomes, place, lanes,
              *(found[name + SUMS_OF][: -(-lanes // BLOCK)] for name in WRITTEN_SUMS))  # fmt: skip
