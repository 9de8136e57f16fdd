"""The GPU backend: the CUDA text on an NVIDIA GPU through CuPy, which nothing else imports.

Buffers are kept between generations and grow by a half; each side of the launcher has a stream of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.errors import RunFailed
from evometa.language.program import Program
from evometa.lifetime import F32, Births, Outcomes, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.cuda import acting, descent, later, streaming, teaching
from evometa.lifetime.cuda import text as cuda_text
from evometa.lifetime.cuda.device import BOTH, PACE, SIDES
from evometa.lifetime.cuda.nvrtc import compiled, first_line, loaded
from evometa.lifetime.cuda.selftest import first_difference, lives_differ
from evometa.lifetime.cuda.shared_memory import WIDTH
from evometa.lifetime.teaching import Classes, TeachingLives, TeachingOutcomes

INSTALL = (
    'pip install "evometa[cuda12]" or "evometa[cuda13]", as the driver supports (nvidia-smi shows its CUDA version)'
)


class Found(NamedTuple):
    """The GPU, or None and why there is none that can be used, and what to do about it."""

    gpu: Gpu | None
    reason: str
    remedy: str = ""


class Gpu:
    """One NVIDIA GPU as a `Device` (contract: device.py). Raises CuPy's own errors while it is being opened."""

    def __init__(self, cupy: Any) -> None:
        self.cupy, self.driver = cupy, cupy.cuda.driver
        device = cupy.cuda.Device()
        properties = cupy.cuda.runtime.getDeviceProperties(device.id)
        attributes = device.attributes
        self.name = properties["name"].decode()
        self.memory = int(properties["totalGlobalMem"])
        self.multiprocessors = int(attributes["MultiProcessorCount"])
        self.shared = int(attributes["MaxSharedMemoryPerBlockOptin"])
        self.shared_all = int(attributes["MaxSharedMemoryPerMultiprocessor"])
        self.capability = int(device.compute_capability)
        self.most, self.pace = streaming.MOST, PACE
        self.kernels: dict[str, Any] = {}
        self.load("lifetime")
        self.streams = {side: cupy.cuda.Stream(non_blocking=True) for side in SIDES}
        self.buffers: dict[tuple[int, str], Any] = {}
        self.sources: dict[int, list[Any]] = {side: [] for side in SIDES}  # of copies that may be on their way
        self.lock = threading.Lock()  # buffers belong to one batch at a time

    def __str__(self) -> str:
        return f"{self.name}, {self.memory / 2**30:.0f} GiB, compute capability {self.capability / 10:.1f}"

    def put(self, side: int, name: str, array: NDArray[Any]) -> int:
        """Copy an array to the buffer of that name; return its address."""
        bytes_ = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        with self.careful():
            buffer = self._buffer(side, name, bytes_.nbytes)
            buffer[: bytes_.nbytes].set(bytes_, stream=self.streams[side])
            self.sources[side].append(bytes_)
            if side == BOTH:
                self._wait(side)  # the other sides' streams do not wait for this one
        return int(buffer.data.ptr)

    def room(self, side: int, name: str, size: int, clear: bool = False) -> int:
        """Return the address of a buffer of that many bytes, zeros if `clear`."""
        with self.careful():
            buffer = self._buffer(side, name, size)
            if clear:
                buffer.data.memset_async(0, size, self.streams[side])
        return int(buffer.data.ptr)

    def launch(self, side: int, kernel: str, arguments: tuple[Any, ...], blocks: int, teams: int, shared: int) -> None:
        """Start a kernel on `blocks` blocks of WIDTH × `teams` threads with `shared` bytes of shared memory."""
        with self.careful(), self.streams[side]:
            self.kernels[kernel]((blocks,), (WIDTH, teams), arguments, shared_mem=shared)

    def fetch(self, side: int, name: str, array: NDArray[Any]) -> None:
        """Wait for the side's work, and fill the array from the buffer of that name."""
        with self.careful():
            part = self.buffers[side, name][: array.nbytes]
            part.get(stream=self.streams[side], out=array.reshape(-1).view(np.uint8))
            self._wait(side)

    def resident(self, kernel: str, teams: int, shared: int) -> int:
        """Return how many such blocks the GPU holds at once."""
        with self.careful():
            pointer = self.kernels[kernel].kernel.ptr
            each = self.driver.occupancyMaxActiveBlocksPerMultiprocessor(pointer, WIDTH * teams, shared)
        return max(1, int(each)) * self.multiprocessors

    def forget(self) -> None:
        """Give all buffers back, after the work in hand."""
        with self.careful():
            for side in SIDES:
                self._wait(side)
            self.buffers.clear()
            self.cupy.get_default_memory_pool().free_all_blocks()

    def live(
        self,
        phenotypes: Phenotypes,
        tasks: Tasks,
        births: Births,
        plan: Plan,
        *,
        threads: int = 0,
        progress: Callable[[int, int], None] | None = None,
    ) -> Outcomes:
        """Live every lifetime of the batch (contract: evometa.lifetime); `threads` are the processor's affair."""
        with self._at_work():
            return streaming.live(self, phenotypes, tasks, births, plan, progress=progress)

    def descend(self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, adjoints: Sequence[Program],
                weights: F32, loss_adjoints: Sequence[Program] = (), order: int = 2) -> Slopes:  # fmt: skip
        """Differentiate every lifetime of the batch (contract: evometa.lifetime.slopes); compiles at its first call."""
        with self._at_work():
            later.have(self, "descent")
            return descent.descend(self, phenotypes, tasks, births, plan, adjoints, weights, loss_adjoints, order)

    def act(
        self, actors: Actors, lives: Lives, plan: ActingPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> ActingOutcomes:  # fmt: skip
        """Live every life of the batch in its world (contract: evometa.lifetime.acting); compiles at its first call."""
        with self._at_work():
            later.have(self, "acting")
            return acting.act(self, actors, lives, plan, progress=progress)

    def teach(
        self, classes: Classes, lives: TeachingLives, plan: ActingPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> TeachingOutcomes:  # fmt: skip
        """Teach every student of the batch (contract: evometa.lifetime.teaching); compiles at its first call."""
        with self._at_work():
            later.have(self, "teaching")
            return teaching.teach(self, classes, lives, plan, progress=progress)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Have the GPU for one batch; if it fails, no kernel is left at work on buffers that the next one fills."""
        with self.lock:
            try:
                yield
            except BaseException as error:
                if isinstance(error, RunFailed):
                    _found.clear()  # a run begun later looks for the GPU anew
                with suppress(RunFailed, MemoryError):
                    self.forget()
                raise

    def load(self, module: str) -> None:
        """Load the kernels of a module of the text."""
        text = loaded(self.cupy, self.capability, module)
        for name in cuda_text.KERNELS[module]:
            kernel = self.kernels[name] = text.get_function(name)
            kernel.max_dynamic_shared_size_bytes = self.shared

    @contextmanager
    def careful(self) -> Iterator[None]:
        """Turn CuPy's errors into MemoryError where memory is short, else into RunFailed: the GPU is lost."""
        try:
            yield
        except (self.cupy.cuda.runtime.CUDARuntimeError, self.driver.CUDADriverError) as error:
            if "out of memory" in str(error).lower():
                raise MemoryError(str(error)) from error
            raise RunFailed(f"The GPU ({self.name}) stopped answering: {error}.") from error

    def _wait(self, side: int) -> None:
        """Wait until a side's queue is empty."""
        self.streams[side].synchronize()
        self.sources[side].clear()

    def _buffer(self, side: int, name: str, size: int) -> Any:
        """Return a buffer of at least that many bytes, a larger one than before if it was too small."""
        kept = self.buffers.get((side, name))
        if kept is not None and kept.nbytes >= size:
            return kept
        wanted = max(size, 256) if kept is None else max(size, kept.nbytes * 3 // 2)
        del kept
        self.buffers.pop((side, name), None)  # its memory may be just what is needed
        try:
            made = self.cupy.empty(wanted, np.uint8)
        except MemoryError:
            made = self.cupy.empty(max(size, 256), np.uint8)
        self.buffers[side, name] = made
        return made


_found: list[Found] = []  # the GPU that this process has opened, if it has


def find() -> Found:
    """Look for a GPU: CuPy imports, a device answers, memory can be had, kernels compile, and give the right bits."""
    try:
        import cupy
    except ImportError as error:
        missing = (
            "CuPy is not installed" if isinstance(error, ModuleNotFoundError) else f"CuPy cannot be loaded: {error}"
        )
        return Found(None, missing, f"To install it: {INSTALL}.")
    if _found and _found[0].gpu is not None and _found[0].gpu.cupy is cupy:
        return _found[0]
    answer = _open(cupy)
    _found[:] = [answer]
    return answer


def _open(cupy: Any) -> Found:
    look = "Look at what nvidia-smi says."
    runtime = cupy.cuda.runtime
    if runtime.is_hip:
        return Found(
            None, "this CuPy is made for AMD's GPUs, and the kernels for NVIDIA's", f"To install another: {INSTALL}."
        )
    try:
        if runtime.getDeviceCount() == 0:
            return Found(None, "CuPy finds no NVIDIA GPU", look)
        cupy.empty(1 << 20, np.uint8)
        capability = int(cupy.cuda.Device().compute_capability)
    except (MemoryError, RuntimeError) as error:
        return Found(None, f"no NVIDIA GPU answers: {first_line(error)}", f"{look} The driver may be too old.")
    try:
        compiled(cupy, capability)
    except Exception as error:  # NVRTC is missing, too old, or refuses; CuPy raises many kinds of errors here
        return Found(
            None, f"the GPU's kernels cannot be compiled: {first_line(error)}", f"CuPy needs CUDA's NVRTC: {INSTALL}."
        )
    try:
        gpu = Gpu(cupy)
        wrong = first_difference(gpu) or lives_differ(gpu)
        gpu.pace = PACE  # so short lives tell nothing of it
    except (MemoryError, RuntimeError, RunFailed) as error:
        return Found(None, f"the GPU cannot run the kernels: {first_line(error)}", look)
    if wrong is not None:
        return Found(None, f"{gpu} computes {wrong} otherwise than the processor", "Please report it.")
    return Found(gpu, str(gpu))
