"""What compiled functions leave for other processes: one file each, in evometa's own folder (evometa.system.cache).

Numba would keep them beside the sources, and fails at import where it finds no place. Its index knows a function's own
file alone, not what it calls in others, and two processes that write to it at once may mix signatures up. Here a
file's name tells of all that it depends on; one that cannot be read or written is compiled anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.caching import IndexDataCacheFile, NullCache
from numba.core.compiler import CompileResult

from evometa.system import cache as folders
from evometa.system.linker import resolve, symbols

FOLDER = "kernels"


class KernelCache(NullCache):
    """What Numba asks before it compiles a function for a signature, and tells afterwards."""

    def __init__(self, function: Callable[..., Any], sources: Callable[[], str]) -> None:
        """`sources` gives the digest of all that the function is compiled from."""
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.sources = sources

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled function, or None where it is not kept, or damaged."""
        target_context.refresh()
        name = self._file(sig, target_context.codegen())
        for place in folders.places():
            if (place / FOLDER / name).exists():
                with suppress(Exception):  # half a file, after a power cut
                    called, parts = _data(place)._load_data(name)
                    if all(map(resolve, called)):  # not so where another process compiled one of them meanwhile
                        return CompileResult._rebuild(target_context, *parts)
        return None

    def save_overload(self, sig: Any, cres: Any) -> None:
        """Keep a compiled function, where there is room for it."""
        place = folders.writable()
        if place is not None and not cres.library.has_dynamic_globals:  # those are addresses
            with suppress(OSError):
                (place / FOLDER).mkdir(exist_ok=True)
                _data(place)._save_data(self._file(sig, cres.codegen), (symbols(cres.library), cres._reduce()))

    def _file(self, sig: Any, codegen: Any) -> str:
        """Return a file's name: the function's, and a digest of sources, libraries, signature and processor."""
        parts = repr((self.sources(), self.name, sig, codegen.magic_tuple()))
        return f"{self.name}-{hashlib.sha256(parts.encode()).hexdigest()[:32]}.nbc"


def _data(place: Path) -> Any:
    """Return Numba's reader and writer of files, which replaces them at once."""
    return IndexDataCacheFile(str(place / FOLDER), "", None)
