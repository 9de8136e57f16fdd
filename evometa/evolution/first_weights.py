"""First weights of those who are born without their own: drawn for whatever network asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from evometa.genetics.births import unit_draws
from evometa.genetics.topology import first_weights, spread
from evometa.lifetime import F32, Graph
from evometa.lifetime.ragged import Ragged
from evometa.seeding import stream


@dataclass(frozen=True)
class FirstWeights:
    """First weights for whatever graph asks: drawn once for each, f32[E], or f32[E, L] of `lanes`.

    Those of a graph all come from one stream, those of genes each from its mark's. Of the lanes they are those from
    `begin` to `end` (None: all).
    """

    origin: tuple[int, int, str]  # seed, generation, purpose
    init: str
    scale: float
    lanes: int | None = None
    drawn: dict[Graph, F32] = field(default_factory=dict)
    begin: int = 0
    end: int | None = None

    def __call__(self, graph: Graph) -> F32:
        """Return the weights that belong to a graph."""
        if graph not in self.drawn:
            scatter = spread(graph, self.init, self.scale)
            self.drawn[graph] = first_weights(scatter, stream(*self.origin), self.lanes)
        found = self.drawn[graph]
        return found if self.end is None else np.ascontiguousarray(found[:, self.begin : self.end])

    def of_genes(self, graphs: Sequence[Graph], marks: Ragged, gain: float = 1.0) -> Ragged:
        """Return the weights that belong to each of some graphs, whose synapses stem from genes of these marks."""
        drawn = unit_draws(self.origin, marks.values, self.end or self.lanes or 1, self.init == "uniform")
        drawn = np.ascontiguousarray(drawn[:, self.begin :])
        if self.init in ("normal", "uniform"):  # alike for all
            drawn *= np.float32(gain) * np.float32(self.scale if self.init == "normal" else self.scale / np.sqrt(3))
        else:
            each = [spread(graph, self.init, self.scale).deviation for graph in graphs]
            drawn *= np.float32(gain) * np.concatenate(each)[:, None]
        return Ragged(drawn[:, 0] if self.lanes is None else drawn, marks.begins)
