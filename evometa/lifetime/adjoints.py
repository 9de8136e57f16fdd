"""What gradients have in common in all backends: batches with adjoint programs, parts of lives, sums over lanes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.adjoint import ADJOINTS, LOSS_ADJOINTS
from evometa.language.program import Program
from evometa.language.programs import Programs
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.lifetime import F32, NONE, Phenotypes, Plan, Slopes
from evometa.lifetime import columns as k
from evometa.lifetime.packing import Code, Packed, used

WHOLE = 16  # updates of a life that is kept whole; of a longer one, parts of about its root
SUMS = 1 << 24  # floats of sums over blocks of lanes that are kept at a time (64 MiB)


def part_of(updates: int) -> int:
    """Return how many updates to keep at a time: all of a short life, the root of a long one's number."""
    return max(updates, 1) if updates <= WHOLE else isqrt(updates - 1) + 1


def with_adjoints(packed: Packed, phenotypes: Phenotypes, adjoints: Sequence[Program],
                  loss_adjoints: Sequence[Program]) -> Packed:  # fmt: skip
    """Return a packed batch with adjoint programs in place of programs."""
    rules, program = used(adjoints, phenotypes.program)
    losses, loss = used(loss_adjoints, phenotypes.loss)
    code = Code(Programs.of(rules, ADJOINTS), Programs.of(losses, LOSS_ADJOINTS))
    genomes, evolved = packed.genomes.copy(), loss != NONE
    genomes[:, k.CODE : k.READS + 1] = code.columns[program]
    genomes[evolved, k.LOSS_CODE : k.LOSS_OUT + 1] = code.of_losses()[len(rules) + loss[evolved]]
    return packed._replace(
        genomes=genomes, code=code.code.array(), out=code.out.array(), constants=code.constants.array()
    )


def parts_of(phenotypes: Phenotypes, blocks: int, most: int) -> list[slice]:
    """Cut genomes into parts whose sums over so many blocks of lanes are about `most` floats, or one genome."""
    synapses = np.array([graph.synapses for graph in phenotypes.graphs], np.int64)[phenotypes.graph]
    numbers = np.cumsum(blocks * (1 + len(PLASTICITY)) * synapses) // most
    ends = np.flatnonzero(np.diff(numbers, prepend=-1, append=-1)).tolist()
    return [slice(*pair) for pair in pairwise(ends)]


def no_slopes(phenotypes: Phenotypes, plan: Plan, lanes: int) -> Slopes:
    """Return slopes that `write` fills, genome after genome."""
    return Slopes(
        np.zeros((len(phenotypes), len(plan.checkpoints), lanes), np.float32), [], [],
        np.zeros_like(phenotypes.coefficients), np.zeros((len(phenotypes), lanes), np.uint8),
    )  # fmt: skip


def write(slopes: Slopes, phenotypes: Phenotypes, genomes: NDArray[np.int64], part: slice, lanes: int, innate: F32,
          plasticity: F32, coefficients: F32) -> None:  # fmt: skip
    """Add up the sums over blocks of lanes, and write the slopes of some phenotypes, which are a `part` of all.

    `genomes`: their packed rows; sums f32[blocks, *]: of all synapses behind one another, of these PLASTICITY rows for
    each genome, and COEFFICIENTS for each genome.
    """
    rows = len(PLASTICITY)
    innate, plasticity, coefficients = (
        in_order(each) / np.float32(lanes) for each in (innate, plasticity, coefficients)
    )
    slopes.coefficients[part] = coefficients.reshape(-1, len(COEFFICIENTS))[:, : slopes.coefficients.shape[1]]
    for g, (begin, synapses) in enumerate(genomes[:, [k.WEIGHTS_OUT, k.SYNAPSES]].tolist()):
        drawn = phenotypes.innate[g] == NONE
        slopes.innate.append(None if drawn else innate[begin : begin + synapses].copy())
        count = len(phenotypes.plasticities[phenotypes.plasticity[g]])
        own = plasticity[rows * begin :][: rows * synapses].reshape(-1, synapses)
        slopes.plasticity.append(own[:count].copy())


def in_order(rows: F32) -> Any:
    """Return the sum of rows, one after the other."""
    total = np.zeros(rows.shape[1:], np.float32)
    for row in rows:
        total += row
    return total
