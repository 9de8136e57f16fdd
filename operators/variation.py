"""Variation of whole batches of topologies (`evometa.genetics.topologies`): crossover, numbers, traits, structure.

Each mutation meets topology t with the chance `chance`, or `chance[t]`, and returns new topologies that share what it
did not touch. No result is ever invalid (`evometa.genetics.validity`): a change that would be so is not made, which
includes one that cuts an output off from all inputs and the constant. All draw from a NumPy generator, `rng`, and
only uniformly; settings that NEAT's paper gives are the defaults, where it gives none a docstring says so.
Axis letters: T topologies, E synapse genes of all, K per-synapse coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genes import ENABLED, I64, PLASTIC
from evometa.genetics.topologies import NODES, SYNAPSES, Topologies
from evometa.genetics.validity import fed
from evometa.spec.arrays import F32

from .matching import cross

MOST_NODES, MOST_SYNAPSES = 65_536, 1_000_000

Generator = np.random.Generator
Chance = float | NDArray[np.float64]  # of each topology
Bound = float | NDArray[np.float64]  # of all coefficients of a synapse, or f64[K]


def key_of(rng: Generator) -> np.uint64:
    """Draw the key of a compiled function's own counted draws."""
    return np.uint64(rng.integers(1 << 64, dtype=np.uint64))


def met(genes: Topologies, chance: Chance, rng: Generator) -> I64:
    """Return the rows of topologies that a mutation meets."""
    return np.flatnonzero(rng.random(len(genes)) < chance)


def crossed(
    genes: Topologies,
    first: I64,
    second: I64,
    equal: NDArray[np.bool_],
    rng: Generator,
    disabled: float = 0.75,
    average: float = 0.0,
    max_nodes: int = MOST_NODES,
    max_synapses: int = MOST_SYNAPSES,
) -> Topologies:
    """Return children of the topologies at rows `first`, the fitter parents, and `second` (−1: copies of the first).

    Matching genes come from either parent, disjoint and excess ones from the fitter, from both at random where parents
    are `equal`. A gene disabled in either parent is so in the child with the chance `disabled`. Where crossover
    averages (chance `average`), matching genes' numbers are means. Nodes come with the synapses that touch them.
    Of two synapses between the same nodes, which equal parents may have found each, the earlier stays; a child with an
    output cut off, or more than `max_nodes` or `max_synapses`, has the structure of its first parent: neither is in the
    paper.
    """
    begins, gene, other, enabled, node_begins, node = cross(
        genes.arrays, first, second, equal, (disabled, average), (max_nodes, max_synapses), key_of(rng)
    )
    parts: dict[str, Any] = {name: getattr(genes, name)[gene] for name in SYNAPSES}
    parts |= {name: getattr(genes, name)[node] for name in NODES}
    parts["traits"] = (parts["traits"] & ~np.uint8(ENABLED)) | enabled
    if average:
        for name in ("weight", "plasticity", "moments"):
            parts[name] = np.float32(0.5) * (parts[name] + getattr(genes, name)[other])
    return replace(genes, begins=begins, node_begins=node_begins, **parts)


def change_weights(
    genes: Topologies,
    rng: Generator,
    chance: Chance = 0.8,
    anew: float = 0.1,
    step: Chance = 1.0,
    scale: float = 2.0,
    bound: float = 8.0,
) -> Topologies:
    """Draw each weight anew (share `anew`, from −scale to scale), or shift it by at most `step`; keep it in ±bound.

    `step`: of all, or f64[T]. It, `scale` and `bound` are not in the paper.
    """
    values = _changed(genes, genes.weight, rng, chance, anew, step, (-scale, scale), bound)
    return replace(genes, weight=values)


def change_plasticity(
    genes: Topologies,
    rng: Generator,
    chance: Chance = 0.8,
    anew: float = 0.1,
    step: Chance = 1.0,
    low: Bound = -1.0,
    high: Bound = 1.0,
    bound: float = 8.0,
) -> Topologies:
    """Change the coefficients of synapses as `change_weights` does weights; new ones lie between `low` and `high`.

    `step`: of all, f64[T], or f64[T, K].
    """
    values = _changed(genes, genes.plasticity, rng, chance, anew, step, (low, high), bound)
    return replace(genes, plasticity=values)


