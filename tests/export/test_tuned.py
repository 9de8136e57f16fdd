"""What a run has tuned goes along: weights at birth and rates of single synapses are in the files, to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evometa.export import export
from tests.export.exported import SINE, imported, learner_of, recipe

RULE = recipe(
    SINE, {"update": "-exp(p0 - 4)*grad"}, plasticity={"count": 1}, weights={"mode": "evolved"},
    network={"hidden": [20], "activation": "tanh"}, lifetime={"batch": "all", "updates": 3},
)  # fmt: skip


def test_weights_and_rates_are_in_the_files(tmp_path: Path) -> None:
    learner = learner_of(tmp_path, RULE)
    genome = learner.kept_genome()
    module = imported(str(export(learner, "python")), tmp_path)
    assert genome.weights is not None
    assert np.array_equal(module.WEIGHTS, genome.weights)
    assert np.array_equal(module.P0, genome.plasticity[0])
    for form in ("torch", "optax"):
        text = str(export(learner, form))
        born = "WEIGHTS = [" if form == "torch" else "INNATE = ["
        assert [name in text for name in (born, "P0 = [")] == [True, True]
    text = str(export(learner, "torch"))
    assert "def apply_rule(w, grad, state=None, *, p0, lr=1.0, bound=20.0):" in text
