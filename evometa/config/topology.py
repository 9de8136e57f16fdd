"""Configuration of networks that evolve: the chromosome of the topology, and the species that the population forms."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from evometa.config.reals import Real, Scale
from evometa.config.section import Section, each_once
from evometa.errors import InputError
from evometa.spec.choices import ActivationName

Chance = Annotated[float, Field(ge=0, le=1)]
Activations = Annotated[tuple[ActivationName, ...], AfterValidator(each_once)]

STARTS = ("minimal", "layered", "sparse", "local")


class Topology(Section):
    """The network as a chromosome (NEAT, Stanley & Miikkulainen 2002), or only which of its synapses learn; chances are
    those of each child."""

    mode: Literal["fixed", "evolved"] = Field(
        default="fixed", description="the layers of [network] for all, or part of the genome: each has its own network"
    )
    start: str = Field(
        default="minimal",
        min_length=1,
        description="networks of the first generation: minimal (all inputs to all outputs), layered (the layers of "
        "[network]), sparse (a share of these), local (of images, nodes that read pixels read a square of them, and a "
        "share of the other synapses is kept), or a file: node-link JSON, or GraphML",
    )
    density: float = Field(
        default=0.5, gt=0, le=1, description='share of the synapses that start = "sparse" or "local" keeps'
    )
    side: int = Field(default=5, ge=1, le=1024, description='height and width of the squares of start = "local"')
    recurrent: bool = Field(
        default=False, description="synapses may also go back: they carry the previous activation of their source"
    )
    activations: Activations | None = Field(
        default=None,
        min_length=1,
        description="activations that hidden nodes may have; left out: that of [network] alone",
    )
    plastic: Literal["all", "evolved"] = Field(
        default="all",
        description="which synapses learn: all in the layers of network.plastic, or as each genome says, whose network "
        "may be fixed or evolve, and the first of which learn there; the others keep the weights they are born with",
    )
    plastic_share: Chance = Field(
        default=1.0, description='share of the synapses that learn in first genomes, where plastic = "evolved"'
    )
    gain: Scale = Field(
        default=1.0, le=1e6, description="weights are multiplied by this at birth: 4.9 for the sigmoid of NEAT's paper"
    )
    max_nodes: int = Field(default=64, ge=0, le=65_536, description="most hidden nodes of a network")
    max_synapses: int = Field(
        default=1024, ge=1, le=1_000_000, description="most synapses of a network, silent ones among them"
    )
    add_node: Chance = Field(default=0.03, description="chance that a node splits a synapse")
    add_synapse: Chance = Field(default=0.05, description="chance of a new synapse between nodes that had none")
    rewire: Chance = Field(
        default=0.0,
        description="chance that the weakest synapses give way to others into the same nodes, from sources that nodes "
        "read which have a source in common with them (after Mocanu et al. 2018)",
    )
    rewire_share: Chance = Field(default=0.1, description="share of the synapses that do so")
    remove_node: Chance = Field(default=0.0, description="chance that a hidden node goes, with all its synapses")
    remove_synapse: Chance = Field(default=0.0, description="chance that a synapse goes")
    toggle: Chance = Field(default=0.0, description="chance that a synapse is switched off, or on again")
    mutate_activation: Chance = Field(default=0.0, description="chance that a hidden node takes another activation")
    mutate_plastic: Chance = Field(default=0.0, description="chance that a synapse begins or ceases to learn")
    mutate_plastic_layer: Chance = Field(
        default=0.0,
        description="chance that all synapses into a layer begin or cease to learn: of nodes that read the same; in "
        "fixed networks the weights of a layer, or its biases",
    )
    add_context: Chance = Field(
        default=0.0,
        description="chance of a context node (CAVIA): all of a layer read it, and it reads the constant alone, by a "
        "weight of 0; it is linear, or tanh",
    )
    neutral: bool = Field(
        default=False,
        description="new synapses have weight 0, and a new node stands beside the synapse that it would split: "
        "networks answer as before until numbers are tuned, as section gradient does",
    )
    replace_weight: Chance = Field(
        default=0.1,
        description="chance of each innate weight, where weights mutate, to be drawn anew instead of shifted",
    )
    inherit_disabled: Chance = Field(
        default=0.75, description="chance that a gene is switched off in the child of a crossover if it is in a parent"
    )
    average: Chance = Field(
        default=0.0, description="chance that a crossover takes means of matching genes' numbers, not one or the other"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.mutate_activation and (self.activations is None or len(self.activations) == 1):
            raise InputError(
                "two activations or more, as topology.mutate_activation changes them",
                "one" if self.activations else "that of [network] alone",
                "topology.activations", "Add some, or set topology.mutate_activation = 0.",
            )  # fmt: skip
        for key, idle in (("mutate_plastic", 0), ("mutate_plastic_layer", 0), ("plastic_share", 1)):
            if self.plastic == "all" and getattr(self, key) != idle:
                raise InputError(
                    f'topology.plastic = "evolved", as topology.{key} says which synapses learn', '"all"',
                    "topology.plastic", f"Set it, or set topology.{key} = {idle}.",
                )  # fmt: skip
        return self


class Species(Section):
    """Species: groups of like genomes that compete among themselves, so that what is new has time to become good."""

    by: Literal["none", "genes", "behaviour"] = Field(
        default="none",
        description="what genomes of one species have in common: genes (NEAT's compatibility distance), behaviour (the "
        "cases they err on); none: the population is one",
    )
    c1: Real = Field(default=1.0, ge=0, le=1e6, description="weight of excess genes in the distance")
    c2: Real = Field(default=1.0, ge=0, le=1e6, description="weight of disjoint genes in the distance")
    c3: Real = Field(default=0.4, ge=0, le=1e6, description="weight of the mean difference of matching genes' weights")
    small: int = Field(
        default=20, ge=1, le=1_000_000, description="genes below which the counts are not divided by their number"
    )
    threshold: Scale = Field(default=3.0, le=1e6, description="distance from which on genomes are of other species")
    target: int = Field(
        default=0, ge=0, le=100_000, description="number of species that the threshold is moved for; 0: it stays"
    )
    step: Scale = Field(default=0.3, le=1e6, description="how far the threshold moves in a generation")
    stagnation: int = Field(
        default=15,
        ge=1,
        le=1_000_000,
        description="generations without a better best after which a species has no offspring",
    )
    refocus: int = Field(
        default=20,
        ge=1,
        le=1_000_000,
        description="generations without a better best of all after which the best two species alone have offspring",
    )
    champion: int = Field(
        default=5, ge=0, le=1_000_000, description="a species of more genomes than this keeps its best unchanged"
    )
    survival: float = Field(
        default=0.2, gt=0, le=1, description="share of a species, its best, that may become parents"
    )
    interspecies: Chance = Field(default=0.001, description="chance of a crossover to be between species")
