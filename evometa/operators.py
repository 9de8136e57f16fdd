"""The package `operators`, which lies beside this one, by its place: users may have an `operators` of their own.

To the import system this module is a package whose modules are the files of that folder. `import operators` is left to
whoever says it: in a user's folder it gives the user's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evometa.errors import InputError

FOLDER = Path(__file__).parent.parent / "operators"
__path__ = [str(FOLDER)]

if TYPE_CHECKING:
    from operators.lives import Searcher
    from operators.selection import SCHEMES, SELECTIONS
    from operators.toolbox import make_toolbox
else:
    try:
        from evometa.operators.lives import Searcher
        from evometa.operators.selection import SCHEMES, SELECTIONS
        from evometa.operators.toolbox import make_toolbox
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(__name__):
            raise
        raise InputError(
            "evometa's package operators beside its package evometa",
            f"no module {error.name.removeprefix('evometa.')} there",
            str(FOLDER),
            "Another distribution may have put its `operators` there: install evometa in an environment of its own.",
        ) from None

__all__ = ["SCHEMES", "SELECTIONS", "Searcher", "make_toolbox"]
