"""What genomes find in a set of tasks: its network, and weights that are not theirs."""

from __future__ import annotations

from collections.abc import Sequence

from evometa.config.schema import Config
from evometa.config.teaching import order_of
from evometa.evolution.first_weights import FirstWeights
from evometa.language.acting import Order
from evometa.lifetime import F32, Graph
from evometa.lifetime.ragged import Ragged
from evometa.spec import CREDITS


class Surroundings:
    """What genomes find in set number `number` of a recipe's tasks (a World of phenotype.py).

    `network`: the graph of those without a topology of their own; `tied`: synapses of a group share their plasticity;
    `inherited`: weights in genes are those at birth; `gain`: by which these are multiplied; `order`: of a
    tick where they act, None elsewhere.
    """

    def __init__(self, config: Config, number: int, network: Graph) -> None:
        self.number, self.network, self.tied = number, network, config.plasticity.tie == "group"
        self.order: Order | None = order_of(config) if config.acts else None
        self.inherited, self.gain = config.weights.mode == "evolved", config.topology.gain
        weights = FirstWeights((config.seed, 0, f"weights {number}"), config.weights.init, config.weights.scale)
        self._fixed = weights if config.weights.mode == "fixed" else None
        back = FirstWeights((config.seed, 0, f"feedback {number}"), "glorot", 1.0)
        self._back = back if CREDITS[config.network.credit].fixed else None

    def weights(self, graph: Graph) -> F32 | None:
        """Return the weights f32[E] that all learners with that graph are born with, None where they are drawn."""
        return None if self._fixed is None else self._fixed(graph)

    def feedback(self, graph: Graph) -> F32 | None:
        """Return the fixed random weights f32[E] through which errors flow back, None in other credit modes."""
        return None if self._back is None else self._back(graph)

    def feedback_of_genes(self, graphs: Sequence[Graph], marks: Ragged) -> Sequence[F32 | None]:
        """Return the same for graphs that stem from genes of these marks: equal genes have equal ones."""
        return [None] * len(graphs) if self._back is None else self._back.of_genes(graphs, marks)
