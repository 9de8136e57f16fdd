"""Which synapses gates leave open at the end of life, and whether that differs from task to task."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.courses import Course, lessons
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.lessons import Lessons
from evometa.evolution.rows import updates_of
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.topology import graph_key
from evometa.judging.analyses import Gates
from evometa.judging.analysis.measurement import BUDGET, brief, cost
from evometa.judging.analysis.observation import end_of_life
from evometa.judging.exam import set_name
from evometa.judging.intervals import mean_interval
from evometa.judging.scores import Score
from evometa.language.liveness import living
from evometa.spec.states import GATE, SYNAPSE

F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

SLOT = SYNAPSE[GATE].name
TASKS, LIVES = 24, 4  # of each task, other births and orders of examples
FEWEST = 2  # tasks, for there to be anything to compare
SHOWN = 60  # synapses of which each task's share is kept
LONGEST = 20_000  # synapses of which the share is kept at all


def gates(evaluator: Evaluator, genome: Genome) -> tuple[Gates | None, str]:
    """Return which synapses are open when lives on held-out tasks of the first set end; None and why not, if so.

    None without a word: the rule has no gates, or the network no synapses. Lives that diverged are left out.
    """
    course = next(course for course in evaluator.courses if course.serves("test"))
    graph = express([genome], course.world)[0].graph
    if SLOT not in living(genome.rule) or not graph.synapses:
        return None, ""
    config = evaluator.config
    config = config.model_copy(update={"sampling": config.sampling.model_copy(update={"repeats": LIVES})})
    each = cost(course, genome, updates_of(config, course.family, "test"), config)
    count = min(TASKS, int(0.2 * BUDGET / each))
    if count < FEWEST or graph.synapses > LONGEST:
        return None, f"{course.family.name}: the network is too large for its gates to be followed"
    lesson = lessons(course, config, "test", 0, count, purpose="gates ")
    evaluator.lived["analysis"] += lesson.tasks.lanes
    opened, sound = _opened(genome, course, lesson, config.network.credit)
    if not sound.any():
        return None, f"{course.family.name}: all lives in which gates were followed diverged"
    lived = sound.reshape(-1, LIVES).sum(axis=1)
    by_task = (opened & sound).reshape(graph.synapses, -1, LIVES).sum(axis=2)[:, lived > 0] / lived[lived > 0]
    shown = np.sort(np.argsort(-by_task.var(axis=1), kind="stable")[:SHOWN])
    within, between, difference = overlaps(opened, sound)
    return Gates(
        set=set_name(course), graph=graph_key(graph), lives=int(sound.sum()),
        share=_rounded(opened[:, sound].mean(axis=1)), shown=shown.tolist(),
        wirings=[_rounded(column) for column in by_task[shown].T], within=within, between=between,
        difference=difference,
    ), ""  # fmt: skip


def overlaps(opened: Flags, sound: Flags) -> tuple[Score, Score, Score]:
    """Return the overlap of two lives' open synapses bool[E, L]: of one task, of different tasks, and their difference.

    Jaccard 1912: what both open, as a share of what either does (nothing at all: 1). LIVES lanes are one task's; each
    figure is a mean over tasks, by task, of all pairs that are `sound`, with half its 95 % interval.
    """
    some = opened.T.astype(np.float32)
    both, sizes = (some @ some.T).astype(np.float64), some.sum(axis=1, dtype=np.float64)
    either = sizes[:, None] + sizes - both
    jaccard = np.where(either > 0, both / np.maximum(either, 1), 1.0)
    task = np.arange(len(sizes)) // LIVES
    pairs, same = np.outer(sound, sound), task[:, None] == task
    one = _by_task(jaccard, pairs & same & ~np.eye(len(sizes), dtype=bool))
    other = _by_task(jaccard, pairs & ~same)
    return _score(one), _score(other), _score(one - other)


def _opened(genome: Genome, course: Course, lesson: Lessons, credit: str) -> tuple[Flags, Flags]:
    """Live all lives; return which synapses are open at their end, bool[E, L], and which lives did not diverge."""
    state = end_of_life(express([genome], course.world), course, lesson, credit)
    return state[SLOT] > 0, np.logical_and.reduce(np.isfinite(state["w"]))


def _by_task(jaccard: F64, chosen: Flags) -> F64:
    """Return the mean of chosen pairs of each task's lives with others; NaN where there is none."""
    sums, counts = (
        np.where(chosen, values, 0.0).sum(axis=1).reshape(-1, LIVES).sum(axis=1) for values in (jaccard, 1.0)
    )
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)


def _score(values: F64) -> Score:
    """Return the mean of what is known of each task."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Score(mean=None, ci95=None, n=0)
    mean, half = mean_interval(known)
    return brief(Score(mean=mean, ci95=half))


def _rounded(shares: F64) -> list[float]:
    return [round(float(share), 3) for share in shares]
