"""Where the outer and the inner loop meet: recipes with weights from every source repeat bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Listeners
from evometa.config.load import load
from evometa.engine import Engine
from evometa.lifetime import reference
from evometa.tasks.location import Places
from tests.lifetime.test_parity import same_bits
from tests.small import DELTA, recipe

TWO = [DELTA["tasks"], {**DELTA["tasks"], "patterns": 5}]
NARROW = {**DELTA["tasks"], "inputs": 2, "patterns": 4}
JOINTS: dict[str, dict[str, Any]] = {
    "two sets, and a topology for plasticity": recipe(
        {**DELTA, "tasks": TWO}, rule={"signals": ["grad", "p0"]}, plasticity={"count": 1}
    ),
    "two sets with feedback weights and inherited ones": recipe(
        {**DELTA, "tasks": TWO}, rule={"signals": ["grad"]}, weights={"mode": "evolved"},
        network={"credit": "feedback", "hidden": [3]},
    ),
    "drawn weights beside a topology of its own": recipe(
        DELTA, rule={"signals": ["grad", "p0"]}, plasticity={"count": 1}, network={"credit": "backprop", "hidden": [3]}
    ),
    "fixed weights beside a topology of its own": recipe(
        DELTA, rule={"signals": ["grad", "p0"]}, plasticity={"count": 1}, weights={"mode": "fixed"}
    ),
    "two networks with fixed, tied plasticity": recipe(
        {**DELTA, "tasks": [DELTA["tasks"], NARROW]}, rule={"signals": ["grad", "p0"]},
        plasticity={"count": 1, "tie": "group", "mode": "fixed"}, network={"credit": "feedback", "hidden": [3]},
    ),
    "two sets with tied plasticity": recipe(
        {**DELTA, "tasks": TWO}, rule={"signals": ["grad", "p0"]}, plasticity={"count": 1, "tie": "group"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("joint", JOINTS)
def test_digests_are_the_same_again_with_other_threads_and_resumed(joint: str, tmp_path: Path) -> None:
    def digest(name: str, generations: int, **options: Any) -> str:
        return evometa.run(JOINTS[joint], out=tmp_path / name, generations=generations, seed=3, **options).digest

    expected = digest("one", 4)
    assert digest("two", 4, settings=["run.threads=1"]) == expected
    digest("three", 2)
    assert evometa.resume(tmp_path / "three", generations=4).digest == expected


@pytest.mark.parametrize("joint", JOINTS)
def test_a_life_of_those_recipes_is_the_reference_s(joint: str) -> None:
    engine = Engine(load(JOINTS[joint], (), seed=3), Places(Path.cwd()), Listeners())
    genomes = [one.genome for one in engine.evolution.ask()[:4]]
    drawn = engine.evaluator.draw("train", 0, 3)
    found = engine.evaluator.outcomes(genomes, drawn)
    engine.evaluator.backend = lambda *batch, **options: reference.live(*batch)
    for ours, theirs in zip(found, engine.evaluator.outcomes(genomes, drawn), strict=True):
        assert same_bits(ours.loss, theirs.loss)
