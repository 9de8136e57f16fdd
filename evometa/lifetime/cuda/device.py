"""What the launcher needs of whatever runs the CUDA text: a GPU (gpu.py), or the host it is compiled for (tests)."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime.lanes import Lanes
from evometa.lifetime.packing import Packed
from evometa.spec.arrays import F32, I32, I64, U8, arrays_of


class Plans(NamedTuple):
    """What this backend adds to a batch: second rows of genomes, (genome, piece of lanes) to live, schedules."""

    extras: Annotated[I64, "G EXTRAS"]
    items: Annotated[I64, "* 2"]
    schedule: Annotated[I32, "*"]
    onward: Annotated[I32, "*"]
    optimism: Annotated[F32, "G"]


class Staged(NamedTuple):
    """What lives that act take beside a batch: their world, and what is drawn for them, in T pieces of `width` lanes.

    `instructions`: op, two pairs of registers, flags (staging.py); `bounds`: of each genome's weights.
    """

    instructions: Annotated[I32, "* 4"]
    constants: Annotated[F32, "*"]
    observe: Annotated[I32, "*"]
    legal: Annotated[I32, "*"]
    step: Annotated[I32, "6"]
    after: Annotated[I32, "*"]
    born: Annotated[I32, "*"]
    tables: Annotated[F32, "*"]
    parameters: Annotated[F32, "T P width"]
    noise: Annotated[F32, "T N D width"]
    draws: Annotated[F32, "T U 2 width"]
    projection: Annotated[F32, "H I"]
    bounds: Annotated[F32, "G"]


class Written(NamedTuple):
    """What kernels write: results, and blocks' room beyond shared memory; `next`: the item to be taken next."""

    scores: Annotated[F32, "M G C L"]
    status: Annotated[U8, "G L"]
    opened: Annotated[F32, "G C L"]
    learned: Annotated[F32, "*"]
    arena: Annotated[F32, "*"]
    next: Annotated[I32, "1"]


class Counts(NamedTuple):
    """What gradients take beside a batch: what checkpoints count."""

    weights: Annotated[F32, "G C"]


class Sums(NamedTuple):
    """What gradients give: sums over each of T blocks of lanes, for all genomes behind one another."""

    innate: Annotated[F32, "T *"]
    plasticity: Annotated[F32, "T *"]
    coefficients: Annotated[F32, "T *"]


# The kernels' argument, eight bytes each: addresses of arrays, and numbers.
READ = arrays_of(Packed) | arrays_of(Lanes) | arrays_of(Plans)
WRITTEN = arrays_of(Written)
NUMBERS = (
    "item_count", "genome_count", "lane_count", "coefficient_count", "support", "queries", "updates", "batch", "points",
    "head", "credit", "block", "slot", "keep", "gated", "length", "task",
    "comparison", "ways", "scale_by", "norm_by", "ridge_by", "focus_by", "sharpness_by", "hopeful",
)  # fmt: skip
REALS = ("bound", "synapse_cost", "scale", "norm", "log_ridge", "focus", "sharpness")
BATCH = np.dtype([
    *((name, np.uint64) for name in (*READ, *WRITTEN)), *((name, np.int64) for name in NUMBERS),
    *((name, np.float64) for name in REALS),
])  # fmt: skip

# What the kernel of gradients takes beside that; `part`: updates of a part of a life, `synapses`: of all genomes.
READ_SUMS, WRITTEN_SUMS = arrays_of(Counts), arrays_of(Sums)
SLOPE_NUMBERS = ("order", "part", "lanes", "synapses")
SLOPES = np.dtype([
    *((name, np.uint64) for name in (*READ_SUMS, *WRITTEN_SUMS)), *((name, np.int64) for name in SLOPE_NUMBERS)
])  # fmt: skip


class Games(NamedTuple):
    """What students take beside that: a game, with a row of x, legal, sound, best, following for each position.

    `asked`: positions that a student is asked, the first ones always, others where a teacher reads `chance`; `reads`:
    what each genome's teacher reads, a bit each; what is drawn, in T pieces of `width` lanes.
    """

    x: Annotated[F32, "P I"]
    legal: Annotated[I32, "P A"]
    sound: Annotated[I32, "P A"]
    best: Annotated[I32, "P A"]
    following: Annotated[I32, "P A"]
    ply: Annotated[I32, "P"]
    asked: Annotated[I32, "*"]
    candidates: Annotated[I32, "K"]
    numbers: Annotated[F32, "N"]
    offset: Annotated[I32, "T U width"]
    draws: Annotated[F32, "T U width"]
    reads: Annotated[I64, "G"]


class Given(NamedTuple):
    """What the kernel of students writes beside results: lessons of the first life, and how much each counts."""

    given: Annotated[I32, "2 U"]
    insisted: Annotated[F32, "U"]


# What the kernel of lives that act takes beside a batch; `hopeful` of that: outputs that stand for actions.
READ_STAGE = arrays_of(Staged)
STAGE_NUMBERS = (
    "ticks", "actions", "answers", "ways", "shown", "noises", "states", "first_state", "parameter_count",
    "first_constant", "constant_count", "registers", "birth_end", "show_end", "code_end", "id", "ids", "legals",
    "predictions", "softmax", "random_ties", "critics", "see_reward", "see_action", "forget", "late",
)  # fmt: skip
STAGE_REALS = ("epsilon", "critic")
STAGE = np.dtype([
    *((name, np.uint64) for name in READ_STAGE), *((name, np.int64) for name in STAGE_NUMBERS),
    *((name, np.float64) for name in STAGE_REALS),
])  # fmt: skip

# What the kernel of students takes beside that; `told`: whether the first life's lessons are written.
READ_GAME, WRITTEN_GAME = arrays_of(Games), arrays_of(Given)
GAME_NUMBERS = (
    "positions", "moves", "candidate_count", "asked_count", "lean", "number_count", "lessons", "drawn", "told",
)  # fmt: skip
GAME = np.dtype([
    *((name, np.uint64) for name in (*READ_GAME, *WRITTEN_GAME)), *((name, np.int64) for name in GAME_NUMBERS)
])  # fmt: skip

BOTH, LEFT, RIGHT = SIDES = range(3)  # whose buffers: of all parts of a batch, or of every other part
PACE = 2e11  # operations a second before anything is known: a small card's


class Device(Protocol):
    """Something that runs the CUDA text. Memory that cannot be had raises MemoryError, a lost device RunFailed.

    Buffers are kept by (side, name) and grow; `shared`: bytes that one block may have, `shared_all`: that the blocks
    of one multiprocessor share; `most`: genomes that have fitted at a time; `pace`: operations a second, roughly.
    """

    multiprocessors: int
    shared: int
    shared_all: int
    most: int
    pace: float

    def put(self, side: int, name: str, array: NDArray[Any]) -> int:
        """Copy an array to the buffer of that name; return its address."""

    def room(self, side: int, name: str, size: int, clear: bool = False) -> int:
        """Return the address of a buffer of that many bytes, zeros if `clear`."""

    def launch(self, side: int, kernel: str, arguments: tuple[Any, ...], blocks: int, teams: int, shared: int) -> None:
        """Start a kernel on `blocks` blocks of WIDTH × `teams` threads with `shared` bytes of shared memory."""

    def fetch(self, side: int, name: str, array: NDArray[Any]) -> None:
        """Wait for the side's work, and fill the array from the buffer of that name."""

    def resident(self, kernel: str, teams: int, shared: int) -> int:
        """Return how many such blocks the device holds at once."""

    def forget(self) -> None:
        """Give all buffers back, after the work in hand."""
