"""Habits drive variation: parents, variations, nodes, steps and survivors; the fixed ones leave all as it was."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.engine import new_evolution
from evometa.evolution.courses import open_courses
from evometa.evolution.loop import Evolution
from evometa.evolution.starts import Guesses
from evometa.genetics.individual import Individual
from evometa.language.habits import Habits, fixed_habits
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.spec.habits import OWN
from operators.habits import Living, by_weight, operators, survivors

ONE = np.zeros(1, np.int64)
SMALL = ["evolution.population=40", "evolution.immigrants=0"]


def habits(**texts: str) -> Habits:
    given = {slot: parse(text, HABIT_SLOTS[slot].signals, where=slot) for slot, text in texts.items()}
    return MappingProxyType({**fixed_habits(5), **given})


def evolved(own: Habits, generations: int = 3, settings: tuple[str, ...] = ()) -> Evolution:
    """Return an evolution whose fitness is the number of nodes, driven by habits."""
    config = load("delta", [*SMALL, *settings], seed=3).config
    networks = [one.network for one in open_courses(config)]
    evolution = new_evolution(config, networks, guesses=Guesses({}, (), {}, own))
    for _ in range(generations):
        young = evolution.ask()
        for one in young:
            one.fitness.values = (float(one.size),)
            one.signature = str(one.genome.rule["update"]).encode()
        evolution.tell(young)
    return evolution


def texts(individuals: list[Individual]) -> list[str]:
    return [one.genome.to_json() + one.operator for one in individuals]


def test_fixed_habits_give_the_very_same_offspring() -> None:
    assert texts(evolved(habits()).ask()) == texts(evolved({}).ask())


@pytest.mark.parametrize(
    "own", [{"where": "size"}, {"which_insert": "4"}, {"step": "2*gauss"}, {"pick": "1"}, {"keep": "-rank"}]
)
def test_each_habit_changes_them(own: dict[str, str]) -> None:
    assert texts(evolved(habits(**own)).ask()) != texts(evolved({}).ask())


def test_habits_that_say_the_same_in_other_words_breed_alike() -> None:
    plain = evolved({})
    assert texts(evolved(habits(where="2 - 1", keep="novelty + rank")).ask()) == texts(plain.ask())
    assert texts(evolved(habits(step="gauss*sigma", which_node="1 + 0*rank")).ask()) != texts(
        plain.ask()
    )  # other draws


def test_a_variation_without_weight_is_not_made() -> None:
    young = evolved(habits(which_crossover="0", which_subtree="0", which_node="-1")).ask()
    made = {one.operator for one in young}
    assert made <= {"mutate insert", "mutate shrink", "mutate constant"}


def test_weights_that_are_all_0_are_the_fixed_ones() -> None:
    names = {f"which_{name}": "0" for name in ("crossover", "subtree", "node", "insert", "shrink", "constant")}
    made = {one.operator for one in evolved(habits(**names, where="0", pick="-1")).ask()}
    assert len(made) > 3
    assert by_weight(np.zeros((1, 3)), np.array([[0.0, 1.0, 0.0]]), np.array([[0.1, 0.9]])).tolist() == [[1, 1]]


def test_where_says_which_nodes_are_met() -> None:
    """Insertion at the root alone keeps the whole tree as an argument of the new root."""
    own = {f"which_{name}": "0" for name in ("crossover", "subtree", "node", "shrink", "constant")}
    parents = evolved(habits(), 1)
    before = {one.id: one.genome.rule["update"] for one in parents.population}
    guided = evolved(habits(**own, where="1 - step(depth)"), 1)
    for one in guided.ask():
        parent = before[one.parents[0]]
        child = one.genome.rule["update"]
        if child != parent:
            assert any(child[at : at + len(parent)] == parent for at in range(1, len(child)))


def test_own_habits_are_inherited_and_mutate() -> None:
    evolution = evolved({}, 4, ("habits.mode=own", "habits.mutation=0.5"))
    everyone = evolution.ask()
    assert all({*OWN} <= one.genome.rule.keys() for one in everyone)
    kinds = {tuple(str(one.genome.rule[slot]) for slot in OWN) for one in everyone}
    assert len(kinds) > 10
    assert all(one.size == len(one.genome.rule["update"]) for one in everyone)


def living(**own: Any) -> Living:
    given = {
        "fitness": np.array([[3.0, 2.0, 1.0, 0.0]]), "sizes": np.array([[9, 1, 5, 2]]),
        "born": np.array([[1, 3, 2, 0]]), "novel": np.array([[True, False, True, True]]),
        "sigma": np.full((1, 4), 0.1), "generation": 4, "most": 10,
    }  # fmt: skip
    return Living(**{**given, **own})


def test_rows_of_the_living() -> None:
    rows = living().rows()
    assert rows["rank"].tolist() == [[0.875, 0.625, 0.375, 0.125]]
    assert np.allclose(rows["gain"], [[1, 1 / 3, -1 / 3, -1]])
    assert np.allclose(rows["age"], [[3 / 11, 1 / 9, 2 / 10, 4 / 12]])
    assert np.allclose(rows["stagnation"], 3 / 11)
    assert np.allclose(rows["progress"], 0.2)


def test_fixed_survivors_are_those_of_the_selection() -> None:
    rows = living().rows()
    assert survivors([habits()], ONE, rows, 3).tolist() == [[0, 2, 3]]  # the second behaves like the first
    assert survivors([habits(keep="0")], ONE, rows, 3).tolist() == [[0, 2, 3]]  # says nothing
    assert survivors([habits(keep="-size")], ONE, rows, 2).tolist() == [[1, 3]]
    assert survivors([habits(keep="div(rank, 0*rank)")], ONE, rows, 2).tolist() == [[0, 2]]  # infinite for all: nothing


def test_shares_of_rows() -> None:
    shares = np.array([0.3, 0.2, 0.0, 0.1, 0.1, 0.1, 0.2])
    rows = {name: values.reshape(-1) for name, values in living().rows().items()}
    given = operators([habits(which_insert="rank", which_node="5")], np.zeros(4, int), shares, rows, np.zeros)
    assert np.allclose(given[:, 3], 0.1 * rows["rank"])
    assert (given[:, 2] == 0).all()  # what the recipe leaves out no habit brings in
    assert np.allclose(given[:, 6], 0.2)
