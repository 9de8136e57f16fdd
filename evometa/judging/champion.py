"""Choosing a champion on meta-validation tasks, and reporting it on meta-test tasks against tuned stock learners.

No number reported here was used to choose anything: rules evolve and stock rules are tuned on meta-train tasks,
the champion is picked on meta-validation tasks, and both meet the meta-test tasks once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evometa.evolution.courses import course_of, lessons
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.sequences import end_of
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual
from evometa.judging import teachers
from evometa.judging.agents import TunedAgent, exam_of, tune_agents
from evometa.judging.behaviour import behaviour
from evometa.judging.choice import choose
from evometa.judging.embedding import peers_on_embedding, with_matching
from evometa.judging.episode import episode_of
from evometa.judging.exam import Exam, Scores, lost, main_measure, open_exam, set_name
from evometa.judging.habits import beside, rivals_of
from evometa.judging.lifelong import Dials, dials_of, lifelong, other_stream
from evometa.judging.overlap import overlap
from evometa.judging.peers import peers
from evometa.judging.reports import Baseline, Comparison, OtherTest, Point, Report
from evometa.judging.rows_of_worlds import is_row_of_worlds, row_of_worlds
from evometa.judging.scores import Score
from evometa.judging.teachers import TunedTeacher, tune_teachers
from evometa.judging.tuning import stock_genome, tune
from evometa.language.library import RULES
from evometa.lifetime import Outcomes
from evometa.tasks.sequences import SequenceFamily


def examine(evaluator: Evaluator, candidates: Sequence[Individual], lives: int = 0) -> Report:
    """Choose the champion among candidates, and return the final report on it; `lives`: those that evolution took."""
    config = evaluator.config
    before = evaluator.lived.copy()
    share = config.champion.share
    chosen, validation = choose(evaluator, candidates, int(lives * share / (1.0 - share)))
    exam = open_exam(evaluator, "test", config.sampling.test_tasks, updates=config.champion.updates)
    outcomes = exam.live([chosen.genome], "test")
    ends = [end_of(lesson.plan) for _, lesson in exam.drawn]
    own = {measure: exam.scores(outcomes, 0, measure, ends) for measure in exam.measures}
    main, rivals = exam.measures[0], dict[str, tuple[Genome, int | None]]()
    if config.searches:  # whose budget is that of evolution and of the choice together
        rivals = rivals_of(evaluator, chosen.genome, lives + (evaluator.lived - before)["choice"])
    course, lesson = evaluator.draw("validation", 0, config.sampling.validation_tasks)[0]
    dials = dials_of(evaluator)
    report = Report(
        champion=chosen.id,
        measure=main,
        meta_validation=validation,
        meta_test=exam.score(own[main], main),
        also={measure: exam.score(own[measure], measure) for measure in exam.measures[1:]},
        over=exam.over(),
        overlap=overlap(evaluator, exam.drawn),
        innate=exam.score(exam.scores(outcomes, 0, main, 0), main),
        diverged=lost(outcomes),
        lifetimes=int(sum(each.status.size for each in outcomes)),
        curve=curve(exam, outcomes, 0),
        instances=by_instance(exam, outcomes, 0),
        baselines=[*stock_rules(evaluator, own), *stock_learners(exam, own, chosen.genome), *beside(exam, own, rivals)],
        other_tests=list(other_tests(evaluator, chosen.genome, rivals, dials)),
        behaviour=behaviour(chosen.genome, course, lesson),
        episode=episode_of(evaluator, chosen.genome),
        lived=dict(evaluator.lived - before),
    )
    report = lifelong(report, exam, chosen.genome, outcomes, own, dials)
    return report if len(exam.drawn) == 1 else report.model_copy(update={"sets": exam.by_set(own[main], main)})


def by_instance(exam: Exam, outcomes: Sequence[Outcomes], g: int) -> list[Score]:
    """Return a learner's accuracy on the first images of their classes in sequences, on the second, and so on.

    Nothing for tasks that are no such sequences, and for several sets.
    """
    (course, lesson), *more = exam.drawn
    if more or not isinstance(course.family, SequenceFamily):
        return []
    numbers = course.family.instances(lesson.tasks)
    if numbers is None:
        return []
    right, found = outcomes[0].accuracy[g, 1:-1].astype(np.float64), []  # of each tick
    for number in range(1, int(numbers.max()) + 1):
        these = numbers == number  # at least one in each task, as there are two classes or more
        lanes = np.where(these, right, 0.0).sum(axis=0) / these.sum(axis=0)
        found.append(exam.score([exam.by_task(0, lanes)], "accuracy"))
    return found


def other_tests(
    evaluator: Evaluator, genome: Genome, rivals: dict[str, tuple[Genome, int | None]], dials: Dials
) -> Iterator[OtherTest]:
    """Yield reports on a genome's further tests, of as many tasks as the main one, beside plain learners, or rivals.

    `dials`: of plain learners of streams.
    """
    config, courses = evaluator.config, [one for one in evaluator.courses if one.serves("test")]
    for course in courses:
        for name, family in course.family.others.items():
            other = replace(course, family=family)
            if family.kind in ("acting", "search"):  # which may have other sizes
                other = course_of(config, course.number, family)
            lesson = lessons(other, config, "test", 0, config.sampling.test_tasks, purpose=f"{name} ")
            exam = Exam(evaluator, [(other, lesson)])
            outcomes = exam.live([genome], "test")
            own = {measure: exam.scores(outcomes, 0, measure) for measure in exam.measures}
            main, *more = own
            also = {measure: exam.score(own[measure], measure) for measure in more}
            told = name if len(courses) == 1 else f"{set_name(course)} {name}"
            rows = [*stock_learners(exam, own, genome), *beside(exam, own, rivals)]
            test = OtherTest(**exam.score(own[main], main), name=told, also=also, baselines=rows)
            yield other_stream(test, exam, genome, own, dials)


def curve(exam: Exam, outcomes: Sequence[Outcomes], g: int) -> list[Point]:
    """Return a learner's score at each checkpoint; none where sets of tasks have different ones."""
    points = [lesson.plan.checkpoints.tolist() for _, lesson in exam.drawn]
    main = exam.measures[0]
    return [
        Point(updates=point, **exam.score(exam.scores(outcomes, g, main, c), main))
        for c, point in enumerate(points[0])
        if all(at == points[0] for at in points)
    ]


