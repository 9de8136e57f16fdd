"""A small finished run, and how to commit more, for tests of what people see of a run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_json, graph_key, layered
from evometa.language.text import parse
from evometa.store import Evaluation, Writer, create
from tests import stored
from tests.stored import Born

NETWORK = layered(5, (), 1)
CONFIG: dict[str, Any] = {
    "name": "delta",
    "seed": 7,
    "run": {"generations": 3},
    "tasks": [{"family": "function", "function": "nowhere:tasks"}],
    "network": {"head": "sigmoid", "credit": "local", "hidden": []},
    "lifetime": {"updates": None},
    "plasticity": {"tie": "group"},
    "fitness": {"objectives": ["adapted_closeness", "size"]},
    "sampling": {"resample": "never"},
}
RULES = ["mul(pre, post)", "mul(pre, sub(target, post))", "mul(c0, mul(pre, sub(target, post)))"]
REPORT: dict[str, Any] = {
    "champion": 2,
    "measure": "closeness",
    "meta_validation": 0.93,
    "meta_test": {"mean": 0.95, "ci95": 0.01, "n": 200},
    "baselines": [{"name": "delta", "mean": 0.979, "ci95": 0.002, "rate": 2.0}],
}
KEYS = (
    *("recipe", "seed", "generation", "finished", "champion", "baselines", "lifetimes", "evaluate_seconds"),
    *("total_seconds", "diverged", "digest"),
)
CHAMPION_KEYS = (
    *("id", "rule", "formula", "recognised", "fitness", "innate", "adapted", "meta_validation", "meta_test"),
)


def genome(rule: str, topology: bool = True) -> str:
    tree = parse(rule)
    return Genome({"update": tree}, NETWORK if topology else None, coefficients=np.array([0.5], np.float32)).to_json()


def commit(writer: Writer, number: int, keep: bool = True, topology: bool = True) -> None:
    """Add generation `number`, in which individual `number` is born, of the one before, and is the best."""
    text = genome(RULES[number], topology) if keep else None
    stored.commit(
        writer,
        number,
        [Born(number, (number - 1,) if number else (), "crossover" if number else "first", text)],
        [Evaluation(number, (0.5 + 0.1 * number, 5.0), 0.5, 0.5 + 0.1 * number, 20, number)],
        {"hall": [number]},
        {"best": 0.5 + 0.1 * number, "best_id": number, "median": 0.5, "lifetimes": 20, "diverged": number},
        {"evaluate_seconds": 0.25, "total_seconds": 0.5},
        {graph_key(NETWORK): graph_json(NETWORK)} if topology else {},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished run of three generations."""
    with create(tmp_path / "run", CONFIG, {}) as writer:
        for number_ in range(3):
            commit(writer, number_)
        writer.report(REPORT)
    return tmp_path / "run"


def printed(run: Any, width: int = 100, terminal: bool = False, **asked: Any) -> str:
    page = io.StringIO()
    run.render(Console(file=page, width=width, force_terminal=terminal, color_system=None), **asked)
    return page.getvalue()
