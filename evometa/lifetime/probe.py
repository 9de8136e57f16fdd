"""What rules do in a short life on fixed inputs: rules that change weights alike are taken for one.

This is the equivalence of Real et al. 2020, over several updates: states become what the rule makes of them, so those
that no weight depends on, and those that stand for the same in another sign or unit, do not tell rules apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.probes import probe_signals
from evometa.language.program import Program, birth_states
from evometa.language.programs import Programs
from evometa.language.signals import COEFFICIENTS, PLASTICITY, SIGNAL_COUNT, SIGNALS, TASKS
from evometa.lifetime import F32, Plan
from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import C0, STATE_COUNT, STATES
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, address, at, load, select, store
from evometa.lifetime.packing import Code
from evometa.spec.states import GATE
from evometa.system.jit import njit

UPDATES, SYNAPSES = 8, 64
TASK = 4  # updates of a task, of which there are two
BOUND, NAN = Plan.bound, float("nan")  # weights are bounded as lives do by default
BASIS, PRIME, SHIFT = np.uint32(2_166_136_261), np.uint32(0x9E37_79B1), np.uint32(15)  # of a digest of words


@lru_cache(maxsize=1)
def probe_inputs() -> F32:
    """Return what the rule reads, f32[UPDATES, signals, SYNAPSES], states at the first update as they are at birth.

    SIGNALS by their registers, behind them TASKS.

    Half of the synapses read anything: magnitudes from 0.01 to 10 of both signs, zeros and ones. The others read what
    lives have: activations and targets in their ranges, errors from 0.001 to 1 and grad = err·pre, age from 0 to 1,
    innate weights of 0 as those of the constant are. One synapse in four is silent at birth.
    """
    rng, half = np.random.Generator(np.random.PCG64(20_201_109)), SYNAPSES // 2
    shape = UPDATES, len(SIGNALS), SYNAPSES
    values = rng.standard_normal(shape) * 10 ** rng.uniform(-2, 0.5, shape[1:])
    whole = rng.random(shape) < 0.1
    values[whole] = rng.integers(0, 2, int(whole.sum()))
    found = values.astype(np.float32)
    places = np.linspace(0, len(probe_signals()["w0"][0]) - 1, half, dtype=np.int64)
    lived = {name: row[:UPDATES, places] for name, row in probe_signals().items()}
    lived["err"] = lived["err"] * (10 ** rng.uniform(-3, 0, half)).astype(np.float32)
    lived["pre"] = np.where(rng.random((UPDATES, half)) < 0.1, np.float32(0), lived["pre"])
    lived["w0"] = np.where(np.arange(half) % 4 == 1, np.float32(0), lived["w0"])
    lived["grad"] = lived["err"] * lived["pre"]
    for name, rows in lived.items():
        found[:, SIGNALS[name].register, half:] = rows
    found[:, SIGNALS["age"].register, :half] = np.sort(rng.random((UPDATES, half)), axis=0)
    found[:, SIGNALS["age"].register, half:] = np.linspace(0, 1, UPDATES)[:, None]
    for name in ("w0", *PLASTICITY):
        found[:, SIGNALS[name].register] = found[0, SIGNALS[name].register]
    silent = np.arange(SYNAPSES) % 4 == 0
    for name, row in birth_states(found[0, SIGNALS["w0"].register], silent).items():
        found[0, SIGNALS[name].register] = row
    place, task = np.arange(UPDATES) % TASK, np.arange(UPDATES) // TASK
    of_tasks = np.stack([place == 0, task], axis=1).astype(np.float32)[..., None]
    return np.concatenate([found, np.broadcast_to(of_tasks, (UPDATES, len(TASKS), SYNAPSES))], axis=1)


def answers(programs: Sequence[Program], coefficients: F32) -> NDArray[np.uint32]:
    """Return a digest of what each synapse feels of each rule (ROOTS) in a short life, u32[G, roots, SYNAPSES].

    First of its weight's changes, 0 as +0 and any NaN as one; if any of the rules has a gate, then of that: 1 where
    it is open, else 0. `coefficients f32[G, Kc]`: those of each rule.
    """
    packed = Code(Programs.of(programs))
    genomes = np.zeros((len(programs), k.COLUMNS), np.int64)
    genomes[:, k.CODE : k.READS + 1] = packed.columns
    gated = (packed.out.array()[genomes[:, k.OUT] + GATE] >= 0).any()
    result = np.full((len(programs), 1 + gated, SYNAPSES), BASIS, np.uint32)
    registers = SIGNAL_COUNT + int(genomes[:, [k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES]].sum(axis=1).max())
    inputs = probe_inputs()
    arena = np.zeros(inputs.size + (registers + STATE_COUNT) * SYNAPSES, np.float32)
    arena[: inputs.size] = inputs.reshape(-1)
    # where each register lies at each update: signals that the rule has no part in are read where the inputs are
    layout = np.tile(inputs.size + np.arange(registers) * SYNAPSES, (UPDATES, 1))
    own = [*STATES, *(SIGNALS[name].register for name in COEFFICIENTS)]
    given = np.setdiff1d(np.arange(len(SIGNALS)), own)
    rows = np.arange(UPDATES)[:, None] * inputs.shape[1]
    layout[:, given] = (rows + given) * SYNAPSES
    layout[:, [row.register for row in TASKS.values()]] = (rows + len(SIGNALS) + np.arange(len(TASKS))) * SYNAPSES
    with np.errstate(all="ignore"):  # of NumPy, where nothing is compiled
        _run(
            genomes, packed.code.array(), packed.out.array(), packed.constants.array(), coefficients,
            layout, np.zeros(registers, np.int64), arena, arena.view(np.uint32), result,
        )  # fmt: skip
    return result


@njit(error_model="numpy", nogil=True, cache=True)
def _run(genomes: Any, code: Any, out: Any, constants: Any, coefficients: Any, layout: Any, strides: Any, arena: Any,
         bits: Any, result: Any) -> None:  # fmt: skip
    """Live every short life; a register is one row of synapses, at update u at `layout[u, register]` in the arena.

    The arena begins with the inputs and ends with a row for what each slot gives; `bits` are its bits.
    """
    floats, program, stride, row = address(arena), address(code), address(strides), layout[0]
    for g in range(len(genomes)):
        m = genomes[g]
        for c in range(coefficients.shape[1]):
            fill(floats, row[C0 + c], SYNAPSES, coefficients[g, c])
        for c in range(m[k.CONSTANT_COUNT]):
            fill(floats, row[SIGNAL_COUNT + c], SYNAPSES, constants[m[k.CONSTANTS] + c])
        for s in range(STATE_COUNT):
            copy(floats, row[STATES[s]], STATES[s] * SYNAPSES, SYNAPSES)
        for u in range(UPDATES):
            offset = address(layout[u])
            execute(floats, program, m[k.CODE], m[k.CODE] + m[k.CODE_END], offset, stride, 1, SYNAPSES)
            _change(address(out), m[k.OUT], floats, offset, len(arena))
            for felt in range(result.shape[1]):
                place = len(arena) - (GATE * felt + 1) * SYNAPSES
                for i in range(SYNAPSES if out[m[k.OUT] + GATE * felt] >= 0 else 0):
                    word = np.uint32((result[g, felt, i] ^ bits[place + i]) * PRIME)
                    result[g, felt, i] = word ^ word >> SHIFT  # else signs, the highest bits, would reach no others


@njit(error_model="numpy", nogil=True, cache=True)
def _change(out: Any, first: int, floats: Any, offset: Any, end: int) -> None:
    """Change the weights, within the bound, and the states; leave what is felt of it where slots are put aside."""
    for s in range(STATE_COUNT):  # a slot may give a state as it was: all are put aside before any is written
        register = at(out, first + s)
        if register >= 0:
            copy(floats, end - (s + 1) * SYNAPSES, at(offset, register), SYNAPSES)
    low, high, nothing = F(-BOUND), F(BOUND), F(0.0)
    for s in range(STATE_COUNT):
        for i in range(0, SYNAPSES if at(out, first + s) >= 0 else 0, LANES):
            given, place = end - (s + 1) * SYNAPSES + i, at(offset, STATES[s]) + i
            x = load(floats, given)
            if s == 0:
                store(floats, given, select(x == x, x + nothing, F(NAN)))
                x = load(floats, place) + x
                x = select(x < low, low, select(x > high, high, x))
            elif s == GATE:
                store(floats, given, select(x > nothing, F(1.0), nothing))
            store(floats, place, x)
