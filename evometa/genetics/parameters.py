"""The numbers of genomes that have a gradient, as one flat array: how phenotypes get them, and where slopes go.

Genomes lie side by side, in one batch. Axis letters: G genomes, N numbers of all of them, E synapses, K per-synapse
coefficients, C columns of the plasticity, Kc coefficients, W constants of a rule that are lifted to coefficients.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genomes import Genomes
from evometa.genetics.lifted import NONE, Lifted, lifted, lowered
from evometa.genetics.moments import CONSTANTS, Moments
from evometa.genetics.topologies import Topologies
from evometa.language.signals import COEFFICIENTS
from evometa.language.tunability import LARGE, only_cancelled
from evometa.lifetime import F32
from evometa.spec.arrays import I64

PARTS = ("weights", "plasticity", "coefficients", "constants")
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Parameters:
    """Numbers of G genomes, part after part of PARTS, as far as these are tuned.

    `values f32[N]`; `row i64[N]`: the genome that each belongs to; `sizes`: how many each part has; `form`: the rules
    without the constants that are tuned. What a part looks like in its place is known from `genomes`.
    """

    genomes: Genomes
    form: Lifted
    sizes: dict[str, int]
    values: F32
    row: I64

    @classmethod
    def of(
        cls, genomes: Genomes, chosen: Collection[str], slots: Collection[str], turn: int = 0,
        taken: Collection[str] = (),
    ) -> Parameters:  # fmt: skip
        """Return the chosen of PARTS of genomes; constants are those of `slots`; `turn`, `taken`: see lifted.py."""
        form = lifted(genomes, slots if "constants" in chosen else (), turn, taken)
        own, topology = {**_numbers(genomes), "constants": form.values}, genomes.topology
        count = len(genomes)
        genes = np.repeat(np.arange(count), np.diff(topology.begins)) if isinstance(topology, Topologies) else None
        parts = {name: own[name] for name in PARTS if name in chosen}
        rows = [
            np.repeat(genes, prod(part.shape[1:]))
            if genes is not None and name in ("weights", "plasticity")
            else np.repeat(np.arange(count), prod(part.shape[1:]))
            for name, part in parts.items()
        ]
        values = np.concatenate([np.zeros(0, np.float32), *(part.reshape(-1) for part in parts.values())])
        sizes = {name: part.size for name, part in parts.items()}
        return cls(genomes, form, sizes, values, np.concatenate([np.zeros(0, np.int64), *rows]))

    def __len__(self) -> int:
        return len(self.genomes)

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where each part lies in flat arrays."""
        ends = np.cumsum([0, *self.sizes.values()]).tolist()
        return {name: slice(*ends[k : k + 2]) for k, name in enumerate(self.sizes)}

    @cached_property
    def bare(self) -> Genomes:
        """The genomes with lifted constants among their coefficients."""
        return self.genomes.replace(rules=self.form.trees, coefficients=self.coefficients(self.values), moments=None)

    @cached_property
    def level(self) -> NDArray[np.bool_]:
        """Which coefficients have no slope to speak of, bool[G, Kc]: large ones that quotients cancel."""
        found = np.abs(self.genomes.coefficients) >= LARGE
        for row, column in zip(*np.nonzero(found), strict=True):
            found[row, column] = COEFFICIENTS[column] in only_cancelled(self.genomes.part("rule", row))
        return found

    def part(self, flat: NDArray[Any], name: str) -> NDArray[Any]:
        """Return the numbers of a part in a flat array, in the shape that they have in their place."""
        own = self.form.values if name == "constants" else _numbers(self.genomes)[name]
        return flat[self.places[name]].reshape(own.shape)

    def coefficients(self, values: F32) -> F32:
        """Return all coefficients, those that constants are lifted to among them, f32[G, Kc], or f32[G, 8]."""
        own = self.part(values, "coefficients") if "coefficients" in self.sizes else self.genomes.coefficients
        if not self.form.values.size:
            return np.ascontiguousarray(own)
        found = np.zeros((len(self), len(COEFFICIENTS)), np.float32)
        found[:, : own.shape[1]] = own
        rows, places = np.nonzero(self.form.columns != NONE)
        found[rows, self.form.columns[rows, places]] = self.part(values, "constants")[rows, places]
        return found

    def of_coefficients(self, slopes: F32) -> dict[str, F32]:
        """Return slopes of all coefficients as those of coefficients f32[G, Kc] and of constants f32[G, W]."""
        own = np.where(self.level, np.float32(0), slopes[:, : self.genomes.coefficients.shape[1]])
        constants = np.zeros_like(self.form.values)
        rows, places = np.nonzero(self.form.columns != NONE)
        columns = self.form.columns[rows, places]
        constants[rows, places] = slopes[rows, columns]
        lent = columns < own.shape[1]
        own[rows[lent], columns[lent]] = 0.0
        return {"coefficients": own, "constants": constants}

    def by_genome(self, numbers: NDArray[Any]) -> F64:
        """Return sums over each genome's numbers, f64[G], added one by one: alike whatever the others are."""
        return np.bincount(self.row, numbers, len(self)).astype(np.float64)

    def moments(self) -> tuple[F32, F32]:
        """Return the first and the second moments that the genomes' own say, f32[N] each; 0 where nothing is known."""
        known, topology = self.genomes.moments, self.genomes.topology
        both = np.zeros((2, len(self.values)), np.float32)
        for name in self.sizes:
            place = self.places[name]
            if name == "constants":
                if known is not None:
                    both[:, place] = _remembered(known.constants, self.form).reshape(2, -1)
            elif isinstance(topology, Topologies) and name != "coefficients":
                columns = topology.plasticity.shape[1]
                genes = topology.moments.reshape(-1, 2, 1 + columns) if topology.moments.shape[1] else None
                if genes is not None:
                    own = genes[:, :, :1] if name == "weights" else genes[:, :, 1:]
                    both[:, place] = own.transpose(1, 0, 2).reshape(2, -1)
            elif known is not None:
                both[:, place] = getattr(known, name).swapaxes(0, 1).reshape(2, -1)
        return both[0], both[1]

    def with_numbers(self, values: F32, first: F32, second: F32, steps: Any, means: F32, gained: F32) -> Genomes:
        """Return the genomes with other numbers and moments; the last three as in `Moments`."""
        new: dict[str, Any] = {}
        genes, topology = {}, self.genomes.topology
        known = self.genomes.moments or self._no_moments(means.shape[1])
        kept: dict[str, Any] = {"steps": steps, "means": means, "gained": gained}
        for name in self.sizes:
            own = self.part(values, name)
            two = np.stack([self.part(each, name) for each in (first, second)], axis=1)
            if name == "constants":
                new["rules"], texts = lowered(self.form, own)
                kept[name] = np.zeros((len(self), CONSTANTS, 3), np.float32)
                kept[name][:, : own.shape[1]] = np.concatenate([texts[..., None], two.swapaxes(1, 2)], axis=2)
            elif isinstance(topology, Topologies) and name != "coefficients":
                genes[name] = own, two.reshape(len(own), 2, -1)
            else:
                new[name], kept[name] = own, two
        if isinstance(topology, Topologies):
            new["topology"] = _with_genes(topology, genes)
        return self.genomes.replace(**new, moments=replace(known, **kept))

    def _no_moments(self, checkpoints: int) -> Moments:
        own, genes = self.genomes, isinstance(self.genomes.topology, Topologies)
        weights = 0 if own.weights is None or genes else own.weights.shape[1]
        plasticity = (0, 0) if genes else own.plasticity.shape[1:]
        return Moments.none(len(self), checkpoints, own.coefficients.shape[1], weights, plasticity)