def _changed(
    genes: Topologies,
    values: F32,
    rng: Generator,
    chance: Chance,
    anew: float,
    step: Chance,
    span: tuple[Bound, Bound],
    bound: float,
) -> F32:
    sizes = np.diff(genes.begins)
    meets = np.repeat(rng.random(len(genes)) < chance, sizes)
    rows = np.broadcast_to(step, len(genes)) if np.ndim(step) < 2 else np.asarray(step)
    reach = np.repeat(rows, sizes, axis=0)
    if values.ndim == 2:
        meets, reach = meets[:, None], reach.reshape(len(reach), -1)
    fresh = rng.random(values.shape) < anew
    unit = rng.random(values.shape)
    low, high = span
    changed = np.where(fresh, low + (high - low) * unit, values + reach * (2 * unit - 1))
    return np.where(meets, np.clip(changed, -bound, bound), values).astype(np.float32)


def toggle(genes: Topologies, rng: Generator, chance: Chance) -> Topologies:
    """Disable one gene, or enable it where it was disabled."""
    return _with_traits(genes, *picked(genes, met(genes, chance, rng), rng), ENABLED)


def enable(genes: Topologies, rng: Generator, chance: Chance) -> Topologies:
    """Enable one disabled gene, where there is any."""
    return _with_traits(genes, *picked(genes, met(genes, chance, rng), rng, (genes.traits & ENABLED) == 0), ENABLED)


def flip_plastic(genes: Topologies, rng: Generator, chance: Chance) -> Topologies:
    """Let one synapse begin to learn, or cease to."""
    return _with_traits(genes, *picked(genes, met(genes, chance, rng), rng), PLASTIC)


def change_activations(genes: Topologies, rng: Generator, chance: Chance, codes: Sequence[int]) -> Topologies:
    """Give one hidden node another activation, one of `codes`."""
    rows = met(genes, chance, rng)
    sizes = np.diff(genes.node_begins)[rows]
    rows, sizes = rows[sizes > 0], sizes[sizes > 0]
    node = genes.node_begins[rows] + (rng.random(len(rows)) * sizes).astype(np.int64)
    known = np.array(sorted(codes), np.uint8)
    among = np.isin(genes.activation[node], known)
    pick = (rng.random(len(rows)) * (len(known) - among)).astype(np.int64)
    pick += among & (pick >= np.searchsorted(known, genes.activation[node]))  # not the one that it has
    activation = genes.activation.copy()
    activation[node] = known[np.minimum(pick, len(known) - 1)]
    return replace(genes, activation=activation)


def picked(genes: Topologies, rows: I64, rng: Generator, among: NDArray[np.bool_] | None = None) -> tuple[I64, I64]:
    """Draw a synapse gene of each topology at some rows, of those `among`; return the rows that have any, and these."""
    chosen = np.arange(len(genes.mark)) if among is None else np.flatnonzero(among)
    ends = np.searchsorted(chosen, genes.begins)
    sizes = ends[rows + 1] - ends[rows]
    rank = (rng.random(len(rows)) * sizes).astype(np.int64)
    rows, place = rows[sizes > 0], (ends[rows] + rank)[sizes > 0]
    return rows, chosen[place]


def _with_traits(genes: Topologies, rows: I64, picked: I64, bit: int) -> Topologies:
    """Flip a trait of genes, one of each topology at some rows, unless that cuts an output off."""
    traits = genes.traits.copy()
    traits[picked] ^= np.uint8(bit)
    if bit == ENABLED and len(rows):
        lost = ~fed(replace(genes, traits=traits).take(rows)).all(axis=1)
        traits[picked[lost]] ^= np.uint8(bit)
    return replace(genes, traits=traits)
