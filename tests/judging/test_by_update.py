"""Test scores update by update, of the champion and of stock rules, as a run's JSON tells them."""

from __future__ import annotations

from pathlib import Path

import evometa
from tests.small import GRADIENT


def test_scores_are_told_update_by_update_of_champion_and_stock_rules(tmp_path: Path) -> None:
    told = evometa.run(GRADIENT, out=tmp_path / "a", generations=2).summary()
    champion, (sgd, *others) = told["champion"], told["baselines"]
    for learner in (champion, sgd):
        assert list(learner["by_update"]) == ["0", "1", "2", "3", "4"]  # two in evolution, four in the test
        assert all(mean > 0 and half > 0 for mean, half in learner["by_update"].values())
    assert champion["by_update"]["2"] == [champion["meta_test"], champion["meta_test_ci95"]]
    assert sgd["by_update"]["2"] == [sgd["mean"], sgd["ci95"]]  # it does not go by its age
    assert all("by_update" not in learner for learner in others)
