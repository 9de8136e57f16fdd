"""Habits evaluated on rows: what becomes of odd numbers, and how they are told from the fixed ones."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.language.algebra import latex
from evometa.language.habits import difference, different, evaluate, fixed_habits, held, own_habits, stood_in_for
from evometa.language.signals import HABIT_SLOTS, READABLE, SIGNALS
from evometa.language.text import parse
from evometa.spec.habits import HABITS, OWN, tournament


def habit(slot: str, text: str):  # type: ignore[no-untyped-def]
    return parse(text, HABIT_SLOTS[slot].signals, where=slot)


def test_what_is_no_weight_counts_as_none() -> None:
    rows = {"rank": np.array([-1.0, 0.0, 0.5, 2.0], np.float32)}
    assert held(evaluate(habit("pick", "rank"), rows, 4)).tolist() == [0.0, 0.0, 0.5, 2.0]
    given = held(evaluate(habit("pick", "div(rank, sub(rank, rank))"), rows, 4))  # −∞, not a number, ∞, ∞
    assert given[:2].tolist() == [0.0, 0.0]
    assert np.isfinite(given).all()
    assert (given[2:] > 1e29).all()


def test_a_number_alone_is_the_same_for_all_rows() -> None:
    assert evaluate(habit("where", "2"), {}, 3).tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 20])
def test_the_weight_of_a_tournament_is_a_power_of_the_rank(size: int) -> None:
    rank = np.linspace(0, 1, 9, dtype=np.float32)
    given = evaluate(habit("pick", tournament(size)), {"rank": rank}, 9)
    assert np.allclose(given, rank.astype(np.float64) ** (size - 1), rtol=1e-5)


def test_habits_are_shown_as_a_difference_from_the_fixed_ones() -> None:
    fixed = fixed_habits(5)
    assert difference(fixed, 5) == "the fixed habits"
    own = {**fixed, "which_insert": habit("which_insert", "mul(2, 2)*rank"), "where": habit("where", "sub(3, 2)")}
    assert difference(own, 5) == "fixed habits but which_insert = 4·rank"
    assert set(different(fixed, 3)) == {"pick"}


def test_habits_have_names_in_latex() -> None:
    assert latex({"which_node": habit("which_node", "2*rank")}).startswith(r"\mathrm{which\_node} = 2")


def test_own_habits_say_nothing_of_who_breeds_and_who_survives() -> None:
    assert set(own_habits()) == {*OWN} == HABITS.keys() - {"pick", "keep"}


def test_habits_share_no_register_but_by_name() -> None:
    registers = [row.register for row in READABLE.values()]
    assert len(set(registers)) == len(registers)
    assert READABLE["age"] is SIGNALS["age"]


def test_weights_of_nothing_are_told_as_what_the_fixed_habits_stand_in_for() -> None:
    def told(**texts: str) -> list[str]:
        return stood_in_for({slot: parse(text, HABIT_SLOTS[slot].signals) for slot, text in texts.items()})

    every = dict.fromkeys(HABITS.names, "0")
    assert told(**every) == [slot for slot in HABITS.names if slot != "step"]  # numbers that never move are a habit
    assert told(which_node="0", which_shrink="-1", pick="1", where="place - 1") == []
    assert told(where="1 - 2", keep="3", pick="rank") == ["where", "keep"]
