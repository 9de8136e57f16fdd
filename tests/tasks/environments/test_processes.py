"""A user's environment in a process of its own: it hangs, dies, raises there; lives in it are counted."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from evometa.errors import InputError, RunFailed
from evometa.lifetime import OK
from evometa.lifetime.acting import FAULTY
from evometa.tasks.environments.acting import act_in, fault_in, tried
from evometa.tasks.environments.process import EnvironmentProcess
from evometa.tasks.environments.spec import EnvironmentSpec
from tests.lifetime.acting.learners import F, actor, dense, plan_of, rule_of
from tests.lifetime.acting.test_random_lives import assert_same
from tests.tasks.environments.test_courses import own

pytestmark = pytest.mark.clocks
TD = rule_of({"update": "c0*m*s1", "s1": "max(c1*greedy*s1, act*pre)", "modulator": "reward + c2*value - before"})
LEARNER = actor(TD, dense(5, 2), (0.7, 0.45, 0.9), "next tick", optimism=0.5)
STILL = actor(rule_of({"update": "0*w"}), dense(5, 2), (), "same tick", innate=np.repeat([0, 1], 5).astype(F))
GREEDY = plan_of(30, 15, policy="greedy", ties="random", keep_weights=True)


def test_learners_live_there_whoever_lives_beside_them() -> None:
    heard: list[tuple[int, int]] = []
    one = act_in(own("Corridor"), LEARNER, GREEDY, lanes=6, seed=3, progress=lambda *done: heard.append(done))
    assert (one.status == OK).all()
    reward, trials = one.measure("reward")[0], one.measure("trials")[0]
    assert np.array_equal(reward, trials)
    assert reward[1].mean() > 3.5, "goes straight to the end in the second half: a trial of 3.5 moves"
    assert heard[-1] == (30, 30)
    three = act_in(own("Corridor"), LEARNER.take([0, 0]), GREEDY, lanes=3, first=2, seed=3)
    assert np.array_equal(three.measures[:, 0], one.measures[:, 0, :, 2:5])
    assert np.array_equal(three.measures[:, 1], one.measures[:, 0, :, 2:5])


def test_what_is_no_number_is_the_fault_of_that_lane() -> None:
    found = act_in(own("Broken"), STILL, plan_of(3, policy="greedy"), lanes=3, seed=0)
    said = fault_in(own("Priceless"), STILL, plan_of(3, policy="greedy"), lane=1, seed=0)
    assert said == f"environment {own('Priceless').name}, in tick 1: reward is nan"
    assert fault_in(own("Corridor"), STILL, plan_of(3, policy="greedy"), lane=1, seed=0) == ""
    assert found.status.tolist() == [[OK, FAULTY, OK]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hanging", r"environment .*own:hanging: expected a sign of life within 2 s of step; found none"),
        ("dying", r"expected an answer to step; found that its process had ended with code 7\."),
        ("raising", r"own:raising: expected no error from step; found KeyError: 'no way' \(.*own\.py, line \d+\)"),
    ],
)
def test_what_goes_wrong_there_is_said_here(name: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wait = EnvironmentProcess._wait  # on a busy machine, beginning may take seconds
    monkeypatch.setattr(
        EnvironmentProcess, "_wait", lambda own, kind, limit: wait(own, kind, limit if kind == "step" else 120.0)
    )
    with pytest.raises(RunFailed, match=said):
        act_in(own(name, limit=2.0 if name == "hanging" else 60.0), STILL, plan_of(5), lanes=2, seed=0)


def test_before_a_run_it_is_what_was_said_that_is_wrong() -> None:
    with pytest.raises(InputError, match=r"environment, .*another x of lane \d at tick 0. Draw each lane"):
        tried(own("Shared"))
    with pytest.raises(InputError, match="a function None_of_these in"):
        tried(own("None_of_these"))


def test_keywords_that_another_process_cannot_have_are_refused() -> None:
    with pytest.raises(InputError, match="keywords of numbers, texts and lists; found Object of type Fraction"):
        tried(own("Corridor", keywords={"length": Fraction(1, 2)}))


def test_it_is_gone_when_its_user_is() -> None:
    with EnvironmentProcess(EnvironmentSpec("nobody:asks")) as process:
        assert process.process.poll() is None
    assert process.process.poll() is not None
    assert_same(*[act_in(own("Masked"), LEARNER, GREEDY, lanes=1, seed=k) for k in (5, 5)])
