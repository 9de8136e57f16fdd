"""Lives that act on a device that runs the CUDA text: `act` of the contract (evometa/lifetime/acting.py).

Parts of a batch go through a device as lives with examples do (streaming.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.program_columns import LENGTH
from evometa.language.programs import Programs
from evometa.lifetime import columns as k
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.acting_check import check_acting
from evometa.lifetime.cuda.device import BATCH, BOTH, STAGE, STAGE_NUMBERS, Device
from evometa.lifetime.cuda.launch import (
    NONE,
    Part,
    blocks_of,
    by_cost,
    extras_of,
    placed,
    schedules_of,
    set_arrays,
)
from evometa.lifetime.cuda.shape import fewest_teams, useful_teams
from evometa.lifetime.cuda.shared_memory import WIDTH
from evometa.lifetime.cuda.staging import HOT_NAMES, REGIONS, check_world_size, instructions, sizes_of
from evometa.lifetime.cuda.streaming import Progress, parts_of
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.lanes import by_lanes
from evometa.lifetime.packing import Packed, by_genome, pack
from evometa.spec import CREDITS
from evometa.spec.acting import MEASURES

KERNEL = "evometa_act"


def act(
    device: Device, actors: Actors, lives: Lives, plan: ActingPlan, *, progress: Progress | None = None
) -> ActingOutcomes:
    """Live every life of the batch on the device; parts that do not fit are halved.

    `progress(done, total)` hears of genomes done. Raises ContractError, and RunFailed if the device is lost, too small
    for a single genome, or the world too large for its kernels.
    """
    check_acting(actors, lives, plan)
    check_world_size(lives.world)
    stage = Stage(device, actors, lives, plan)
    genomes, padded = len(actors), stage.pieces * WIDTH
    measures = np.zeros((len(MEASURES), genomes, len(plan.windows), padded), np.float32)
    status, weights = np.zeros((genomes, padded), np.uint8), []
    for part in parts_of(device, padded * plan.ticks * stage.work(), stage.put, stage.start):
        place = slice(part.first, part.first + part.count)
        measures[:, place], status[place] = part.results["scores"], part.results["status"]
        if plan.keep_weights:
            weights += [each.copy() for each in by_genome(part.packed.genomes, part.results["learned"])]
        if progress:
            progress(place.stop, genomes)
    kept = weights if plan.keep_weights else None
    measures, status = (
        np.ascontiguousarray(measures[..., : lives.lanes]),
        np.ascontiguousarray(status[:, : lives.lanes]),
    )
    return ActingOutcomes(measures, status, kept)


class Stage:
    """A world and its lives, in `pieces` of WIDTH lanes, and the learners that a device lives in it."""

    def __init__(self, device: Device, actors: Actors, lives: Lives, plan: ActingPlan) -> None:
        self.device, self.actors, self.lives, self.plan = device, actors, lives, plan
        self.pieces = -(-lives.lanes // WIDTH)
        self.predictions = 0 if plan.projection is None else len(plan.projection)

    def work(self) -> NDArray[np.float64]:
        """Return roughly how many operations a tick takes in each genome's lane, f64[G]."""
        phenotypes, world = self.actors.phenotypes, self.lives.world
        synapses = Graphs.of(phenotypes.graphs).synapses[phenotypes.graph]
        instructions = Programs.of(phenotypes.programs).columns[phenotypes.program, LENGTH]
        asked = world.actions if world.afterstates else 0
        own: NDArray[np.float64] = synapses * (6.0 + asked + instructions) + len(world.code)
        return own

    def put(self) -> dict[str, int]:
        """Copy over what all parts share; return the addresses."""
        world, plan = self.lives.world, self.plan
        arrays = {
            "instructions": instructions(world), "constants": world.constants, "observe": world.observe,
            "legal": world.legal, "step": world.step, "after": world.after, "born": world.born, "tables": world.tables,
            **{name: by_lanes(getattr(self.lives, name), WIDTH) for name in ("parameters", "noise", "draws")},
            "projection": NONE if plan.projection is None else plan.projection, "checkpoints": plan.windows,
        }  # fmt: skip
        return {name: self.device.put(BOTH, name, some(array)) for name, array in arrays.items()}

    def start(self, side: int, genomes: slice, shared: dict[str, int]) -> Part:
        """Pack one part, copy it over and start its lives (Start of streaming.py)."""
        device, actors = self.device, self.actors.take(genomes)
        phenotypes = replace(actors.phenotypes, losses=actors.lanes, loss=actors.lane)  # as staging.py says
        packed, (schedules, columns) = pack(phenotypes, actors.births, WIDTH), schedules_of(phenotypes)

        def sizes(teams: int, _: int) -> dict[str, Any]:
            return sizes_of(packed.genomes, self.lives.world, self.predictions, teams)

        count = self.pieces * len(actors)
        shape = fewest_teams(device, count, useful_teams(schedules, columns, 1), 0, sizes, HOT_NAMES)
        places, floats, slot = placed(sizes(shape.teams, 0), shape, REGIONS)
        extras = extras_of(places | {"SIGNALS": places["LOSS_FILE"]}, columns)  # where those of a lane's program begin
        batch, stage = self.arguments(side, actors, packed, schedules.arrays() | {"extras": extras}, shared)
        part = Part(0, len(actors), side, self.results(packed), packed)
        for name, array in part.results.items():
            batch[name] = device.room(side, name, array.nbytes, clear=True)
        blocks = blocks_of(batch, device, side, KERNEL, shape.teams, floats, slot)
        device.launch(side, KERNEL, (batch, stage), blocks, shape.teams, 4 * floats)
        return part

    def arguments(
        self, side: int, actors: Actors, packed: Packed, arrays: dict[str, Any], shared: dict[str, int]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Copy a part over, and return the kernel's first two arguments, but for what it writes."""
        device, plan, batch, stage = self.device, self.plan, np.zeros(1, BATCH), self.numbers()
        items = by_cost(packed.genomes[:, k.SYNAPSES] * (6 + packed.genomes[:, k.CODE_END]), self.pieces)
        set_arrays(batch, device, side, **packed._asdict() | arrays, items=items, optimism=actors.optimism)
        set_arrays(stage, device, side, bounds=actors.bound)
        set_addresses(shared, stage, batch)
        numbers = {
            "item_count": len(items), "genome_count": len(actors), "lane_count": self.pieces * WIDTH,
            "coefficient_count": packed.coefficients.shape[1], "updates": plan.ticks, "batch": 1,
            "points": len(plan.windows), "credit": CREDITS.code(plan.credit), "keep": plan.keep_weights,
            "length": plan.length, "task": plan.task, "hopeful": self.lives.world.answers,
        }  # fmt: skip
        for name, number in numbers.items():
            batch[name] = number
        return batch, stage

    def numbers(self) -> NDArray[Any]:
        """Return the kernel's second argument, but for addresses."""
        world, plan, stage = self.lives.world, self.plan, np.zeros(1, STAGE)
        numbers = (
            plan.ticks, world.actions, world.answers, world.actions if world.afterstates else 0, world.shown,
            world.noise, world.states, world.first_state, world.parameters, world.inputs, len(world.constants),
            world.registers, world.birth_end, world.show_end, len(world.code), world.id, world.ids, len(world.legal),
            self.predictions, plan.policy == "softmax", plan.ties == "random", plan.critic > 0, plan.see_reward,
            plan.see_action, plan.forget, self.actors.order == "next tick",
        )  # fmt: skip
        for name, number in zip(STAGE_NUMBERS, numbers, strict=True):
            stage[name] = number
        stage["epsilon"], stage["critic"] = plan.epsilon, plan.critic
        return stage

    def results(self, packed: Packed, count: int = len(MEASURES)) -> dict[str, NDArray[Any]]:
        """Return room for what comes of lives; so many measures lie where scores of others do."""
        genomes, padded = len(packed.genomes), self.pieces * WIDTH
        learned = int(packed.genomes[:, k.SYNAPSES].sum()) if self.plan.keep_weights else 1
        return {
            "scores": np.zeros((count, genomes, len(self.plan.windows), padded), np.float32),
            "status": np.zeros((genomes, padded), np.uint8),
            "learned": np.zeros(learned, np.float32),
        }


def set_addresses(addresses: dict[str, int], *arguments: NDArray[Any]) -> None:
    """Write each address to the first of the arguments that has such a field."""
    for name, address in addresses.items():
        own = next((each for each in arguments if name in (each.dtype.names or ())), None)
        if own is not None:
            own[name] = address


def some(array: Any) -> Any:
    """Return an array, or one number of its type where it is empty, so that it has an address."""
    return array if array.size else np.zeros(1, array.dtype)
