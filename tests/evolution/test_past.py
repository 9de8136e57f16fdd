"""What is known of behaviours goes to newborn that behave so, for a while."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa import engine as runs
from evometa.evolution import evaluation
from tests.evolution.test_racing import RACE, engine_of, generation
from tests.small import SCHEMES, recipe


def test_who_behaves_like_one_of_the_living_takes_its_record_and_lives_no_life() -> None:
    engine = engine_of()
    generation(engine)
    individuals = engine.evolution.ask()
    parent = max(engine.evolution.population, key=lambda one: one.fitness)
    twin, *_ = [one for one in individuals if one.born == 1]
    twin.genome = parent.genome
    tally = engine.judge.evaluate(individuals, 1)
    assert twin.id not in tally.lived | dict.fromkeys(tally.dropouts)
    assert twin.fitness.values == parent.fitness.values
    assert twin.judgement.record is parent.judgement.record


def test_who_behaves_like_one_that_is_dead_takes_its_record_until_that_is_forgotten() -> None:
    engine = engine_of(recipe(RACE, racing={"memory": 2}))
    first, tally = generation(engine)
    alive = {one.signature for one in engine.evolution.population}
    dropout = next(one for one in first if one.id in tally.dropouts and one.signature in alive)
    genome, record = dropout.genome, dropout.judgement.record
    assert record is not None
    lives = []
    for number in range(1, 4):
        engine.evolution.islands = [[one for one in engine.evolution.population if one.signature != dropout.signature]]
        individuals = engine.evolution.ask()
        twin = individuals[0]
        twin.genome = genome
        tally = engine.judge.evaluate(individuals, number)
        lives.append(tally.lived.get(twin.id, 0))
        if not lives[-1]:
            assert twin.judgement.record is not None
            assert np.array_equal(twin.judgement.record, record)
            assert twin.id in tally.dropouts
        engine.evolution.tell(individuals, tally.solved, tally.dropouts)
    assert lives[:2] == [0, 0]  # born again, but not lived again, so that its last life is as long ago
    assert lives[2] > 0


@pytest.mark.parametrize("scheme", ["plus", "lexicase"])
def test_a_resumed_run_knows_of_the_past_what_one_that_never_stopped_does(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = recipe(SCHEMES[scheme], evolution={"population": 40}, run={"generations": 6})
    whole = runs.run(base, out=tmp_path / "whole", progress=False)
    runs.run(base, generations=3, out=tmp_path / "parts", progress=False)
    parts = runs.resume(tmp_path / "parts", generations=6, progress=False)
    assert parts.digest == whole.digest
    monkeypatch.setattr(evaluation, "MEMORY", 0)
    forgetful = runs.run(base, out=tmp_path / "forgetful", progress=False)
    lives = [sum(one.lifetimes for one in run.history) for run in (whole, parts, forgetful)]
    assert lives[0] == lives[1] < lives[2]
    assert [one.best_id for one in whole.history] == [one.best_id for one in forgetful.history]
