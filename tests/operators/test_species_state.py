"""Species from one process to the next: a state, with the representatives beside it, goes on alike."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evometa.genetics.float_text import encode
from evometa.genetics.starts import topologies_of
from evometa.genetics.topology import layered
from operators.compatibility import BehaviourDistance, GeneDistance
from operators.species import Species, SpeciesSettings


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("behaviour", [False, True])
def test_a_restored_state_goes_on_alike(behaviour: bool, older: bool) -> None:
    rng = np.random.default_rng(5)
    one, two = Species(SpeciesSettings(target=3)), None
    for _ in range(6):
        distance = BehaviourDistance(rng.normal(size=(30, 4)).astype(np.float32) * 3) if behaviour else valid(rng)
        fitness, draws = rng.normal(size=30), rng.integers(1 << 40)
        both = (one, *((two,) if two else ()))
        assert len({tuple(each.assign(distance)) for each in both}) == 1
        found = [each.mate(fitness, 30, np.random.default_rng(draws)) for each in both]
        for left, right in zip(found[0], found[-1], strict=True):
            np.testing.assert_array_equal(left, right)
        represented = distance.members(one.represented)
        text = json.dumps(one.state(), allow_nan=False)
        assert "representatives" not in text
        state = json.loads(text)
        if older:
            state["representatives"] = [encode(row) if behaviour else row.to_json() for row in represented]
        two = Species.restored(state, one.settings, None if older else represented)
        assert json.dumps(two.state()) == text


def valid(rng: np.random.Generator) -> GeneDistance:
    graph = layered(2, [3], 1)
    genes = topologies_of(graph, rng.normal(size=(30, graph.synapses)).astype(np.float32) * 8)
    return GeneDistance(genes)
