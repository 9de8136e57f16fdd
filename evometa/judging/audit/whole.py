"""The audit of a champion: all checks, judged together, and said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.audit.checks import CHECKS, Row
from evometa.judging.audit.judgement import combined, judged
from evometa.judging.audit.subject import Subject
from evometa.judging.audits import Audit, Cell, Check


def audit(
    evaluator: Evaluator,
    genome: Genome,
    *,
    rivals: Mapping[str, Mapping[str, float]],
    tasks: int,
    individual: int = 0,
) -> Audit:
    """Return what an audit of a learner on so many held-out tasks finds; `rivals`: tuned dials of stock rules, by name.

    The same arguments give the same audit.
    """
    subject = Subject(evaluator, genome, rivals, tasks)
    drafts = [(row, list(row.faults(subject))) for row in CHECKS]
    cells = iter(judged([fault for _, faults in drafts for fault in faults]))
    checks = [_check(row, [next(cells) for _ in faults]) for row, faults in drafts]
    best = subject.best
    return Audit(
        individual=individual, measure=subject.measure, lower_is_better=subject.sign < 0,
        tasks=subject.base.champion.shape[1], orders=len(subject.reordered), lifetimes=subject.lived,
        champion=subject.sign * float(subject.base.champion.mean()),
        stock=None if best is None else subject.sign * float(subject.base.stock[best].mean()), rival=subject.rival,
        innate=subject.sign * float(subject.innate.champion.mean()), chance=subject.sign * float(subject.chance.mean()),
        margin=subject.margin, tests=checks,
    )  # fmt: skip


def _check(row: Row, cells: Sequence[Cell]) -> Check:
    verdict = combined(cells)
    said = words(row, verdict, cells)
    return Check(name=row.name, question=row.question, verdict=verdict, words=said, cells=list(cells))


def words(row: Row, verdict: str, cells: Sequence[Cell]) -> str:
    """Return a verdict in words."""
    if verdict == "left out":
        return "not asked of these tasks and lives"
    if verdict == "passes":
        return "as it should be"
    if verdict == "undecided":
        needed = [cell.needed for cell in cells if cell.verdict == "undecided" and cell.needed]
        return f"undecided; some {max(needed):,} tasks would decide" if needed else "undecided"
    wrong = [cell for cell in cells if cell.verdict == "flagged"]
    blame = " (so does the stock rule: these tasks are at fault)" if all(cell.family for cell in wrong) else ""
    return f"{row.told}: {', '.join(cell.name for cell in wrong)}{blame}"
