"""Evaluation: what is lived once, and what is inherited."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution import evaluation, memory
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import MEMORY, Evaluator
from evometa.evolution.objectives import fitness_weights
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual, fitness_class
from evometa.genetics.starts import topologies_of
from evometa.genetics.topology import layered
from evometa.language.text import parse
from evometa.lifetime import Outcomes, Phenotypes
from evometa.lifetime.numba import cpu
from tests.small import DELTA, GRADIENT, recipe


class Spy:
    """A backend that notes whom it lets live, and may spoil what they learn."""

    def __init__(self, spoiled: float | None = None) -> None:
        self.lived: list[int] = []
        self.spoiled = spoiled

    def __call__(self, phenotypes: Phenotypes, *batch: Any, **options: Any) -> Outcomes:
        self.lived.append(len(phenotypes))
        found = cpu.live(phenotypes, *batch, **options)
        if self.spoiled is None or found.weights is None:
            return found
        return replace(
            found, weights=[np.where(np.arange(len(w)), w, self.spoiled).astype(np.float32) for w in found.weights]
        )


def opened(settings: dict[str, Any] = DELTA, spy: Spy | None = None) -> Evaluator:
    config = load(settings).config
    return Evaluator(config, open_courses(config), spy or Spy())


def people(engine: Evaluator, genomes: list[Genome], born: int = 0) -> list[Individual]:
    fitness = fitness_class(fitness_weights(engine.config.fitness.objectives))
    return [Individual(genome, fitness(), number, (), born, "first") for number, genome in enumerate(genomes)]


def rules(*texts: str) -> list[Genome]:
    return [Genome({"update": parse(text)}) for text in texts]


# What is lived


def test_a_tanh_and_a_relu_network_have_a_fitness_each() -> None:
    spy = Spy()
    engine = opened(recipe(DELTA, network={"credit": "backprop", "hidden": [2]}, rule={"signals": ["grad"]}), spy)
    pair = people(
        engine, [Genome({"update": parse("-grad")}, topology=layered(3, (2,), 1, kind)) for kind in ("tanh", "relu")]
    )
    tally = engine.evaluate(pair, 0)
    assert (spy.lived, tally.known) == ([2], 0)
    assert pair[0].fitness.values != pair[1].fitness.values


def test_twins_are_lived_once_and_judged_alike() -> None:
    spy = Spy()
    engine = opened(spy=spy)
    three = people(engine, rules("pre*(target - post)", "(target - post)*pre", "w"))
    tally = engine.evaluate(three, 0)
    assert spy.lived == [2]
    assert (tally.known, tally.lifetimes) == (1, 8)
    assert tally.lived == {0: 4, 2: 4}
    assert (tally.born, tally.twins) == (3, 1)
    assert three[0].fitness.values == three[1].fitness.values
    assert np.array_equal(three[0].cases, three[1].cases)  # type: ignore[arg-type]
    assert (three[0].innate, three[0].adapted) == (three[1].innate, three[1].adapted)
    assert three[0].fitness.values != three[2].fitness.values


def test_who_is_known_is_not_lived_again() -> None:
    spy = Spy()
    engine = opened(spy=spy)
    known = people(engine, rules("pre*(target - post)"))
    engine.evaluate(known, 0)
    child = people(engine, rules("(target - post)*pre"))
    tally = engine.evaluate(child, 1, known)
    assert spy.lived == [1]
    assert (tally.known, tally.lifetimes) == (1, 0)
    assert (tally.born, tally.twins) == (0, 0)  # of generation 1
    assert child[0].fitness.values == known[0].fitness.values
    stranger = people(engine, rules("w"))  # known, but never judged
    stranger[0].signature = engine.signatures([stranger[0].genome])[0]
    engine.evaluate(people(engine, rules("w")), 1, stranger)
    assert spy.lived == [1, 1]


@pytest.mark.parametrize("resample", ["never", "generation"])
def test_who_behaves_like_one_of_the_past_is_not_lived_again_while_tasks_stay(resample: str) -> None:
    engine = opened(recipe(DELTA, sampling={"resample": resample}))
    lives = []
    for generation in range(2 + MEMORY):
        one, *_ = again = people(engine, rules("pre*(target - post)" if generation % 2 else "(target - post)*pre"))
        lives.append(engine.evaluate(again, generation).lifetimes)
        assert one.fitness.wvalues
    assert [bool(count) for count in lives] == [True, *[resample == "generation"] * MEMORY, True]  # then forgotten


@pytest.mark.parametrize("together", [True, False])
def test_only_the_size_is_a_twins_own(together: bool) -> None:
    engine = opened(recipe(DELTA, fitness={"objectives": ["adapted_closeness", "size"]}, evolution={"scheme": "nsga2"}))
    pair = people(engine, rules("pre*post", "neg(neg(pre*post))"))
    for group in (pair,) if together else ([one] for one in pair):
        engine.evaluate(group, 0)
    assert [one.fitness.values[1] for one in pair] == [3, 5]
    assert pair[0].fitness.values[0] == pair[1].fitness.values[0]


def test_errors_on_single_tasks_are_kept_where_they_are_asked_for() -> None:
    engine, other = opened(), opened()
    told, untold = people(engine, rules("pre", "neg(pre)", "pre")), people(other, rules("pre", "neg(pre)", "pre"))
    engine.evaluate(told, 0)
    other.cases = False
    other.evaluate(untold, 0)
    assert all(one.cases is not None for one in told)
    assert all(one.cases is None for one in untold)
    assert [one.judgement[:4] for one in told] == [one.judgement[:4] for one in untold]


@pytest.mark.parametrize(("resample", "draws"), [("never", 1), ("generation", 2)])
def test_lessons_that_stay_the_same_are_drawn_once(resample: str, draws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(recipe(DELTA, sampling={"resample": resample}))
    lessons, drawn = evaluation.lessons, []
    monkeypatch.setattr(evaluation, "lessons", lambda *given, **named: drawn.append(given) or lessons(*given, **named))
    for generation in range(2):
        engine.evaluate(people(engine, rules("pre")), generation)
    assert len(drawn) == draws


@pytest.mark.parametrize("slab", [1, 300, 1 << 30])
def test_slabs_change_nothing(slab: int, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    engine = opened(spy=spy)
    texts = ["pre", "post", "w", "pre*target", "target - post"]
    monkeypatch.setattr(memory, "SLAB", slab)
    found = people(engine, rules(*texts))
    engine.evaluate(found, 0)
    assert sum(spy.lived) == 5
    assert (len(spy.lived) > 1) == (slab < 1000)
    for one, text in zip(found, texts, strict=True):
        alone = people(opened(), rules(text))
        engine.evaluate(alone, 0)
        assert alone[0].fitness.values == one.fitness.values


@pytest.mark.parametrize("slab", [1, 20_000])
def test_slabs_of_networks_with_births_of_their_own_change_nothing(slab: int, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load("xor_plastic", ["lifetime.updates=3"]).config
    values = []
    for size in (memory.SLAB, slab):
        monkeypatch.setattr(memory, "SLAB", size)
        spy = Spy()
        engine = Evaluator(config, open_courses(config), spy)
        graphs = [layered(2, (hidden,), 1) for hidden in (1, 2, 3, 4, 1)]
        found = people(engine, [
            Genome({"update": parse("-0.1*grad")}, topology=topologies_of(g, np.zeros((1, g.synapses), np.float32))[0])
            for g in graphs
        ])  # fmt: skip
        engine.evaluate(found, 0)
        values.append([one.fitness.values for one in found])
        assert sum(spy.lived) == 4
        assert (len(spy.lived) > 1) == (size == slab)
    assert values[0] == values[1]


# What is inherited

LAMARCK = recipe(GRADIENT, evolution={"inheritance": "lamarck"}, plasticity={"count": 1}, coefficients={"count": 1})


def newborns(engine: Evaluator, born: int = 0) -> tuple[list[Individual], np.ndarray]:
    network = engine.courses[0].network
    weights = np.random.default_rng(0).standard_normal(network.synapses).astype(np.float32)
    rule = {"update": parse("-0.01*grad")}
    return people(
        engine, [Genome(rule, network, weights), Genome({"update": parse("w - w")}, network, weights)], born
    ), weights


def test_what_was_learned_is_inherited() -> None:
    engine = opened(LAMARCK)
    pair, before = newborns(engine)
    engine.evaluate(pair, 0)
    learned, still = pair[0].genome.weights, pair[1].genome.weights
    assert learned is not None
    assert learned.base is None  # a view would keep the whole generation's in memory
    assert not np.array_equal(learned, before)
    assert np.array_equal(still, before)  # type: ignore[arg-type]


@pytest.mark.parametrize("spoiled", [np.nan, np.inf])
def test_what_diverged_is_no_inheritance(spoiled: float) -> None:
    engine = opened(LAMARCK, Spy(spoiled))
    pair, before = newborns(engine)
    engine.evaluate(pair, 0)
    assert all(np.array_equal(one.genome.weights, before) for one in pair)  # type: ignore[arg-type]


def test_it_is_inherited_once_at_birth_and_not_by_default() -> None:
    engine = opened(LAMARCK)
    pair, before = newborns(engine, born=3)
    engine.evaluate(pair, 4)
    assert np.array_equal(pair[0].genome.weights, before)  # type: ignore[arg-type]
    baldwin = opened(GRADIENT)
    pair, before = newborns(baldwin)
    baldwin.evaluate(pair, 0)
    assert np.array_equal(pair[0].genome.weights, before)  # type: ignore[arg-type]


def test_whose_weights_were_written_back_is_lived_again() -> None:
    spy = Spy()
    engine = opened(LAMARCK, spy)
    pair, _ = newborns(engine)
    engine.evaluate(pair, 0)
    engine.evaluate(pair, 1, pair)
    assert spy.lived == [2, 2]
