"""The audit is audited: champions with a fault are flagged for it, and those without pass.

Each fault is shown directly, too, apart from the audit: a plant that does no harm would prove nothing.
"""

from __future__ import annotations

import numpy as np
import pytest

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.audit.subject import Subject
from evometa.judging.audit.transforms import lasting, of_tasks, scaled
from evometa.judging.audit.whole import audit
from evometa.judging.audits import Audit, Check
from evometa.judging.champion import stock_genome
from evometa.language.library import RULES
from tests.judging.audit.planted import HONEST, RATE, UPDATES, Fault, answers, cancelling, evaluator_of, rule

TASKS = 100
RIVALS = {"sgd": {"rate": RATE}, "momentum": {"rate": 0.04, "β": 0.5}}
SGD = f"-{RATE}*grad"


def audited(genome: Genome, evaluator: Evaluator | None = None) -> Audit:
    return audit(evaluator or evaluator_of(), genome, rivals=RIVALS, tasks=TASKS)


def check(found: Audit, name: str) -> Check:
    return next(one for one in found.tests if one.name == name)


def score(genome: Genome, evaluator: Evaluator | None = None, **more: object) -> float:
    """Measure a champion directly: its mean accuracy, with lessons changed."""
    subject = Subject(evaluator or evaluator_of(), genome, RIVALS, TASKS)
    return float(subject.scores(**more).champion.mean())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "genome",
    [rule(SGD), stock_genome(RULES["momentum"], {"rate": 0.02, "β": 0.5}, UPDATES), rule("0.07*pre*(target - post)")],
    ids=["sgd", "momentum at half its rate", "delta rule"],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_honest_learners_are_not_flagged(genome: Genome, seed: int) -> None:
    assert audited(genome, evaluator_of(seed=seed)).flagged == []


def test_who_does_nothing_does_not_learn() -> None:
    idle = rule("0*grad")
    assert score(idle) == score(idle, checkpoint=0)
    assert "learning" in audited(idle).flagged


def test_who_is_born_with_the_answers_does_not_learn() -> None:
    world, born = evaluator_of(Fault(fixed=True)), rule("0*grad", weights=answers(2.0))
    assert score(born, world, checkpoint=0) > 0.95
    found = audited(born, world)
    assert {"learning", "labels shuffled", "another task's support", "labels permuted"} <= {*found.flagged}


def test_who_is_born_with_most_of_them_does_not_need_what_it_is_shown() -> None:
    noise = np.random.default_rng(1).standard_normal(15)
    nearly = (answers(0.2) + 0.4 * noise).astype(np.float32)
    world, born = evaluator_of(Fault(fixed=True)), rule("-0.02*grad", weights=nearly)
    assert score(born, world) > score(born, world, checkpoint=0)
    found = audited(born, world)
    assert {"labels shuffled", "another task's support", "labels permuted"} <= {*found.flagged}


def test_tasks_that_are_all_the_same_are_blamed_where_an_honest_learner_has_the_fault() -> None:
    world = evaluator_of(Fault(fixed=True))
    found = check(audited(rule(SGD), world), "another task's support")
    assert found.verdict == "flagged"
    assert "these tasks are at fault" in found.words


def test_who_peaks_just_where_it_is_judged() -> None:
    # it gathers gradients, takes them all at the last update, and gives them back at the next
    last, next_ = (f"max(0, 1 - abs(s1 - {place}))" for place in (UPDATES, UPDATES + 1))
    peak = rule(f"{RATE}*s2*({next_} - {last})", s1="s1 + 1", s2="s2 + grad")
    subject = Subject(evaluator_of(), peak, RIVALS, TASKS)
    at = [
        float(subject.scored([[(c, lasting(1 + k / UPDATES)(one)) for c, one in subject.drawn]], 1).champion.mean())
        for k in (-1, 0, 1)
    ]
    assert at[1] > at[0] + 0.2
    assert at[1] > at[2] + 0.1
    assert "peaks" in audited(peak).flagged


def test_who_dies_of_a_little_noise() -> None:
    frail, noise = rule("-0.005*grad", weights=cancelling(19.0)), np.random.default_rng(0).standard_normal(15)
    shaken = frail.replace(weights=(cancelling(19.0) + 0.03 * 19.0 * noise).astype(np.float32))
    assert score(shaken) < score(frail) - 0.2
    assert "births" in audited(frail).flagged


def test_who_cannot_stand_larger_inputs() -> None:
    clipped = rule(f"-{RATE}*grad*step(2 - abs(grad))")
    assert score(clipped, transform=of_tasks(scaled(2.0, 0.0))) < score(clipped) - 0.1
    assert "shifts" in audited(clipped).flagged


def test_who_forgets_after_its_time() -> None:
    drifting = rule(f"{SGD} - 0.5*step(s1 - {UPDATES}.5)*w", s1="s1 + 1")
    assert score(drifting, transform=lasting(4.0), checkpoint=1) < score(drifting) - 0.05
    assert "lives" in audited(drifting).flagged


def test_who_inflates_weights_keeps_its_accuracy_and_loses_by_loss() -> None:
    loud = rule(f"{SGD} + 0.3*w")
    assert score(loud) > 0.6
    found = audited(loud)
    assert "measures" in found.flagged


@pytest.mark.parametrize("fault", [Fault(contain=True), Fault(tells=True)], ids=["queries seen", "labels told"])
def test_tasks_that_give_their_answers_away(fault: Fault) -> None:
    assert "leaks" in audited(rule(SGD), evaluator_of(fault)).flagged
    assert "leaks" not in audited(rule(SGD), evaluator_of(HONEST)).flagged


def test_who_was_chosen_by_luck() -> None:
    world, rng = evaluator_of(), np.random.default_rng(3)
    many = [rule("0*grad", weights=rng.standard_normal(15).astype(np.float32)) for _ in range(2000)]
    subject = Subject(world, many[0], RIVALS, TASKS)
    known, others = subject.draw("validation", "", 20), subject.draw("validation", "others ", 400)
    scores = subject.by_task(subject.live(many, known), known).mean(axis=1)
    lucky = many[int(scores.argmax())]
    assert scores.max() > subject.by_task(subject.live([lucky], others), others).mean() + 0.05
    assert "fresh tasks" in audited(lucky, world).flagged
