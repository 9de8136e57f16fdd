"""How much memory a recipe will need, reckoned before anything is allocated."""

from __future__ import annotations

from evometa import machine
from evometa.config.schema import SPLITS, Config
from evometa.courses import Course
from evometa.errors import InputError
from evometa.evaluation import SLAB
from evometa.lifetime import cpu

GENOME = 3000  # bytes of one individual's Python objects, arrays apart


def check_memory(config: Config, courses: list[Course], available: int | None = None) -> None:
    """Refuse, with InputError, a recipe that cannot fit into this machine's memory (`available` bytes)."""
    limit = available if available is not None else machine.memory()
    parts = estimate(config, courses)
    need = sum(parts.values())
    if need > limit:
        largest, size = max(parts.items(), key=lambda part: part[1])
        raise InputError(
            f"sizes that fit into {_gib(limit)} of memory",
            f"an estimated {_gib(need)}, {_gib(size)} of it for {largest}",
            f"recipe {config.name}", f"Lower {largest.split(': ')[-1]}.",
        )  # fmt: skip


def estimate(config: Config, courses: list[Course]) -> dict[str, int]:
    """Return bytes needed, by purpose; each purpose names the keys that it grows with."""
    counts = {
        "train": config.sampling.tasks,
        "validation": config.sampling.validation_tasks,
        "test": config.sampling.test_tasks,
    }  # fmt: skip
    tasks = births = arenas = 0
    for split in SPLITS:
        here = [course for course in courses if course.serves(split)]
        lanes = counts[split] * config.sampling.repeats
        sizes = [
            4 * lanes * (c.family.inputs + c.family.outputs) * (c.family.support + c.family.queries[split])
            for c in here
        ]
        tasks = max(tasks, 2 * sum(sizes))
        drawn = config.weights.mode == "drawn" or split == "test"
        births = max(births, sum(8 * lanes * c.network.synapses for c in here if drawn))
        nodes = config.rule.max_nodes * len(config.rule.slots)
        arenas = max([arenas, *(
            cpu.memory(c.network, nodes, config.lifetime.batch, lanes, 0, 0, config.run.threads) for c in here
        )])  # fmt: skip
    numbers = max(c.network.synapses for c in courses) if config.evolved & {"weights", "plasticity"} else 0
    people = (config.evolution.population + config.evolution.offspring) * (GENOME + 8 * numbers)
    updates = max(config.lifetime.length(c.family.support) for c in courses)
    points, champion = len(config.lifetime.checkpoints) + 2, config.champion
    trials = max(champion.candidates, len(champion.baselines) * champion.rates.points)
    tested = max(trials * points * counts["validation"], ((champion.updates or 0) + points) * counts["test"])
    return {
        "tasks: sampling.tasks, sampling.test_tasks": tasks,
        "first weights: sampling.tasks, network.hidden": births,
        "lifetimes: network.hidden, lifetime.batch": arenas,
        "the population: evolution.population": people,
        "the order of examples: lifetime.updates": 8 * updates * config.lifetime.batch,
        "outcomes": 2 * SLAB,
        "the champion's test: sampling.validation_tasks, champion.rates.points, champion.updates": (
            32 * tested * config.sampling.repeats
        ),
    }


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
