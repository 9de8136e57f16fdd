"""A recipe small enough that a whole run takes a second."""

from __future__ import annotations

from typing import Any

DELTA = {
    "name": "small",
    "run": {"generations": 6},
    "tasks": {
        "family": "boolean",
        "inputs": 3,
        "patterns": 6,
        "train_tasks": 4,
        "validation_tasks": 3,
        "test_tasks": 5,
    },
    "sampling": {"tasks": 4, "validation_tasks": 3, "test_tasks": 5, "resample": "never"},
    "network": {"credit": "local"},
    "lifetime": {"batch": 1, "epochs": 2},
    "rule": {"signals": ["pre", "post", "target", "w"]},
    "weights": {"mode": "drawn", "init": "uniform"},
    "evolution": {"population": 16, "immigrants": 0.125},
    "fitness": {"objectives": ["adapted_closeness"]},
    "champion": {"baselines": ["delta"], "rates": {"low": 0.5, "high": 4.0, "points": 3}},
}

GRADIENT = {
    "name": "gradient",
    "run": {"generations": 4},
    "tasks": {"family": "sinusoid", "shots": 5, "queries": 5, "test_points": 7},
    "sampling": {"tasks": 5, "validation_tasks": 4, "test_tasks": 6},
    "network": {"hidden": [6], "activation": "relu", "credit": "backprop"},
    "lifetime": {"batch": 5, "updates": 2},
    "rule": {
        "slots": ["update", "s1", "loss"],
        "signals": {"update": ["s1", "grad", "c0", "p0"], "s1": ["s1", "grad"], "loss": ["output", "target"]},
        "init": {"update": "-c0 * s1 * exp(p0)", "s1": "0.5 * s1 + grad", "loss": "square(output - target)"},
    },
    "coefficients": {"count": 1, "low": 0.001, "high": 0.1},
    "weights": {"mode": "evolved", "init": "he"},
    "plasticity": {"count": 1, "tie": "group"},
    "evolution": {"population": 8, "offspring": 12},
    "champion": {"baselines": ["sgd"], "rates": {"low": 0.001, "high": 0.1, "points": 3}, "updates": 4},
}  # fmt: skip


def recipe(base: dict[str, Any], **sections: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe with some sections' keys changed."""
    return {**base, **{name: {**base.get(name, {}), **keys} for name, keys in sections.items()}}


MONITORED = recipe(DELTA, sampling={"monitor_tasks": 3})

SCHEMES = {
    "plus": recipe(DELTA),
    "nsga2": recipe(DELTA, evolution={"scheme": "nsga2"}, fitness={"objectives": ["adapted_closeness", "size"]}),
    "lexicase": recipe(DELTA, evolution={"scheme": "lexicase"}),
    "ageing": recipe(DELTA, evolution={"scheme": "ageing"}),
    "islands": recipe(DELTA, evolution={"islands": 3, "migrate_every": 2, "migrants": 0.2}),
    "species": recipe(DELTA, species={"by": "behaviour", "threshold": 0.2}),
    "redrawn": recipe(DELTA, sampling={"resample": "generation", "repeats": 2}),
    "baldwin": GRADIENT,
    "lamarck": recipe(GRADIENT, evolution={"inheritance": "lamarck"}),
    "darwin": recipe(GRADIENT, evolution={"inheritance": "darwin"}),
    "feedback": recipe(GRADIENT, network={"credit": "feedback"}, run={"keep_genomes": "champions"}),
}
