"""How much memory a recipe will need, reckoned from sizes alone: before any network, population or task is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evometa.config.schema import SPLITS, Config
from evometa.errors import InputError
from evometa.evolution.comparing import examples_compared
from evometa.evolution.ends import ends_of
from evometa.genetics.genomes import Genomes
from evometa.genetics.topologies import Topologies, Topology
from evometa.genetics.topology import Size, layered_size
from evometa.lifetime.adjoints import part_of
from evometa.lifetime.lanes import LAID_OUT
from evometa.lifetime.memory import NO_MEMORY, Memory
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.vector import LANES as LANES_AT_A_TIME
from evometa.lifetime.numba.vector import lanes_of
from evometa.seeding import stream
from evometa.system import machine

if TYPE_CHECKING:
    from evometa.config.task_set import TaskSet
    from evometa.evolution.courses import Course
    from evometa.evolution.lessons import Lessons
    from evometa.genetics.genome import Genome
    from evometa.tasks import Family

GENOME = 3000  # bytes of one individual's Python objects, arrays apart
GENE = 128  # bytes of a synapse of a network that evolves: its gene in parent and child, as it is expressed and packed
GRAPH = 24  # bytes of a synapse in a graph: source and group, and again while it is built
BORN = 16  # bytes of a weight that is drawn in one lane for one network: as drawn, cut by lanes, in blocks, packed
SLAB = 64 << 20  # bytes of outcomes, and of such weights, in hand at a time; more genomes are lived slab by slab
UPDATE, NODE = 5, 3  # numbers kept of an update, in each lane: of a synapse, and of a node and an example
SCORE = 32  # bytes of a newborn's score on a task: as lived, as a number of double precision, relative to the pacer's
COUNTS = ("tasks", "panel_tasks", "validation_tasks", "test_tasks", "repeats")
LANES = ", ".join(
    [f"sampling.{name}" for name in COUNTS] + ["champion.tuning_tasks", "gradient.tasks"]
)  # keys that lanes grow with
# Keys that what gradients keep grows with.
TAPES = "network.memory.slots, lifetime.batch, lifetime.updates, lifetime.epochs, gradient.updates, run.threads"
MOST_SYNAPSES = 2**31 - 1  # of one network: they are numbered in 32 bits


class Sized(NamedTuple):
    """One set of tasks: its settings, its family, and the size of the network that it will have."""

    settings: TaskSet
    family: Family
    network: Size


def check_memory(config: Config, families: Sequence[Family], available: int | None = None) -> None:
    """Refuse, with InputError, a recipe that cannot fit into the memory there is (`available` bytes)."""
    limit = available if available is not None else machine.memory()
    sets = sized(config, families)
    check_size(max((one.network for one in sets), key=lambda size: size.synapses), limit, "network.hidden")
    parts = estimate(config, sets)
    need = sum(parts.values())
    if need > limit:
        largest, size = max(parts.items(), key=lambda part: part[1])
        raise InputError(
            f"sizes that fit into {_gib(limit)} of memory",
            f"an estimated {_gib(need)}, {_gib(size)} of it for {largest}",
            f"recipe {config.name}", f"Lower {largest.split(': ')[-1]}.",
        )  # fmt: skip


def check_size(size: Size, limit: int, where: str) -> None:
    """Refuse, with InputError, a network that could not even be built in `limit` bytes; `where` names its widths."""
    if size.synapses > MOST_SYNAPSES:
        raise InputError(f"a network of at most {MOST_SYNAPSES:,} synapses", f"{size.synapses:,}", where, "Lower it.")
    if GRAPH * size.synapses > limit:
        need = f"{_gib(GRAPH * size.synapses)} for {size.synapses:,} synapses"
        raise InputError(f"a network that fits into {_gib(limit)} of memory", need, where, "Lower it.")


def sized(config: Config, families: Sequence[Family]) -> list[Sized]:
    """Return a recipe's sets of tasks with their families and the sizes of their networks."""
    said = remembered(config).nodes
    return [
        Sized(
            settings, family,
            layered_size(
                config.network.inputs(inputs), settings.layers(config.network), outputs + said,
                config.network.recurrent, config.network.contexts, config.network.activation,
            ),
        )
        for settings, family in zip(config.tasks, families, strict=True)
        for inputs, outputs in [ends_of(config, family)]
    ]  # fmt: skip


