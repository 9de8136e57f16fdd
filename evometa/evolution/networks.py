"""The network that evolving topologies begin with: made of layers, or read from a file, within the recipe's limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from pathlib import Path

import numpy as np

from evometa.config.keys import nearest_name
from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.config.topology import STARTS
from evometa.errors import InputError
from evometa.errors.text import count_of
from evometa.evolution.ends import ends_of
from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.network_files import graph_from_file
from evometa.genetics.topology import Size, graph_key, layered, layered_size, unit_of
from evometa.lifetime import Graph
from evometa.spec import ACTIVATIONS
from evometa.tasks import Family
from evometa.tasks.content import digest
from evometa.tasks.location import Places

START = "topology.start"
ELSEWHERE = "Say where it lies as it was with --data PATH."


def activations_of(config: Config) -> tuple[str, ...]:
    """Return the activations that hidden nodes of an evolving topology may have."""
    return config.topology.activations or (config.network.activation,)


def check_topology(
    loaded: Loaded, families: Sequence[Family], places: Places
) -> tuple[WeightedGraph | None, dict[str, str]]:
    """Return the network that evolving topologies begin with, None where they do not evolve; and of a file its digest.

    Raises InputError where it does not fit the recipe, or is not what the run began with, and where sets of tasks ask
    for networks of different shapes.
    """
    config, where = loaded.config, loaded.source.where
    if "topology" not in config.evolved:
        return None, {}
    shapes = sorted({ends_of(config, family) for family in families})
    if len(shapes) > 1:
        raise InputError(
            "sets of tasks with as many inputs and outputs, as each genome has one network",
            " and ".join(f"{inputs} and {outputs}" for inputs, outputs in shapes), where(("topology", "mode")),
            "Keep sets of one shape.",
        )  # fmt: skip
    known = places.files.get(START, "")
    first = first_network(config, families[0], places.folders(), where(("topology", "start")), known)
    return first, {} if config.topology.start in STARTS else {START: content_of(first)}


def content_of(network: WeightedGraph) -> str:
    """Return a digest of a network with all its numbers, whatever the file that they were read from looks like."""
    numbers = [np.zeros(0) if each is None else each for each in (network.weights, network.plasticity)]
    return digest(np.array(graph_key(network.graph)), *numbers)


def first_network(
    config: Config, family: Family, folders: Iterable[Path] = (), where: str = START, known: str = ""
) -> WeightedGraph:
    """Return the network that all topologies begin with, before a share of it is drawn (start = "sparse").

    `folders`: where a file may lie, the likeliest first; `known`: the digest of the one that a run began with. Raises
    InputError where it does not fit the recipe, or is another.
    """
    start, recurrent = config.topology.start, config.network.recurrent
    if start not in STARTS:
        return _of_file(config, family, list(folders), where, known)
    if recurrent and not config.topology.recurrent:
        expected = "synapses that go forward, as topology.recurrent = false"
        remedy = "Set topology.recurrent = true, or network.recurrent = false."
        raise InputError(expected, "network.recurrent = true", where, remedy)
    hidden, contexts = ((), 0) if start == "minimal" else (config.network.hidden, config.network.contexts)
    kinds = activations_of(config)
    own = [*["linear"] * bool(contexts), *unit_of(kinds[0]) * bool(hidden)]
    if lacking := [name for name in own if name not in kinds]:
        expected, remedy = f"{lacking[0]} among the activations, as the network has such nodes", f'Add "{lacking[0]}".'
        raise InputError(expected, show(kinds), "topology.activations", remedy)
    inputs, outputs = ends_of(config, family)
    size = layered_size(inputs, hidden, outputs, recurrent, contexts, kinds[0])
    image = _image(config, family, where)
    inner = size.nodes - inputs - 1 - outputs
    _check_size(config, inner, _thinned(config, size, [*hidden, outputs][0], image), where)
    return WeightedGraph(layered(
        inputs, hidden, outputs, kinds[0], recurrent, contexts, config.network.plastic, config.network.bias
    ), image=image)  # fmt: skip


def _thinned(config: Config, size: Size, first: int, image: tuple[int, int, int] | None) -> Size:
    """Return the size of what a start leaves of a network whose first layer has so many nodes."""
    share = config.topology.density if config.topology.start in ("sparse", "local") else 1.0
    whole = 0 if image is None else first * (size.inputs + 1)
    near = 0 if image is None else first * (config.topology.side**2 * image[2] + 1)
    return size._replace(synapses=near + ceil(share * (size.synapses - whole)))


def _image(config: Config, family: Family, where: str) -> tuple[int, int, int] | None:
    """Return the shape of the images that tasks are of; refuse squares of pixels where there are no such."""
    if config.topology.start != "local":
        return None
    if family.image is None:
        expected = 'a family whose inputs are pixels with topology.start = "local"'
        raise InputError(expected, family.name, where, 'Use "sparse".')
    least = min(family.image[:2])
    if config.topology.side > least:
        expected = f"at most {least}, the height or width of the images of family {family.name}"
        raise InputError(expected, str(config.topology.side), where.replace("start", "side"), "Lower it.")
    return family.image


def _of_file(config: Config, family: Family, folders: Sequence[Path], where: str, known: str) -> WeightedGraph:
    """Return the network of the first file that has the known content; see `first_network`."""
    start = config.topology.start
    places = list(dict.fromkeys(folder / start for folder in folders)) or [Path(start)]
    present = [place for place in places if place.exists()]
    if not present:
        expected = f"{', '.join(map(show, STARTS))}, or a file with a network"
        sought = f"It was looked for as {' and '.join(map(str, places))}."
        remedy = f"{sought} {ELSEWHERE}" if known else sought if Path(start).suffix else nearest_name(start, STARTS)
        raise InputError(expected, f"{show(start)}, and no such file", where, remedy)
    for place in present:
        read = graph_from_file(place, recurrent=config.topology.recurrent, where=f"{where}, {start}")
        if not known or content_of(read) == known:
            _check_file(config, read, family, f"{where}, {start}")
            return read
    found = "another in " + " and ".join(map(str, present))
    remedy = f"Take back what was changed, or begin a new run. {ELSEWHERE}"
    raise InputError("the network that this run began with", found, where, remedy)


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
    own, wanted = (graph.inputs, graph.outputs), ends_of(config, family)
    if own != wanted:
        sizes = f"{count_of(wanted[0], 'input')} and {count_of(wanted[1], 'output')}"
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
