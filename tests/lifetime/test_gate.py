"""Gates: a life worked out by hand in every backend; and what must not depend on whether there are gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.language.program import compile_rule
from evometa.language.text import parse_rule
from evometa.lifetime import FIXED, SILENT, Births, Graph, Outcomes, Phenotype, Phenotypes, Plan, Tasks, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda import streaming
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.stepwise import Lives
from tests.lifetime.host_device import HostDevice

BACKENDS = ("reference", "numba", "cuda")
Backend = Callable[..., Outcomes]


@pytest.fixture(params=BACKENDS)
def live(request: pytest.FixtureRequest) -> Backend:
    """Each backend in turn, the CUDA text compiled for the host."""
    if request.param == "cuda":
        library: Path = request.getfixturevalue("cuda_on_host")
        return lambda *batch: streaming.live(HostDevice(library), *batch)
    return reference.live if request.param == "reference" else cpu.live


def f32(values: Any) -> np.ndarray[Any, Any]:
    return np.array(values, np.float32)


# Input 0 and the constant 1, hidden 2 and 3 (linear), output 4; synapse 3, from node 3 to the output, is born closed.
#
#          ┌ e0 ─ 2 ─ e2 ┐
#     0 ───┤             ├─ 4
#          └ e1 ─ 3 ╌ e3 ┘
WIRED = Graph(1, 1, *map(np.int32, ([0, 0, 0, 1, 2, 4], [0, 0, 2, 3])), np.zeros(5, np.uint8), np.zeros(4, np.int32),
              np.array([0, 0, 0, SILENT], np.uint8))  # fmt: skip
INNATE = f32([2, 3, 3, 5])
RULE = {"update": "-0.125*grad", "gate": "abs(grad) - p0"}
THRESHOLDS = f32([[12, -1, 9, 8]])


@dataclass(frozen=True)
class Moment:
    """What a learner is after an update; and what it answers to input 1 then."""

    w: Sequence[float]
    gate: Sequence[float]
    answer: float


# The input is 1 each time, targets are 4, 10, −10. Of a linear output the error is 2 (answer − target).
LIFE = (
    # Node 2 is 2, node 3 is 3, but e3 is closed: the answer is 3·2 = 6. The error is 4; node 2 sees 3·4 = 12, node 3
    # nothing. Gradients 12, 0, 4·2 = 8, and of the closed synapse 4·3 = 12, readable: so it opens. The gate of e0 comes
    # to 0, which is closed; that of e2 to −1. Weights learn whether gates are open or not.
    Moment([2 - 12 / 8, 3, 3 - 8 / 8, 5 - 12 / 8], [0, 1, -1, 4], 3.5 * 3),
    # Now 3.5·3 = 10.5 by way of the candidate; the error is 1, node 2 sees none of it, node 3 sees 3.5. Node 2 is 0, as
    # e0 is closed. Gradients 0, 3.5, 0, 3: e3 closes.
    Moment([0.5, 3 - 3.5 / 8, 2, 3.5 - 3 / 8], [-12, 4.5, -9, -5], 0),
    # No way leads to the output: the answer is 0, the error 20, and no hidden node sees it. The gradient of e3 is
    # 20·2.5625 = 51.25: it grows again.
    Moment([0.5, 2.5625, 2, 3.125 - 51.25 / 8], [-12, 1, -9, 43.25], 2.5625 * (3.125 - 51.25 / 8)),
)
OPEN = (3, 2, 1, 2)  # synapses, at birth and after each update
LANES = 3


def in_lanes(values: Any) -> np.ndarray[Any, Any]:
    """One number in each of some lanes, f32[S, 1, L]."""
    return np.repeat(f32(values)[:, None, None], LANES, axis=2)


def worked_out(
    credit: str = "backprop", feedback: Any = None, **learner: Any
) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """The life above: three updates, a query before and after each."""
    given = {"graph": WIRED, "rule": RULE, "plasticity": THRESHOLDS, **learner}
    program = compile_rule(parse_rule(given["rule"]))
    one = Phenotype(given["graph"], program, INNATE, f32([]), given["plasticity"], feedback)
    tasks = Tasks(in_lanes([1, 1, 1]), in_lanes([4, 10, -10]), in_lanes([1]), in_lanes([0]))
    order = np.repeat(np.arange(3, dtype=np.int32)[:, None, None], LANES, axis=2)
    plan = Plan(order, np.arange(4, dtype=np.int32), "linear", credit, bound=100.0, keep_weights=True)
    return batch_of([one]), tasks, Births(), plan


def test_a_life_with_a_gate_is_the_one_worked_out(live: Backend) -> None:
    outcomes = live(*worked_out())
    answers = f32([6, *(moment.answer for moment in LIFE)])
    for lane in range(LANES):
        assert outcomes.loss[0, :, lane].tolist() == (answers * answers).tolist()  # the query's target is 0
        assert outcomes.opened is not None
        assert outcomes.opened[0, :, lane].tolist() == list(OPEN)
    assert outcomes.weights is not None
    assert outcomes.weights[0].tolist() == list(LIFE[-1].w)
    assert (outcomes.status == 0).all()


def test_beside_it_one_without_gates_has_all_its_synapses_open(live: Backend) -> None:
    phenotypes, *rest = worked_out()
    plain = worked_out(graph=replace(WIRED, traits=np.zeros(4, np.uint8)), rule={"update": "0"})[0][0]
    for some, counts in (([phenotypes[0], plain], [OPEN, (4,) * 4]), ([plain], [(4,) * 4])):
        opened = live(batch_of(some), *rest).opened
        assert opened is not None
        assert opened[..., 0].tolist() == [list(count) for count in counts]


def test_step_by_step_gates_close_and_candidates_grow_and_grow_again() -> None:
    phenotypes, tasks, births, plan = worked_out()
    lives = Lives(phenotypes, births, LANES, head=plan.head, credit=plan.credit, bound=plan.bound)
    states = lives.birth()
    assert states[0]["gate"][:, 0].tolist() == [1, 1, 1, 0]
    for update, moment in enumerate(LIFE):
        states = lives.learn(states, tasks.support_x, tasks.support_y, plan.order[update : update + 1], update, 3)
        for lane in range(LANES):
            assert states[0]["w"][:, lane].tolist() == list(moment.w)
            assert states[0]["gate"][:, lane].tolist() == list(moment.gate)
        assert (lives.answer(states, in_lanes([1])) == f32(moment.answer)).all()


def test_errors_of_fixed_feedback_pass_open_synapses_alone(live: Backend) -> None:
    """The error 4 comes to node 2 times 2, and not to node 3, whose way to the output is closed."""
    phenotypes, tasks, births, plan = worked_out("feedback", f32([1, 1, 2, 7]))
    first = live(phenotypes, tasks, births, replace(plan, checkpoints=np.ones(1, np.int32)))
    assert first.weights is not None
    assert first.weights[0].tolist() == [2 - 8 / 8, 3, 3 - 8 / 8, 5 - 12 / 8]


def test_a_fixed_synapse_stays_as_open_as_it_was_born(live: Backend) -> None:
    """Of e1, e2 and e3 nothing changes; e0 alone learns: it closes with a gradient of 12, and grows again with −60."""
    fixed = replace(WIRED, traits=np.array([0, FIXED, FIXED, FIXED | SILENT], np.uint8))
    outcomes = live(*worked_out(graph=fixed))
    assert outcomes.opened is not None
    assert outcomes.opened[0, :, 0].tolist() == [3, 2, 3, 3]
    assert outcomes.weights is not None
    # the answers 6, 0, 3·8 = 24 are off by 2, −10, 34, twice that is the error, and node 2 sees three times that
    assert outcomes.weights[0].tolist() == [2 - 12 / 8 + 60 / 8 - 204 / 8, 3, 3, 5]


def test_a_recurrent_synapse_whose_gate_is_closed_carries_nothing_over(live: Backend) -> None:
    """Node 2 adds what it was to what it sees (1, 2, 3 …) until its own synapse, whose gate ages, closes."""
    graph = Graph(1, 1, *map(np.int32, ([0, 0, 0, 2, 3], [0, 2, 2])), np.zeros(4, np.uint8), np.zeros(3, np.int32))
    phenotypes, tasks, births, plan = worked_out(
        graph=graph, rule={"update": "0", "gate": "p0 - age"}, plasticity=f32([[2, 0.75, 2]])
    )
    one = batch_of([phenotypes[0]._replace(innate=f32([1, 1, 1]))])
    outcomes = live(one, tasks, births, plan)  # ages 0, .5, 1: the gate is .75, .25, −.25
    # as the queries, too, see what node 2 was after the last update: 1 + 0, 1 + 1, 1 + 2, and then 1 alone
    assert outcomes.loss[0, :, 0].tolist() == [1, 4, 9, 1]


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize(("weight", "cost"), [(3, 0.5), (-3, -0.5), (0, 0)])
def test_the_price_of_a_weight_is_in_the_gradient_of_synapses_that_are_open(
    live: Backend, weight: float, cost: float, batch: int
) -> None:
    """In the first update above, and whatever the batch: e3, which is closed, pays nothing; scores are as ever."""
    phenotypes, tasks, births, plan = worked_out(rule={"update": "-0.125*grad"})
    one = batch_of([phenotypes[0]._replace(innate=f32([2, weight, 3, 5]))])
    plan = replace(plan, order=np.zeros((1, batch, LANES), np.int32), checkpoints=np.arange(2, dtype=np.int32))
    found = live(one, tasks, births, replace(plan, synapse_cost=0.5))
    assert found.weights is not None
    assert found.weights[0].tolist() == [2 - 12.5 / 8, weight - cost / 8, 3 - 8.5 / 8, 5 - 4 * weight / 8]
    assert found.loss[0, 0].tolist() == [36] * LANES
