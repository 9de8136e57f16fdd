"""Operators on single topologies, in DEAP's idiom: those of whole batches (variation.py, structure.py) with one child.

Each returns a tuple of new topologies of the class that it was given (a class made by `deap.creator` among them, whose
fitness is unknown then), and leaves its arguments alone. `rng`: a NumPy generator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from evometa.genetics.topologies import Topologies, Topology

from . import rewiring, structure, variation
from .markings import Markings

Network = TypeVar("Network", bound=Topology)
Generator = np.random.Generator


def cxTopology(topology1: Network, topology2: Network, rng: Generator, **settings: Any) -> tuple[Network, Network]:
    """Return two children by matching genes; their structure is that of the parent with the better fitness.

    Parents without a fitness, or with the same, are equal (see `variation.crossed`).
    """
    known = [getattr(getattr(each, "fitness", None), "wvalues", ()) for each in (topology1, topology2)]
    one, two = (0, 1) if known[0] >= known[1] else (1, 0)
    parents = Topologies.of([topology1, topology2])
    equal = np.full(2, known[0] == known[1])
    children = variation.crossed(parents, np.full(2, one), np.full(2, two), equal, rng, **settings)
    return type(topology1)(children, 0), type(topology2)(children, 1)


def mutAddNode(topology: Network, markings: Markings, rng: Generator, **settings: Any) -> tuple[Network]:
    """Split an enabled synapse by a node (see `structure.add_nodes`)."""
    return _one(structure.add_nodes, topology, markings, rng, chance=1.0, **settings)


def mutAddSynapse(topology: Network, markings: Markings, rng: Generator, **settings: Any) -> tuple[Network]:
    """Link two nodes that had no synapse (see `structure.add_synapses`)."""
    return _one(structure.add_synapses, topology, markings, rng, chance=1.0, **settings)


def mutRewire(topology: Network, markings: Markings, rng: Generator, **settings: Any) -> tuple[Network]:
    """Replace the weakest synapses by others into the same nodes (see `rewiring.rewire`)."""
    return _one(rewiring.rewire, topology, markings, rng, chance=1.0, **settings)


def mutRemoveNode(topology: Network, rng: Generator) -> tuple[Network]:
    """Take one hidden node away, with all its synapses (see `structure.remove_nodes`)."""
    return _one(structure.remove_nodes, topology, rng, chance=1.0)


def mutRemoveSynapse(topology: Network, rng: Generator) -> tuple[Network]:
    """Take one synapse away (see `structure.remove_synapses`)."""
    return _one(structure.remove_synapses, topology, rng, chance=1.0)


def mutTopologyWeights(topology: Network, rng: Generator, **settings: Any) -> tuple[Network]:
    """Shift all weights, or draw them anew (see `variation.change_weights`)."""
    return _one(variation.change_weights, topology, rng, chance=1.0, **settings)


def mutTopologyPlasticity(topology: Network, rng: Generator, **settings: Any) -> tuple[Network]:
    """Shift all coefficients of synapses, or draw them anew (see `variation.change_plasticity`)."""
    return _one(variation.change_plasticity, topology, rng, chance=1.0, **settings)


def mutToggle(topology: Network, rng: Generator) -> tuple[Network]:
    """Disable one gene, or enable it where it was disabled."""
    return _one(variation.toggle, topology, rng, chance=1.0)


def mutEnable(topology: Network, rng: Generator) -> tuple[Network]:
    """Enable one disabled gene, where there is any."""
    return _one(variation.enable, topology, rng, chance=1.0)


def mutPlastic(topology: Network, rng: Generator) -> tuple[Network]:
    """Let one synapse begin to learn, or cease to."""
    return _one(variation.flip_plastic, topology, rng, chance=1.0)


def mutActivation(topology: Network, rng: Generator, codes: tuple[int, ...]) -> tuple[Network]:
    """Give one hidden node another activation, one of `codes`."""
    return _one(variation.change_activations, topology, rng, chance=1.0, codes=codes)


def _one(change: Callable[..., Topologies], topology: Network, *arguments: Any, **settings: Any) -> tuple[Network]:
    return (type(topology)(change(topology.genes, *arguments, **settings), 0),)
