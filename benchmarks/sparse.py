"""Speed of sparse networks, per synapse, beside a dense one: `python -m benchmarks.sparse` (`--quick`: one size).

Work: 32 genomes × 32 lanes, 100 examples, 20 queries before and after; networks of 8 inputs and 2 outputs. Beside a
layered network, random feed-forward ones with its number of synapses, a graph for each genome, by mean fan-in (the
constant's synapse included). Where few synapses enter a node, its activation serves few: a tanh costs what five
synapses do, while ReLU is almost free. Processor time of one thread without packing, taken in turns; ratios are medians
of those within a turn.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.packing import random_graphs
from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Graph, Phenotype, Plan, Tasks, in_all_lanes
from evometa.lifetime.batch import batch_of
from evometa.lifetime.lanes import cut
from evometa.lifetime.numba import cpu
from evometa.spec import ACTIVATIONS

GENOMES, LANES, EXAMPLES, QUERIES, TURNS = 32, 32, 100, 20, 7
INPUTS, OUTPUTS, WIDTHS = 8, 2, (24, 10, 48)
FAN_INS = (17.0, 9.0, 5.0, 4.0, 3.6)
LOCAL = "c0*pre*(target - post)"
LONG = "c0*tanh(pre*post - w*square(post))*min(pre, target) + 0.1*c0*(abs(w) - post)*w"
WORK = {  # rule, examples to an update, credit, activation
    "backprop, batches of 5": ("-c0*grad", 5, "backprop", "tanh"),
    "batches of 5, ReLU": ("-c0*grad", 5, "backprop", "relu"),
    "backprop, one by one": ("-c0*grad", 1, "backprop", "tanh"),
    "one by one, ReLU": ("-c0*grad", 1, "backprop", "relu"),
    "local, one by one": (LOCAL, 1, "local", "tanh"),
    "a long local rule": (LONG, 1, "local", "tanh"),
}


def networks(width: int, rng: np.random.Generator) -> dict[str, list[Graph]]:
    """Return a dense network for all genomes, and sparse ones of each fan-in that such a number of synapses allows."""
    dense = layered(INPUTS, (width, width), OUTPUTS, "tanh")
    kinds = {"dense": [dense] * GENOMES}
    for fan_in in FAN_INS:
        hidden = round(dense.synapses / fan_in) - OUTPUTS
        graphs = list(random_graphs(rng, GENOMES, INPUTS, hidden, OUTPUTS, dense.synapses))
        if graphs[0].synapses == dense.synapses:
            kinds[f"{fan_in:g}"] = graphs
    return kinds


def life(graphs: list[Graph], rule: str, batch: int, credit: str, activation: str,
         rng: np.random.Generator) -> Callable[[], float]:  # fmt: skip
    """Return what lives the lifetimes of networks under a rule and gives their processor time, in seconds a synapse."""

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    program, kind = compile_rule({"update": parse(rule)}), ACTIVATIONS.code(activation)
    rates, synapses = np.full(1, 1e-3, np.float32), sum(graph.synapses for graph in graphs)
    learners = []
    for graph in graphs:
        weights, none = numbers(graph.synapses) * np.float32(0.1), np.zeros((0, graph.synapses), np.float32)
        kinds = np.where(graph.activation > 0, kind, 0).astype(np.uint8)
        learners.append(Phenotype(replace(graph, activation=kinds), program, weights, rates, none))
    phenotypes = batch_of(learners)
    tasks = Tasks(*(numbers(QUERIES, size, LANES) for size in (INPUTS, OUTPUTS) * 2))
    order = in_all_lanes(np.arange(EXAMPLES, dtype=np.int32).reshape(-1, batch) % QUERIES, LANES)
    plan = Plan(order, np.array([0, len(order)], np.int32), "linear", credit)
    width = cpu.choose_width(phenotypes.graphs, LANES, batch)
    packed, lanes = cpu.Learners(phenotypes, Births(), width), cut(tasks, plan, width, share=True)

    def live() -> float:
        begin = time.process_time()
        packed.live(lanes, plan.bound, threads=1)
        return (time.process_time() - begin) / synapses

    return live


def main() -> None:
    """Print a table for each size: the dense rate, and what part of it each fan-in reaches."""
    rng = np.random.default_rng(0)
    for width in WIDTHS[: 1 if "--quick" in sys.argv else None]:
        kinds = networks(width, rng)
        print(f"{kinds['dense'][0].synapses} synapses, dense {INPUTS}-{width}-{width}-{OUTPUTS}: its rate in millions")
        print(f"of synapses × examples × lanes a second, and the share of it by fan-in\n{'':24}{'dense':>7}", end="")
        print("".join(f"{kind:>7}" for kind in list(kinds)[1:]))
        for name, work in WORK.items():
            contestants = {kind: life(graphs, *work, rng) for kind, graphs in kinds.items()}
            for live in contestants.values():
                live()
            turns = [{kind: live() for kind, live in contestants.items()} for _ in range(TURNS)]
            rate = LANES * EXAMPLES / np.median([turn["dense"] for turn in turns]) / 1e6
            shares = [np.median([turn["dense"] / turn[kind] for turn in turns]) for kind in list(kinds)[1:]]
            print(f"{name:24}{rate:>7.0f}" + "".join(f"{share:>7.0%}" for share in shares), flush=True)


if __name__ == "__main__":
    main()
