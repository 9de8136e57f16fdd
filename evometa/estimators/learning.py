"""An estimator's life: how it is born for the data at hand, and how it learns from them, pass after pass.

Axis letters as in the lifetime contract: S examples, I inputs, O outputs, N nodes, E synapses, K coefficients of each
synapse, B examples per update.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.estimators.settings import Parameters, Settings, array, check_batch
from evometa.evolution.memory import check_size
from evometa.genetics.topology import (
    first_weights,
    graph_from_json,
    graph_key,
    group_count,
    layered,
    layered_size,
    spread,
)
from evometa.language.program import compile_loss, compile_rule
from evometa.lifetime import F32, Births, Graph, Phenotype
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba.stepwise import Lives, State, at_birth
from evometa.seeding import stream
from evometa.spec import CREDITS
from evometa.system import machine

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """What an estimator is after learning: a base learner somewhere in its life.

    `innate f32[E]`: its weights at birth, and whether it `inherits` them; `seed`: what its draws follow from; `passes`
    over data and weight `updates` so far; `length`: updates of the life that gives the age. Inputs are taken as
    (x − shift f64[I])/scale f64[I], targets (of a regressor) as (y − y_shift)/y_scale. The state has one lane.
    """

    graph: Graph
    head: str
    innate: F32
    state: State
    seed: int
    passes: int
    updates: int
    length: int
    shift: F64
    scale: F64
    y_shift: float = 0.0
    y_scale: float = 1.0
    inherits: bool = False


def born(settings: Settings, parameters: Parameters, inputs: int, outputs: int, head: str, seed: int,
         where: str) -> Learned:  # fmt: skip
    """Return an estimator that has learned nothing yet; inputs and targets count as they are.

    Raises InputError where the network that the parameters fix does not fit the data.
    """
    own = None if settings.topology is None else graph_from_json(settings.topology, f"{where}: topology")
    if settings.hidden is not None:
        size = layered_size(inputs, settings.hidden, outputs, settings.recurrent, activation=settings.activation)
        check_size(size, machine.memory(), f"{where}: hidden")
        graph = layered(inputs, settings.hidden, outputs, settings.activation, settings.recurrent)
    elif own is None:
        raise InputError("widths of the hidden layers, or a topology", "neither", f"{where}: hidden")
    elif (own.inputs, own.outputs) != (inputs, outputs):
        found = f"one with {own.inputs} and {own.outputs}"
        raise InputError(
            f"a network with {inputs} inputs and {outputs} outputs, as the data have", found, f"{where}: topology",
            "Give hidden, and a network of layers that fits the data is made.",
        )  # fmt: skip
    else:
        graph = own
    innate = _of_synapses(parameters, "innate_weights", graph, own, where)
    inherits = innate is not None
    if innate is None:
        innate = first_weights(spread(graph, settings.init, settings.scale), stream(seed, 0, "births"))
    state = at_birth(graph, innate[:, None])
    return Learned(graph, head, innate, state, seed, 0, 0, 0, np.zeros(inputs), np.ones(inputs), inherits=inherits)


def learn(settings: Settings, parameters: Parameters, learned: Learned, x: F32, y: F32, whole: bool,
          where: str) -> Learned:  # fmt: skip
    """Go over examples x f32[S, I], y f32[S, O] once, or (`whole`) as often as makes a whole life.

    A pass takes every example once, in an order of its own; its last update has what is left over of whole batches.
    Raises InputError where the rule cannot live so, or what it learns is not finite.
    """
    batch = min(settings.batch, len(x))
    each = -(-len(x) // batch)
    length = learned.length or (settings.updates if settings.epochs is None else settings.epochs * each) or 0
    limit = length if whole else learned.updates + each
    lives, examples = lives_of(settings, parameters, learned, where), (x[..., None], y[..., None])
    state, passes, updates = learned.state, learned.passes, learned.updates
    while updates < limit:
        rng = stream(learned.seed, passes, "order")
        order = (rng.permutation(len(x)) if settings.shuffle else np.arange(len(x))).astype(np.int32)
        full = len(x) // batch * batch
        for part in (order[:full].reshape(-1, batch), order[None, full:]):
            rows = part[: limit - updates]
            if rows.size:
                (state,) = lives.learn([state], *examples, rows[..., None], updates, length)
                updates += len(rows)
        passes += 1
    if not np.isfinite(state["w"]).all():
        raise InputError(
            "weights that stay finite", f"others after {updates} updates: learning has diverged", where,
            "Scale the data (standardize=True), or lower learning_rate; not every rule can learn every task.",
        )  # fmt: skip
    return replace(learned, state=state, passes=passes, updates=updates, length=length)


def lives_of(settings: Settings, parameters: Parameters, learned: Learned, where: str) -> Lives:
    """Return the one life that the parameters describe, in a learner's network. InputError where they do not fit."""
    graph, trees = learned.graph, settings.trees(where)
    check_batch(trees, settings.batch, where)
    own = None if settings.topology is None else graph_from_json(settings.topology, f"{where}: topology")
    feedback = None
    if CREDITS[settings.credit].fixed:
        feedback = _of_synapses(parameters, "feedback_weights", graph, own, where)
        if feedback is None:
            feedback = first_weights(spread(graph, "glorot", 1.0), stream(learned.seed, 0, "feedback"))
    loss = trees.pop("loss", None)
    one = Phenotype(
        graph, compile_rule(trees), learned.innate, np.array(settings.coefficients, np.float32),
        _plasticity(parameters, graph, own, where), feedback, None if loss is None else compile_loss(loss),
    )  # fmt: skip
    return Lives(
        batch_of([one]), Births(), 1, head=learned.head, credit=settings.credit, bound=settings.bound,
        synapse_cost=settings.synapse_cost, metric=settings.metric,
    )  # fmt: skip


def _of_synapses(parameters: Parameters, name: str, graph: Graph, own: Graph | None, where: str) -> F32 | None:
    """Return an array f32[E] that belongs to the network `own`, if that is the network in use, else None."""
    found = array(parameters, name, where)
    if found is None:
        return None
    if own is None:
        raise InputError("the network they belong to, in topology", "none", f"{where}: {name}")
    if len(found) != own.synapses:
        raise InputError(
            f"a number for each of the {own.synapses} synapses of topology", f"{len(found)}", f"{where}: {name}"
        )
    return found if graph_key(own) == graph_key(graph) else None


def _plasticity(parameters: Parameters, graph: Graph, own: Graph | None, where: str) -> F32:
    """Return per-synapse coefficients f32[K, E]: as given, or, in another network, each layer's (mean) number."""
    found = array(parameters, "plasticity", where)
    if found is None:
        return np.zeros((0, graph.synapses), np.float32)
    tied = found
    if own is not None and found.shape[1] == own.synapses:
        if graph_key(own) == graph_key(graph):
            return found
        members = np.bincount(own.group)
        tied = np.stack([np.bincount(own.group, row) / np.maximum(members, 1) for row in found]).astype(np.float32)
    if tied.shape[1] != group_count(graph):
        raise InputError(
            f"numbers for {group_count(graph)} groups of synapses (the weights and the biases of each layer)",
            f"for {tied.shape[1]}", f"{where}: plasticity", "Keep as many hidden layers as the rule evolved with.",
        )  # fmt: skip
    return np.ascontiguousarray(tied[:, graph.group])
