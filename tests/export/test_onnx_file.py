"""The ONNX export: onnxruntime answers as the lifetime does, with innate and with trained weights."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.export.onnx_file import _Body, _operator, onnx_file
from evometa.export.subject import Subject
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference import Learner as Reference
from tests.export.cases import ALL
from tests.export.exported import F32, Lives, Made, answers, setting_of
from tests.language.test_node_texts import HINGE
from tests.lifetime.strategies import random_graph

onnx = pytest.importorskip("onnx", reason="onnx is not installed: its export is not made")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: ONNX exports are not run")


def answered(model: bytes, x: F32) -> F32:
    """What onnxruntime answers."""
    session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    found: F32 = session.run(["answers"], {"x": x})[0]
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_trained_network_answers_as_the_lifetime_does(name: str, made: Made, lives: Lives) -> None:
    setting, reference = lives(name)
    queries = setting.tasks.query_x
    model = onnx_file(Subject(made(name)), trained=True)
    wanted = answers(reference, queries)
    for rows in (1, len(queries)):  # any batch size
        x = np.ascontiguousarray(queries[:rows, :, 0])
        np.testing.assert_allclose(answered(model, x), wanted[:rows], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["oja", "anchored", "rewarded", "binary"])
def test_an_innate_network_answers_as_at_birth(name: str, made: Made, tmp_path: Path) -> None:
    setting = setting_of(made(name))
    born = Reference(setting.phenotypes, 0, setting.tasks, setting.births, setting.plan)
    queries = setting.tasks.query_x
    path = export(made(name), "onnx", tmp_path / "net.onnx")
    assert isinstance(path, Path)
    found = answered(path.read_bytes(), np.ascontiguousarray(queries[:, :, 0]))
    np.testing.assert_allclose(found, answers(born, queries), rtol=1e-4, atol=1e-5)
    model = onnx.load(path)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert (told["weights"], told["run"], told["digest"]) == ("innate", name, made(name)._run.digest)
    assert made(name).formula in " ".join(model.doc_string.split())
    assert [entry.version for entry in model.opset_import] == [17]
    assert model.ir_version == 8


@pytest.mark.parametrize("seed", range(12))
def test_any_graph_can_be_held(seed: int, made: Made) -> None:
    """Sparse graphs of mixed activations, recurrent ones too, outputs that read others; the activations of before."""
    rng = np.random.default_rng(seed)
    setting, head = setting_of(made("delta")), ("linear", "sigmoid", "softmax")[seed % 3]
    graph = random_graph(rng, 3, 6, 2, recurrent=seed % 2 == 1)
    weights, before = rng.standard_normal((2, graph.synapses + graph.nodes)).astype(np.float32)
    before = np.tanh(before[: graph.nodes])
    own = batch_of([setting.phenotypes[0]._replace(graph=graph, innate=weights[: graph.synapses])])
    two = replace(setting.tasks, query_y=np.repeat(setting.tasks.query_y, 2, axis=1))
    learner = Reference(own, 0, two, setting.births, replace(setting.plan, head=head))
    learner.act = before[:, None, None].copy()
    body, x = _Body(onnx, graph), rng.standard_normal((5, 3)).astype(np.float32)
    body.network(weights[: graph.synapses], before, head)
    model = onnx_of(body, graph)
    np.testing.assert_allclose(answered(model, x), answers(learner, x[:, :, None]), rtol=1e-4, atol=1e-5)


def onnx_of(body: Any, graph: Any) -> bytes:
    """A model of a body."""
    helper, single = onnx.helper, onnx.TensorProto.FLOAT
    ends = [helper.make_tensor_value_info("x", single, ["n", graph.inputs])]
    outs = [helper.make_tensor_value_info("answers", single, ["n", graph.outputs])]
    arrays = [onnx.numpy_helper.from_array(array, name) for name, array in body.arrays.items()]
    told = helper.make_graph(body.nodes, "g", ends, outs, arrays)
    model: bytes = helper.make_model(
        told, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    return model


def test_drawn_weights_are_exported_trained_or_not_at_all(made: Made, tmp_path: Path) -> None:
    path = export(made("sgd"), "onnx", tmp_path / "net.onnx")
    told = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert told["weights"].startswith("learned on a held-out task")
    with pytest.raises(InputError, match=r"weights are drawn anew.*--trained"):
        export(made("sgd"), "onnx", tmp_path / "other.onnx", trained=False)


def test_it_needs_a_file_and_the_package(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--out FILE"):
        export(made("oja"), "onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r'pip install "evometa\[export\]"'):
        export(made("oja"), "onnx", tmp_path / "net.onnx")


def test_a_head_that_is_no_operator_is_refused() -> None:
    with pytest.raises(InputError, match="operators of ONNX; found hinge"):
        _operator(HINGE)
