"""What a final report says of lives of many tasks, and of streams of classes, beside its usual parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.exam import Exam, Scores
from evometa.judging.reports import OtherTest, Report
from evometa.judging.rows import is_row, row_baselines, row_course
from evometa.judging.rows_of_worlds import is_row_of_worlds, row_of_worlds
from evometa.judging.streams import is_stream, stream_baselines, stream_course, tuned_dials
from evometa.lifetime import Outcomes

Dials = Mapping[str, dict[str, float]]


def dials_of(evaluator: Evaluator) -> Dials:
    """Return the dials of plain learners of streams, tuned once for all tests; none where there are no streams."""
    config = evaluator.config
    return tuned_dials(evaluator) if is_stream(config) and config.champion.peers else {}


def lifelong(report: Report, exam: Exam, genome: Genome, outcomes: Sequence[Outcomes],
             champion: Mapping[str, Scores], dials: Dials) -> Report:  # fmt: skip
    """Return a report with how the champion's lives of many tasks, or its streams, go, beside plain learners."""
    evaluator, config = exam.evaluator, exam.evaluator.config
    course, _ = exam.drawn[0]
    if len(exam.drawn) == 1 and is_row_of_worlds(course):
        return report.model_copy(update={"row": row_of_worlds(exam, genome, outcomes[0], exam.measures[0])})
    classes = course.family.kind == "classification"
    if len(exam.drawn) > 1 or not classes:
        return report
    more: dict[str, Any] = {}
    if is_stream(config):
        more["stream"] = stream_course(exam, genome)
        more["baselines"] = [*report.baselines, *stream_baselines(exam, champion["accuracy"], dials)] if dials else []
    elif is_row(course):
        more["row"] = row_course(exam, genome, outcomes[0])
        rows = (
            row_baselines(evaluator, champion["accuracy"], config.sampling.test_tasks) if config.champion.peers else ()
        )
        more["baselines"] = [*report.baselines, *rows]
    return report.model_copy(update=more) if more else report


def other_stream(
    test: OtherTest, exam: Exam, genome: Genome, champion: Mapping[str, Scores], dials: Dials
) -> OtherTest:
    """Return a further test with how its streams go; others as they are."""
    if not is_stream(exam.evaluator.config):
        return test
    stream = stream_course(exam, genome)
    rows = list(stream_baselines(exam, champion["accuracy"], dials)) if dials else []
    return test.model_copy(update={"stream": stream, "memory": stream.memory, "baselines": rows})
