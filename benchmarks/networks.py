"""What benchmarks of evolved networks have in common: rival networks, one rule tuned alike in all, modularity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.exchange import to_networkx
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import depths
from evometa.judging.exam import Drawn, figures, main_measure
from evometa.judging.tuning import rate_grid
from evometa.language.text import parse
from evometa.lifetime import Graph
from evometa.lifetime.backends import choose_backend

F64 = NDArray[np.float64]
ATTEMPTS = 10  # of Louvain's method, whose communities depend on the order of the nodes


def open_evaluator(recipe: str, settings: Sequence[str], seed: int) -> Evaluator:
    """Return what judges genomes by a recipe."""
    config = load(recipe, settings, seed=seed).config
    return Evaluator(config, open_courses(config), choose_backend(config.run.backend, config.run.threads)[0])


def grown(evaluator: Evaluator, genome: Genome) -> Graph:
    """Return the network that a genome grows into."""
    return express([genome], evaluator.courses[0].world)[0].graph


def reading(graph: Graph, inputs: Sequence[int]) -> Graph:
    """Return a graph that is deaf to all other inputs."""
    return graph.without((graph.src < graph.inputs) & ~np.isin(graph.src, inputs))


def random_like(graph: Graph, rng: np.random.Generator) -> Graph:
    """Return a random graph without recurrent synapses that has the nodes and the number of synapses of another.

    Every hidden node stays on its level (its depth in `graph`), and synapses go from lower levels to higher ones. Each
    hidden node gets one that enters and one that leaves it, each output one that enters; the rest are drawn evenly.
    """
    level = depths(graph)
    first, outputs = graph.inputs + 1, np.arange(graph.nodes - graph.outputs, graph.nodes)
    level[outputs] = level.max() + 1
    possible = level[:, None] < level[None, :]  # [source, target]
    possible[:, :first] = False
    chosen = np.zeros_like(possible)
    for node in range(first, graph.nodes):
        if not chosen[:, node].any():
            chosen[rng.choice(np.flatnonzero(possible[:, node] & (np.arange(graph.nodes) != graph.inputs))), node] = (
                True
            )
        if node < outputs[0] and not chosen[node].any():
            chosen[node, rng.choice(np.flatnonzero(possible[node]))] = True
    free = np.argwhere(possible & ~chosen)
    more = free[rng.permutation(len(free))[: max(0, graph.synapses - int(chosen.sum()))]]
    chosen[tuple(more.T)] = True
    target, source = np.nonzero(chosen.T)  # ordered by target, then by source
    ends = np.searchsorted(target, np.arange(graph.nodes + 1)).astype(np.int32)
    group = np.zeros(len(source), np.int32)
    return Graph(graph.inputs, graph.outputs, ends, source.astype(np.int32), graph.activation, group)


def of(graph: Graph, rule: str) -> Genome:
    """Return the genome of a rule with one coefficient in a network."""
    return Genome({"update": parse(rule)}, topology=graph, coefficients=np.ones(1, np.float32))


def tune(evaluator: Evaluator, genomes: Sequence[Genome], drawn: Drawn) -> list[Genome]:
    """Return genomes with that of the recipe's rates as first coefficient with which each does best on some tasks."""
    rates = rate_grid(evaluator.config)
    tried = [
        genome.replace(coefficients=np.append(np.float32(rate), genome.coefficients[1:]))
        for genome in genomes
        for rate in rates
    ]
    scores = measured(evaluator, tried, drawn).reshape(len(genomes), len(rates))
    return [tried[g * len(rates) + int(best)] for g, best in enumerate(scores.argmax(axis=1))]


def measured(evaluator: Evaluator, genomes: Sequence[Genome], drawn: Drawn) -> F64:
    """Return each genome's performance after learning by the recipe's measure, f64[G]."""
    scores = np.empty(len(genomes))
    evolved = np.array([isinstance(genome.topology, Topology) for genome in genomes])
    for rows in filter(len, (np.flatnonzero(evolved), np.flatnonzero(~evolved))):  # a batch is of one kind
        outcomes = evaluator.outcomes([genomes[row] for row in rows.tolist()], drawn, "benchmark")
        scores[rows] = figures(outcomes, main_measure(evaluator.config))
    return scores


def modularity(graph: Graph) -> float:
    """Return Newman's Q of a graph without its constant, directed (Leicht & Newman 2008), communities by Louvain."""
    import networkx

    network = to_networkx(graph)
    network.remove_node(graph.inputs)
    network.remove_nodes_from(list(networkx.isolates(network)))
    found = (networkx.community.louvain_communities(network, seed=attempt) for attempt in range(ATTEMPTS))
    return max(networkx.community.modularity(network, communities) for communities in found)
