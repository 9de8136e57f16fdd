"""Gradients are derivatives: those of small nets equal finite differences of a loss that is computed in float64.

The forward pass here is NumPy's own, matrix by matrix, and shares nothing with the backends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from evometa.language.program import Program, compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.lifetime import Births, Graph, Phenotype, Plan, Tasks, in_all_lanes
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba import cpu
from evometa.lifetime.reference import live
from evometa.spec import ACTIVATIONS, GRU
from tests.lifetime.strategies import OWN, random_graph

BATCH, STEP = 3, 1e-6
Loss = Callable[[np.ndarray, np.ndarray], float]

VALUES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "step": lambda x: x * 1.0,  # errors go back through it as if it were linear
}
ANSWERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(),
}
LOSSES: dict[str, Loss] = {
    "linear": lambda y, t: float(((y - t) ** 2).mean()),
    "sigmoid": lambda y, t: float(-(t * np.log(y) + (1 - t) * np.log(1 - y)).mean()),
    "softmax": lambda y, t: float(-(t * np.log(y)).sum()),
}
EVOLVED: dict[str, Loss] = {
    "square(output - target)": lambda y, t: float(((y - t) ** 2).mean()),
    "output*output*target - 0.5*output": lambda y, t: float((y * y * t - 0.5 * y).mean()),
    "c0*exp(output) + target": lambda y, t: float((0.5 * np.exp(y) + t).mean()),
}


def activations(graph: Graph, w: np.ndarray, head: str, x: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
    """Return the activations [N] after an example x [I] with weights w [E]; `before`: those of the trial before."""
    act = np.concatenate([x, [1.0], np.zeros(graph.nodes - graph.inputs - 1)])
    for node in range(graph.inputs + 1, graph.nodes):
        into = slice(graph.ptr[node], graph.ptr[node + 1])
        source = graph.src[into]
        read = act[source] if before is None else np.where(source >= node, before[source], act[source])
        if graph.activation[node] == GRU:
            past = 0.0 if before is None else before[node]
            act[node] = w[into] @ read + past + act[node - 1] * (act[node - 2] - past)
        else:
            act[node] = VALUES[graph.activation_of(node)](w[into] @ read)
    outputs = slice(graph.nodes - graph.outputs, None)
    act[outputs] = ANSWERS[head](act[outputs])
    return act


def loss_in_float64(
    graph: Graph, w: np.ndarray, head: str, loss: Loss, x: np.ndarray, y: np.ndarray, before: np.ndarray | None = None
) -> float:
    """Return the mean loss of examples x [B, I], y [B, O] with weights w [E]."""
    answers = [activations(graph, w, head, each, before)[graph.nodes - graph.outputs :] for each in x]
    return float(np.mean([loss(answer, target) for answer, target in zip(answers, y, strict=True)]))


def differences(
    graph: Graph, w: np.ndarray, head: str, loss: Loss, x: np.ndarray, y: np.ndarray, before: np.ndarray | None = None
) -> np.ndarray:
    """Return the slope of the loss along each weight, by central differences."""
    found = np.zeros(len(w))
    for e in range(len(w)):
        ends = []
        for step in (STEP, -STEP):
            moved = w.copy()
            moved[e] += step
            ends.append(loss_in_float64(graph, moved, head, loss, x, y, before))
        found[e] = (ends[0] - ends[1]) / (2 * STEP)
    return found


def gradient(graph: Graph, w: np.ndarray, head: str, loss: Program | None, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient as a life computes it: what one update by `grad` adds to the weights."""
    program, nothing = compile_rule({"update": parse("grad - w")}), np.zeros((0, graph.synapses), np.float32)
    one = Phenotype(graph, program, w, np.array([0.5], np.float32), nothing, None, loss)
    tasks = Tasks(x[..., None], y[..., None], x[..., None], y[..., None])
    order = in_all_lanes(np.arange(len(x), dtype=np.int32)[None], 1)
    plan = Plan(order, np.array([1], np.int32), head, "backprop", bound=1e6, keep_weights=True)
    weights = live(batch_of([one]), tasks, Births(), plan).weights
    assert weights is not None
    return weights[0]


def net(seed: int, activation: str) -> Graph:
    """Return a small net with synapses that skip layers, all hidden nodes of one activation."""
    drawn = random_graph(np.random.default_rng(seed), 3, 5, 2, recurrent=False)
    graph = replace(drawn, traits=np.zeros_like(drawn.traits))  # every synapse learns
    kinds = graph.activation.copy()
    kinds[graph.inputs + 1 : graph.nodes - graph.outputs] = ACTIVATIONS.code(activation)
    return replace(graph, activation=kinds)


