"""Whoever has imported this has all that a run needs: modules imported, kernels loaded. That takes four seconds.

Forks of such a process begin at once: for tests that start the program many times, and are not about its beginning.
"""

from __future__ import annotations

import tempfile

import evometa
from tests.small import DELTA

with tempfile.TemporaryDirectory() as folder:
    evometa.run(DELTA, out=f"{folder}/run", generations=1, progress=False)
