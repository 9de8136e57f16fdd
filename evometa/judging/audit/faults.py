"""Faults: what is measured of a disturbance, above 0 where it shows something wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evometa.judging.audit.judgement import F64, I64, Fault, Resamples
from evometa.judging.audit.subject import Scores, Subject
from evometa.judging.audit.transforms import Transform
from evometa.judging.audits import Cell

REMAINS = 0.2  # of what is learned, that may remain where nothing can be learned


def cell_of(subject: Subject, name: str, found: Scores) -> Cell:
    """Return a cell with the scores in it, as the measure has them."""
    stock = None if subject.best is None else subject.sign * float(found.stock[subject.best].mean())
    return Cell(name=name, champion=subject.sign * float(found.champion.mean()), stock=stock)


def fault_of(subject: Subject, name: str, found: Scores, *values: F64, members: I64 | None = None) -> Fault:
    """Return a fault that is there where all of some numbers of each order and task are above 0 in the mean.

    `members`: the units of these tasks, where they are not the subject's.
    """
    arrays = [np.atleast_2d(each) for each in values]
    units = subject.members if members is None else members
    drawn = {len(each): Resamples.over(units[:, : each.shape[1]], len(each)) for each in arrays}
    means = [drawn[len(each)].means(each) for each in arrays]
    value, one = float(min(each.mean() for each in arrays)), next(iter(drawn.values()))
    cell, tasks = cell_of(subject, name, found), arrays[0].shape[1]
    return Fault(cell, value, np.min(means, axis=0), tasks, units=None if one.units == tasks else one.units)


def remaining(subject: Subject, name: str, transform: Transform) -> Fault:
    """Return how much more than REMAINS of what is learned is left; the same fault of a stock rule blames the tasks."""
    found = subject.scores(transform)
    left = found.champion - REMAINS * subject.base.champion - (1 - REMAINS) * subject.chance
    fault = fault_of(subject, name, found, left)
    if subject.best is None:
        return fault
    own = found.stock[subject.best] - REMAINS * subject.base.stock[subject.best] - (1 - REMAINS) * subject.chance
    return replace(fault, cell=Cell(**{**fault.cell.plain(), "family": bool(own.mean() > 0)}))


def invariant(subject: Subject, name: str, transform: Transform) -> Fault:
    """Return how much more than the margin a score falls that should not."""
    found = subject.scores(transform)
    return fault_of(subject, name, found, subject.base.champion - found.champion - subject.margin)


def scattered(subject: Subject, name: str, found: Scores) -> Fault:
    """Return by how much scores of a task scatter more than the stock rule's, beyond the margin."""
    own = found.champion.std(axis=0, ddof=1)
    stock = 0.0 if subject.best is None else found.stock[subject.best].std(axis=0, ddof=1)
    return fault_of(subject, name, found, own - stock - subject.margin)


def worse_than_stock(subject: Subject, name: str, found: Scores, before: Scores | None = None) -> Fault:
    """Return by how much more than the margin a score falls, and than a stock rule's, if no lead is left then.

    `before`: what is scored undisturbed, where that is not in all orders and tasks.
    """
    before, best = before or subject.base, subject.best
    drop = before.champion - found.champion
    values = [drop - subject.margin]
    if best is not None:
        values.append(drop - (before.stock[best] - found.stock[best]) - subject.margin)
        values.append(lost_lead(subject, found, best))
    return fault_of(subject, name, found, *values)


def lead(subject: Subject, name: str, transform: Transform) -> Iterator[Fault]:
    """Yield how far the lead over the best stock rule, if there is one, falls below what it was, or below nothing."""
    best = subject.best
    if best is not None:
        found = subject.scores(transform)
        yield fault_of(subject, name, found, lost_lead(subject, found, best))


def lost_lead(subject: Subject, found: Scores, best: int, lead: float | None = None) -> F64:
    """Return how far the lead over a stock rule is below what it was, or below nothing, beyond the margin.

    `lead`: what it was, where that is not the one in all orders.
    """
    before = float((subject.base.champion - subject.base.stock[best]).mean()) if lead is None else lead
    return np.asarray(min(0.0, before) - subject.margin - (found.champion - found.stock[best]))
