"""Networks from files, node-link JSON or GraphML: whatever is no network to begin with is refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.errors import InputError
from evometa.errors.text import count_of, legible
from evometa.genetics.exchange import WeightedGraph, check_counts, from_networkx, named
from evometa.lifetime import Graph
from evometa.system.disk import read_bounded

if TYPE_CHECKING:
    import networkx

MOST_BYTES = 256_000_000
COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
NODE_LINK = "node-link JSON (a list of nodes, a list of edges)"


def graph_from_file(path: str | Path, *, recurrent: bool = True, where: str = "") -> WeightedGraph:
    """Return the network of a file, node-link JSON or GraphML, as `from_networkx` reads it.

    `recurrent`: whether synapses may look back. InputError, too, where no way leads to an output.
    """
    where = where or str(path)
    content = read_bounded(Path(path), MOST_BYTES, "a network", where).lstrip()
    read = from_networkx(_graphml(content, where) if content.startswith(b"<") else _node_link(content, where), where)
    graph = read.graph
    back = np.flatnonzero(graph.src >= graph.dst)
    if len(back) and not recurrent:
        raise InputError("a feed-forward network", count_of(len(back), "recurrent synapse"), where)
    silent = np.flatnonzero(~fed(graph)[graph.nodes - graph.outputs :])
    if len(silent):
        raise InputError("a way from the inputs to every output", f"none to output {silent[0] + 1}", where)
    return read


def fed(graph: Graph) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return whether a way leads from an input or the constant to each node, bool[N]; recurrent synapses count."""
    reached = np.arange(graph.nodes) <= graph.inputs
    count = 0
    while count < reached.sum():  # a sweep follows every forward synapse and one recurrent one of a way
        count = int(reached.sum())
        for node in range(graph.inputs + 1, graph.nodes):
            reached[node] |= reached[graph.src[graph.ptr[node] : graph.ptr[node + 1]]].any()
            reached[node] |= node in graph.grus and bool(reached[node - 2 : node].any())
    return reached


def _node_link(content: bytes, where: str) -> networkx.DiGraph:
    """Return the DiGraph of node-link JSON; here, so that no node or edge is added or dropped without a word."""
    import networkx

    listed, linked = (content.count(b'"%s":' % key) + content.count(b'"%s" :' % key) for key in (b"id", b"source"))
    check_counts(listed, linked, where)  # before anything is read, as reading millions takes long, and gigabytes
    try:
        data = json.loads(content)
        nodes, edges = data["nodes"], data["links" if "links" in data and "edges" not in data else "edges"]
        check_counts(len(nodes), len(edges), where)
        drawn = networkx.DiGraph()
        for node in nodes:
            drawn.add_node(_once(node["id"], drawn, where), **{k: v for k, v in node.items() if k != "id"})
        for edge in edges:
            ends = edge["source"], edge["target"]
            stranger = [end for end in ends if end not in drawn]
            if stranger or drawn.has_edge(*ends):
                found = f"an unknown one, {named(stranger[0])}" if stranger else f"{named(ends)} twice"
                raise InputError("edges between listed nodes, each once", found, where)
            drawn.add_edge(*ends, **{k: v for k, v in edge.items() if k not in ("source", "target")})
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(NODE_LINK, f"{type(error).__name__}: {legible(str(error))[:200]}", where) from None
    if data.get("directed", True) is not True:
        raise InputError("a directed graph", "one without directions", where)
    return drawn


def _once(name: Hashable, drawn: networkx.DiGraph, where: str) -> Hashable:
    if name in drawn:
        raise InputError("nodes that are listed once", f"{named(name)} twice", where)
    return name


def _graphml(content: bytes, where: str) -> networkx.DiGraph:
    """Return the DiGraph of GraphML."""
    from xml.etree.ElementTree import ParseError

    import networkx

    content = COMMENT.sub(b"", content)
    if b"<!" in content:  # entities may grow without end
        raise InputError("GraphML without document types", "one with them", where)
    if b"<graphml" not in content[:10_000]:
        raise InputError("GraphML", "XML of another kind", where)
    listed = sum(content.count(b"<node" + space) for space in (b" ", b"\n", b"\t", b"\r"))
    check_counts(listed, content.count(b"<edge"), where)
    try:
        drawn = networkx.parse_graphml(content.decode())
    except (networkx.NetworkXException, ParseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("GraphML", f"{type(error).__name__}: {legible(str(error))[:200]}", where) from None
    if listed > drawn.number_of_nodes():
        raise InputError("nodes that are listed once", f"{listed:,}, of {drawn.number_of_nodes():,} names", where)
    return drawn
