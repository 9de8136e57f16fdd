"""A sound batch, and what can be wrong with one: each fault breaks the lifetime contract in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from evometa.genetics.topology import layered
from evometa.language.program import Program, compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotype, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.spec import ACTIVATIONS

Batch = tuple[Phenotypes, Tasks, Births, Plan]
LANES = 5


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def sound(text: str = "c0*grad*p1 + c1*w", batch: int = 2) -> Batch:
    """Return two learners, one born with its own weights, that lack nothing in the credit mode "feedback"."""
    graph = layered(3, (4,), 2)
    loss = compile_loss(parse("c1*square(output - target)", signals=SLOTS["loss"].signals))
    one = Phenotype(
        graph, compile_rule({"update": parse(text), "s1": parse("s1 + grad")}), numbers(graph.synapses), numbers(2),
        numbers(2, graph.synapses), numbers(graph.synapses), loss,
    )  # fmt: skip
    tasks = Tasks(numbers(6, 3, LANES), numbers(6, 2, LANES), numbers(4, 3, LANES), numbers(4, 2, LANES))
    order = np.arange(3 * batch * LANES, dtype=np.int32).reshape(3, batch, LANES) % 6
    plan = Plan(order, np.array([0, 3], np.int32), "linear", "feedback")
    return batch_of([one, one._replace(innate=None, loss=None)]), tasks, Births([numbers(graph.synapses, LANES)]), plan


def graph(**parts: Any) -> Callable[[Batch], Batch]:
    """Change the graph: numbers by place, or whole fields."""

    def change(batch: Batch) -> Batch:
        old = batch[0].graphs[0]
        new = replace(old, **{k: v(getattr(old, k).copy()) if callable(v) else v for k, v in parts.items()})
        return replace(batch[0], graphs=[new]), *batch[1:]

    return change


def program(loss: bool = False, **parts: Any) -> Callable[[Batch], Batch]:
    """Change the program of the rule, or of the loss."""

    def change(batch: Batch) -> Batch:
        old: Program = (batch[0].losses if loss else batch[0].programs)[0]
        given = {f: getattr(old, f) for f in old.__dataclass_fields__}
        given |= {k: v(given[k].copy()) if callable(v) else v for k, v in parts.items()}
        return replace(batch[0], **{"losses" if loss else "programs": [Program(**given)]}), *batch[1:]

    return change


def people(**parts: Any) -> Callable[[Batch], Batch]:
    return lambda batch: (replace(batch[0], **parts), *batch[1:])


def tasks(**parts: Any) -> Callable[[Batch], Batch]:
    return lambda batch: (batch[0], replace(batch[1], **parts), *batch[2:])


def births(*weights: Any) -> Callable[[Batch], Batch]:
    return lambda batch: (*batch[:2], Births(list(weights)), batch[3])


def plan(**parts: Any) -> Callable[[Batch], Batch]:
    return lambda batch: (*batch[:3], replace(batch[3], **parts))


def put(place: Any, value: Any) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        array[place] = value
        return array

    return change


def ints(*values: Any) -> np.ndarray:
    return np.array(values, np.int32)


E = layered(3, (4,), 2).synapses
NAN = np.full((4, 3, LANES), np.nan, np.float32)
FAULTS: dict[str, Callable[[Batch], Batch]] = {
    "no genome": lambda batch: (batch[0].take([]), *batch[1:]),
    "a graph beyond the list": people(graph=ints(0, 1)),
    "a graph before the list": people(graph=ints(0, -1)),
    "a program beyond the list": people(program=ints(0, 7)),
    "no program": people(program=ints(0, -1)),
    "a loss beyond the list": people(loss=ints(1, -1)),
    "a loss before the list": people(loss=ints(-2, -1)),
    "innate weights beyond the list": people(innate=ints(0, 1)),
    "no per-synapse coefficients": people(plasticity=ints(0, -1)),
    "positions of another type": people(graph=np.zeros(2, np.int64)),
    "a list as positions": people(graph=[0, 0]),
    "too few positions": people(graph=ints(0)),
    "coefficients of another number of genomes": people(coefficients=numbers(3, 2)),
    "too few coefficients": people(coefficients=numbers(2, 1)),
    "coefficients of float64": people(coefficients=np.ones((2, 2))),
    "innate weights that are too short": people(innates=[numbers(E - 1)]),
    "innate weights of float64": people(innates=[np.ones(E)]),
    "innate weights for each lane": people(innates=[numbers(E, LANES)]),
    "too few per-synapse coefficients": people(plasticities=[numbers(1, E)]),
    "per-synapse coefficients of groups": people(plasticities=[numbers(2, 4)]),
    "flat per-synapse coefficients": people(plasticities=[numbers(2 * E)]),
    "no feedback weights": people(feedback=[None]),
    "no entry for feedback": people(feedback=[]),
    "feedback weights that are too short": people(feedback=[numbers(E - 1)]),
    "feedback weights that are NaN": people(feedback=[np.full(E, np.nan, np.float32)]),
    "a graph with other inputs": lambda batch: (people(graphs=[layered(2, (5,), 2)])(batch)),
    "a graph without inputs": graph(inputs=0),
    "a graph of outputs alone": graph(outputs=7),
    "ptr that falls": graph(ptr=put(6, 30)),
    "ptr that begins late": graph(ptr=put(slice(0, 5), 1)),
    "ptr that ends late": graph(ptr=put(-1, E + 1)),
    "ptr of int64": graph(ptr=lambda ptr: ptr.astype(np.int64)),
    "synapses into an input": graph(ptr=put(slice(1, 5), 2)),
    "a source beyond the nodes": graph(src=put(-1, 10)),
    "a source before the nodes": graph(src=put(0, -1)),
    "a source twice": graph(src=put(1, 0)),
    "an unknown activation": graph(activation=put(4, len(ACTIVATIONS))),
    "too few activations": graph(activation=lambda a: a[:-1]),
    "a negative group": graph(group=put(0, -1)),
    "too few groups": graph(group=lambda group: group[:-1]),
    "an unknown operation": program(code=put((0, 0), 99)),
    "a negative operation": program(code=put((0, 0), -1)),
    "a result in a signal": program(code=put((-1, 1), 3)),
    "a result beyond the registers": program(code=put((-1, 1), 999)),
    "an operand beyond the registers": program(code=put((0, 2), 999)),
    "an operand before the registers": program(code=put((0, 4), -1)),
    "an output beyond the registers": program(outputs=put(0, 999)),
    "an output before the registers": program(outputs=put(0, -2)),
    "a signal that is not said": program(reads=frozenset({"grad", "w", "p1", "c0", "c1"})),
    "sections that end late": program(node_end=99),
    "sections that overlap": program(birth_end=2, node_end=1),
    "synapses at birth": program(birth_end=3, node_end=3),
    "constants of float64": program(constants=np.ones(1)),
    "a loss for a rule": lambda batch: people(programs=[batch[0].losses[0]])(batch),
    "a rule for a loss": lambda batch: people(losses=[batch[0].programs[0]])(batch),
    "a loss with an unknown operation": program(loss=True, code=put((0, 0), 99)),
    "targets of other examples": tasks(support_y=numbers(5, 2, LANES)),
    "targets of other lanes": tasks(support_y=numbers(6, 2, LANES - 1)),
    "queries of other inputs": tasks(query_x=numbers(4, 2, LANES)),
    "queries of other lanes": tasks(query_x=numbers(4, 3, 1), query_y=numbers(4, 2, 1)),
    "no queries": tasks(query_x=numbers(0, 3, LANES), query_y=numbers(0, 2, LANES)),
    "queries that are NaN": tasks(query_x=NAN),
    "an infinite target": tasks(query_y=np.full((4, 2, LANES), np.inf, np.float32)),
    "tasks of float64": tasks(query_x=np.ones((4, 3, LANES))),
    "tasks without lanes": tasks(query_x=numbers(4, 3), query_y=numbers(4, 2)),
    "no births": births(),
    "births for nobody": births(None),
    "births of other lanes": births(numbers(E, LANES + 1)),
    "births of other synapses": births(numbers(E + 1, LANES)),
    "births that are NaN": births(np.full((E, LANES), np.nan, np.float32)),
    "births of too many graphs": births(numbers(E, LANES), None),
    "an example that is not there": plan(order=ints([[0] * LANES], [[0] * 4 + [6]])),
    "an example before the first": plan(order=ints([[0] * LANES], [[-1] + [0] * 4])),
    "updates without examples": plan(order=np.zeros((3, 0, LANES), np.int32)),
    "an order of int64": plan(order=np.zeros((3, 2, LANES), np.int64)),
    "one order for all lanes": plan(order=np.zeros((3, 2), np.int32)),
    "orders of other lanes": plan(order=np.zeros((3, 2, LANES + 1), np.int32)),
    "no checkpoint": plan(checkpoints=ints()),
    "a checkpoint after the end": plan(checkpoints=ints(0, 4)),
    "a checkpoint before birth": plan(checkpoints=ints(-1, 3)),
    "checkpoints that fall": plan(checkpoints=ints(3, 0)),
    "a checkpoint twice": plan(checkpoints=ints(3, 3)),
    "a checkpoint that is asked nothing": plan(asked=ints([0, 4], [2, 2])),
    "a query after the last": plan(asked=ints([0, 4], [1, 5])),
    "a query before the first": plan(asked=ints([-1, 4], [1, 4])),
    "queries of a checkpoint that there is not": plan(asked=ints([0, 4])),
    "queries of int64": plan(asked=np.zeros((2, 2), np.int64)),
    "an unknown head": plan(head="relu"),
    "an unknown credit mode": plan(credit="none"),
    "a whole life of less than no updates": plan(length=-1),
    "a bound of 0": plan(bound=0.0),
    "a bound that is NaN": plan(bound=float("nan")),
    "a bound beyond float32": plan(bound=1e300),
    "a cost below 0": plan(synapse_cost=-0.1),
    "a cost that is NaN": plan(synapse_cost=float("nan")),
    "a cost beyond float32": plan(synapse_cost=1e300),
}  # fmt: skip
