"""Gymnasium's environments as lanes: by id, by class, as vectors; what each of them has to keep to."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from evometa.errors import FunctionFailed, InputError
from evometa.lifetime import OK
from evometa.tasks.environments.acting import act_in
from evometa.tasks.environments.course import Course
from evometa.tasks.environments.protocol import Facts, Wrong
from evometa.tasks.environments.rehearsal import rehearse
from evometa.tasks.environments.spec import EnvironmentSpec, reset_seed
from tests.lifetime.acting.learners import F, actor, dense, plan_of, rule_of
from tests.tasks.environments.test_courses import silent

gymnasium = pytest.importorskip("gymnasium")

OWN = "tests.tasks.environments.of_gymnasium"


def of(name: str, **more: object) -> EnvironmentSpec:
    """An environment of of_gymnasium.py."""
    return EnvironmentSpec(f"{OWN}:{name}", **more)  # type: ignore[arg-type]


def test_an_id_is_lanes_of_what_gymnasium_makes() -> None:
    spec, lanes = EnvironmentSpec("CartPole-v1"), (5, 0)
    course = Course(spec, lanes, 1, 2, silent)
    assert course.facts == Facts(4, 2)
    seen = course.begin()
    actions = np.random.default_rng(0).integers(0, 2, (40, 2))
    for place, lane in enumerate(lanes):
        environment, trial = gymnasium.make("CartPole-v1"), 0
        x, _ = environment.reset(seed=reset_seed(1, 2, lane, 0))
        expected = [x]
        for action in actions[:, place].tolist():
            x, _, ended, cut, _ = environment.step(action)
            if ended or cut:
                trial += 1
                x, _ = environment.reset(seed=reset_seed(1, 2, lane, trial))
            expected.append(x)
        assert trial > 0
        if place == 0:
            rows = [seen, *(course.step(action) for action in actions)]
        assert np.array_equal(np.array([row.x[:, place] for row in rows]), np.array(expected, F))


def test_spaces_of_all_kinds_are_numbers_in_one_order() -> None:
    course = Course(of("Seen"), (0,), 0, 0, silent)
    assert course.facts == Facts(3 + 4, 2)
    assert course.begin().x[:, 0].tolist() == [1, 0, 0, 0, 0, 0, 0]
    seen = course.step(np.array([0]))
    assert seen.x[:, 0].tolist() == [0, 1, 0, *np.full(4, 0.1, F).tolist()]
    assert seen.reward == 1
    assert seen.legal.tolist() == [[1], [0]], "info has an action_mask"
    assert Course(of("Number"), (0,), 0, 0, silent).facts == Facts(3, 2, 3)


def test_lives_may_differ() -> None:
    course = Course(of("Seen", vary=f"{OWN}:ends"), (3, 1, 3), 0, 0, silent)
    own = [environment.ends for environment in course.environment.environments]
    assert own[0] == own[2] != own[1]


@pytest.mark.parametrize("name", ["vector", "Seen", "Number"])
def test_lanes_that_know_nothing_of_each_other_are_taken(name: str) -> None:
    assert rehearse(of(name), 0, silent).speed > 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OneGenerator", r"another x of lane \d at tick \d"),
        ("by_itself", "autoreset_mode=gymnasium.vector.AutoresetMode.DISABLED"),
        ("fewer", "as many environments as lanes, 4; found 1"),
        ("Changing", r"spaces that stay as they are, Discrete\(2, start=2\); found Discrete\(4\)"),
        ("Opening", r"spaces that stay as they are, Discrete\(2, start=2\); found Discrete\(3, start=2\)"),
        ("opening", r"spaces that stay as they are, Box.*; found Box.*\(5,\)"),
        ("Growing", "an observation of Box"),
        ("Unpaid", "a reward, a number; found 'much'"),
        ("Old", "five things from step .* found 4"),
        ("Continuous", "actions of a Discrete space"),
    ],
)
def test_what_they_may_not_be_is_said(name: str, said: str) -> None:
    with pytest.raises(Wrong) as caught:
        rehearse(of(name), 0, silent)
    error = FunctionFailed(name, caught.value.expected, caught.value.found, caught.value.remedy)
    with pytest.raises(FunctionFailed, match=said):
        raise error


def test_an_id_that_is_none_and_gymnasium_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="an id that Gymnasium knows"):
        rehearse(EnvironmentSpec("CartPole-v77"), 0, silent)
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(InputError, match=r"pip install 'evometa\[gymnasium\]'"):
        rehearse(EnvironmentSpec("CartPole-v1"), 0, silent)


def test_learners_live_in_what_gymnasium_makes() -> None:
    """The states of a discrete observation are counted: three places, and visits of them."""
    rule = rule_of({"intrinsic": "visits", "update": "0*w"})
    own = actor(rule, dense(3, 2), (), "next tick")
    found = act_in(of("Number"), own, plan_of(6, 1, policy="softmax"), lanes=2, seed=0)
    assert (found.status == OK).all()
    assert (found.measure("visited")[0, 0] == 1).all()
    assert (found.measure("visited")[0, 1] >= 2).all()
