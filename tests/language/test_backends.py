"""Every primitive gives the same bits in NumPy, in Numba, and in the CUDA text compiled on the host."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit

from evometa.language.adjoint import adjoint_of
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.library import RULES
from evometa.language.program import compile_loss, compile_rule, evaluate
from evometa.language.signals import INPUTS
from evometa.language.text import parse
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.vector import address
from evometa.spec.primitives import PRIMITIVES, Primitive
from tests.language.samples import F32, operands, same_bits

ALL = list(PRIMITIVES.values())
Host = Callable[[int, F32, F32, F32], F32]


@pytest.fixture(scope="module")
def host(cuda_on_host: Path) -> Host:
    """The primitives of the CUDA text as a host function of (opcode, a, b, c)."""
    apply = ctypes.CDLL(str(cuda_on_host)).apply

    def call(op: int, a: F32, b: F32, c: F32) -> F32:
        result = np.empty_like(a)
        apply(op, *(ctypes.c_void_p(x.ctypes.data) for x in (a, b, c, result)), len(a))
        return result

    return call


@pytest.mark.parametrize("primitive", ALL, ids=lambda p: p.name)
def test_cuda_text_on_the_host(primitive: Primitive, host: Host) -> None:
    a, b, c = operands(primitive.opcode)
    expected = FUNCTIONS[primitive.opcode](*(a, b, c)[: primitive.arity])
    assert same_bits(host(primitive.opcode, a, b, c), expected)


def test_the_comparison_can_fail(host: Host) -> None:
    a, b, c = operands(3)
    assert not same_bits(host(PRIMITIVES["add"].opcode, a, b, c), FUNCTIONS[PRIMITIVES["sub"].opcode](a, b))


@njit
def run(arena: Any, code: Any, count: int, offset: Any, stride: Any, rows: int, width: int) -> None:
    """So many instructions through the switch."""
    execute(address(arena), address(code), 0, count, address(offset), address(stride), rows, width)


@pytest.mark.parametrize("primitive", ALL, ids=lambda p: p.name)
def test_numba(primitive: Primitive) -> None:
    a, b, c = operands(primitive.opcode + 100)
    width, rows = 16, len(a) // 16
    arena = np.concatenate([a, b, c, np.zeros_like(a)])
    offset, stride = np.arange(4, dtype=np.int64) * len(a), np.full(4, width, np.int64)
    code = np.array([primitive.opcode, 3, 0, 1, 2], np.int32)
    with np.errstate(all="ignore"):  # without the JIT this is NumPy
        run(arena, code, 1, offset, stride, rows, width)
    expected = FUNCTIONS[primitive.opcode](*(a, b, c)[: primitive.arity])
    assert same_bits(arena[3 * len(a) :], expected)


LOSSES = ("c0*square(output - target)", "-target*log(output) - (1 - target)*log(1 - output)", "exp(c1*output)*target")
PROGRAMS = [compile_rule(rule.slots) for rule in RULES.values()] + [compile_loss(parse(text)) for text in LOSSES]


@pytest.mark.parametrize("number", range(len(PROGRAMS)), ids=[*RULES, *LOSSES])
def test_numba_runs_adjoints(number: int) -> None:
    program = adjoint_of(PROGRAMS[number])
    numbers = operands(number)[0]
    count, rng, width = len(numbers), np.random.default_rng(number), 16
    signals = np.stack([rng.permutation(numbers) for _ in INPUTS])
    constants = np.repeat(program.constants, count).reshape(-1, count)
    rest = np.zeros((program.registers - len(signals) - len(constants), count), np.float32)
    arena = np.concatenate([signals, constants, rest]).reshape(-1)
    offset, stride = np.arange(program.registers, dtype=np.int64) * count, np.full(program.registers, width, np.int64)
    with np.errstate(all="ignore"):
        run(arena, program.code.copy(), len(program.code), offset, stride, count // width, width)
        wanted = evaluate(program, {name: signals[signal.register] for name, signal in INPUTS.items()})
    for name, register in zip(program.names, program.outputs.tolist(), strict=True):
        if register >= 0:
            assert same_bits(arena.reshape(-1, count)[register], wanted[name])
    assert wanted
