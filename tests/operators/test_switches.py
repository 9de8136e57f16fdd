"""Which synapses of a fixed network learn: first genomes, crossover, mutations of single synapses and of layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.config.schema import Config
from evometa.genetics.genomes import Genomes
from evometa.seeding import Draws
from operators import breeding
from operators.switches import LAYER, SYNAPSE, Switches
from operators.toolbox import make_toolbox
from tests.searching import NETWORK, individual, recipe, shapes

EVOLVED = {"plastic": "evolved", "mutate_plastic": 0.3, "mutate_plastic_layer": 0.2}
KINDS = ("subtree", "node", "insert", "shrink", "constant", "coefficients", "weights", "plasticity")
ALONE = {"crossover": 0.0, **{f"mutate_{name}": 0.0 for name in KINDS}}


def draws(seed: int = 0) -> Draws:
    return Draws(np.random.default_rng(seed))


def genomes_of(count: int, **topology: Any) -> Genomes:
    config = recipe(topology={**EVOLVED, **topology})
    return make_toolbox(config, shapes(config)).genomes(draws(), count)


def learning(genomes: Genomes) -> np.ndarray[Any, Any]:
    """Return which synapses learn."""
    assert genomes.plastic is not None
    return genomes.plastic


def varied(genomes: Genomes, kind: int) -> tuple[Any, Any, np.ndarray[Any, Any]]:
    """Return what learned before, and what afterwards, u8[n, E], and whom the operator calls changed."""
    rows = np.arange(len(genomes))
    children, changed = Switches()(genomes, rows, rows[::-1].copy(), np.full(len(rows), kind), draws(1))
    return learning(genomes), learning(children), changed


def test_at_first_all_learn_or_a_share() -> None:
    assert learning(genomes_of(3)).tolist() == [[1] * NETWORK.synapses] * 3
    some = learning(genomes_of(400, plastic_share=0.25))
    assert some.dtype == np.uint8
    assert some.mean() == pytest.approx(0.25, abs=0.02)
    assert len(np.unique(some, axis=0)) > 300
    config = recipe()
    assert make_toolbox(config, shapes(config)).genomes(draws(), 2).plastic is None


def test_a_mutation_flips_one_synapse_or_turns_a_layer() -> None:
    before, after, changed = varied(genomes_of(100, plastic_share=0.5), SYNAPSE)
    assert (before != after).sum(axis=1).tolist() == [1] * 100
    assert len({int(row.argmax()) for row in before != after}) > NETWORK.synapses // 2
    assert changed.all()
    before, after, changed = varied(genomes_of(200, plastic_share=0.5), LAYER)
    met = set()
    for old, new in zip(before, after, strict=True):
        (group,) = np.unique(NETWORK.group[old != new]) if (old != new).any() else (None,)
        met.add(group)
        if group is not None:
            those = NETWORK.group == group
            assert set(new[those].tolist()) == {int(2 * old[those].sum() <= those.sum())}
    assert {*np.unique(NETWORK.group).tolist()} <= met
    assert changed.tolist() == (before != after).any(axis=1).tolist()


def test_a_child_of_a_crossover_has_each_synapse_from_either_parent() -> None:
    pair = genomes_of(2, plastic_share=0.5).take([0, 1] * 50)
    before, after, _ = varied(pair, 0)
    other = before[::-1]
    assert ((after == before) | (after == other)).all()
    differ = before != other
    assert (after == before)[differ].mean() == pytest.approx(0.5, abs=0.1)


def brood_of(config: Config, count: int = 400) -> tuple[Genomes, Any]:
    """Return the first genomes of a recipe, and children of theirs."""
    toolbox = make_toolbox(config, shapes(config))
    some = toolbox.genomes(draws(), 4)
    parents = [individual(float(number), id=number) for number in range(4)]
    for one, genome in zip(parents, some, strict=True):
        one.genome = genome
    return some, breeding.breed(toolbox, parents, count, 0, rng=draws(2))


def test_chances_meet_every_child_whatever_made_it() -> None:
    some, brood = brood_of(recipe(topology={**EVOLVED, "mutate_plastic_layer": 0.0}, variation=ALONE))
    parents = np.array([parents[0] for parents in brood.parents])
    turned = (learning(brood.genomes) != learning(some)[parents]).sum(axis=1)
    assert set(turned.tolist()) == {0, 1}
    assert turned.mean() == pytest.approx(0.3, abs=0.07)
    assert np.array_equal(np.array(brood.operators) == "mutation", turned > 0)
    assert set(brood.operators) == {"mutation", "copy"}
    some, brood = brood_of(recipe(topology={**EVOLVED, "mutate_plastic": 0.4}, variation={"mutate_term": 0.0}))
    alone = [place for place, name in enumerate(brood.operators) if name == "mutate weights"]
    first = np.array([brood.parents[place][0] for place in alone])
    assert (learning(brood.genomes)[alone] != learning(some)[first]).any(axis=1).mean() > 0.3


def test_where_nothing_else_varies_crossover_has_its_share() -> None:
    topology = {**EVOLVED, "plastic_share": 0.5}
    _, brood = brood_of(recipe(topology=topology, variation={**ALONE, "crossover": 0.3}))
    crossed = np.mean([name == "crossover plastic" for name in brood.operators])
    assert 0.05 < crossed < 0.38  # less than its share, where a parent meets itself
    assert {len(parents) for parents in brood.parents} == {1, 2}


@pytest.mark.parametrize("chance", [0.25, 1.0])
def test_a_term_joins_children_with_its_chance(chance: float) -> None:
    variation = {**ALONE, "mutate_weights": 1.0, "mutate_term": chance}
    some, brood = brood_of(recipe(variation=variation))
    parents = [some[parents[0]] for parents in brood.parents]
    grown = [child.rule != parent.rule for child, parent in zip(brood.genomes, parents, strict=True)]
    assert np.mean(grown) == pytest.approx(chance, abs=0.08 if chance < 1 else 0.02)
    assert {*brood.operators} == {"mutate weights"}
