"""As much of CuPy as gpu.py uses, over the CUDA text compiled for the host: so that CI runs gpu.py too.

Signatures are those of CuPy 14; what CuPy would refuse (a copy of another length, a kernel with more shared memory
than was allowed) is refused here. `faults` makes the next calls of one kind fail as a GPU's would.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from evometa.lifetime.cuda import text as cuda_text
from tests.lifetime.host_device import HostDevice


class CUDARuntimeError(RuntimeError):
    """As cupy.cuda.runtime.CUDARuntimeError."""


class CUDADriverError(RuntimeError):
    """As cupy.cuda.driver.CUDADriverError."""


class OutOfMemoryError(MemoryError):
    """As cupy.cuda.memory.OutOfMemoryError."""


class CompileException(Exception):
    """As cupy.cuda.compiler.CompileException."""


class Array:
    """A one-dimensional byte array "on the device"."""

    def __init__(self, memory: np.ndarray, double: Double) -> None:
        self.memory, self.double, self.nbytes = memory, double, memory.nbytes
        self.data = SimpleNamespace(ptr=memory.ctypes.data, memset_async=self._memset)

    def __getitem__(self, part: slice) -> Array:
        return Array(self.memory[part], self.double)

    def set(self, array: np.ndarray, stream: Any = None) -> None:
        self.double.fail("copy")
        assert array.shape == self.memory.shape
        assert array.dtype == self.memory.dtype
        self.memory[:] = array

    def get(self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True) -> None:
        self.double.fail("copy")
        assert out.shape == self.memory.shape
        assert out.flags.c_contiguous
        out[:] = self.memory

    def _memset(self, value: int, size: int, stream: Any = None) -> None:
        assert size <= self.nbytes
        self.memory[:size] = value


class Stream:
    """A queue; the double does everything at once."""

    def __init__(self, null: bool = False, non_blocking: bool = False) -> None:
        self.non_blocking = non_blocking

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def synchronize(self) -> None:
        pass


class Kernel:
    """As cupy.RawKernel."""

    def __init__(self, double: Double, name: str) -> None:
        self.double, self.name, self.max_dynamic_shared_size_bytes = double, name, 48 * 1024
        self.kernel = SimpleNamespace(ptr=id(self))

    def __call__(self, grid: tuple[int], block: tuple[int, int], args: tuple[Any, ...], *, shared_mem: int = 0) -> None:
        self.double.fail("launch")
        assert shared_mem <= self.max_dynamic_shared_size_bytes
        assert isinstance(args[0], np.ndarray)
        assert all(isinstance(value, np.generic | np.ndarray) for value in args[1:])
        self.double.host.launch(0, self.name, args, grid[0], block[1], shared_mem)


CUBIN = b"the text, compiled"


class Compiler:
    """As cupy.cuda.nvrtc; the text must be that of the library, and nothing may be fused or flushed."""

    def __init__(self, double: Double) -> None:
        self.double, self.compiled = double, 0

    def getSupportedArchs(self) -> list[int]:
        return self.double.architectures

    def getVersion(self) -> tuple[int, int]:
        self.double.fail("nvrtc")
        return 13, 0

    def createProgram(self, text: str, name: str, headers: tuple[str, ...], names: tuple[str, ...]) -> str:
        assert text == cuda_text.source(name.removesuffix(".cu"))
        return text

    def compileProgram(self, program: str, options: tuple[str, ...]) -> None:
        self.double.fail("compile")
        assert options == (*cuda_text.OPTIONS, self.double.target)
        self.compiled += 1

    def getCUBIN(self, program: str) -> bytes:
        assert "sm_" in self.double.target
        return CUBIN

    def getPTX(self, program: str) -> str:
        assert "compute_" in self.double.target
        return CUBIN.decode()

    def destroyProgram(self, program: str) -> None: ...


class Double:
    """The module `cupy`; `memory` bytes can be had, `faults[kind]` counts down to an error of that kind."""

    def __init__(self, library: Path, memory: int = 1 << 40) -> None:
        self.host, self.memory, self.used = HostDevice(library), memory, 0
        self.architectures, self.target = [75, 80, 90, 100], "-arch=sm_90"
        self.faults: dict[str, tuple[int, Exception]] = {}
        attributes = {
            "MultiProcessorCount": 2,
            "MaxSharedMemoryPerBlockOptin": 100_000,
            "MaxSharedMemoryPerMultiprocessor": 128_000,
        }
        runtime = SimpleNamespace(
            CUDARuntimeError=CUDARuntimeError,
            getDeviceCount=lambda: self.fail("count") or 1,
            getDeviceProperties=lambda number: {"name": b"Double", "totalGlobalMem": 8 << 30},
            is_hip=False,
        )
        driver = SimpleNamespace(
            CUDADriverError=CUDADriverError, occupancyMaxActiveBlocksPerMultiprocessor=lambda kernel, size, shared: 2
        )
        self.cuda = SimpleNamespace(
            runtime=runtime, driver=driver, Stream=Stream,
            Device=lambda: SimpleNamespace(id=0, attributes=attributes, compute_capability="90"), nvrtc=Compiler(self),
            compiler=SimpleNamespace(CompileException=CompileException),
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        )  # fmt: skip

    def RawModule(self, *, path: str) -> Any:
        """As cupy.RawModule; the file must be what the compiler made of the text."""
        if Path(path).read_bytes() != CUBIN:
            raise CUDADriverError("CUDA_ERROR_INVALID_IMAGE: device kernel image is invalid")
        return SimpleNamespace(get_function=lambda name: Kernel(self, name))

    def empty(self, size: int, dtype: Any) -> Array:
        """As cupy.empty."""
        assert dtype is np.uint8
        if size > self.memory:
            raise OutOfMemoryError(f"Out of memory allocating {size:,} bytes")
        return Array(np.full(size, 0xFF, np.uint8), self)

    def get_default_memory_pool(self) -> Any:
        """As cupy.get_default_memory_pool."""
        return SimpleNamespace(free_all_blocks=lambda: None)

    def fail(self, kind: str) -> None:
        """Raise what was asked for, once the countdown has come to its end."""
        if kind in self.faults:
            left, error = self.faults[kind]
            self.faults[kind] = (left - 1, error)
            if left <= 0:
                raise error
