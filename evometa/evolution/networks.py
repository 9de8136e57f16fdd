"""The network that evolving topologies begin with: made of layers, or read from a file, within the recipe's limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from evometa.config.keys import nearest_name
from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.config.topology import STARTS
from evometa.errors import InputError
from evometa.errors.text import count_of
from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.network_files import graph_from_file
from evometa.genetics.topology import Size, layered, layered_size
from evometa.lifetime import Graph
from evometa.spec import ACTIVATIONS
from evometa.tasks import Family


def activations_of(config: Config) -> tuple[str, ...]:
    """Return the activations that hidden nodes of an evolving topology may have."""
    return config.topology.activations or (config.network.activation,)


def check_topology(loaded: Loaded, families: Sequence[Family], folders: Iterable[Path] = ()) -> WeightedGraph | None:
    """Return the network that evolving topologies begin with, None where they do not evolve.

    Raises InputError where it does not fit the recipe, and where sets of tasks ask for networks of different shapes.
    """
    config, where = loaded.config, loaded.source.where
    if "topology" not in config.evolved:
        return None
    shapes = sorted({(family.inputs, family.outputs) for family in families})
    if len(shapes) > 1:
        raise InputError(
            "sets of tasks with as many inputs and outputs, as each genome has one network",
            " and ".join(f"{inputs} and {outputs}" for inputs, outputs in shapes), where(("topology", "mode")),
            "Keep sets of one shape.",
        )  # fmt: skip
    return first_network(config, families[0], folders, where(("topology", "start")))


def first_network(
    config: Config, family: Family, folders: Iterable[Path] = (), where: str = "topology.start"
) -> WeightedGraph:
    """Return the network that all topologies begin with, before a share of it is drawn (start = "sparse").

    `folders`: where a file may lie, the likeliest first. Raises InputError where it does not fit the recipe.
    """
    start, recurrent = config.topology.start, config.network.recurrent
    if start not in STARTS:
        places = [folder / start for folder in folders] or [Path(start)]
        place = next((place for place in places if place.exists()), None)
        if place is None:
            expected = f"{', '.join(map(show, STARTS))}, or a file with a network"
            sought = f"It was looked for as {' and '.join(map(str, places))}."
            remedy = sought if Path(start).suffix else nearest_name(start, STARTS)
            raise InputError(expected, f"{show(start)}, and no such file", where, remedy)
        read = graph_from_file(place, recurrent=config.topology.recurrent, where=f"{where}, {start}")
        _check_file(config, read, family, f"{where}, {start}")
        return read
    if recurrent and not config.topology.recurrent:
        expected = "synapses that go forward, as topology.recurrent = false"
        remedy = "Set topology.recurrent = true, or network.recurrent = false."
        raise InputError(expected, "network.recurrent = true", where, remedy)
    hidden = () if start == "minimal" else config.network.hidden
    _check_size(config, sum(hidden), layered_size(family.inputs, hidden, family.outputs, recurrent), where)
    return WeightedGraph(layered(family.inputs, hidden, family.outputs, activations_of(config)[0], recurrent))


def _check_size(config: Config, hidden: int, size: Size, where: str) -> None:
    """Refuse a network beyond the limits, which no child of it could keep."""
    for what, found, key in (("hidden nodes", hidden, "max_nodes"), ("synapses", size.synapses, "max_synapses")):
        limit = getattr(config.topology, key)
        if found > limit:
            expected = f"at most topology.{key} ({limit:,}) {what} in the first networks"
            raise InputError(expected, f"{found:,}", where, f"Raise topology.{key}, or start with less.")


def _check_file(config: Config, read: WeightedGraph, family: Family, where: str) -> None:
    """Refuse a network of a file that is not one for these tasks, or not one that this recipe could evolve."""
    graph = read.graph
    own, wanted = (graph.inputs, graph.outputs), (family.inputs, family.outputs)
    if own != wanted:
        sizes = f"{count_of(family.inputs, 'input')} and {count_of(family.outputs, 'output')}"
        raise InputError(f"{sizes}, as tasks of family {family.name} have", f"{own[0]} and {own[1]}", where)
    hidden = graph.nodes - graph.inputs - 1 - graph.outputs
    _check_size(config, hidden, Size(graph.inputs, graph.nodes, graph.synapses), where)
    known = activations_of(config)
    _check_activations(graph, known, where)
    wanted_rows, rows = config.plasticity.count, None if read.plasticity is None else len(read.plasticity)
    if rows is not None and rows != wanted_rows:
        expected = f"{wanted_rows} numbers p0, … of each synapse, as plasticity.count says, or none"
        raise InputError(expected, str(rows), where)


def _check_activations(graph: Graph, known: tuple[str, ...], where: str) -> None:
    """Refuse hidden nodes with an activation that the recipe does not name, and outputs with any but the head's."""
    first, last = graph.inputs + 1, graph.nodes - graph.outputs
    for node in np.arange(first, graph.nodes).tolist():
        name = graph.activation_of(node)
        if node < last and name not in known:
            expected = f"hidden nodes with {' or '.join(known)}, the activations of the recipe"
            raise InputError(expected, name, where, f'Add "{name}" to topology.activations.')
        if node >= last and name != ACTIVATIONS.names[0]:
            raise InputError(f"{ACTIVATIONS.names[0]} outputs, which the head makes answers of", name, where)
