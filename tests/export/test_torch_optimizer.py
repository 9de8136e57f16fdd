"""The PyTorch optimizer: it learns as the lifetime did, and on real data as optimizers do."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.export.layers import layers_of, matrices
from evometa.export.setting import Setting
from tests.export.cases import GRADIENT
from tests.export.exported import Lives, Written, examples, imported, tidy, used, wine

torch = pytest.importorskip("torch", reason="torch is not installed: its exports are not run")


def model_of(setting: Setting) -> Any:
    """The network of a lifetime with its first weights, answering with net inputs."""
    layers = layers_of(setting.graph)
    assert layers is not None
    widths = (layers.inputs, *layers.hidden, layers.outputs)
    kinds = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "linear": torch.nn.Identity}
    parts = []
    for below, above, matrix in zip(widths[:-1], widths[1:], matrices(setting.graph, setting.weights), strict=True):
        linear = torch.nn.Linear(below, above)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(matrix[:, :-1]))
            linear.bias.copy_(torch.from_numpy(matrix[:, -1]))
        parts += [linear, kinds[layers.activation]()]
    return torch.nn.Sequential(*parts[:-1])


def weights_of(model: Any) -> list[np.ndarray[Any, Any]]:
    """A matrix for each layer, biases last."""
    linear = [m for m in model if isinstance(m, torch.nn.Linear)]
    return [torch.cat([m.weight, m.bias[:, None]], dim=1).detach().numpy() for m in linear]


def loss_of(module: Any, setting: Setting, net: Any, y: Any) -> Any:
    """The loss that the lifetime descended."""
    if hasattr(module, "evolved_loss"):
        return module.evolved_loss(net, y)
    functional = torch.nn.functional
    return {
        "linear": functional.mse_loss, "sigmoid": functional.binary_cross_entropy_with_logits,
        "softmax": functional.cross_entropy,
    }[setting.plan.head](net, y)  # fmt: skip


@pytest.mark.parametrize("name", GRADIENT)
def test_it_learns_as_the_lifetime_did_for_a_hundred_updates(
    name: str, lives: Lives, written: Written, tmp_path: Path
) -> None:
    module, (setting, reference) = imported(written(name, "torch"), tmp_path), lives(name)
    model = model_of(setting)
    if hasattr(module, "network"):
        model = module.network()
        assert all(np.array_equal(a, b) for a, b in zip(weights_of(model), weights_of(model_of(setting)), strict=True))
    groups = module.parameter_groups(model) if hasattr(module, "parameter_groups") else model.parameters()
    optimizer = module.EvolvedRule(groups, updates=100)
    for x, y in examples(setting):
        optimizer.zero_grad()
        loss_of(module, setting, model(torch.from_numpy(x)), torch.from_numpy(y)).backward()
        optimizer.step()
    wanted = matrices(setting.graph, reference.w[:, 0])
    born = matrices(setting.graph, setting.weights)
    for found, end, start in zip(weights_of(model), wanted, born, strict=True):
        assert np.isfinite(end).all()
        assert np.abs(end - start).max() > 1e-3
        np.testing.assert_allclose(found, end, rtol=2e-5, atol=5e-6)


@pytest.mark.parametrize("name", GRADIENT)
def test_it_is_formatted_and_its_example_runs(name: str, written: Written, tmp_path: Path) -> None:
    text = written(name, "torch")
    assert "class EvolvedRule(torch.optim.Optimizer)" in text
    assert np.isfinite(float(used(text, tmp_path)))
    assert tidy(text, tmp_path) == ""
    assert max(map(len, text.split("\n"))) <= 100


@pytest.mark.parametrize(("name", "least"), [("sgd", 0.9), ("adam", 0.9)])
def test_it_trains_a_network_on_wine(name: str, least: float, written: Written, tmp_path: Path) -> None:
    module = imported(written(name, "torch"), tmp_path)
    x, y, x_new, y_new = (torch.from_numpy(a) for a in wine())
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(13, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
    optimizer = module.EvolvedRule(model.parameters(), updates=100)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    assert losses[0] > 0.9
    assert losses[-1] < 0.1
    assert (model(x_new).argmax(dim=1) == y_new).float().mean() > least


@pytest.mark.parametrize("foreach", [None, True])
def test_options_states_and_saving_are_those_of_torch(foreach: bool | None, written: Written, tmp_path: Path) -> None:
    module = imported(written("adam", "torch"), tmp_path)

    def train(steps: int, saved: Any = None) -> tuple[Any, Any]:
        torch.manual_seed(1)
        model = torch.nn.Linear(3, 2)
        groups = [{"params": [model.weight]}, {"params": [model.bias], "lr": 0.5}]
        optimizer = module.EvolvedRule(groups, updates=100, foreach=foreach)
        if saved is not None:
            model.load_state_dict(saved[0])
            optimizer.load_state_dict(saved[1])
        for step in range(steps):
            optimizer.zero_grad()
            model(torch.full((1, 3), 1.0 + step % 2)).square().sum().backward()
            assert optimizer.step() is None
        return model, optimizer

    whole, _ = train(8)
    model, optimizer = train(4)
    torch.save([model.state_dict(), optimizer.state_dict()], tmp_path / "saved.pt")
    again, _ = train(4, torch.load(tmp_path / "saved.pt"))
    assert torch.equal(whole.weight, again.weight)
    assert torch.equal(whole.bias, again.bias)


def test_a_closure_is_called_with_gradients(written: Written, tmp_path: Path) -> None:
    module = imported(written("sgd", "torch"), tmp_path)
    w = torch.nn.Parameter(torch.ones(2))
    optimizer = module.EvolvedRule([w], c0=0.1)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = w.square().sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 2.0
    assert torch.allclose(w, torch.full((2,), 0.8))


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_parameters_may_have_another_type(dtype: str, written: Written, tmp_path: Path) -> None:
    module = imported(written("adam", "torch"), tmp_path)
    w = torch.nn.Parameter(torch.ones(4, dtype=getattr(torch, dtype)))
    optimizer = module.EvolvedRule([w], updates=100)
    w.square().sum().backward()
    optimizer.step()
    assert w.dtype == getattr(torch, dtype)
    assert (w < 1).all()


def test_wrong_options_are_refused(written: Written, tmp_path: Path) -> None:
    module, w = imported(written("anchored", "torch"), tmp_path), torch.nn.Parameter(torch.ones(2))
    with pytest.raises(ValueError, match="p0 expected"):
        module.EvolvedRule([w], updates=100)
    with pytest.raises(ValueError, match="lr of at least 0"):
        module.EvolvedRule([w], updates=100, p0=0.0, lr=-1)
    with pytest.raises(ValueError, match="updates of at least 1"):
        module.EvolvedRule([w], updates=0, p0=0.0)
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'updates'"):
        module.EvolvedRule([w], p0=0.0)
    with pytest.raises(ValueError, match="3 linear layers expected, not 1"):
        module.parameter_groups(torch.nn.Linear(1, 1))
    optimizer = module.EvolvedRule([w], updates=100, p0=torch.tensor([0.0, -50.0]), bound=1.0)
    w.grad = torch.full((2,), -100.0)
    optimizer.step()
    assert w.tolist() == [1.0, 1.0]
    w.grad = torch.full((2,), 1.0)
    optimizer.step()
    assert w[0] < 1
    assert w[1] == 1
    sparse = torch.nn.Parameter(torch.ones(2))
    sparse.grad = torch.ones(2).to_sparse()
    with pytest.raises(RuntimeError, match="sparse"):
        module.EvolvedRule([sparse], updates=100, p0=0.0).step()


@pytest.mark.parametrize("foreach", [False, True])
def test_what_is_outside_the_bound_is_left_alone(foreach: bool, written: Written, tmp_path: Path) -> None:
    module = imported(written("sgd", "torch"), tmp_path)
    w, other = torch.nn.Parameter(torch.tensor([100.0, 1.0, -100.0])), torch.nn.Parameter(torch.tensor([19.0, -50.0]))
    optimizer = module.EvolvedRule([w, other], c0=1.0, bound=20.0, foreach=foreach)

    def step(first: list[float], second: list[float]) -> None:
        w.grad, other.grad = torch.tensor(first), torch.tensor(second)
        optimizer.step()

    step([0.0, 0.0, 0.0], [0.0, 0.0])
    assert (w.tolist(), other.tolist()) == ([100, 1, -100], [19, -50])
    step([5.0, -50.0, 5.0], [-5.0, -8.0])  # inwards it moves, outwards it stays
    assert (w.tolist(), other.tolist()) == ([95, 20, -100], [20, -42])
    step([500.0, 1.0, -500.0], [1.0, -30.0])  # and never through to the other side
    assert (w.tolist(), other.tolist()) == ([-20, 19, 20], [19, -12])


@pytest.mark.parametrize("foreach", [False, True])
def test_training_past_its_age_is_said_once(foreach: bool, written: Written, tmp_path: Path) -> None:
    module = imported(written("anchored", "torch"), tmp_path)
    weights = [torch.nn.Parameter(torch.ones(2)) for _ in range(2)]
    optimizer = module.EvolvedRule(weights, updates=3, p0=0.0, foreach=foreach)

    def steps(count: int) -> int:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            for _ in range(count):
                for w in weights:
                    w.grad = torch.ones(2)
                optimizer.step()
        assert all("more updates than 3: the rule's age stays at 1" in str(one.message) for one in said)
        return len(said)

    assert [steps(3), steps(1), steps(5)] == [0, 1, 0]


def test_an_optimizer_can_be_copied(written: Written, tmp_path: Path) -> None:
    module = imported(written("adam", "torch"), tmp_path)
    w = torch.nn.Parameter(torch.ones(2))
    optimizer = module.EvolvedRule([w], updates=5)
    w.grad = torch.ones(2)
    optimizer.step()
    again = copy.deepcopy(optimizer)
    other = again.param_groups[0]["params"][0]
    other.grad = w.grad = torch.full((2,), 2.0)
    optimizer.step()
    again.step()
    assert torch.equal(w, other)
