"""Recipes that have no run in the showcase, made small: resumed they give the digest of a run that never stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

import evometa
from tests.tasks.characters import omniglot_file

EPISODES = [
    "tasks.train_ways=5", "tasks.other_tests=[{shots = 2}, {ways = 4}]", "network.hidden=[12]", "network.embedding=8",
    "gradient.steps=2", "gradient.warmup=0", "gradient.tasks=4", "champion.peers=false",
]  # fmt: skip
SMALL = {
    "omniglot": [*EPISODES, "tasks.size=7"],
    "sequence": [
        "tasks.0.size=7", "tasks.1.size=7", "tasks.1.instances=3", "tasks.1.train_instances=2",
        "network.hidden=[8, 6]", "topology.side=3", "gradient.steps=2", "gradient.tasks=4",
    ],
    "recall": ["gradient.steps=1", "gradient.tasks=2", "evolution.migrate_every=1"],
}  # fmt: skip
PATHS = {"omniglot": ["tasks.path"], "sequence": ["tasks.0.path", "tasks.1.path"]}
FEW = ["sampling.tasks=4", "sampling.validation_tasks=4", "sampling.test_tasks=4", "run.threads=1"]


@pytest.mark.parametrize("name", SMALL)
def test_a_recipe_resumed_gives_the_same_digest(name: str, tmp_path: Path) -> None:
    settings = [*SMALL[name], *FEW]
    if name in PATHS:
        settings += [f"{key}={omniglot_file(tmp_path)}" for key in PATHS[name]]
    whole = evometa.run(name, settings=settings, generations=2, out=tmp_path / "whole", progress=False)
    evometa.run(name, settings=settings, generations=1, out=tmp_path / "parts", progress=False)
    assert evometa.resume(tmp_path / "parts", generations=2, progress=False).digest == whole.digest
    other = evometa.run(name, settings=settings, generations=2, seed=1, out=tmp_path / "other", progress=False)
    assert other.digest != whole.digest
