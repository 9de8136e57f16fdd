"""Checks of the audit, each on a learner or tasks that are made for it; and how its verdicts are reckoned."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.genetics.genome import Genome
from evometa.judging.audit import learned as learned_weights
from evometa.judging.audit import subject as subjects
from evometa.judging.audit.checks import CHECKS
from evometa.judging.audit.inert import inert
from evometa.judging.audit.judgement import RESAMPLES, Fault, Resamples, across, judged
from evometa.judging.audit.leaks import leaks
from evometa.judging.audit.learned import learned_by, shaken
from evometa.judging.audit.learner import Learner
from evometa.judging.audit.robustness import examples, learned, lives, tasks
from evometa.judging.audit.whole import closed, draft, together
from evometa.judging.audits import Cell
from evometa.judging.intervals import jackknife
from evometa.language.habits import own_habits
from tests.judging.audit import planted
from tests.judging.audit.planted import HONEST, RATE, evaluator_of, rule

RIVALS = {"sgd": {"rate": RATE}}
SGD = f"-{RATE}*grad"


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few orders and lives: what is shown here is large."""
    monkeypatch.setattr(subjects, "ORDERS", 2)
    monkeypatch.setattr(subjects, "FEW_ORDERS", 2)
    monkeypatch.setattr(learned_weights, "MOST", 24)


def subject(genome: Genome, fault: planted.Fault = HONEST, count: int = 40) -> Learner:
    return Learner(evaluator_of(fault), genome, RIVALS, count)


def verdicts(faults: list[Fault]) -> dict[str, str]:
    return {cell.name: cell.verdict for cell in judged(faults)}


def test_tasks_that_evolution_met_are_found_in_the_test() -> None:
    found = verdicts(list(leaks(subject(rule(SGD), planted.Fault(same=True)))))
    assert found["test tasks met in evolution"] == "flagged"
    assert found["test examples met in train"] == "flagged"
    assert set(verdicts(list(leaks(subject(rule(SGD))))).values()) == {"passes"}


def test_what_is_learned_scores_as_the_life_did_until_it_is_shaken() -> None:
    one = subject(rule(SGD))
    found = learned_by(one)
    assert found is learned_by(one)
    assert found[0].weights[0].shape == (15, 24)
    still = shaken(one, found, 0.0)
    assert np.array_equal(still.champion[0], one.base.champion[0, :24])
    assert np.array_equal(still.stock[0], one.base.stock[0, :24])
    assert shaken(one, found, 3.0).champion.mean() < still.champion.mean() - 0.1


def test_who_learns_weights_that_cancel_does_not_stand_noise_on_them() -> None:
    # a number stands twice among the inputs: only the sum of its two synapses is of use
    assert set(verdicts(list(learned(subject(rule(SGD))))).values()) <= {"passes", "undecided"}
    apart = rule(f"{SGD}", weights=planted.cancelling(19.0))
    one = subject(apart)
    drop = shaken(one, learned_by(one), 0.0).champion.mean() - shaken(one, learned_by(one), 0.1).champion.mean()
    assert drop > 0.1
    assert verdicts(list(learned(subject(apart))))["noise of 10% on learned weights"] == "flagged"


def test_tasks_of_other_settings_are_lived_beside_the_stock_rule() -> None:
    brittle = rule(f"{SGD}*step(1.2 - abs(pre))")
    one = subject(brittle)
    (fault,) = tasks(one)
    assert fault.cell.name == "points farther apart"
    assert fault.cell.champion is not None
    assert fault.cell.stock is not None
    assert fault.cell.champion < fault.cell.stock  # a lead that never was is not lost
    assert [each.cell.name for each in examples(one)][:2] == ["2 times the examples", "4 times the examples"]


def test_who_reads_its_age_is_asked_lives_with_age_drawn_out_too() -> None:
    def names(genome: Genome) -> list[str]:
        return [each.cell.name for each in lives(subject(genome))]

    assert names(rule(SGD)) == ["lives × 0.5", "lives × 2", "lives × 4"]
    late = rule(f"{SGD}*(1 - age)")
    assert names(late)[2:4] == ["lives × 2", "lives × 2, age drawn out"]


def test_parts_that_do_nothing_are_said_and_not_flagged() -> None:
    genome = rule(SGD, s1="s1 + grad", s2="0.5*s2 + grad").replace(coefficients=np.ones(1, np.float32))
    assert [each.cell.name for each in inert(subject(genome))] == ["slot s1", "slot s2"]
    felt = rule(f"-{RATE}*s1", s1="0.5*s1 + grad")
    assert not list(inert(subject(felt)))
    assert not list(inert(subject(felt.replace(rule={**felt.rule, **own_habits()}))))  # by which no life goes
    (told,) = [
        one for one in closed(draft(evaluator_of(), genome, rivals=RIVALS, tasks=20)).tests if one.name == "inert parts"
    ]
    assert (told.verdict, told.words) == ("passes", "these change nothing: slot s1, slot s2")


def test_resamples_of_shared_units_scatter_as_the_jackknife_does() -> None:
    rng = np.random.default_rng(2)
    members = np.stack([rng.permutation(30)[:3] for _ in range(200)], axis=1)
    scores = rng.standard_normal(30)[members].mean(axis=0) + 0.1 * rng.standard_normal(200)
    drawn = Resamples.over(members, 1)
    assert drawn.units == 30
    sample = drawn.means(scores[None])
    half = jackknife([scores[None, None]], [members], [1.0])[1]
    assert half is not None
    assert sample.mean() == pytest.approx(scores.mean(), abs=0.01)
    assert sample.std() == pytest.approx(half / 2.045, rel=0.1)  # the quantile of 29 degrees of freedom
    alone = Resamples.of(200, 1).means(scores[None])
    assert sample.std() > 1.5 * alone.std()
    few = np.stack([rng.permutation(6)[:3] for _ in range(200)], axis=1)
    assert Resamples.over(few, 1).units == 200
    assert np.array_equal(Resamples.over(np.arange(200)[None], 1).tasks, Resamples.of(200, 1).tasks)


def test_of_several_runs_those_that_agree_decide() -> None:
    def fault(value: float, seed: int) -> Fault:
        sample = value + 0.01 * np.random.default_rng(seed).standard_normal(RESAMPLES)
        return Fault(Cell(name="x", champion=value, stock=0.0), value, sample, 100)

    agreed = across([fault(0.1, seed) for seed in range(4)])
    mixed = across([fault(value, seed) for seed, value in enumerate((0.4, -0.1, 0.3, -0.1))])
    assert [cell.verdict for cell in judged([agreed])] == ["flagged"]
    assert [cell.verdict for cell in judged([mixed])] == ["undecided"]
    assert agreed.cell.champion == pytest.approx(0.1)
    assert across([fault(0.1, 0)]).value == 0.1
    wide = float(np.std(mixed.sample))
    assert wide == pytest.approx(np.std([0.4, -0.1, 0.3, -0.1], ddof=1) / 2, rel=0.05)


def test_runs_are_audited_together() -> None:
    drafts = [draft(evaluator_of(seed=seed), rule("0*grad"), rivals=RIVALS, tasks=20) for seed in (0, 1)]
    found = together(drafts)
    assert found.runs == 2
    assert [one.name for one in found.tests] == [row.name for row in CHECKS]
    assert "learning" in found.flagged
    assert found.champion == pytest.approx(np.mean([one.rest.champion for one in drafts]))