def _numbers(genomes: Genomes) -> dict[str, Any]:
    """Return the numbers of genomes by part, wherever they stand."""
    own, topology = {name: getattr(genomes, name) for name in PARTS[:3]}, genomes.topology
    if isinstance(topology, Topologies):
        own |= {"weights": topology.weight, "plasticity": topology.plasticity}
    return own


def _remembered(known: F32, form: Lifted) -> F32:
    """Return the moments of constants, f32[2, G, W]: those of equal values, the first of several first."""
    found = np.zeros((2, *form.values.shape), np.float32)
    for row, one in enumerate(form.rules):
        left = known[row, :, 0].tolist()
        for k, value in enumerate(form.values[row, : len(one.places)].tolist()):
            if value in left:
                at = left.index(value)
                found[:, row, k], left[at] = known[row, at, 1:], None
    return found


def _with_genes(topology: Topologies, numbers: dict[str, tuple[F32, F32]]) -> Topologies:
    """Return topologies with other numbers and their moments, f32[genes, 2, …], by part."""
    columns = topology.plasticity.shape[1]
    moments = np.zeros((len(topology.mark), 2, 1 + columns), np.float32)
    if topology.moments.shape[1]:
        moments[:] = topology.moments.reshape(moments.shape)
    new: dict[str, Any] = {}
    if "weights" in numbers:
        new["weight"], moments[:, :, :1] = numbers["weights"]
    if "plasticity" in numbers:
        new["plasticity"], moments[:, :, 1:] = numbers["plasticity"]
    return replace(topology, **new, moments=moments.reshape(len(moments), -1))
