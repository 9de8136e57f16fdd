"""Structural mutations of whole batches of topologies: nodes and synapses come and go (see variation.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genes import ENABLED, F64, I64, PLASTIC
from evometa.genetics.topologies import NODES, SYNAPSES, Topologies
from evometa.genetics.validity import MOST_SYNAPSE_MARK, fed

from .choices import pairs, splits
from .markings import Markings
from .variation import MOST_NODES, MOST_SYNAPSES, Bound, Chance, Generator, key_of, met, picked


def add_nodes(
    genes: Topologies,
    markings: Markings,
    rng: Generator,
    chance: Chance = 0.03,
    codes: Sequence[int] = (0,),
    max_nodes: int = MOST_NODES,
    max_synapses: int = MOST_SYNAPSES,
    neutral: bool = False,
) -> Topologies:
    """Split an enabled synapse by a node: it is disabled, and two take its place, by way of a node of one of `codes`.

    The one into the node has weight 1, the one out of it the old weight; both learn as the old one did, which is not in
    the paper. With `neutral` the old synapse stays, and the one out of the node has weight 0. Topologies with
    `max_nodes` hidden nodes, or too few synapses short of `max_synapses`, stay as they are.
    """
    rows = met(genes, chance, rng)
    rows = rows[(np.diff(genes.node_begins)[rows] < max_nodes) & (np.diff(genes.begins)[rows] + 2 <= max_synapses)]
    gene, place = splits(genes.arrays, rows, key_of(rng))
    rows, gene, place = rows[gene >= 0], gene[gene >= 0], place[gene >= 0]
    node = markings.nodes(genes.mark[gene].tolist())
    few = genes.take(rows)
    there = few.node == np.repeat(node, np.diff(few.node_begins))  # a gene may be enabled again and split twice
    fresh = np.diff(np.append(0, np.cumsum(there))[few.node_begins]) == 0
    rows, gene, place, node = rows[fresh], gene[fresh], place[fresh], node[fresh]
    if not len(rows):
        return genes
    into = markings.synapses(genes.source[gene].tolist(), node.tolist())
    out = markings.synapses(node.tolist(), genes.target[gene].tolist())
    traits, weight = genes.traits.copy(), genes.weight[gene]
    if neutral:
        weight = np.zeros_like(weight)
    else:
        traits[gene] &= np.uint8(~ENABLED & 0xFF)
    parts = {
        "mark": np.stack([into, out], 1),
        "source": np.stack([genes.source[gene], node], 1),
        "target": np.stack([node, genes.target[gene]], 1),
        "weight": np.stack([np.ones(len(gene), np.float32), weight], 1),
        "traits": np.stack([genes.traits[gene]] * 2, 1),
        "plasticity": np.stack([genes.plasticity[gene]] * 2, 1),
    }
    parts = {name: part.reshape(2 * len(gene), *part.shape[2:]) for name, part in parts.items()}
    activation = np.array(codes, np.uint8)[(rng.random(len(rows)) * len(codes)).astype(np.int64)]
    grown = with_synapses(replace(genes, traits=traits), np.repeat(rows, 2), parts)
    return with_nodes(grown, rows, node, place, activation)


def add_synapses(
    genes: Topologies,
    markings: Markings,
    rng: Generator,
    chance: Chance = 0.05,
    recurrent: bool = False,
    scale: float = 2.0,
    low: Bound = -1.0,
    high: Bound = 1.0,
    max_synapses: int = MOST_SYNAPSES,
    neutral: bool = False,
) -> Topologies:
    """Link two nodes that had no synapse, by a weight from −scale to scale and coefficients from `low` to `high`
    (of all, or f64[K]).

    With `neutral` the weight is 0.

    `recurrent`: the synapse may go back. It learns. Topologies with `max_synapses` stay as they are. The numbers'
    ranges are not in the paper.
    """
    rows = met(genes, chance, rng)
    rows = rows[np.diff(genes.begins)[rows] < max_synapses]
    source, target = pairs(genes.arrays, rows, recurrent, key_of(rng))
    rows, source, target = rows[source >= 0], source[source >= 0], target[source >= 0]
    if not len(rows):
        return genes
    columns, scale = genes.plasticity.shape[1], 0.0 if neutral else scale
    parts = {
        "mark": markings.synapses(source.tolist(), target.tolist()),
        "source": source,
        "target": target,
        "weight": rng.uniform(-scale, scale, len(rows)).astype(np.float32),
        "plasticity": rng.uniform(low, high, (len(rows), columns)).astype(np.float32),
        "traits": np.full(len(rows), ENABLED | PLASTIC, np.uint8),
    }
    return with_synapses(genes, rows, parts)


def remove_nodes(genes: Topologies, rng: Generator, chance: Chance) -> Topologies:
    """Take one hidden node away, with all its synapses, unless that cuts an output off."""
    rows = met(genes, chance, rng)
    sizes = np.diff(genes.node_begins)[rows]
    rows, sizes = rows[sizes > 0], sizes[sizes > 0]
    node = np.full(len(genes), -1, np.int64)
    node[rows] = genes.node[genes.node_begins[rows] + (rng.random(len(rows)) * sizes).astype(np.int64)]
    gone = np.repeat(node, np.diff(genes.begins))
    return _without(genes, rows, (genes.source == gone) | (genes.target == gone))


def remove_synapses(genes: Topologies, rng: Generator, chance: Chance) -> Topologies:
    """Take one synapse away, unless that cuts an output off; hidden nodes without any go with it."""
    rows, synapse = picked(genes, met(genes, chance, rng), rng)
    gone = np.zeros(len(genes.mark), bool)
    gone[synapse] = True
    return _without(genes, rows, gone)


def _without(genes: Topologies, rows: I64, gone: NDArray[np.bool_]) -> Topologies:
    """Take synapses away from topologies at some rows, and their hidden nodes that no synapse touches any more."""
    if not len(rows):
        return genes
    lost = np.zeros(len(genes), bool)
    lost[rows] = ~fed(genes.keep(~gone).take(rows)).all(axis=1)
    changed = np.zeros(len(genes), bool)
    changed[rows] = ~lost[rows]
    found = genes.keep(~(gone & np.repeat(changed, np.diff(genes.begins))))
    node_row = np.repeat(np.arange(len(genes)), np.diff(genes.node_begins))
    touched = [_has(found.begins, ends, node_row, genes.node) for ends in (found.source, found.target)]
    kept = touched[0] | touched[1] | ~changed[node_row]
    parts: dict[str, Any] = {name: getattr(genes, name)[kept] for name in NODES}
    return replace(found, node_begins=np.concatenate([[0], np.cumsum(kept)])[genes.node_begins], **parts)


def _keys(begins: I64, marks: I64) -> I64:
    """Return numbers by which marks ascend within each topology, and from one to the next."""
    return np.repeat(np.arange(len(begins) - 1), np.diff(begins)) * MOST_SYNAPSE_MARK + marks


def _has(begins: I64, marks: I64, rows: I64, wanted: I64) -> NDArray[np.bool_]:
    """Tell whether the topology at each row has a mark."""
    return np.isin(rows * MOST_SYNAPSE_MARK + wanted, _keys(begins, marks))


def _begins_with(begins: I64, rows: I64) -> I64:
    """Return where parts begin when one more stands in each of some rows, which may repeat."""
    return begins + np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(begins) - 1))])


def with_synapses(genes: Topologies, rows: I64, parts: dict[str, Any]) -> Topologies:
    """Return topologies with new synapse genes, one at each row, in the order of their marks."""
    order = np.lexsort((parts["mark"], rows))
    wanted = rows[order] * MOST_SYNAPSE_MARK + parts["mark"][order]
    places = np.searchsorted(_keys(genes.begins, genes.mark), wanted)
    parts = {**parts, "moments": np.zeros((len(rows), genes.moments.shape[1]), np.float32)}  # nothing is known yet
    found: dict[str, Any] = {
        name: np.insert(getattr(genes, name), places, parts[name][order], axis=0) for name in SYNAPSES
    }
    return replace(genes, begins=_begins_with(genes.begins, rows), **found)


def with_nodes(genes: Topologies, rows: I64, node: I64, place: F64, activation: Any) -> Topologies:
    """Return topologies with a new hidden node each at some rows, different ones, in the order of their places."""
    few = genes.take(rows)
    sizes = np.diff(few.node_begins)
    new_place, new_node = np.repeat(place, sizes), np.repeat(node, sizes)
    before = (few.place < new_place) | ((few.place == new_place) & (few.node < new_node))
    places = genes.node_begins[rows] + np.diff(np.append(0, np.cumsum(before))[few.node_begins])
    new = {"node": node, "place": place, "activation": activation}
    found: dict[str, Any] = {name: np.insert(getattr(genes, name), places, new[name]) for name in NODES}
    return replace(genes, node_begins=_begins_with(genes.node_begins, rows), **found)
