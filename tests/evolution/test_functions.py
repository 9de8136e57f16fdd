"""Operators, objectives and selections of the user's own, named by a recipe: they run, resume, and are known again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from tests.owning import module, write
from tests.small import DELTA, GRADIENT, recipe

__all__ = ["module"]

OWN = '''
import numpy as np


def late(life):
    """Mean loss over the course of a life."""
    return life.loss.mean(axis=0)


def mut_double(genome, rng):
    """Double or halve a coefficient."""
    values = genome.coefficients.copy()
    values[rng.randrange(len(values))] *= np.float32(rng.choice((0.5, 2.0)))
    return (genome.replace(coefficients=values),)


def cx_swap(one, other, rng):
    """Exchange all coefficients."""
    return one.replace(coefficients=other.coefficients), other.replace(coefficients=one.coefficients)


def sel_rank(individuals, k, rng):
    """Draw in proportion to rank."""
    ranked = sorted(individuals, key=lambda one: one.fitness.wvalues)
    return rng.choices(ranked, weights=range(1, len(ranked) + 1), k=k)


def sel_small(individuals, k):
    """Keep the smallest."""
    return sorted(individuals, key=lambda one: (one.size, -one.id))[:k]
'''

RECIPE = recipe(
    GRADIENT,
    fitness={"objectives": ["OWN:late"]},
    variation={"own": {"OWN:mut_double": 0.5, "OWN:cx_swap": 0.5}},
    evolution={"parents": "OWN:sel_rank", "survivors": "OWN:sel_small", "population": 8, "offspring": 12},
)


def named(data: Any, module: str) -> Any:
    """Return a recipe with that module's name."""
    if isinstance(data, dict):
        return {named(key, module): named(value, module) for key, value in data.items()}
    if isinstance(data, list):
        return [named(one, module) for one in data]
    return data.replace("OWN:", f"{module}:") if isinstance(data, str) else data


def begin(folder: Path, module: str) -> dict[str, Any]:
    """Write the module, and return the recipe that names it."""
    write(folder, module, OWN)
    wanted: dict[str, Any] = named(RECIPE, module)
    return wanted


def test_a_run_evolves_by_them_and_resumes_to_the_same_bits(module: str, tmp_path: Path) -> None:
    wanted = begin(tmp_path, module)
    whole = evometa.run(wanted, out=tmp_path / "whole", generations=4)
    evometa.run(wanted, out=tmp_path / "part", generations=2)
    sys.modules.pop(module)
    resumed = evometa.resume(tmp_path / "part", generations=4)
    assert resumed.digest == whole.digest
    made = {one.operator for one in map(whole.individual, range(44))}
    assert {f"{module}:mut_double", f"{module}:cx_swap"} <= made
    assert whole.config["fitness"]["objectives"] == [f"{module}:late"]
    assert set(whole.environment["functions"]) == {
        f"{module}:{name}" for name in ("late", "mut_double", "cx_swap", "sel_rank", "sel_small")
    }


def test_the_objective_is_what_was_computed(module: str, tmp_path: Path) -> None:
    """Of lives with two checkpoints, the mean of gain's two parts; the same learners, ten times the number."""
    one = evometa.run(begin(tmp_path, module), out=tmp_path / "one", generations=1)
    write(tmp_path, module, OWN.replace("return life", "return 10 * life"))
    ten = evometa.run(named(RECIPE, module), out=tmp_path / "ten", generations=1)
    for id in range(8):
        first, other = one.individual(id), ten.individual(id)
        assert other.fitness[0] == pytest.approx(10 * first.fitness[0])
        assert first.fitness[0] == pytest.approx((first.innate + first.adapted) / 2)  # type: ignore[operator]


def test_an_edited_function_is_refused_and_a_remark_is_not(module: str, tmp_path: Path) -> None:
    run = evometa.run(begin(tmp_path, module), out=tmp_path / "run", generations=1)
    write(tmp_path, module, OWN.replace("return life", "return 2 * life"))
    with pytest.raises(
        InputError, match=rf"fitness\.objectives: expected the function {module}:late that this run beg"
    ):
        evometa.resume(run.folder, generations=2)
    write(tmp_path, module, OWN.replace("    return life", "    # a remark\n    return life"))
    assert evometa.resume(run.folder, generations=2).generation == 2


def test_a_run_finds_them_beside_it_and_where_it_is_told(module: str, tmp_path: Path) -> None:
    run = evometa.run(begin(tmp_path, module), out=tmp_path / "run", generations=1)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"{module}.py").rename(elsewhere / f"{module}.py")
    sys.modules.pop(module)
    with pytest.raises(InputError, match=r"a module .* that can be imported"):
        evometa.resume(run.folder, generations=2)
    assert evometa.resume(run.folder, generations=2, data=elsewhere).generation == 2


def test_an_objective_that_draws_is_refused(tmp_path: Path) -> None:
    drawn = iter(range(10**6))

    def odd(life: Any) -> Any:
        return next(drawn)

    with pytest.raises(InputError, match="the same numbers for the same lifetimes"):
        evometa.run(recipe(DELTA, fitness={"objectives": [odd]}), out=tmp_path / "odd")


def test_functions_may_be_given_as_they_are(tmp_path: Path) -> None:
    def worst(life: Any) -> Any:
        return life.loss[-1].max()

    def mut_nothing(genome: Any, rng: Any) -> tuple[Any]:
        return (genome,)

    wanted = recipe(DELTA, fitness={"objectives": [worst]}, variation={"own": {mut_nothing: 0.1}})
    run = evometa.run(wanted, out=tmp_path / "run", generations=2)
    assert run.config["fitness"]["objectives"][0].endswith("as_they_are.worst")
    assert load(wanted).config.fitness.objectives[0].endswith(":test_functions_may_be_given_as_they_are.worst")


def test_what_is_no_number_never_wins(tmp_path: Path) -> None:
    """An objective that is not a number for most lifetimes: they count as the worst."""

    def nan(life: Any) -> Any:
        return np.where(life.accuracy[-1] == 1.0, 0.25, np.nan)

    run = evometa.run(recipe(DELTA, fitness={"objectives": [nan]}), out=tmp_path / "nan", generations=2)
    values = [run.individual(id).fitness[0] for id in range(16)]
    assert np.isfinite(values).all()
    assert min(values) == run.history[0]["best"]
    assert max(values) > 1e4