def estimate(config: Config, sets: Sequence[Sized]) -> dict[str, int]:
    """Return bytes needed, by purpose; each purpose names the keys that it grows with."""
    counts = _counts(config)
    tasks = kept = births = arenas = orders = 0
    longest = max(config.lifetime.length(support) for one in sets for support in one.family.support.values())
    updates = max(longest, config.champion.updates or 0)
    for split in SPLITS:
        here = [one for one in sets if split in one.settings.splits]
        lanes = counts[split] * config.sampling.repeats
        sizes = [4 * lanes * max(each.floats(split) for each in _families(one.family, split)) for one in here]
        kept = max(kept, sum(sizes)) if split == "train" else kept  # cut for the kernel, generation after generation
        tasks = max(tasks, 2 * sum(sizes))
        drawn = config.weights.mode == "drawn" or split != "validation"  # stock rules inherit none
        births = max(births, sum(8 * lanes * one.network.synapses for one in here if drawn))
        batches = [config.lifetime.examples(one.family.support[split]) for one in here]
        orders = 0 if config.acts else max(orders, 16 * updates * lanes * sum(batches))
        nodes = config.rule.max_nodes * len(config.rule.slots)
        arenas = max([arenas, *(
            cpu.memory(one.network, nodes, batch, lanes, 0, 0, config.run.threads, remembered(config))
            for one, batch in zip(here, batches, strict=True)
        )])  # fmt: skip
    return {
        f"tasks: {LANES}": tasks,
        "networks: network.hidden": GRAPH * sum(one.network.synapses for one in sets),
        f"first weights: network.hidden, {LANES}": births,
        f"births of networks that evolve: topology.max_synapses, {LANES}": _own_births(config),
        "lifetimes: network.hidden, network.memory.slots, lifetime.batch, rule.max_nodes, run.threads": arenas,
        **examples_compared(config, sets, {split: count * config.sampling.repeats for split, count in counts.items()}),
        f"gradients: {_widths(config)}, {TAPES}": _tapes(config, sets),
        "the population: evolution.population, evolution.offspring": (
            (config.evolution.population + config.evolution.offspring) * (GENOME + _numbers(config, sets))
        ),
        "scores in a race, task by task: evolution.population, evolution.offspring, sampling.tasks": _scores(config),
        f"the order of examples: lifetime.updates, lifetime.epochs, {LANES}": orders,
        "outcomes, and examples in the order met": 2 * SLAB + 12 * LAID_OUT,
        "examples that stay, as kernels take them": 8 * LAID_OUT + kept,
        f"the champion's test: champion.candidates, champion.baselines, champion.updates, {LANES}": (
            32 * _outcomes(config, sets) * config.sampling.repeats
        ),
    }


def remembered(config: Config) -> Memory:
    """Return the external memory of lives, as far as its size goes."""
    own = config.network.memory
    return Memory(own.slots, own.cells) if own.slots else NO_MEMORY


def _families(family: Family, split: str) -> list[Family]:
    """Return the families of tasks of a split: in the test those of further tests, too."""
    return [family, *(family.others.values() if split == "test" else ())]


