"""What steps of a life read and write, beside what their rows say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from evometa.spec.steps import Step

GIVEN = (
    *("graph", "program", "loss", "plan", "lanes", "coefficients", "plasticity", "feedback", "dst", "first_output"),
    *("tasks", "comparison", "support", "storage", "reading", "saying"),
)  # what no step changes


def same(a: Any, b: Any) -> bool:
    """Whether two attributes of a learner are equal, arrays bit for bit."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    return np.array_equal(a, b, equal_nan=True) if isinstance(a, np.ndarray | np.float32) else a is b


class StepRows:
    """Makes steps, methods of a learner, and notes which attributes each needs and writes; `given`: what all know."""

    def __init__(self, table: Mapping[str, Step], given: Collection[str] = GIVEN) -> None:
        self.table, self.given = table, given
        self.needed: dict[str, set[str]] = {name: set() for name in table}
        self.written: dict[str, set[str]] = {name: set() for name in table}

    def make(self, one: Any, name: str) -> None:
        """Make a step of a learner; AssertionError where it reads or writes what its row does not have."""
        reads, writes = self.table[name].reads.split(), self.table[name].writes.split()
        before = self._with_only(one, vars(one).keys() - self.given)
        alone = self._with_only(one, reads)
        getattr(one, name)()
        getattr(alone, name)()
        changed = {each for each in vars(one) if not same(vars(one)[each], vars(before).get(each))}
        assert changed <= set(writes), name
        assert all(same(getattr(alone, each), getattr(one, each)) for each in writes), name
        self.written[name] |= changed
        for lacking in reads:
            poor = self._with_only(before, [each for each in reads if each != lacking])
            try:
                getattr(poor, name)()
            except AttributeError:
                self.needed[name].add(lacking)

    def check(self) -> None:
        """AssertionError where a row has what no step that was made has read or written."""
        assert self.needed == {name: set(row.reads.split()) for name, row in self.table.items()}
        assert self.written == {name: set(row.writes.split()) for name, row in self.table.items()}

    def _with_only(self, one: Any, names: Collection[str]) -> Any:
        """A copy that knows nothing else."""
        copy = object.__new__(type(one))
        vars(copy).update({name: getattr(one, name) for name in self.given})
        vars(copy).update({name: deepcopy(getattr(one, name)) for name in names})
        return copy
