"""Racing: who lives how many lives, what is known of whom, and that nothing else decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.callbacks import Listeners
from evometa.config.load import load
from evometa.engine import Engine
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.evolution.racing import Race
from evometa.evolution.tally import Tally
from evometa.genetics.individual import Individual
from evometa.language.text import parse
from evometa.tasks.location import Places
from tests.small import DELTA, GRADIENT, recipe

TASKS, RUNGS = 12, (2, 5)
RACE = recipe(
    DELTA, run={"generations": 4}, tasks={"inputs": 4, "train_tasks": 40, "validation_tasks": 6},
    sampling={"tasks": TASKS, "validation_tasks": 6, "resample": "generation", "repeats": 2},
    racing={"rungs": list(RUNGS), "parents": 3, "shrink": 4.0},
)  # fmt: skip
SETS = recipe(GRADIENT, sampling={"tasks": 6, "validation_tasks": 4}, racing={"rungs": [2, 4], "parents": 2})
SETS |= {"tasks": [{**GRADIENT["tasks"], "weight": weight} for weight in (1.0, 3.0)], "run": {"generations": 3}}
NEAT = recipe(
    RACE, topology={"mode": "evolved", "start": "minimal", "add_node": 0.3}, evolution={"scheme": "neat"},
    species={"by": "genes", "threshold": 0.5},
)  # fmt: skip
EVERYTHING = recipe(
    SETS, tuning={"every": 2, "individuals": 1, "rounds": 1}, run={"keep_genomes": "champions"},
    evolution={"start": {"library": 0.5, "random": 0.5}, "immigrants": 0.1, "islands": 2, "reset_every": 1},
)  # fmt: skip


def engine_of(settings: dict[str, Any] = RACE) -> Engine:
    return Engine(load(settings), Places(Path.cwd()), Listeners())


def race_of(engine: Engine) -> Race:
    assert isinstance(engine.judge, Race)
    return engine.judge


def generation(engine: Engine) -> tuple[list[Individual], Tally]:
    evolution = engine.evolution
    individuals = evolution.ask()
    tally = engine.judge.evaluate(individuals, evolution.generation)
    evolution.tell(individuals, tally.solved, tally.dropouts)
    return individuals, tally


def distinct(individuals: list[Individual]) -> list[Individual]:
    return list({one.signature: one for one in reversed(individuals)}.values())[::-1]


# Lives


@pytest.mark.parametrize("own", [False, True], ids=["layers", "genes"])
def test_tasks_in_parts_are_lived_as_all_of_them_are(own: bool) -> None:
    settings = recipe(GRADIENT, weights={"mode": "drawn", "init": "uniform"}, sampling={"repeats": 2})
    settings["rule"] = {"slots": ["update"], "signals": ["grad"], "init": {"update": "-0.3 * grad"}}
    settings |= {"plasticity": {"count": 0}, "topology": {"mode": "evolved" if own else "fixed"}}
    engine = engine_of(settings)
    genomes = [one.genome for one in engine.evolution.ask()[:3]]
    drawn = engine.evaluator.draw("train", 1, 5)
    (whole,) = engine.evaluator.outcomes(genomes, drawn)
    parts = [[(course, lesson.part(low, high)) for course, lesson in drawn] for low, high in ((0, 2), (2, 9))]
    found = [engine.evaluator.outcomes(genomes, part)[0] for part in parts]
    assert [each.status.shape[1] for each in found] == [4, 6]
    assert np.concatenate([each.scores for each in found], axis=-1).tobytes() == whole.scores.tobytes()
    assert len({*whole.loss[0, -1].tolist()}) == 10  # births differ from lane to lane


def test_newborn_race_and_every_life_is_counted() -> None:
    engine = engine_of()
    race, repeats = race_of(engine), 2
    for number in range(4):
        individuals, tally = generation(engine)
        young = [one for one in distinct(individuals) if one.born == number and one.id in tally.lived]
        lives = {one.id: tally.lived[one.id] for one in young}
        assert {*lives.values()} <= {repeats * count for count in (*RUNGS, TASKS)}
        finishers = [id for id, count in lives.items() if count == repeats * TASKS]
        assert {*lives} - {*finishers} <= tally.dropouts
        assert 1 <= len(finishers) < len(young)
        assert tally.lifetimes == engine.evaluator.lived["evolution"]
        again = {id for id in tally.lived if id not in lives}
        assert all(tally.lived[id] == repeats * TASKS for id in again)
        assert len(again) <= 4 if number else not again  # three and the pacer
        assert tally.lifetimes == sum(tally.lived.values())
        assert race.pacer is not None
        assert all(np.isfinite(one.fitness.wvalues).all() for one in individuals)
        engine.evaluator.lived.clear()


def test_merit_is_the_mean_difference_to_the_pacer_on_all_tasks_ever_met() -> None:
    engine = engine_of(recipe(RACE, racing={"shrink": 0.0}))
    race, evaluator = race_of(engine), engine.evaluator
    differences: dict[int, list[float]] = {}
    paces: list[float] = []
    for number in range(4):
        individuals, tally = generation(engine)
        (course, lesson), *_ = evaluator.draw("train", number, TASKS)
        lived = [one for one in individuals if one.id in tally.lived]
        assert race.pacer is not None
        (found,) = evaluator.outcomes([race.pacer.genome, *(one.genome for one in lived)], [(course, lesson)])
        pace, *others = performance(found, "closeness")
        paces += pace.tolist()
        for one, values in zip(lived, others, strict=True):
            count = tally.lived[one.id]
            differences.setdefault(one.id, []).extend((values - pace)[:count].tolist())
    checked = [one for one in engine.evolution.population if one.id in differences]
    assert len({len(differences[one.id]) for one in checked}) > 1
    for one in checked:
        expected = np.mean(paces) + np.mean(differences[one.id])
        assert one.fitness.values[0] == pytest.approx(expected, abs=1e-6)
        assert one.judgement.record is not None
        assert one.judgement.record[1] * 2 == len(differences[one.id])
    best = max(checked, key=lambda one: (one.fitness.values, -one.size, -one.id))
    error = engine.standing.statistics(tally).best_error
    by_task = np.array(differences[best.id]).reshape(-1, 2).mean(axis=1)
    pacer = np.array(paces).reshape(-1, 2).mean(axis=1)
    parts = [each.std(ddof=1) / np.sqrt(len(each)) for each in (by_task, pacer)]
    assert error == pytest.approx(np.hypot(*parts), abs=1e-6)


def test_merit_is_rounded_to_the_resolution_and_records_are_not() -> None:
    fine, coarse = engine_of(), engine_of(recipe(RACE, fitness={"resolution": 0.05}))
    (ours, _), (theirs, _) = generation(fine), generation(coarse)
    for one, other in zip(ours, theirs, strict=True):
        assert other.fitness.values[0] == pytest.approx(0.05 * round(one.fitness.values[0] / 0.05), abs=1e-9)
        assert one.judgement.record is not None
        assert one.judgement.record.tolist() == other.judgement.record.tolist()  # type: ignore[union-attr]


def test_the_order_of_individuals_and_the_threads_change_nothing() -> None:
    prints = []
    for order, threads in ((1, 1), (-1, 2)):
        engine = engine_of(recipe(RACE, run={"threads": threads}))
        for number in range(3):
            individuals = engine.evolution.ask()
            tally = engine.judge.evaluate(individuals[::order], number)
            engine.evolution.tell(individuals, tally.solved, tally.dropouts)
        values = [one.fitness.values for one in engine.evolution.population]
        prints.append((engine.evolution.state(), values))
    assert prints[0] == prints[1]


def test_genomes_all_of_whose_lives_are_lost_are_worse_than_any_other_in_all_objectives() -> None:
    two = {"objectives": ["adapted_closeness", "size"]}
    engine = engine_of(recipe(RACE, evolution={"scheme": "nsga2"}, fitness=two))
    individuals = engine.evolution.ask()
    lost = individuals[3]
    lost.genome = lost.genome.replace(rule={"update": parse("1e30 * 1e30 * (w - w)")})
    engine.judge.evaluate(individuals, 0)
    assert lost.diverged > 0
    others = [one for one in individuals if one.diverged == 0]
    assert all(a < b for one in others for a, b in zip(lost.fitness.wvalues, one.fitness.wvalues, strict=True))


# Hurdles


def test_of_a_good_brood_more_pass_than_of_a_bad_one_within_bounds() -> None:
    race = race_of(engine_of(recipe(RACE, racing={"advance": 0.25, "window": 3})))
    rng = np.random.default_rng(0)
    usual = [race._passing(0, rng.normal(0.0, 1.0, 80)) for _ in range(3)]
    assert np.allclose(usual, 20, atol=8)
    assert race._passing(0, rng.normal(-3.0, 1.0, 80)) == 10  # half as many as usual at least
    assert race._passing(0, rng.normal(3.0, 1.0, 80)) == 40  # twice as many at most
    assert race._passing(0, np.zeros(1)) == 1
    assert len(race._levels[0]) == 3
    assert race._levels[1] == []


def test_dropouts_live_on_only_where_others_leave_places() -> None:
    engine = engine_of()
    evolution = engine.evolution
    _, first = generation(engine)
    assert first.dropouts & {one.id for one in evolution.population}  # of the first brood, too few have finished
    for _ in range(3):
        before = {one.id for one in evolution.population}
        individuals, tally = generation(engine)
        after = {one.id for one in evolution.population}
        assert after <= before | ({one.id for one in individuals} - tally.dropouts)
        assert not tally.dropouts & {one.id for one in evolution.hall}
    assert len(evolution.population) == 16


# Between generations


@pytest.mark.parametrize("settings", [
    RACE,
    recipe(RACE, evolution={"islands": 2, "migrate_every": 1}, run={"keep_genomes": "champions"}),
    recipe(RACE, evolution={"scheme": "ageing"}, fitness={"resolution": 0.01}),
    recipe(SETS, evolution={"inheritance": "darwin"}), NEAT, EVERYTHING,
], ids=["plus", "islands", "ageing", "darwin", "neat", "everything"])  # fmt: skip
def test_a_race_that_is_resumed_has_the_bits_of_one_never_stopped(settings: dict[str, Any], tmp_path: Path) -> None:
    generations = settings["run"]["generations"]
    whole = evometa.run(settings, out=tmp_path / "whole")
    evometa.run(settings, out=tmp_path / "part", generations=1)
    for done in range(2, generations + 1):
        part = evometa.resume(tmp_path / "part", generations=done)
    assert part.digest == whole.digest
    assert [one.best for one in part.history] == [one.best for one in whole.history]
    assert part.champion.id == whole.champion.id


def test_species_race(tmp_path: Path) -> None:
    run = evometa.run(NEAT, out=tmp_path / "run")
    assert len(run.history[-1].species) > 1
    champions = next(one for one in run.search().operators if one.operator == "champion")
    assert champions.born == champions.twins == champions.survived > 0  # who is copied lives no life again
    alive = {id for island in run.reader.state(run.generation - 1)["islands"] for id in island}
    assert len({run.individual(id).kept_genome().synapses for id in alive}) > 1  # genes were added


def test_a_pacer_that_is_dead_is_kept_with_its_genome(tmp_path: Path) -> None:
    settings = recipe(RACE, evolution={"hall": 1}, run={"keep_genomes": "champions"})
    engine = engine_of(settings)
    generation(engine)
    race, evolution = race_of(engine), engine.evolution
    assert race.pacer is not None
    pacer = race.pacer
    evolution.islands = [[one for one in evolution.population if one.id != pacer.id]]
    evolution.hall = []
    state = json.loads(json.dumps(evolution.state()))
    assert pacer.id in evolution.needs(state)
    again = engine_of(settings)
    again.evolution.restore(state, {one.id: one.clone() for one in [*evolution.population, pacer]})
    assert again.evolution.state() == state
    (ours, _), (theirs, _) = generation(engine), generation(again)
    assert [one.fitness.values for one in ours] == [one.fitness.values for one in theirs]


def test_without_rungs_nothing_is_as_it_would_be_with_them() -> None:
    engine = engine_of(recipe(RACE, racing={"rungs": [], "parents": 5}))
    assert isinstance(engine.judge, Evaluator)
    generation(engine)
    assert "race" not in engine.evolution.state()
    assert all(one.judgement.record is None for one in engine.evolution.population)
