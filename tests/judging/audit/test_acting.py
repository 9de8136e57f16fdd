"""The audit of champions that act: those with a fault are flagged for it, and classic agents are not.

Each fault is shown directly, too. The world: two or more arms, one of which pays more often.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.agents import exam_of, genome_of
from evometa.judging.audit import acting, acting_robustness, subject
from evometa.judging.audit import worlds as w
from evometa.judging.audit.agent import Agent
from evometa.judging.audit.checks import ACTING
from evometa.judging.audit.judgement import Fault, judged
from evometa.judging.audit.whole import audit, subject_of
from evometa.language.acting_library import AGENTS
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.lifetime.numba import cpu

TICKS, TASKS = 40, 40
DIALS = {"c0": 0.5, "c1": 4.0, "bound": 20.0}
RIVALS = {"rescorla_wagner": DIALS}
HONEST = "act*0.5*(4*reward - w)"


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many lucks as where lives take long, and few lives one by one."""
    monkeypatch.setattr(subject, "ORDERS", 3)
    monkeypatch.setattr(acting_robustness, "MOST", 24)


def evaluator_of(
    numbers: Mapping[str, float], measure: str = "regret", world: str = "bandit_reversing", worlds: int = 1
) -> Evaluator:
    own = {"ticks": TICKS, **numbers}
    config = load({
        "name": "arms", "tasks": {"family": "world", "world": world, "numbers": own},
        "lifetime": {"tasks": worlds},
        "acting": {"order": "same tick", "policy": "softmax"}, "network": {"hidden": []}, "weights": {"init": "zeros"},
        "rule": {"slots": ["update"], "signals": ["act", "reward", "w", "c0", "c1"]},
        "coefficients": {"values": [0.5, 4.0]}, "sampling": {"tasks": 20, "validation_tasks": 40, "test_tasks": 40},
        "fitness": {"objectives": [measure]}, "champion": {"baselines": ["rescorla_wagner"]},
    }).config  # fmt: skip
    return Evaluator(config, open_courses(config), cpu.live)


def agent(
    update: str, weights: list[float] | None = None, measure: str = "regret", world: str = "bandit_reversing",
    numbers: Mapping[str, float] | None = None, **slots: str,
) -> Agent:  # fmt: skip
    rule = parse_rule({"update": update, **slots}, "planted", ACTING_SLOTS)
    genome = Genome(rule, weights=None if weights is None else np.array(weights, np.float32),
                    coefficients=np.array([0.5, 4.0], np.float32))  # fmt: skip
    own = evaluator_of({"hazard": 0.0} if numbers is None else numbers, measure, world)
    found = subject_of(own, genome, RIVALS, TASKS)
    assert isinstance(found, Agent)
    return found


def verdicts(faults: list[Fault]) -> dict[str, str]:
    return {cell.name: cell.verdict for cell in judged(faults)}


def test_stock_rules_live_the_lives_of_their_own_test() -> None:
    one = agent(HONEST)
    ((genome, drawn),) = one.beside(one.drawn, ["rescorla_wagner"])
    exam = exam_of(AGENTS["rescorla_wagner"], one.evaluator, TASKS)
    wanted = exam.live([genome_of(AGENTS["rescorla_wagner"], DIALS)], "test")[0]
    assert np.array_equal(one.live([genome], drawn)[0].scores, wanted.scores)


@pytest.mark.parametrize("measure", ["regret", "reward"])
def test_an_honest_agent_is_not_flagged(measure: str) -> None:
    one = agent(HONEST, measure=measure)
    found = audit(one.evaluator, one.genome, rivals=RIVALS, tasks=TASKS)
    assert found.flagged == []
    assert [check.name for check in found.tests] == [row.name for row in ACTING]
    told = {check.name: check for check in found.tests}
    assert told["learning"].verdict == told["another life's rewards"].verdict == "passes"
    assert told["peaks"].verdict == "left out"
    assert "lives" in told["peaks"].words


def test_worlds_in_a_row_are_disturbed_in_each_of_them() -> None:
    rule = parse_rule({"update": HONEST}, "planted", ACTING_SLOTS)
    genome = Genome(rule, coefficients=np.array([0.5, 4.0], np.float32))
    one = subject_of(evaluator_of({}, worlds=3), genome, RIVALS, 5)
    assert isinstance(one, Agent)
    ((course, lesson),) = one.drawn
    assert course.family.counts["test"] == 3  # type: ignore[attr-defined]
    turned = w.names_of(lesson)
    own = np.broadcast_to(np.arange(len(turned), dtype=np.float32)[:, None], turned.shape)
    plain, same, kept, other = (
        one.live([one.genome], [(course, each)])[0].score("regret")
        for each in (lesson, w.altered(course, lesson, lambda world: world, paid=False),
                     *(w.altered(course, lesson, w.renamed, paid=False, parameters=names) for names in (own, turned)))
    )  # fmt: skip
    assert np.array_equal(plain, same)
    assert np.array_equal(plain, kept)
    windows = np.moveaxis(other != plain, 1, 0)  # that of each world, and the whole
    assert len(windows) == 4
    assert all(window.any() for window in windows)
    assert not list(acting_robustness.learned(one))


