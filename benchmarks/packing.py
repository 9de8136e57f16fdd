"""What it takes to lay out networks that all differ: `python -m benchmarks.packing`.

Of 1 000 graphs, about as XOR evolves them and of 745 synapses: processor time of keys, distinct graphs, the check at a
backend's door, and what the backend's kernel walks: a CPU's with tiles, spans and ways onward; a GPU's without these,
but with schedules (levels, ways onward, tiles of its own), which a batch for a CPU never gets.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotypes, Plan, Tasks, in_all_lanes
from evometa.lifetime.batch import apart, distinct
from evometa.lifetime.cuda.schedule import Schedules
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.numba import cpu
from evometa.lifetime.packing import pack
from evometa.lifetime.ragged import Ragged
from evometa.lifetime.validation import check_births, check_learners

TURNS = 15
SIZES = {"XOR, 5 hidden": (2, 5, 1, 12), "745 synapses": (8, 48, 2, 745)}


def random_graphs(
    rng: np.random.Generator, count: int, inputs: int, hidden: int, outputs: int, synapses: int
) -> Graphs:
    """Return feed-forward graphs, each node with the constant and other earlier nodes, so many synapses in all."""
    nodes = inputs + 1 + hidden + outputs
    target, source = np.nonzero(np.tri(nodes, nodes, -1, bool))
    sound = (target > inputs) & (source < nodes - outputs)
    target, source = target[sound], source[sound]
    order = np.where(source == inputs, 0.0, rng.random((count, len(source))))  # the constant comes first
    rows = np.sort(np.argsort(order, axis=1)[:, :synapses], axis=1)
    fan_in = np.zeros((count, nodes + 1), np.int64)
    np.add.at(fan_in, (np.arange(count)[:, None], target[rows] + 1), 1)
    activation = np.tile(np.where(np.arange(nodes) > inputs, 1, 0), count).astype(np.uint8)
    activation.reshape(count, nodes)[:, nodes - outputs :] = 0
    size = np.arange(count + 1, dtype=np.int64)
    return Graphs(
        np.full(count, inputs), np.full(count, outputs), size * rows.shape[1], size * nodes,
        np.cumsum(fan_in, axis=1).astype(np.int32).ravel(), source[rows].astype(np.int32).ravel(), activation,
        np.zeros(rows.size, np.int32), np.zeros(rows.size, np.uint8),
    )  # fmt: skip


def learners(graphs: Graphs, rng: np.random.Generator) -> Phenotypes:
    """Return a learner with weights of its own for each graph."""
    count, program = len(graphs), compile_rule({"update": parse("-c0*err*pre")})
    weights = Ragged(rng.standard_normal(len(graphs.src)).astype(np.float32), graphs.begins)
    none = Ragged(np.zeros((0, len(graphs.src)), np.float32), graphs.begins, last=True)
    rates = [np.full(1, 0.01, np.float32)] * count
    return apart(graphs, [program] * count, [None] * count, rates, weights, none, [None] * count)


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median processor time of a piece of work."""
    work()
    spent = []
    for _ in range(TURNS):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return 1e3 * float(np.median(spent))


def keys_of(graphs: Graphs) -> None:
    """Make the keys of graphs anew, and find which differ."""
    graphs.__dict__.pop("keys", None)
    distinct(graphs)


def check(batch: Phenotypes) -> None:
    """Check a batch as every backend does at its door."""
    check_learners(batch, "local", 1)
    check_births(batch, Births(), 16)


def main() -> None:
    """Print both tables."""
    rng = np.random.default_rng(0)
    for name, size in SIZES.items():
        batch = learners(random_graphs(rng, 1000, *size), rng)
        graphs = batch.graphs
        assert isinstance(graphs, Graphs)
        parts: dict[str, Callable[[], object]] = {
            "keys, distinct graphs": partial(keys_of, graphs),
            "check": partial(check, batch),
            "pack for a CPU": partial(pack, batch, Births(), 16, 32),
            "pack for a GPU": partial(pack, batch, Births(), 16),
            "schedules for a GPU": partial(Schedules, graphs),
        }
        spent = {part: milliseconds(work) for part, work in parts.items()}
        cpu_sum, gpu_sum = (sum(spent[part] for part in parts if other not in part) for other in ("GPU", "CPU"))
        print(f"1 000 graphs, {name}: {cpu_sum:.2f} ms for a CPU, {gpu_sum:.2f} ms for a GPU")
        print("".join(f"  {part:24} {each:6.2f} ms\n" for part, each in spent.items()))
    many = learners(random_graphs(rng, 100_000, *SIZES["XOR, 5 hidden"]), rng)
    sizes = ((4, 2), (4, 1), (4, 2), (4, 1))
    tasks = Tasks(*(rng.standard_normal((*size, 1)).astype(np.float32) for size in sizes))
    order = in_all_lanes(np.arange(4, dtype=np.int32)[:, None], 1)
    begin = time.process_time()
    cpu.live(many, tasks, Births(), Plan(order, np.array([0, 4], np.int32), "linear", "broadcast"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(f"100 000 XOR graphs packed and lived: {time.process_time() - begin:.2f} s, {peak:.2f} GiB at most")


if __name__ == "__main__":
    main()
