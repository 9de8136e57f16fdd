"""Kernels of a GPU that are compiled when they are first asked for, and tried before they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from evometa.errors import RunFailed
from evometa.lifetime.cuda.device import Device
from evometa.lifetime.cuda.nvrtc import first_line
from evometa.lifetime.cuda.selftest import agents_differ, slopes_differ, students_differ
from evometa.lifetime.cuda.text import KERNELS

if TYPE_CHECKING:
    from evometa.lifetime.cuda.gpu import Gpu


class Later(NamedTuple):
    """What the kernels of a module compute, in words, and what tells whether a device computes it otherwise."""

    what: str
    differ: Callable[[Device], str | None]


LATER: Mapping[str, Later] = {
    "descent": Later("gradients", slopes_differ), "acting": Later("worlds", agents_differ),
    "teaching": Later("students", students_differ),
}  # fmt: skip


def have(gpu: Gpu, module: str) -> None:
    """Load the kernels of a module and try them, if that was not done before.

    Raises RunFailed if they cannot be compiled, or give other bits.
    """
    if KERNELS[module][0] in gpu.kernels:
        return
    what, differ = LATER[module]
    try:
        gpu.load(module)
    except Exception as error:  # NVRTC refuses: CuPy raises many kinds of errors here
        text = f"The kernels of {what} cannot be compiled for the GPU: {first_line(error)}."
        raise RunFailed(f"{text} Use --backend numba.") from error
    pace = gpu.pace
    wrong: str | None = "not tried to the end"
    try:
        wrong = differ(gpu)
    finally:
        gpu.pace = pace  # so short a life tells nothing of it
        if wrong is not None:
            for kernel in KERNELS[module]:
                gpu.kernels.pop(kernel)
    if wrong is not None:
        raise RunFailed(
            f"{gpu} computes {what} otherwise than the processor ({wrong}): use --backend numba, and report it."
        )