def test_who_does_not_learn_is_flagged() -> None:
    assert verdicts(list(acting.learning(agent("0")))) == {"learning switched off": "flagged"}
    assert verdicts(list(acting.learning(agent(HONEST)))) == {"learning switched off": "passes"}


def test_who_does_as_well_with_rewards_of_another_life_is_flagged() -> None:
    # it is born with a taste for the first arm, always the better one there, and strengthens whatever it has
    fixed = {"hazard": 0.0, "high": 0.9, "low": 0.1}
    deaf = agent("0.3*w", [0.5, 0.0, -0.5, 0.0], numbers=fixed)
    for course, lesson in deaf.drawn:
        lesson.tasks.parameters[:] = 0  # type: ignore[attr-defined]
        assert course.family.name == "bandit_reversing"
    assert deaf.base.champion.mean() > deaf.innate.champion.mean() + deaf.margin
    (fault,) = acting.yoked(deaf)
    assert np.isclose(fault.cell.champion, -deaf.base.champion.mean())
    assert [cell.verdict for cell in judged([fault])] == ["flagged"]
    assert not fault.cell.family


def test_rewards_of_another_life_are_what_was_paid_there() -> None:
    one = agent(HONEST)
    (rewards,) = one.paid_first
    drawn = one.drawn
    pay = w.Pay(np.roll(rewards, 1, axis=1), np.ones(rewards.shape, bool))
    other = [(course, w.altered(course, lesson, pay, paid=False, noise=pay.noise)) for course, lesson in drawn]
    assert np.array_equal(one.rewards(one.genome, other)[0], np.roll(rewards, 1, axis=1))
    nowhere = w.Pay(rewards, np.zeros(rewards.shape, bool))
    same = [(course, w.altered(course, lesson, nowhere, paid=False, noise=nowhere.noise)) for course, lesson in drawn]
    assert np.array_equal(one.live([one.genome], same)[0].scores, one.live([one.genome], drawn)[0].scores)


def test_who_hangs_on_what_an_action_is_called_is_flagged() -> None:
    # a greedy learner that takes the first of equals, where the first arm is the better one
    named = agent(HONEST, world="bandit", numbers={"arms": 2})
    config = named.evaluator.config
    assert verdicts(list(acting.actions_permuted(named)))["actions with the names of others"] != "flagged"
    greedy = config.model_copy(
        update={"acting": config.acting.model_copy(update={"policy": "greedy", "ties": "first"})}
    )
    own = Evaluator(greedy, open_courses(greedy), cpu.live)
    fond = subject_of(own, named.genome.replace(rule=parse_rule({"update": "0"}, "", ACTING_SLOTS)), RIVALS, TASKS)
    for _, lesson in fond.drawn:
        lesson.tasks.parameters[:] = np.array([[0.9], [0.1]], np.float32)  # type: ignore[attr-defined]
    assert isinstance(fond, Agent)
    assert verdicts(list(acting.actions_permuted(fond))) == {"actions with the names of others": "flagged"}


def test_who_cannot_stand_larger_rewards_is_flagged() -> None:
    brittle = agent("act*0.5*(4*reward - w)*step(1.5 - reward)")
    found = verdicts(list(acting_robustness.shifts(brittle)))
    assert found["rewards × 2"] == "flagged"
    assert "flagged" not in verdicts(list(acting_robustness.shifts(agent(HONEST)))).values()


def test_who_forgets_after_its_time_is_flagged() -> None:
    brief = agent(f"act*0.5*(4*reward - w) - 0.7*step(s1 - {TICKS}.5)*w", s1="s1 + 1")
    found = verdicts(list(acting_robustness.lives(brief)))
    assert found["lives × 2"] == "flagged"
    assert verdicts(list(acting_robustness.lives(agent(HONEST))))["lives × 2"] != "flagged"


def test_worlds_have_shifts_of_their_own() -> None:
    one = agent(HONEST)
    names = [fault.cell.name for fault in acting_robustness.tasks(one)]
    assert names == ["clearer arms", "rarer changes", "more changes"]


def test_nobody_hears_what_actions_are_worth() -> None:
    found = verdicts(list(acting.leaks(agent(HONEST, numbers={}))))
    assert found["what actions are worth is heard"] == "passes"
