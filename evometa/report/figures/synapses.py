"""Where the nodes of a network are drawn, and which of its synapses, when there are too many for an eye."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evometa.presentation.format import number, spaced
from evometa.presentation.network_text import layers_of

if TYPE_CHECKING:
    from evometa.lifetime import F32, Graph

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

MOST_NODES = 100  # of a layer
MOST_SYNAPSES = 1500
MOST_WIRES = 600  # where all look the same
NAMED = 7  # layers whose activations are named below them


@dataclass(frozen=True)
class Wiring:
    """A picture's geometry: `x`, `y` f64[N]; `nodes`, `drawn`: those to draw; `labels` of the layers; `dot`: size.

    `source`, `target` i64[E]; `constant`: the node whose synapses are biases; `notes`: what is left out, in words;
    `curved`: ways over a layer go around what lies between.
    """

    x: F64
    y: F64
    source: I64
    target: I64
    constant: int
    nodes: I64
    drawn: I64
    kind: list[str]
    labels: list[tuple[float, str]]
    dot: float
    notes: list[str]
    curved: bool = False

    @cached_property
    def extent(self) -> tuple[float, float]:
        """How far down and up the drawing goes, as far from the middle both ways where nothing is curved."""
        most = float(np.abs(self.y[self.nodes]).max())
        ways = [y for y in self.path(self.drawn)[1] if y is not None] if self.curved else []
        return min([-most, *ways]), max([most, *ways])

    @property
    def width(self) -> float:
        """The place of the last layer."""
        return self.labels[-1][0]

    @cached_property
    def biases(self) -> I64:
        """Each node's synapse from the constant, i64[N]; -1: it has none."""
        found = np.full(len(self.x), -1)
        own = np.flatnonzero(self.source == self.constant)
        found[self.target[own]] = own
        return found

    def bias(self, values: F64) -> F64:
        """Return each node's value on that synapse, f64[N]; NaN where it has none."""
        return np.append(values, np.nan)[self.biases]

    def path(self, synapses: I64) -> tuple[list[Any], list[Any]]:
        """Return one line through many synapses, with gaps between them; those that go back are bowed."""
        x: list[float | None] = []
        y: list[float | None] = []
        for s, t in zip(self.source[synapses].tolist(), self.target[synapses].tolist(), strict=True):
            along, across = self._way(s, t)
            x += [*np.round(along, 3).tolist(), None]
            y += [*np.round(across, 3).tolist(), None]
        return x, y

    def _way(self, s: int, t: int) -> tuple[F64, F64]:
        """Return the points of the line from node s to node t."""
        span = self.x[t] - self.x[s]
        if 0 < span <= 1 or (span > 0 and not self.curved):
            return self.x[[s, t]], self.y[[s, t]]
        share = np.linspace(0, 1, 17)
        arch = np.sin(np.pi * share)
        if s == t:
            return self.x[s] + 0.1 * np.sin(2 * np.pi * share), self.y[s] + 0.05 * (1 - np.cos(2 * np.pi * share))
        straight = self.x[s] + share * span, self.y[s] + share * (self.y[t] - self.y[s])
        if span > 0:  # outwards, on the side where it lies
            side = 1.0 if self.y[s] + self.y[t] >= 0 else -1.0
            return straight[0], straight[1] + side * min(0.07 * span, 0.3) * arch
        if span == 0:
            return straight[0] + 0.14 * arch, straight[1]
        return straight[0], straight[1] - (0.1 + 0.04 * abs(span)) * arch


def lay_out(graph: Graph, weights: F32 | None, evolved: bool = False) -> Wiring:
    """Place a network's layers from left to right, and choose what is drawn of it.

    Where it `evolved`, nodes of a layer stand by what they read, and far ones apart.
    """
    layers = [layer for layer in layers_of(graph) if layer]
    x, y = np.zeros(graph.nodes), np.zeros(graph.nodes)
    shown: list[int] = []
    notes = []
    for place, layer in enumerate(layers):
        x[layer] = place
        if evolved and 0 < place < len(layers) - 1:
            layer = sorted(layer, key=lambda node: (-_height(graph, node, y), node))
        spread = min(1.0, (0.24 if evolved else 0.16) * (len(layer) - 1))  # few nodes stand together in the middle
        y[layer] = np.linspace(spread / 2, -spread / 2, len(layer)) if len(layer) > 1 else 0.0
        shown += spaced(layer, MOST_NODES)
        if len(layer) > MOST_NODES:
            notes.append(f"{MOST_NODES} of the {number(len(layer))} nodes of layer {place + 1} are drawn.")
    source, target = graph.src.astype(np.int64), graph.dst.astype(np.int64)
    drawn, left_out = _choose(graph, source, target, np.array(sorted(shown)), weights)
    if left_out:
        which = "The strongest" if weights is not None else "At random,"
        notes.append(f"{which} {number(len(drawn))} of {number(len(drawn) + left_out)} synapses are drawn.")
    widest = max(min(len(layer), MOST_NODES) for layer in layers)
    return Wiring(
        x, y, source, target, graph.inputs, np.array(sorted(shown)), drawn, _kinds(graph),
        _labels(graph, layers), float(np.clip(190 / widest, 3, 15)), notes, evolved,
    )  # fmt: skip


def _height(graph: Graph, node: int, y: F64) -> float:
    """Return the mean height of what a node reads in the same sweep, the constant left out."""
    sources = graph.src[graph.ptr[node] : graph.ptr[node + 1]]
    heights = y[sources[(sources < node) & (sources != graph.inputs)]]
    return float(heights.mean()) if len(heights) else 0.0


def _choose(graph: Graph, source: I64, target: I64, nodes: I64, weights: F32 | None) -> tuple[I64, int]:
    """Return the synapses to draw (those from the constant are the nodes' own), and how many are left out."""
    own = np.flatnonzero(source != graph.inputs)
    seen = own[np.isin(source[own], nodes) & np.isin(target[own], nodes)]
    if len(seen) > (MOST_WIRES if weights is None else MOST_SYNAPSES):
        if weights is None:
            some = np.random.default_rng(0).choice(len(seen), MOST_WIRES, replace=False)  # even steps make patterns
            seen = seen[np.sort(some)]
        else:
            strength = np.nan_to_num(np.abs(weights[seen]), nan=0.0)
            seen = np.sort(seen[np.argsort(-strength, kind="stable")[:MOST_SYNAPSES]])
    return seen, len(own) - len(seen)


def _kinds(graph: Graph) -> list[str]:
    """Return what each node is, in a word or two."""
    first_output = graph.nodes - graph.outputs
    hidden = [graph.activation_of(node) for node in range(graph.inputs + 1, first_output)]
    return ["input"] * graph.inputs + ["constant"] + [f"hidden {name}" for name in hidden] + ["output"] * graph.outputs


def _labels(graph: Graph, layers: list[list[int]]) -> list[tuple[float, str]]:
    """Name each layer: how many nodes of what kind."""
    kinds = _kinds(graph)
    labels = []
    for place, layer in enumerate(layers):
        names = sorted({kinds[node].removeprefix("hidden ") for node in layer})
        if len(layers) > NAMED and 0 < place < len(layers) - 1:
            names = [""]
        plural = "s" if names[0] in ("input", "output") and len(layer) > 1 else ""
        labels.append((float(place), f"{number(len(layer))} {'/'.join(names[:2])}{plural}".strip()))
    return labels
