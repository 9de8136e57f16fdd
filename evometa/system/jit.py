"""Numba's `njit`, with what it compiles kept in evometa's own folder (evometa.system.cache), and fit to be kept there.

Numba would keep it beside the sources, and fails at import where it finds no place. Its index knows a function's own
file alone, not what it calls in others, and two processes that write to it at once may mix signatures up. Here each
compiled function is one file, named by all that it depends on; one that cannot be read or written is compiled anew.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import IndexDataCacheFile, NullCache
from numba.core.compiler import CompileResult
from numba.core.types import unliteral

from evometa.system import cache as folders

FOLDER = "kernels"
SOURCES: dict[str, tuple[str, ...]] = {  # by room, the modules whose code or constants are compiled
    "evolution": ("evolution/means",),
    "genetics": ("genetics/counted", "genetics/expression", "genetics/genes", "lifetime/graph"),
    "language": (
        "language/batch_equality",
        "language/batch_numbering",
        "language/batch_registers",
        "language/batch_values",
        "language/numbering",
        "language/program_columns",
        "language/rewrites",
        "language/signals",
        "spec/primitives",
        "spec/states",
    ),
    "lifetime": (
        "language/program_columns",
        "language/signals",
        "spec/states",
        "lifetime/__init__",
        "lifetime/columns",
        "lifetime/cuda/schedule",
        "lifetime/flow",
        "lifetime/graph",
        "lifetime/graph_check",
        "lifetime/graphs",
        "lifetime/lanes",
        "lifetime/numba/arena",
        "lifetime/numba/generated_nodes",
        "lifetime/numba/generated_switch",
        "lifetime/numba/kernel",
        "lifetime/numba/rule",
        "lifetime/numba/sweeps",
        "lifetime/numba/trial",
        "lifetime/numba/vector",
        "lifetime/packing",
        "lifetime/probe",
    ),
    "operators": (
        "../operators/choices",
        "../operators/growth",
        "../operators/matching",
        "../operators/trees",
        "../operators/vocabulary",
        "genetics/counted",
        "genetics/expression",
        "genetics/genes",
        "language/codes",
        "language/signals",
        "language/tree",
        "lifetime/graph",
        "spec/primitives",
    ),
}


def njit(*, cache: bool = False, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function as Numba's `njit` does; `cache`: keep what is compiled, for other processes.

    A function that has one caller and calls the interpreter of programs takes `inline="always"` instead: otherwise the
    interpreter is optimized once more with it, which takes a second or more.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        compiled: Any = numba.njit(**{"no_cfunc_wrapper": True, **options})(function)  # C calls none of them
        if compiled is function:  # as it is where NUMBA_DISABLE_JIT is set
            return function
        if cache:
            compiled._cache = KernelCache(function)
        _forget_literals(compiled)
        return compiled

    return decorate


def _forget_literals(compiled: Any) -> None:
    """Let compiled code that calls this function with a constant share what is compiled for other numbers.

    To Numba the literal 1 is a type of its own, and the function would be compiled once more for it.
    """
    template = compiled.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        return template(tuple(map(unliteral, args)), {name: unliteral(kind) for name, kind in kws.items()})

    compiled.get_call_template = get_call_template


class KernelCache(NullCache):
    """What Numba asks before it compiles a function for a signature, and tells afterwards."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.room = room_of(function.__module__)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled function, or None where it is not kept, or damaged."""
        target_context.refresh()
        name = self._file(sig, target_context.codegen())
        for place in folders.places():
            if (place / FOLDER / name).exists():
                with suppress(Exception):  # half a file, after a power cut
                    return CompileResult._rebuild(target_context, *_data(place)._load_data(name))
        return None

    def save_overload(self, sig: Any, cres: Any) -> None:
        """Keep a compiled function, where there is room for it."""
        place = folders.writable()
        if place is not None and not cres.library.has_dynamic_globals:  # those are addresses
            with suppress(OSError):
                (place / FOLDER).mkdir(exist_ok=True)
                _data(place)._save_data(self._file(sig, cres.codegen), cres._reduce())

    def _file(self, sig: Any, codegen: Any) -> str:
        """Return a file's name: the function's, and a digest of sources, libraries, signature and processor."""
        parts = repr((sources(self.room), self.name, sig, codegen.magic_tuple()))
        return f"{self.name}-{hashlib.sha256(parts.encode()).hexdigest()[:32]}.nbc"


def room_of(module: str) -> str:
    """Return the room of SOURCES that a module belongs to."""
    return next((name for name in module.split(".")[:2] if name in SOURCES), "lifetime")


@lru_cache(maxsize=len(SOURCES))
def sources(room: str) -> str:
    """Return the digest of all that a room's functions are compiled from, and of what compiles them."""
    versions = numba.__version__, llvmlite.__version__, np.__version__, sys.implementation.cache_tag
    digest = hashlib.sha256(repr(versions).encode())
    for name in ("system/jit", *SOURCES[room]):
        digest.update((Path(__file__).parents[1] / f"{name}.py").read_bytes())
    return digest.hexdigest()


def _data(place: Path) -> Any:
    """Return Numba's reader and writer of files, which replaces them at once."""
    return IndexDataCacheFile(str(place / FOLDER), "", None)
