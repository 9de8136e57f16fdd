"""Where everything of one genome's lifetimes lies on a GPU: in a block's shared memory where it fits, else behind it.

A region is a number of rows of WIDTH lanes. Regions are placed in the order of how often they are touched; one that
no longer fits into shared memory goes to the block's slot of global memory. No result depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evometa.errors import RunFailed
from evometa.language.signals import COEFFICIENTS, INPUTS, SIGNAL_COUNT, SIGNALS
from evometa.lifetime import columns as k
from evometa.lifetime.cuda import comparing
from evometa.lifetime.cuda.comparing import ALONE, Comparing
from evometa.lifetime.cuda.schedule import TILE
from evometa.lifetime.memory import GATES
from evometa.spec import SCORES
from evometa.spec.states import GATE, SYNAPSE

I64 = NDArray[np.int64]

WIDTH = 32  # lanes to a block: the threads of a warp
STATES = tuple(state.name.upper() for state in SYNAPSE)
REGIONS = (
    "CODE", "WORDS", "FILE", "LOSS_CODE", "LOSS_WORDS", "LOSS_FILE", "ACT", "ERR", *STATES, "OPEN", "SCORES", "QUERY",
    *comparing.REGIONS, "ACCESS", "MEMORY",
)  # fmt: skip
HOT = REGIONS[: REGIONS.index("W")]  # what every instruction or sweep touches
SIZES = ("FILE_ROWS", "LOSS_ROWS", *(f"HAS_{state}" for state in STATES), "HAS_ERR")
MOST_FLOATS = 1 << 31  # of one region: what a kernel's offsets can name
MOST_ROWS = 1 << 15  # of one team's registers: what a 16-bit word can name

WIDE = sum(1 << signal.register for signal in INPUTS.values() if signal.rate == "synapse")
LOSS_WIDE = 1 << SIGNALS["output"].register | 1 << SIGNALS["target"].register
LOSS_READS = LOSS_WIDE | sum(1 << SIGNALS[name].register for name in COEFFICIENTS)


def region_sizes(genomes: I64, teams: int, batch: int, block: int, seed: int = 0,
                 compares: Comparing = ALONE) -> dict[str, I64]:  # fmt: skip
    """Return the rows of every region (REGIONS), and SIZES, i64[G] each.

    `block`: queries answered in one sweep; `seed`: what a loss' program reads for each example beside LOSS_WIDE;
    `compares`: how lives compare, if they do.
    """
    m = genomes.T
    file = _bits(m[k.READS] & ~WIDE) + TILE * _bits(m[k.READS] & WIDE) + m[k.CONSTANT_COUNT] + m[k.ROWS]
    file = file + TILE * m[k.TEMPORARIES]
    loss = m[k.LOSS_CODE] >= 0
    fixed = _bits(np.array([LOSS_READS & ~LOSS_WIDE]))[0] + TILE * _bits(np.array([LOSS_WIDE | seed]))[0]
    loss_file = loss * (fixed + m[k.LOSS_CONSTANT_COUNT] + m[k.LOSS_ROWS] + TILE * m[k.LOSS_TEMPORARIES])
    activations, recurrent = m[k.NODES] * batch, m[k.RECURRENT] > 0
    has = {
        f"HAS_{name}": m[k.STATES] >> number & 1 if number else np.ones_like(file) for number, name in enumerate(STATES)
    }
    has["HAS_ERR"] = (_reads(m, "err") | _reads(m, "grad")).astype(np.int64)
    own, slots, cells = compares.sizes(m[k.OUTPUTS], batch, block), m[k.SLOTS], m[k.CELLS]
    own |= {name: has["HAS_ERR"] * own[name] for name in comparing.ERRORS}
    return has | {name: own[name] for name in comparing.REGIONS} | {
        "ACCESS": np.where(cells > 0, cells + GATES + 5 * slots, 0), "MEMORY": slots * cells + slots + cells,
        "FILE_ROWS": file, "LOSS_ROWS": loss_file,
        "CODE": -(-4 * m[k.CODE_END] // WIDTH), "WORDS": -(-_registers(m) // (2 * WIDTH)), "FILE": teams * file,
        "LOSS_CODE": loss * -(-4 * m[k.LOSS_END] // WIDTH),
        "LOSS_WORDS": loss * -(-_registers(m, k.LOSS_CONSTANT_COUNT, k.LOSS_ROWS, k.LOSS_TEMPORARIES) // (2 * WIDTH)),
        "LOSS_FILE": teams * loss_file, "SCORES": np.full(len(genomes), len(SCORES) * block),
        "ACT": np.where(recurrent, 2 * activations, activations), "ERR": has["HAS_ERR"] * activations,
        "QUERY": m[k.NODES] * block,
        **{name: has[f"HAS_{name}"] * m[k.SYNAPSES] for name in STATES},
        "OPEN": has[f"HAS_{STATES[GATE]}"] * m[k.SYNAPSES],
    }  # fmt: skip


def answer_sizes(genomes: I64, teams: int) -> dict[str, I64]:
    """Return the same for programs that are run by themselves, every register with TILE rows but the constants."""
    m = genomes.T
    none = np.zeros(len(genomes), np.int64)
    file = TILE * (_bits(m[k.READS]) + m[k.ROWS] + m[k.TEMPORARIES]) + m[k.CONSTANT_COUNT]
    own = {
        "CODE": -(-4 * m[k.CODE_END] // WIDTH), "WORDS": -(-_registers(m) // (2 * WIDTH)), "FILE": teams * file,
        "FILE_ROWS": file,
    }  # fmt: skip
    return {name: own.get(name, none) for name in (*REGIONS, *SIZES)}


def place(sizes: dict[str, I64], shared: int, regions: Sequence[str] = REGIONS) -> tuple[dict[str, I64], int, int]:
    """Place every region of every genome, given the rows of shared memory that a block may have; hot ones come first.

    Returns offsets in floats by region, i64[G] (in shared memory, or ~offset in the slot), and the most floats of
    shared memory and of a slot that any genome needs. Raises RunFailed for
    a program with too many registers, and for a network that is too large.
    """
    if max(int(rows.max()) for name, rows in sizes.items() if name.endswith(("FILE_ROWS", "LOSS_ROWS"))) >= MOST_ROWS:
        raise RunFailed(
            f"A rule needs over {MOST_ROWS} rows of registers: use --backend numba or limit the rules' size."
        )
    if WIDTH * max(int(sizes[region].max()) for region in regions) >= MOST_FLOATS:
        raise RunFailed("A network is too large for the GPU's kernels: lower network.hidden or use --backend numba.")
    inside, outside = np.zeros_like(sizes["W"]), np.zeros_like(sizes["W"])
    offsets = {}
    for region in regions:
        rows = sizes[region]
        fits = inside + rows <= shared
        offsets[region] = WIDTH * np.where(fits, inside, 0) + np.where(fits, 0, ~(WIDTH * outside))
        inside, outside = inside + np.where(fits, rows, 0), outside + np.where(fits, 0, rows)
    offsets["OPEN"] = np.where(sizes["OPEN"] > 0, offsets["OPEN"], offsets["W"])  # what transmits is the weights then
    return offsets, WIDTH * int(inside.max()), WIDTH * int(outside.max())


def _bits(numbers: I64) -> I64:
    """Count the bits of each number."""
    return ((numbers[:, None] >> np.arange(SIGNAL_COUNT)) & 1).sum(axis=1)


def _reads(m: I64, signal: str) -> NDArray[np.bool_]:
    return (m[k.READS] >> SIGNALS[signal].register) & 1 > 0


def _registers(m: I64, *columns: int) -> I64:
    return SIGNAL_COUNT + m[list(columns or (k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES))].sum(axis=0)
