"""How close many trees come to the answers of hidden rules, on the same probes: compiled, tree by tree.

A tree is run as it stands, node by node, by the interpreter of programs. Axis letters: L lanes, n trees (as many of
each lane, one behind the other), P probes, R registers of signals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.codes import ARITY, CONSTANT, SIGNAL, Trees
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.vector import LANES, address
from evometa.spec.arrays import F32, I64
from evometa.system.jit import njit

F64 = NDArray[np.float64]
FAINT = 1e-20  # squared length of answers below which there is nothing to compare
GRAIN = 1e5  # answers of unit length are alike where they are so to so many parts
BASIS, PRIME = np.int64(1_469_598_103_934_665_603), np.int64(1_099_511_628_211)  # of a digest of words (FNV)


def closeness(trees: Trees, inputs: F32, answers: F64, truths: F64) -> tuple[F64, F64, I64]:
    """Return how close each tree comes to `answers f64[L, P]`, and to `truths f64[L, P]`, f64[n], and a key of each.

    Closeness is the squared cosine of the angle between what a tree gives and the answers, below 0 where the angle is
    beyond a right one, and −1 where what it gives is not finite, or 0: a factor in front does not count, its sign does.
    `inputs f32[R, P]`: signals by their registers; P is a multiple of 16. Keys are equal where trees behave alike.
    """
    assert inputs.shape[1] % LANES == 0, "probes fill vectors"
    count = len(trees)
    most = int(trees.sizes.max(initial=1))
    arena = np.zeros((len(inputs) + most + 1, inputs.shape[1]), np.float32)
    arena[: len(inputs)] = inputs
    fitness, worth, keys = np.empty(count), np.empty(count), np.empty(count, np.int64)
    offset = np.arange(len(arena)) * arena.shape[1]
    with np.errstate(all="ignore"):
        _run(
            trees.codes, trees.begins, arena.reshape(-1), offset, np.zeros_like(offset), np.zeros(5 * most, np.int32),
            len(inputs), answers, truths, fitness, worth, keys,
        )  # fmt: skip
    return fitness, worth, keys


@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    codes: Any, begins: Any, arena: Any, offset: Any, stride: Any, program: Any, first: int, answers: Any, truths: Any,
    fitness: Any, worth: Any, keys: Any,
) -> None:  # fmt: skip
    """Run every tree: operands stand in registers of their own, behind the `first` ones, which hold signals."""
    probes, count = answers.shape[1], len(begins) - 1
    each = count // len(answers)
    floats, stack, bits = address(arena), np.zeros(len(offset), np.int64), np.zeros(1, np.uint32)
    for t in range(count):
        top, free, length = 0, first, 0
        for place in range(begins[t + 1] - 1, begins[t] - 1, -1):
            code = codes[place]
            if code >= CONSTANT:
                bits[0] = code - CONSTANT
                arena[free * probes : (free + 1) * probes] = bits.view(np.float32)[0]
                stack[top] = free
            elif code >= SIGNAL:
                stack[top] = code - SIGNAL
            else:
                arity = ARITY[code]
                top -= arity
                program[5 * length], program[5 * length + 1] = code, free
                for k in range(3):  # the first argument lies on top
                    program[5 * length + 2 + k] = stack[top + arity - 1 - (k if k < arity else 0)]
                length += 1
                stack[top] = free
            free += code >= CONSTANT or code < SIGNAL
            top += 1
        execute(floats, address(program), 0, length, address(offset), address(stride), 1, probes)
        _compare(arena, stack[0] * probes, answers[t // each], truths[t // each], fitness, worth, keys, t)


@njit(error_model="numpy", nogil=True)
def _compare(arena: Any, place: int, answers: Any, truths: Any, fitness: Any, worth: Any, keys: Any, t: int) -> None:
    """Compare what a tree gives with the answers, added from first to last."""
    size, own, true = 0.0, 0.0, 0.0
    length_own, length_true = 0.0, 0.0
    for i in range(len(answers)):
        value = np.float64(arena[place + i])
        size += value * value
        own += value * answers[i]
        true += value * truths[i]
        length_own += answers[i] * answers[i]
        length_true += truths[i] * truths[i]
    fitness[t], worth[t], keys[t] = -1.0, -1.0, 0
    if not (FAINT < size < 1e300):
        return
    fitness[t] = own * abs(own) / (size * length_own)
    worth[t] = true * abs(true) / (size * length_true)
    scale, key = GRAIN / np.sqrt(size), BASIS
    for i in range(len(answers)):
        key = (key ^ np.int64(np.rint(arena[place + i] * scale))) * PRIME
        key ^= key >> 29
    keys[t] = key
