"""Whole runs whose topology evolves, by every scheme: stopped and resumed, on any threads, they are the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.config.load import load
from evometa.presentation.run import Run
from tests.small import recipe

PLASTIC: dict[str, Any] = {
    "name": "plastic",
    "run": {"generations": 6},
    "tasks": {"family": "parity"},
    "sampling": {"repeats": 3, "panel_tasks": 0, "validation_tasks": 1, "test_tasks": 1},
    "network": {"hidden": [2], "credit": "feedback"},
    "topology": {
        "mode": "evolved", "activations": ["tanh", "sigmoid"], "add_node": 0.3, "add_synapse": 0.4, "remove_node": 0.05,
        "remove_synapse": 0.1, "toggle": 0.2, "mutate_activation": 0.2, "mutate_plastic": 0.2, "plastic": "evolved",
        "average": 0.3, "recurrent": True,
    },
    "lifetime": {"batch": 1, "epochs": 2},
    "rule": {"signals": ["grad", "w", "c0", "p0"], "init": {"update": "-c0 * p0 * grad"}},
    "coefficients": {"count": 1},
    "plasticity": {"count": 1},
    "weights": {"init": "normal"},
    "evolution": {"scheme": "neat", "population": 18, "immigrants": 0.1},
    "species": {"by": "genes", "threshold": 1.0},
    "champion": {"baselines": ["sgd"], "rates": {"low": 0.1, "high": 1.0, "points": 2}},
}  # fmt: skip
INNATE = recipe(
    PLASTIC,
    weights={"mode": "evolved", "init": "uniform"}, strategy={"mode": "evolved"}, network={"credit": "backprop"},
    evolution={"inheritance": "lamarck"}, topology={"start": "layered", "recurrent": False, "gain": 2.0},
)  # fmt: skip
TWO = {"objectives": ["adapted_loss", "synapses"]}
FOREVER = {"resample": "never"}
GATED = {
    "slots": ["update", "gate"],
    "signals": ["grad", "w", "c0", "p0", "gate"],
    "init": {"update": "-c0 * p0 * grad"},
}
KINDS = {
    "drawn": PLASTIC,
    "gates": recipe(PLASTIC, rule=GATED, evolution={"islands": 2, "migrate_every": 2}),
    "lamarck": INNATE,
    "darwin": recipe(INNATE, evolution={"inheritance": "darwin"}, fitness={"synapse_cost": 0.01}),
    "islands": recipe(PLASTIC, evolution={"islands": 2, "migrate_every": 2}, topology={"start": "sparse"}),
    "nsga2": recipe(PLASTIC, evolution={"scheme": "nsga2"}, fitness=TWO),
    "lexicase": recipe(PLASTIC, evolution={"scheme": "lexicase"}, sampling=FOREVER, species={"by": "behaviour"}),
    "ageing": recipe(PLASTIC, evolution={"scheme": "ageing"}, species={"by": "none"}),
    "plus": recipe(INNATE, evolution={"scheme": "plus", "inheritance": "baldwin"}, species={"target": 3}),
    "pruned": recipe(PLASTIC, run={"keep_genomes": "champions"}),
}


# Stanley & Miikkulainen (2002), section 4.1: population 150, c₁, c₂, c₃ and δ_t; fifteen generations; 80 % of genomes,
# 90 % of their weights shifted; 75 % disabled; 25 % without crossover; interspecies mating; 3 % nodes, 5 % links; 4.9
PAPER = {
    "evolution": {"scheme": "neat", "population": 150},
    "species": {
        "by": "genes", "c1": 1.0, "c2": 1.0, "c3": 0.4, "threshold": 3.0, "target": 0, "stagnation": 15, "refocus": 20,
        "champion": 5, "interspecies": 0.001,
    },
    "topology": {
        "mode": "evolved", "start": "minimal", "recurrent": False, "gain": 4.9, "add_node": 0.03, "add_synapse": 0.05,
        "replace_weight": 0.1, "inherit_disabled": 0.75, "average": 0.0, "remove_node": 0.0, "remove_synapse": 0.0,
        "toggle": 0.0,
    },
    "variation": {"crossover": 0.75, "mutate_weights": 0.8},
    "network": {"activation": "sigmoid", "head": "sigmoid"},
    "fitness": {"objectives": ("squared_closeness",)},
}  # fmt: skip


def test_the_recipe_of_xor_has_the_settings_of_the_paper() -> None:
    config = load("xor").config
    found = {section: {key: getattr(getattr(config, section), key) for key in keys} for section, keys in PAPER.items()}
    assert found == PAPER


def run(kind: str, folder: Path, **keys: Any) -> Run:
    return evometa.run(recipe(KINDS[kind], run=keys), out=folder, progress=False)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_has_one_digest_resumed_or_not_on_any_threads(kind: str, tmp_path: Path) -> None:
    whole = run(kind, tmp_path / "whole", threads=1)
    short = run(kind, tmp_path / "parts", threads=2, generations=2)
    assert short.digest != whole.digest
    for generations in (3, 6):
        short = evometa.resume(tmp_path / "parts", generations=generations, progress=False)
    assert short.digest == whole.digest
    assert whole.champion is not None


@pytest.mark.slow
def test_species_and_structure_come_and_are_kept_in_the_run(tmp_path: Path) -> None:
    found = run("drawn", tmp_path / "run")
    states = [found.reader.state(n)["heritage"] for n in range(6)]
    marks = [state["markings"]["synapses"] for state in states]
    assert marks == sorted(marks)
    assert marks[-1] > 10
    assert all(len(state["labels"][0]) == 18 for state in states[1:])
    assert len({label for state in states for label in state["labels"][0]}) > 2
    for number, state in enumerate(states[1:]):
        bred = found.reader.state(number)["islands"][0]
        own = [state["labels"][0][bred.index(id)] for id in state["representatives"][0]]
        assert own == state["species"][0]["labels"]  # one for each species that goes on
    genomes = [found.individual(id) for id in found.reader.state(5)["islands"][0]]
    networks = {one.graphs[0].key for one in genomes}
    assert len(networks) > 5
