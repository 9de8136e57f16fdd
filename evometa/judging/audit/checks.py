"""The tables of checks: of each what is disturbed, and what is a fault, for each kind of lives.

To add one: write a function that returns the faults of its cells, and give it a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evometa.config.schema import Config
from evometa.judging.audit import acting, acting_robustness, searching, teaching
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


@dataclass(frozen=True)
class Row:
    """One check: its name, what it asks, and what finds its faults; `told`: what is said where there is one; `says`:
    its cells are told, and none of them is a fault; `absent`: why lives of a kind are not asked."""

    name: str
    question: str
    faults: Callable[[Any], Iterator[Fault]]
    told: str
    says: bool = False
    absent: str = ""


def nothing(subject: Any) -> Iterator[Fault]:
    """Find nothing: there is nothing to ask."""
    return iter(())


def absent(reasons: Mapping[str, str]) -> Sequence[Row]:
    """Return rows of tests that have no meaning for lives of a kind, by the reasons."""
    return [Row(name, "", nothing, "", absent=reason) for name, reason in reasons.items()]


INERT = Row("inert parts", "Does every part of it do something?", inert, "these change nothing", says=True)

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
    INERT,
)

ACTING: Sequence[Row] = (
    Row("learning", "Does it learn?", acting.learning, "it does not learn"),
    Row("another life's rewards", "Does it need its own rewards?", acting.yoked, "those of another serve as well"),
    Row("actions permuted", "Does it matter what actions are called?", acting.actions_permuted, "it does"),
    Row("inputs permuted", "Does it matter where inputs lie?", acting.inputs_permuted, "it does"),
    Row("luck", "Does it hang on luck in its world?", acting.luck, "more than the stock rule"),
    Row("births", "Does it hang on its first weights?", acting.births, "more than the stock rule"),
    Row("learned weights", "Does what it has learned stand noise?", acting_robustness.learned, "less than it should"),
    Row("lives", "Does it stand shorter and longer lives?", acting_robustness.lives, "not as the stock rule does"),
    Row("noise", "Does its lead stand strange actions and wrong rewards?", acting_robustness.noise, "it does not"),
    Row("shifts", "Does its lead stand other rewards and inputs?", acting_robustness.shifts, "it does not"),
    Row("other tasks", "Does its lead stand other worlds?", acting_robustness.tasks, "it does not"),
    Row("fresh tasks", "Was it chosen by luck?", fresh_tasks, "on other tasks it is worse"),
    Row("leaks", "Do splits, or measures, give away what they ask?", acting.leaks, "they do"),
    Row("measures", "Do other measures agree?", acting.measures, "they part ways"),
    INERT,
    *absent({
        "labels shuffled": "there are no labels: see another life's rewards",
        "another task's support": "there is no support set: see another life's rewards",
        "labels permuted": "there are no labels: see actions permuted",
        "orders": "the order of what is met is the life's own: see luck",
        "examples": "what is met, and how often, is the life's own: see lives",
        "peaks": "it is judged all along its life: see lives",
    }),
)  # fmt: skip

TEACHING: Sequence[Row] = (
    Row("learning", "Do its students learn?", teaching.learning, "they do not"),
    Row("teaching", "Are its lessons better than lessons by chance?", teaching.teaching, "they are not"),
    Row("lives", "Does it stand more lessons?", teaching.lives, "not as the best hand-made teacher does"),
    Row("other starts", "Does its lead stand students of other first weights?", teaching.starts, "it does not"),
    Row("other tasks", "Does its lead stand other students?", acting_robustness.tasks, "it does not"),
    Row("fresh tasks", "Was it chosen by luck?", fresh_tasks, "with other students it is worse"),
    Row("leaks", "Do splits share their students?", acting.met_before, "they do"),
    INERT,
    *absent({
        "labels shuffled": "what is right is the game's: see teaching",
        "another task's support": "students all learn one game: see teaching",
        "labels permuted": "moves have the names of their places",
        "inputs permuted": "what is seen has the order of its places",
        "orders": "the order of lessons is the teacher's own: see teaching",
        "births": "a student is its first weights: other ones are other tasks",
        "learned weights": "a student is examined after each lesson, and none after the last",
        "examples": "examples are lessons: see lives",
        "noise": "what is right is the game's",
        "shifts": "a board has no other sizes: see other starts, other tasks",
        "measures": "lessons end when all measures agree that nobody can beat it",
        "peaks": "lessons end where the student is best",
    }),
)  # fmt: skip

SEARCHING: Sequence[Row] = (
    Row("learning", "Do searches find more than by fixed habits?", searching.gain, "they do not"),
    Row("labels shuffled", "Do they need true answers?", searching.answers_shuffled, "as much is gained without them"),
    Row("lives", "Does their lead stand shorter and longer searches?", searching.lengths, "it does not"),
    Row("noise", "Does their lead stand noise in what is told?", searching.noise, "it does not"),
    Row("shifts", "Does their lead stand smaller and larger searches?", searching.sizes, "it does not"),
    Row("other tasks", "Does their lead stand other hidden rules, or recipes?", acting_robustness.tasks, "it does not"),
    Row("fresh tasks", "Were they chosen by luck?", fresh_tasks, "in other searches they are worse"),
    Row("leaks", "Do splits share their hidden rules, or recipes?", acting.met_before, "they do"),
    Row("inert parts", "Does every habit do something?", searching.inert,
        "these change nothing in the place of fixed ones", says=True),
    *absent({
        "another task's support": "what is told of another rule is that rule's: see labels shuffled",
        "labels permuted": "answers are numbers: see labels shuffled",
        "inputs permuted": "signals have their names",
        "orders": "probes have no order",
        "births": "a search begins with random rules: other ones are fresh tasks",
        "learned weights": "what is found is a formula",
        "examples": "what is told are probes: see shifts",
        "measures": "all measures are of one curve",
        "peaks": "the mean over a search counts, too: see lives",
    }),
)  # fmt: skip


def checks_of(config: Config) -> Sequence[Row]:
    """Return the table of checks for a recipe's kind of lives."""
    if config.teaches:
        return TEACHING
    if config.searches:
        return SEARCHING
    return ACTING if config.acts else CHECKS
