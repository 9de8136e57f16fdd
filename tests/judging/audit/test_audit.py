"""The audit is audited: champions with a fault are flagged for it, and those without are not.

Each fault is shown directly, too, apart from the audit: a plant that does no harm would prove nothing. One seed of each
here; `benchmarks.audit` has ten.
"""

from __future__ import annotations

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.audit import learned, subject
from evometa.judging.audit.whole import audit
from evometa.language.text import parse
from evometa.lifetime.numba import cpu
from tests.judging.audit.planted import Fault, evaluator_of, rule
from tests.judging.audit.plants import HONEST_ONES, PLANTS, RIVALS, SGD, TASKS, Plant


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many orders as where lives take long."""
    monkeypatch.setattr(subject, "ORDERS", 3)
    monkeypatch.setattr(learned, "MOST", 24)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_fault_is_flagged(plant: Plant) -> None:
    one = plant.subject(0)
    assert plant.proven(one)
    assert plant.wanted <= {*audit(one.evaluator, one.genome, rivals=RIVALS, tasks=TASKS).flagged}


@pytest.mark.parametrize("genome", HONEST_ONES.values(), ids=HONEST_ONES)
def test_honest_learners_are_not_flagged(genome: Genome) -> None:
    assert audit(evaluator_of(), genome, rivals=RIVALS, tasks=TASKS).flagged == []


def test_tasks_that_are_all_the_same_are_blamed_where_an_honest_learner_has_the_fault() -> None:
    found = audit(evaluator_of(Fault(fixed=True)), rule(SGD), rivals=RIVALS, tasks=TASKS)
    (own,) = [one for one in found.tests if one.name == "another task's support"]
    assert own.verdict == "flagged"
    assert "these tasks are at fault" in own.words


def test_chance_is_by_the_champions_own_metric() -> None:
    """A blank network compares by the same scale, which a genome without coefficients has not."""
    recipe = {
        "tasks": {"family": "alphabets", "size": 7},
        "network": {"hidden": [], "head": "prototype", "embedding": 4, "metric": {"scale": "c0"}},
        "lifetime": {"updates": 0, "batch": "all"},
        "rule": {"init": {"update": "0"}, "fixed": ["update"]},
        "coefficients": {"count": 1, "values": [0.5]},
        "weights": {"mode": "drawn"},
    }
    config = load(recipe).config
    evaluator = Evaluator(config, open_courses(config), cpu.live)
    found = audit(evaluator, Genome({"update": parse("0")}, coefficients=np.float32([0.5])), rivals=[], tasks=20)
    (own,) = [one for one in found.tests if one.name == "labels permuted"]
    assert own.cells
