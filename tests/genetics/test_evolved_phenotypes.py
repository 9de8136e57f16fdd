"""Genomes with genes for networks: texts, arrays, the learners they grow into, and when these are said to be alike."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.courses import Course, lessons, open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.extents import Extents
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.phenotype import express, heir, network_of
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered, spread
from evometa.language.text import parse
from evometa.lifetime import SILENT
from evometa.lifetime.numba import cpu

RULE = {"update": parse("-0.5 * grad")}
GRAPH = layered(2, (3,), 1, "tanh")


def settings(**sections: Any) -> Config:
    base: dict[str, Any] = {
        "tasks": {"family": "parity"}, "sampling": {"repeats": 6},
        "network": {"hidden": [3], "credit": "backprop"}, "lifetime": {"batch": "all", "epochs": 30},
        "topology": {"mode": "evolved"}, "weights": {"mode": "drawn", "init": "normal"},
    }  # fmt: skip
    return load({**base, **{name: {**base.get(name, {}), **keys} for name, keys in sections.items()}}).config


def genes(count: int = 1, seed: int = 0) -> Topologies:
    weights = np.random.default_rng(seed).standard_normal((count, GRAPH.synapses)).astype(np.float32)
    return topologies_of(GRAPH, weights)


def grown(config: Config, *genomes: Genome) -> tuple[Any, Any]:
    """Return what becomes of learners, and how they were born."""
    (course,) = open_courses(config)
    lesson = lessons(course, config, "train", 0, 1)
    phenotypes = express(genomes, course.world)
    births = lesson.births(phenotypes)
    return cpu.live(phenotypes, lesson.tasks, births, lesson.plan), births


def test_a_text_gives_back_the_genes() -> None:
    genome = Genome(RULE, genes()[0], strategy=np.ones(4, np.float32))
    again = Genome.from_json(genome.to_json())
    assert again.topology == genome.topology
    assert again.to_json() == genome.to_json()
    with pytest.raises(InputError, match="duplicate"):
        Genome.from_json(genome.to_json().replace('"mark":[0,1,', '"mark":[0,0,'))


def test_a_population_of_genes_is_arrays_and_comes_back_from_its_columns() -> None:
    batch = genes(5)
    every = Genomes.of([Genome(RULE, one, strategy=np.ones(4, np.float32)) for one in batch])
    assert [one.topology for one in every.take([3, 1, 3])] == [batch[3], batch[1], batch[3]]
    joined = Genomes.join([every, every.take([2])])
    assert joined[5].topology == batch[2]
    again = Genomes.from_columns(every.columns())
    assert [one.to_json() for one in again] == [one.to_json() for one in every]
    copy = pickle.loads(pickle.dumps(every[4]))
    assert copy.to_json() == every[4].to_json()
    broken = {**every.columns(), "topologies.target": np.full(5 * GRAPH.synapses, 99)}
    with pytest.raises(InputError, match="unknown node"):
        Genomes.from_columns(broken)


def test_genes_grow_into_the_learner_that_a_fixed_network_is() -> None:
    config = settings(weights={"mode": "evolved"})
    some = genes(3)
    fixed = [Genome(RULE, GRAPH, weights=one.weight) for one in some]
    lived, _ = grown(config, *(Genome(RULE, one) for one in some))
    expected, _ = grown(config, *fixed)
    own = network_of(Genome(RULE, some[0]))
    assert own is not None
    assert own.src.tolist() == GRAPH.src.tolist()
    assert own.activation.tolist() == GRAPH.activation.tolist()
    assert lived.scores.tobytes() == expected.scores.tobytes()


def test_a_gain_multiplies_weights_at_birth_and_no_more() -> None:
    some = genes(2)
    louder = topologies_of(GRAPH, some.weight.reshape(2, -1) * np.float32(4))
    lived, _ = grown(settings(weights={"mode": "evolved"}, topology={"gain": 4.0}), *(Genome(RULE, t) for t in some))
    expected, _ = grown(settings(weights={"mode": "evolved"}), *(Genome(RULE, t) for t in louder))
    assert lived.scores.tobytes() == expected.scores.tobytes()
    _, one = grown(settings(), Genome(RULE, some[0]))
    _, four = grown(settings(topology={"gain": 4.0}), Genome(RULE, some[0]))
    assert (4 * one.weights[0]).tobytes() == four.weights[0].tobytes()


@pytest.mark.parametrize("init", ["normal", "uniform", "glorot", "zeros"])
def test_drawn_births_scatter_as_those_of_a_fixed_network(init: str) -> None:
    few = {"max_synapses": 20, "max_nodes": 4}  # else the recipe might need more memory than there is
    config = settings(weights={"init": init, "scale": 0.5}, sampling={"repeats": 4000}, topology=few)
    _, births = grown(config, Genome(RULE, genes()[0]))
    assert births.weights[0].shape == (GRAPH.synapses, 4000)
    assert np.allclose(births.weights[0].std(axis=1), spread(GRAPH, init, 0.5).deviation, rtol=0.06)
    if init != "zeros":
        assert np.abs(np.corrcoef(births.weights[0][:2])[0, 1]) < 0.06


def test_equal_genes_are_born_alike_whatever_else_a_network_has() -> None:
    batch = genes(2)
    traits = batch.traits.copy()
    traits[1] &= ~ENABLED & 0xFF  # in the first network alone
    first, second = Topologies(**{**vars(batch), "traits": traits})
    _, births = grown(settings(), Genome(RULE, first), Genome(RULE, second))
    assert [len(each) for each in births.weights] == [GRAPH.synapses - 1, GRAPH.synapses]
    assert np.delete(births.weights[1], 1, axis=0).tobytes() == births.weights[0].tobytes()
    assert len(np.unique(births.weights[1])) == births.weights[1].size  # lanes and synapses draw their own


def test_feedback_weights_go_by_gene() -> None:
    config = settings(network={"credit": "feedback"})
    (course,) = open_courses(config)
    whole, again = (express([Genome(RULE, one)], course.world).feedback[0] for one in genes(2))
    assert whole is not None
    assert again is not None
    assert whole.tobytes() == again.tobytes()
    assert len(np.unique(whole)) == GRAPH.synapses - 3  # biases lead nothing back


def test_what_is_learned_is_written_into_the_genes_that_were_expressed() -> None:
    config = settings(weights={"mode": "evolved"}, topology={"gain": 4.0})
    (course,) = open_courses(config)
    batch = genes()
    traits = batch.traits.copy()
    traits[1] &= ~ENABLED & 0xFF
    genome = Genome(RULE, changed(batch, traits=traits))
    learned = np.arange(GRAPH.synapses - 1, dtype=np.float32)
    child = heir(genome, learned, course.world)
    assert np.delete(child.topology.weight, 1).tolist() == (learned / 4).tolist()
    assert child.topology.weight[1] == batch.weight[1]
    assert express([child], course.world)[0].innate.tolist() == learned.tolist()
    assert genome.topology.weight.tolist() == batch.weight.tolist()


def signatures(config: Config, *some: Any) -> list[bytes]:
    courses: list[Course] = []
    own, evaluator = [Genome(RULE, one) for one in some], Evaluator(config, courses, cpu.live)
    found = evaluator.signatures(own)
    assert evaluator.signatures(Genomes.of(own)) == found
    return found


def changed(batch: Topologies, **fields: Any) -> Any:
    return Topologies(**{**vars(batch), **fields})[0]


def test_signatures_are_those_of_networks_and_of_what_lives_see_of_genes() -> None:
    one = genes()
    off = one.traits.copy()
    off[0] &= ~ENABLED & 0xFF
    silent, other = (changed(one, traits=off, weight=np.where(off == PLASTIC, w, one.weight)) for w in (7, 8))
    marks = changed(one, mark=one.mark + 5)
    heavier = changed(one, weight=one.weight + 1)
    inherited = signatures(settings(weights={"mode": "evolved"}), one[0], silent, other, marks, heavier)
    assert inherited[1] == inherited[2]  # a gene that is off says nothing
    assert inherited[0] == inherited[3]  # born alike, whatever the marks
    assert len(set(inherited)) == 3
    drawn = signatures(settings(), one[0], silent, other, marks, heavier)
    assert drawn[1] == drawn[2]
    assert drawn[0] == drawn[4]  # weights in genes are not those at birth
    assert len(set(drawn)) == 3


def test_a_rule_with_a_gate_has_disabled_genes_as_candidates_whoever_is_beside_it() -> None:
    batch, gated = genes(), {**RULE, "gate": parse("1")}
    off = batch.traits.copy()
    off[1] &= ~ENABLED & 0xFF
    one, other = (changed(batch, traits=off, weight=np.where(off == PLASTIC, w, batch.weight)) for w in (7, 8))
    config = settings(weights={"mode": "evolved"})
    (course,) = open_courses(config)
    plain, with_gate = express([Genome(RULE, one), Genome(gated, one)], course.world)
    assert plain.graph.traits.tolist() == [0] * (GRAPH.synapses - 1)
    assert with_gate.graph.traits.tolist() == [0, SILENT, *[0] * (GRAPH.synapses - 2)]
    alone = express(Genomes.of([Genome(gated, one)]), course.world)[0]
    assert alone.graph == with_gate.graph
    found = Evaluator(config, [], cpu.live).signatures([Genome(gated, one), Genome(gated, other), Genome(gated, one)])
    assert found[0] == found[2] != found[1]  # what a candidate weighs may come to matter


def test_extents_of_a_batch_are_those_of_its_genomes() -> None:
    batch = genes(3)
    off = batch.traits.copy()
    off[: GRAPH.synapses + 2] &= ~ENABLED & 0xFF
    own = [Genome(RULE, one) for one in Topologies(**{**vars(batch), "traits": off})]
    for some in (own, own[1:], [Genome(RULE, GRAPH)] * 2):
        one_by_one, together = Extents.of(some), Extents.of(Genomes.of(some))
        assert all(map(np.array_equal, one_by_one, together))
    assert Extents.of(Genomes.of(own)).synapses.tolist() == [0, GRAPH.synapses - 2, GRAPH.synapses]
    assert Extents.of(Genomes.of(own)).nodes.tolist() == [3, 3, 3]
