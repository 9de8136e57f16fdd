"""Lives that act as the CUDA text takes them: a world's instructions, translated, and where a lane's numbers lie.

A genome's second program, which otherwise is that of an evolved loss, here is that of the lane.
"""

from __future__ import annotations

import numpy as np

from evometa.errors import RunFailed
from evometa.language.numbering import LOOKUP
from evometa.language.signals import ACTING, COEFFICIENTS, INPUTS, NODES, TASK_NAMES
from evometa.language.worlds import program as worlds
from evometa.language.worlds.program import WorldProgram
from evometa.lifetime import columns as k
from evometa.lifetime.cuda import shared_memory
from evometa.lifetime.cuda.shared_memory import HOT, MOST_FLOATS, MOST_ROWS, WIDTH, region_sizes
from evometa.spec.acting import MEASURES
from evometa.spec.arrays import I32, I64

OF_LANES = tuple(name for name in ACTING if name not in NODES)  # their registers follow each other
READS = sum(1 << INPUTS[name].register for name in ("reward", "age", *COEFFICIENTS, *OF_LANES, *TASK_NAMES))
LANE = tuple(name for name, signal in INPUTS.items() if READS >> signal.register & 1)  # the first registers of a lane
_MEMORIES = ("NEXT", "NEXT_2")  # what m1 and m2 become
NUMBERS = ("EXPECTED", "OVER", "ACTION", "PREVIOUS", "FAULTY", "SEEN", "TRIAL", "MOVE", "FELT", *_MEMORIES, "SUMS")
NUMBER_COUNT = len(NUMBERS) - 1 + len(MEASURES)  # the sums of a window are last
WORLD_INPUTS = {name: getattr(worlds, name) for name in ("TICK", "TRIAL", "MOVE", "ACTION", "FIRST_NOISE")}
WORLD_GIVES = {name: getattr(worlds, name) for name in ("REWARD", "WORTH", "BEST", "TALLY", "DONE", "OVER")}

OWN = ("SIGNALS", "AGENT", "WORLD", "MET")  # regions behind those of every life; signals may lie in another
HOT_NAMES = (*HOT, "AGENT", "WORLD")
REGIONS = (*HOT_NAMES, *(name for name in shared_memory.REGIONS if name not in HOT), "MET")
STORED = 8  # the flag of an instruction whose result others read


def sizes_of(genomes: I64, world: WorldProgram, predictions: int, teams: int) -> dict[str, I64]:
    """Return the rows of every region (REGIONS), and the sizes that kernels know beside, i64[G] each."""
    m = genomes.T
    own = {
        "LOSS_FILE": len(LANE) + m[k.LOSS_CONSTANT_COUNT] + m[k.LOSS_ROWS] + m[k.LOSS_TEMPORARIES],
        "AGENT": NUMBER_COUNT + 2 * (world.actions + predictions), "WORLD": world.registers + world.states,
        "MET": world.ids,
    }  # fmt: skip
    sizes = {name: np.broadcast_to(rows, len(genomes)) for name, rows in own.items()}
    return region_sizes(genomes, teams, 1, 0) | sizes | {"LOSS_ROWS": sizes["LOSS_FILE"]}


def check_world_size(world: WorldProgram) -> None:
    """Refuse a world that kernels cannot name all of. Raises RunFailed."""
    registers = world.registers + world.states
    for count, most, what in (
        (registers, MOST_ROWS, "numbers in its equations"), (world.ids * WIDTH, MOST_FLOATS, "visits of its states"),
        (len(world.tables), MOST_FLOATS >> 4, "numbers in its tables"),
        (len(world.code), MOST_FLOATS >> 4, "instructions"),
    ):  # fmt: skip
        if count >= most:
            raise RunFailed(f"The world has {count:,} {what}, and the GPU's kernels know {most:,}: "
                            "use --backend numba.")  # fmt: skip


def instructions(world: WorldProgram) -> I32:
    """Return a world's instructions as kernels take them, i32[P, 4] (`Instruction`, interpreter.cuh); a row a register.

    Behind the flags stands where the next lookup or section begins. Of a lookup the third number is the row, or the
    place in the tables, that index 0 names, and the last one the last index, and whether it is a table's.
    """
    op, target, a, b, c = world.code.astype(np.int64).T
    looked, place = op == LOOKUP, np.arange(len(op))
    begins = np.isin(place, (0, world.birth_end, world.show_end))
    begins[1:] |= looked[:-1]
    before = np.where(begins, -1, np.roll(target, 1))
    stops = np.unique([*place[looked], world.birth_end, world.show_end, len(op)])
    stop = stops[np.searchsorted(stops, place, side="right")] if len(op) else place
    flags = (a == before) | (b == before) << 1 | (c == before) << 2 | STORED | stop << 4
    operands = b << 1 | c << 17
    if looked.any():
        table = b - world.first_table
        of_table = looked & (table >= 0) & (b < world.inputs)
        last = world.constants[c[looked] - world.inputs].astype(np.int64)
        operands[looked] = np.where(of_table, world.begins[table * of_table] if of_table.any() else b, b)[looked]
        flags[looked] = last << 1 | of_table[looked]
    made = np.stack([op, target << 1 | a << 17, operands, flags], axis=1)
    return made.astype(np.uint32).view(np.int32)
