"""Which synapses learn in truth: those that lives change, and where in the network they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from evometa.errors.text import count_of
from evometa.presentation.connectome import Connectome, Flags
from evometa.presentation.network_text import layers_of

LEAST = 0.01  # share of the largest change of a synapse: one that changes by more learns
FEW, SMALL = 4, 0.01  # parts of a network that are named; share of all change that is worth a word


NODES = 12  # hidden nodes of a network that evolved: with more, its layers are told of


class Part(NamedTuple):
    """Synapses of a network that lie together: how many, how many `learn`, their `share` of the sum of squares of all
    changes."""

    name: str
    size: int
    learn: int
    share: float


def learning(one: Connectome) -> Flags | None:
    """Return which synapses learn, bool[E]; None where their changes are not known."""
    if one.change is None:
        return None
    largest = float(one.change.max(initial=0.0))
    found: Flags = one.change > LEAST * largest
    return found


def parts_of(one: Connectome) -> list[Part]:
    """Return weights into and biases of each layer (of a small network that evolved, what each node reads), those that
    change most first; nothing where changes are not known."""
    learns = learning(one)
    if learns is None or one.change is None:
        return []
    squares = np.square(one.change.astype(np.float64))
    total = squares.sum() or 1.0
    found = [
        Part(name, int(own.sum()), int(learns[own].sum()), float(squares[own].sum() / total))
        for name, own in _places(one)
        if own.any()
    ]
    return sorted(found, key=lambda part: -part.share)


def _places(one: Connectome) -> Iterator[tuple[str, Flags]]:
    """Yield each part's name and its synapses, bool[E]."""
    graph = one.graph
    bias = graph.src == graph.inputs
    if one.marks is not None and len(one.hidden) <= NODES:
        for node in range(graph.inputs + 1, graph.nodes):
            yield f"what {one.name(node)} reads", graph.dst == node
        return
    layers = layers_of(graph)[1:]
    for number, layer in enumerate(layers, start=1):
        into, name = np.isin(graph.dst, layer), "the outputs" if number == len(layers) else f"layer {number}"
        yield f"biases of {name}", into & bias
        yield f"weights into {name}", into & ~bias


def sentence(one: Connectome) -> str:
    """Return how many synapses learn, and which, in a line; nothing where that is not known."""
    learns, parts = learning(one), parts_of(one)
    if learns is None:
        return ""
    if not learns.any():
        return f"None of {count_of(len(learns), 'synapse')} learns: no life changes a weight."
    told = f"{learns.sum():,} of {count_of(len(learns), 'synapse')} learn"
    named = [part for part in parts if part.share >= SMALL][:FEW]
    words = [f"{part.name} ({part.learn:,} of {part.size:,}, {part.share:.0%} of all change)" for part in named]
    rest = "; the rest hardly" if len(named) < len(parts) else ""
    return f"{told}: {', '.join(words)}{rest}. {THRESHOLD}"


THRESHOLD = (
    f"A synapse learns whose weight a life changes by more than {LEAST:.0%} of what it changes the most plastic one "
    "(root mean square over lives on held-out tasks); all change: the sum of squares."
)
