"""Evaluators of small recipes, and genomes with rules as texts, for tests of the analysis."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_key
from evometa.language.text import parse_rule
from evometa.lifetime.numba import cpu
from tests.small import DELTA, GRADIENT, recipe

NEURON = recipe(DELTA, sampling={"test_tasks": 12}, tasks={"test_tasks": 12})
NETWORK = recipe(GRADIENT, lifetime={"updates": 6}, champion={"updates": 6})
SETS = recipe(
    GRADIENT,
    tasks={},
    network={"hidden": [4]},
    lifetime={"batch": 8, "updates": 6},
    weights={"mode": "drawn"},
    plasticity={"count": 0},
    sampling={"test_tasks": 6},
    rule={"slots": ["update"], "signals": ["grad", "w", "c0"], "init": "random"},
    fitness={"objectives": ["geometric_loss"]},
    champion={"updates": None},
)
SETS["tasks"] = [
    {"family": "dataset", "name": "synthetic", "inputs": 3, "classes": 2, "splits": ["train", "validation"]},
    {"family": "dataset", "name": "moons", "splits": ["test"]},
    {"family": "dataset", "name": "wine", "splits": ["test"]},
]


@cache
def evaluator(name: str) -> Evaluator:
    """Return what lives lifetimes of a recipe: "neuron" (local, B = 1), "network" (backprop), "sets" (two sets)."""
    data: dict[str, Any] = {"neuron": NEURON, "network": NETWORK, "sets": SETS}[name]
    config = load(data).config
    return Evaluator(config, open_courses(config), cpu.live)


def genome(*coefficients: float, **slots: str) -> Genome:
    """Return a genome of texts for slots, with coefficients c0, c1, …."""
    return Genome(parse_rule(slots), coefficients=np.array(coefficients, np.float32))


def network_genome(**slots: str) -> Genome:
    """Return a genome with innate weights and plasticity for the recipe "network"."""
    (course,) = evaluator("network").courses
    rng = np.random.default_rng(0)
    graph = course.network
    assert graph_key(graph)
    weights = (0.3 * rng.standard_normal(graph.synapses)).astype(np.float32)
    plasticity = np.full((1, int(graph.group.max()) + 1), -4.0, np.float32)
    return Genome(parse_rule(slots), graph, weights, np.array([0.02], np.float32), plasticity)
