"""Random learners, tasks and plans for property tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numba import config

from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SIGNALS, SLOTS
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.lifetime import FIXED, I32, SILENT, Births, Graph, Phenotype, Phenotypes, Plan, Tasks, in_all_lanes
from evometa.lifetime.batch import batch_of
from evometa.spec import CREDITS, GRU, HEADS
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY

LONG = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="in plain Python it takes minutes")


def random_text(rng: np.random.Generator, signals: list[str], depth: int) -> str:
    """Return a random expression of the rule language."""
    if depth == 0 or rng.random() < 0.2:
        return str(rng.choice(signals)) if rng.random() < 0.8 else str(np.float32(rng.normal()))
    primitive = list(PRIMITIVES.values())[rng.integers(len(PRIMITIVES))]
    arguments = ", ".join(random_text(rng, signals, depth - 1) for _ in range(primitive.arity))
    return f"{primitive.name}({arguments})"


OWN = [row.name for row in HEADS.values() if not row.comparison]
"""Heads whose net inputs are the outputs' own."""

OF_ONE = ("reward*grad*post", "(err - 0.3*post)*reward", "reward*pre*(target - post) + err")
BOTH = ("reward*grad", "(reward - 0.5)*grad + 0.1*w", "select(reward - 0.5, grad, w)", "grad - c0*reward*sin(w)")
"""What reads rewards and errors together: of 119 random rules none did so that both had a slope."""


def random_rule(rng: np.random.Generator, single: bool) -> dict[str, Tree]:
    """Return random trees for a random choice of slots; a fifth of the rules read rewards and errors together."""
    signals = [name for name, row in SIGNALS.items() if name != "output" and (single or not row.single)]
    slots = ["update", *(slot for slot in MEMORY if rng.random() < 0.6)]
    rule = {slot: parse(random_text(rng, signals, int(rng.integers(0, 5)))) for slot in slots}
    if rng.random() < 0.2:
        both = rng.choice(OF_ONE if single else BOTH)  # with post, answers have three parts, whose order shows
        rule["update"] = parse(f"sub({rule['update']}, mul(c1, {both}))")
    return rule


def random_graph(
    rng: np.random.Generator, inputs: int, hidden: int, outputs: int, recurrent: bool, silent: bool = False,
    gated: bool = False,
) -> Graph:  # fmt: skip
    """Return a sparse graph in which every node but the inputs has at least one synapse; some FIXED, some `silent`.

    `gated`: in a third of the graphs some nodes are GRUs.
    """
    nodes = inputs + 1 + hidden + outputs
    ptr, src = [0] * (inputs + 2), []
    for node in range(inputs + 1, nodes):
        ahead = range(nodes - outputs, node)  # outputs before this one, if it is one
        sources = [i for i in range(nodes if recurrent else node) if i not in (inputs, *ahead) and rng.random() < 0.5]
        if rng.random() < 0.7 or not sources:
            sources.append(inputs)
        src += sorted(sources)
        ptr.append(len(src))
    activation = np.zeros(nodes, np.uint8)
    activation[inputs + 1 : nodes - outputs] = rng.integers(0, 5, hidden)
    if gated and rng.random() < 0.3:
        activation[inputs + 1 : nodes - outputs][rng.random(hidden) < 0.5] = GRU
    traits = np.where(rng.random(len(src)) < 0.3, FIXED, 0) if rng.random() < 0.3 else np.zeros(len(src), np.int64)
    if silent and rng.random() < 0.3:
        traits |= np.where(rng.random(len(src)) < 0.3, SILENT, 0)
    return Graph(inputs, outputs, np.array(ptr, np.int32), np.array(src, np.int32), activation,
                 rng.integers(0, 3, len(src)).astype(np.int32), traits.astype(np.uint8))  # fmt: skip


