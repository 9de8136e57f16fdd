"""The analysis of habits: what each slot is worth, how soon a search by them is where others end, what that repays."""

from __future__ import annotations

import numpy as np

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Analysis, Curve, Part
from evometa.judging.analysis.measurement import Trial, effect, short
from evometa.judging.exam import open_exam
from evometa.judging.habits import FIXED, fixed_genome
from evometa.language.algebra import formula
from evometa.language.liveness import folded
from evometa.lifetime.searches import Searches, SearchPlan

TASKS = 480  # searches by each changed set of habits


def analyse_habits(evaluator: Evaluator, genome: Genome, tasks: int | None, lives: int) -> Analysis:
    """Return what habits are made of, measured on held-out rules; `lives`: those of evolution.

    `ablation`: each slot that is not the fixed one, with the fixed one in its place. `curves`: what is recovered after
    each generation of a search, beside fixed habits.
    """
    exam = open_exam(evaluator, "test", tasks or min(TASKS, evaluator.config.sampling.test_tasks))
    trial = Trial(exam, [lesson.plan.length for _, lesson in exam.drawn])
    fixed = fixed_genome(evaluator, genome)
    changed = [slot for slot, tree in genome.rule.items() if folded(tree) != folded(fixed.rule[slot])]
    altered = [genome.replace(rule={**genome.rule, slot: fixed.rule[slot]}) for slot in changed]
    outcomes = exam.live([genome, *altered], "analysis")
    whole = trial.scores(outcomes, 0)
    curves, notes = _pace(evaluator, exam.drawn[0][1], genome, fixed, lives + evaluator.lived["choice"])
    return Analysis(
        tasks=exam.tasks, over=exam.over(), measure=trial.measure, whole=trial.score(whole),
        innate=trial.score(trial.scores(outcomes, 0, 0)), diverged=0,
        lifetimes=int(sum(each.status.size for each in outcomes)),
        ablation=[
            Part(
                slot=slot, term=formula({slot: genome.rule[slot]}).partition(" = ")[2], kind="habit", change="removed",
                formula=formula({slot: fixed.rule[slot]}), size=None, **effect(trial, outcomes, g, whole),
            )
            for g, slot in enumerate(changed, start=1)
        ],
        curves=curves, notes=notes,
    )  # fmt: skip


def _pace(
    evaluator: Evaluator, lesson: object, genome: Genome, fixed: Genome, lives: int
) -> tuple[list[Curve], list[str]]:
    """Return how searches go by habits and by the fixed ones, and in words what that saves and repays."""
    tasks, plan = lesson.tasks, lesson.plan  # type: ignore[attr-defined]
    assert isinstance(tasks, Searches)
    assert isinstance(plan, SearchPlan)
    own, usual = evaluator.ways.search([genome.rule, fixed.rule], tasks, plan)
    means = {"champion": own.mean(axis=1), FIXED: usual.mean(axis=1)}
    curves = []
    for (name, mean), values in zip(means.items(), (own, usual), strict=True):
        half = 1.96 * values.std(axis=1, ddof=1) / np.sqrt(values.shape[1]) if values.shape[1] > 1 else 0 * mean
        curves.append(Curve(
            name=name, updates=list(range(1, len(mean) + 1)), mean=[short(x) for x in mean.tolist()],
            ci95=[short(x) for x in half.tolist()],
        ))  # fmt: skip
    return curves, [repayment(means["champion"], means[FIXED], lives * plan.lives)]


def repayment(own: np.ndarray, usual: np.ndarray, lives: int) -> str:  # type: ignore[type-arg]
    """Say after how many searches an outer search of so many is repaid; f64[T] of each, what is recovered in the mean.

    A search by habits is over as soon as it has recovered what one by fixed habits has at its end; the generations that
    are left are saved, as shares of a search.
    """
    sooner = np.flatnonzero(own >= usual[-1])
    cost = f"the outer search took {lives:,} searches for rules"
    if not len(sooner) or sooner[0] + 1 >= len(usual):
        return f"{cost}; a search by these habits is not sooner where one by fixed habits ends: that is never repaid"
    saved = 1.0 - (int(sooner[0]) + 1) / len(usual)
    return (
        f"{cost}; a search by these habits is after {int(sooner[0]) + 1} of {len(usual)} generations where one by "
        f"fixed habits ends: repaid after {int(np.ceil(lives / saved)):,} searches like these"
    )
