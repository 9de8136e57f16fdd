"""The loop: ask and tell, every scheme, islands, the hall, and going back to a state."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from evometa.errors import InputError
from evometa.evolution.loop import Evolution, evolve
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual
from evometa.genetics.topology import graph_key
from operators.selection import SCHEMES, SELECTIONS
from tests.searching import NETWORK, appraise, evolution_of, recipe


def search(scheme: str = "plus", reevaluate: bool = False, seed: int = 0, **evolution: Any) -> Evolution:
    two = SELECTIONS["parents"][SCHEMES[scheme].parents].several
    config = recipe(
        seed=seed,
        evolution={"scheme": scheme, **evolution},
        fitness={"objectives": ("adapted_loss", "size") if two else ("adapted_loss",)},
    )
    return evolution_of(config, 2 if two else 1, reevaluate)


def print_of(individuals: list[Individual]) -> list[tuple[Any, ...]]:
    """Everything that is known of individuals, for comparison."""
    return [
        (one.id, one.parents, one.born, one.operator, one.genome.to_json(), one.fitness.wvalues) for one in individuals
    ]


def reread(individual: Individual) -> Individual:
    """Return an individual as a run file would bring it back."""
    new = individual.clone()
    new.genome = Genome.from_json(individual.genome.to_json(), {graph_key(NETWORK): NETWORK})
    return new


@pytest.mark.parametrize("islands", [1, 3])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_improves_and_keeps_its_sizes(scheme: str, islands: int) -> None:
    evolution = search(scheme, population=31, offspring=25, islands=islands, migrate_every=2, migrants=0.13)
    best: list[float] = []
    sizes: list[int] = []

    def note(state: Evolution, individuals: list[Individual]) -> None:
        best.append(state.hall[0].fitness.values[0])
        sizes.append(len(individuals))
        assert [len(island) for island in state.islands] == [31 // islands + (i < 31 % islands) for i in range(islands)]

    evolve(evolution, appraise, 12, note)
    assert evolution.generation == len(best) == 12
    assert sizes == [31] + [25] * 11
    assert best == sorted(best)
    assert best[-1] > best[0]
    born = {one.born for one in evolution.population}
    assert max(born) == 11
    if scheme == "ageing":
        assert min(born) >= 9  # 31 places, 25 births a generation; migrants may be a little older


def test_each_child_has_one_operator_and_its_parents_survived() -> None:
    evolution = search(immigrants=0.15)
    evolve(evolution, appraise, 3)
    alive = {one.id: one for one in evolution.population}
    children = evolution.ask()
    assert [child.operator for child in children].count("random immigrant") == 3
    for child in children:
        assert set(child.parents) <= alive.keys()
        assert len(child.parents) == {"crossover": 2, "mutate": 1, "random": 0}[child.operator.split()[0]]
        assert child.born == 3
        if child.parents:
            assert child.genome.to_json() != alive[child.parents[0]].genome.to_json()
    assert len({child.id for child in children}) == len(children)


def test_ask_gives_the_same_until_told() -> None:
    evolution = search()
    assert [id(one) for one in evolution.ask()] == [id(one) for one in evolution.ask()]
    appraise(evolution.ask())
    evolution.tell(evolution.ask())
    assert evolution.ask()[0].born == 1


@pytest.mark.parametrize("reevaluate", [False, True])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_restored_equals_never_interrupted(scheme: str, reevaluate: bool) -> None:
    def fresh() -> Evolution:
        return search(
            scheme, reevaluate, population=12, offspring=10, islands=2, migrate_every=2, immigrants=0.2, seed=5
        )

    whole, everyone, states = fresh(), {}, []
    prints: list[list[tuple[Any, ...]]] = []
    for _ in range(7):
        individuals = whole.ask()
        appraise(individuals)
        prints.append(print_of(individuals))
        whole.tell(individuals)
        everyone.update({one.id: reread(one) for one in individuals})
        states.append(json.loads(json.dumps(whole.state())))
    for done in range(1, 7):
        random.seed(done)  # must not matter
        again = fresh()
        again.restore(states[done - 1], {id: one.clone() for id, one in everyone.items()})
        for later in range(done, 7):
            individuals = again.ask()
            appraise(individuals)
            assert print_of(individuals) == prints[later]
            again.tell(individuals)
            assert again.state() == states[later]


def test_seeds_and_islands_differ_and_the_global_random_is_left_alone() -> None:
    random.seed(9)
    before = random.getstate()
    texts = [[one.genome.to_json() for one in search(seed=seed, islands=2).ask()] for seed in (0, 1)]
    assert random.getstate() == before
    assert not set(texts[0]) & set(texts[1])
    assert texts[0][:10] != texts[0][10:]


def test_parents_who_cannot_live_on_are_not_asked_again() -> None:
    born = []
    for reevaluate in (True, False):
        evolution = search("ageing", reevaluate, population=12, offspring=12)
        evolve(evolution, appraise, 3)
        born.append(print_of(evolution.ask()))
        assert {one.born for one in evolution.ask()} == {3}
    assert born[0] == born[1]
    few = search("ageing", reevaluate=True, population=12, offspring=11)
    evolve(few, appraise, 1)
    assert len(few.ask()) == 12 + 11


def test_parents_are_asked_again_once_each_when_tasks_change() -> None:
    evolution = search(reevaluate=True, islands=2, migrate_every=1, migrants=0.4)
    evolve(evolution, appraise, 4)
    asked = evolution.ask()
    assert {one.id for one in evolution.population} <= {one.id for one in asked}
    assert len({one.id for one in asked}) == len(asked)
    assert len(evolution.population) > len({one.id for one in evolution.population})  # migrants are on two islands


def test_migrants_are_the_best_of_the_island_before() -> None:
    evolution = search(islands=2, migrate_every=1, migrants=0.3, population=20)
    appraise(evolution.ask())
    asked = evolution.ask()
    evolution.tell(asked)
    for island, other in ((0, 1), (1, 0)):
        own = {one.id for one in asked[:10]} if island == 0 else {one.id for one in asked[10:]}
        best = sorted((one for one in asked if one.id in own), key=lambda one: one.fitness, reverse=True)[:3]
        assert {one.fitness.values for one in best} <= {one.fitness.values for one in evolution.islands[other]}
        assert sum(one.id not in own for one in evolution.islands[island]) == 3


@pytest.mark.parametrize("scheme", ["plus", "neat"])
def test_the_worse_half_of_the_islands_begin_again_with_the_best_of_the_others(scheme: str) -> None:
    evolution = search(scheme, islands=5, reset_every=2, migrate_every=100, population=50)

    def note(state: Evolution, individuals: list[Individual]) -> None:
        sizes = [len(island) for island in state.islands]
        if state.generation % 2:
            assert sizes == [10] * 5  # one founder is enough to fill an island
        else:
            assert sorted(sizes) == [1, 1, 10, 10, 10]
            best = [max(island, key=lambda one: (one.fitness.wvalues, -one.size, -one.id)) for island in state.islands]
            kept = {one.id for island, one in zip(state.islands, best, strict=True) if len(island) == 10}
            assert {one.id for one in best} == kept

    evolve(evolution, appraise, 4, note)
    again = search(scheme, islands=5, reset_every=2, migrate_every=100, population=50)
    evolve(again, appraise, 4)
    assert again.state() == evolution.state()


def test_the_hall_keeps_the_best_ever_one_of_each_signature() -> None:
    evolution = search("ageing", hall=5, offspring=20)
    seen: dict[bytes, float] = {}
    for _ in range(6):
        individuals = evolution.ask()
        appraise(individuals)
        for one in individuals:  # behaviours: as many as sizes
            one.signature = bytes([one.size])
            seen[one.signature] = max(seen.get(one.signature, 0.0), one.fitness.values[0])
        evolution.tell(individuals)
        assert [one.fitness.values[0] for one in evolution.hall] == sorted(seen.values(), reverse=True)[:5]
        assert len({one.signature for one in evolution.hall}) == 5


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_a_fitness_that_cannot_be_ranked_is_refused_and_nothing_is_lost(value: float | None) -> None:
    evolution = search()
    individuals = evolution.ask()
    appraise(individuals)
    if value is None:
        del individuals[3].fitness.values
    else:
        individuals[3].fitness.values = (value,)
    with pytest.raises(InputError, match="finite fitness"):
        evolution.tell(individuals)
    appraise(individuals)
    evolution.tell(individuals)
    assert evolution.generation == 1


def test_individuals_that_were_not_told_and_states_without_their_individuals_are_refused() -> None:
    evolution = search()
    individuals = evolution.ask()
    appraise(individuals)
    with pytest.raises(InputError, match="missing"):
        evolution.tell(individuals[1:])
    evolution.tell(individuals)
    state = evolution.state()
    some = {one.id: one for one in individuals[1:]}
    with pytest.raises(InputError, match="missing"):
        search().restore(state, some)


def test_islands_with_the_same_parents_have_other_offspring() -> None:
    evolution = search(islands=2)
    evolve(evolution, appraise, 1)
    evolution.islands[1] = list(evolution.islands[0])
    texts = [one.genome.to_json() for one in evolution.ask()]
    assert texts[:10] != texts[10:]


def test_a_variation_that_changes_nothing_gives_way_to_another() -> None:
    config = recipe(
        rule={"slots": ("update",), "init": {"update": "grad"}, "constants": ()},
        coefficients={"count": 0}, weights={"mode": "drawn"}, plasticity={"count": 0},
        variation={"crossover": 1.0, "mutate_constant": 1.0},
    )  # fmt: skip
    evolution = evolution_of(config)
    evolve(evolution, appraise, 1)
    children = evolution.ask()
    # one leaf: nothing to exchange, to shrink, to shift, and no node below the root
    assert {child.operator for child in children} == {"mutate subtree", "mutate insert"}
    assert all(len(child.parents) == 1 for child in children)
    assert all(str(child.genome.rule["update"]) != "grad" for child in children)
