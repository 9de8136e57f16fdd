"""The CUDA text compiled for the GPU at hand, and kept for the next time."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from evometa.lifetime.cuda import text as cuda_text
from evometa.system import cache


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def loaded(cupy: Any, capability: int, module: str = "lifetime") -> Any:
    """Return a module of the text (MODULES); a file that cannot be loaded, as after a power cut, is compiled anew."""
    path = compiled(cupy, capability, module)
    try:
        return cupy.RawModule(path=str(path))
    except cupy.cuda.driver.CUDADriverError:
        with suppress(OSError):
            path.unlink()
        return cupy.RawModule(path=str(compiled(cupy, capability, module)))


def compiled(cupy: Any, capability: int, module: str = "lifetime") -> Path:
    """Return a module compiled for a GPU of that compute capability (90 for 9.0), from a cache if it is there.

    NVRTC is called by ourselves: what CuPy compiles flushes denormals to zero, which changes bits. The cache is keyed
    by the text, the options and the compiler; for a GPU newer than the compiler it holds PTX.
    """
    nvrtc = cupy.cuda.nvrtc
    supported = nvrtc.getSupportedArchs()
    if capability < min(supported):
        raise RuntimeError(f"compute capability {capability / 10}, and NVRTC knows {min(supported) / 10} and later")
    known = max(number for number in supported if number <= capability)
    target = f"-arch={'sm' if known == capability else 'compute'}_{known}"
    text, options = cuda_text.source(module), (*cuda_text.OPTIONS, target)
    key = hashlib.sha256(repr((text, options, nvrtc.getVersion())).encode()).hexdigest()[:32]
    name = f"{module}-{key}.{'cubin' if known == capability else 'ptx'}"
    for place in cache.places():
        if (place / name).exists():
            return place / name
    program = nvrtc.createProgram(text, f"{module}.cu", (), ())
    try:
        nvrtc.compileProgram(program, options)
        made = nvrtc.getCUBIN(program) if known == capability else nvrtc.getPTX(program)
    finally:
        nvrtc.destroyProgram(program)
    folder = cache.writable() or Path(tempfile.mkdtemp(prefix="evometa-"))
    handle, part = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(made if isinstance(made, bytes) else made.encode())
    return Path(part).replace(folder / name)  # at once, so that another process never reads half of it
