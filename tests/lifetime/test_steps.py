"""Every backend makes the steps that are listed, in that order; in the reference they read and write what is listed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa.lifetime
from evometa.lifetime.reference import Learner
from evometa.spec.steps import ADJOINT, QUERY, STEPS, UPDATE, Step
from tests.lifetime.comparisons import comparing_batch
from tests.lifetime.memories import remembering_batch
from tests.lifetime.step_rows import StepRows
from tests.lifetime.strategies import random_batch

FOLDER = Path(evometa.lifetime.__file__).parent
Calls = dict[str, list[str]]  # of each function, in the order of its text


def calls_in(node: ast.AST) -> Iterator[str]:
    """The names of what is called, in the order of the text."""
    if isinstance(node, ast.Call):
        yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for child in ast.iter_child_nodes(node):
        yield from calls_in(child)


def numba() -> Calls:
    """What functions of kernels call; lives that act or are taught have other steps."""
    paths = (FOLDER / "numba").rglob("*.py")
    return calls_of(path for path in paths if path.parent.name not in ("acting", "teaching"))


def calls_of(paths: Iterable[Path]) -> Calls:
    """What the compiled functions of some files call; those of one name count as one."""
    found: Calls = {}
    for path in sorted(paths):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(each) for each in node.decorator_list):
                found.setdefault(node.name, []).extend(calls_in(node))
    return found


def cuda() -> Calls:
    """What the functions of the CUDA text call; those of one name count as one."""
    text = "\n".join(path.read_text() for path in sorted((FOLDER / "cuda").glob("*.cu*")))
    text = re.sub(r"//[^\n]*", "", text)
    found: Calls = {}
    for start in re.finditer(r"__device__[^;{}]*?\b(\w+)\([^;{}]*\)\s*(?:const\s*)?\{", text):
        depth, end = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        found.setdefault(start[1], []).extend(re.findall(r"\b(\w+)(?:<\w+>)?\(", text[start.end() : end]))
    return found


def steps(calls: Calls, name: str, table: Mapping[str, Step], within: frozenset[str] = frozenset()) -> Iterator[str]:
    """The steps that a function makes, and those that it calls: a step that makes others is done with behind them."""
    for call in calls[name]:
        if call in calls and call not in within:
            yield from steps(calls, call, table, within | {call})
        if call in table:
            yield call


def in_order(calls: Calls, name: str, table: Mapping[str, Step] = STEPS) -> tuple[str, ...]:
    """The steps that a function makes, in the order in which they are done with."""
    return tuple(reversed(dict.fromkeys(reversed(list(steps(calls, name, table))))))


@pytest.mark.parametrize("calls", [numba, cuda])
def test_backends_make_the_steps_in_their_order(calls: Any) -> None:
    assert in_order(calls(), "learn") == UPDATE
    assert in_order(calls(), "query") == QUERY
    assert calls().keys() >= STEPS.keys(), "a function for each step"


@pytest.mark.parametrize("calls", [numba, cuda])
def test_backends_go_back_through_an_update_in_the_order_of_its_adjoints(calls: Any) -> None:
    assert in_order(calls(), "reverse", ADJOINT) == tuple(ADJOINT)
    assert calls().keys() >= ADJOINT.keys(), "a function for each adjoint"


def test_steps_in_another_order_would_be_noticed() -> None:
    calls = {**numba(), "learn": ["forward", "perceive"], "query": ["take"]}
    assert in_order(calls, "learn") == ("forward", "perceive")
    assert in_order(calls, "query") == ()
    turned = {**cuda(), "reverse": ["forward_adjoint", "back_adjoint", "execute_adjoint"]}
    assert in_order(turned, "reverse", ADJOINT)[:2] == ("forward_adjoint", "back_adjoint")


@np.errstate(all="ignore")
def test_steps_read_and_write_what_their_rows_say() -> None:
    rows = StepRows(STEPS)
    batches = [*map(random_batch, range(60)), *map(comparing_batch, range(20)), *map(remembering_batch, range(20))]
    for batch in (batch for batch in batches if len(batch[3].order) > 1):
        learner = Learner(batch[0], 0, *batch[1:])
        learner.learn(0)
        learner.meet(1)
        for name in (*UPDATE, "score"):
            rows.make(learner, name)
    rows.check()
