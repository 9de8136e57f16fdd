"""Functions of tasks given as they are to evometa.run: kept by name, imported where they can be."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from evometa.system.functions import GIVEN
from tests.small import GRADIENT, recipe


def slopes(split: str, count: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """Lines through 0."""
    slope, x = rng.normal(size=(count, 1, 1)), rng.normal(size=(count, 6, 1))
    return x[:, :3], slope * x[:, :3], x[:, 3:], slope * x[:, 3:]


def wanted(function: object, **more: object) -> dict[str, Any]:
    """A recipe of that function."""
    return {**recipe(GRADIENT, run={"generations": 1}, lifetime={"batch": 3}), "tasks": {"function": function, **more}}


def test_a_function_that_can_be_imported_is_kept_by_its_name() -> None:
    """With or without the family, among several sets too; what the caller gave is left as it is."""
    given = wanted(slopes, family="function")
    assert load(given).config.tasks[0].settings.function == f"{__name__}:slopes"  # type: ignore[union-attr]
    assert given["tasks"]["function"] is slopes
    several = load({**given, "tasks": [{"function": slopes}, {"function": slopes}]}).config.tasks
    assert [each.settings.function for each in several] == [f"{__name__}:slopes"] * 2  # type: ignore[union-attr]
    assert f"{__name__}:slopes" not in GIVEN


def test_a_function_within_a_function_runs_and_resume_elsewhere_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process it goes on; in another the name brings nothing."""
    factor = 2.0

    def nested(split: str, count: int, rng: np.random.Generator) -> tuple[Any, ...]:
        return tuple(factor * array for array in slopes(split, count, rng))

    run = evometa.run(wanted(nested), out=tmp_path / "run")
    assert run.config["tasks"][0]["function"].endswith("elsewhere_says_what_it_needs.nested")
    assert evometa.resume(run.folder, generations=2).generation == 2
    monkeypatch.setattr("evometa.system.functions.GIVEN", {})
    with pytest.raises(InputError, match="serves only the process"):
        evometa.resume(run.folder, generations=3)


def test_a_function_of_a_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its module is __main__, in which another process has other things."""
    lines = lambda split, count, rng: slopes(split, count, rng)  # noqa: E731
    lines.__module__ = "__main__"
    lines.__qualname__ = lines.__name__ = "lines"
    run = evometa.run(wanted(lines), out=tmp_path / "run")
    assert run.config["tasks"][0]["function"] == "__main__:lines"
    monkeypatch.setattr("evometa.system.functions.GIVEN", {})
    with pytest.raises(InputError, match="Put it into a module of its own"):
        evometa.resume(run.folder, generations=2)


def test_a_warning_is_shown_once_a_run_not_once_a_call(tmp_path: Path) -> None:
    """Another warning is another; filters that show all show it once, too."""
    calls = []

    def warning(split: str, count: int, rng: np.random.Generator) -> tuple[Any, ...]:
        calls.append(split)
        warnings.warn("the sensor was cold", stacklevel=1)
        return slopes(split, count, rng)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        evometa.run(wanted(warning), out=tmp_path / "run")
    assert len(calls) > 5
    assert [str(one.message) for one in caught].count("the sensor was cold") == 1
