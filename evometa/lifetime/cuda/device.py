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
    "comparison", "ways", "scale_by", "norm_by", "focus_by", "sharpness_by",
)  # fmt: skip
REALS = ("bound", "synapse_cost", "scale", "norm", "focus", "sharpness")
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
