"""How many examples a property is tried on: all of them where kernels are compiled, a quarter in plain Python.

In plain Python a life takes a hundred times as long, and what is asked there is another thing: that every line of the
kernels is reached, and reads nothing beyond an array. What holds of their results is tried on what users run.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
SAME = pytest.mark.skipif(PLAIN, reason="no kernel takes part: it would be the same once more")
COMMON = 100  # examples of a property that asks for no number, as hypothesis has it


def examples(count: int, **more: Any) -> settings:
    """Return the settings of a property that is tried on `count` examples; `more`: others of hypothesis."""
    return settings(max_examples=max(count // 4, 5) if PLAIN else count, deadline=None, **more)
