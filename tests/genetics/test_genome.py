"""Genomes: sharing, canonical text, refusal of damaged texts, shapes."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from evometa.errors import InputError
from evometa.genetics.genome import Genome
from evometa.genetics.individual import fitness_class
from evometa.genetics.shapes import shapes_of
from evometa.genetics.topology import graph_key, layered
from evometa.language.text import parse
from tests.searching import NETWORK, individual, recipe

TEXTS = ("mul(pre, sub(target, post))", "add(mul(0.9, s1), grad)", "-0.001", "1e-45", "neg(mul(c0, s1))", "w")

arrays = npst.arrays(np.float32, st.integers(0, 6), elements=st.floats(width=32))
genomes = st.builds(
    Genome,
    st.dictionaries(st.sampled_from(("update", "s1", "s2")), st.sampled_from(TEXTS).map(parse)),
    st.sampled_from((None, NETWORK)),
    st.none() | arrays,
    arrays,
    npst.arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 4)), elements=st.floats(width=32)) | st.none(),
    arrays,
)


@given(genomes)
def test_text_brings_the_same_bits_back(genome: Genome) -> None:
    text = genome.to_json()
    back = Genome.from_json(text, {graph_key(NETWORK): NETWORK})
    assert back.to_json() == text
    assert json.loads(text).keys() == {
        "coefficients",
        "plasticity",
        "rule",
        "strategy",
        "topology",
        "weights",
    }
    assert back.rule == genome.rule
    assert back.topology is genome.topology
    for name in ("weights", "coefficients", "plasticity", "strategy"):
        ours, theirs = getattr(genome, name), getattr(back, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert theirs.dtype == np.float32
            assert ours.shape == theirs.shape
            assert ours.tobytes() == theirs.tobytes()


def test_text_does_not_depend_on_the_order_of_slots() -> None:
    trees = {"update": parse("s1"), "s1": parse("grad")}
    assert Genome(trees).to_json() == Genome(dict(reversed(trees.items()))).to_json()


def test_a_replaced_genome_shares_the_rest_and_forgets_the_old_text() -> None:
    genome = Genome({"update": parse("grad")}, weights=np.ones(3, np.float32))
    text = genome.to_json()
    new = genome.replace(coefficients=np.ones(1, np.float32))
    assert new.weights is genome.weights
    assert new.rule is genome.rule
    assert new.to_json() != text
    assert genome.to_json() == text
    assert genome.size == new.size == 1


@pytest.mark.parametrize(
    "change",
    [
        {"rule": {"update": "nonsense("}},
        {"rule": ["grad"]},
        {"rule": {"update": 3}},
        {"weights": "not base64!"},
        {"weights": "AAA="},
        {"weights": 3},
        {"plasticity": [2, "AACAPwAAgD8AAIA/"]},
        {"plasticity": [-1, "AACAPwAAgD8AAIA/"]},
        {"plasticity": "AACAPw=="},
        {"coefficients": None},
        {"topology": "0" * 64},
        {"topology": []},
    ],
)
def test_damaged_texts_are_refused(change: dict[str, object]) -> None:
    good = json.loads(Genome({"update": parse("grad")}).to_json())
    Genome.from_json(json.dumps(good))
    with pytest.raises(InputError, match="generation 7"):
        Genome.from_json(json.dumps({**good, **change}), where="generation 7")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"rule":{}}', "[" * 5000])
def test_texts_that_are_no_genome_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        Genome.from_json(text)


def test_shapes_follow_the_recipe() -> None:
    one = shapes_of(recipe(), [NETWORK])
    assert one.topology is NETWORK
    assert one.weights is not None
    assert one.columns == 4
    assert one.plasticity is None
    weights = one.draw_weights(np.random.default_rng(0))
    assert weights is not None
    assert weights.shape == (NETWORK.synapses,)
    fixed = recipe(weights={"mode": "drawn"}, plasticity={"mode": "fixed", "tie": "synapse", "low": 0.5, "high": 0.75})
    other = shapes_of(fixed, [NETWORK])
    assert other.topology is NETWORK
    assert other.weights is None
    assert other.draw_weights(np.random.default_rng(0)) is None
    assert other.plasticity is not None
    assert other.plasticity.shape == (2, NETWORK.synapses)
    assert 0.5 <= other.plasticity.min() <= other.plasticity.max() <= 0.75
    again = shapes_of(fixed, [NETWORK]).plasticity
    assert again is not None
    assert again.tobytes() == other.plasticity.tobytes()


def test_networks_that_differ_bring_their_own_topology_and_share_no_numbers_of_synapses() -> None:
    wider, deeper = layered(5, (4,), 2), layered(3, (4, 4), 2)
    tied = recipe(weights={"mode": "drawn"})
    assert shapes_of(tied, [NETWORK]).topology is None
    assert shapes_of(tied, [NETWORK, wider]).topology is None
    with pytest.raises(InputError, match="network"):
        shapes_of(recipe(), [NETWORK, wider])
    with pytest.raises(InputError, match="network"):
        shapes_of(recipe(weights={"mode": "drawn"}, plasticity={"tie": "synapse"}), [NETWORK, wider])
    with pytest.raises(InputError, match="layers"):
        shapes_of(tied, [NETWORK, deeper])


def test_a_clone_shares_the_genome_but_not_the_fitness() -> None:
    one = individual(1.5, id=7, born=2, cases=np.ones(2, np.float32), signature=b"x", diverged=3)
    for twin in (one.clone(), copy.deepcopy(one)):
        assert twin.genome is one.genome
        assert (twin.id, twin.born, twin.signature, twin.diverged) == (7, 2, b"x", 3)
        assert twin.fitness == one.fitness
        twin.fitness.values = (9.0,)
        assert one.fitness.values == (1.5,)


def test_fitness_classes_are_made_once() -> None:
    assert fitness_class((1.0, -1.0)) is fitness_class((1.0, -1.0))
    assert fitness_class((-1.0,))((2.0,)) > fitness_class((-1.0,))((3.0,))
