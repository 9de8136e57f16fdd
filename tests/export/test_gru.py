"""Learners with gated recurrent units: which formats hold them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.lifetime import Graph
from evometa.spec import GRU
from tests.export.exported import setting_of
from tests.export.test_any_graph import made_of


def with_unit(graph: Graph) -> Graph:
    """The graph with a GRU as its last hidden node."""
    kinds = graph.activation.copy()
    kinds[graph.nodes - graph.outputs - 1] = GRU
    return replace(graph, activation=kinds)


def test_gated_recurrent_units_are_in_no_code_but_in_files_of_networks(tmp_path: Path) -> None:
    learner = made_of(tmp_path, "descending", 1, with_unit)
    assert setting_of(learner).graph.grus
    for form, words in (("python", "gated recurrent units"), ("torch", "networkx, graphml, json"), ("onnx", "gru")):
        with pytest.raises(InputError, match=words):
            export(learner, form, tmp_path / "file")
    assert '"activation": "gru"' in str(export(learner, "networkx"))
