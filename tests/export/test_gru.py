"""Learners with gated recurrent units: code learns as they do, on any graph and in layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.export import export
from evometa.lifetime import Graph
from evometa.presentation.learner import Learner
from evometa.spec import GRU
from tests.export.exported import (
    CLUSTERS,
    answers,
    examples,
    imported,
    learner_of,
    lived,
    recipe,
    run_file,
    setting_of,
    tidy,
)
from tests.export.test_any_graph import born, made_of
from tests.language.samples import same_bits

CASES = [("descending", 1), ("descending", 2), ("tied", 3), ("rewarded", 0), ("gated", 3), ("broad", 2), ("layers", 0)]


def with_units(graph: Graph) -> Graph:
    """The graph with GRUs among its hidden nodes: the last, and others (drawn), also the first."""
    hidden = np.arange(graph.inputs + 1, graph.nodes - graph.outputs)
    kinds = graph.activation.copy()
    kinds[hidden[np.random.default_rng(graph.synapses).random(len(hidden)) < 0.5]] = kinds[hidden[-1]] = GRU
    return replace(graph, activation=kinds)


def made(folder: Path, name: str, seed: int) -> Learner:
    """A learner with GRUs, on a random graph or in layers."""
    if name != "layers":
        return made_of(folder, name, seed, with_units)
    settings = recipe(
        CLUSTERS, {"update": "-0.1*grad"}, lifetime={"batch": 2, "updates": 20},
        network={"hidden": [3, 2], "activation": "gru", "recurrent": True, "credit": "backprop"},
    )  # fmt: skip
    return learner_of(folder, settings)


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_python_has_the_bits_of_the_lifetime(name: str, seed: int, tmp_path: Path) -> None:
    learner = made(tmp_path, name, seed)
    setting, text = setting_of(learner), str(export(learner, "python"))
    reference, queries = lived(setting), setting.tasks.query_x
    assert setting.graph.grus
    assert tidy(text, tmp_path) == ""
    copy = imported(text, tmp_path).Learner(**born(setting))
    for x, y in examples(setting):
        copy.learn(x, y)
    assert same_bits(copy.w, reference.w[:, 0])
    assert same_bits(copy.predict(queries[:, :, 0]), answers(reference, queries))
    done = run_file(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_torch_learns_as_the_lifetime_did(name: str, seed: int, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: its exports are not run")
    learner = made(tmp_path, name, seed)
    setting, text = setting_of(learner), str(export(learner, "torch"))
    assert tidy(text, tmp_path) == ""
    reference, queries = lived(setting), setting.tasks.query_x
    network = imported(text, tmp_path).PlasticNetwork(**{k: torch.from_numpy(v) for k, v in born(setting).items()})
    for x, y in examples(setting):
        network.learn(torch.from_numpy(x), torch.from_numpy(y))
    asked = torch.from_numpy(queries[:, :, 0].copy())
    np.testing.assert_allclose(network.w.numpy(), reference.w[:, 0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(network(asked).numpy(), answers(reference, queries), rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize(("name", "seed"), [("descending", 1), ("descending", 2)])
def test_onnx_answers_as_after_the_lifetime(name: str, seed: int, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: its exports are not run")
    runtime = pytest.importorskip("onnx.reference", reason="onnx is not installed: its exports are not run")
    learner = made(tmp_path, name, seed)
    setting, path = setting_of(learner), tmp_path / "net.onnx"
    export(learner, "onnx", path, trained=True)
    queries = setting.tasks.query_x
    (found,) = runtime.ReferenceEvaluator(onnx.load(path)).run(None, {"x": queries[:, :, 0]})
    np.testing.assert_allclose(found, answers(lived(setting), queries), rtol=2e-5, atol=2e-6)


def test_optax_has_the_rule_alone(tmp_path: Path) -> None:
    """JAX's gradients are not those of a lifetime that looks back."""
    pytest.importorskip("jax", reason="jax is not installed: its exports are not run")
    assert not hasattr(imported(str(export(made(tmp_path, "layers", 0), "optax")), tmp_path), "network")


def test_files_of_networks_name_them(tmp_path: Path) -> None:
    assert '"activation": "gru"' in str(export(made(tmp_path, "descending", 1), "networkx"))


def unit_code(text: str) -> list[Any]:
    """The lines of a file that tell of GRUs."""
    return [line for line in text.splitlines() if "GRU" in line or "units" in line]


def test_files_of_learners_without_them_do_not_speak_of_them(tmp_path: Path) -> None:
    assert not unit_code(str(export(made_of(tmp_path, "descending", 1), "python")))
