"""Parameters → learners in one world, and slopes of their lives → gradients of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from evometa.genetics.parameters import Parameters
from evometa.genetics.phenotype import World, express, networks_of
from evometa.genetics.topologies import Topologies
from evometa.lifetime import F32, I32, Phenotypes, Slopes
from evometa.lifetime.ragged import Ragged
from evometa.spec.arrays import I64


@dataclass(frozen=True, eq=False)
class Learners:
    """What genomes grow into in a world, with any values of their parameters."""

    parameters: Parameters
    world: World

    @cached_property
    def born(self) -> Phenotypes:
        """The learners with the parameters' own values."""
        return express(self.parameters.bare, self.world)

    @cached_property
    def everyone(self) -> I32:
        """Where each learner's own numbers stand, i32[G]: one behind the other."""
        return np.arange(len(self.parameters), dtype=np.int32)

    @cached_property
    def genes(self) -> tuple[I64, I64] | None:
        """Where the genes of each network's synapses stand, and where each network begins; None without genes."""
        genomes = self.parameters.bare
        if not isinstance(genomes.topology, Topologies):
            return None
        networks = networks_of(genomes, self.world.gain)
        return networks.gene, networks.begins

    @cached_property
    def group(self) -> I32 | None:
        """The group of each synapse, where synapses of a group share their plasticity."""
        return self.born.graphs[0].group if self.world.tied and self.genes is None else None

    def phenotypes(self, values: F32) -> Phenotypes:
        """Return the learners with other values f32[N]."""
        of = self.parameters
        new: dict[str, Any] = {"coefficients": of.coefficients(values)}
        if "weights" in of.sizes:
            weights = of.part(values, "weights")
            if self.genes is None:
                new |= {"innates": list(weights), "innate": self.everyone}
            else:
                gene, begins = self.genes
                new["innates"] = Ragged(weights[gene] * np.float32(self.world.gain), begins)
        if "plasticity" in of.sizes:
            plasticity = of.part(values, "plasticity")
            if self.genes is None:
                rows = plasticity if self.group is None else plasticity[:, :, self.group]
                new |= {"plasticities": list(rows), "plasticity": self.everyone}
            else:
                gene, begins = self.genes
                new["plasticities"] = Ragged(np.ascontiguousarray(plasticity[gene].T), begins, last=True)
        return replace(self.born, **new)

    def gradient(self, slopes: Slopes) -> F32:
        """Return the gradient of the parameters, f32[N]."""
        of, parts = self.parameters, []
        rest = of.of_coefficients(slopes.coefficients)
        for name in of.sizes:
            if name == "weights":
                parts.append(self._of_weights(slopes))
            elif name == "plasticity":
                parts.append(self._of_plasticity(slopes))
            else:
                parts.append(rest[name])
        return np.concatenate([np.zeros(0, np.float32), *(part.reshape(-1) for part in parts)])

    def _of_weights(self, slopes: Slopes) -> F32:
        own: list[Any] = slopes.innate
        if self.genes is None:
            return np.stack(own)
        found = np.zeros(self.parameters.sizes["weights"], np.float32)
        found[self.genes[0]] = np.concatenate(own) * np.float32(self.world.gain)
        return found

    def _of_plasticity(self, slopes: Slopes) -> F32:
        if self.genes is not None:
            columns = slopes.plasticity[0].shape[0]
            found = np.zeros((self.parameters.sizes["plasticity"] // columns, columns), np.float32)
            found[self.genes[0]] = np.concatenate(slopes.plasticity, axis=1).T
            return found
        rows = np.stack(slopes.plasticity)  # [G, K, E]
        if self.group is None:
            return rows
        shape = self.parameters.genomes.plasticity.shape
        bins = np.arange(shape[0] * shape[1])[:, None] * shape[2] + self.group
        sums = np.bincount(bins.reshape(-1), rows.reshape(-1).astype(np.float64), int(np.prod(shape)))
        return sums.astype(np.float32).reshape(shape)