def _tapes(config: Config, sets: Sequence[Sized]) -> int:
    """Return the bytes of what threads keep of lives while they go back through them; 0 without gradients."""
    most = 0
    training = [one for one in sets if "train" in one.settings.splits]
    for one in training if config.gradient.steps and config.gradient.order else ():
        support = one.family.support["train"]
        length = config.lifetime.length(support)
        updates = max(own.updates or length for own in config.gradient.all().values())
        kept = part_of(updates)
        rows = kept + -(-updates // kept)  # of the updates at hand, and of where each part of a life begins
        batch, grown, own = config.lifetime.examples(support), _grown(config, one), remembered(config)
        slots = own.rows + own.access_rows
        most = max(most, rows * (UPDATE * grown.synapses + NODE * batch * grown.nodes + slots))
    return 4 * LANES_AT_A_TIME * most * (config.run.threads or machine.processors())


def _widths(config: Config) -> str:
    """Return the keys that say how large networks are, or may become."""
    return "network.hidden" if config.topology.mode == "fixed" else "topology.max_synapses, topology.max_nodes"


def _grown(config: Config, one: Sized) -> Size:
    """Return the size of a set's networks, or, where they evolve, the largest that they may come to."""
    if config.topology.mode == "fixed":
        return one.network
    outputs, own = ends_of(config, one.family)[1], config.topology
    return Size(one.network.inputs, one.network.inputs + 1 + own.max_nodes + outputs, own.max_synapses)


def at_a_time(genomes: Sequence[Genome], drawn: Sequence[tuple[Course, Lessons]]) -> int:
    """Return how many genomes are lived at a time: SLAB bytes of outcomes, or of weights drawn for each network."""
    lanes = sum(lesson.tasks.lanes for _, lesson in drawn)
    acts = any(course.family.kind == "acting" for course, _ in drawn)  # whose measures are six, in three copies
    each = (96 if acts else 16) * lanes * max(len(lesson.plan.checkpoints) for _, lesson in drawn)
    if born := max((lesson.tasks.lanes for _, lesson in drawn if lesson.first is not None), default=0):
        each = max(each, _births(_largest(genomes), born))
    return max(1, SLAB // each)


def _scores(config: Config) -> int:
    """Return the bytes of scores of newborn in a race, which are compared task by task."""
    newborn = max(config.evolution.population, config.evolution.offspring) if config.racing.rungs else 0
    return SCORE * newborn * config.sampling.tasks * config.sampling.repeats * len(config.serving("train"))


def _largest(genomes: Sequence[Genome]) -> int:
    """Return the most synapse genes of a topology that evolves, 0 where none does."""
    if isinstance(genomes, Genomes):
        own = genomes.topology
        return int(np.diff(own.begins).max(initial=0)) if isinstance(own, Topologies) else 0
    return max((len(one.topology.mark) for one in genomes if isinstance(one.topology, Topology)), default=0)


def _own_births(config: Config) -> int:
    """Return the bytes of weights that are drawn for networks which all differ: they are lived slab by slab."""
    if config.topology.mode == "fixed" or config.weights.mode != "drawn":
        return 0
    lanes = {split: count * config.sampling.repeats for split, count in _counts(config).items()}
    return max(SLAB, *(_births(config.topology.max_synapses, count) for count in lanes.values()))


def _numbers(config: Config, sets: Sequence[Sized]) -> int:
    """Return the bytes of a genome's genes or numbers in the first generation: how far networks grow, nobody knows."""
    synapses = max(one.network.synapses for one in sets)
    if config.topology.mode == "fixed":
        moments = 3 if config.gradient.steps else 1  # a number has two
        return 8 * moments * synapses if config.evolved & {"weights", "plasticity"} else 0
    minimal = max((inputs + 1) * outputs for inputs, outputs in (ends_of(config, one.family) for one in sets))
    return GENE * (minimal if config.topology.start == "minimal" else synapses)


def _births(synapses: int, lanes: int) -> int:
    """Return the bytes of weights that are drawn for one network."""
    return BORN * synapses * lanes_of(lanes)


def _counts(config: Config) -> dict[str, int]:
    """Return the largest number of tasks of each split that are drawn at a time."""
    sampling = config.sampling
    tuning = config.champion.tuning_tasks or sampling.validation_tasks
    stepped = max(own.tasks for own in config.gradient.all().values()) if config.gradient.steps else 0
    train = max(sampling.tasks, sampling.panel_tasks, tuning, stepped)
    return {"train": train, "validation": sampling.validation_tasks, "test": sampling.test_tasks}


def _outcomes(config: Config, sets: Sequence[Sized]) -> int:
    """Return how many outcomes choosing or testing a champion has in hand at a time; tuning goes slab by slab."""
    champion, counts = config.champion, _counts(config)
    worlds = max((max(one.family.counts.values(), default=1) for one in sets), default=1)
    windows = worlds if worlds > 1 else config.acting.windows
    points = 6 * (windows + 1) if config.acts else len(config.lifetime.checkpoints) + 2
    tests = [one.family for one in sets if "test" in one.settings.splits]
    parts = max(len(family.units("test", 1, stream(0, 0, "memory"))) for family in tests)
    once = parts * counts["test"]  # queries may be asked part by part
    lived = max((champion.updates or 0) + points, len(champion.baselines) * points)
    return max(champion.candidates * points * counts["validation"], lived * once)


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
