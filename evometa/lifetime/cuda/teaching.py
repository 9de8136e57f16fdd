"""Students on a device that runs the CUDA text: `teach` of the contract (evometa/lifetime/teaching.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.programs import Programs
from evometa.lifetime import NONE
from evometa.lifetime.acting import ActingPlan
from evometa.lifetime.cuda.acting import Stage, set_addresses, some
from evometa.lifetime.cuda.device import BOTH, GAME, GAME_NUMBERS, Device
from evometa.lifetime.cuda.game import HOT_NAMES, REGIONS, sizes_of
from evometa.lifetime.cuda.launch import Part, blocks_of, extras_of, placed, schedules_of, set_arrays
from evometa.lifetime.cuda.shape import BLOCK, fewest_teams, useful_teams
from evometa.lifetime.cuda.shared_memory import WIDTH
from evometa.lifetime.cuda.streaming import Progress, parts_of
from evometa.lifetime.lanes import by_lanes
from evometa.lifetime.packing import Packed, by_genome, pack
from evometa.lifetime.teaching import Classes, TeachingLives, TeachingOutcomes
from evometa.lifetime.teaching_check import check_teaching
from evometa.spec.states import TEACHER_RULE
from evometa.spec.teaching import RESULTS

KERNEL = "evometa_teach"


def teach(
    device: Device, classes: Classes, lives: TeachingLives, plan: ActingPlan, *, progress: Progress | None = None
) -> TeachingOutcomes:
    """Live every life of the batch on the device; parts that do not fit are halved.

    `progress(done, total)` hears of genomes done. Raises ContractError, and RunFailed if the device is lost, or too
    small for a single genome.
    """
    check_teaching(classes, lives, plan)
    school = School(device, classes, lives, plan)
    genomes, padded = len(classes), school.stage.pieces * WIDTH
    results = np.zeros((len(RESULTS), genomes, len(plan.windows), padded), np.float32)
    status, weights = np.zeros((genomes, padded), np.uint8), []
    first: dict[str, NDArray[Any]] = {}
    work = padded * plan.ticks * school.stage.work() * len(school.asked)
    for part in parts_of(device, work, school.put, school.start):
        place, found = slice(part.first, part.first + part.count), part.results
        results[:, place], status[place] = found["scores"], found["status"]
        first = first or found
        if plan.keep_weights:
            weights += [each.copy() for each in by_genome(part.packed.genomes, found["learned"])]
        if progress:
            progress(place.stop, genomes)
    results, status = results[..., : lives.lanes].copy(), status[:, : lives.lanes].copy()
    given = np.where(first["insisted"] > 0, first["given"], NONE).astype(np.int32)  # m of a lesson is 1 or more
    return TeachingOutcomes(results, status, weights if plan.keep_weights else None, given, first["insisted"])


class School:
    """A game and its lives, and the classes that a device teaches; `asked`: positions that students are asked."""

    def __init__(self, device: Device, classes: Classes, lives: TeachingLives, plan: ActingPlan) -> None:
        self.stage = Stage(device, classes.students, lives.acting, plan)
        self.classes, self.lives = classes, lives
        choices = lives.game.choices
        always = np.isin(choices, lives.candidates) | lives.game.met[choices]
        self.asked, self.lean = np.concatenate([choices[always], choices[~always]]), int(always.sum())

    def put(self) -> dict[str, int]:
        """Copy over what all parts share; return the addresses."""
        lives, game = self.lives, self.lives.game
        tables = {name: getattr(game, name).T.astype(np.int32) for name in ("legal", "sound", "best", "following")}
        arrays = {
            "x": game.x.T, **tables, "ply": game.ply, "asked": self.asked.astype(np.int32),
            "candidates": lives.candidates, "numbers": lives.numbers,
            **{name: by_lanes(getattr(lives, name), WIDTH) for name in ("offset", "draws")},
        }  # fmt: skip
        own = {name: self.stage.device.put(BOTH, f"game_{name}", some(array)) for name, array in arrays.items()}
        return {**self.stage.put(), **{f"game_{name}": address for name, address in own.items()}}

    def start(self, side: int, genomes: slice, shared: dict[str, int]) -> Part:
        """Pack one part, copy it over and start its lives (Start of streaming.py)."""
        device, lives, students = self.stage.device, self.lives, self.classes.students.take(genomes)
        teacher = self.classes.teacher[genomes]
        phenotypes = replace(students.phenotypes, losses=self.classes.teachers, loss=teacher)  # as game.py says
        packed, (schedules, columns) = pack(phenotypes, students.births, WIDTH), schedules_of(phenotypes)
        positions, moves = len(lives.game.ply), lives.actions

        def sizes(teams: int, block: int) -> dict[str, Any]:
            return sizes_of(packed.genomes, positions, moves, len(lives.candidates), teams, block)

        useful = useful_teams(schedules, columns, BLOCK)
        shape = fewest_teams(device, self.stage.pieces * len(students), useful, BLOCK, sizes, HOT_NAMES)
        places, floats, slot = placed(sizes(shape.teams, shape.block), shape, REGIONS)
        arrays = schedules.arrays() | {"extras": extras_of(places, columns)}
        batch, stage = self.stage.arguments(side, students, packed, arrays, shared)
        batch["block"] = shape.block
        game = self.numbers(genomes.start == 0)
        set_addresses({name.removeprefix("game_"): at for name, at in shared.items() if name.startswith("game_")}, game)
        reads = np.array([program.mask for program in Programs.of(self.classes.teachers, TEACHER_RULE)], np.int64)
        set_arrays(game, device, side, reads=reads[teacher])
        part = Part(0, len(students), side, self.results(packed), packed)
        rooms = {name: device.room(side, name, array.nbytes, clear=True) for name, array in part.results.items()}
        set_addresses(rooms, batch, game)
        blocks = blocks_of(batch, device, side, KERNEL, shape.teams, floats, slot)
        device.launch(side, KERNEL, (batch, stage, game), blocks, shape.teams, 4 * floats)
        return part

    def numbers(self, told: bool) -> NDArray[Any]:
        """Return the kernel's third argument, but for addresses."""
        lives, game = self.lives, np.zeros(1, GAME)
        numbers = (
            len(lives.game.ply), lives.actions, len(lives.candidates), len(self.asked), self.lean, len(lives.numbers),
            lives.ticks, lives.answer == "drawn", told,
        )  # fmt: skip
        for name, number in zip(GAME_NUMBERS, numbers, strict=True):
            game[name] = number
        return game

    def results(self, packed: Packed) -> dict[str, NDArray[Any]]:
        """Return room for what comes of lives."""
        lessons = {
            "given": np.zeros((2, self.lives.ticks), np.int32),
            "insisted": np.zeros(self.lives.ticks, np.float32),
        }
        return self.stage.results(packed, len(RESULTS)) | lessons
