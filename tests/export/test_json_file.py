"""The JSON export: everything that is known, exact, and JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evometa import __version__
from evometa.language.text import parse_rule
from tests.export.exported import Made, Written, setting_of


@pytest.mark.parametrize("name", ["anchored", "adam", "recurrent", "delta"])
def test_all_is_told_exactly(name: str, made: Made, written: Written) -> None:
    told, learner, setting = json.loads(written(name, "json")), made(name), setting_of(made(name))
    genome = learner.genome
    assert genome is not None
    assert told["format"] == "evometa-learner"
    assert parse_rule(told["rule"]) == genome.rule
    assert [np.float32(v) for v in told["coefficients"].values()] == genome.coefficients.tolist()
    assert (told["weights"] is None) == (genome.weights is None)
    assert np.array_equal(
        np.array(told["weights"] or [], np.float32), genome.weights if genome.weights is not None else []
    )
    assert np.array_equal(np.array(list(told["plasticity"].values()), np.float32).reshape(genome.plasticity.shape),
                          genome.plasticity)  # fmt: skip
    assert told["setting"]["graph"]["src"] == setting.graph.src.tolist()
    assert (told["setting"]["updates"], told["setting"]["head"]) == (100, setting.plan.head)
    assert set(told["signals"]) == set(learner.signals)
    assert told["provenance"] == {
        "run": name, "recipe": "given", "seed": 0, "individual": 0, "born": 1, "generations": 1,
        "digest": learner._run.digest, "evometa": __version__,
    }  # fmt: skip
    assert told["config"]["name"] == "given"
