"""Exports of learners that compare: examples in, answers out, as in the run; what also learns is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.export.setting import Setting
from evometa.lifetime import SILENT
from evometa.lifetime.reference import Learner as Reference
from evometa.presentation.learner import Learner
from tests.export.cases import comparing
from tests.export.exported import F32, imported, learner_of, run_file, setting_of, tidy, used
from tests.lifetime.strategies import random_graph

CASES = [("prototype", 0), ("matching", 0), ("ridge", 0), ("prototype", 2), ("matching", 2), ("ridge", 2)]  # contexts
HEADS = ["prototype", "matching", "ridge"]
UNBIASED = {"bias": False}
Few = Callable[..., tuple[Learner, Setting, F32]]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Few:
    """A learner, its surroundings, and the answers f32[Q, A] of the reference, of examples without the last class."""
    folder = tmp_path_factory.mktemp("few")

    @cache
    def make(head: str, contexts: int = 0, **more: Any) -> tuple[Learner, Setting, F32]:
        learner = learner_of(folder, comparing(head, contexts=contexts, **more))
        setting = setting_of(learner)
        setting.tasks.support_y[:, 3] += setting.tasks.support_y[:, 4]
        setting.tasks.support_y[:, 4] = 0
        one = Reference(setting.phenotypes, 0, setting.tasks, setting.births, setting.plan).informed()
        nothing = np.zeros_like(setting.tasks.query_y[0])
        answers = [one.asked(x, nothing).output[:, 0, 0] for x in setting.tasks.query_x]
        return learner, setting, np.array(answers, np.float32)

    return make


def grown(folder: Path, head: str, seed: int) -> tuple[Learner, F32]:
    """A learner with a random graph, recurrent for odd seeds, and the answers f32[Q, A] of the reference."""
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 49, 7, 6, recurrent=seed % 2 == 1, silent=True, gated=True)
    weights = 0.3 * rng.standard_normal(graph.synapses, np.float32)
    learner = learner_of(folder, comparing(head), topology=graph, weights=weights)
    setting = setting_of(learner)
    assert setting.graph == graph
    one = Reference(setting.phenotypes, 0, setting.tasks, setting.births, setting.plan).informed()
    nothing = np.zeros_like(setting.tasks.query_y[0])
    return learner, np.array([one.asked(x, nothing).output[:, 0, 0] for x in setting.tasks.query_x], np.float32)


def examples(setting: Setting) -> tuple[F32, F32, F32]:
    """Support and queries of its task."""
    tasks = setting.tasks
    return tuple(np.ascontiguousarray(part[..., 0]) for part in (tasks.support_x, tasks.support_y, tasks.query_x))  # type: ignore[return-value]


def close(found: Any, wanted: F32) -> None:
    """Fail unless answers agree up to rounding, and the class without an example has none."""
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    assert (np.asarray(found)[:, 4] < 1e-30).all()


@pytest.mark.parametrize(("head", "contexts"), CASES)
def test_numpy_answers_as_the_run_and_takes_further_classes(head: str, contexts: int, few: Few, tmp_path: Path) -> None:
    learner, setting, wanted = few(head, contexts)
    x, y, queries = examples(setting)
    text = str(export(learner, "python"))
    assert tidy(text, tmp_path) == ""
    module = imported(text, tmp_path)
    close(module.Learner().support(x, y).predict(queries), wanted)
    old = y[:, :2].any(axis=1)
    bit = module.Learner().support(x[old], y[old, :2]).support(x[~old], y[~old])
    close(bit.predict(queries), wanted)
    assert len(used(text, tmp_path).splitlines()) == 4
    with pytest.raises(ValueError, match="examples are wanted"):
        module.Learner().predict(queries)
    if not contexts:
        done = run_file(text, tmp_path)
        assert (done.returncode, "as in the run" in done.stdout) == (0, True), done.stderr
        wrong = run_file(text.replace("SCALE = F(", "SCALE = F(2 * "), tmp_path)
        assert "answers differ" in wrong.stderr


@pytest.mark.parametrize(("head", "contexts", "more"), [(*case, {}) for case in CASES] + [("prototype", 0, UNBIASED)])
def test_torch_answers_as_the_run_and_learns_on(
    head: str, contexts: int, more: dict[str, Any], few: Few, tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: its export is not run")
    learner, setting, wanted = few(head, contexts, **more)
    x, y, queries = (torch.tensor(part) for part in examples(setting))
    text = str(export(learner, "torch"))
    assert tidy(text, tmp_path) == ""
    network = imported(text, tmp_path).FewShotNetwork()
    close(network.support(x, y)(queries).detach().numpy(), wanted)
    assert len(used(text, tmp_path).splitlines()) >= 4
    right = torch.tensor(setting.tasks.query_y[:, :4, 0].argmax(axis=1))
    optimizer, losses = torch.optim.SGD(network.parameters(), 0.002 if contexts else 0.05), []
    for _ in range(5):
        loss = torch.nn.functional.cross_entropy(network.support(x, y).net_inputs(queries), right)
        optimizer.zero_grad()
        loss.backward()
        assert all(torch.isfinite(one.grad).all() and one.grad.any() for one in network.parameters())
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0], losses


@pytest.mark.parametrize("seed", [0, 1, 2, 5])  # with closed synapses, recurrent ones, fixed ones, GRUs
def test_networks_that_evolved_are_compared_in_torch(seed: int, tmp_path: Path) -> None:
    """Which have as many parameters as synapses that transmit, and slopes as the answers' differences have them."""
    torch = pytest.importorskip("torch", reason="torch is not installed: its export is not run")
    learner, wanted = grown(tmp_path, HEADS[seed % 3], seed)
    setting = setting_of(learner)
    text = str(export(learner, "torch"))
    assert tidy(text, tmp_path) == ""
    module, graph = imported(text, tmp_path), setting.graph
    x, y, queries = (torch.tensor(part) for part in examples(setting))
    network = module.FewShotNetwork()
    np.testing.assert_allclose(network.support(x, y)(queries).detach().numpy(), wanted, rtol=1e-4, atol=1e-5)
    open_ones = (graph.traits & SILENT == 0) & (graph.src < graph.dst)
    assert network.weights.shape == (open_ones.sum(),)
    assert sorted(network.weights.tolist()) == sorted(setting.weights[open_ones].tolist())
    again = module.FewShotNetwork()
    again.load_state_dict(network.state_dict())
    double, right = again.double(), torch.tensor(setting.tasks.query_y[..., 0].argmax(axis=1))

    def loss() -> Any:
        net = double.support(x.double(), y.double()).net_inputs(queries.double())
        return torch.nn.functional.cross_entropy(net, right)

    loss().backward()
    for parameter in double.parameters():
        here, way, found = parameter.detach().clone(), torch.cos(torch.arange(parameter.numel())), []
        for step in (-1e-6, 1e-6):
            parameter.data = here + step * way.reshape(here.shape)
            found.append(loss().item())
        parameter.data = here
        slope = (parameter.grad.flatten() * way).sum().item()
        np.testing.assert_allclose(slope, (found[1] - found[0]) / 2e-6, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize(("head", "contexts"), CASES)
def test_onnx_answers_as_the_run(head: str, contexts: int, few: Few, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed: its export is not made")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: ONNX exports are not run")
    learner, setting, wanted = few(head, contexts)
    x, y, queries = examples(setting)
    path = export(learner, "onnx", tmp_path / "few.onnx", trained=bool(contexts))
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def answers(x: F32, y: F32, queries: F32) -> F32:
        found: F32 = session.run(["answers"], {"support_x": x, "support_y": y, "query_x": queries})[0]
        return found

    close(answers(x, y, queries), wanted)
    close(answers(x, y, queries[:1]), wanted[:1])  # any number of queries, of classes, of examples
    assert answers(x[:3], np.eye(3, 7, dtype=np.float32), queries).shape == (len(queries), 7)


def test_embeddings_of_gated_recurrent_units(few: Few, tmp_path: Path) -> None:
    """Which hold nothing yet, as lives without updates begin anew for each query."""
    learner, setting, wanted = few("prototype", activation="gru")
    x, y, queries = examples(setting)
    assert setting.graph.grus
    text = str(export(learner, "python"))
    assert tidy(text, tmp_path) == ""
    close(imported(text, tmp_path).Learner().support(x, y).predict(queries), wanted)
    assert run_file(text, tmp_path).returncode == 0
    pytest.importorskip("onnx", reason="onnx is not installed: its export is not made")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: ONNX exports are not run")
    path = export(learner, "onnx", tmp_path / "few.onnx")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    close(session.run(["answers"], {"support_x": x, "support_y": y, "query_x": queries})[0], wanted)


def test_distances_without_norm_and_by_numbers(few: Few, tmp_path: Path) -> None:
    plain = json.loads(json.dumps({"scale": 0.3, "norm": 0.0}))
    learner = learner_of(tmp_path, comparing("prototype", metric=plain))
    setting = setting_of(learner)
    x, y, queries = examples(setting)
    one = Reference(setting.phenotypes, 0, setting.tasks, setting.births, setting.plan).informed()
    wanted = [one.asked(q, np.zeros_like(setting.tasks.query_y[0])).output[:, 0, 0] for q in setting.tasks.query_x]
    module: ModuleType = imported(str(export(learner, "python")), tmp_path)
    np.testing.assert_allclose(module.Learner().support(x, y).predict(queries), wanted, rtol=1e-4, atol=1e-5)
    told = json.loads(str(export(learner, "json")))["setting"]
    assert (told["head"], told["metric"]) == ("prototype", {"scale": 0.3, "norm": 0.0})
    assert json.loads(str(export(few("matching")[0], "json")))["setting"]["metric"] == {"scale": 0.7, "norm": 0.5}
    told = json.loads(str(export(few("ridge")[0], "json")))["setting"]["metric"]
    assert told == {"scale": 0.7, "norm": 0.5, "log_ridge": -0.3}


@pytest.mark.parametrize("form", ["python", "torch", "onnx", "optax"])
def test_what_also_learns_or_is_drawn_is_refused(form: str, tmp_path: Path) -> None:
    if form == "onnx":
        pytest.importorskip("onnx", reason="onnx is not installed: its export is not made")
    out = tmp_path / "x" if form == "onnx" else None
    said = "compares" if form == "optax" else "also learns by weight updates under the head prototype"
    learner = learner_of(tmp_path, comparing("prototype", 2))
    with pytest.raises(InputError, match=f"{said}.*latex, networkx, graphml, json"):
        export(learner, form, out)
    drawn = {**comparing("prototype"), "weights": {"mode": "drawn"}}
    with pytest.raises(InputError, match="drawn anew for each life" if form != "optax" else said):
        export(learner_of(tmp_path, drawn), form, out)


def test_the_network_is_a_graph_at_birth_and_trained(tmp_path: Path) -> None:
    learner = learner_of(tmp_path, comparing("matching", 2))
    graphs = [json.loads(str(export(learner, "networkx", trained=trained))) for trained in (False, True)]
    weights = [[edge["weight"] for edge in graph["edges"]] for graph in graphs]
    assert weights[0] != weights[1]
