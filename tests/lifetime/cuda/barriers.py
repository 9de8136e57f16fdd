"""Barriers of the CUDA text, to be taken away one by one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from evometa.lifetime.cuda import text as cuda_text
from tests.lifetime.host_device import compile_for_host

BARRIER = "__syncthreads();"


def barriers(module: str, first: str) -> list[int]:
    """Return where the barriers of a module are, from its file `first` on, counted from there."""
    return [match.start() for match in re.finditer(re.escape(BARRIER), from_file(cuda_text.source(module), first))]


def from_file(text: str, first: str) -> str:
    """Return the text from a file on."""
    return text[text.index(f'#line 1 "{first}"') :]


def without(place: int, first: str) -> Callable[[str], str]:
    """Return what takes a barrier out of the text."""

    def edit(text: str) -> str:
        start = text.index(f'#line 1 "{first}"') + place
        assert text[start:].startswith(BARRIER)
        return text[:start] + text[start + len(BARRIER) :]

    return edit


def is_missed(place: int, first: str, survey: str, folder: Path) -> bool:
    """Tell whether a barrier that is taken away is missed: `survey` is a module that has `differs`.

    It is asked in a process of its own, which a missing barrier may end.
    """
    library = compile_for_host(folder, without(place, first), ("-O0",))
    code = (
        f"import sys; from pathlib import Path; from {survey} import differs; sys.exit(differs(Path({str(library)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode != 0
