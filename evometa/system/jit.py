"""Numba's `njit`, without Numba until a function is called, and with what it compiles kept in evometa's own folder.

Whoever only reads runs need not wait for Numba. What compiled functions depend on is listed here: it names their files.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, lru_cache, partial, update_wrapper
from pathlib import Path
from typing import Any

import numpy as np

SMALL = 10_000  # elements that plain Python goes through in a tenth of a second
SOURCES: dict[str, tuple[str, ...]] = {  # by room, the modules whose code or constants are compiled
    "evolution": ("evolution/covariance", "evolution/means"),
    "genetics": (
        "genetics/counted",
        "genetics/expression",
        "genetics/genes",
        "genetics/normal",
        "lifetime/graph",
        "spec/activations",
    ),
    "language": (
        "language/batch_equality",
        "language/batch_numbering",
        "language/batch_registers",
        "language/batch_values",
        "language/numbering",
        "language/program_columns",
        "language/rewrites",
        "language/signals",
        "spec/habits",
        "spec/primitives",
        "spec/states",
    ),
    "lifetime": (
        "language/adjoint",
        "language/codes",
        "language/numbering",
        "language/program_columns",
        "language/signals",
        "language/worlds/program",
        "spec/acting",
        "spec/activations",
        "spec/comparisons",
        "spec/habits",
        "spec/states",
        "spec/teaching",
        "lifetime/__init__",
        "lifetime/answers",
        "lifetime/columns",
        "lifetime/comparison",
        "lifetime/cuda/schedule",
        "lifetime/flow",
        "lifetime/graph",
        "lifetime/graph_check",
        "lifetime/graphs",
        "lifetime/lanes",
        "lifetime/memory",
        "lifetime/numba/acting/choice",
        "lifetime/numba/acting/kernel",
        "lifetime/numba/acting/layout",
        "lifetime/numba/acting/learning",
        "lifetime/numba/acting/ticks",
        "lifetime/numba/acting/world",
        "lifetime/numba/arena",
        "lifetime/numba/blocks",
        "lifetime/numba/comparison",
        "lifetime/numba/comparison_adjoint",
        "lifetime/numba/descent/comparison",
        "lifetime/numba/descent/kernel",
        "lifetime/numba/descent/memory",
        "lifetime/numba/descent/metric",
        "lifetime/numba/descent/passes",
        "lifetime/numba/descent/queries",
        "lifetime/numba/descent/ridge",
        "lifetime/numba/descent/rule",
        "lifetime/numba/descent/shares",
        "lifetime/numba/descent/steps",
        "lifetime/numba/descent/sweeps",
        "lifetime/numba/descent/tape",
        "lifetime/numba/generated_nodes",
        "lifetime/numba/generated_switch",
        "lifetime/numba/gru",
        "lifetime/numba/kernel",
        "lifetime/numba/memory",
        "lifetime/numba/query",
        "lifetime/numba/ridge",
        "lifetime/numba/ridge_adjoint",
        "lifetime/numba/rule",
        "lifetime/numba/sweeps",
        "lifetime/numba/teaching/choice",
        "lifetime/numba/teaching/examination",
        "lifetime/numba/teaching/kernel",
        "lifetime/numba/teaching/layout",
        "lifetime/numba/transmission",
        "lifetime/numba/trial",
        "lifetime/numba/vector",
        "lifetime/packing",
        "lifetime/probe",
        "lifetime/teaching",
    ),
    "operators": (
        "../operators/choices",
        "../operators/growth",
        "../operators/matching",
        "../operators/nodes",
        "../operators/trees",
        "../operators/vocabulary",
        "genetics/counted",
        "genetics/expression",
        "genetics/genes",
        "language/codes",
        "language/signals",
        "language/tree",
        "lifetime/graph",
        "spec/habits",
        "spec/primitives",
    ),
}


def njit(*, cache: bool = False, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function as Numba's `njit` does, at its first call; `cache`: keep the code for other processes.

    A function that has one caller and calls the interpreter of programs takes `inline="always"` instead: otherwise the
    interpreter is optimized once more with it, which takes a second or more.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        return function if _disabled() else Compiled(function, cache, options)

    return decorate


_INTERPRETED: ContextVar[bool] = ContextVar("interpreted", default=False)


@contextmanager
def interpreted(size: int) -> Iterator[None]:
    """Run compiled functions as plain Python meanwhile, where that is sooner done than Numba is imported.

    `size`: how many elements they go through.
    """
    token = _INTERPRETED.set(size <= SMALL and sys.modules.get("numba") is None)
    try:
        yield
    finally:
        _INTERPRETED.reset(token)


def _disabled() -> bool:
    """Whether functions run as plain Python, as Numba is told to by the same variable."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


class Compiled:
    """A function whose dispatcher, Numba's own object, is made at the first call from Python or from compiled code."""

    def __init__(self, function: Callable[..., Any], cache: bool, options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self.__wrapped__ = function
        self._options = cache, options

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return (self.__wrapped__ if _INTERPRETED.get() else self.dispatcher)(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dispatcher, name)

    def __reduce__(self) -> str:
        return self.__qualname__  # copies and pickles are the function itself

    @cached_property
    def dispatcher(self) -> Any:
        """What Numba makes of the function."""
        import numba

        from evometa.system.kernel_cache import KernelCache
        from evometa.system.linker import separate

        function, (cache, options) = self.__wrapped__, self._options
        dispatcher: Any = numba.njit(**{"no_cfunc_wrapper": True, **options})(function)  # C calls none of them
        if cache:
            dispatcher._cache = KernelCache(function, partial(sources, room_of(function.__module__)))
            separate(dispatcher)
        _forget_literals(dispatcher)
        return dispatcher

    @property
    def _numba_type_(self) -> Any:
        """What Numba asks for where it compiles a function that calls this one."""
        from numba.core.types import Dispatcher

        return Dispatcher(self.dispatcher)


def _forget_literals(compiled: Any) -> None:
    """Let compiled code that calls this function with a constant share what is compiled for other numbers.

    To Numba the literal 1 is a type of its own, and the function would be compiled once more for it.
    """
    from numba.core.types import unliteral

    template = compiled.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        return template(tuple(map(unliteral, args)), {name: unliteral(kind) for name, kind in kws.items()})

    compiled.get_call_template = get_call_template


def room_of(module: str) -> str:
    """Return the room of SOURCES that a module belongs to."""
    return next((name for name in module.split(".")[:2] if name in SOURCES), "lifetime")


@lru_cache(maxsize=len(SOURCES))
def sources(room: str) -> str:
    """Return the digest of all that a room's functions are compiled from, and of what compiles them."""
    import llvmlite
    import numba

    versions = numba.__version__, llvmlite.__version__, np.__version__, sys.implementation.cache_tag
    digest = hashlib.sha256(repr(versions).encode())
    for name in ("system/jit", "system/kernel_cache", "system/linker", *SOURCES[room]):
        digest.update((Path(__file__).parents[1] / f"{name}.py").read_bytes())
    return digest.hexdigest()
