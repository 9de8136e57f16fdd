"""What became of one topology into another, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.genome import Genome
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies, Topology
from evometa.genetics.topology import layered
from evometa.language.text import parse_rule
from evometa.presentation.descent import changes
from evometa.presentation.differences import differences


def first() -> Topologies:
    """Two inputs, a hidden node n4 (tanh), an output; genes are x1, x2, 1 → n4, n4 → y1 and 1 → y1."""
    graph = layered(2, (1,), 1)
    return topologies_of(graph, np.ones((1, graph.synapses), np.float32))


def grown() -> Topologies:
    """The same with a node n5 that splits x1 → n4, and that synapse switched off."""
    old = first()
    on = np.uint8(ENABLED | PLASTIC)
    traits = np.append(np.where(old.source == 0, PLASTIC, old.traits), [on, on]).astype(np.uint8)
    many = {"mark": [5, 6], "source": [0, 5], "target": [5, 4], "weight": [1.0, 1.0]}
    parts = {name: np.append(getattr(old, name), more).astype(getattr(old, name).dtype) for name, more in many.items()}
    return replace(
        old, **parts, traits=traits, plasticity=np.zeros((7, 0), np.float32), begins=np.array([0, 7]),
        node=np.array([5, 4]), place=np.array([0.25, 0.5]), activation=np.array([2, 1], np.uint8),
        node_begins=np.array([0, 2]),
    )  # fmt: skip


def words(before: Topologies, after: Topologies) -> list[str]:
    """What differs."""
    return list(changes(before[0], after[0]))


def test_a_split_is_a_node_two_synapses_and_one_switched_off() -> None:
    assert words(first(), grown()) == ["new node n5 (sigmoid)", "new n5 → n4, x1 → n5", "off x1 → n4"]
    assert words(grown(), first()) == ["gone node n5", "gone n5 → n4, x1 → n5", "on x1 → n4"]
    assert words(first(), first()) == []


@pytest.mark.parametrize(
    ("part", "value", "told"),
    [
        ("activation", np.array([3], np.uint8), ["n4 tanh → relu"]),
        ("traits", np.array([1, 3, 3, 3, 1], np.uint8), ["fixed n4 → y1, x1 → n4"]),
    ],
)
def test_what_nodes_and_synapses_become_is_told(
    part: str, value: np.ndarray[tuple[int], np.dtype[np.uint8]], told: list[str]
) -> None:
    after = replace(first(), **{part: value})
    assert words(first(), after) == told


def test_many_are_counted() -> None:
    graph = layered(4, (3,), 1)
    wide = topologies_of(graph, np.ones((1, graph.synapses), np.float32))
    cut = wide.keep(wide.mark > 8)
    assert words(wide, cut) == ["gone 1 → n6, x1 → n6, x1 → n7, x2 → n6 and 5 more"]


def test_a_genome_s_differences_hold_those_of_its_network_and_its_weights() -> None:
    def genome(topology: Topology) -> Genome:
        return Genome(parse_rule({"update": "-c0*grad"}), topology, coefficients=np.array([0.1], np.float32))

    after = grown()
    after = replace(after, weight=(after.weight + np.float32(0.5) * (after.mark == 1)).astype(np.float32))
    told = differences(genome(first()[0]), genome(after[0]))
    assert told == "1 of 5 innate weights by 0.5; new node n5 (sigmoid); new n5 → n4, x1 → n5; off x1 → n4"
    assert differences(genome(after[0]), genome(after[0])) == "nothing"


def test_what_learns_in_a_fixed_network_is_told() -> None:
    graph = layered(2, (1,), 1)
    ones = np.ones(graph.synapses, np.uint8)
    rule = parse_rule({"update": "-c0*grad"})
    before, after = (Genome(rule, graph, plastic=mask) for mask in (ones, np.array([0, 1, 1, 1, 0], np.uint8)))
    assert differences(before, after) == "fixed n3 → y1, x1 → n3"
    assert differences(after, before) == "plastic n3 → y1, x1 → n3"
    assert differences(before, before.replace(plastic=0 * ones)) == (
        "fixed 1 → n3, 1 → y1, n3 → y1, x1 → n3 and 1 more"
    )
    assert differences(before, before) == "nothing"
