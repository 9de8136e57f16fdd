"""What of this machine a process may use: the least of what hardware, container, limits and the usual variables say.

Control groups nest, and each of them may limit those below it: all the way up is read, in their second version and in
their first (Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

PROCESSOR_VARIABLES = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK", "PYTHON_CPU_COUNT")
PROC, CGROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
NO_LIMIT = 1 << 62  # bytes; the first version of control groups writes numbers of that size where there is no limit


def processors() -> int:
    """Return how many processors this process may use, at least 1: by affinity, container quota, and variables."""
    counts = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1]
    counts += [math.ceil(quota) for quota in _quotas()]
    counts += [count for name in PROCESSOR_VARIABLES if (count := _number(os.environ.get(name, ""))) is not None]
    return max(1, min(counts))


def memory() -> int:
    """Return how many bytes of memory this process may use: by hardware, container and address-space limit.

    `NO_LIMIT` where the system does not tell.
    """
    return min([_physical(), *_memory_limits(), *_address_space()])


def _quotas() -> Iterator[float]:
    """Yield every limit of processor time, in processors."""
    for folder in _folders("", "cpu"):
        words = _read(folder / "cpu.max").split()
        if len(words) == 2 and (limit := _number(words[0])) and (period := _number(words[1])):
            yield limit / period
        limit, period = (_number(_read(folder / f"cpu.cfs_{name}_us")) for name in ("quota", "period"))
        if limit and period:
            yield limit / period


def _memory_limits() -> Iterator[int]:
    for folder in _folders("", "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            if limit := _number(_read(folder / name)):
                yield limit


def _address_space() -> Iterator[int]:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit > 0:  # RLIM_INFINITY is -1
        yield limit


def _physical() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return NO_LIMIT


def _folders(*controllers: str) -> Iterator[Path]:
    """Yield this process's folder of each controller's hierarchy, and all above it; "" is the unified hierarchy.

    In a container the path may name folders that lie outside of what it sees: its root then stands for them.
    """
    for line in _read(PROC).splitlines():
        _, _, names_path = line.partition(":")
        names, _, path = names_path.partition(":")
        if not path or not set(controllers) & set(names.split(",")):
            continue
        root = CGROUPS / names if names else CGROUPS
        inner = root.joinpath(*(part for part in Path(path).parts if part not in ("/", "..")))
        yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(root))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _number(text: str) -> int | None:
    """Return a whole number above 0, of those that OpenMP writes with commas the first; None for anything else."""
    first = text.split(",")[0].strip()
    return int(first) if first.isascii() and first.isdigit() and len(first) < 20 and int(first) > 0 else None
