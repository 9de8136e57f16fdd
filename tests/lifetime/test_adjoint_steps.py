"""In the reference the adjoints of steps read and write what is listed of them; and only those are made that count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse, parse_rule
from evometa.lifetime import reference_head_adjoint
from evometa.lifetime.reference_descent import Descent, steps_of
from evometa.spec import COMPARISONS
from evometa.spec.steps import ADJOINT, STEPS, UPDATE
from tests.lifetime import step_rows
from tests.lifetime.comparisons import comparing_batch
from tests.lifetime.memories import remembering_batch
from tests.lifetime.step_rows import StepRows
from tests.lifetime.strategies import random_batch

GIVEN = (*step_rows.GIVEN, "adjoint", "loss_adjoint", "order", "tape")
ALL = {"update": "c0*grad*w + c1*reward + c2*w0 + p0*s1", "s1": "0.5*s1 + grad"}
LOSS = "c0*square(output - target)"


def at_the_end(seed: int) -> Descent | None:
    """A genome of random lives, lived, its last update at hand, with adjoints that are not 0."""
    make = {1: comparing_batch, 2: remembering_batch}.get(seed % 4, random_batch)
    phenotypes, tasks, births, plan = make(seed)
    if plan.checkpoints[-1] < 2:
        return None
    if seed % 2:  # what random rules seldom read
        rule, loss = compile_rule(parse_rule(ALL)), compile_loss(parse(LOSS, signals=SLOTS["loss"].signals))
        losses = [loss] * len(phenotypes.losses)
        phenotypes = replace(phenotypes, programs=[rule] * len(phenotypes.programs), losses=losses)
    own, adjoint = phenotypes[0].loss, adjoint_of(phenotypes[0].program)
    one = Descent(phenotypes, 0, tasks, births, plan, adjoint, None if own is None else adjoint_of(own), 2)
    one.trace(np.zeros((len(plan.checkpoints), tasks.lanes), np.float32))
    one.query_adjoint(int(plan.checkpoints[-1]), np.float32(1))
    vars(one).update(one.tape[-1])
    one.output_bar = np.ones_like(one.output_bar)  # as an update before has left it
    one.memory_bar = {name: np.ones_like(part) for name, part in one.memory_bar.items()}
    return one


def test_the_adjoints_are_those_of_the_steps_of_an_update_backwards() -> None:
    assert tuple(ADJOINT) == tuple(f"{step}_adjoint" for step in reversed(UPDATE))
    assert not ADJOINT.keys() & STEPS.keys()


@np.errstate(all="ignore")
def test_adjoints_of_steps_read_and_write_what_their_rows_say(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = StepRows(ADJOINT, GIVEN)
    for name in COMPARISONS:  # whose reward has jumps, but no slope
        monkeypatch.setitem(reference_head_adjoint.REWARD_SLOPE, name, reference_head_adjoint.REWARD_SLOPE["linear"])
    for one in filter(None, map(at_the_end, range(80))):
        for name in ADJOINT:
            rows.make(one, name)
    rows.check()


RULE_STEPS = ["bound_adjoint", "execute_adjoint"]
SWEEP = ["answer_adjoint", "compare_adjoint", "forward_adjoint", "perceive_adjoint"]
ERRORS = ["back_adjoint", "error_adjoint"]


@pytest.mark.parametrize(
    ("text", "recurrent", "steps"),
    [
        ("c0*w", False, []),
        ("c0*w", True, SWEEP),
        ("-c0*sign(grad)", False, []),
        ("-c0*grad", False, ["gradient_adjoint", *ERRORS, *SWEEP]),
        ("-c0*err", False, [*ERRORS, *SWEEP]),
        ("c0*pre", False, SWEEP),
        ("c0*post", False, SWEEP),
        ("c0*reward", False, ["supervise_adjoint", *SWEEP]),
    ],
)
def test_only_steps_on_which_something_depends_are_made(text: str, recurrent: bool, steps: list[str]) -> None:
    adjoint = adjoint_of(compile_rule(parse_rule({"update": text})))
    assert steps_of(adjoint, recurrent, 2) == RULE_STEPS + steps
    assert steps_of(adjoint, recurrent, 1) == RULE_STEPS


def test_what_remembers_goes_back_through_its_memory_whatever_the_rule_reads() -> None:
    adjoint = adjoint_of(compile_rule(parse_rule({"update": "c0*w"})))
    assert steps_of(adjoint, False, 2, remembers=True) == [*RULE_STEPS, "access_adjoint", *SWEEP]
    assert steps_of(adjoint, False, 1, remembers=True) == RULE_STEPS
