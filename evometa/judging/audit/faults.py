"""Faults: what is measured of a disturbance, above 0 where it shows something wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evometa.evolution.courses import Drawn
from evometa.judging.audit.judgement import F64, I64, Fault, Resamples
from evometa.judging.audit.subject import Scores, Subject, members_of
from evometa.judging.audit.transforms import Transform
from evometa.judging.audits import Cell

REMAINS = 0.2  # of what is learned, that may remain where nothing can be learned


def cell_of(subject: Subject, name: str, found: Scores) -> Cell:
    """Return a cell with the scores in it, as the measure has them."""
    stock = None if found.stock is None else subject.sign * float(found.stock.mean())
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


def remaining(subject: Subject, name: str, found: Scores) -> Fault:
    """Return how much more than REMAINS of what is learned is left; the same fault of a stock rule blames the tasks."""
    left = found.champion - REMAINS * subject.base.champion - (1 - REMAINS) * subject.chance
    fault = fault_of(subject, name, found, left)
    if found.stock is None or subject.base.stock is None:
        return fault
    own = found.stock - REMAINS * subject.base.stock - (1 - REMAINS) * subject.chance
    return replace(fault, cell=Cell(**{**fault.cell.plain(), "family": bool(own.mean() > 0)}))


def invariant(subject: Subject, name: str, found: Scores) -> Fault:
    """Return how much more than the margin a score falls that should not."""
    return fault_of(subject, name, found, subject.base.champion - found.champion - subject.margin)


def scattered(subject: Subject, name: str, found: Scores) -> Fault:
    """Return by how much scores of a task scatter more than the stock rule's, beyond the margin."""
    own = found.champion.std(axis=0, ddof=1)
    stock = 0.0 if found.stock is None else found.stock.std(axis=0, ddof=1)
    return fault_of(subject, name, found, own - stock - subject.margin)


def worse_than_stock(subject: Subject, name: str, found: Scores, before: Scores | None = None) -> Fault:
    """Return by how much more than the margin a score falls, and than a stock rule's, if no lead is left then.

    `before`: what is scored undisturbed, where that is not in all orders and tasks.
    """
    before = before or subject.base
    drop = before.champion - found.champion
    values = [drop - subject.margin]
    if before.stock is not None and found.stock is not None:
        values.append(drop - (before.stock - found.stock) - subject.margin)
        values.append(lost_lead(subject, found))
    return fault_of(subject, name, found, *values)


def lead(subject: Subject, name: str, transform: Transform) -> Iterator[Fault]:
    """Yield how far the lead over the best stock rule, if there is one, falls below what it was, or below nothing."""
    if subject.best is not None:
        found = subject.scores(transform)
        yield fault_of(subject, name, found, lost_lead(subject, found))


def lost_lead(subject: Subject, found: Scores, before: Scores | None = None) -> F64:
    """Return how far the lead over the best stock rule is below what it was, or below nothing, beyond the margin.

    `before`: what is scored undisturbed, where that is not in all orders.
    """
    before = before or subject.base
    assert before.stock is not None
    assert found.stock is not None
    lead = float((before.champion - before.stock).mean())
    return np.asarray(min(0.0, lead) - subject.margin - (found.champion - found.stock))


def elsewhere(subject: Subject, name: str, drawn: Drawn) -> Fault:
    """Return how far the lead over the best stock rule falls in other lessons, in one order."""
    found = subject.scored([drawn])
    return fault_of(subject, name, found, lost_lead(subject, found, subject.first_order), members=members_of(drawn))
