"""Children of genomes whose topology evolves: rule, network and numbers are crossed and mutated together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from deap import base

from evometa.config.load import load
from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.genes import ENABLED, I64
from evometa.genetics.genomes import Genomes
from evometa.genetics.shapes import shapes_of
from evometa.genetics.topology import layered
from evometa.seeding import Draws
from operators.breeding import RECOMBINED
from operators.chromosomes import Pairs
from operators.toolbox import make_toolbox

COUNT = 1000
RECIPE: dict[str, Any] = {
    "tasks": {"family": "parity"},
    "topology": {"mode": "evolved", "add_node": 0.5, "add_synapse": 0.5},
    "rule": {"signals": ["grad", "w", "c0", "p0"]},
    "coefficients": {"count": 1},
    "plasticity": {"count": 1},
    "weights": {"mode": "evolved", "init": "uniform"},
    "evolution": {"scheme": "neat"},
    "species": {"by": "genes"},
}
STILL: dict[str, Any] = {
    "topology": {"mode": "evolved", "add_node": 0.0, "add_synapse": 0.0, "toggle": 1e-9},
    "variation": {
        "crossover": 0.75,
        **{f"mutate_{name}": 1e-9 for name in ("subtree", "node", "insert", "shrink", "constant")},
        **{f"mutate_{name}": 1e-9 for name in ("coefficients", "weights", "plasticity")},
    },
}


def toolbox_of(**sections: Any) -> base.Toolbox:
    graph = layered(2, (), 1)
    config = load({**RECIPE, **sections}).config
    return make_toolbox(config, shapes_of(config, [graph], WeightedGraph(graph)))


def parents(toolbox: base.Toolbox) -> Genomes:
    """First genomes, each with a coefficient of its own."""
    genomes: Genomes = toolbox.population(COUNT, rng=Draws(np.random.default_rng(1))).genomes
    return genomes.replace(coefficients=np.arange(COUNT, dtype=np.float32)[:, None])


def children(toolbox: base.Toolbox, genomes: Genomes, second: I64, mutating: bool = True) -> Genomes:
    breeder, rows = toolbox.heritage, np.arange(COUNT)
    pairs = Pairs(rows, second, np.zeros(COUNT, bool))
    draws = Draws(np.random.default_rng(2))
    return breeder.variations.children(genomes, pairs, breeder.markings, draws, np.full(COUNT, mutating))  # type: ignore[no-any-return]


def changes(genomes: Genomes, born: Genomes) -> dict[str, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Tell which children differ from the first parent, by chromosome; of topologies, in structure or in numbers."""
    pairs = list(zip(born, genomes, strict=True))
    own: Any = [(child.topology, parent.topology) for child, parent in pairs]
    return {
        "rule": np.array([child.rule != parent.rule for child, parent in pairs]),
        "coefficients": (born.coefficients != genomes.coefficients).any(axis=1),
        "structure": np.array([child.mark.tolist() != parent.mark.tolist() for child, parent in own]),
        "weights": np.array([not np.array_equal(child.weight[:3], parent.weight[:3]) for child, parent in own]),
        "plasticity": np.array(
            [not np.array_equal(child.plasticity[:3], parent.plasticity[:3]) for child, parent in own]
        ),
    }


def test_one_child_may_have_a_new_rule_new_numbers_and_a_new_structure() -> None:
    toolbox = toolbox_of()
    genomes = parents(toolbox)
    found = changes(genomes, children(toolbox, genomes, np.full(COUNT, -1)))
    shares = {name: changed.mean() for name, changed in found.items()}
    assert all(0.1 < share < 1 for share in shares.values()), shares
    for one in found:
        for other in found:
            both = found[one] & found[other]  # each by its own chance, whatever becomes of the others
            expected = shares[one] * (1 if one == other else shares[other])
            assert both.mean() == pytest.approx(expected, abs=0.06), (one, other)


def test_a_crossover_takes_all_chromosomes_of_two_parents() -> None:
    """Matching genes come from either parent, with weight and coefficient together; the rest from both in a half."""
    toolbox = toolbox_of(**STILL)
    genomes = parents(toolbox)
    second = np.roll(np.arange(COUNT), 1)
    born = children(toolbox, genomes, second)
    own: Any = genomes.topology
    shape = (COUNT, 3)
    numbers = {name: getattr(own, name).reshape(shape) for name in ("weight", "plasticity")}
    child: Any = born.topology
    from_second = child.weight.reshape(shape) == numbers["weight"][second]
    assert from_second.mean() == pytest.approx(0.5, abs=0.04)
    for name, values in numbers.items():
        assert np.array_equal(getattr(child, name).reshape(shape), np.where(from_second, values[second], values)), name
    found = changes(genomes, born)
    for name in ("rule", "coefficients"):  # what a recombination takes from the first parent changes nothing
        assert 0.2 < found[name].mean() < RECOMBINED + 0.05, name
    assert (found["rule"] & found["coefficients"] & from_second.any(axis=1)).mean() > 0.05
    assert (child.traits & ENABLED).all()


def test_champions_are_copied_whole() -> None:
    toolbox = toolbox_of()
    genomes = parents(toolbox)
    found = changes(genomes, children(toolbox, genomes, np.full(COUNT, -1), mutating=False))
    assert not any(changed.any() for changed in found.values())
