"""Gates in random and evolved networks: what must not depend on whether there are any, and that backends agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.decoding import decode
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse, parse_rule
from evometa.lifetime import FIXED, Births, Phenotype, Phenotypes, Plan, Tasks, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda import streaming
from evometa.lifetime.numba import cpu
from tests.lifetime.host_device import HostDevice
from tests.lifetime.strategies import LONG, deep_batch, random_batch, random_rule
from tests.lifetime.test_parity import assert_same, same_bits
from tests.properties import examples


def with_gates(seed: int, recurrent: bool) -> list[tuple[Phenotypes, Tasks, Births, Plan]]:
    """Random learners, some synapses FIXED, some recurrent: without gates, and with such as are always open."""
    phenotypes, *rest = random_batch(seed) if recurrent else deep_batch(seed)
    rng, single = np.random.default_rng(seed), rest[2].order.shape[1] == 1
    rules = [random_rule(rng, single) for _ in phenotypes.programs]
    rules = [{slot: tree for slot, tree in rule.items() if slot != "gate"} for rule in rules]
    read = any("gate" in tree.signals() for rule in rules for tree in rule.values())
    gate = parse(str(rng.choice(["1", "gate"] if read else ["1", "gate", "age + 1", "0.5*gate + 1"])))
    graphs = [replace(graph, traits=graph.traits & FIXED) for graph in phenotypes.graphs]
    return [
        (replace(phenotypes, graphs=graphs, programs=[compile_rule(rule) for rule in some]), *rest)
        for some in (rules, [{**rule, "gate": gate} for rule in rules])
    ]


@pytest.mark.slow  # in plain Python
@examples(20)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_with_gates_that_are_always_open_a_life_is_the_one_without(seed: int, recurrent: bool) -> None:
    without, gated = with_gates(seed, recurrent)
    assert_same(cpu.live(*gated), cpu.live(*without))
    assert_same(reference.live(*gated), cpu.live(*without))


@examples(10)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_and_so_it_is_in_the_cuda_text(cuda_on_host: Path, seed: int, recurrent: bool) -> None:
    without, gated = with_gates(seed, recurrent)
    assert_same(streaming.live(HostDevice(cuda_on_host), *gated), streaming.live(HostDevice(cuda_on_host), *without))


def evolved(
    seed: int, recurrent: bool, gate: str | None, candidates: bool = True
) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Learners on topologies with many genes disabled, some not plastic, whose rule opens and closes synapses."""
    rng = np.random.default_rng(seed)
    layers, count = layered(3, [4, 2], 2, "tanh", recurrent=recurrent), 5
    weights = rng.normal(size=(count, layers.synapses)).astype(np.float32)
    genes = topologies_of(layers, weights)
    traits = np.where(rng.random(len(genes.mark)) < 0.4, 0, ENABLED) | np.where(
        rng.random(len(genes.mark)) < 0.2, 0, PLASTIC
    )
    networks = decode(Topologies(**{**vars(genes), "traits": traits.astype(np.uint8)}), candidates=candidates)
    rule = {"update": "-0.1*grad", **({} if gate is None else {"gate": gate})}
    learners = [
        Phenotype(
            graph,
            compile_rule(parse_rule(rule)),
            networks.weights[first:last],
            np.zeros(0, np.float32),
            np.zeros((0, last - first), np.float32),
        )
        for graph, first, last in zip(networks.graphs, networks.begins, networks.begins[1:], strict=False)
    ]
    shapes = ((8, 3), (8, 2), (6, 3), (6, 2))
    tasks = Tasks(*(rng.normal(size=(*shape, 20)).astype(np.float32) for shape in shapes))
    order = rng.integers(0, 8, (12, 2, 20)).astype(np.int32)
    plan = Plan(order, np.array([0, 5, 12], np.int32), "linear", "backprop", keep_weights=True)
    return batch_of(learners), tasks, Births(), plan


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=LONG) for seed in range(2, 6))])
def test_evolved_topologies_rewire_themselves_alike_in_every_backend(
    seed: int, recurrent: bool, cuda_on_host: Path
) -> None:
    batch = evolved(seed, recurrent, "0.5*gate + abs(grad) - 0.4*abs(w)")
    expected = reference.live(*batch)
    assert expected.opened is not None
    before, *_, after = np.moveaxis(expected.opened, 1, 0)
    assert (before != after).mean() > 0.5
    assert len(np.unique(after)) > 5  # lanes, too, come to differ
    assert_same(cpu.live(*batch), expected)
    assert_same(streaming.live(HostDevice(cuda_on_host), *batch), expected)


@pytest.mark.parametrize("recurrent", [False, True])
def test_candidates_that_never_open_change_no_bit(recurrent: bool) -> None:
    with_candidates, without = evolved(1, recurrent, "gate"), evolved(1, recurrent, None, candidates=False)
    assert max(graph.synapses for graph in without[0].graphs) < max(
        graph.synapses for graph in with_candidates[0].graphs
    )
    assert same_bits(cpu.live(*with_candidates).loss, cpu.live(*without).loss)


@pytest.mark.slow  # in plain Python
def test_a_price_leads_to_fewer_synapses() -> None:
    """Each weight that does not matter shrinks to nothing, so that a gate which reads it closes."""
    phenotypes, tasks, births, plan = evolved(0, False, "abs(w) - 0.3*age")
    plan = replace(plan, order=np.tile(plan.order, (10, 1, 1)), checkpoints=np.array([0, 120], np.int32))
    free, dear = (cpu.live(phenotypes, tasks, births, replace(plan, synapse_cost=cost)) for cost in (0.0, 0.05))
    assert free.opened is not None
    assert dear.opened is not None
    assert (dear.opened[:, -1] < free.opened[:, -1]).mean() > 0.8
