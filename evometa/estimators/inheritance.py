"""What an individual of a run hands on to an estimator: its rule, its numbers, and the life that its recipe gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from evometa.config.network import Network
from evometa.errors import InputError
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import network_of, networks_of
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import first_weights, graph_json, graph_key, layered, spread
from evometa.lifetime import F32, Graph
from evometa.seeding import stream
from evometa.spec import CREDITS
from evometa.spec.choices import ClassifierChoice
from evometa.store.records import Json, Settings


def parameters(genome: Genome, settings: Settings, graphs: Sequence[Graph]) -> Json:
    """Return an estimator's parameters, by the names that RuleClassifier has.

    `settings`: the run's; `graphs`: the networks that it keeps. Hidden layers are those of the first set of tasks that
    evolution met. InputError for a learner with an external memory.
    """
    _refuse_memory(settings)
    network, life, weights, seed = settings.network, settings.lifetime, settings.weights, settings.seed
    number, tasks = _first_set(settings)
    tied = settings.plasticity.tie == "group"
    hidden = tuple(tasks["hidden"]) if tasks.get("hidden") is not None else network.hidden
    graph = network_of(genome) or _network(graphs, hidden, network)
    plain = Network(activation=network.activation, recurrent=network.recurrent)  # as the estimator's keys can say it
    in_layers = graph is None or graph_key(graph) == graph_key(_layers(graph, hidden, plain))
    innate, rows, feedback = genome.weights, genome.plasticity, None
    if isinstance(genome.topology, Topology):  # whose genes hold the numbers
        grown = networks_of([genome], settings.topology.gain)
        innate, rows = grown.weights if weights.mode == "evolved" else None, grown.plasticity.T
    if innate is None and weights.mode == "fixed" and graph is not None:
        innate = first_weights(spread(graph, weights.init, weights.scale), stream(seed, 0, f"weights {number}"))
    if CREDITS[network.credit].fixed and graph is not None:
        feedback = first_weights(spread(graph, "glorot", 1.0), stream(seed, 0, f"feedback {number}"))
    compares = network.compares
    head = network.head if compares or network.head in get_args(ClassifierChoice) else "auto"
    if head == "auto" and graph is not None and graph.outputs > 1:
        head = "softmax"
    return {
        **(_comparison(network, graph) if compares else {}),
        **_rule(genome),
        "plasticity": _plasticity(rows, graph, tied),
        **_bound_to(graph, innate, feedback, len(rows) > 0 or not in_layers),
        "hidden": hidden if in_layers else None,
        "activation": network.activation,
        "recurrent": network.recurrent,
        "credit": network.credit,
        "head": head,
        "init": weights.init,
        "scale": weights.scale,
        "bound": life.bound,
        "synapse_cost": life.synapse_cost,
        "batch": 1_000_000 if life.batch == "all" else life.batch,  # of fewer examples, all
        "epochs": life.epochs,
        "updates": life.updates,
        "shuffle": life.order == "shuffled",
        # innate weights count in the units of their tasks, which only whole data sets standardise; so do embeddings
        "standardize": not compares and (innate is None or tasks.get("family") == "dataset"),
        "random_state": seed % 2**32,
    }


def _refuse_memory(settings: Settings) -> None:
    if settings.network.memory.slots:
        raise InputError(
            "a learner without an external memory: an estimator takes rows in any order, a memory lives on a sequence",
            "one", "estimator", "Export it: --to python writes a Learner that takes a sequence step by step.",
        )  # fmt: skip


def _comparison(network: Network, graph: Graph | None) -> Json:
    """Return how a learner compares examples."""
    metric = network.metric
    depth = network.embedding if graph is None else graph.outputs
    return {
        "embedding": depth, "metric_scale": metric.scale, "metric_norm": metric.norm,
        "metric_log_ridge": metric.log_ridge,
    }  # fmt: skip


def _rule(genome: Genome) -> Json:
    """Return the rule and its numbers."""
    return {
        "rule": {slot: str(tree) for slot, tree in genome.rule.items()},
        "coefficients": tuple(genome.coefficients.tolist()),
    }


def _plasticity(rows: F32, graph: Graph | None, tied: bool) -> F32 | None:
    """Return per-synapse coefficients: of groups where they are tied, unless they could be taken for others."""
    if tied and graph is not None and rows.shape[1] == graph.synapses:
        rows = rows[:, graph.group]
    return rows if len(rows) else None


def _bound_to(graph: Graph | None, innate: F32 | None, feedback: F32 | None, needed: bool) -> Json:
    """Return numbers of single synapses, with the network that they (or others, where `needed`) belong to."""
    needed = graph is not None and (needed or innate is not None or feedback is not None)
    topology = graph_json(graph) if graph is not None and needed else None
    return {"topology": topology, "innate_weights": innate, "feedback_weights": feedback}


def _first_set(settings: Settings) -> tuple[int, Json]:
    """Return the first set of tasks that serves evolution, with its number."""
    if settings.searches:
        remedy = "Let another run go by them: --set habits.from=RUN."
        raise InputError("a learner", "habits of searches", settings.name, remedy)
    sets = list(enumerate(settings.tasks))
    return next(((n, tasks) for n, tasks in sets if "train" in tasks.get("splits", ("train",))), (0, {}))


def _layers(graph: Graph, hidden: Sequence[int], network: Network) -> Graph:
    """Return the layered network with a graph's inputs and outputs."""
    return layered(
        graph.inputs,
        hidden,
        graph.outputs,
        network.activation,
        network.recurrent,
        network.contexts,
        network.plastic,
        network.bias,
    )


def _network(graphs: Sequence[Graph], hidden: Sequence[int], network: Network) -> Graph | None:
    """Return the only one of the run's networks that has those hidden layers; None where that is none or several."""
    found = [graph for graph in graphs if graph_key(graph) == graph_key(_layers(graph, hidden, network))]
    return found[0] if len(found) == 1 else None
