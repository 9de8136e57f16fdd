"""What rules do on fixed probe inputs: rules that answer alike are taken for one (Real 2020's equivalence)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from evometa.language.program import Program
from evometa.language.programs import Programs
from evometa.language.signals import SIGNAL_COUNT, SIGNALS
from evometa.lifetime import F32
from evometa.lifetime import columns as k
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.vector import LANES, address, load, store
from evometa.lifetime.packing import Code
from evometa.spec.states import RULE
from evometa.system.jit import njit

POINTS = 128
C0 = SIGNALS["c0"].register


@lru_cache(maxsize=1)
def probe_inputs() -> F32:
    """Return the probes, f32[signals, POINTS]: magnitudes from 0.01 to 10 of both signs, with zeros and ones."""
    rng = np.random.Generator(np.random.PCG64(20_201_109))
    values = rng.standard_normal((SIGNAL_COUNT, POINTS)) * 10 ** rng.uniform(-2, 0.5, (SIGNAL_COUNT, POINTS))
    whole = rng.random((SIGNAL_COUNT, POINTS)) < 0.1
    values[whole] = rng.integers(0, 2, int(whole.sum()))
    values[SIGNALS["age"].register] = rng.random(POINTS)
    return values.astype(np.float32)


def answers(programs: Sequence[Program], coefficients: F32) -> F32:
    """Return what each rule's slots (RULE; 0 where absent) give on the probes, f32[G, slots, POINTS].

    `coefficients f32[G, Kc]`: those of each rule.
    """
    packed = Code(Programs.of(programs))
    genomes = np.zeros((len(programs), k.COLUMNS), np.int64)
    genomes[:, k.CODE : k.READS + 1] = packed.columns
    result = np.zeros((len(programs), len(RULE), POINTS), np.float32)
    registers = SIGNAL_COUNT + int(genomes[:, [k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES]].sum(axis=1).max())
    layout = np.stack([np.arange(registers) * POINTS, np.zeros(registers, np.int64)])
    arena = np.zeros(registers * POINTS, np.float32)
    _run(
        genomes, packed.code.array(), packed.out.array(), packed.constants.array(), coefficients,
        probe_inputs(), layout, arena, result,
    )  # fmt: skip
    return result


@njit(error_model="numpy", nogil=True, cache=True)
def _run(genomes: Any, code: Any, out: Any, constants: Any, coefficients: Any, inputs: Any, layout: Any, arena: Any,
         result: Any) -> None:  # fmt: skip
    """Run whole programs with every register one row of probes (`layout i64[2, registers]`: offsets and strides)."""
    floats, program, offset, stride = address(arena), address(code), address(layout[0]), address(layout[1])
    for s in range(SIGNAL_COUNT):  # no program writes there
        for i in range(POINTS):
            arena[s * POINTS + i] = inputs[s, i]
    for g in range(len(genomes)):
        m = genomes[g]
        for c in range(coefficients.shape[1]):
            arena[(C0 + c) * POINTS : (C0 + c + 1) * POINTS] = coefficients[g, c]
        for c in range(m[k.CONSTANT_COUNT]):
            r = SIGNAL_COUNT + c
            arena[r * POINTS : (r + 1) * POINTS] = constants[m[k.CONSTANTS] + c]
        execute(floats, program, m[k.CODE], m[k.CODE] + m[k.CODE_END], offset, stride, 1, POINTS)
        for slot in range(result.shape[1]):
            r = out[m[k.OUT] + slot]
            if r >= 0:
                flat = address(result[g, slot])
                for i in range(0, POINTS, LANES):
                    store(flat, i, load(floats, r * POINTS + i))
