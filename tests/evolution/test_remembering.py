"""Networks with an external memory go down the gradient of their lives, and so do the numbers of the memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evometa.config.load import load
from evometa.evolution.check import check_names, check_tasks
from evometa.tasks.location import Places, open_families
from tests.evolution.test_gradient import people, tuner_of

RECIPE = {
    "base": "copy",
    "tasks": {"family": "copy", "bits": 1, "length": 2},
    "network": {"hidden": [4], "memory": {"slots": 4, "cells": 2, "focus": "c0", "sharpness": "c1"}},
    "coefficients": {"mode": "evolved", "count": 2, "low": 1.0, "high": 5.0},
    "gradient": {"steps": 60, "tasks": 16, "weight_rate": 0.03, "rate": 0.03, "numbers": ["weights", "coefficients"]},
    "evolution": {"population": 2, "offspring": 2},
}  # fmt: skip


def test_a_recipe_may_tune_the_numbers_of_a_memory_though_no_rule_reads_them() -> None:
    loaded = load(RECIPE)
    check_names(loaded)
    check_tasks(loaded, open_families(loaded.config, Places(Path())))


def test_what_remembers_becomes_better_and_its_focus_and_sharpness_change() -> None:
    tuner, newborn = tuner_of(RECIPE), people(RECIPE, 2)
    before = [one.genome for one in newborn]
    tuner.refine(newborn, 0)
    after = [one.genome for one in newborn]
    drawn = tuner.evaluator.draw("validation", 0, 60)
    losses = tuner.evaluator.judge([*before, *after], drawn, "test", rounded=False).values[:, 0]
    assert (losses[2:] < 0.9 * losses[:2]).all()
    for old, new in zip(before, after, strict=True):
        assert (new.coefficients != old.coefficients).all()
        assert np.isfinite(new.coefficients).all()
