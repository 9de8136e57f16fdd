"""Historical markings: the numbers by which genes of one origin are known (NEAT; Stanley & Miikkulainen 2002)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

import numpy as np

from evometa.genetics.genes import I64
from evometa.genetics.topologies import Topologies


class Markings:
    """Marks for new genes, ascending; the same structural change within one generation gets the same mark.

    `synapse_mark`, `node_mark`: the next ones. Those of a generation are handed out in the order in which they are
    asked for; `begin_generation` forgets them, so that the two counters are all that a resumed run needs.
    """

    def __init__(self, synapse_mark: int, node_mark: int) -> None:
        self.synapse_mark, self.node_mark = synapse_mark, node_mark
        self._nodes: dict[int, int] = {}  # by the mark of the synapse that they split
        self._synapses: dict[tuple[int, int], int] = {}  # by source and target

    @classmethod
    def after(cls, genes: Topologies) -> Self:
        """Return markings for what comes after some topologies."""
        fixed = genes.inputs + 1 + genes.outputs
        return cls(int(genes.mark.max(initial=-1)) + 1, int(genes.node.max(initial=fixed - 1)) + 1)

    def begin_generation(self) -> None:
        """From now on, changes are new ones."""
        self._nodes.clear()
        self._synapses.clear()

    def nodes(self, split: Iterable[int]) -> I64:
        """Return the mark of the node that splits each synapse, by the synapses' marks."""
        marks = []
        for synapse in split:
            mark = self._nodes.setdefault(synapse, self.node_mark)
            self.node_mark += mark == self.node_mark
            marks.append(mark)
        return np.array(marks, np.int64)

    def contexts(self, targets: Iterable[int]) -> I64:
        """Return the mark of the context node of each layer, by the mark of its first node."""
        return self.nodes(-1 - target for target in targets)

    def synapses(self, sources: Iterable[int], targets: Iterable[int]) -> I64:
        """Return the mark of a synapse between two nodes each, by the nodes' marks."""
        marks = []
        for ends in zip(sources, targets, strict=True):
            mark = self._synapses.setdefault(ends, self.synapse_mark)
            self.synapse_mark += mark == self.synapse_mark
            marks.append(mark)
        return np.array(marks, np.int64)

    def state(self) -> dict[str, int]:
        """Return the counters, plain JSON."""
        return {"nodes": self.node_mark, "synapses": self.synapse_mark}

    @classmethod
    def restored(cls, state: Mapping[str, int]) -> Self:
        """Return the markings of a state, at the beginning of a generation."""
        return cls(state["synapses"], state["nodes"])
