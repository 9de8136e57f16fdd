"""Graphs: layers, canonical text, first weights, networkx."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.genetics.topology import (
    LAYERS,
    depths,
    first_weights,
    graph_from_json,
    graph_json,
    graph_key,
    group_count,
    layered,
    spread,
)
from evometa.lifetime import FIXED, Graph
from evometa.lifetime.cuda.schedule import levels_of
from evometa.spec import ACTIVATIONS

layers = st.builds(
    layered,
    st.integers(1, 5),
    st.lists(st.integers(1, 5), max_size=3),
    st.integers(1, 4),
    st.sampled_from(ACTIVATIONS.names),
    st.booleans(),
    st.integers(0, 3),
    st.sets(st.sampled_from(LAYERS)),
    st.booleans(),
)


def same(one: Graph, other: Graph) -> bool:
    """Whether two graphs are equal in every part, types included."""
    arrays = ("ptr", "src", "activation", "group", "traits")
    return (one.inputs, one.outputs) == (other.inputs, other.outputs) and all(
        getattr(one, name).dtype == getattr(other, name).dtype
        and np.array_equal(getattr(one, name), getattr(other, name))
        for name in arrays
    )


def test_two_layers_by_hand() -> None:
    graph = layered(2, (2,), 1, "relu")
    # nodes: 0 1 inputs, 2 constant, 3 4 hidden, 5 output
    assert graph.ptr.tolist() == [0, 0, 0, 0, 3, 6, 9]
    assert graph.src.tolist() == [0, 1, 2, 0, 1, 2, 2, 3, 4]
    assert graph.group.tolist() == [0, 0, 1, 0, 0, 1, 3, 2, 2]
    assert [graph.activation_of(node) for node in range(graph.nodes)] == ["linear"] * 3 + ["relu"] * 2 + ["linear"]


def kinds_of_layers(graph: Graph, contexts: int) -> list[str]:
    """Return the kind of layer that each synapse leads to."""
    hidden = graph.nodes - graph.inputs - 1 - contexts - graph.outputs
    names = ["none"] * (graph.inputs + 1) + ["context"] * contexts + ["hidden"] * hidden + ["output"] * graph.outputs
    return [names[node] for node in graph.dst]


def test_contexts_and_layers_that_learn_by_hand() -> None:
    graph = layered(1, (2,), 1, "relu", contexts=2, plastic=["context"])
    # nodes: 0 input, 1 constant, 2 3 contexts, 4 5 hidden, 6 output
    assert graph.ptr.tolist() == [0, 0, 0, 1, 2, 6, 10, 13]
    assert graph.src.tolist() == [1, 1, *[0, 1, 2, 3] * 2, 1, 4, 5]
    assert graph.group.tolist() == [4, 4, *[0, 1, 0, 0] * 2, 3, 2, 2]
    assert graph.traits.tolist() == [0, 0, *[FIXED] * 11]
    assert [graph.activation_of(node) for node in range(7)] == ["linear"] * 4 + ["relu"] * 2 + ["linear"]
    for plastic in (["hidden"], ["output", "context"], LAYERS):
        kinds = np.array(kinds_of_layers(graph, 2))
        other = layered(1, (2,), 1, "relu", contexts=2, plastic=plastic)
        assert (other.traits == np.where(np.isin(kinds, plastic), 0, FIXED)).all()


@given(
    st.integers(1, 5), st.lists(st.integers(1, 5), max_size=3), st.integers(1, 4),
    st.sampled_from(ACTIVATIONS.names), st.booleans(), st.integers(0, 3),
)  # fmt: skip
def test_without_biases_contexts_alone_read_the_constant(
    inputs: int, hidden: list[int], outputs: int, activation: str, recurrent: bool, contexts: int
) -> None:
    given_ = (inputs, hidden, outputs, activation, recurrent, contexts, ["output"])
    whole, plain = layered(*given_), layered(*given_, bias=False)
    others = (whole.src != inputs) | (whole.dst <= inputs + contexts)
    assert plain.nodes == whole.nodes
    assert plain.synapses == whole.synapses - (whole.nodes - inputs - 1 - contexts - len(whole.grus))
    for name in ("src", "dst", "traits"):
        assert (getattr(plain, name) == getattr(whole, name)[others]).all()
    ranks = {group: rank for rank, group in enumerate(sorted(set(whole.group[others].tolist())))}
    assert plain.group.tolist() == [ranks[group] for group in whole.group[others].tolist()]
    assert (plain.src == inputs).sum() == contexts


def test_recurrent_nodes_read_themselves_and_later_ones_of_their_layer() -> None:
    graph = layered(1, (3, 2), 1, recurrent=True)
    plain = layered(1, (3, 2), 1)
    back = graph.src >= graph.dst
    pairs = set(zip(graph.src[back].tolist(), graph.dst[back].tolist(), strict=True))
    assert pairs == {(s, t) for layer in ((2, 3, 4), (5, 6)) for t in layer for s in layer if s >= t}
    assert graph.src[~back].tolist() == plain.src.tolist()
    assert graph.group[~back].tolist() == plain.group.tolist()
    assert set(graph.group[back].tolist()) == {6, 7}
    assert group_count(graph) == 8


def test_a_gated_unit_is_a_candidate_a_gate_and_a_gru_which_alone_is_read() -> None:
    graph = layered(1, (2,), 1, "gru", recurrent=True)
    # nodes: 0 input, 1 constant, 2 3 4 and 5 6 7 units, 8 output
    kinds = ["tanh", "sigmoid", "gru"]
    assert [graph.activation_of(node) for node in range(9)] == ["linear"] * 2 + kinds * 2 + ["linear"]
    assert graph.ptr.tolist() == [0, 0, 0, 4, 8, 8, 11, 14, 14, 17]
    assert graph.src.tolist() == [*[0, 1, 4, 7] * 2, *[0, 1, 7] * 2, 1, 4, 7]
    assert graph.group.tolist() == [*[0, 1, 4, 4] * 2, *[0, 1, 4] * 2, 3, 2, 2]
    assert depths(graph).tolist() == [0, 0, 1, 1, 2, 1, 1, 2, 3]
    past = [graph, layered(1, (2,), 1, "gru"), layered(1, (2,), 1, recurrent=True), layered(1, (2,), 1)]
    assert [one.recurrent for one in past] == [True, True, True, False]


@settings(deadline=None)  # the first example waits for the compiler
@given(layers)
def test_the_depth_of_a_node_is_its_layer(graph: Graph) -> None:
    found = depths(graph)
    assert found.tolist() == levels_of(graph).tolist()  # the compiled twin, by which a GPU sweeps
    assert (found[: graph.inputs + 1] == 0).all()
    units = np.delete(found[graph.inputs :], [node - graph.inputs for node in graph.grus])  # which are a step behind
    assert (np.diff(units) >= 0).all()
    first = graph.nodes - graph.outputs
    assert set(found[first:].tolist()) == {int(found[:first].max()) + 1}


def test_the_depth_of_a_sparse_network_is_that_of_the_longest_way() -> None:
    ptr, src = np.array([0, 0, 0, 1, 3, 6], np.int32), np.array([0, 1, 2, 0, 3, 4], np.int32)
    graph = Graph(1, 1, ptr, src, np.zeros(5, np.uint8), np.zeros(6, np.int32))
    assert depths(graph).tolist() == levels_of(graph).tolist() == [0, 0, 1, 2, 3]


@given(layers)
def test_sources_ascend_within_a_target_and_groups_are_all_used(graph: Graph) -> None:
    order = graph.dst.astype(np.int64) * graph.nodes + graph.src
    assert (np.diff(order) > 0).all()
    assert set(graph.group.tolist()) == set(range(group_count(graph)))


@given(layers)
def test_text_and_networkx_bring_the_same_graph_back(graph: Graph) -> None:
    text = graph_json(graph)
    back = graph_from_json(text)
    assert same(graph, back)
    assert graph_json(back) == text
    assert graph_key(back) == graph_key(graph)


def test_traits_are_in_the_text_where_there_are_any() -> None:
    plain = layered(2, (2,), 1)
    assert "traits" not in graph_json(plain)
    fixed = replace(plain, traits=np.arange(plain.synapses, dtype=np.uint8) % 4)
    text = graph_json(fixed)
    assert graph_from_json(text).traits.tolist() == fixed.traits.tolist()
    assert graph_json(graph_from_json(text)) == text
    assert graph_key(fixed) != graph_key(plain)
    assert fixed != plain


def test_keys_differ_where_graphs_do() -> None:
    graphs = [layered(2, (2,), 1), layered(2, (2,), 1, "relu"), layered(2, (3,), 1), layered(3, (2,), 1)]
    assert len({graph_key(graph) for graph in graphs}) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"src": [5, 1, 2]},
        {"src": [1, 0, 2]},
        {"src": [0, 0, 2]},
        {"src": [0, 1]},
        {"src": [0.5, 1, 2]},
        {"src": "abc"},
        {"ptr": [0, 0, 0, 0, 2]},
        {"ptr": [0, 1, 1, 1, 3]},
        {"ptr": [0, 0, 0, 4, 3]},
        {"inputs": 0},
        {"inputs": 3},
        {"outputs": 9},
        {"activation": ["linear"] * 3},
        {"activation": ["linear"] * 3 + ["sinus"]},
        {"group": [0, 0, -1]},
        {"group": [0, 0]},
        {"group": [0, 0, 2**40]},
        {"traits": [0, 4, 0]},
        {"traits": [0, 257, 0]},
        {"traits": [0, -1, 0]},
        {"traits": [0, 1]},
        {"traits": [0, True, 0]},
    ],
)
def test_broken_graphs_are_refused(change: dict[str, object]) -> None:
    good = json.loads(graph_json(layered(2, (), 1)))
    assert same(graph_from_json(json.dumps(good)), layered(2, (), 1))
    with pytest.raises(InputError):
        graph_from_json(json.dumps({**good, **change}))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", "[" * 5000])
def test_texts_that_are_no_graph_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="graph"):
        graph_from_json(text)


def test_binary_weights_are_nothing_or_the_scale_and_biases_nothing() -> None:
    graph = layered(30, (), 40)
    weights = first_weights(spread(graph, "binary", 2.0), np.random.default_rng(0))
    bias = graph.src == graph.inputs
    assert set(weights[~bias].tolist()) == {0.0, 2.0}
    assert weights[~bias].mean() == pytest.approx(1.0, abs=0.1)
    assert not weights[bias].any()


@pytest.mark.parametrize(
    "init, deviation",
    [
        ("normal", 0.5),
        ("uniform", 0.5 / np.sqrt(3)),
        ("he", 0.5 * np.sqrt(2 / 40)),
        ("glorot", 0.5 * np.sqrt(2 / 70)),
        ("zeros", 0.0),
    ],
)
def test_first_weights_scatter_as_named(init: str, deviation: float) -> None:
    graph = layered(40, (30,), 20)
    shape = spread(graph, init, 0.5)
    drawn = first_weights(shape, np.random.default_rng(0), lanes=50)
    assert drawn.dtype == np.float32
    assert drawn.shape == (graph.synapses, 50)
    into_hidden = (graph.group == 0)[:, None] & np.ones(50, bool)
    # 60 000 draws: the standard error of a deviation is below 0.3 %
    assert drawn[into_hidden].std() == pytest.approx(deviation, rel=0.02)
    assert (first_weights(shape, np.random.default_rng(0)).shape) == (graph.synapses,)
    biased = np.abs(drawn[graph.group == 1]).max() > 0
    assert biased == (init in ("normal", "uniform"))
    assert (shape.unit > 0).all()
    if init == "uniform":
        assert 0.49 < np.abs(drawn).max() <= 0.5
