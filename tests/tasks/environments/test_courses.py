"""Batches of a user's own: seeds, trials, the rehearsal, and what is refused in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.errors import FunctionFailed, InputError
from evometa.tasks.environments.course import Course
from evometa.tasks.environments.opening import maker_of
from evometa.tasks.environments.protocol import Facts, Wrong
from evometa.tasks.environments.rehearsal import drawn, rehearse
from evometa.tasks.environments.spec import EnvironmentSpec, reset_seed

OWN = "tests.tasks.environments.own"


def silent(lane: int) -> None:
    """Hear of a lane."""


def own(name: str, **more: Any) -> EnvironmentSpec:
    """An environment of own.py."""
    return EnvironmentSpec(f"{OWN}:{name}", **more)


def test_trials_begin_by_counted_seeds() -> None:
    course = Course(own("Corridor"), (4, 2), 7, 3, silent)
    assert course.facts == Facts(5, 2)
    seen = course.begin()
    first = [np.random.default_rng(reset_seed(7, 3, lane, 0)).integers(0, 2) for lane in (4, 2)]
    assert seen.x.argmax(axis=0).tolist() == first
    for tick in range(1, 5):
        seen = course.step(np.array([1, 0]))
        assert seen.ended.tolist() == [tick == 4 - first[0], False]
        if seen.ended[0]:
            break
    assert (seen.reward.tolist(), course.trial.tolist()) == ([1, 0], [1, 0])
    assert seen.x[:, 0].argmax() == np.random.default_rng(reset_seed(7, 3, 4, 1)).integers(0, 2)
    seeds = {reset_seed(seed, g, lane, trial) for seed in (0, 1) for g in (0, 1) for lane in (0, 1) for trial in (0, 1)}
    assert len(seeds) == 16
    assert max(seeds) < 2**31


def test_trials_are_cut_where_that_is_said() -> None:
    course = Course(own("Endless", cut=3), (0,), 0, 0, silent)
    course.begin()
    cut = [bool(course.step(np.array([0])).cut[0]) for _ in range(7)]
    assert cut == [False, False, True, False, False, True, False]


def test_what_may_be_done_is_known() -> None:
    course = Course(own("Masked"), (0, 1), 0, 0, silent)
    assert course.begin().legal.tolist() == [[0, 0], [1, 1]]
    assert drawn(np.array([[0, 1, 0], [1, 1, 0], [1, 0, 0]]), np.array([0.6, 0.4, 0.9])).tolist() == [2, 0, 2]


def test_a_rehearsal_says_what_an_environment_is() -> None:
    found = rehearse(own("Corridor"), 0, silent)
    assert (found.facts, found.notes) == (Facts(5, 2), ())
    assert found.speed > 0
    (note,) = rehearse(own("Endless"), 0, silent).notes
    assert "no trial was over in 20 ticks" in note
    assert rehearse(own("Endless", cut=4), 0, silent).notes == ()
    assert rehearse(own("Masked"), 0, silent).facts == Facts(5, 2)
    (note,) = rehearse(own("Priceless", keywords={"least": 1}), 0, silent).notes
    assert "of 4 lanes at random actions were ended by a fault of their world: environment tests." in note
    assert note.endswith("in tick 1: reward is nan")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Shared", r"another x of lane \d at tick 0"),
        ("Forgetful", r"another reward of lane 0 at tick 1"),
        ("Odd", r"x\[5, 4\]"),
        ("Priceless", "finite observations and rewards; found in tick 1: reward is nan; all lanes come to that"),
        ("nothing", "int without inputs, actions, reset, step"),
    ],
)
def test_a_rehearsal_refuses(name: str, said: str) -> None:
    with pytest.raises(Wrong) as caught:
        rehearse(own(name), 0, silent)
    error = FunctionFailed(name, caught.value.expected, caught.value.found, caught.value.remedy)
    with pytest.raises(FunctionFailed, match=said):
        raise error


class Given:
    """An environment that gives what a test says."""

    inputs, actions = 1, 2

    def __init__(self, **given: Any) -> None:
        self.given = {"x": np.zeros((1, 2)), "reward": np.zeros(2), "ended": np.zeros(2, bool),
                      "cut": np.zeros(2, bool), **given}  # fmt: skip

    def reset(self, lanes: Any, seeds: Any) -> Any:
        """Nothing."""
        return np.zeros((1, 2))

    def step(self, actions: Any) -> Any:
        """Give it."""
        return tuple(self.given.values()) if "all" not in self.given else self.given["all"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"all": None}, "x, reward, ended and cut from step"),
        ({"x": np.zeros((2, 2))}, r"x\[1, 2\]"),
        ({"x": "words"}, "numbers as x"),
        ({"reward": np.zeros(3)}, r"reward\[2\]"),
        ({"ended": np.zeros(2)}, r"ended\[2\], True or False"),
        ({"cut": [True]}, r"cut\[2\], True or False"),
    ],
)
def test_what_a_step_may_not_give(monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], said: str) -> None:
    monkeypatch.setattr("tests.tasks.environments.own.given", lambda: Given(**given), raising=False)
    course = Course(own("given"), (0, 1), 0, 0, silent)
    course.begin()
    with pytest.raises(Wrong, match=said):
        course.step(np.zeros(2))


def test_names_and_numbers_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="moves of 0 or more"):
        own("Corridor", cut=-1)
    with pytest.raises(InputError, match="seconds above 0"):
        own("Corridor", limit=0)
    with pytest.raises(InputError, match="a function Corridors in"):
        maker_of(own("Corridors"))
    with pytest.raises(InputError, match="that can be imported"):
        maker_of(EnvironmentSpec("no_such_module_of_mine:Corridor"))
    with pytest.raises(Wrong, match="single environments, where lanes are to vary"):
        Course(own("Corridor", vary=f"{OWN}:longer"), (0,), 0, 0, silent)
    with pytest.raises(FunctionFailed, match="an environment; found TypeError"):
        Course(own("Corridor", keywords={"width": 3}), (0,), 0, 0, silent)
