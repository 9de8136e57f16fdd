"""How many examples a property is tried on, and how many of many cases; with EVOMETA_ALL set, all of them.

Without it, so that a change is judged within half an hour: half of a property's examples, which hypothesis draws
anew each time, and some of those cases of which each asks the same of another place.

In plain Python a life takes a hundred times as long, and what is asked there is another thing: that every line of the
kernels is reached, and reads nothing beyond an array. What holds of their results is tried on what users run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
SAME = pytest.mark.skipif(PLAIN, reason="no kernel takes part: it would be the same once more")
ALL = bool(os.environ.get("EVOMETA_ALL"))
COMMON = 100  # examples of a property that asks for no number, as hypothesis has it


def examples(count: int, **more: Any) -> settings:
    """Return the settings of a property that is tried on up to `count` examples; `more`: others of hypothesis."""
    share = (1 if ALL else 2) * (4 if PLAIN else 1)
    more.setdefault("suppress_health_check", [HealthCheck.too_slow])  # which is of the machine, as a deadline is
    return settings(max_examples=max(count // share, min(count, 5)), deadline=None, **more)


def some(cases: Iterable[Any], one_in: int) -> list[Any]:
    """Return cases for `parametrize`: one in so many is tried, others with every change of their number.

    The rest are skipped, and counted.
    """
    every = list(cases)
    rest = pytest.mark.skip(reason=f"one in {one_in} of these is tried; all with EVOMETA_ALL")
    chosen = range(len(every)) if ALL else range(len(every) % one_in, len(every), one_in)
    return [case if number in chosen else marked(case, rest) for number, case in enumerate(every)]


def marked(case: Any, mark: pytest.MarkDecorator) -> Any:
    """Return a case, a tuple, one value or `pytest.param`, with a mark more."""
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, marks=(*case.marks, mark), id=case.id)
    return pytest.param(*case, marks=mark) if isinstance(case, tuple) else pytest.param(case, marks=mark)
