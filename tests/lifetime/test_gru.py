"""Gated recurrent units: what they hold, and how errors and gradients go through their gates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Graph, Phenotype, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba import cpu
from evometa.lifetime.reference import Learner, live
from evometa.spec import ACTIVATIONS

WEIGHTS = np.array([0.7, -0.3, 1.2, 0.4, -0.5, 0.8, 0.6], np.float32)


def of(ptr: list[int], src: list[int], codes: list[int]) -> Graph:
    """Return a graph of one input and one output."""
    nodes, synapses = np.array(codes, np.uint8), np.array(src, np.int32)
    return Graph(1, 1, np.array(ptr, np.int32), synapses, nodes, np.zeros(len(src), np.int32))


def unit(kinds: Sequence[str] = ("tanh", "sigmoid", "gru")) -> Graph:
    """Return an input, the constant, a unit whose candidate and gate read both and the GRU before, and an output."""
    ptr, src = [0, 0, 0, 3, 6, 6, 7], [0, 1, 4, 0, 1, 4, 4]
    codes = [ACTIVATIONS.code(name) for name in ("linear", "linear", *kinds, "linear")]
    return of(ptr, src, codes)


def lives(graph: Graph, weights: np.ndarray, x: np.ndarray, rule: str) -> tuple:  # type: ignore[type-arg]
    """Return a life of one lane whose ticks are examples x f32[T, I]; each is asked, its target 0."""
    one = Phenotype(graph, compile_rule({"update": parse(rule)}), weights, np.zeros(0, np.float32),
                    np.zeros((0, len(weights)), np.float32))  # fmt: skip
    ticks, y = np.arange(len(x), dtype=np.int32), np.zeros((len(x), graph.outputs, 1), np.float32)
    plan = Plan(ticks[:, None, None], ticks, "linear", "backprop", asked=np.stack([ticks, ticks + 1], axis=1),
                keep_weights=True)  # fmt: skip
    return batch_of([one]), Tasks(x[..., None], y, x[..., None], y), Births(), plan


def test_a_unit_moves_towards_its_candidate_as_far_as_its_gate_says() -> None:
    x = np.array([[0.5], [-1.0], [2.0], [0.1]], np.float32)
    batch = lives(unit(), WEIGHTS, x, "0")
    learner, h = Learner(batch[0], 0, *batch[1:]), 0.0
    for tick, (value,) in enumerate(x.astype(np.float64)):
        learner.learn(tick)
        read = np.array([value, 1.0, h])
        candidate, gate = np.tanh(WEIGHTS[:3] @ read), 1 / (1 + np.exp(-(WEIGHTS[3:6] @ read)))
        h = (1 - gate) * h + gate * candidate
        assert learner.act[4, 0, 0] == pytest.approx(h, rel=1e-5)
    assert live(*batch).score("loss")[0, -1, 0] == pytest.approx((WEIGHTS[6] * h) ** 2, rel=1e-4)


def test_any_two_nodes_are_candidate_and_gate_and_synapses_into_a_gru_add_to_it() -> None:
    """Of the first hidden node they are the last input and the constant: its gate is open."""
    ptr, codes = [0, 0, 0, 2, 3, 5], [ACTIVATIONS.code(name) for name in ("linear", "linear", "gru", "gru", "linear")]
    graph = of(ptr, [0, 2, 1, 2, 3], codes)
    weights = np.array([0.5, 0.25, 3.0, 1.0, 1.0], np.float32)
    batch = lives(graph, weights, np.array([[2.0], [4.0]], np.float32), "0")
    learner = Learner(batch[0], 0, *batch[1:])
    learner.learn(0)
    first = 0.5 * 2 + 2  # gate 1
    second = 3 + first * 1  # candidate the constant, gate the first
    assert learner.act[2:4, 0, 0].tolist() == [first, second]
    learner.learn(1)
    again = 0.5 * 4 + 0.25 * first + 4
    assert learner.act[2:4, 0, 0].tolist() == [again, 3 + second + again * (1 - second)]


def test_a_closed_gate_holds_for_ever_and_lets_no_error_through_to_the_candidate() -> None:
    graph, weights = unit(("tanh", "step", "gru")), np.array([1, 0, 0, 2, -1, 0, 1], np.float32)
    x = np.zeros((300, 1), np.float32)
    x[0] = 0.8
    batch = lives(graph, weights, x, "grad")
    learner = Learner(batch[0], 0, *batch[1:])
    for tick in range(2):
        learner.learn(tick)
        assert (learner.grad[:3] != 0).any() == (tick == 0)
    held = live(*lives(graph, weights, x, "0")).score("loss")[0, :, 0]
    assert (held == held[0]).all()
    assert held[0] == pytest.approx(np.tanh(0.8) ** 2)


@pytest.mark.parametrize("recurrent", [False, True])
def test_layers_of_units_learn_alike_in_numba(recurrent: bool) -> None:
    rng = np.random.default_rng(7)
    graph = layered(2, (3, 2), 2, "gru", recurrent)
    weights, x = rng.standard_normal(graph.synapses).astype(np.float32), rng.standard_normal((6, 2)).astype(np.float32)
    found, expected = (one(*lives(graph, weights, x, "-0.1*grad")) for one in (cpu.live, live))
    assert found.scores.tobytes() == expected.scores.tobytes()
    assert found.weights is not None
    assert expected.weights is not None
    assert found.weights[0].tobytes() == expected.weights[0].tobytes() != weights.tobytes()
