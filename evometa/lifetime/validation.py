"""The door of every backend: what does not keep the lifetime contract is an error here, and never a read out of bounds.

All checks are made for a whole batch at once, so that a generation does not feel them. Axis letters as in the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.adjoint import ADJOINTS, LOSS_ADJOINTS
from evometa.language.program import LOSS_RESULTS, Program
from evometa.language.program_columns import READS
from evometa.language.programs import Programs
from evometa.language.signals import COEFFICIENTS, PLASTICITY, SIGNALS
from evometa.lifetime import NONE, Births, Metric, Phenotypes, Plan, Tasks
from evometa.lifetime.graph_check import check_graphs
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.ragged import Ragged, given
from evometa.lifetime.requirements import all_of_sizes, array_of, forbid, of_sizes, require, within
from evometa.lifetime.wellformed import check_programs
from evometa.spec import CREDITS, HEADS
from evometa.spec.arrays import F32, I64, Row, arrays_of
from evometa.spec.states import RULE

LEARNERS = arrays_of(Phenotypes)
WEIGHTS = Row("weights", np.dtype(np.float32), ("G", "C"), finite=True, many=False)
TARGET = 1 << SIGNALS["target"].register
SINGLE = sum(1 << signal.register for signal in SIGNALS.values() if signal.single)


def check(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan) -> None:
    """Refuse a batch that a backend cannot live as the contract says. Raises ContractError."""
    sizes = check_lessons(tasks, plan)
    check_learners(phenotypes, plan.credit, sizes["B"])
    check_births(phenotypes, births, sizes["L"])
    graphs = Graphs.of(phenotypes.graphs)
    check_memory(graphs, plan, sizes, phenotypes.coefficients.shape[1])
    inputs = sizes["I"] + plan.memory.cells
    forbid(graphs.inputs != inputs, f"as many inputs as tasks and memory have, {inputs}", "others", "graph")
    if HEADS[plan.head].comparison:
        check_metric(phenotypes, plan.head, plan.metric)
    else:
        forbid(graphs.outputs != sizes["A"], f"as many outputs as targets, {sizes['A']}", "others", "graph")


def check_metric(phenotypes: Phenotypes, head: str, metric: Metric) -> None:
    """Refuse what cannot compare, or reads what there is not then. Raises ContractError."""
    last = min(phenotypes.coefficients.shape[1], len(COEFFICIENTS)) - 1
    require(bool(np.isfinite(metric.numbers).all()), "finite numbers", metric, "metric")
    for place in metric.by:
        require(NONE <= place <= last, f"positions of coefficients, at most {last}", place, "metric")
    forbid(_masks(phenotypes.programs) & TARGET != 0, f"no `target`, which outputs of {head} have none of",
           "`target` is read", "program")  # fmt: skip


def check_memory(graphs: Graphs, plan: Plan, sizes: dict[str, int], coefficients: int) -> None:
    """Refuse a memory that there cannot be, or that the networks do not say enough of. Raises ContractError."""
    one = plan.memory
    require(
        min(one.slots, one.cells) > 0 or one.slots == one.cells == 0, "slots and cells, or none of both", one, "memory"
    )
    if not one.cells:
        return
    require(bool(np.isfinite([one.focus, one.sharpness]).all()), "finite numbers", one, "memory")
    for place in (one.focus_by, one.sharpness_by):
        require(NONE <= place < coefficients, f"positions of coefficients, below {coefficients}", place, "memory")
    require(sizes["B"] == 1, "an example in each update, as a memory is accessed for each", sizes["B"], "order")
    require(not HEADS[plan.head].comparison, "a head that does not compare, beside a memory", plan.head, "head")
    hidden = graphs.nodes - graphs.inputs - 1 - graphs.outputs
    forbid(hidden < one.nodes, f"{one.nodes} hidden nodes or more, for the memory", "fewer", "graph")


def check_lessons(tasks: Tasks, plan: Plan) -> dict[str, int]:
    """Refuse tasks and a plan that do not fit together; return the sizes of their axes. Raises ContractError."""
    sizes: dict[str, int] = {}
    all_of_sizes(tasks, sizes)
    check_plan(plan, sizes)
    return sizes


def check_counts(weights: F32, genomes: int, plan: Plan) -> None:
    """Refuse weights of checkpoints that are not finite, or not one for each genome and checkpoint. ContractError."""
    of_sizes(weights, WEIGHTS, {"G": genomes, "C": len(plan.checkpoints)})


def check_descent(phenotypes: Phenotypes, plan: Plan, adjoints: Sequence[Program], weights: F32,
                  loss_adjoints: Sequence[Program], order: int) -> None:  # fmt: skip
    """Refuse what the lives of a sound batch cannot be differentiated with as slopes.py says. Raises ContractError."""
    check_counts(weights, len(phenotypes), plan)
    require(order in (1, 2), "order 1 or 2", order, "order")
    known = np.array([len(each) for each in phenotypes.plasticities])[phenotypes.plasticity]
    count, single = phenotypes.coefficients.shape[1], plan.order.shape[1] == 1
    for programs, own, names, places, what in (
        (phenotypes.programs, adjoints, ADJOINTS, phenotypes.program, "adjoint"),
        (phenotypes.losses, loss_adjoints, LOSS_ADJOINTS, phenotypes.loss, "loss_adjoint"),
    ):
        require(len(own) == len(programs), f"{len(programs)} programs", len(own), f"{what}s")
        check_programs(own, names)
        uses = _masks(own) | _given(own, names)
        if names == ADJOINTS and not single:
            forbid(uses & SINGLE != 0, "signals of whole batches", "signals of single examples", what)
        uses = _of_each(uses, places)
        forbid(
            _highest(uses, PLASTICITY) > known, "per-synapse coefficients for each p of the adjoint", "fewer", "genome"
        )
        forbid(_highest(uses, COEFFICIENTS) > count, "a coefficient for each c of the adjoint", f"{count}", "genome")


def _given(programs: Sequence[Program], names: Sequence[str]) -> I64:
    """Return the signals of which each program gives the adjoint, a bit for each."""
    bits = np.array([1 << SIGNALS[name].register for name in names], np.int64)
    outputs = np.array([program.outputs for program in programs]).reshape(len(programs), len(names))
    return ((outputs != NONE) * bits).sum(axis=1)


def check_learners(phenotypes: Phenotypes, credit: str, batch: int, also: int = 0) -> None:
    """Refuse learners whose parts do not fit together, or lack what is read with that credit mode and batch size.

    `also`: signals that rules may read beside the usual ones, a bit for each.
    """
    _check_positions(phenotypes)
    check_graphs(phenotypes.graphs)
    check_programs(phenotypes.programs, RULE, also)
    check_programs(phenotypes.losses, LOSS_RESULTS)
    synapses = Graphs.of(phenotypes.graphs).synapses
    each = synapses[phenotypes.graph]
    lengths = _shapes(phenotypes.innates, LEARNERS["innates"])[:, 0]
    wrong = (phenotypes.innate != NONE) & (_of_each(lengths, phenotypes.innate) != each)
    forbid(wrong, "innate weights f32[E] of its graph", "others", "genome")
    known, width = _shapes(phenotypes.plasticities, LEARNERS["plasticities"])[phenotypes.plasticity].T
    forbid((known > 0) & (width != each), "per-synapse coefficients f32[K, E] of its graph", "others", "genome")
    rules, losses = _masks(phenotypes.programs), _masks(phenotypes.losses)
    reads = rules[phenotypes.program]
    forbid(_highest(reads, PLASTICITY) > known, "per-synapse coefficients for each p that it reads", "fewer", "genome")
    reads = reads | _of_each(losses, phenotypes.loss)
    count = phenotypes.coefficients.shape[1]
    forbid(_highest(reads, COEFFICIENTS) > count, "a coefficient for each c that it reads", f"{count}", "genome")
    forbid((rules & SINGLE != 0) & (batch > 1), "signals of whole batches", "signals of single examples", "program")
    has = given(phenotypes.feedback)
    lengths = _shapes(_those(phenotypes.feedback, has), LEARNERS["feedback"])[:, 0]
    forbid(~has & (CREDITS[credit].fixed), "feedback weights, which the credit mode reads", "none", "graph")
    require(np.array_equal(lengths, synapses[has]), "feedback weights f32[E] of each graph", lengths, "feedback")


def _masks(programs: Sequence[Program]) -> I64:
    """Return the signals that each program reads, a bit for each."""
    if isinstance(programs, Programs):
        return programs.columns[:, READS]
    return np.array([program.mask for program in programs], np.int64)


def _check_positions(phenotypes: Phenotypes) -> None:
    """Refuse positions beyond their lists, and lists that do not follow each other."""
    sizes: dict[str, int] = {}
    all_of_sizes(phenotypes, sizes)
    require(sizes["G"] > 0, "at least one genome", "none", "the batch")
    graphs = phenotypes.graphs
    require(len(phenotypes.feedback) == len(graphs), f"{len(graphs)} entries", len(phenotypes.feedback), "feedback")
    for name, parts, least in (
        ("graph", graphs, 0), ("program", phenotypes.programs, 0), ("loss", phenotypes.losses, NONE),
        ("innate", phenotypes.innates, NONE), ("plasticity", phenotypes.plasticities, 0),
    ):  # fmt: skip
        within(getattr(phenotypes, name), least, len(parts) - 1, f"positions: {name}")


def check_plan(plan: Plan, sizes: dict[str, int]) -> None:
    """Refuse a plan that asks for examples which tasks lack, or for modes that there are not."""
    all_of_sizes(plan, sizes)
    lacking = [axis for axis in "SBQLC" if not sizes[axis]]
    require(not lacking, "support examples, one in each update, queries, lanes, checkpoints", f"no {lacking}", "plan")
    require(plan.head in HEADS, f"one of {', '.join(HEADS)}", plan.head, "head")
    least = HEADS[plan.head].outputs
    require(sizes["A"] >= least, f"{least} targets or more for {plan.head}", sizes["A"], "head")
    require(plan.credit in CREDITS, f"one of {', '.join(CREDITS)}", plan.credit, "credit")
    within(plan.order, 0, sizes["S"] - 1, "order")
    require(bool((np.diff(plan.checkpoints) > 0).all()), "checkpoints that ascend", plan.checkpoints, "checkpoints")
    within(plan.checkpoints, 0, sizes["U"], "checkpoints")
    first, end = plan.asked_of(sizes["Q"]).T
    require(bool(((first >= 0) & (first < end) & (end <= sizes["Q"])).all()), "queries that there are, one at least",
            plan.asked, "asked")  # fmt: skip
    require(plan.length > 0 or not sizes["U"], "updates of a whole life", plan.length, "length")
    require(plan.task >= 0, "updates of a task, or 0", plan.task, "task")
    with np.errstate(over="ignore"):
        require(bool(0 < np.float32(plan.bound) < np.inf), "a finite number above 0", plan.bound, "bound")
        cost = plan.synapse_cost
        require(bool(0 <= np.float32(cost) < np.inf), "a finite number of 0 or more", cost, "synapse_cost")


def check_births(phenotypes: Phenotypes, births: Births, lanes: int) -> None:
    """Refuse births that do not give weights to everyone who is born with weights drawn."""
    graphs, weights = phenotypes.graphs, births.weights
    require(len(weights) in (0, len(graphs)), f"an entry for each of {len(graphs)} graphs", len(weights), "births")
    has = given(weights) if len(weights) else np.zeros(len(graphs), bool)
    lacking = (phenotypes.innate == NONE) & ~has[phenotypes.graph]
    forbid(lacking, "weights of its own, or births for its graph", "neither", "genome")
    if has.any():
        row, wanted = (
            arrays_of(Births)["weights"],
            np.stack([Graphs.of(graphs).synapses[has], lanes * has[has]], axis=1),
        )
        shapes = _shapes(_those(weights, has), row)
        require(np.array_equal(shapes, wanted), f"{row} of each graph, for {lanes} lanes", "others", row.name)


def _those(arrays: Sequence[Any], has: NDArray[np.bool_]) -> Sequence[Any]:
    """Return the arrays that are there."""
    return arrays if has.all() else list(compress(arrays, has))


def _highest(reads: I64, names: Sequence[str]) -> I64:
    """Return how many of a row of signals (whose registers follow each other) the highest one that is read asks for."""
    row = (reads >> SIGNALS[names[0]].register) & ((1 << len(names)) - 1)
    return np.frexp(row.astype(np.float64))[1].astype(np.int64)  # the length of the number in bits


def _of_each(values: I64, places: NDArray[np.int32]) -> I64:
    """Return each genome's value, 0 where it points to none."""
    return np.append(values, 0)[places]


def _shapes(arrays: Sequence[Any], row: Row) -> I64:
    """Return the shapes of arrays as the row says, i64[n, axes]."""
    if isinstance(arrays, Ragged):
        array_of(arrays.values, row)
        return arrays.shapes()
    for array in arrays:
        array_of(array, row)
    return np.array([array.shape for array in arrays], np.int64).reshape(len(arrays), len(row.axes))