def random_order(rng: np.random.Generator, support: int, updates: int, batch: int, lanes: int) -> I32:
    """Return an order for each lane, or one that all of them share."""
    if rng.random() < 0.3:
        return in_all_lanes(rng.integers(0, support, (updates, batch)).astype(np.int32), lanes)
    return rng.integers(0, support, (updates, batch, lanes)).astype(np.int32)


def random_batch(seed: int, trees: dict[bytes, Any] | None = None) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return a small batch of lifetimes: every size, graph, rule, credit mode and head drawn at random.

    `trees` is told of each program's rule or loss, by the program's key.
    """
    trees = {} if trees is None else trees
    rng = np.random.default_rng(seed)
    head, credit = str(rng.choice(OWN)), str(rng.choice(CREDITS.names))
    inputs, outputs, lanes = (
        int(rng.integers(1, 4)),
        int(rng.integers(2 if head == "softmax" else 1, 4)),
        int(rng.integers(1, 40)),
    )
    batch = int(rng.choice([1, 1, 2, 5, 7]))

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    support, queries, updates = batch + int(rng.integers(0, 3)), int(rng.integers(1, 24)), int(rng.integers(0, 4))
    learners, weights = [], {}
    for _ in range(int(rng.integers(1, 4))):
        graph = random_graph(rng, inputs, int(rng.integers(0, 4)), outputs, bool(rng.random() < 0.4), True, True)
        slots = random_rule(rng, batch == 1)
        rule, fresh = compile_rule(slots), rng.random() < 0.4
        own = None if fresh else numbers(graph.synapses)
        born = weights.setdefault(graph, (numbers(graph.synapses, lanes), numbers(graph.synapses)))
        text = random_text(rng, ["output", "target", "c0"], 3)
        tree = parse(text, signals=SLOTS["loss"].signals)
        loss = compile_loss(tree) if rng.random() < 0.4 else None
        trees |= {rule.key: slots} if loss is None else {rule.key: slots, loss.key: tree}
        learners.append(Phenotype(graph, rule, own, numbers(8), numbers(4, graph.synapses), born[1], loss))
    phenotypes = batch_of(learners)

    def answers(count: int) -> np.ndarray:
        if head == "linear":
            return numbers(count, outputs, lanes)
        labels = rng.integers(0, max(outputs, 2), (count, 1, lanes))
        return (labels == np.arange(outputs)[None, :, None]).astype(np.float32)

    tasks = Tasks(numbers(support, inputs, lanes), answers(support), numbers(queries, inputs, lanes), answers(queries))
    points = sorted({0, updates, int(rng.integers(0, updates + 1))})
    order = random_order(rng, support, updates, batch, lanes)
    plan = Plan(order, np.array(points, np.int32), head, credit, float(rng.choice([0.5, 3.0, 20.0])), keep_weights=True,
                synapse_cost=float(rng.choice([0.0, 0.0, 0.3])), length=int(rng.choice([0, 2, 7])),
                task=int(seed % 4))  # fmt: skip
    return phenotypes, tasks, Births([weights[graph][0] for graph in phenotypes.graphs]), plan


def asked_batch(seed: int, deep: bool = False) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return such a batch, or a deep one; in half of them each checkpoint has queries of its own."""
    *batch, plan = deep_batch(seed) if deep else random_batch(seed)
    rng, queries = np.random.default_rng(seed), len(batch[1].query_x)
    first = rng.integers(0, queries, len(plan.checkpoints))
    asked = np.stack([first, rng.integers(first, queries) + 1], axis=1).astype(np.int32)
    return *batch, replace(plan, asked=asked if rng.random() < 0.5 else None)


