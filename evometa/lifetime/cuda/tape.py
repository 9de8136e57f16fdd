"""Where a GPU keeps lives whose derivative it takes: regions behind those of a life, for adjoints and for the tape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evometa.language.adjoint import ADJOINTS
from evometa.language.signals import COEFFICIENTS, INPUTS, PLASTICITY
from evometa.lifetime import columns as k
from evometa.lifetime.cuda import comparing, shared_memory
from evometa.lifetime.cuda.comparing import ALONE, Comparing
from evometa.lifetime.cuda.shared_memory import HOT, I64, STATES, region_sizes
from evometa.lifetime.memory import GATES
from evometa.lifetime.packing import Packed
from evometa.spec.arrays import I32

OWN = ("CODE", "WORDS", "FILE", "LOSS_CODE", "LOSS_WORDS", "LOSS_FILE")  # that the adjoint's view has for itself
ADJOINT = {name: f"ADJOINT_{name}" for name in (*OWN, "FILE_ROWS", "LOSS_ROWS")}
BARS = ("A_BAR", "E_BAR", "CAME", "SLOPES", "LOSS_SHARES", *(f"BAR_{state}" for state in STATES), "H", "SHARES",
        "C_BAR", "W0_BAR", "P_BAR", "Q_BAR", *comparing.BARS, "ACCESS_BAR", "MEMORY_BAR")  # fmt: skip
TAPES = (*(f"TAPE_{state}" for state in STATES), "TAPE_ACT", "TAPE_ERR", "TAPE_CAME", "TAPE_MEMORY")
NAMES = (*BARS, *TAPES)  # columns of a genome's second row, behind those of a life
HOT_NAMES = (*HOT, *(ADJOINT[name] for name in OWN), *BARS[: BARS.index("SLOPES")])
REGIONS = (
    *HOT_NAMES, *(name for name in shared_memory.REGIONS if name not in HOT), *BARS[BARS.index("SLOPES") :], *TAPES,
)  # fmt: skip
LOSS_SEED = 1 << INPUTS["d_loss"].register
PLACES = {name: place for place, name in enumerate(ADJOINTS)}
SHARED = (*COEFFICIENTS, "reward", "err", "post", "pre")  # of which each synapse has a share, to be added up


def sizes_of(packed: Packed, adjoints: Packed, teams: int, batch: int, block: int, length: int, parts: int,
             order: int, compares: Comparing = ALONE) -> dict[str, I64]:  # fmt: skip
    """Return the rows of every region (REGIONS), and SIZES of both views, i64[G] each.

    `length`: updates of a part of a life, `parts`: how many these are; others as in `region_sizes`.
    """
    m = packed.genomes.T
    sizes = region_sizes(packed.genomes, teams, batch, block, 0, compares)
    theirs = region_sizes(adjoints.genomes, teams, batch, block, LOSS_SEED)
    sizes |= {own: theirs[name] for name, own in ADJOINT.items()}
    synapses, recurrent, evolved = m[k.SYNAPSES], m[k.RECURRENT] > 0, m[k.LOSS_CODE] >= 0
    activations, outputs, banks = m[k.NODES] * batch, m[k.OUTPUTS] * batch, np.where(recurrent, 2, 1)
    answers = np.full_like(outputs, compares.ways * batch) if compares.ways else outputs
    own = compares.sizes(m[k.OUTPUTS], batch, block)
    sizes |= {name: own[name] for name in (*comparing.ERRORS, *comparing.BARS)}
    sensed = SHARED[: len(COEFFICIENTS)] if order == 1 else SHARED
    shares = np.sum([_given(adjoints, name) for name in sensed], axis=0)
    tuned = np.any([_given(adjoints, name) for name in PLASTICITY], axis=0)
    return sizes | {
        "A_BAR": banks * activations, "E_BAR": activations, "CAME": sizes["HAS_ERR"] * activations,
        "SLOPES": np.maximum(2 * answers, outputs), "SHARES": shares * synapses,
        "ACCESS_BAR": np.where(m[k.CELLS] > 0, m[k.CELLS] + GATES + 6 * m[k.SLOTS], 0), "MEMORY_BAR": sizes["MEMORY"],
        "TAPE_MEMORY": sizes["MEMORY"] * (length + parts), "LOSS_SHARES": evolved * len(COEFFICIENTS) * answers,
        "H": _given(adjoints, "grad") * synapses, "C_BAR": np.full_like(synapses, len(COEFFICIENTS) + 1),
        "W0_BAR": _given(adjoints, "w0") * synapses, "P_BAR": tuned * len(PLASTICITY) * synapses,
        "Q_BAR": banks * m[k.NODES] * block,
        **{f"BAR_{name}": sizes[f"HAS_{name}"] * synapses for name in STATES},
        **{f"TAPE_{name}": sizes[f"HAS_{name}"] * synapses * (length + parts) for name in STATES},
        "TAPE_ACT": activations * np.where(recurrent, length + parts, length + 1),
        "TAPE_ERR": sizes["HAS_ERR"] * activations * length, "TAPE_CAME": sizes["HAS_ERR"] * activations * length,
    }  # fmt: skip


def _given(adjoints: Packed, name: str) -> NDArray[np.bool_]:
    """Return whose adjoint program gives one of ADJOINTS."""
    out: I32 = adjoints.out
    return out[adjoints.genomes[:, k.OUT] + PLACES[name]] >= 0
