"""The PyTorch module of plastic layers: it learns as the lifetime did, and on real data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.export.layers import matrices
from evometa.export.subject import Subject
from evometa.export.torch_file import torch_module
from tests.export.cases import ALL, CLUSTERS, LOCAL
from tests.export.exported import (
    Lives,
    Made,
    Written,
    answers,
    examples,
    imported,
    learner_of,
    recipe,
    tidy,
    used,
    wine,
)  # fmt: skip

torch = pytest.importorskip("torch", reason="torch is not installed: its exports are not run")


@pytest.mark.parametrize("name", ALL)
def test_it_learns_as_the_lifetime_did_for_a_hundred_updates(
    name: str, made: Made, lives: Lives, tmp_path: Path
) -> None:
    module, (setting, reference) = imported(torch_module(Subject(made(name))), tmp_path), lives(name)
    born = [torch.from_numpy(m) for m in matrices(setting.graph, setting.weights)]
    network = module.PlasticNetwork(weights=born) if setting.drawn else module.PlasticNetwork()
    feedback = setting.phenotypes[0].feedback
    if feedback is not None:
        for layer, matrix in zip(network.layers[1:], matrices(setting.graph, feedback)[1:], strict=True):
            layer.feedback = torch.from_numpy(matrix[:, :-1].copy())
    for x, y in examples(setting):
        network.learn(torch.from_numpy(x), torch.from_numpy(y))
    for layer, end in zip(network.layers, matrices(setting.graph, reference.w[:, 0]), strict=True):
        np.testing.assert_allclose(layer.w.numpy(), end, rtol=2e-5, atol=5e-6)
    queries = setting.tasks.query_x
    found = network(torch.from_numpy(queries[:, :, 0].copy())).numpy()
    np.testing.assert_allclose(found, answers(reference, queries), rtol=5e-5, atol=1e-5)


@pytest.mark.parametrize("name", LOCAL)
def test_it_is_formatted_and_its_example_runs(name: str, written: Written, tmp_path: Path) -> None:
    text = written(name, "torch")
    assert "class PlasticNetwork(torch.nn.Module)" in text
    assert "tensor([[" in used(text, tmp_path)
    assert tidy(text, tmp_path) == ""
    assert max(map(len, text.split("\n"))) <= 100


def test_a_plastic_layer_learns_wine_in_one_pass(tmp_path: Path) -> None:
    """The delta rule on softmax outputs, one example at a time, with the network made for other data."""
    rule = recipe(CLUSTERS, {"update": "0.1*pre*(target - post)"}, network={"credit": "local"})
    module = imported(str(export(learner_of(tmp_path, rule), "torch")), tmp_path)
    x, y, x_new, y_new = (torch.from_numpy(a) for a in wine())
    network = module.PlasticNetwork(inputs=13, outputs=3)
    for example, label in zip(x, y, strict=True):
        network.learn(example[None], torch.eye(3)[label][None])
    assert (network(x_new).argmax(dim=1) == y_new).float().mean() > 0.9
    saved = network.state_dict()
    other = module.PlasticNetwork(inputs=13, outputs=3)
    other.load_state_dict(saved)
    assert torch.equal(other(x_new), network(x_new))
    with pytest.raises(ValueError, match="one example at a time; 2 were given"):
        network.learn(x[:2], torch.eye(3)[y[:2]])


def test_a_layer_can_be_used_alone(written: Written, tmp_path: Path) -> None:
    module = imported(written("delta", "torch"), tmp_path)
    layer = module.PlasticLayer(torch.zeros(2, 4))
    layer.learn(x=torch.ones(1, 3), post=torch.zeros(1, 2), target=torch.tensor([[1.0, -1.0]]))
    assert layer(torch.ones(1, 3)).tolist() == [[2.0, -2.0]]


def test_gradients_that_do_not_come_by_backpropagation_need_the_module(tmp_path: Path) -> None:
    rule = recipe(CLUSTERS, {"update": "-0.1*grad"}, network={"hidden": [5], "credit": "feedback"})
    learner = learner_of(tmp_path, rule)
    assert "class PlasticNetwork" in str(export(learner, "torch"))
    with pytest.raises(InputError, match=r"credit mode feedback, not by backpropagation.*python, torch"):
        export(learner, "optax")
