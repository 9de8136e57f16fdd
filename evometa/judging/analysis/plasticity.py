"""How much lives on held-out tasks change each synapse: which are plastic in truth, whatever the rule could do."""

from __future__ import annotations

import numpy as np

from evometa.config.schema import Config
from evometa.evolution.courses import lessons
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.rows import updates_of
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import graph_key
from evometa.judging.analyses import Plasticity
from evometa.judging.analysis.measurement import BUDGET, cost
from evometa.judging.analysis.observation import end_of_life
from evometa.judging.exam import set_name
from evometa.lifetime.batch import born

TASKS = 100
LONGEST = 20_000  # synapses


def plasticity(evaluator: Evaluator, genome: Genome) -> Plasticity | None:
    """Return how much each synapse changes in lives on held-out tasks of the first set, from birth to their end.

    None: synapses are no individuals (weights are drawn, and what is theirs they share by groups), or there are too
    many; the rule changes no weights; or all lives diverged. Those that did are left out.
    """
    config = evaluator.config
    course = next(course for course in evaluator.courses if course.serves("test"))
    synapses = express([genome], course.world)[0].graph.synapses
    if not _single(genome, config) or "update" not in genome.rule or not 0 < synapses <= LONGEST:
        return None
    each = cost(course, genome, updates_of(config, course.family, "test"), config)
    count = min(TASKS, config.sampling.test_tasks, int(0.1 * BUDGET / each))
    if count < 1:
        return None
    lesson = lessons(course, config, "test", 0, count, purpose="plasticity ")
    phenotypes = express([genome], course.world)
    evaluator.lived["analysis"] += lesson.tasks.lanes
    with np.errstate(all="ignore"):
        after = end_of_life(phenotypes, course, lesson, config.network.credit)["w"].astype(np.float64)
        change = after - born(phenotypes, 0, lesson.births(phenotypes), lesson.tasks.lanes)
    sound = np.isfinite(after).all(axis=0)
    if not sound.any():
        return None
    size = np.sqrt(np.square(change[:, sound]).mean(axis=1))
    return Plasticity(
        set=set_name(course), graph=graph_key(phenotypes[0].graph), lives=int(sound.sum()),
        change=[float(f"{value:.4g}") for value in size],
    )  # fmt: skip


def _single(genome: Genome, config: Config) -> bool:
    """Whether a synapse differs from the others in more than what it reads."""
    own = bool(len(genome.plasticity)) and config.plasticity.tie == "synapse"
    return config.weights.mode != "drawn" or own or isinstance(genome.topology, Topology)
