"""How actions are chosen: by shares, by size, at random, of what is legal alone."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.language.generated_nodes import ANSWER
from evometa.lifetime.reference_acting import act
from evometa.lifetime.reference_choice import allowed, by_shares, by_size, largest, numbered, shares
from tests.lifetime.acting.learners import F, actor, dense, lives_in, place, plan_of, rule_of
from tests.properties import SAME

pytestmark = SAME
V = np.linspace(0, 1, 1000, endpoint=False, dtype=F)


def columns(*rows: float) -> np.ndarray:
    """The same rows in as many lanes as V has."""
    return np.repeat(np.array(rows, F)[:, None], len(V), axis=1)


def test_shares_are_those_of_the_head() -> None:
    z = np.random.default_rng(0).normal(size=(5, 40)).astype(F)
    everything = allowed(np.zeros((0, 40), F), 5, 40)
    assert np.array_equal(shares(z, everything), ANSWER["softmax"](z[:, None])[:, 0])


def test_actions_come_as_often_as_their_shares_say() -> None:
    z, may = columns(0, 1, 5, -1), columns(1, 1, 0, 1) > 0
    y = shares(z, may)
    assert (y[2] == 0).all()
    chosen = by_shares(y, may, V)
    often = np.bincount(chosen, minlength=4) / len(V)
    assert np.allclose(often, y[:, 0], atol=1e-3)
    half, both = np.array([[0.5], [0.5]], F), np.ones((2, 1), bool)
    assert by_shares(half, both, np.array([0.5], F)) == 1, "a draw is from 0 to below 1: half of them below a half"
    assert (by_shares(y * F(0.5), may, V)[-1]) == 3, "the last one where shares do not add up"
    assert (by_shares(shares(z, may), columns(1, 1, 0, 0) > 0, V + 1) == 1).all()


def test_any_legal_action_alike() -> None:
    chosen = numbered(columns(0, 1, 1, 0, 1) > 0, V)
    assert set(chosen.tolist()) == {1, 2, 4}
    assert np.ptp(np.bincount(chosen)[[1, 2, 4]]) <= 1
    assert numbered(columns(0, 1, 1) > 0, V + 1).max() == 2


def test_the_largest_and_ties() -> None:
    z, may = columns(3, 1, 2, 2), columns(0, 1, 1, 1) > 0
    assert (by_size(z, may, V, "first") == 2).all()
    assert np.bincount(by_size(z, may, V, "random")).tolist() == [0, 0, 500, 500]
    assert (largest(z, may) == 2).all()
    lost = columns(0, np.nan, 5, 1)
    assert (by_size(lost, may, V, "random") == 1).all(), "nothing is larger than what is no number"


def test_where_nothing_is_legal_everything_is() -> None:
    may = allowed(np.array([[0, 1], [0, 0]], F), 2, 2)
    assert may.tolist() == [[True, True], [True, False]]


@pytest.mark.parametrize("policy", ["softmax", "greedy"])
@pytest.mark.parametrize("epsilon", [0, 0.5])
def test_no_illegal_move_is_made(policy: str, epsilon: float) -> None:
    """In tic-tac-toe a square that is taken would count as no empty one: games would go wrong."""
    lives = lives_in(place("tictactoe", own=1), 4, 40)
    own = actor(rule_of({"update": "0*w"}), dense(27, 9), (), "same tick", innate=np.arange(243, dtype=F) / 100)
    found = act(own, lives, plan_of(40, policy=policy, epsilon=epsilon))
    assert (found.measure("trials") >= 4).all(), "nine moves at most make a game"


def test_exploring_is_as_often_as_is_said() -> None:
    lives = lives_in(place("bandit", arms=4), 300, 10)
    own = actor(rule_of({"update": "0*w"}), dense(1, 4), (), "same tick", innate=np.array([0, 1, 0, 0], F))
    found = act(own, lives, plan_of(10, policy="greedy", epsilon=0.4))
    expected = 0.6 * lives.parameters[1] + 0.4 * lives.parameters.mean(axis=0)
    assert np.isclose(found.measure("worth").mean() / 10, expected.mean(), atol=0.01)
