"""Rewiring: the weakest synapses of a network give way to others (sparse evolutionary training; Mocanu et al. 2018)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genes import ENABLED, I64
from evometa.genetics.topologies import Topologies
from evometa.genetics.validity import MOST_MARK, fed
from evometa.spec.arrays import F32

from .markings import Markings
from .structure import with_synapses
from .variation import Chance, Generator, met


def rewire(
    genes: Topologies,
    markings: Markings,
    rng: Generator,
    chance: Chance,
    share: float = 0.1,
    scale: float = 2.0,
    neutral: bool = False,
) -> Topologies:
    """Replace a share of the enabled synapses, those of the smallest |weight|, by others into the same nodes.

    Where another comes from is what a walk finds: a source of the node, a node that reads it, too, and a source of that
    one. So layers stay layers, and who reads some inputs comes to read what others read with them; the paper draws from
    all nodes of a layer. Synapses from the constant stay, as does one whose walk ends where a synapse is, or in
    one that would go back. A new synapse learns as the old one did; its weight is drawn from −scale to scale, or 0 with
    `neutral`. A topology stays as it is where an output would be cut off.
    """
    rows = met(genes, chance, rng)
    if not len(rows):
        return genes
    row = np.repeat(np.arange(len(genes)), np.diff(genes.begins))
    free = np.isin(row, rows) & (genes.traits & ENABLED > 0) & (genes.source != genes.inputs)
    gone = _weakest(genes, row, free, share)
    source = _walked(genes, row, free, gone, rng)
    sound = _new(genes, row, gone, source)
    gone, source = gone[sound], source[sound]
    weight = (rng.uniform(-1, 1, len(gone)) * (0.0 if neutral else scale)).astype(np.float32)
    found = _replaced(genes, markings, row, gone, source, weight)
    lost = np.logical_not(fed(found).all(axis=1))
    if not lost.any():
        return found
    sound = ~lost[row[gone]]
    return _replaced(genes, markings, row, gone[sound], source[sound], weight[sound])


def _weakest(genes: Topologies, row: I64, free: NDArray[np.bool_], share: float) -> I64:
    """Return the positions of the genes to be replaced: of equal ones the first."""
    places = np.flatnonzero(free)
    order = places[np.lexsort((np.abs(genes.weight[places]), row[places]))]
    counts = np.bincount(row[order], minlength=len(genes))
    begins = np.cumsum(counts) - counts
    rank = np.arange(len(order)) - begins[row[order]]
    return np.sort(order[rank < np.ceil(share * counts)[row[order]]])


class _Groups(NamedTuple):
    """Genes in an order in which those of one topology and one node at an end are together."""

    gene: I64
    key: I64  # ascending, of each

    @classmethod
    def of(cls, genes: I64, keys: I64) -> _Groups:
        """Sort genes by the keys of their nodes."""
        order = np.argsort(keys, kind="stable")
        return cls(genes[order], keys[order])

    def one_of(self, keys: I64, rng: Generator) -> I64:
        """Draw a gene of each key, one that there is."""
        low, high = (np.searchsorted(self.key, keys, side) for side in ("left", "right"))  # type: ignore[call-overload]
        found: I64 = self.gene[low + (rng.random(len(keys)) * (high - low)).astype(np.int64)]
        return found


def _walked(genes: Topologies, row: I64, free: NDArray[np.bool_], gone: I64, rng: Generator) -> I64:
    """Return the mark of a new source for each gene that is to go."""
    places, first = np.flatnonzero(free), row * MOST_MARK
    into = _Groups.of(places, (first + genes.target)[places])
    out = _Groups.of(places, (first + genes.source)[places])
    beside = into.one_of((first + genes.target)[gone], rng)
    sibling = out.one_of((first + genes.source)[beside], rng)
    found: I64 = genes.source[into.one_of((first + genes.target)[sibling], rng)]
    return found


def _new(genes: Topologies, row: I64, gone: I64, source: I64) -> NDArray[np.bool_]:
    """Tell which of the new synapses go forward, and are neither there nor among those before them."""
    target, known = genes.target[gone], np.stack([genes.source, genes.target], axis=1)
    wanted = np.stack([source, target], axis=1)
    _, number = np.unique(np.concatenate([known, wanted]), axis=0, return_inverse=True)
    keys = np.concatenate([row, row[gone]]) * (len(number) + 1) + number.ravel()
    there, asked = keys[: len(row)], keys[len(row) :]
    first = np.zeros(len(gone), bool)
    first[np.unique(asked, return_index=True)[1]] = True
    forward = _places(genes, row[gone], source) < _places(genes, row[gone], target)
    return first & forward & ~np.isin(asked, there)


def _places(genes: Topologies, row: I64, mark: I64) -> NDArray[np.float64]:
    """Return the place of a node of each topology: 0 of inputs and the constant, 1 of outputs."""
    hidden = np.repeat(np.arange(len(genes)), np.diff(genes.node_begins)) * MOST_MARK + genes.node
    order = np.argsort(hidden)
    found = np.where(mark <= genes.inputs, 0.0, 1.0)
    inner = mark > genes.inputs + genes.outputs
    at = np.searchsorted(hidden, (row * MOST_MARK + mark)[inner], sorter=order)
    found[inner] = genes.place[order[at]]
    return found


def _replaced(genes: Topologies, markings: Markings, row: I64, gone: I64, source: I64, weight: F32) -> Topologies:
    """Return topologies with new synapses in the place of genes."""
    kept = np.ones(len(genes.mark), bool)
    kept[gone] = False
    target = genes.target[gone]
    parts = {
        "mark": markings.synapses(source.tolist(), target.tolist()), "source": source, "target": target,
        "weight": weight, "traits": genes.traits[gone], "plasticity": genes.plasticity[gone],
    }  # fmt: skip
    return with_synapses(genes.keep(kept), row[gone], parts)
