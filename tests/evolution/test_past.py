"""In a race, what is known of behaviours goes to newborn that behave so, for a while."""

from __future__ import annotations

import numpy as np

from tests.evolution.test_racing import RACE, engine_of, generation
from tests.small import recipe


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
