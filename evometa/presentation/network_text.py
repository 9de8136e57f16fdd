"""A network in words: “5 inputs → 1 sigmoid output, fully connected, 6 synapses; learns locally”."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

from evometa.config.learner import Network
from evometa.genetics.topology import depths
from evometa.lifetime import Graph
from evometa.spec import CREDITS

ERRORS = frozenset({"err", "grad", "target"})  # signals that hidden nodes get by the credit mode


def network_in_words(graphs: Sequence[Graph], network: Network, signals: Collection[str]) -> str:
    """Describe the networks of a run; `network`: that section of its recipe; `signals`: the rule's.

    A run that keeps no graph is described by its configuration.
    """
    kinds = [graph_in_words(graph, network.head) for graph in graphs] or [_as_configured(network)]
    learns = CREDITS[network.credit if ERRORS & set(signals) else "local"].words
    return f"{' · '.join(dict.fromkeys(kinds))}; {learns}"


def graph_in_words(graph: Graph, head: str = "auto") -> str:
    """Describe layers, connections and their number."""
    layers = layers_of(graph)
    names = [_count(graph.inputs, "input")]
    for layer in layers[1:-1]:
        kinds = sorted({graph.activation_of(node) for node in layer})
        names.append(f"{len(layer)} {'/'.join(kinds)}")
    names.append(_count(graph.outputs, "output" if head == "auto" else f"{head} output"))
    forward = graph.src < graph.dst
    recurrent = int((~forward).sum())
    possible = sum(len(a) * len(b) for a, b in pairwise(layers))
    inner = int((forward & (graph.src != graph.inputs)).sum())
    full = inner == possible and _neighbours_only(graph, layers)
    how = "fully connected" if full else "partly connected"
    text = f"{' → '.join(names)}, {how}, {_count(graph.synapses, 'synapse')}"
    return f"{text}, {recurrent} of them recurrent" if recurrent else text


def layers_of(graph: Graph) -> list[list[int]]:
    """Group the nodes (the constant left out) by the longest way from the inputs; outputs are the last group."""
    first_output = graph.nodes - graph.outputs
    depth = depths(graph)
    hidden = range(graph.inputs + 1, first_output)
    groups = [[node for node in hidden if depth[node] == d] for d in sorted({int(depth[n]) for n in hidden})]
    return [list(range(graph.inputs)), *groups, list(range(first_output, graph.nodes))]


def _neighbours_only(graph: Graph, layers: list[list[int]]) -> bool:
    """Whether every forward synapse goes from one layer to the next."""
    layer_of = np.zeros(graph.nodes, np.int64)
    for number, layer in enumerate(layers):
        layer_of[layer] = number
    forward = (graph.src < graph.dst) & (graph.src != graph.inputs)
    return bool((layer_of[graph.dst[forward]] - layer_of[graph.src[forward]] == 1).all())


def _as_configured(network: Network) -> str:
    hidden = [f"{width} {network.activation}" for width in network.hidden]
    outputs = "outputs" if network.head == "auto" else f"{network.head} outputs"
    return f"{' → '.join(['inputs', *hidden, outputs])}, fully connected"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
