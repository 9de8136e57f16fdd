"""Many tensors at once, in the PyTorch optimizer: the numbers that each gets alone, with few calls."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from evometa.export import export
from tests.export.cases import GRADIENT
from tests.export.exported import SINE, Written, imported, learner_of, recipe

torch = pytest.importorskip("torch", reason="torch is not installed: its exports are not run")

EVERY_WORD = recipe(  # every primitive and, by their order, every operator on both sides
    SINE,
    {
        "update": "0.01*(tanh(s1) + sigmoid(s2) - exp(-abs(w)) + log(2 + age)*sign(grad) + cos(w)*sin(grad))"
        " - 0.01*min(max(relu(grad), s1), step(w)) - 0.001*select(grad, sqrtabs(w), div(1, 2 + square(s2)))"
        " + aq(0.01*age, grad) + neg(0.01*div(grad, 3 + age)) + (c0 - w)*0.01",
        "s1": "0.9*s1 + c0*grad - (age - s2)*0.1", "s2": "w",
    },
    coefficients={"values": [0.3]}, lifetime={"batch": 2, "updates": 100},
)  # fmt: skip


def trained(module: Any, dtype: Any, foreach: bool, steps: int = 12) -> list[Any]:
    """Parameters of several shapes after some updates with made-up gradients, and their states."""
    draw = torch.Generator().manual_seed(0)
    shapes = [(3, 4), (3,), (), (2, 1, 5), (1,)]
    weights = [torch.nn.Parameter(torch.randn(shape, generator=draw).to(dtype)) for shape in shapes]
    plastic = {name: 0.3 for name in ("p0", "p1") if name in inspect.signature(module.EvolvedRule).parameters}
    optimizer = module.EvolvedRule(weights, updates=100, foreach=foreach, **plastic)
    for step in range(steps):
        for place, w in enumerate(weights):
            gradient = torch.randn(w.shape, generator=draw).to(dtype)
            w.grad = gradient if (step + place) % 4 else None  # so that ages differ
        optimizer.step()
    states = [value for w in weights for value in optimizer.state[w].values()]
    return [w.detach() for w in weights] + [torch.as_tensor(state) for state in states]


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("name", [*GRADIENT, "words"])
def test_many_at_once_get_the_numbers_that_each_gets_alone(
    name: str, dtype: str, written: Written, tmp_path: Path
) -> None:
    text = written(name, "torch") if name in GRADIENT else export(learner_of(tmp_path, EVERY_WORD), "torch")
    module = imported(str(text), tmp_path)
    alone, together = (trained(module, getattr(torch, dtype), foreach) for foreach in (False, True))
    for a, b in zip(alone, together, strict=True):
        assert a.dtype == b.dtype
        assert torch.equal(a, b)
        assert torch.isfinite(a).all()


def test_large_models_are_changed_with_few_calls(written: Written, tmp_path: Path) -> None:
    module, calls = imported(written("sgd", "torch"), tmp_path), []
    weights = [torch.nn.Parameter(torch.ones(3)) for _ in range(50)]
    for w in weights:
        w.grad = torch.ones(3)
    rule = module.rule
    module.rule = lambda **given: calls.append(1) or rule(**given)
    module.EvolvedRule(weights, foreach=True).step()
    assert len(calls) == 1
    module.EvolvedRule(weights).step()
    assert len(calls) == 51  # on the processor each alone, as torch's own optimizers do


def test_states_that_copy_what_comes_in_are_tensors_of_their_own(tmp_path: Path) -> None:
    rule = {"update": "-0.1*s1", "s1": "0.5*s1 + s2", "s2": "grad"}
    learner = learner_of(tmp_path, recipe(SINE, rule, lifetime={"batch": 2, "updates": 10}))
    module = imported(str(export(learner, "torch")), tmp_path)
    for foreach in (False, True):
        weights = [torch.nn.Parameter(torch.zeros(2)) for _ in range(2)]
        optimizer = module.EvolvedRule(weights, foreach=foreach)
        for w in weights:
            w.grad = torch.ones(2)
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()
        assert all(torch.allclose(w, torch.full((2,), -0.1)) for w in weights)
