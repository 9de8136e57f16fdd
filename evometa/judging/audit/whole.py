"""The audit of a champion: all checks, judged together, and said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evometa.errors.text import plural
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.audit.agent import Agent
from evometa.judging.audit.checks import Row, checks_of
from evometa.judging.audit.judgement import Fault, across, combined, judged
from evometa.judging.audit.learner import Learner
from evometa.judging.audit.search import SearchSubject
from evometa.judging.audit.subject import Subject
from evometa.judging.audit.teacher import Teacher
from evometa.judging.audits import SOUND, Audit, Cell, Check
from evometa.judging.habits import FIXED

MEANS = ("champion", "stock", "innate", "chance", "margin")  # of several runs


Drafts = list[tuple[Row, list[Fault]]]
"""What each check found, before it is judged."""


@dataclass(frozen=True)
class Draft:
    """An audit before it is judged: what each check found, and all that is said beside it."""

    faults: Drafts
    rest: Audit


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
    return closed(draft(evaluator, genome, rivals=rivals, tasks=tasks, individual=individual))


def draft(
    evaluator: Evaluator,
    genome: Genome,
    *,
    rivals: Mapping[str, Mapping[str, float]],
    tasks: int,
    individual: int = 0,
) -> Draft:
    """Return an audit before it is judged; arguments as of `audit`."""
    subject = subject_of(evaluator, genome, rivals, tasks)
    faults = [(row, list(row.faults(subject))) for row in checks_of(evaluator.config)]
    base = subject.base
    return Draft(faults, Audit(
        individual=individual, measure=subject.measure, lower_is_better=subject.sign < 0,
        tasks=base.champion.shape[1], orders=len(subject.reordered), lifetimes=subject.lived,
        champion=subject.sign * float(base.champion.mean()),
        stock=None if base.stock is None else subject.sign * float(base.stock.mean()), rival=subject.best,
        innate=subject.sign * float(subject.innate.champion.mean()), chance=subject.sign * float(subject.chance.mean()),
        margin=subject.margin, unit=subject.unit,
    ))  # fmt: skip


def subject_of(evaluator: Evaluator, genome: Genome, rivals: Mapping[str, Mapping[str, float]], tasks: int) -> Subject:
    """Return who is audited, of the kind that its recipe's lives are."""
    config = evaluator.config
    if config.searches:
        return SearchSubject(evaluator, genome, {FIXED: {}}, tasks)
    kind: type[Subject] = Teacher if config.teaches else Agent if config.acts else Learner
    return kind(evaluator, genome, rivals, tasks)


def closed(one: Draft) -> Audit:
    """Return an audit, judged."""
    cells = iter(judged([fault for row, faults in one.faults if not row.says for fault in faults]))
    checks = []
    for row, faults in one.faults:
        own = [fault.cell.model_copy(update={"verdict": "passes"}) if row.says else next(cells) for fault in faults]
        checks.append(_check(row, own, one.rest.unit))
    return one.rest.model_copy(update={"tests": checks})


def together(drafts: Sequence[Draft]) -> Audit:
    """Return the audit of several runs' champions: whether they have a fault in the mean over runs."""
    rows = []
    for place, (row, _) in enumerate(drafts[0].faults):
        found = [{fault.cell.name: fault for fault in one.faults[place][1]} for one in drafts]
        names = [name for name in found[0] if all(name in own for own in found)]
        rows.append((row, [across([own[name] for own in found]) for name in names]))
    rest = [one.rest for one in drafts]
    same = len({one.rival for one in rest}) == 1
    means = {name: _mean([getattr(one, name) for one in rest]) for name in MEANS}
    return closed(Draft(rows, rest[0].model_copy(update={
        **means, "runs": len(drafts), "tasks": min(one.tasks for one in rest), "individual": 0,
        "orders": min(one.orders for one in rest), "rival": rest[0].rival if same else "the best stock rule of each",
        "lifetimes": sum(one.lifetimes for one in rest),
    })))  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _check(row: Row, cells: Sequence[Cell], unit: str) -> Check:
    verdict = combined(cells) if not row.says else "passes"
    said = words(row, verdict, cells, unit)
    return Check(name=row.name, question=row.question, verdict=verdict, words=said, cells=list(cells))


def words(row: Row, verdict: str, cells: Sequence[Cell], unit: str = "task") -> str:
    """Return a verdict in words; `unit`: what tasks are made of that is drawn independently."""
    if row.says:
        return f"{row.told}: {', '.join(cell.name for cell in cells)}" if cells else SOUND
    if verdict == "left out":
        return row.absent or "not asked of these tasks and lives"
    if verdict == "passes":
        return SOUND
    if verdict == "undecided":
        needed = [cell.needed for cell in cells if cell.verdict == "undecided" and cell.needed]
        return f"undecided; some {max(needed):,} {plural(unit)} would decide" if needed else "undecided"
    wrong = [cell for cell in cells if cell.verdict == "flagged"]
    blame = " (so does the stock rule: these tasks are at fault)" if all(cell.family for cell in wrong) else ""
    return f"{row.told}: {', '.join(cell.name for cell in wrong)}{blame}"
