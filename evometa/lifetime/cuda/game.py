"""Students and games as the CUDA text takes them: what is kept of a student, and where.

A genome's second program, which otherwise is that of an evolved loss, here is its teacher's.
"""

from __future__ import annotations

import numpy as np

from evometa.language.signals import COEFFICIENTS, INPUTS, TEACHING
from evometa.lifetime import columns as k
from evometa.lifetime.cuda import shared_memory, staging
from evometa.lifetime.cuda.schedule import TILE
from evometa.lifetime.cuda.shared_memory import HOT, region_sizes
from evometa.spec.arrays import I64
from evometa.spec.teaching import RESULTS

WIDE = sum(1 << signal.register for signal in TEACHING.values())
READS = WIDE | sum(1 << INPUTS[name].register for name in ("age", *COEFFICIENTS))
FACTS = tuple(name for name in TEACHING if name not in ("ply", "role", "noise"))  # that change from lesson to lesson
PUPIL = (*(name.upper() for name in RESULTS), "FINISHED", "PLACE")

OWN = ("FACTS", "CHOICE", "WAYS", "PRIORITIES", "PUPIL")  # regions behind those of lives that act
HOT_NAMES = (*HOT, "SIGNALS", "AGENT", "PUPIL")
REGIONS = (*HOT_NAMES, *(name for name in shared_memory.REGIONS if name not in HOT),
           *(name for name in OWN if name != "PUPIL"))  # fmt: skip


def sizes_of(genomes: I64, positions: int, moves: int, candidates: int, teams: int, block: int) -> dict[str, I64]:
    """Return the rows of every region (REGIONS), and the sizes that kernels know beside, i64[G] each."""
    m = genomes.T
    file = len(COEFFICIENTS) + 1 + TILE * len(TEACHING) + m[k.LOSS_CONSTANT_COUNT] + m[k.LOSS_ROWS]
    file = file + TILE * m[k.LOSS_TEMPORARIES]
    own = {
        "SIGNALS": len(staging.LANE), "AGENT": staging.NUMBER_COUNT + 2 * moves, "FACTS": len(FACTS) * positions,
        "CHOICE": 2 * positions, "WAYS": 4 * positions, "PRIORITIES": 2 * candidates, "PUPIL": len(PUPIL),
    }  # fmt: skip
    sizes = {name: np.full(len(genomes), rows) for name, rows in own.items()}
    return region_sizes(genomes, teams, 1, block) | sizes | {"LOSS_ROWS": file, "LOSS_FILE": teams * file}
