"""Families: the guess, or the random rules, that each individual descends from by first parents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.evolution.loop import Evolution
from evometa.genetics.guesses import family_of
from evometa.genetics.individual import Individual
from evometa.store.population import founders
from tests.evolution.test_persistence import lived as lived_in
from tests.evolution.test_persistence import recalled
from tests.searching import appraise, evolution_of
from tests.searching import recipe as searched
from tests.small import DELTA, GRADIENT, recipe

BOTH: dict[str, Any] = {"start": {"library": 0.5, "random": 0.5}, "immigrants": 0.2, "islands": 2}


@pytest.mark.parametrize(
    ("operator", "family"),
    [
        ("guess sgd (library)", "sgd"), ("guess nesterov with decay (library), varied", "nesterov with decay"),
        ("guess individual 7 (runs/digits (2))", "individual 7"), ("first", "random"), ("random immigrant", "random"),
    ],
)  # fmt: skip
def test_a_founders_family_is_its_guess(operator: str, family: str) -> None:
    assert family_of(operator) == family


@pytest.mark.parametrize("scheme", ["plus", "ageing", "neat"])
def test_children_are_of_their_first_parents_family(scheme: str) -> None:
    evolution = evolution_of(
        searched(evolution={"scheme": scheme, "islands": 2, "migrate_every": 2, "immigrants": 0.2})
    )
    born: dict[int, Individual] = {}

    def note(_: Evolution, individuals: list[Individual]) -> None:
        for one in individuals:
            if not one.parents:
                one.family = f"family {one.id}"  # so that no two founders have the same
            born[one.id] = one

    while evolution.generation < 4:
        individuals = evolution.ask()
        note(evolution, individuals)
        appraise(individuals)
        evolution.tell(individuals)
    children = [one for one in born.values() if one.parents]
    assert len({one.family for one in children}) > 3
    assert all(one.family == born[one.parents[0]].family for one in children)
    assert all(one.clone().family == one.family for one in children)


def test_families_are_counted_and_known_again_on_resume(tmp_path: Path) -> None:
    settings = recipe(GRADIENT, evolution=BOTH, run={"generations": 3, "keep_genomes": "champions"})
    engine, _ = lived_in(settings, tmp_path / "run", 3)
    population = engine.evolution.population
    again = recalled(engine, tmp_path / "run")
    assert {one.id: one.family for one in again.population} == {one.id: one.family for one in population}
    (later, others) = ([one.family for one in each.ask() if one.parents] for each in (again, engine.evolution))
    assert later == others
    assert len({one.family for one in population}) > 1
    families = engine.standing.statistics(engine.evaluator.evaluate(population, 3)).families
    assert sum(families.values()) == len(population)
    assert families == evometa.load(tmp_path / "run").history[-1].families
    stored = founders(evometa.load(tmp_path / "run").reader, [one.id for one in population])
    assert {id: family_of(operator) for id, operator in stored.items()} == {one.id: one.family for one in population}


def test_where_all_is_random_nothing_is_said_of_families(tmp_path: Path) -> None:
    engine, _ = lived_in(DELTA, tmp_path / "run", 1)
    assert {one.family for one in engine.evolution.population} == {"random"}
    assert evometa.load(tmp_path / "run").history[0].families == {}
