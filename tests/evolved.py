"""Learners of run files whose networks have evolved: genes of random graphs, some disabled, some fixed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.genome import NO_ROWS
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.presentation.learner import Learner
from tests.export.exported import BOOLEAN, learner_of, recipe
from tests.lifetime.strategies import random_graph


def genes(seed: int, inputs: int = 3, hidden: int = 5, outputs: int = 1, coefficients: int = 0) -> Topologies:
    """The topology of a random graph, recurrent for odd seeds, every third gene fixed, the fifth and sixth disabled."""
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, inputs, hidden, outputs, recurrent=seed % 2 == 1)
    numbers = rng.standard_normal((1, 1 + coefficients, graph.synapses)).astype(np.float32)
    found = topologies_of(graph, numbers[:, 0], numbers[:, 1:] if coefficients else None)
    traits = np.full(graph.synapses, ENABLED | PLASTIC, np.uint8)
    traits[::3] = ENABLED
    traits[4:6] = PLASTIC
    return replace(found, traits=traits)


def evolved_recipe(rule: dict[str, str], **sections: Any) -> dict[str, Any]:
    """A recipe whose networks evolve."""
    base: dict[str, Any] = {
        "topology": {
            "mode": "evolved", "recurrent": True, "gain": 2.0, "plastic": "evolved",
            "activations": ["linear", "tanh", "sigmoid", "relu", "step"],
        },
        "weights": {"mode": "evolved", "init": "normal"}, "network": {"credit": "backprop"},
        "lifetime": {"batch": 1, "updates": 30},
    }  # fmt: skip
    return recipe(
        BOOLEAN, rule, **{name: {**base.get(name, {}), **sections.get(name, {})} for name in {**base, **sections}}
    )


def evolved_learner(folder: Path, seed: int = 1, rule: str | dict[str, str] = "-0.3*grad", **sections: Any) -> Learner:
    """A learner with the network of `genes(seed)`."""
    own = evolved_recipe({"update": rule} if isinstance(rule, str) else rule, **sections)
    topology = genes(seed, coefficients=own.get("plasticity", {}).get("count", 0))[0]
    return learner_of(folder, own, f"evolved{seed}", topology=topology, weights=None, plasticity=NO_ROWS)