def deep_batch(seed: int) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return a batch in which errors travel: several hidden levels, rules that read gradients, whole batches."""
    rng = np.random.default_rng(seed)
    inputs, outputs, lanes, batch, updates = 3, 2, int(rng.integers(30, 70)), int(rng.integers(2, 12)), 3
    graphs = [
        random_graph(rng, inputs, int(rng.integers(6, 14)), outputs, bool(rng.random() < 0.3), True, True)
        for _ in range(3)
    ]
    texts = ["-c0*grad", "-c0*s1", "-c0*grad*p0 - c1*w0 + c2*age + 0.1*novel - 0.1*task"]
    rules = [{"update": parse(text)} for text in texts]
    rules[1]["s1"] = parse("0.9*s1 + grad + c3*reward")
    losses = [None, compile_loss(parse("abs(output - target)", signals=SLOTS["loss"].signals)), None]

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    phenotypes = batch_of([
        Phenotype(
            graph, compile_rule(rule), None, np.float32(0.3) * numbers(8), numbers(4, graph.synapses),
            numbers(graph.synapses), loss,
        )
        for graph, rule, loss in zip(graphs, rules, losses, strict=True)
    ])  # fmt: skip
    births = Births([numbers(graph.synapses, lanes) for graph in phenotypes.graphs])
    sizes = ((20, inputs), (20, outputs), (33, inputs), (33, outputs))
    tasks = Tasks(*(numbers(*size, lanes) for size in sizes))
    head, credit = str(rng.choice(OWN)), str(rng.choice(["feedback", "backprop", "broadcast"]))
    order = random_order(rng, 20, updates, batch, lanes)
    plan = Plan(order, np.array([0, 1, 3], np.int32), head, credit, 5.0, keep_weights=True,
                synapse_cost=float(rng.choice([0.0, 0.0, 0.3])), task=2)  # fmt: skip
    return phenotypes, tasks, births, plan


def sparse_batch(seed: int) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return a batch of networks with few synapses to a node, and rules of all that synapses and nodes have."""
    rng = np.random.default_rng(seed)
    inputs, outputs, lanes, batch = 3, 3, int(rng.integers(1, 70)), int(rng.choice([1, 1, 5, 6]))
    learners, born = [], []

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    for _ in range(3):
        hidden, recurrent = int(rng.integers(10, 40)), rng.random() < 0.3
        nodes = inputs + 1 + hidden + outputs
        sources = []
        for node in range(inputs + 1, nodes):
            those = np.arange(nodes if recurrent else node)
            those = those[(those < nodes - outputs) | (those >= node)]  # no output before this one
            sources.append(np.sort(rng.choice(those, rng.integers(0, 5), replace=False)))
        ends = np.cumsum([0] * (inputs + 2) + [len(each) for each in sources]).astype(np.int32)
        src = np.concatenate(sources).astype(np.int32)
        activation = np.zeros(nodes, np.uint8)
        activation[inputs + 1 : nodes - outputs] = np.sort(rng.integers(0, 6, hidden))
        fixed = np.where(rng.random(len(src)) < rng.choice([0, 0.1]), FIXED, 0).astype(np.uint8)
        graph = Graph(inputs, outputs, ends, src, activation, np.zeros(len(src), np.int32), fixed)
        rule = random_rule(rng, batch == 1)
        if batch == 1 and rng.random() < 0.7:  # what random rules seldom read: all that nodes have, and their results
            rule["update"] = parse(str(rng.choice(["c0*pre*(target - square(post)) + c1*err", "min(pre, target)"])))
            rule["s1"] = parse(str(rng.choice(["post", "0.5*s1 + err", "square(err)"])))
        learners.append(
            Phenotype(
                graph, compile_rule(rule), None, np.float32(0.3) * numbers(8), numbers(4, len(src)), numbers(len(src))
            )
        )
        born.append(numbers(len(src), lanes))
    phenotypes = batch_of(learners)
    weights = dict(zip((one.graph for one in learners), born, strict=True))
    tasks = Tasks(*(numbers(9, size, lanes) for size in (inputs, outputs) * 2))
    order, credit = random_order(rng, 9, 3, batch, lanes), str(rng.choice(CREDITS.names))
    plan = Plan(order, np.array([0, 3], np.int32), "linear", credit, 3.0, keep_weights=True)
    return phenotypes, tasks, Births([weights[graph] for graph in phenotypes.graphs]), plan