def stock_rules(evaluator: Evaluator, champion: Mapping[str, Scores]) -> list[Baseline]:
    """Tune classic rules on meta-train tasks, and report them on meta-test tasks beside the champion's scores there.

    They live in the same networks, for as many updates; their first weights are drawn, since they inherit none.
    """
    if evaluator.config.searches:
        return []
    if evaluator.config.acts:
        return list(classic_agents(evaluator, champion))
    tuned = tune(evaluator, main_measure(evaluator.config))
    if not tuned:
        return []
    dials = {each.rule.name: each.dials for each in tuned}
    count, longer = evaluator.config.sampling.test_tasks, evaluator.config.champion.updates
    exam = open_exam(evaluator, "test", count, fresh=True)
    outcomes = exam.live(stock_genomes(exam, dials), "test")
    whole = exam if longer is None else open_exam(evaluator, "test", count, fresh=True, updates=longer)
    courses = outcomes if longer is None else whole.live(stock_genomes(whole, dials), "test")
    rows = []
    for g, one in enumerate(tuned):
        scores = {measure: exam.scores(outcomes, g, measure) for measure in champion}
        more = {"rate": one.dials["rate"], "dials": one.dials, "at_edge": one.at_edge, "tuned_on": one.tasks}
        more["curve"] = curve(whole, courses, g)
        if len(exam.drawn) > 1:
            more["sets"] = exam.by_set(scores[exam.measures[0]], exam.measures[0])
        rows.append(_row(exam, one.rule.name, scores, champion).model_copy(update=more))
    return rows


