"""Genomes → phenotypes: the one place where objects of the outer loop become arrays of the inner loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.programs import agent_of, loss_of
from evometa.genetics.topologies import Topologies, Topology
from evometa.genetics.topology import with_plastic
from evometa.lifetime import F32, NONE, Graph, Phenotype, Phenotypes
from evometa.lifetime.batch import apart, batch_of, distinct, rows_once, together
from evometa.lifetime.ragged import Ragged

if TYPE_CHECKING:
    from evometa.genetics.decoding import Networks
    from evometa.language.acting import AgentPrograms, Order
    from evometa.language.program import Program


class World(Protocol):
    """What genomes take from their tasks where they have none of their own.

    `network`; `weights` and `feedback` f32[E]: weights at birth that are the same in the whole run (None: they are
    drawn for each lifetime), and those of the credit mode "feedback" (None: it is another), by graph, or by gene;
    `tied`: synapses of a group share their plasticity; `inherited`: weights in genes are those at birth; `gain`: by
    which these are multiplied; `order`: of a tick, for which rules that act are compiled, None for other lives.
    """

    @property
    def network(self) -> Graph: ...

    @property
    def tied(self) -> bool: ...

    @property
    def inherited(self) -> bool: ...

    @property
    def gain(self) -> float: ...

    @property
    def order(self) -> Order | None: ...

    def weights(self, graph: Graph) -> F32 | None: ...

    def feedback(self, graph: Graph) -> F32 | None: ...

    def feedback_of_genes(self, graphs: Sequence[Graph], marks: Ragged) -> Sequence[F32 | None]: ...


@dataclass(frozen=True, eq=False)
class Grown(Phenotypes):
    """Phenotypes whose networks evolved; `marks i64[E]` of each graph: of the genes that its synapses stem from."""

    marks: Ragged = field(kw_only=True)


@dataclass(frozen=True, eq=False)
class Mixture(Phenotypes):
    """Phenotypes of several kinds, each kind a batch; `graphs` are those of the `parts`, one behind the other."""

    parts: Sequence[Phenotypes] = field(kw_only=True)


def express(genomes: Sequence[Genome], world: World) -> Phenotypes:
    """Return the base learners that genomes grow into, of whatever kinds they are."""
    kinds = _kinds(genomes)
    parts = [_grown(some, world) if _evolves(some[0]) else _settled(some, world) for _, some in kinds]
    if len(parts) == 1:
        return parts[0]
    return Mixture(**vars(together(parts, [places for places, _ in kinds])), parts=parts)


def _evolves(genome: Genome) -> bool:
    return isinstance(genome.topology, Topology)


def _kinds(genomes: Sequence[Genome]) -> list[tuple[Sequence[int], Sequence[Genome]]]:
    """Return the genomes whose networks are made in one call, each time with their places."""
    if isinstance(genomes, Genomes):
        return [(range(len(genomes)), genomes)]
    places: dict[Any, list[int]] = {}
    for place, one in enumerate(genomes):
        own = one.topology
        kind = (own.plasticity.shape[1], "gate" in one.rule) if isinstance(own, Topology) else None
        places.setdefault(kind, []).append(place)
    return [(some, [genomes[place] for place in some]) for some in places.values()]


def _settled(genomes: Sequence[Genome], world: World) -> Phenotypes:
    """Return the learners of genomes whose networks do not evolve."""
    if isinstance(genomes, Genomes):
        return _alike(genomes, world)
    spread: dict[tuple[Graph, bytes], F32] = {}  # tied numbers are often the same for all

    def plasticity_of(genome: Genome, graph: Graph) -> F32:
        if not (world.tied and len(genome.plasticity)):
            return genome.plasticity
        key = (graph, genome.plasticity.tobytes())
        if key not in spread:
            spread[key] = genome.plasticity[:, graph.group]
        return spread[key]

    learners = []
    for genome in genomes:
        graph = genome.topology if isinstance(genome.topology, Graph) else world.network
        innate = world.weights(graph) if genome.weights is None else genome.weights
        own = graph if genome.plastic is None else with_plastic(graph, genome.plastic)
        program = programs_of([genome], world)[0]
        learners.append(_learner(genome, program, own, innate, plasticity_of(genome, graph), world.feedback(graph)))
    return batch_of(learners)


def _alike(genomes: Genomes, world: World) -> Phenotypes:
    """Return the learners of genomes that lie side by side and have one network."""
    graph = genomes.topology if isinstance(genomes.topology, Graph) else world.network
    own, plasticity, none = genomes.weights, genomes.plasticity, np.full(len(genomes), NONE, np.int32)
    born = world.weights(graph) if own is None else None
    innates, innate = ([] if born is None else [born], none if born is None else none + 1)
    if own is not None:
        innates, innate = rows_once(own)
    plasticities, place = rows_once(plasticity)
    if world.tied and plasticity.shape[1]:
        plasticities = [each[:, graph.group] for each in plasticities]
    graphs, which = [graph], none + 1
    if genomes.plastic is not None:
        masks, found = np.unique(genomes.plastic, axis=0, return_inverse=True)
        graphs, which = [with_plastic(graph, mask) for mask in masks], found.reshape(-1).astype(np.int32)
    programs, program = distinct(programs_of(genomes, world))
    losses: list[Program] = []
    loss = none
    if "loss" in genomes.rules:
        losses, loss = distinct([loss_of(tree) for tree in genomes.rules["loss"]])
    return Phenotypes(
        graphs, programs, losses, innates, plasticities, [world.feedback(graph)] * len(graphs),
        np.ascontiguousarray(genomes.coefficients), which, program, loss, innate, place,
    )  # fmt: skip


def network_of(genome: Genome) -> Graph | None:
    """Return the network of a genome that brings its own, else None."""
    if isinstance(genome.topology, Topology):
        return networks_of([genome]).graph(0)
    graph, plastic = genome.topology, genome.plastic
    return graph if graph is None or plastic is None else with_plastic(graph, plastic)


def networks_of(genomes: Sequence[Genome], gain: float = 1.0) -> Networks:
    """Return the networks of genomes whose topology evolves, in one batch or of one kind.

    A rule that gates synapses has the silent ones, too.
    """
    from evometa.genetics.decoding import decode  # compiled, which who looks at a run of fixed networks has no need of

    return decode(_topologies(genomes), gain, candidates="gate" in genomes[0].rule)


def network_keys(genomes: Sequence[Genome], inherited: bool, marked: bool) -> list[bytes]:
    """Return 16 bytes for each genome whose topology evolves, equal where networks are, with all their numbers.

    No bytes for the others. `inherited`: the weights, too; `marked`: the marks, too, as births go by them.
    """
    keys = [b""] * len(genomes)
    for places, some in _kinds(genomes):
        if _evolves(some[0]):
            for place, key in zip(places, _keys_of(some, inherited, marked), strict=True):
                keys[place] = key
    return keys


def _keys_of(genomes: Sequence[Genome], inherited: bool, marked: bool) -> list[bytes]:
    """Return the keys of genomes of one kind."""
    found, genes = networks_of(genomes), _topologies(genomes)
    columns = [found.src, found.traits.astype(np.int32), *found.plasticity.T.view(np.int32)]
    columns += [found.weights.view(np.int32)] if inherited else []
    columns += [*genes.mark[found.gene].view(np.int32).reshape(-1, 2).T] if marked else []
    synapses = np.stack(columns, axis=1)
    keys = []
    for t in range(len(genes)):
        (first, last), (node, end) = found.begins[t : t + 2], found.node_begins[t : t + 2]
        digest = blake2b(synapses[first:last].data, digest_size=16)
        digest.update(found.ptr[node + t : end + t + 1].data)
        digest.update(found.activation[node:end].data)
        keys.append(digest.digest())
    return keys


def heir(genome: Genome, learned: F32, world: World) -> Genome:
    """Return a genome that passes the weights f32[E] on that its learner ended with (Lamarck)."""
    if not isinstance(genome.topology, Topology):
        return genome.replace(weights=learned.copy())  # not a view of all
    genes = genome.topology.genes
    weight = genes.weight.copy()
    weight[networks_of([genome]).gene] = learned / np.float32(world.gain)
    return genome.replace(topology=Topology(replace(genes, weight=weight), 0))


def _topologies(genomes: Sequence[Genome]) -> Topologies:
    return Topologies.of([one.topology for one in genomes if isinstance(one.topology, Topology)])


def _grown(genomes: Sequence[Genome], world: World) -> Grown:
    """Return the learners of genomes whose topology evolves, each with a network of its own."""
    found = networks_of(genomes, world.gain)
    graphs, marks = found.graphs, Ragged(_topologies(genomes).mark[found.gene], found.begins)
    learners = apart(
        graphs,
        programs_of(genomes, world),
        [_loss(one) for one in genomes],
        [one.coefficients for one in genomes],
        Ragged(found.weights, found.begins) if world.inherited else None,
        Ragged(np.ascontiguousarray(found.plasticity.T), found.begins, last=True),
        world.feedback_of_genes(graphs, marks),
    )
    return Grown(**vars(learners), marks=marks)


def _loss(genome: Genome) -> Program | None:
    return loss_of(genome.rule["loss"]) if "loss" in genome.rule else None


def programs_of(genomes: Sequence[Genome], world: World) -> Sequence[Program]:
    """Return the compiled rule of each genome, as it is lived in a world."""
    if world.order is not None:
        return [agent_programs_of(one, world.order).rule for one in genomes]
    return genomes.programs if isinstance(genomes, Genomes) else [one.program for one in genomes]


def agent_programs_of(genome: Genome, order: Order) -> AgentPrograms:
    """Return the compiled rule of a genome that acts: that of its synapses, and that of its lane."""
    return agent_of(tuple(genome.rule.items()), order)


def _learner(
    genome: Genome, program: Program, graph: Graph, innate: F32 | None, plasticity: F32, feedback: F32 | None
) -> Phenotype:
    return Phenotype(graph, program, innate, genome.coefficients, plasticity, feedback, _loss(genome))
