"""The door of every backend: what does not keep the lifetime contract is an error here, and never a read out of bounds.

All checks are made for a whole batch at once, so that a generation does not feel them. Axis letters as in the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.program import LOSS_RESULTS
from evometa.language.signals import COEFFICIENTS, PLASTICITY, SIGNALS
from evometa.lifetime import NONE, Births, Phenotypes, Plan, Tasks
from evometa.lifetime.requirements import array_of, finite, forbid, require, within
from evometa.lifetime.wellformed import check_graphs, check_programs
from evometa.spec import CREDITS, HEADS
from evometa.spec.states import RULE

I64 = NDArray[np.int64]

SINGLE = sum(1 << signal.register for signal in SIGNALS.values() if signal.single)


def check(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan) -> None:
    """Refuse a batch that a backend cannot live as the contract says. Raises ContractError."""
    check_tasks(tasks)
    check_plan(plan, len(tasks.support_x), tasks.query_y.shape[1], tasks.lanes)
    check_learners(phenotypes, plan.credit, plan.order.shape[1])
    check_births(phenotypes, births, tasks.lanes)
    sizes = np.array([(graph.inputs, graph.outputs) for graph in phenotypes.graphs])
    wanted = (tasks.support_x.shape[1], tasks.support_y.shape[1])
    forbid((sizes != wanted).any(axis=1), f"as many inputs and outputs as the tasks, {wanted}", "others", "graph")


def check_learners(phenotypes: Phenotypes, credit: str, batch: int) -> None:
    """Refuse learners whose parts do not fit together, or lack what is read with that credit mode and batch size."""
    _check_positions(phenotypes)
    check_graphs(phenotypes.graphs)
    check_programs(phenotypes.programs, RULE)
    check_programs(phenotypes.losses, LOSS_RESULTS)
    synapses = np.array([graph.synapses for graph in phenotypes.graphs])
    each = synapses[phenotypes.graph]
    lengths = _shapes(phenotypes.innates, 1, "innate weights")[:, 0]
    wrong = (phenotypes.innate != NONE) & (_of_each(lengths, phenotypes.innate) != each)
    forbid(wrong, "innate weights f32[E] of its graph", "others", "genome")
    known, width = _shapes(phenotypes.plasticities, 2, "per-synapse coefficients")[phenotypes.plasticity].T
    forbid((known > 0) & (width != each), "per-synapse coefficients f32[K, E] of its graph", "others", "genome")
    rules, losses = (np.array([p.mask for p in part], np.int64) for part in (phenotypes.programs, phenotypes.losses))
    reads = rules[phenotypes.program]
    forbid(_highest(reads, PLASTICITY) > known, "per-synapse coefficients for each p that it reads", "fewer", "genome")
    reads = reads | _of_each(losses, phenotypes.loss)
    count = phenotypes.coefficients.shape[1]
    forbid(_highest(reads, COEFFICIENTS) > count, "a coefficient for each c that it reads", f"{count}", "genome")
    forbid((rules & SINGLE != 0) & (batch > 1), "signals of whole batches", "signals of single examples", "program")
    lengths = _shapes([b for b in phenotypes.feedback if b is not None], 1, "feedback weights")[:, 0]
    has = np.array([weights is not None for weights in phenotypes.feedback])
    forbid(~has & (CREDITS[credit].fixed), "feedback weights, which the credit mode reads", "none", "graph")
    require(np.array_equal(lengths, synapses[has]), "feedback weights f32[E] of each graph", lengths, "feedback")
    for weights in phenotypes.feedback:
        if weights is not None:
            finite(weights, 1, "feedback weights")


def _check_positions(phenotypes: Phenotypes) -> None:
    """Refuse positions beyond their lists, and lists that do not follow each other."""
    genomes = len(phenotypes)
    require(genomes > 0, "at least one genome", "none", "the batch")
    array_of(phenotypes.coefficients, np.float32, 2, "coefficients")
    require(len(phenotypes.coefficients) == genomes, f"{genomes} rows", len(phenotypes.coefficients), "coefficients")
    graphs = phenotypes.graphs
    require(len(phenotypes.feedback) == len(graphs), f"{len(graphs)} entries", len(phenotypes.feedback), "feedback")
    for name, parts, least in (
        ("graph", graphs, 0), ("program", phenotypes.programs, 0), ("loss", phenotypes.losses, NONE),
        ("innate", phenotypes.innates, NONE), ("plasticity", phenotypes.plasticities, 0),
    ):  # fmt: skip
        places = getattr(phenotypes, name)
        array_of(places, np.int32, 1, f"positions: {name}")
        require(len(places) == genomes, f"{genomes} positions", len(places), f"positions: {name}")
        within(places, least, len(parts) - 1, f"positions: {name}")


def check_tasks(tasks: Tasks) -> None:
    """Refuse tasks that are not four finite arrays of one number of lanes, inputs and outputs."""
    for name in ("support_x", "support_y", "query_x", "query_y"):
        finite(getattr(tasks, name), 3, name)
    x, y, qx, qy = tasks.support_x.shape, tasks.support_y.shape, tasks.query_x.shape, tasks.query_y.shape
    alike = x[0] == y[0] and qx[0] == qy[0] and x[1:] == qx[1:] and y[1:] == qy[1:] and x[2] == y[2]
    require(alike, "support and queries of the same lanes, inputs and outputs", (x, y, qx, qy), "tasks")
    require(min(x[0], x[2], qx[0]) > 0, "an example, a query and a lane at least", (x, y, qx, qy), "tasks")


def check_plan(plan: Plan, support: int, outputs: int, lanes: int) -> None:
    """Refuse a plan that asks for examples which tasks lack, or for modes that there are not."""
    require(plan.head in HEADS, f"one of {', '.join(HEADS)}", plan.head, "head")
    least = HEADS[plan.head].outputs
    require(outputs >= least, f"{least} outputs or more for {plan.head}", outputs, "head")
    require(plan.credit in CREDITS, f"one of {', '.join(CREDITS)}", plan.credit, "credit")
    array_of(plan.order, np.int32, 3, "order")
    require(plan.order.shape[1] > 0, "an example in each update", "none", "order")
    require(plan.order.shape[2] == lanes, f"an order for each of {lanes} lanes", plan.order.shape[2], "order")
    within(plan.order, 0, support - 1, "order")
    array_of(plan.checkpoints, np.int32, 1, "checkpoints")
    ascending = len(plan.checkpoints) > 0 and bool((np.diff(plan.checkpoints) > 0).all())
    require(ascending, "checkpoints that ascend, one at least", plan.checkpoints, "checkpoints")
    within(plan.checkpoints, 0, len(plan.order), "checkpoints")
    with np.errstate(over="ignore"):
        require(bool(0 < np.float32(plan.bound) < np.inf), "a finite number above 0", plan.bound, "bound")


def check_births(phenotypes: Phenotypes, births: Births, lanes: int) -> None:
    """Refuse births that do not give weights to everyone who is born with weights drawn."""
    graphs, weights = phenotypes.graphs, births.weights
    require(len(weights) in (0, len(graphs)), f"an entry for each of {len(graphs)} graphs", len(weights), "births")
    has = np.array([own is not None for own in weights] or [False] * len(graphs))
    lacking = (phenotypes.innate == NONE) & ~has[phenotypes.graph]
    forbid(lacking, "weights of its own, or births for its graph", "neither", "genome")
    for graph, own in zip(graphs, weights, strict=False):
        if own is not None:
            finite(own, 2, "births")
            require(own.shape == (graph.synapses, lanes), f"f32{[graph.synapses, lanes]}", [*own.shape], "births")


def _highest(reads: I64, names: Sequence[str]) -> I64:
    """Return how many of a row of signals there must be for the highest one that is read."""
    needed = np.zeros(len(reads), np.int64)
    for count, name in enumerate(names, start=1):
        needed[(reads >> SIGNALS[name].register) & 1 == 1] = count
    return needed


def _of_each(values: I64, places: NDArray[np.int32]) -> I64:
    """Return each genome's value, 0 where it points to none."""
    return np.append(values, 0)[places]


def _shapes(arrays: Sequence[Any], axes: int, what: str) -> I64:
    """Return the shapes of arrays of float32 with so many axes, i64[n, axes]."""
    for array in arrays:
        array_of(array, np.float32, axes, what)
    return np.array([array.shape for array in arrays], np.int64).reshape(len(arrays), axes)
