"""Genomes become phenotypes: with what is their own, and what their world gives to those that have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.phenotype import express, network_of
from evometa.genetics.programs import loss_of, program_of
from evometa.genetics.topology import group_count, layered
from evometa.language.text import parse
from evometa.lifetime import F32, FIXED, NONE, Graph

RULE = {"update": parse("-c0*grad*p0")}


@dataclass
class World:
    """One whose weights and feedback are 1, 2, … and their halves, where it has any."""

    network: Graph
    tied: bool = False
    order: None = None
    born: bool = False
    backward: bool = False

    def weights(self, graph: Graph) -> F32 | None:
        return np.arange(graph.synapses, dtype=np.float32) if self.born else None

    def feedback(self, graph: Graph) -> F32 | None:
        return np.arange(graph.synapses, dtype=np.float32) / 2 if self.backward else None


def genome(rule: Any = RULE, **parts: Any) -> Genome:
    return Genome(rule).replace(**parts)


def test_a_genome_takes_what_it_lacks() -> None:
    network, own = layered(3, (2,), 1), layered(3, (4,), 1)
    weights = np.ones(own.synapses, np.float32)
    world = World(network, born=True, backward=True)
    found = express([genome(), genome(topology=own), genome(topology=own, weights=weights)], world)
    assert found.graphs == [network, own]
    assert found.graph.tolist() == [0, 1, 1]
    assert np.array_equal(found[0].innate, world.weights(network))  # type: ignore[arg-type]
    assert np.array_equal(found[1].innate, world.weights(own))  # type: ignore[arg-type]
    assert found[2].innate is weights
    assert [len(b) for b in found.feedback if b is not None] == [network.synapses, own.synapses]
    assert express([genome()], World(network)).innate.tolist() == [NONE]
    assert express([genome()], World(network)).feedback == [None]


def test_synapses_learn_as_the_genome_says() -> None:
    network = layered(3, (2,), 1)
    masks = np.random.default_rng(0).integers(0, 2, (4, network.synapses)).astype(np.uint8)
    own = [genome(topology=network, plastic=mask) for mask in masks[[0, 1, 0, 3]]]
    world = World(network, born=True, backward=True)
    for some in (own, Genomes.of(own)):
        found = express(some, world)
        assert len(found.graphs) == 3
        for one, mask in zip(found, masks[[0, 1, 0, 3]], strict=True):
            assert one.graph.traits.tolist() == [FIXED * (1 - bit) for bit in mask.tolist()]
            assert np.array_equal(one.graph.src, network.src)
            assert np.array_equal(one.innate, world.weights(network))  # type: ignore[arg-type]
            assert np.array_equal(one.feedback, world.feedback(network))  # type: ignore[arg-type]
    assert network_of(own[1]).traits.tolist() == (FIXED * (1 - masks[1])).tolist()  # type: ignore[union-attr]


def test_an_equal_topology_of_its_own_is_the_network() -> None:
    found = express([genome(), genome(topology=layered(3, (2,), 1))], World(layered(3, (2,), 1)))
    assert found.graph.tolist() == [0, 0]


def test_tied_plasticity_is_spread_over_the_synapses_of_each_group() -> None:
    network, other = layered(3, (2,), 1), layered(2, (5,), 2)
    tied = np.arange(2 * group_count(network), dtype=np.float32).reshape(2, -1)
    for graph in (network, other):
        found = express([genome(plasticity=tied), genome(plasticity=tied.copy())], World(graph, tied=True))
        assert np.array_equal(found[0].plasticity, tied[:, graph.group])
        assert len(found.plasticities) == 1
    both = express([genome(plasticity=tied), genome(plasticity=tied, topology=other)], World(network, tied=True))
    assert np.array_equal(both[1].plasticity, tied[:, other.group])


def test_tied_stays_tied_where_there_are_as_many_synapses_as_groups() -> None:
    network = layered(1, (1,), 1)
    assert network.synapses == group_count(network)
    assert network.group.tolist() != list(range(4))
    tied = np.array([[10, 11, 12, 13]], np.float32)
    found = express([genome(plasticity=tied)], World(network, tied=True))[0].plasticity
    assert found.tolist() == [[10 + group for group in network.group]]
    assert express([genome(plasticity=tied)], World(network))[0].plasticity.tolist() == tied.tolist()


def test_coefficients_are_filled_up() -> None:
    few, many = genome(coefficients=np.ones(1, np.float32)), genome(coefficients=np.full(3, 2, np.float32))
    assert express([few, many], World(layered(3, (), 1))).coefficients.tolist() == [[1, 0, 0], [2, 2, 2]]


def test_the_loss_is_a_program_of_its_own() -> None:
    loss = parse("square(output - target)")
    found = express([genome({**RULE, "loss": loss}), genome()], World(layered(3, (), 1)))
    assert found.loss.tolist() == [0, NONE]
    assert found[0].loss is loss_of(loss)
    assert found[0].program is found[1].program is genome().program
    assert "loss" not in found.programs[0].names


def test_rules_are_compiled_once() -> None:
    one, other = parse("0.25*pre + w"), parse("0.25*pre + w")
    assert one is not other
    assert program_of((("update", one),)) is program_of((("update", other),))


@pytest.mark.parametrize("count", [1, 7])
def test_equal_rules_of_different_text_share_a_program(count: int) -> None:
    texts = ["pre*post", "post*pre", "pre*w"] * count
    found = express([genome({"update": parse(text)}) for text in texts], World(layered(3, (), 1)))
    assert found.program.tolist() == [0, 0, 1] * count


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("born", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_genomes_side_by_side_become_what_they_become_one_by_one(
    tied: bool, weights: bool, born: bool, shared: bool
) -> None:
    network = layered(3, (2,), 1)
    world = World(network, tied, born, backward=born)
    rng = np.random.default_rng(1)

    def drawn(*shape: int) -> F32:
        return rng.standard_normal(shape).astype(np.float32)

    columns = group_count(network) if tied else network.synapses
    alike = drawn(1, columns)
    texts = ("pre*w", "w*pre", "-c0*grad*p0", "0.5", "pre*w")
    own = [
        genome(
            {"update": parse(text), "s1": parse("s1 + 1"), "loss": parse("output - target")},
            weights=drawn(network.synapses) if weights else None,
            coefficients=drawn(2),
            plasticity=alike if shared else drawn(1, columns),
            topology=network if weights else None,
        )
        for text in texts
    ]
    expected, found = express(own, world), express(Genomes.of(own).take([0, 1, 2, 3, 4]), world)
    assert len(found.programs) == len(expected.programs) == 3
    assert len(found.plasticities) == len(expected.plasticities) == (1 if shared else 5)
    for name in ("graph", "program", "loss", "plasticity"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    for one, other in zip((found[g] for g in range(5)), (expected[g] for g in range(5)), strict=True):
        assert (one.graph, one.program.key) == (other.graph, other.program.key)
        assert one.loss is other.loss is not None
        for a, b in zip(one[2:6], other[2:6], strict=True):
            assert (a is None and b is None) or np.array_equal(a, b)  # type: ignore[arg-type]
