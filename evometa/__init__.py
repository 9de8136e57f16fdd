"""evometa: evolve learning rules and network topologies; judge them by what they can learn.

    import evometa

    run = evometa.run("delta", seed=1)          # evolve, test the champion, keep everything in runs/delta-1
    run = evometa.resume("runs/delta-1", generations=100)
    run = evometa.load("runs/delta-1")          # look only: champion, history, individuals

Importing this package imports nothing heavy; the three functions bring in what they need when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from evometa.version import __version__

if TYPE_CHECKING:
    from evometa.engine import resume, run
    from evometa.presentation.run import load

__all__ = ["__version__", "load", "resume", "run"]

_HOMES = {"run": "evometa.engine", "resume": "evometa.engine", "load": "evometa.presentation.run"}


def __getattr__(name: str) -> Any:
    """Import one of the three functions when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names, whether imported already or not."""
    return sorted({*globals(), *__all__})
