"""Answers that come of comparing embeddings, in ONNX."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from evometa.export.few_shot import FewShot
from evometa.export.onnx_ridge import ridge_weights
from evometa.spec.comparisons import ABSENT, EPSILON


class Body(Protocol):
    """A model's nodes and arrays, as far as they grow here."""

    onnx: Any
    arrays: dict[str, Any]

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node; return its output's name."""


def comparison(body: Body, embedding: str, few: FewShot) -> None:
    """Compute the answers of comparing embeddings of queries, which come after those of examples, with these."""
    body.arrays |= {name: np.array([n], np.int64) for name, n in (("first", 0), ("second", 1), ("third", 2))}
    body.arrays |= {"end": np.array([np.iinfo(np.int64).max]), "zero": np.zeros((), np.float32)}
    body.arrays |= {"absent": np.full((), ABSENT, np.float32), "scale": np.full((), few.scale, np.float32)}
    if few.norm:
        body.arrays |= {
            "epsilon": np.full((), EPSILON, np.float32),
            "power": np.full((), -few.norm / 2, np.float32),
        }
        squares = body.add("Mul", [embedding, embedding], "squares")
        length = body.add("Add", [body.add("ReduceSum", [squares, "second"], "sums"), "epsilon"], "length")
        embedding = body.add("Mul", [embedding, body.add("Pow", [length, "power"], "factor")], "embedding")
    count = body.add("Shape", ["support_x"], "examples", end=1)
    keys = body.add("Slice", [embedding, "first", count, "first"], "known")
    asked = body.add("Slice", [embedding, count, "end", "first"], "asked")
    if few.comparison.by_class:
        members = body.add("ReduceSum", ["support_y", "first"], "members")  # f32[1, classes]
    if few.comparison.solves:
        weights = ridge_weights(body.onnx, body.add, body.arrays, keys, count, few.penalty)
        near = body.add("Mul", [body.add("MatMul", [asked, weights], "weighed"), "scale"], "near")
    else:
        near = _near(body, asked, _means(body, keys, members) if few.comparison.by_class else keys)
    if few.comparison.by_class:
        net = body.add("Where", [body.add("Greater", [members, "zero"], "present"), near, "absent"], "net")
    else:
        member = body.add("Unsqueeze", [body.add("Greater", ["support_y", "zero"], "member"), "first"], "of_class")
        each = body.add("Where", [member, body.add("Unsqueeze", [near, "third"], "each_near"), "absent"], "each")
        net = body.add("ReduceLogSumExp", [each], "net", axes=[1], keepdims=0)
    body.add("Softmax", [net], "answers", axis=1)


def _means(body: Body, known: str, members: str) -> str:
    """Return the mean of the examples of each class, of which there are so many `members`."""
    body.arrays["one"] = np.ones((), np.float32)
    total = body.add("MatMul", [body.add("Transpose", ["support_y"], "classes", perm=[1, 0]), known], "totals")
    counted = body.add("Transpose", [body.add("Max", [members, "one"], "counted")], "counts", perm=[1, 0])
    return body.add("Div", [total, counted], "keys")


def _near(body: Body, asked: str, keys: str) -> str:
    """Return minus the squared distances of queries from keys, times the scale."""
    pairs = [body.add("Unsqueeze", [asked, "second"], "queries"), body.add("Unsqueeze", [keys, "first"], "others")]
    apart = body.add("Sub", pairs, "apart")
    far = body.add("ReduceSum", [body.add("Mul", [apart, apart], "distances"), "third"], "far", keepdims=0)
    return body.add("Neg", [body.add("Mul", [far, "scale"], "scaled")], "near")
