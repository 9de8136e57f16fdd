"""The analysis of a learner that acts: what each part of its rule is worth, and how well it does by part of life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evometa.evolution.evaluation import Evaluator
from evometa.evolution.measures import lower_is_better
from evometa.genetics.genome import Genome
from evometa.judging import teachers
from evometa.judging.agents import exam_of, genome_of
from evometa.judging.analyses import Analysis, Curve, Part
from evometa.judging.analysis.change import Change
from evometa.judging.analysis.curriculum import curriculum_of
from evometa.judging.analysis.journey import journey_of
from evometa.judging.analysis.measurement import Trial, effect, short
from evometa.judging.analysis.parts import changes_of
from evometa.judging.analysis.positions import positions_of
from evometa.judging.exam import lost, open_exam
from evometa.language.acting_library import AGENTS
from evometa.language.liveness import living
from evometa.language.teaching_library import TEACHERS
from evometa.lifetime import Outcomes

MOST = 24  # changes that are lived, larger parts first
TASKS = 500  # lives of each changed learner


def analyse_agent(
    evaluator: Evaluator, genome: Genome, tasks: int | None, rivals: Mapping[str, Mapping[str, float]]
) -> Analysis:
    """Return what a learner that acts is made of, measured on held-out lives, and its course beside that of rivals.

    `rivals`: the tuned dials of classic agents, by name; see `analyse`.
    """
    config = evaluator.config
    exam = open_exam(evaluator, "test", tasks or min(TASKS, config.sampling.test_tasks))
    trial = Trial(exam, [lesson.plan.length for _, lesson in exam.drawn])
    changes = _changes(genome)
    lived = changes[:MOST]
    altered = [genome.replace(rule={**genome.rule, change.slot: change.tree}) for change in lived]
    outcomes = exam.live([genome, *altered], "analysis")
    whole = trial.scores(outcomes, 0)
    journey, notes = journey_of(evaluator, genome)
    return Analysis(
        tasks=exam.tasks, over=exam.over(), measure=trial.measure, lower_is_better=lower_is_better(trial.measure),
        whole=trial.score(whole), innate=trial.score(trial.scores(outcomes, 0, 0)), diverged=lost(outcomes),
        lifetimes=int(sum(each.status.shape[1] for each in outcomes)),
        ablation=[
            Part(slot=change.slot, term=change.term, kind=change.kind, change=change.change, formula=change.formula,
                 size=None, **effect(trial, outcomes, g, whole))
            for g, change in enumerate(lived, start=1)
        ],
        ablation_left_out=len(changes) - len(lived),
        curves=[_curve(trial, outcomes, "champion"), *_beside(evaluator, trial, rivals)],
        journey=journey, curriculum=curriculum_of(evaluator, genome), positions=positions_of(evaluator, genome),
        notes=notes,
    )  # fmt: skip


def _changes(genome: Genome) -> list[Change]:
    """Return all changes to the slots that learning feels, those of larger parts first."""
    known = {f"c{i}": float(value) for i, value in enumerate(genome.coefficients)}
    slots = living(genome.rule, acts=True)
    found = [change for slot, tree in slots.items() for change in changes_of(slot, tree, known, None)]
    return sorted(found, key=lambda change: len(change.tree))


def _beside(evaluator: Evaluator, trial: Trial, rivals: Mapping[str, Mapping[str, float]]) -> Iterator[Curve]:
    """Yield the courses of classic agents in the same lives."""
    for name in (each for each in rivals if each in TEACHERS):
        taught = teachers.exam_of(TEACHERS[name], evaluator, trial.exam.tasks)
        outcomes = taught.live([teachers.genome_of(TEACHERS[name], rivals[name])], "analysis")
        yield _curve(replace(trial, exam=taught), outcomes, name)
    for name in (each for each in rivals if each in AGENTS):
        exam = exam_of(AGENTS[name], evaluator, trial.exam.tasks)
        outcomes = exam.live([genome_of(AGENTS[name], rivals[name])], "analysis")
        yield _curve(replace(trial, exam=exam), outcomes, name)


def _curve(trial: Trial, outcomes: Sequence[Outcomes], name: str) -> Curve:
    """Return how well the first learner does in each window of its life."""
    points = trial.drawn[0][1].plan.checkpoints.tolist()
    scores = [trial.score(trial.scores(outcomes, 0, c)) for c in range(len(points))]
    means, halves = [short(one.mean) for one in scores], [short(one.ci95) for one in scores]
    return Curve(name=name, updates=points, mean=means, ci95=halves)
