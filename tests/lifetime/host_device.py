"""The CUDA text compiled for the host by g++, as a `Device`: what CI runs, since it has no GPU."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.lifetime.cuda import text as cuda_text
from evometa.lifetime.cuda.device import BATCH, GAME, SLOPES, STAGE

FOLDER = Path(__file__).parent / "cuda"
FLAGS = (
    "-std=c++17",
    "-O2",
    "-ffp-contract=off",
    "-fno-strict-aliasing",
    "-shared",
    "-fPIC",
    "-Wall",
    "-Werror",
    "-Wno-maybe-uninitialized",
)


def compile_for_host(folder: Path, edit: Callable[[str], str] = lambda text: text, flags: tuple[str, ...] = ()) -> Path:
    """Compile the CUDA text, changed by `edit`, to a library for ctypes; skips (counted) where there is no g++."""
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no g++: the CUDA text cannot be compiled for the host")
    text, library = folder / "lifetime.cpp", folder / "lifetime.so"
    parts = ((FOLDER / "shim.h").read_text(), edit(cuda_text.source()), (FOLDER / "driver.cpp").read_text())
    text.write_text("\n".join(parts).replace("#pragma once", ""))
    subprocess.run([compiler, *FLAGS, *flags, str(text), "-o", str(library)], check=True)
    return library


class HostDevice:
    """Runs kernels block after block; `order`: in which order threads pass between barriers (see shim.h)."""

    def __init__(self, library: Path, order: int = 0, shared: int = 200_000, blocks: int = 3) -> None:
        self.text = ctypes.CDLL(str(library))
        kinds = {"batch": BATCH, "slopes": SLOPES, "stage": STAGE, "game": GAME}
        sizes = {name: getattr(self.text, f"size_of_{name}")() for name in kinds}
        assert sizes == {name: kind.itemsize for name, kind in kinds.items()}, "the kernels' arguments differ"
        self.order, self.blocks = order, blocks
        self.multiprocessors, self.shared, self.shared_all = 2, shared, shared
        self.most, self.pace = 1 << 30, 1e15
        self.buffers: dict[tuple[int, str], np.ndarray] = {}
        self.launched: list[tuple[str, int, int, int]] = []

    def put(self, side: int, name: str, array: np.ndarray) -> int:
        kept = self.buffers[side, name] = np.ascontiguousarray(array).copy()
        return int(kept.ctypes.data)

    def room(self, side: int, name: str, size: int, clear: bool = False) -> int:
        # 0xFF is NaN: nothing may count on zeros
        kept = self.buffers[side, name] = np.full(size + 64, 0 if clear else 0xFF, np.uint8)
        kept[size:] = 0xAB
        return int(kept.ctypes.data)

    def launch(self, side: int, kernel: str, arguments: tuple[Any, ...], blocks: int, teams: int, shared: int) -> None:
        self.launched.append((kernel, blocks, teams, shared))
        assert shared <= self.shared
        function = getattr(self.text, kernel.removeprefix("evometa_"))
        pointers = [
            ctypes.c_void_p(each.ctypes.data) if each.ndim else ctypes.c_longlong(int(each)) for each in arguments
        ]
        failed = function(*pointers, blocks, teams, shared, ctypes.c_uint(self.order))
        assert failed == 0, ("", "threads of a block disagree about a barrier", "shared memory overrun")[failed]
        written = ("scores", "status", "opened", "learned", "arena", "next", "answers", "given", "insisted")
        ends = {name: kept[-64:] for (_, name), kept in self.buffers.items() if name in written or "_sums" in name}
        overrun = [name for name, end in ends.items() if (end != 0xAB).any()]
        assert not overrun, f"overrun: {overrun}"

    def fetch(self, side: int, name: str, array: np.ndarray) -> None:
        array.reshape(-1).view(np.uint8)[:] = self.buffers[side, name][: array.nbytes]

    def resident(self, kernel: str, teams: int, shared: int) -> int:
        return self.blocks

    def forget(self) -> None:
        self.buffers.clear()
