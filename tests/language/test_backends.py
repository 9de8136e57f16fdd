"""Every primitive gives the same bits in NumPy, in Numba, and in the CUDA text compiled on the host."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit

from evometa.language.generated_numpy import FUNCTIONS
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
def run_once(arena: Any, code: Any, offset: Any, stride: Any, rows: int, width: int) -> None:
    """One instruction through the switch."""
    execute(address(arena), address(code), 0, 1, address(offset), address(stride), rows, width)


@pytest.mark.parametrize("primitive", ALL, ids=lambda p: p.name)
def test_numba(primitive: Primitive) -> None:
    a, b, c = operands(primitive.opcode + 100)
    width, rows = 16, len(a) // 16
    arena = np.concatenate([a, b, c, np.zeros_like(a)])
    offset, stride = np.arange(4, dtype=np.int64) * len(a), np.full(4, width, np.int64)
    code = np.array([primitive.opcode, 3, 0, 1, 2], np.int32)
    with np.errstate(all="ignore"):  # without the JIT this is NumPy
        run_once(arena, code, offset, stride, rows, width)
    expected = FUNCTIONS[primitive.opcode](*(a, b, c)[: primitive.arity])
    assert same_bits(arena[3 * len(a) :], expected)
