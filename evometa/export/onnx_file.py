"""The ONNX export: the innate or a trained network, for any runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.export.few_shot import FewShot, compares
from evometa.export.layers import levels_of
from evometa.export.onnx_comparison import comparison
from evometa.export.record import learned
from evometa.export.spelling import one_line
from evometa.export.subject import Subject
from evometa.lifetime import F32, SILENT, Graph
from evometa.spec import ACTIVATIONS, GRU, HEADS
from evometa.spec.activations import Activation
from evometa.spec.heads import Head

if TYPE_CHECKING:
    import onnx

Shape = tuple[str | int, ...]

OPSET, IR = 17, 8  # of ONNX 1.12 (2022): every runtime in use reads them


def onnx_file(subject: Subject, trained: bool | None = None) -> bytes:
    """Return a model with input "x" f32[batch, I] and output "answers" f32[batch, O].

    Of a learner that compares, and learns nothing else: with inputs "support_x" f32[examples, I], "support_y"
    f32[examples, classes] (one-hot) and "query_x" f32[queries, I], and output "answers" f32[queries, classes].
    `trained`: with weights learned on the first held-out task, or innate; if not given, innate where all learners are
    born alike. Recurrent synapses read what a lifetime's queries find: the activations of the last update, zeros at
    birth. Synapses whose gate is closed weigh 0. InputError where weights are drawn anew for each life and innate ones
    are asked for.
    """
    model = onnx_model(subject, trained)
    return model.SerializeToString()


def onnx_model(subject: Subject, trained: bool | None = None) -> onnx.ModelProto:
    """Return the model as `onnx` holds it (see `onnx_file`)."""
    onnx = _import_onnx()
    if compares(subject):
        return _few_shot(onnx, subject)
    setting = subject.setting
    trained = setting.drawn if trained is None else trained
    if setting.drawn and not trained:
        raise InputError(
            "a learner with innate weights", "one whose weights are drawn anew for each life", subject.where,
            "Export it trained: --trained.",
        )  # fmt: skip
    graph, before = setting.graph, np.zeros(setting.graph.nodes, np.float32)
    weights = np.where(graph.traits & SILENT > 0, np.float32(0), setting.weights)
    if trained:
        found = learned(setting)
        weights, before = found.transmitted, found.act
    body = _Body(onnx, graph)
    body.network(weights, before, setting.plan.head)
    kind = f"learned on {setting.note}" if trained else "innate"
    return _model(onnx, subject, body, {"x": ("batch", graph.inputs)}, ("batch", graph.outputs), kind)


def _few_shot(onnx: Any, subject: Subject) -> onnx.ModelProto:
    """Return the model of a learner that compares."""
    few = FewShot(subject, "onnx")
    graph = few.plan.graph
    body = _Body(onnx, graph)
    body.add("Concat", ["support_x", "query_x"], "x", axis=0)
    embedding = body.outputs(few.weights, np.zeros(graph.nodes, np.float32))
    comparison(body, embedding, few)
    inputs: dict[str, Shape] = {"support_x": ("examples", graph.inputs), "support_y": ("examples", "classes")}
    inputs["query_x"] = ("queries", graph.inputs)
    return _model(onnx, subject, body, inputs, ("queries", "classes"), "innate")


def _model(onnx: Any, subject: Subject, body: _Body, inputs: Mapping[str, Shape], answers: Shape,
           kind: str) -> onnx.ModelProto:  # fmt: skip
    """Return a body as a model; `kind`: what its weights are."""
    helper, single = onnx.helper, onnx.TensorProto.FLOAT
    told = helper.make_graph(
        body.nodes, "learner",
        [helper.make_tensor_value_info(name, single, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info("answers", single, answers)],
        [onnx.numpy_helper.from_array(array, name) for name, array in body.arrays.items()],
    )  # fmt: skip
    model = helper.make_model(
        told, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="evometa",
        producer_version=str(subject.provenance()["evometa"]),
        doc_string=f"{subject.story('A network that evometa evolved.')}\nweights       {one_line(kind)}",
    )  # fmt: skip
    helper.set_model_props(model, {key: str(value) for key, value in subject.provenance().items()} | {"weights": kind})
    onnx.checker.check_model(model)
    return model


def _import_onnx() -> Any:
    try:
        import onnx
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError:
        raise InputError(
            "the package onnx", "none", "export to onnx", 'Install it: pip install "evometa[export]".'
        ) from None
    return onnx


def _operator(row: Head | Activation) -> str:
    """Return the operator that a row is in ONNX. InputError where there is none."""
    if "onnx" not in row.own:
        raise InputError("a head and activations that are operators of ONNX", row.name, "export to onnx")
    return row.own["onnx"]


class _Body:
    """The model's nodes and arrays, grown level by level; `held` names the tensor of each group of nodes."""

    def __init__(self, onnx: Any, graph: Graph) -> None:
        self.onnx, self.graph = onnx, graph
        self.nodes: list[Any] = []
        self.arrays: dict[str, F32 | NDArray[np.int64]] = {}
        self.held: list[tuple[str, list[int]]] = [("x", list(range(graph.inputs)))]

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node; return its output's name."""
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def network(self, weights: F32, before: F32, head: str) -> None:
        """Compute the answers."""
        net = self.outputs(weights, before)
        self.add(_operator(HEADS[head]), [net], "answers", **({"axis": 1} if head == "softmax" else {}))

    def outputs(self, weights: F32, before: F32) -> str:
        """Return the net inputs of the outputs; nodes of one level and activation are computed together, in order."""
        graph, level = self.graph, levels_of(self.graph)
        first = graph.nodes - graph.outputs
        groups = sorted({(int(level[j]), int(graph.activation[j])) for j in range(graph.inputs + 1, graph.nodes)})
        for number, (depth, kind) in enumerate(groups, 1):
            own = [j for j in range(graph.inputs + 1, graph.nodes) if (level[j], graph.activation[j]) == (depth, kind)]
            net = self.net(own, weights, before, f"net{number}")
            if own[0] < first:
                net = self.activate(ACTIVATIONS.names[kind], net, f"hidden{number}")
            if kind == GRU and own[0] < first:
                net = self.mixed(net, own, before, f"units{number}")
            self.held.append((net, own))
        outputs = [(tensor, own) for tensor, own in self.held if own[0] >= first]
        return outputs[0][0] if len(outputs) == 1 else self.together(outputs)

    def together(self, outputs: list[tuple[str, list[int]]]) -> str:
        """Return the net inputs of all outputs in order, of which some read others."""
        joined = self.add("Concat", [tensor for tensor, _ in outputs], "nets", axis=1)
        order = np.argsort([node for _, own in outputs for node in own])
        self.arrays["order"] = order.astype(np.int64)
        return self.add("Gather", [joined, "order"], "net", axis=1)

    def sources(self, j: int) -> list[int]:
        """Return the nodes that a node reads in the same sweep."""
        found = self.graph.src[self.graph.ptr[j] : self.graph.ptr[j + 1]]
        return [int(source) for source in found if source < j]

    def net(self, own: list[int], weights: F32, before: F32, name: str) -> str:
        """Return the net inputs of some nodes: one product with all that they read."""
        graph, bias = self.graph, np.zeros(len(own), np.float32)
        reads: list[tuple[int, int, Any]] = []
        for column, j in enumerate(own):
            for e in range(graph.ptr[j], graph.ptr[j + 1]):
                source = int(graph.src[e])
                if source >= j:
                    bias[column] += weights[e] * before[source]
                else:
                    reads.append((source, column, weights[e]))
        return self.product(reads, bias, name)

    def product(self, reads: list[tuple[int, int, Any]], bias: F32, name: str) -> str:
        """Return sums of what nodes have, each of `reads` a node, the sum that it is in, and a weight; and a bias."""
        read, bias = {source for source, *_ in reads}, bias.copy()
        groups = [(tensor, nodes) for tensor, nodes in self.held if read & set(nodes)] or self.held[:1]
        place = {node: i for i, node in enumerate(node for _, nodes in groups for node in nodes)}
        matrix = np.zeros((len(place), len(bias)), np.float32)
        for source, column, weight in reads:
            if source == self.graph.inputs:
                bias[column] += weight
            else:
                matrix[place[source], column] = weight
        self.arrays |= {f"{name}_weights": matrix, f"{name}_bias": bias}
        tensors = [tensor for tensor, _ in groups]
        together = tensors[0] if len(tensors) == 1 else self.add("Concat", tensors, f"{name}_reads", axis=1)
        return self.add("Gemm", [together, f"{name}_weights", f"{name}_bias"], name)

    def mixed(self, net: str, own: list[int], before: F32, name: str) -> str:
        """Return the activations of GRUs: net inputs and what they were, moved towards candidates."""
        gate, candidate = (
            self.product(
                [(j - back, i, 1) for i, j in enumerate(own)], np.zeros(len(own), np.float32), f"{name}_{part}"
            )
            for part, back in (("gates", 1), ("candidates", 2))
        )
        held = f"{name}_held"
        self.arrays[held] = before[own]
        moves = self.add("Mul", [gate, self.add("Sub", [candidate, held], f"{name}_apart")], f"{name}_moves")
        return self.add("Add", [net, self.add("Add", [held, moves], f"{name}_moved")], name)

    def activate(self, kind: str, net: str, name: str) -> str:
        """Return the activations of net inputs."""
        if kind == "step":
            self.arrays.setdefault("zero", np.zeros((), np.float32))
            above = self.add("Greater", [net, "zero"], f"{name}_above")
            return self.add("Cast", [above], name, to=self.onnx.TensorProto.FLOAT)
        return self.add(_operator(ACTIVATIONS[kind]), [net], name)
