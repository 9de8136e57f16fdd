"""What does not keep the contract of lives that act is refused at every backend's door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.errors import ContractError
from evometa.language.numbering import LOOKUP
from evometa.language.text import parse
from evometa.lifetime.acting import ActingPlan, Actors, Lives
from evometa.lifetime.acting_check import check_acting
from evometa.lifetime.validation import check_learners
from tests.lifetime.acting.learners import F, actor, dense, lives_in, place, plan_of, rule_of

Batch = tuple[Actors, Lives, ActingPlan]


def batch() -> Batch:
    """A sound one."""
    rule = rule_of({"update": "c0*m*s1", "s1": "act*pre", "modulator": "reward - m1", "m1": "reward"})
    lives = lives_in(place("bandit", arms=3), 2, 5)
    return actor(rule, dense(1, 3), (1.0,), "next tick"), lives, plan_of(5, 2)


def changed(code: Any, row: int, column: int, value: int) -> Any:
    """A copy of code with another number."""
    other = code.copy()
    other[row, column] = value
    return other


def of_world(**parts: Any) -> Any:
    """Change parts of the world's program."""

    def change(b: Batch) -> Batch:
        world = b[1].world
        return b[0], replace(b[1], world=replace(world, **{name: part(world) for name, part in parts.items()})), b[2]

    return change


def of_plan(**parts: Any) -> Any:
    return lambda b: (b[0], b[1], replace(b[2], **parts))


def of_actors(**parts: Any) -> Any:
    return lambda b: (replace(b[0], **parts), b[1], b[2])


def of_lives(**parts: Any) -> Any:
    return lambda b: (b[0], replace(b[1], **parts), b[2])


FAULTS: dict[str, Any] = {
    "windows": of_plan(windows=np.array([3, 3], np.int32)),
    "no window": of_plan(windows=np.array([0], np.int32)),
    "policy": of_plan(policy="best"),
    "credit": of_plan(credit="none"),
    "ties": of_plan(ties="last"),
    "epsilon": of_plan(epsilon=1.5),
    "critic": of_plan(critic=0.5),
    "critic below": of_plan(critic=-1.0),
    "inputs": of_plan(see_reward=True),
    "projection": of_plan(projection=np.zeros((2, 1), F)),
    "longer": of_plan(windows=np.array([6], np.int32)),
    "longer than the world": lambda b: (b[0], lives_in(place("bandit", arms=3), 2, 101), plan_of(101)),
    "one draw": of_lives(draws=np.zeros((5, 1, 2), F)),
    "three draws": of_lives(draws=np.zeros((5, 3, 2), F)),
    "noise": of_lives(noise=np.full((6, 1, 2), 1, F)),
    "draws": of_lives(draws=np.full((5, 2, 2), -0.1, F)),
    "parameters": of_lives(parameters=np.zeros((2, 2), F)),
    "lanes": of_lives(parameters=np.zeros((3, 4), F)),
    "order": of_actors(order="now"),
    "lane": of_actors(lane=np.array([1], np.int32)),
    "bound": of_actors(bound=np.array([0], F)),
    "optimism": of_actors(optimism=np.array([np.nan], F)),
    "target": lambda b: (actor({"update": parse("target")}, dense(1, 3), (1.0,), "next tick"), *b[1:]),
    "opcode": of_world(code=lambda w: changed(w.code, 0, 0, LOOKUP + 1)),
    "writes an input": of_world(code=lambda w: changed(w.code, 0, 1, 0)),
    "writes beyond": of_world(code=lambda w: changed(w.code, 0, 1, w.registers)),
    "reads beyond": of_world(code=lambda w: changed(w.code, 0, 2, w.registers)),
    "sections": of_world(show_end=lambda w: w.birth_end - 1),
    "output": of_world(step=lambda w: np.full(6, w.registers, np.int32)),
    "few outputs": of_world(step=lambda w: w.step[:5]),
    "born": of_world(born=lambda w: np.zeros(1, np.int32)),
    "legal": of_world(legal=lambda w: np.zeros(2, np.int32)),
    "id": of_world(id=lambda w: w.registers),
    "ids": of_world(id=lambda w: 0),
    "tables": of_world(tables=lambda w: np.zeros(3, F)),
    "lookup of what is no row": of_world(code=lambda w: changed(w.code, looked(w), 3, 0)),
    "lookup beyond": of_world(code=lambda w: changed(w.code, looked(w), 3, w.first_parameter + 1)),
    "last index": of_world(code=lambda w: changed(w.code, looked(w), 4, 0)),
    "index": of_world(code=lambda w: changed(w.code, looked(w), 2, w.registers)),
}  # fmt: skip


def looked(world: Any) -> int:
    """The place of a lookup."""
    return int(np.flatnonzero(world.code[:, 0] == LOOKUP)[0])


def test_it_is_sound_else() -> None:
    check_acting(*batch())


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused(fault: str) -> None:
    with pytest.raises(ContractError):
        check_acting(*FAULTS[fault](batch()))


def test_lives_with_examples_know_nothing_of_actions() -> None:
    with pytest.raises(ContractError, match="signals that such a program may read"):
        check_learners(batch()[0].phenotypes, "local", 1)
