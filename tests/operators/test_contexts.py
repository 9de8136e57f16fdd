"""Context nodes, layers that begin or cease to learn, and structure that enters neutrally."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.courses import lessons, open_courses
from evometa.evolution.networks import first_network
from evometa.genetics.decoding import decode
from evometa.genetics.genes import PLASTIC
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.shapes import shapes_of
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered
from evometa.genetics.validity import check
from evometa.language.text import parse
from evometa.lifetime.numba import cpu
from evometa.seeding import Draws, stream
from evometa.spec import ACTIVATIONS
from operators import structure
from operators.contexts import add_contexts, flip_layers, layer
from operators.markings import Markings
from operators.toolbox import make_toolbox
from tests.properties import examples

GRAPH = layered(2, (4, 3), 1, "tanh")
LINEAR = ACTIVATIONS.code("linear")
RULE = {"update": parse("-0.1 * grad")}
RECIPE: dict[str, Any] = {
    "tasks": {"family": "sinusoid", "shots": 5, "queries": 5}, "sampling": {"tasks": 6, "repeats": 2},
    "network": {"hidden": [4, 3], "activation": "tanh"}, "lifetime": {"batch": "all", "updates": 2},
    "rule": {"signals": ["grad"], "init": {"update": "-0.1 * grad"}, "fixed": ["update"]},
    "topology": {"mode": "evolved", "start": "layered", "activations": ["tanh", "linear"], "plastic": "evolved"},
    "weights": {"mode": "evolved", "init": "normal"}, "evolution": {"population": 12},
}  # fmt: skip


def genes(count: int = 3, seed: int = 0, graph: Any = GRAPH) -> Topologies:
    rng = np.random.default_rng(seed)
    return topologies_of(graph, rng.standard_normal((count, graph.synapses)).astype(np.float32))


def answers(topologies: Topologies) -> np.ndarray[Any, Any]:
    """Return what each network loses before it learns, on a few tasks."""
    config = load(RECIPE).config
    (course,) = open_courses(config)
    lesson = lessons(course, config, "train", 0, 6)
    phenotypes = express([Genome(RULE, one) for one in topologies], course.world)
    return cpu.live(phenotypes, lesson.tasks, lesson.births(phenotypes), lesson.plan).loss[:, 0]


def test_a_layer_is_what_reads_the_same() -> None:
    rng = np.random.default_rng(0)
    found = {tuple(layer(genes(1), 0, rng).tolist()) for _ in range(60)}
    first = GRAPH.inputs + 2  # behind inputs, constant and output
    assert found == {(3,), tuple(range(first, first + 4)), tuple(range(first + 4, first + 7))}


@examples(25)
@given(st.integers(0, 1000))
def test_a_context_node_answers_nothing_at_birth_and_all_of_a_layer_read_it(seed: int) -> None:
    before = genes(4, seed, layered(1, (4, 3), 1, "tanh"))
    found = add_contexts(before, Markings.after(before), np.random.default_rng(seed), 1.0, LINEAR)
    check(found, "with contexts", recurrent=False)
    assert (np.diff(found.node_begins) == 8).all()
    assert np.array_equal(answers(found), answers(before))
    for row, one in enumerate(found):
        (node,) = set(one.node.tolist()) - set(before[row].node.tolist())
        into, out = one.target == node, one.source == node
        assert one.source[into].tolist() == [1]
        assert one.weight[into].tolist() == [0.0]
        assert one.weight[out].all()
        assert out.sum() in (1, 3, 4)
        assert one.activation[one.node == node].tolist() == [LINEAR]


def test_equal_layers_get_nodes_of_one_mark_and_full_networks_stay() -> None:
    before = genes(30)
    markings = Markings.after(before)
    found = add_contexts(before, markings, np.random.default_rng(1), 1.0, LINEAR)
    assert len({tuple(sorted(set(one.node.tolist()) - set(before[0].node.tolist()))) for one in found}) == 3
    assert markings.node_mark == Markings.after(before).node_mark + 3
    again = add_contexts(found, markings, np.random.default_rng(2), 1.0, LINEAR)  # the same layer once a generation
    check(again, "twice", recurrent=False)
    for most in ({"max_nodes": 7}, {"max_synapses": GRAPH.synapses + 1}):
        stay = add_contexts(before, Markings.after(before), np.random.default_rng(1), 1.0, LINEAR, **most)
        assert np.diff(stay.node_begins).max() == 7


def test_a_layer_begins_and_ceases_to_learn_as_one() -> None:
    before = genes(20)
    off = flip_layers(before, np.random.default_rng(3), 1.0)
    for one in off:
        still = {
            target
            for target, trait in zip(one.target.tolist(), one.traits.tolist(), strict=True)
            if not trait & PLASTIC
        }
        assert all((one.traits[one.target == target] & PLASTIC == 0).all() for target in still)
        assert len(still) in (1, 3, 4)
    assert (flip_layers(off, np.random.default_rng(3), 1.0).traits == before.traits).all()


@pytest.mark.parametrize("add", ["nodes", "synapses"])
def test_what_enters_neutrally_changes_no_answer(add: str) -> None:
    before = genes(40, graph=layered(1, (4, 3), 1, "tanh"))
    change, rng = getattr(structure, f"add_{add}"), np.random.default_rng(5)
    more = {"codes": (ACTIVATIONS.code("tanh"), LINEAR)} if add == "nodes" else {}
    found = change(before, Markings.after(before), rng, 1.0, neutral=True, **more)
    assert (np.diff(found.begins) == np.diff(before.begins) + (2 if add == "nodes" else 1)).sum() > 30
    assert np.array_equal(answers(found), answers(before))
    plain = change(before, Markings.after(before), np.random.default_rng(5), 1.0, **more)
    assert not np.array_equal(answers(plain), answers(before))
    assert len(decode(found).src) > len(decode(before).src)


def test_a_recipe_asks_for_contexts() -> None:
    chances = {"add_node": 0.0, "add_synapse": 0.0, "add_context": 1.0, "mutate_plastic_layer": 0.5, "neutral": True}
    data = {
        **RECIPE,
        "topology": {**RECIPE["topology"], **chances},
        "variation": {"crossover": 0.0, "mutate_weights": 0.0},
    }
    config = load(data).config
    (course,) = open_courses(config)
    start = first_network(config, course.family)
    toolbox = make_toolbox(config, shapes_of(config, [course.network], start))
    brood = toolbox.population(12, rng=Draws(stream(0, 0, "first")))
    from evometa.genetics.individual import Individual, Judgement, fitness_class

    people = [Individual(genome, fitness_class((1.0,))(), id) for id, genome in enumerate(brood.genomes)]
    for one in people:
        one.accept(Judgement((float(one.id),)))
    children = toolbox.breed(people, 12, 0, rng=Draws(stream(0, 1, "children")), island=0, generation=1)
    assert {len(one.topology.node) for one in children.genomes} == {8}
    assert any((one.topology.traits & PLASTIC == 0).any() for one in children.genomes)
    ranged = {**data, "plasticity": {"count": 2, "low": [2.0, 0.0], "high": [3.0, 0.0]}}
    toolbox = make_toolbox(load(ranged).config, shapes_of(load(ranged).config, [course.network], start))
    people = [
        Individual(one, fitness_class((1.0,))(), id)
        for id, one in enumerate(toolbox.population(12, rng=Draws(stream(0, 0, "first"))).genomes)
    ]
    for one in people:
        one.accept(Judgement((float(one.id),)))
    for one in toolbox.breed(people, 12, 0, rng=Draws(stream(0, 1, "children")), island=0, generation=1).genomes:
        assert not one.topology.plasticity[:, 1].any()  # nor that of new synapses
        assert one.topology.plasticity[:, 0].min() > 1.0
    for key, wrong in (("activations", ["relu"]), ("plastic", "all")):
        with pytest.raises(InputError, match=f"topology.{key}"):
            load({**data, "topology": {**data["topology"], key: wrong}})
