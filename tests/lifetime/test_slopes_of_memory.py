"""Slopes of lives with an external memory are derivatives: by differences, of losses in float64."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_rule
from evometa.language.text import parse_rule
from evometa.lifetime import Births, Memory, Phenotype, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference_descent import descend
from evometa.lifetime.reference_memory import Storage, empty
from evometa.lifetime.reference_memory_adjoint import AccessAdjoint
from tests.lifetime.test_slopes_of_comparison import Lives, differs, found
from tests.properties import examples

RULES = {
    "nothing": "0", "gradients": "-0.3*grad*c0", "inputs": "0.1*pre*c1 - 0.05*w*post", "reward": "0.1*c0*reward*pre",
}  # fmt: skip
NETS = {
    "forward": ((5,), False, "tanh"), "recurrent": ((4,), True, "tanh"), "gated": ((2,), True, "gru"),
    "alone": ((), False, "tanh"),
}  # fmt: skip
TICKS = 4


def lives(net: str, rule: str, memory: Memory, seed: int = 0) -> Lives:
    """Return a learner in three lanes, asked at every tick what it makes of it."""
    rng, (hidden, recurrent, activation) = np.random.default_rng(seed), NETS[net]

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    graph = layered(2 + memory.cells, hidden, memory.nodes + 2, activation, recurrent)
    graph = replace(graph, outputs=2)
    program, coefficients = compile_rule(parse_rule({"update": RULES[rule]})), np.array([0.8, 1.6], np.float32)
    one = Phenotype(graph, program, numbers(graph.synapses), coefficients, numbers(0, graph.synapses))
    ticks = np.arange(TICKS + 1, dtype=np.int32)
    x, y = numbers(TICKS + 1, 2, 3), (numbers(TICKS + 1, 2, 3) > 0).astype(np.float32)
    order = np.repeat(ticks[:-1, None, None], 3, axis=2)
    asked = np.stack([ticks, ticks + 1], axis=1)
    plan = Plan(order, ticks, "sigmoid", "backprop", asked=asked, memory=memory)
    return batch_of([one]), Tasks(x[:-1], y[:-1], x, y), Births(), plan


@pytest.mark.parametrize(
    ("net", "rule"),
    [
        ("forward", "nothing"),
        ("alone", "gradients"),
        ("recurrent", "inputs"),
        ("gated", "gradients"),
        ("forward", "reward"),
    ],
)
@pytest.mark.parametrize("memory", [Memory(3, 2, 1.5, 1.3), Memory(4, 1, focus_by=0, sharpness_by=1)], ids=str)
def test_slopes_go_through_the_memory(net: str, rule: str, memory: Memory) -> None:
    batch, weights = lives(net, rule, memory), np.array([[0.3, 0.0, 1.0, 0.2, 0.7]])
    differs(batch, weights, 2)
    slopes = found(batch, weights, 2)[0]
    assert (slopes[-2:] != 0).any() == (rule != "nothing" or memory.focus_by == 0)


def test_a_coefficient_may_be_both_numbers_of_a_memory() -> None:
    batch = lives("forward", "nothing", Memory(3, 2, focus_by=1, sharpness_by=1))
    differs(batch, np.ones((1, TICKS + 1)), 2)


@examples(8)
@given(st.integers(0, 2**32 - 1))
def test_slopes_of_random_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    memory = Memory(
        int(rng.integers(1, 6)), int(rng.integers(1, 4)), float(rng.uniform(0.1, 5)), float(rng.uniform(0.7, 3)),
        int(rng.choice([-1, 0])), int(rng.choice([-1, 1])),
    )  # fmt: skip
    rule, net = str(rng.choice(list(RULES))), str(rng.choice(list(NETS)))
    differs(lives(net, rule, memory, seed), rng.standard_normal((1, TICKS + 1)), 2)


def test_with_order_1_what_was_read_is_held_constant() -> None:
    """Then what is said to the memory has no slope, and weights of what is answered have that of a fixed input."""
    batch, weights = lives("alone", "nothing", Memory(3, 2)), np.ones((1, TICKS + 1))
    first, second = (found(batch, weights, order)[0] for order in (1, 2))
    graph = batch[0].graphs[0]
    said = graph.dst < graph.nodes - graph.outputs
    assert not first[:-2][said].any()
    assert second[:-2][said].any()
    assert np.allclose(first[:-2][~said], second[:-2][~said]), "the rest is what they are asked"


def test_a_memory_that_nobody_asks_has_no_slope() -> None:
    """Losses at birth alone: nothing was read yet."""
    batch = lives("forward", "nothing", Memory(3, 2, focus_by=0))
    weights = np.zeros((1, TICKS + 1), np.float32)
    weights[0, 0] = 1
    slopes = descend(*batch, [adjoint_of(one) for one in batch[0].programs], weights)
    assert not slopes.coefficients.any()


def test_attention_that_is_held_has_no_slope() -> None:
    """So sharp that exp_f is held at its least for every slot: then all shares are alike, whatever they were."""
    memory = Memory(6, 1, sharpness=60.0)
    storage, state = Storage(memory, np.zeros(0, np.float32)), empty(memory, 1)
    state["attention"] = np.array([0.2, 0.18, 0.16, 0.16, 0.15, 0.15], np.float32)[:, None]
    z = np.zeros((memory.nodes, 1), np.float32)
    after, _ = storage.access(state, z)
    assert np.allclose(after["attention"], 1 / 6)
    bars = {name: np.zeros_like(part) for name, part in state.items()}
    bars["attention"] = np.arange(6, dtype=np.float32)[:, None]
    for sharpness, has_slope in ((60.0, False), (2.0, True)):
        one = AccessAdjoint(Storage(memory._replace(sharpness=sharpness), np.zeros(0, np.float32)), state, z, bars)
        one.back()
        assert bool(one.z_bar[-3:].any()) == bool(one.numbers[1].any()) == has_slope
