"""A network in words: “5 inputs → 1 sigmoid output, fully connected, 6 synapses; learns locally”."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evometa.config.network import Network
from evometa.errors.text import count_of
from evometa.genetics.topology import depths
from evometa.lifetime import FIXED, Graph
from evometa.spec import COMPARISONS, CREDITS, HEADS

if TYPE_CHECKING:
    from evometa.presentation.connectome import Connectome

ERRORS = frozenset({"err", "grad", "target"})  # signals that hidden nodes get by the credit mode


def network_in_words(
    graphs: Sequence[Graph], network: Network, signals: Collection[str], evolved: Connectome | None = None
) -> str:
    """Describe the networks of a run, or one that `evolved`; `network`: that section of its recipe; `signals`: the
    rule's.

    A run that keeps no graph is described by its configuration.
    """
    kinds = [graph_in_words(graph, network.head) for graph in graphs] or [_as_configured(network)]
    kinds = kinds if evolved is None else [_evolved_in_words(evolved, network.head)]
    learns = CREDITS[network.credit if ERRORS & set(signals) else "local"].words
    if network.compares:
        row = COMPARISONS[HEADS[network.head].comparison]
        others = "the mean of each class" if row.keys == "class" else "each example"
        compared = f"compared with {'weights of each class, by regression' if row.solves else others} ({network.head})"
        learns = f"{compared}; {learns}" if signals else compared
    return f"{' · '.join(dict.fromkeys(kinds))}; {learns}"


def comparison_in_words(network: Network) -> str:
    """Say which known way to learn a network is whose lives only compare."""
    row = COMPARISONS[HEADS[network.head].comparison]
    return f"{row.name} network ({row.source}): examples are compared, no weight changes"


def graph_in_words(graph: Graph, head: str = "auto") -> str:
    """Describe layers, connections and their number."""
    first, *layers = layers_of(graph)
    contexts = [node for layer in layers[:-1] for node in layer if _reads_the_constant_alone(graph, node)]
    layers = [first + contexts, *filter(None, ([node for node in layer if node not in contexts] for layer in layers))]
    names = [count_of(graph.inputs, "input") + (f" and {count_of(len(contexts), 'context')}" if contexts else "")]
    for layer in layers[1:-1]:
        kinds = sorted({graph.activation_of(node) for node in layer})
        names.append(f"{len(layer)} {'/'.join(kinds)}")
    names.append(_outputs(graph.outputs, head))
    forward = graph.src < graph.dst
    recurrent = int((~forward).sum())
    possible = sum(len(a) * len(b) for a, b in pairwise(layers))
    inner = int((forward & (graph.src != graph.inputs)).sum())
    full = inner == possible and _neighbours_only(graph, layers)
    how = "fully connected" if full else "partly connected"
    unbiased = full and not (graph.src == graph.inputs).any()
    fixed = int((graph.traits & FIXED > 0).sum())
    special = ["no bias"] if unbiased else []
    special += [f"{recurrent} of them recurrent"] if recurrent else []
    special += [f"{graph.synapses - fixed} of them plastic"] if fixed else []
    return ", ".join([" → ".join(names), how, count_of(graph.synapses, "synapse"), *special])


def _outputs(count: int, head: str) -> str:
    if head != "auto" and HEADS[head].comparison:
        return f"an embedding of {count_of(count, 'number')}"
    return count_of(count, "output" if head == "auto" else f"{head} output")


def _reads_the_constant_alone(graph: Graph, node: int) -> bool:
    return graph.src[graph.ptr[node] : graph.ptr[node + 1]].tolist() == [graph.inputs]


def _evolved_in_words(one: Connectome, head: str) -> str:
    """Describe a network that evolved: its nodes, its synapses and what is special of them, its depth."""
    graph, told = one.graph, one.summary()
    kinds = ", ".join(f"{count} {name}" for name, count in one.activations.items())
    hidden = count_of(told["nodes"], "hidden node") + (f" ({kinds})" if kinds else "")
    outputs = _outputs(graph.outputs, head)
    special = [f"{told['recurrent']} recurrent"] if told["recurrent"] else []
    special += [f"{told['plastic']} plastic"] if told["plastic"] < told["synapses"] else []
    synapses = count_of(told["synapses"], "synapse") + (f" ({', '.join(special)})" if special else "")
    silent = f", {count_of(told['silent'], 'silent candidate')}" if told["silent"] else ""
    return f"{count_of(graph.inputs, 'input')}, {hidden}, {outputs}; {synapses}{silent}, depth {told['depth']}"


def layers_of(graph: Graph) -> list[list[int]]:
    """Group the nodes (the constant left out) by the longest way from the inputs; outputs are the last group."""
    first_output = graph.nodes - graph.outputs
    depth = depths(graph)
    hidden = range(graph.inputs + 1, first_output)
    groups = [[node for node in hidden if depth[node] == d] for d in sorted({int(depth[n]) for n in hidden})]
    return [list(range(graph.inputs)), *groups, list(range(first_output, graph.nodes))]


def wiring_lines(one: Connectome) -> list[tuple[str, str, str]]:
    """Return the name of each node behind the inputs, its activation, and what it reads: "x1 +0.5, n7 −2 (fixed)".

    Of a GRU first its candidate and its gate: "n6 as far as n7".

    Where gates are known: in how many lives each synapse is open after learning.
    """
    graph, recurrent = one.graph, one.recurrent
    lines = []
    for node in range(graph.inputs + 1, graph.nodes):
        reads = [f"{one.name(node - 2)} as far as {one.name(node - 1)}"] if node in graph.grus else []
        for e in range(graph.ptr[node], graph.ptr[node + 1]):
            weight = "" if one.weights is None else f" {float(one.weights[e]):+.3g}".replace("-", "−")
            kinds = ((recurrent[e], "recurrent"), (one.fixed[e], "fixed"), (one.silent[e], "silent"))
            words = [word for kind, word in kinds if kind]
            words += [] if one.opened is None else [f"open {one.opened[e]:.0%}"]
            reads.append(f"{one.name(int(graph.src[e]))}{weight}" + (f" ({', '.join(words)})" if words else ""))
        kind = graph.activation_of(node) if node in one.hidden else "output"
        lines.append((one.name(node), kind, ", ".join(reads) or "nothing"))
    return lines


def _neighbours_only(graph: Graph, layers: list[list[int]]) -> bool:
    """Whether every forward synapse goes from one layer to the next."""
    layer_of = np.zeros(graph.nodes, np.int64)
    for number, layer in enumerate(layers):
        layer_of[layer] = number
    forward = (graph.src < graph.dst) & (graph.src != graph.inputs)
    return bool((layer_of[graph.dst[forward]] - layer_of[graph.src[forward]] == 1).all())


def _as_configured(network: Network) -> str:
    inputs = f"inputs and {count_of(network.contexts, 'context')}" if network.contexts else "inputs"
    hidden = [f"{width} {network.activation}" for width in network.hidden]
    outputs = "outputs" if network.head == "auto" else f"{network.head} outputs"
    return f"{' → '.join([inputs, *hidden, outputs])}, fully connected{'' if network.bias else ', no bias'}"
