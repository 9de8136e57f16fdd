"""Networks in words, from graphs whose shape is known."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.config.network import Network
from evometa.genetics.topology import layered
from evometa.lifetime import Graph
from evometa.presentation.connectome import Connectome
from evometa.presentation.network_text import graph_in_words, network_in_words, wiring_lines

LAYERED = {
    (5, (), 1): "5 inputs → 1 output, fully connected, 6 synapses",
    (1, (40, 40), 1): "1 input → 40 tanh → 40 tanh → 1 output, fully connected, 1,761 synapses",
    (784, (32,), 5): "784 inputs → 32 tanh → 5 outputs, fully connected, 25,285 synapses",
}


@pytest.mark.parametrize("shape", LAYERED)
def test_layers_are_named(shape: tuple[int, tuple[int, ...], int]) -> None:
    assert graph_in_words(layered(*shape)) == LAYERED[shape]


def test_contexts_stand_beside_inputs_and_layers_that_do_not_learn_are_told() -> None:
    words = graph_in_words(layered(1, (4,), 1, "relu", contexts=5, plastic=["context"]))
    assert words == "1 input and 5 contexts → 4 relu → 1 output, fully connected, 38 synapses, 5 of them plastic"
    assert (
        graph_in_words(layered(2, (), 1, contexts=1))
        == "2 inputs and 1 context → 1 output, fully connected, 5 synapses"
    )


def test_recurrent_synapses_are_counted_apart() -> None:
    graph = layered(2, (3,), 1, "relu", recurrent=True)
    back = graph.synapses - layered(2, (3,), 1, "relu").synapses
    assert back > 0
    counts = f"{graph.synapses} synapses, {back} of them recurrent"
    assert graph_in_words(graph, "sigmoid") == f"2 inputs → 3 relu → 1 sigmoid output, fully connected, {counts}"


def test_what_a_gru_reads_beside_synapses_is_told() -> None:
    graph = layered(1, (1,), 1, "gru")
    nothing = np.zeros(graph.synapses, bool)
    one = Connectome(graph, None, np.zeros((0, graph.synapses), np.float32), nothing, nothing)
    assert wiring_lines(one) == [
        ("n2", "tanh", "x1, 1"), ("n3", "sigmoid", "x1, 1"), ("n4", "gru", "n2 as far as n3"),
        ("y1", "output", "1, n4"),
    ]  # fmt: skip
    assert graph_in_words(graph) == "1 input → 2 sigmoid/tanh → 1 gru → 1 output, partly connected, 6 synapses"


def without(graph: Graph, synapse: int) -> Graph:
    """Return a graph with one synapse less."""
    ptr = graph.ptr - (np.arange(len(graph.ptr)) > graph.dst[synapse]).astype(np.int32)
    keep = np.arange(graph.synapses) != synapse
    return Graph(graph.inputs, graph.outputs, ptr, graph.src[keep], graph.activation, graph.group[keep])


def test_a_missing_synapse_and_a_shortcut_are_noticed() -> None:
    graph = layered(2, (2,), 1)
    assert "partly connected, 8 synapses" in graph_in_words(without(graph, 0))
    ptr, src = graph.ptr.copy(), np.insert(graph.src, graph.ptr[-2], 0)
    ptr[-1] += 1
    direct = Graph(2, 1, ptr, src.astype(np.int32), graph.activation, np.insert(graph.group, 0, 0))
    assert "2 inputs → 2 tanh → 1 output, partly connected, 10 synapses" in graph_in_words(direct)
    swapped = without(direct, 0)  # as many as between neighbours, but one of them is a shortcut
    assert "partly connected, 9 synapses" in graph_in_words(swapped)


@pytest.mark.parametrize("hidden", [(), (3, 2)])
def test_that_there_is_no_bias_is_said(hidden: tuple[int, ...]) -> None:
    graph, network = layered(2, hidden, 1, bias=False), Network(hidden=hidden, bias=False)
    assert graph_in_words(graph).endswith(f"fully connected, {graph.synapses} synapses, no bias")
    assert network_in_words([], network, {"pre"}) == network_in_words([], Network(hidden=hidden), {"pre"}).replace(
        "fully connected", "fully connected, no bias"
    )
    assert "bias" not in graph_in_words(graph.without(np.arange(graph.synapses) == 0))


def test_how_it_learns_depends_on_what_the_rule_reads() -> None:
    graph = layered(5, (), 1)
    words = network_in_words([graph], Network(head="sigmoid", credit="local"), {"pre", "err"})
    assert words == "5 inputs → 1 sigmoid output, fully connected, 6 synapses; learns locally"
    for credit, phrase in (("backprop", "backpropagated errors"), ("broadcast", "mean output error")):
        assert phrase in network_in_words([graph], Network(credit=credit), {"grad"})
        assert network_in_words([graph], Network(credit=credit), {"pre", "post"}).endswith("; learns locally")
    assert "fixed random weights" in network_in_words([graph], Network(credit="feedback"), {"target"})


def test_several_networks_are_told_once_each_and_none_from_the_configuration() -> None:
    small, large = layered(2, (), 1), layered(3, (), 1)
    words = network_in_words([small, large, small], Network(), ())
    assert words == (
        "2 inputs → 1 output, fully connected, 3 synapses · "
        "3 inputs → 1 output, fully connected, 4 synapses; learns locally"
    )
    config = Network(hidden=(40, 20), activation="relu", head="softmax", credit="backprop")
    assert network_in_words([], config, {"grad"}) == (
        "inputs → 40 relu → 20 relu → softmax outputs, fully connected; learns from backpropagated errors"
    )
