"""What each step of a learner's descent gained: its ancestors live on tasks that selected none of them.

Gains that selection saw are those that survived it, luck and all: on tasks of their own the same steps are smaller.
"""

from __future__ import annotations

from collections.abc import Mapping

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_key
from evometa.judging.analyses import Ancestor
from evometa.judging.analysis.measurement import brief, effect, open_trial
from evometa.lifetime import Graph

MOST = 24  # ancestors that live again


def descent(
    evaluator: Evaluator, genome: Genome, ancestors: Mapping[int, Genome], tasks: int | None = None
) -> list[Ancestor]:
    """Return how a learner and its ancestors (by id, nearest first) do on the same held-out tasks.

    Of more than MOST, or than there is time for, they are evenly picked, the last among them. `tasks`: of `analyse`.
    """
    if not ancestors:
        return []
    trial, learners = open_trial(evaluator, genome, 1 + min(MOST, len(ancestors)), tasks)
    ids, count = list(ancestors), max(1, min(MOST, learners - 1, len(ancestors)))
    chosen = [ids[len(ids) - 1 - place * len(ids) // count] for place in range(count)][::-1]
    lived = [genome, *(at_home(ancestors[id], evaluator) for id in chosen)]
    outcomes = trial.live(lived, [[length] for length in trial.lengths])
    scores = [trial.scores(outcomes, g) for g in range(len(lived))]
    gains = [brief(trial.exam.difference(scores[g - 1], scores[g], trial.measure)) for g in range(1, len(lived))]
    return [
        Ancestor(id=id, gain=gain, n=trial.exam.tasks, **effect(trial, outcomes, g, scores[0]))
        for g, (id, gain) in enumerate(zip(chosen, gains, strict=True), start=1)
    ]


def at_home(genome: Genome, evaluator: Evaluator) -> Genome:
    """Return a stored genome with the recipe's own network, as what is drawn for a network belongs to that object."""
    if not isinstance(genome.topology, Graph):
        return genome
    networks = {graph_key(course.network): course.network for course in evaluator.courses}
    return genome.replace(topology=networks.get(graph_key(genome.topology), genome.topology))
