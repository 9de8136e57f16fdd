"""The table of checks: of each what is disturbed, and what is a fault.

To add one: write a function that returns the faults of its cells, and give it a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evometa.judging.audit.inert import inert
from evometa.judging.audit.judgement import Fault
from evometa.judging.audit.leaks import leaks
from evometa.judging.audit.learning import (
    fresh_tasks,
    inputs_permuted,
    labels_permuted,
    labels_shuffled,
    learning,
    measures,
    other_support,
)
from evometa.judging.audit.robustness import births, examples, learned, lives, noise, orders, peaks, shifts, tasks
from evometa.judging.audit.subject import Subject


@dataclass(frozen=True)
class Row:
    """One check: its name, what it asks, and what finds its faults; `told`: what is said where there is one; `says`:
    its cells are told, and none of them is a fault."""

    name: str
    question: str
    faults: Callable[[Subject], Iterator[Fault]]
    told: str
    says: bool = False


CHECKS: Sequence[Row] = (
    Row("learning", "Does it learn?", learning, "it does not learn"),
    Row("labels shuffled", "Does it need its labels?", labels_shuffled, "it answers as well without them"),
    Row("another task's support", "Does it need its own examples?", other_support, "those of another serve as well"),
    Row("labels permuted", "Does it matter what classes are called?", labels_permuted, "it does"),
    Row("inputs permuted", "Does it matter where inputs lie?", inputs_permuted, "it does"),
    Row("orders", "Does it hang on the order of examples?", orders, "more than the stock rule"),
    Row("births", "Does it hang on its first weights?", births, "more than the stock rule"),
    Row("learned weights", "Does what it has learned stand noise?", learned, "less than it should"),
    Row("examples", "Do fewer examples cost it more, or more of them?", examples, "more than the stock rule"),
    Row("lives", "Does it stand shorter and longer lives?", lives, "not as the stock rule does"),
    Row("noise", "Does its lead stand noise and wrong labels?", noise, "it does not"),
    Row("shifts", "Does its lead stand other inputs?", shifts, "it does not"),
    Row("other tasks", "Does its lead stand other settings of the tasks?", tasks, "it does not"),
    Row("fresh tasks", "Was it chosen by luck?", fresh_tasks, "on other tasks it is worse"),
    Row("leaks", "Do tasks, or splits, give away what they ask?", leaks, "they do"),
    Row("measures", "Do other measures agree?", measures, "they part ways"),
    Row("peaks", "Is it as good a little earlier and later?", peaks, "it peaks just where it is judged"),
    Row("inert parts", "Does every part of it do something?", inert, "these change nothing", says=True),
)
