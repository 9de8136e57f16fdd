"""Autograd goes through a life in the PyTorch exports: slopes are those of `descend`, and a user's MAML goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.export import export
from evometa.export.layers import matrices
from evometa.export.setting import Setting
from evometa.export.subject import Subject
from evometa.export.torch_file import torch_module
from evometa.genetics.genome import NO_ROWS
from evometa.language.adjoint import adjoint_of
from evometa.lifetime import F32, Slopes
from evometa.lifetime.reference_descent import descend
from evometa.presentation.learner import Learner
from evometa.spec import ACTIVATIONS
from tests.evolved import evolved_recipe, genes
from tests.export.cases import ALL
from tests.export.exported import SINE, examples, imported, learner_of, recipe, setting_of
from tests.export.test_torch_optimizer import loss_of, model_of

torch = pytest.importorskip("torch", reason="torch is not installed: its exports are not run")

UPDATES = 4
CLOSE = 1e-4  # of the largest slope: float32 in another order


def slopes_of(setting: Setting) -> tuple[Setting, Slopes]:
    """A life of a few updates, and the slopes of the loss at its end, by the reference."""
    points = np.array([UPDATES], np.int32)
    plan = replace(setting.plan, order=setting.plan.order[:UPDATES], length=UPDATES, checkpoints=points)
    short, life = replace(setting, plan=plan), setting.phenotypes
    found = descend(
        life, setting.tasks, setting.births, plan, [adjoint_of(program) for program in life.programs],
        np.ones((1, 1), np.float32), [adjoint_of(loss) for loss in life.losses],
    )  # fmt: skip
    return short, found


def tensors(setting: Setting, values: F32, split: bool = False) -> list[Any]:
    """Numbers of synapses f32[E] as a leaf for each layer, or for weights and biases of each."""
    found = matrices(setting.graph, values)
    parts = [part for m in found for part in ([m[:, :-1], m[:, -1]] if split else [m])]
    return [torch.tensor(part.copy(), requires_grad=True) for part in parts]


def same(found: list[Any], setting: Setting, wanted: F32, split: bool = False) -> None:
    """Compare gradients of leaves with slopes f32[E]."""
    expected = [t.detach().numpy() for t in tensors(setting, wanted, split)]
    largest = max(np.abs(part).max() for part in expected)
    assert largest > 0
    for leaf, part in zip(found, expected, strict=True):
        np.testing.assert_allclose(leaf.grad.numpy(), part, rtol=0, atol=CLOSE * largest)


def plastic(learner: Learner, setting: Setting) -> dict[str, F32]:
    """Coefficients of each synapse, f32[E]."""
    subject = Subject(learner)
    return {n: v[setting.graph.group] if subject.tied else v for n, v in subject.plasticity.items()}


@pytest.mark.parametrize("name", ["anchored", "adam"])
def test_a_gradient_rule_is_differentiated_as_it_is_tuned(name: str, tmp_path: Path) -> None:
    learner = learner_of(tmp_path, ALL[name], name)
    module, (setting, wanted) = imported(str(export(learner, "torch")), tmp_path), slopes_of(setting_of(learner))
    model, places = model_of(setting), plastic(learner, setting)
    names = [name for name, _ in model.named_parameters()]
    born = tensors(setting, setting.weights, split=True)
    numbers = {name: tensors(setting, values, split=True) for name, values in places.items()}
    c0 = {"c0": torch.tensor(module.C0, requires_grad=True)} if hasattr(module, "C0") else {}
    weights, states = born, [None] * len(born)

    def answer(x: F32) -> Any:
        return torch.func.functional_call(model, dict(zip(names, weights, strict=True)), torch.from_numpy(x))

    for update, (x, y) in enumerate(examples(setting)):
        loss = loss_of(module, setting, answer(x), torch.from_numpy(y))
        slopes = torch.autograd.grad(loss, weights, create_graph=True)
        age = {"age": update / (UPDATES - 1)} if "age" in learner.signals else {}
        changed = [
            module.apply_rule(w, g, s, **age, **c0, **{name: values[i] for name, values in numbers.items()})
            for i, (w, g, s) in enumerate(zip(weights, slopes, states, strict=True))
        ]
        weights, states = [w for w, _ in changed], [s for _, s in changed]
    loss = standard(setting, answer(setting.tasks.query_x[:, :, 0].copy()))
    np.testing.assert_allclose(loss.item(), wanted.losses[0, 0, 0], rtol=1e-5)
    loss.backward()
    if wanted.innate[0] is not None:
        same(born, setting, wanted.innate[0], split=True)
    for k, leaves in enumerate(numbers.values()):
        same(leaves, setting, wanted.plasticity[0][k], split=True)
    if c0:
        np.testing.assert_allclose(c0["c0"].grad, wanted.coefficients[0, 0], rtol=CLOSE)


def standard(setting: Setting, net: Any) -> Any:
    """The head's standard loss on the queries, for net inputs."""
    return loss_of(object(), setting, net, torch.from_numpy(setting.tasks.query_y[:, :, 0].copy()))


