"""Rivals of evolved habits: the fixed ones, and the best that random search finds for as many searches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.genetics.genome import Genome
from evometa.judging.exam import Exam, Scores, main_measure
from evometa.judging.reports import Baseline, Comparison
from evometa.language.habits import F64, fixed_habits
from evometa.lifetime.searches import Searches
from evometa.seeding import Draws, stream

FIXED, RANDOM = "fixed habits", "random search"
FEWEST = 8  # searches that candidates are first judged by


def fixed_genome(evaluator: Evaluator, like: Genome) -> Genome:
    """Return a genome with the fixed habits of the first set of tasks."""
    lesson = evaluator.draw("test", 0, 1)[0][1]
    assert isinstance(lesson.tasks, Searches)
    habits = fixed_habits(lesson.tasks.ground.tournament)
    return like.replace(rule={slot: habits[slot] for slot in like.rule})


def random_search(evaluator: Evaluator, like: Genome, budget: int) -> tuple[Genome, int]:
    """Return the best of as many random habits as `budget` searches judge by halving, and how many there were.

    Each is the fixed habits with some slots, one to all, drawn anew. The better half goes on to twice as many searches
    on train tasks that none has met.
    """
    fixed = fixed_genome(evaluator, like)
    count = candidates(budget)
    rng = stream(evaluator.config.seed, 0, "random search")
    drawn = evaluator.ways.search.fresh(Draws(rng), count)
    some = [_mixed(fixed, one, rng) for one in drawn]
    sums, met, tasks = np.zeros(count), 0, FEWEST
    left = list(range(count))
    for turn in range(max(1, (count - 1).bit_length())):
        lessons = evaluator.draw("train", turn, tasks, purpose="random search ")
        found = evaluator.outcomes([some[place] for place in left], lessons, RANDOM)
        sums[left] += _sum(found, main_measure(evaluator.config))
        met += tasks
        left = sorted(left, key=lambda place: (-sums[place], place))[: max(1, (len(left) + 1) // 2)]
        tasks *= 2
    return some[left[0]], count


def candidates(budget: int) -> int:
    """Return how many candidates so many searches judge, each half of them on twice as many."""
    count = 2
    while (count * 2) * FEWEST * max(1, (2 * count - 1).bit_length()) <= budget:
        count *= 2
    return count


def rivals_of(evaluator: Evaluator, champion: Genome, budget: int) -> dict[str, tuple[Genome, int | None]]:
    """Return the rivals of evolved habits by name, each with how many were tried to find it."""
    found: dict[str, tuple[Genome, int | None]] = {FIXED: (fixed_genome(evaluator, champion), None)}
    if evaluator.config.champion.peers:
        found[RANDOM] = random_search(evaluator, champion, budget)
    return found


def beside(exam: Exam, own: dict[str, Scores], rivals: dict[str, tuple[Genome, int | None]]) -> list[Baseline]:
    """Return the rows of rivals in an exam, beside the champion's scores there."""
    rows = []
    for name, (genome, tried) in rivals.items():
        outcomes = exam.live([genome], "test")
        found = {}
        for measure, mine in own.items():
            scores = exam.scores(outcomes, 0, measure)
            found[measure] = Comparison(
                **exam.score(scores, measure), difference=exam.difference(mine, scores, measure)
            )
        main = found.pop(exam.measures[0])
        dials = {} if tried is None else {"candidates": float(tried)}
        texts = {slot: str(tree) for slot, tree in genome.rule.items()}
        rows.append(Baseline(name=name, also=found, dials=dials, rule=texts, **main))
    return rows


def _sum(found: Sequence[object], measure: str) -> F64:
    values = np.sum([performance(each, measure).sum(axis=1) for each in found], axis=0)  # type: ignore[arg-type]
    return np.asarray(values, np.float64)


def _mixed(fixed: Genome, drawn: Genome, rng: np.random.Generator) -> Genome:
    """Return the fixed habits with some slots, one to all, as they are drawn."""
    slots = list(fixed.rule)
    taken = set(rng.permutation(slots)[: rng.integers(1, len(slots) + 1)].tolist())
    return fixed.replace(rule={slot: (drawn if slot in taken else fixed).rule[slot] for slot in slots})
