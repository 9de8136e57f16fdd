"""Functions of one's own are checked: before a run where that can be, else at the call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.errors import InputError, RunFailed
from tests.owning import module, write
from tests.small import GRADIENT, recipe

__all__ = ["module"]


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        (
            "objectives",
            "def f(life): return [1, 2]",
            "a number for each of 5 lifetimes, or one for all; found an array",
        ),
        ("objectives", "def f(life): return 'good'", "could not convert string to float"),
        ("objectives", "def f(life): return life.weights", "AttributeError: 'Life' object has no attribute 'weights'"),
        ("objectives", "def f(): return 0", "f() takes 0 positional arguments"),
        ("objectives", "f = 3", "expected a function; found int"),
        ("objectives", "g = 3", "expected a function f in"),
        ("objectives", "import nothing_of_the_kind", "ModuleNotFoundError"),
        (
            "own",
            "def f(genome): return genome",
            "expected a function f(genome, rng), or f(genome1, genome2, rng); found",
        ),
        (
            "own",
            "def f(genome, rng): return genome",
            "expected a tuple of as many genomes; found Genome. Return (genome,)",
        ),
        ("own", "def f(genome, rng): return (3,)", "expected a tuple of genomes; found int"),
        ("own", "def f(genome, rng): return (genome.replace(rule={}),)", "a tree for each slot (update, s1, loss)"),
        (
            "own",
            "def f(genome, rng): return (genome.replace(coefficients=genome.coefficients.astype('f8')),)",
            "coefficients f32[1]; found an array of float64, shape [1]",
        ),
        (
            "own",
            "def f(genome, rng): return (genome.replace(coefficients=genome.coefficients * float('nan')),)",
            "finite numbers in coefficients; found nan",
        ),
        (
            "own",
            "from evometa.language.text import parse\n"
            "def f(genome, rng): return (genome.replace(rule={**genome.rule, 'update': parse('w')}),)",
            "signals that update may read (s1, grad, c0, p0); found w",
        ),
        (
            "own",
            "import random\n"
            "def f(genome, rng): return (genome.replace(coefficients=genome.coefficients * 0 + random.random()),)",
            "the same children from the same rng",
        ),
        ("own", "def f(genome, rng): raise KeyError('no')", "KeyError: 'no'"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_run(
    key: str, text: str, message: str, module: str, tmp_path: Path
) -> None:
    write(tmp_path, module, text)
    name = f"{module}:f"
    changed: dict[str, dict[str, Any]] = (
        {"fitness": {"objectives": [name]}} if key == "objectives" else {"variation": {"own": {name: 0.5}}}
    )
    with pytest.raises(InputError) as error:
        evometa.run(recipe(GRADIENT, **changed), out=tmp_path / "run")
    assert message in str(error.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        (
            "parents",
            "def f(individuals, k, rng): return individuals[:1]",
            "individuals given; found 1, 0 that are none",
        ),
        ("parents", "def f(individuals, k, rng): return individuals[0]", "individuals given; found Individual"),
        ("survivors", "def f(individuals, k): return individuals[:1] * k", "individuals given, each once; found 8, 0"),
        ("survivors", "def f(individuals, k, rng): return individuals[:k]", "missing 1 required positional argument"),
    ],
)
def test_a_selection_that_picks_others_stops_the_run(
    key: str, text: str, message: str, module: str, tmp_path: Path
) -> None:
    write(tmp_path, module, text)
    with pytest.raises(RunFailed) as error:
        evometa.run(recipe(GRADIENT, evolution={key: f"{module}:f"}), out=tmp_path / "run", generations=3)
    assert message in str(error.value)


def test_a_rule_beyond_the_limits_gives_way_to_its_parent(module: str, tmp_path: Path) -> None:
    text = (
        "from evometa.language.text import parse\n"
        "def f(genome, rng):\n"
        "    text = ' + '.join(['grad'] * 40)\n"
        "    return (genome.replace(rule={**genome.rule, 'update': parse(text)}),)\n"
    )
    write(tmp_path, module, text)
    run = evometa.run(recipe(GRADIENT, variation={"own": {f"{module}:f": 9.0}}), out=tmp_path / "run", generations=2)
    assert all(run.individual(id).size <= 40 for id in range(20))