def classic_agents(evaluator: Evaluator, champion: Mapping[str, Scores]) -> Iterator[Baseline]:
    """Tune classic rules of learning from reward, or teachers, and yield reports, beside the champion's scores."""
    rivals: Any = _tuned_teachers(evaluator) if evaluator.config.teaches else _tuned_agents(evaluator)
    for tuned, name, exam in rivals:
        outcomes = exam.live([tuned.genome], "test")
        scores = {measure: exam.scores(outcomes, 0, measure) for measure in champion}
        more = {"dials": tuned.dials, "tuned_on": tuned.tasks, "curve": curve(exam, outcomes, 0)}
        if len(exam.drawn) > 1:
            more["sets"] = exam.by_set(scores[exam.measures[0]], exam.measures[0])
        elif is_row_of_worlds(exam.drawn[0][0]):
            more["row"] = row_of_worlds(exam, tuned.genome, outcomes[0], exam.measures[0])
        yield _row(exam, name, scores, champion).model_copy(update=more)


def _tuned_agents(evaluator: Evaluator) -> Iterator[tuple[TunedAgent, str, Exam]]:
    """Yield classic agents with their names and their tests."""
    for tuned in tune_agents(evaluator, main_measure(evaluator.config)):
        yield tuned, tuned.agent.name, exam_of(tuned.agent, evaluator, evaluator.config.sampling.test_tasks)


def _tuned_teachers(evaluator: Evaluator) -> Iterator[tuple[TunedTeacher, str, Exam]]:
    """Yield hand-made teachers with their names and their tests."""
    for tuned in tune_teachers(evaluator, main_measure(evaluator.config)):
        count = evaluator.config.sampling.test_tasks
        yield tuned, tuned.teacher.name, teachers.exam_of(tuned.teacher, evaluator, count)


def stock_genomes(exam: Exam, tuned: Mapping[str, Mapping[str, float]]) -> list[Genome]:
    """Return the genomes of classic rules, by name, with those dials, for lifetimes as long as a recipe's."""
    updates = exam.drawn[0][1].plan.length
    return [stock_genome(RULES[name], dials, updates) for name, dials in tuned.items()]


def stock_learners(exam: Exam, champion: Mapping[str, Scores], genome: Genome) -> list[Baseline]:
    """Report plain learners (prototypes, neighbours, linear models, support vectors) on the same meta-test tasks.

    Under a head that compares, prototypes, neighbours and matching on the champion's embedding, too.
    """
    if not exam.evaluator.config.champion.peers or len(exam.drawn) > 1:
        return []
    (course, lesson), parts = exam.drawn[0], exam.parts[0]
    if course.family.kind in ("acting", "search"):
        return []
    family = course.family
    if family.sequence or family.whole or family.counts:  # queries among the examples; learners of their own
        return []
    tasks = lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats))
    rows = []
    for name, peer in (peers(tasks, course.head) | peers_on_embedding(genome, course, lesson)).items():
        if peer.measure not in champion:
            continue
        scores: dict[str, Scores] = {}
        if len(peer.answers):
            each = [peer.scores(tasks.query_y, k, parts) for k in range(parts)]
            scores[peer.measure] = [np.stack(each).astype(np.float64)]
        rows.append(_row(exam, name, scores, champion))
    attentive = with_matching(exam, genome)
    if attentive:
        rows.append(_row(exam, "matching on the embedding", attentive, champion))
    return rows


def _row(exam: Exam, name: str, scores: Mapping[str, Scores], champion: Mapping[str, Scores]) -> Baseline:
    """Return the row of a stock learner, beside the champion's scores on the same tasks."""
    found = {
        measure: Comparison(**exam.score(own, measure), difference=exam.difference(champion[measure], own, measure))
        for measure, own in scores.items()
    }
    main = found.pop(exam.measures[0], None) or Comparison(mean=None, ci95=None, n=0, difference=None)
    return Baseline(name=name, also=found, **main)
