"""A network as a general graph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from evometa.spec import ACTIVATIONS, GRU
from evometa.spec.arrays import I32, U8

FIXED, SILENT = 1, 2  # bits of `Graph.traits`
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
KINDS = [np.dtype(kind) for kind in (np.int32, np.int32, np.uint8, np.int32, np.uint8)]


def first_half(word: Any) -> Any:
    """Return splitmix64's mixture of a word, or of each word (Steele, Lea & Flood 2014)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def second_half(word: Any) -> Any:
    """Return another mixture, of what `first_half` gave."""
    return (word ^ (word >> np.uint64(32))) * GOLDEN


@dataclass(frozen=True, eq=False)
class Graph:
    """A network as a general graph; nodes are ordered inputs, one constant (1.0), hidden, outputs.

    `ptr`: synapses `ptr[j]` to `ptr[j + 1]` enter node j; `src`: where each comes from, ascending within a node. A
    forward pass is one sweep over j; a synapse with src ≥ its target is recurrent and reads the previous trial's
    activation, an output's answer. None leads from an output to a later one, as the head makes all answers at once: it
    would carry a net input, and rules and gradients would read an answer. `activation` indexes ACTIVATIONS (outputs:
    the first, "linear"; the head follows); a GRU reads its own activation before, and the two nodes before it (see
    evometa/spec/activations.py). `group`: synapses that share per-synapse coefficients when a recipe ties
    them. `traits`: of each synapse (none of them by default), FIXED: no rule changes its weight and states; SILENT: its
    gate is closed at birth.
    Graphs of equal content are equal; so their arrays must not be changed in place.
    """

    inputs: int
    outputs: int
    ptr: Annotated[I32, "N+1"]
    src: Annotated[I32, "E"]
    activation: Annotated[U8, "N"]
    group: Annotated[I32, "E"]
    traits: Annotated[U8, "E"] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.traits is None:
            object.__setattr__(self, "traits", np.zeros(len(self.src), np.uint8))

    @property
    def nodes(self) -> int:
        """Number of nodes N, the constant included."""
        return len(self.ptr) - 1

    def activation_of(self, node: int) -> str:
        """Return the name of a node's activation."""
        return ACTIVATIONS.names[self.activation[node]]

    @property
    def synapses(self) -> int:
        """Number of synapses E."""
        return len(self.src)

    @property
    def dst(self) -> I32:
        """Target node of each synapse, i32[E]."""
        return np.repeat(np.arange(self.nodes, dtype=np.int32), np.diff(self.ptr))

    def without(self, gone: NDArray[np.bool_]) -> Graph:
        """Return the graph without some of its synapses, bool[E]."""
        ends, kept = np.append(0, np.cumsum(~gone))[self.ptr].astype(np.int32), ~gone
        own = (self.src[kept], self.activation, self.group[kept], self.traits[kept])
        return Graph(self.inputs, self.outputs, ends, *own)

    @cached_property
    def grus(self) -> list[int]:
        """The nodes that are GRUs."""
        return np.flatnonzero(self.activation == GRU).tolist()

    @cached_property
    def recurrent(self) -> bool:
        """Whether any node reads activations of the trial before."""
        return bool(self.grus) or bool((self.src >= self.dst).any())

    @cached_property
    def key(self) -> bytes:
        """16 bytes that are equal for equal graphs, and as good as never for others (`Graphs.keys` has them, too)."""
        sizes = [self.inputs, self.outputs, self.nodes, self.synapses]
        arrays: list[Any] = [self.ptr, self.src, self.activation, self.group, self.traits]
        words = np.concatenate([np.array(part, np.int64) for part in (sizes, *arrays)]).view(np.uint64)
        place = np.arange(1, len(words) + 1, dtype=np.uint64) * GOLDEN
        one = first_half(words + place)
        sums = [half.sum(dtype=np.uint64) for half in (one, second_half(one))]
        kinds = b"" if [part.dtype for part in arrays] == KINDS else repr([part.dtype.str for part in arrays]).encode()
        return np.array(sums).tobytes() + kinds

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)