@pytest.mark.parametrize("name", ["oja", "recurrent"])
def test_plastic_layers_are_differentiated_as_they_are_tuned(name: str, tmp_path: Path) -> None:
    learner = learner_of(tmp_path, ALL[name], name)
    setting, wanted = slopes_of(setting_of(learner))
    module = imported(torch_module(Subject(learner)), tmp_path)
    leaves = {"weights": tensors(setting, setting.weights)}
    leaves |= {name: tensors(setting, values) for name, values in plastic(learner, setting).items()}
    known = {} if "age" not in learner.signals else {"updates": UPDATES}
    network = module.PlasticNetwork(**leaves, **known, differentiable=True)
    lost(network, setting, wanted)
    if wanted.innate[0] is not None:
        same(leaves["weights"], setting, wanted.innate[0])
    for k, part in enumerate(list(leaves)[1:]):
        same(leaves[part], setting, wanted.plasticity[0][k])


def test_a_network_that_evolved_is_differentiated_as_it_is_tuned(tmp_path: Path) -> None:
    own = evolved_recipe({"update": "-0.2*s1 - 0.01*w", "s1": "0.5*s1 + grad"})
    topologies = genes(1)
    step = topologies.activation == ACTIVATIONS.names.index("step")  # which has no slope to go by
    kinds = np.where(step, 1, topologies.activation).astype(topologies.activation.dtype)
    topology = replace(topologies, activation=kinds)[0]
    learner = learner_of(tmp_path, own, topology=topology, weights=None, plasticity=NO_ROWS)
    setting, wanted = slopes_of(setting_of(learner))
    module = imported(str(export(learner, "torch")), tmp_path)
    weights = torch.tensor(setting.weights, requires_grad=True)
    network = module.PlasticNetwork(weights=weights, differentiable=True)
    lost(network, setting, wanted)
    slopes = wanted.innate[0]
    assert slopes is not None
    np.testing.assert_allclose(weights.grad.numpy(), slopes, rtol=0, atol=CLOSE * np.abs(slopes).max())
    plain = module.PlasticNetwork(weights=weights)
    plain.learn(*map(torch.from_numpy, examples(setting)[0]))
    assert not plain.w.requires_grad or plain.w.grad_fn is None


def lost(network: Any, setting: Setting, wanted: Slopes) -> None:
    """Let a network learn, and go back from the loss of its answers at the end."""
    for x, y in examples(setting):
        network.learn(torch.from_numpy(x), torch.from_numpy(y))
    y = torch.from_numpy(setting.tasks.query_y[:, :, 0].copy())
    found = network(torch.from_numpy(setting.tasks.query_x[:, :, 0].copy()))
    functional = torch.nn.functional
    loss = {"linear": functional.mse_loss, "sigmoid": functional.binary_cross_entropy}[setting.plan.head](found, y)
    np.testing.assert_allclose(loss.item(), wanted.losses[0, 0, 0], rtol=1e-5)
    loss.backward()


def test_maml_goes_on_where_a_run_has_ended(tmp_path: Path) -> None:
    """A user's own loop: weights at birth and rates of each synapse, by Adam, on tasks that it draws itself."""
    rule = recipe(
        SINE, {"update": "-exp(p0 - 4)*grad"}, plasticity={"count": 1}, weights={"mode": "evolved"},
        network={"hidden": [12], "activation": "tanh"}, lifetime={"batch": "all", "updates": 3},
    )  # fmt: skip
    learner = learner_of(tmp_path, rule)
    module = imported(str(export(learner, "torch")), tmp_path)
    model, rng = module.network(), np.random.default_rng(0)
    names, weights = zip(*model.named_parameters(), strict=True)
    rates = [group["p0"].clone().requires_grad_() for group in module.parameter_groups(model)]
    assert [rate.shape for rate in rates] == [w.shape for w in weights]

    def tasks(count: int) -> list[Any]:
        x = torch.tensor(rng.uniform(-5, 5, (count, 20, 1)), dtype=torch.float32)
        size, phase = torch.tensor(rng.uniform(0.1, [[[[5.0]]], [[[np.pi]]]], (2, count, 1, 1)), dtype=torch.float32)
        return list(zip(x, size * torch.sin(x + phase), strict=True))

    def lost_on(task: Any, exact: bool = True) -> Any:
        (x, y), w, mse = task, list(weights), torch.nn.functional.mse_loss
        for _ in range(3):
            net = torch.func.functional_call(model, dict(zip(names, w, strict=True)), x[:10])
            slopes = torch.autograd.grad(mse(net, y[:10]), w, create_graph=exact)
            w = [module.apply_rule(a, g, p0=p)[0] for a, g, p in zip(w, slopes, rates, strict=True)]
        return mse(torch.func.functional_call(model, dict(zip(names, w, strict=True)), x[10:]), y[10:])

    def as_exported(x: Any, y: Any) -> Any:
        again = module.network()
        optimizer = module.EvolvedRule(module.parameter_groups(again))
        for _ in range(3):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(again(x[:10]), y[:10]).backward()
            optimizer.step()
        return torch.nn.functional.mse_loss(again(x[10:]), y[10:])

    fresh = tasks(20)
    begun = np.mean([lost_on(task, exact=False).item() for task in fresh])
    np.testing.assert_allclose(begun, np.mean([as_exported(*task).item() for task in fresh]), rtol=1e-5)
    before = [rate.detach().clone() for rate in rates]
    optimizer = torch.optim.Adam([{"params": weights, "lr": 0.03}, {"params": rates, "lr": 0.1}])
    for _ in range(15):
        optimizer.zero_grad()
        torch.stack([lost_on(task) for task in tasks(6)]).mean().backward()
        optimizer.step()
    assert np.mean([lost_on(task, exact=False).item() for task in fresh]) < 0.9 * begun
    assert all((a != b).any() for a, b in zip(before, rates, strict=True))
