"""Switches one setting of which is right, and the recipe that sets them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.language.text import parse
from evometa.lifetime.numba import cpu
from evometa.tasks import open_family
from evometa.tasks.families.needle import NeedleTasks
from tests.tasks.contract import check_contract

SMALL = [
    "tasks.switches=6", "sampling.tasks=30", "sampling.validation_tasks=20", "sampling.test_tasks=20",
    "evolution.population=60",
]  # fmt: skip


@pytest.mark.parametrize("switches", [1, 20])
def test_contract(switches: int) -> None:
    check_contract(open_family(NeedleTasks(switches=switches), 0))


def test_guesses_are_even_and_of_their_split() -> None:
    family = open_family(NeedleTasks(switches=20), 0)
    guesses = [family.sample(split, 500, np.random.default_rng(0)).support_x for split in family.splits]
    assert {value for each in guesses for value in np.unique(each).tolist()} == {1.0, 2.0}
    assert [each.mean() for each in guesses] == pytest.approx([1.5] * 3, abs=0.02)
    assert len({each.tobytes() for each in guesses}) == 3


def genome(evaluator: Evaluator, alleles: str) -> Genome:
    """Return the genome with these alleles, 0, 1 or ?, of each switch and of the constant."""
    weights = np.array([one == "1" for one in alleles], np.float32)
    plastic = np.array([one == "?" for one in alleles], np.uint8)
    rule = {"update": parse(evaluator.config.rule.texts["update"])}
    return Genome(rule, evaluator.courses[0].network, weights, strategy=np.full(4, 0.1, np.float32), plastic=plastic)


@pytest.mark.parametrize(("alleles", "innate", "chance"), [
    ("1111110", 1.0, 1.0), ("1111?10", 0.0, 0.5), ("?11??1?", 0.0, 0.125), ("0????10", 0.0, 0.0),
])  # fmt: skip
def test_who_has_all_right_or_guesses_the_rest_finds_it(alleles: str, innate: float, chance: float) -> None:
    config = load("hinton_nowlan", ["tasks.switches=6", "sampling.tasks=2000"]).config
    evaluator = Evaluator(config, open_courses(config), cpu.live)
    judged = evaluator.judge([genome(evaluator, alleles)], evaluator.lessons_of(0), "test")
    assert judged.innate.tolist() == [innate]
    found = float(judged.adapted[0])
    assert found == pytest.approx(chance, abs=0.03)
    assert judged.values[0, 0] == pytest.approx(1 + 19 * found * 2001 / (2000 * found + 1))


def test_a_small_run_finds_the_setting(tmp_path: Any) -> None:
    run = evometa.run("hinton_nowlan", settings=SMALL, generations=8, out=tmp_path / "run")
    assert max(row.lifetimes for row in run.history) <= 60 * 30  # nobody is judged twice
    assert run.history[0].plastic == pytest.approx(0.5, abs=0.1)
    assert run.history[-1].adapted > run.history[0].adapted
    assert run.individual(run.history[-1].best_id or 0).operator == "crossover synapses"
