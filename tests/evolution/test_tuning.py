"""Tuning: better numbers for the best, on tasks of their own, counted, and the same on any threads, killed or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.tuning import PURPOSE, NumberTuner, Search
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual
from evometa.genetics.numbers import Numbers
from evometa.language.text import parse_rule
from evometa.lifetime.numba import cpu
from tests.searching import appraise, evolution_of, individual, recipe
from tests.small import GRADIENT
from tests.small import recipe as changed

TUNING = {"every": 2, "individuals": 2, "rounds": 2, "samples": 4, "tasks": 3}
TUNED = changed(GRADIENT, tuning=TUNING, run={"generations": 5})
RATE = changed(
    GRADIENT,
    network={"activation": "tanh"},
    rule={"signals": ["grad", "c0"], "init": {"update": "-c0 * grad"}, "slots": ["update"]},
    coefficients={"low": 1e-4, "high": 10.0},
    weights={"mode": "drawn"},
    plasticity={"count": 0},
    tuning={"every": 1, "individuals": 1, "rounds": 10, "samples": 8, "tasks": 8, "step": 1.0},
)


def tuner_of(data: Any) -> NumberTuner:
    config = load(data).config
    return NumberTuner(Evaluator(config, open_courses(config), cpu.live))


def one(update: str, *coefficients: float, id: int = 0) -> Individual:
    made = individual(0.0, id=id)
    made.genome = Genome(parse_rule({"update": update}), coefficients=np.array(coefficients, np.float32))
    return made


def values_of(genome: Genome) -> list[float]:
    """Return coefficients, and the constants of `update`."""
    return [*genome.coefficients.tolist(), *(float(each.value) for each in genome.rule["update"] if each.constant)]


def test_the_search_finds_the_best_numbers() -> None:
    """The least of a sum of squares of logarithms, with numbers that weigh a hundred times as much as others."""
    start, wanted = one("-c0*grad + 0.5*w*c1", 1.0, 0.2).genome, np.log([0.1, 0.7, 0.02])
    settings = recipe(coefficients={"count": 2, "low": 1e-3, "high": 1.0}, rule={"slots": ("update",)})
    search = Search(Numbers.of(start, settings), 0.5, 10, np.random.default_rng(0))
    for _ in range(60):
        away = np.log([values_of(genome) for genome in search.ask()]) - wanted
        search.tell(-(away**2 * [1, 10, 100]).sum(axis=1))
    assert np.allclose(np.log(values_of(search.best())), wanted, atol=0.02)


@pytest.mark.parametrize("resolution", [0.0, 1e6])
def test_a_rate_that_is_too_small_grows_and_learners_learn_more(resolution: float) -> None:
    """However coarsely the recipe tells genomes apart."""
    tuner = tuner_of(changed(RATE, fitness={"resolution": resolution}))
    ((parent, better),) = tuner.tune([old := one("-c0 * grad", 1e-3)], 0)
    assert parent is old
    assert 0.02 < better.coefficients[0] < 0.2
    drawn = tuner.evaluator.draw("validation", 0, 50)
    before, after = tuner.evaluator.judge([old.genome, better], drawn, "test", rounded=False).values[:, 0]
    assert after < before
    lives, seconds = tuner.spent()
    assert tuner.evaluator.lived[PURPOSE] == lives.tuning_lifetimes == 10 * 8 * 8
    assert seconds > 0
    assert tuner.spent() == ({"tuning_lifetimes": 0}, 0.0)


def test_what_becomes_of_one_depends_on_nobody_else_nor_on_what_the_process_shares() -> None:
    people = [one("-c0 * grad", 0.02, id=3), one("-0.01 * grad", 0.5, id=4)]
    np.random.seed(1)
    state = json.dumps(np.random.get_state()[1].tolist())
    alike = [
        {parent.id: genome.to_json() for parent, genome in tuner_of(changed(RATE, tuning=more)).tune(some, 5)}
        for some, more in ((people, {"individuals": 2}), (people[::-1], {"individuals": 2}), (people, {}))
    ]
    assert json.dumps(np.random.get_state()[1].tolist()) == state
    assert alike[0] == alike[1] == {**alike[0], **alike[2]}
    assert len(alike[0]), len(alike[2]) == (2, 1)
    other = tuner_of(RATE).tune(people, 6)[0][1].to_json()
    assert [other] != list(alike[2].values())


def test_who_has_no_numbers_is_passed_over_and_tunings_come_when_it_is_time() -> None:
    tuner = tuner_of(changed(RATE, tuning={"every": 3, "rounds": 1}))
    people = [one("-grad", 0.5, id=1), one("-c0 * grad", 0.5, id=2), one("-c0 * grad", 0.1, id=3)]
    assert [len(tuner.tune(people, generation)) for generation in range(6)] == [0, 0, 1, 0, 0, 1]
    assert [parent.id for parent, _ in tuner.tune(people, 2)] == [2]
    assert tuner.tune(people[:1], 2) == []
    off = tuner_of(changed(RATE, tuning={"every": 0}))
    assert off.tune(people, 0) == []
    assert off.spent() == ({}, 0.0)


def test_factors_join_those_who_are_tuned_and_their_exponents_are_tuned_along() -> None:
    loaded = load(changed(RATE, rule={"signals": ["grad", "age", "c0"]}, tuning={"factors": 1}))
    evaluator = Evaluator(loaded.config, open_courses(loaded.config), cpu.live)
    falling = parse_rule({"update": "-c0 * grad * exp(0 * age)"})
    tuner = NumberTuner(evaluator, lambda genome, count, rng: genome.replace(rule=falling) if count == 1 else genome)
    ((parent, better),) = tuner.tune([one("-c0 * grad", 0.2)], 0)
    assert parent.genome.rule["update"] == parse_rule({"update": "-c0 * grad"})["update"]
    (exponent,) = [float(each.value) for each in better.rule["update"] if each.constant]
    assert exponent != 0
    assert tuner.evaluator.lived[PURPOSE] == 10 * 8 * 8


class Halver:
    """A tuner that halves the coefficients of the first two."""

    def tune(self, individuals: Sequence[Individual], generation: int) -> list[tuple[Individual, Genome]]:
        """Return them with what they come to."""
        return [(one, one.genome.replace(coefficients=one.genome.coefficients / 2)) for one in individuals[:2]]


def test_the_best_that_have_not_been_tuned_have_children_among_the_offspring() -> None:
    evolution = evolution_of(recipe(evolution={"population": 20, "islands": 2, "immigrants": 0.2}))
    evolution.tuner = Halver()
    seen: set[int] = set()
    for generation in range(4):
        people = evolution.ask()
        if generation:
            tuned = [each for each in people if each.operator == "tuned"]
            known = {each.id: each for each in evolution.population}
            parents = [known[child.parents[0]] for child in tuned]
            assert len(people) == 20
            assert len({parent.id for parent in parents} - seen) == 4
            for place, (child, parent) in enumerate(zip(tuned, parents, strict=True)):
                island = evolution.islands[place // 2]
                assert parent in island
                better = [one for one in island if one.fitness.wvalues > parent.fitness.wvalues]
                assert {one.id for one in better} <= seen | {each.id for each in parents}
                assert np.array_equal(child.genome.coefficients, parent.genome.coefficients / 2)
                assert child.born == generation
            seen |= {parent.id for parent in parents}
        appraise(people)
        evolution.tell(people)
    again = evolution_of(recipe(evolution={"population": 20, "islands": 2, "immigrants": 0.2}))
    again.tuner = Halver()
    again.restore(
        json.loads(json.dumps(evolution.state())), {each.id: each for each in [*evolution.population, *evolution.hall]}
    )
    assert set(evolution.state()["tuned"]) == seen & {each.id for each in evolution.population} != set()
    assert [each.genome.to_json() for each in again.ask()] == [each.genome.to_json() for each in evolution.ask()]


def test_those_who_were_tuned_are_forgotten_when_they_die() -> None:
    """Else a resumed run, which knows the living alone, would keep another state."""
    evolution = evolution_of(recipe(evolution={"population": 4, "scheme": "ageing", "offspring": 8}))
    kept = []
    for generation in range(4):
        evolution.tuner = Halver() if generation == 1 else None
        people = evolution.ask()
        appraise(people)
        evolution.tell(people)
        kept.append("tuned" in evolution.state())
    assert kept == [False, False, False, False]  # its two were parents, and all of them die with every generation
    evolution.tuner = Halver()
    evolution.ask()
    assert len(evolution.state()["tuned"]) == 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> evometa.Run:
    return evometa.run(TUNED, out=tmp_path_factory.mktemp("tuned") / "whole", settings=["run.threads=1"])


def test_tuned_children_stand_in_the_run_file_and_their_lives_are_counted(whole: evometa.Run) -> None:
    everyone = [whole.individual(number) for number in range(8 + 4 * 12)]
    children = [one for one in everyone if one.operator == "tuned"]
    assert [one.born for one in children] == [2, 2, 4, 4]  # generations, counted from 1
    for child in children:
        (parent,) = child.parents
        assert child.genome.content() != everyone[parent].genome.content()
    assert [row.tuning_lifetimes for row in whole.history] == [0, 48, 0, 48, 0]
    assert whole.summary()["lived"][PURPOSE] == 96


def test_any_threads_and_a_run_that_is_resumed_give_the_same_digest(whole: evometa.Run, tmp_path: Path) -> None:
    assert evometa.run(TUNED, out=tmp_path / "threads", settings=["run.threads=3"]).digest == whole.digest
    for done in (1, 2, 3):
        folder = tmp_path / f"after {done}"
        evometa.run(TUNED, out=folder, settings=["run.threads=1"], generations=done)
        assert evometa.resume(folder, generations=5).digest == whole.digest


def test_a_recipe_that_tunes_nothing_has_the_digest_that_it_had(tmp_path: Path) -> None:
    plain = evometa.run(changed(GRADIENT, run={"generations": 3}), out=tmp_path / "plain")
    off = evometa.run(changed(TUNED, tuning={"every": 0}, run={"generations": 3}), out=tmp_path / "off")
    late = evometa.run(changed(TUNED, tuning={"every": 9}, run={"generations": 3}), out=tmp_path / "late")
    assert plain.digest == off.digest == late.digest
    assert all("tuning_lifetimes" not in row for row in off.history)


FIXED = {"rule": {"fixed": ["update", "s1", "loss"]}, "coefficients": {"mode": "fixed", "values": [0.1]}}


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"tuning": {"every": 1, "individuals": 12}}, r"tuning\.individuals.*fewer than an island's children \(12\)"),
        ({"tuning": {"every": 1}, "plasticity": {"tie": "synapse"}, **FIXED}, r"tuning\.every.*constants"),
        ({"tuning": {"samples": 3}}, r"tuning\.samples"),
    ],
)
def test_tunings_that_cannot_be_are_refused(sections: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        load(changed(GRADIENT, **sections))