def examples(seed: int, head: str, graph: Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weights f32[E], inputs f32[B, I] and targets f32[B, O] that suit the head."""
    rng = np.random.default_rng(seed)
    w, x = rng.standard_normal(graph.synapses), rng.standard_normal((BATCH, graph.inputs))
    labels = np.eye(graph.outputs)[rng.integers(0, graph.outputs, BATCH)]
    y = rng.standard_normal((BATCH, graph.outputs)) if head == "linear" else labels
    return w.astype(np.float32), x.astype(np.float32), y.astype(np.float32)


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    assert np.abs(expected).max() > 1e-3  # else nothing would be compared
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=3e-6)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS.names if name != "step"])
@pytest.mark.parametrize("head", OWN)
@pytest.mark.parametrize("seed", range(3))
def test_backprop_is_the_derivative_of_the_head_s_loss(seed: int, head: str, activation: str) -> None:
    graph = net(seed, activation)
    w, x, y = examples(seed, head, graph)
    w *= np.float32(0.3) if activation == "gru" else 1  # whose products of three nodes grow
    expected = differences(graph, w.astype(np.float64), head, LOSSES[head], x.astype(np.float64), y.astype(np.float64))
    assert_close(gradient(graph, w, head, None, x, y), expected)


@pytest.mark.parametrize("text", EVOLVED)
@pytest.mark.parametrize("head", OWN)
def test_backprop_is_the_derivative_of_an_evolved_loss(head: str, text: str) -> None:
    graph = net(1, "tanh")
    w, x, y = examples(2, head, graph)
    expected = differences(graph, w.astype(np.float64), head, EVOLVED[text], x.astype(np.float64), y.astype(np.float64))
    loss = compile_loss(parse(text, signals=SLOTS["loss"].signals))
    assert_close(gradient(graph, w, head, loss, x, y), expected)


@pytest.mark.parametrize("head", OWN)
@pytest.mark.parametrize("seed", range(6))
def test_what_goes_back_carries_the_answers_before_and_has_their_gradient(seed: int, head: str) -> None:
    """In the second of two trials, the first being over: outputs read themselves, those after them, and are read."""
    drawn = random_graph(np.random.default_rng(seed), 3, 3, 3, recurrent=True)
    hidden = np.isin(np.arange(drawn.nodes), [4, 5, 6])
    graph = replace(drawn, traits=np.zeros_like(drawn.traits), activation=hidden.astype(np.uint8))
    w, x, y = examples(seed, head, graph)
    program, nothing = compile_rule({"update": parse("age * (grad - w)")}), np.zeros((0, graph.synapses), np.float32)
    one = Phenotype(graph, program, w, np.zeros(0, np.float32), nothing)
    tasks = Tasks(x[..., None], y[..., None], x[..., None], y[..., None])
    order = in_all_lanes(np.array([[0], [1]], np.int32), 1)
    plan = Plan(order, np.array([2], np.int32), head, "backprop", bound=1e6, keep_weights=True)
    wide = w.astype(np.float64)
    before = activations(graph, wide, head, x[0].astype(np.float64), np.zeros(graph.nodes))
    expected = differences(graph, wide, head, LOSSES[head], x[1:2].astype(np.float64), y[1:2], before)
    from_outputs = graph.src >= graph.nodes - graph.outputs
    assert np.abs(expected[from_outputs]).max() > 1e-3
    for backend in (live, cpu.live):
        weights = backend(batch_of([one]), tasks, Births(), plan).weights
        assert weights is not None
        assert_close(weights[0], expected)


def test_errors_pass_a_step_as_if_it_were_linear() -> None:
    """Its own derivative is 0 wherever there is one; with all steps at 1 the synapses before them say what passed."""
    graph = net(0, "step")
    w, x, y = examples(0, "linear", graph)
    assert np.abs(gradient(graph, w, "linear", None, x, y)[graph.dst < graph.nodes - graph.outputs]).max() > 0


def test_a_wrong_gradient_would_be_noticed() -> None:
    graph = net(1, "tanh")
    w, x, y = examples(1, "linear", graph)
    expected = differences(graph, w.astype(np.float64), "linear", LOSSES["linear"], x.astype(np.float64), y)
    found = gradient(net(1, "sigmoid"), w, "linear", None, x, y)
    with pytest.raises(AssertionError):
        assert_close(found, expected)
