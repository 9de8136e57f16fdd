"""Ridge regression in ONNX, which has no operator that solves a system: elimination, a row at a time, in a Loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32

Add = Callable[..., str]


def ridge_weights(
    onnx: Any, add: Add, arrays: dict[str, F32 | NDArray[np.int64]], known: str, count: str, penalty: float
) -> str:
    """Return the tensor of the weights of classes f32[D, A], of embeddings f32[S, D] `known` and targets "support_y".

    `add` a node, to a graph with constant `arrays`; `count`: the tensor of S, i64[1].
    """
    arrays |= {"penalty": np.full((), penalty, np.float32), "none": np.zeros((), np.int64)}
    arrays |= {"next": np.ones((), np.int64)}
    turned = add("Transpose", [known], "known_by_number", perm=[1, 0])
    gram = add("MatMul", [known, turned], "gram")
    ridge = add("Mul", [add("EyeLike", [gram], "diagonal"), "penalty"], "ridge")
    system = add("Concat", [add("Add", [gram, ridge], "penalized"), "support_y"], "system", axis=1)
    rows = add("Squeeze", [count], "rows")
    places = add("Range", ["none", rows, "next"], "places")
    solved = add("Loop", [rows, "", system], "solved", body=_elimination(onnx, places))
    shares = add("Slice", [solved, count, "end", "second"], "shares")
    return add("MatMul", [turned, shares], "weights")


def _elimination(onnx: Any, places: str) -> Any:
    """Return the body of the loop: row `turn` is divided by its pivot, and taken from all others (Gauss and Jordan).

    No pivots are searched: the system is symmetric and positive.
    """
    helper, kinds = onnx.helper, onnx.TensorProto

    def node(operator: str, inputs: list[str], output: str, **attributes: Any) -> Any:
        return helper.make_node(operator, inputs, [output], **attributes)

    nodes = [
        node("Identity", ["going"], "goes_on"),
        node("Gather", ["before", "turn"], "row", axis=0),
        node("Gather", ["before", "turn"], "column", axis=1),
        node("Gather", ["row", "turn"], "pivot", axis=0),
        node("Div", ["row", "pivot"], "scaled"),
        node("Equal", [places, "turn"], "here"),
        node("Cast", ["here"], "one_here", to=kinds.FLOAT),
        node("Sub", ["column", "one_here"], "factors"),
        node("Unsqueeze", ["factors", "second"], "by_row"),
        node("Mul", ["by_row", "scaled"], "taken"),
        node("Sub", ["before", "taken"], "after"),
    ]
    shape = ("examples", "examples_and_classes")
    inputs = [helper.make_tensor_value_info("turn", kinds.INT64, ()),
              helper.make_tensor_value_info("going", kinds.BOOL, ()),
              helper.make_tensor_value_info("before", kinds.FLOAT, shape)]  # fmt: skip
    outputs = [helper.make_tensor_value_info("goes_on", kinds.BOOL, ()),
               helper.make_tensor_value_info("after", kinds.FLOAT, shape)]  # fmt: skip
    return helper.make_graph(nodes, "elimination", inputs, outputs)
