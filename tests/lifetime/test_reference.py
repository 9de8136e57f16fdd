"""Lives so small that they are worked out by hand: what each signal, slot and step of an update means.

All numbers are short sums of powers of two, so that float32 has them exactly and the order of sums does not matter.
Every backend is asked, since all of them must give these bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.lifetime import DIVERGED, OK, Births, Graph, Outcomes, Phenotype, Plan, Tasks, in_all_lanes, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba import cpu

LIVES = pytest.mark.parametrize("live", [reference.live, cpu.live], ids=["reference", "numba"])
Live = Callable[..., Outcomes]
ONE = layered(1, (), 1)  # y = w0·x + w1
X, Y = ((1.0,), (2.0,)), ((3.0,), (0.0,))  # two examples


def lived(live: Live, rule: dict[str, str], w: Sequence[float], *, graph: Graph = ONE, x: Any = X, y: Any = Y,
          order: Any = ((0,),), checkpoints: Sequence[int] = (), loss: str = "", **more: Any) -> Outcomes:  # fmt: skip
    """Return one learner's life in one lane; it is asked the examples that it learns from."""
    parts = {"coefficients": [], "plasticity": np.zeros((0, graph.synapses)), "feedback": None}
    parts |= {name: more.pop(name) for name in tuple(more) if name in parts}
    coefficients, plasticity, feedback = (
        None if part is None else np.array(part, np.float32) for part in parts.values()
    )
    program = compile_rule({slot: parse(text) for slot, text in rule.items()})
    own = compile_loss(parse(loss, signals=SLOTS["loss"].signals)) if loss else None
    weights = np.array(w, np.float32)
    one = Phenotype(graph, program, weights, coefficients, plasticity, feedback, own)  # type: ignore[arg-type]
    x, y = (np.array(part, np.float32)[..., None] for part in (x, y))
    points = np.array(checkpoints or [len(order)], np.int32)
    modes = {"head": "linear", "credit": "local", "bound": 100.0, **more}
    plan = Plan(in_all_lanes(np.array(order, np.int32), 1), points, **modes, keep_weights=True)
    with np.errstate(all="ignore"):  # in plain Python NumPy would warn of what the kernel computes
        return live(batch_of([one]), Tasks(x, y, x, y), Births(), plan)


def weights(*arguments: Any, **more: Any) -> list[float]:
    """Return the weights after a life."""
    found = lived(*arguments, **more).weights
    assert found is not None
    return [float(w) for w in found[0]]


@LIVES
def test_scores_at_birth_are_means_over_the_questions(live: Live) -> None:
    found = lived(live, {"update": "grad"}, [0.5, 1.0], checkpoints=[0])  # answers 1.5 and 2 to targets 3 and 0
    assert found.loss.tolist() == [[[(1.5**2 + 2**2) / 2]]]
    assert found.mae.tolist() == [[[(1.5 + 2) / 2]]]
    assert found.accuracy.tolist() == [[[0.0]]]
    assert found.status.tolist() == [[OK]]


@LIVES
@pytest.mark.parametrize(
    "text, expected",
    [
        ("pre", [0.5 + 1, 1 + 1]),  # x, and the constant
        ("post", [0.5 + 1.5, 1 + 1.5]),  # the answer
        ("target", [0.5 + 3, 1 + 3]),
        ("err", [0.5 - 3, 1 - 3]),  # 2·(1.5 − 3) for a squared error
        ("grad", [0.5 - 3, 1 - 3]),
        ("w", [1.0, 2.0]),
        ("w0", [1.0, 2.0]),
        ("reward", [0.5 - 2.25, 1 - 2.25]),  # minus the loss
        ("age", [0.5, 1.0]),
        ("s1", [0.5, 1.0]),
        ("c1", [0.5 + 0.25, 1 + 0.25]),
        ("p0", [0.5 + 8, 1 + 16]),
        ("c0*pre + p0", [0.5 + 2 + 8, 1 + 2 + 16]),
    ],
)
def test_what_a_signal_is_in_the_first_update(live: Live, text: str, expected: list[float]) -> None:
    found = weights(live, {"update": text}, [0.5, 1.0], coefficients=[2, 0.25], plasticity=[[8, 16]])
    assert found == expected


@LIVES
def test_age_goes_from_0_to_1(live: Live) -> None:
    assert weights(live, {"update": "age"}, [0, 0], order=[[0]] * 5) == [2.5, 2.5]
    assert weights(live, {"update": "age"}, [0, 0], order=[[0]]) == [0, 0]  # a life of one update is young


@LIVES
def test_age_goes_by_the_length_of_a_whole_life(live: Live) -> None:
    assert weights(live, {"update": "age"}, [0, 0], order=[[0]] * 3, length=5) == [0.75, 0.75]  # 0 + ¼ + ½: cut short
    assert weights(live, {"update": "age"}, [0, 0], order=[[0]] * 5, length=3) == [3.5, 3.5]  # 0 + ½ + 1 + 1 + 1
    assert weights(live, {"update": "age"}, [0, 0], order=[[0]] * 3, length=1) == [0, 0]


@LIVES
def test_a_rule_knows_when_a_task_begins_and_which_it_is(live: Live) -> None:
    assert weights(live, {"update": "novel"}, [0, 0], order=[[0]] * 5, task=2) == [3, 3]  # updates 0, 2 and 4
    assert weights(live, {"update": "task"}, [0, 0], order=[[0]] * 5, task=2) == [4, 4]  # 0 + 0 + 1 + 1 + 2
    assert weights(live, {"update": "task"}, [0, 0], order=[[0]] * 5, task=2, length=3) == [4, 4]
    assert weights(live, {"update": "novel + task"}, [0, 0], order=[[0]] * 5) == [1, 1]  # one task: it begins once


@LIVES
def test_a_rule_chooses_what_is_carried_into_the_next_task(live: Live) -> None:
    reset = {"update": "select(0.5 - novel*p0, 1, w0 - w)"}  # p0: whether a synapse is as at birth again
    assert weights(live, reset, [2, 3], order=[[0]] * 5, task=2, plasticity=[[0, 1]]) == [7, 3]


@LIVES
def test_innate_weights_are_remembered_while_weights_change(live: Live) -> None:
    assert weights(live, {"update": "w0"}, [0.5, 1.0], order=[[0]] * 3) == [2.0, 4.0]
    assert weights(live, {"update": "w"}, [0.5, 1.0], order=[[0]] * 3) == [4.0, 8.0]


@LIVES
def test_the_update_reads_states_as_they_have_become_and_slots_as_they_were(live: Live) -> None:
    momentum = {"update": "s1", "s1": "0.5*s1 + 1"}  # 1, 1.5, 1.75
    assert weights(live, momentum, [0, 0], order=[[0]] * 3) == [4.25, 4.25]
    delay = {"update": "s2", "s2": "s1", "s1": "s1 + 1"}  # s1: 1, 2, 3; s2 one behind: 0, 1, 2
    assert weights(live, delay, [0, 0], order=[[0]] * 3) == [3.0, 3.0]
    swap = {"update": "s1 - 4*s2", "s1": "s2 + 1", "s2": "s1"}  # (1, 0), (1, 1), (2, 1)
    assert weights(live, swap, [0, 0], order=[[0]] * 3) == [4.0 - 8, 4.0 - 8]


@LIVES
def test_an_update_of_several_examples_is_their_mean(live: Live) -> None:
    # errors 2·(1.5 − 3) = −3 and 2·(2 − 0) = 4; gradients by x: (−3·1 + 4·2) / 2, by the constant: (−3 + 4) / 2
    assert weights(live, {"update": "grad"}, [0.5, 1.0], order=[[0, 1]]) == [0.5 + 2.5, 1 + 0.5]
    assert weights(live, {"update": "reward"}, [0, 0], order=[[0, 1]]) == [-4.5, -4.5]


@LIVES
def test_examples_come_in_the_order_of_the_plan(live: Live) -> None:
    assert weights(live, {"update": "w + pre"}, [0, 0], order=[[0], [1]]) == [4.0, 3.0]
    assert weights(live, {"update": "w + pre"}, [0, 0], order=[[1], [0]]) == [5.0, 3.0]


@LIVES
def test_life_ends_at_the_last_checkpoint(live: Live) -> None:
    found = lived(live, {"update": "1.0"}, [0, 0], order=[[0]] * 4, checkpoints=[0, 2], x=[[1.0]], y=[[0.0]])
    assert found.loss.tolist() == [[[0.0], [16.0]]]
    assert found.weights is not None
    assert found.weights[0].tolist() == [2.0, 2.0]


@LIVES
def test_weights_are_bounded_after_each_update(live: Live) -> None:
    # +3, +1, −1: the first weight is held twice, the second came from beyond
    assert weights(live, {"update": "3 - 4*age"}, [0, -5], order=[[0]] * 3, bound=2.5) == [1.5, -2.0]


@LIVES
def test_what_is_not_finite_diverges_unless_the_bound_holds_it(live: Live) -> None:
    for number, status in ((np.nan, DIVERGED), (np.inf, OK), (-np.inf, OK)):
        found = lived(live, {"update": "c0"}, [0, 0], coefficients=[number], bound=3.0)
        assert found.status.tolist() == [[status]]
    assert lived(live, {"update": "c0"}, [0, 0], coefficients=[1e30], bound=3e38).status.tolist() == [[DIVERGED]]


# A node that reads itself: input, constant, hidden, output. it is linear: h = x + h_before / 2.
LOOP = Graph(1, 1, np.array([0, 0, 0, 2, 3], np.int32), np.array([0, 2, 2], np.int32), np.zeros(4, np.uint8),
             np.zeros(3, np.int32))  # fmt: skip


@LIVES
def test_a_recurrent_synapse_reads_the_trial_before(live: Live) -> None:
    # h: 1, then 2 + 0.5 = 2.5; what the loop's synapse reads: 0, then 1
    assert weights(live, {"update": "pre*age"}, [1, 0.5, 1], graph=LOOP, order=[[0], [1]]) == [3, 1.5, 3.5]


@LIVES
def test_every_question_reads_what_the_last_update_left(live: Live) -> None:
    # answers at birth: 1, 2; after example 0, when h was 1: 1 + 0.5 and 2 + 0.5, not 2 + 0.75
    found = lived(live, {"update": "0.0"}, [1, 0.5, 1], graph=LOOP, checkpoints=[0, 1])
    assert found.loss.tolist() == [[[(4 + 4) / 2], [(1.5**2 + 2.5**2) / 2]]]


# Two layers of one linear node: h = a·x + b, y = c + d·h (the constant comes first).
DEEP = layered(1, (1,), 1, activation="linear")
BORN = [2.0, 0.0, 0.0, 0.5]  # x = 1: h = 2, y = 1, error 2·(1 − 3) = −4


@LIVES
@pytest.mark.parametrize(
    "credit, hidden",
    [("local", 0.0), ("broadcast", -4.0), ("backprop", -4 * 0.5), ("feedback", -4 * 8.0)],
)
def test_how_hidden_nodes_learn_of_the_error(live: Live, credit: str, hidden: float) -> None:
    found = weights(live, {"update": "grad"}, BORN, graph=DEEP, credit=credit, feedback=[1, 2, 4, 8])
    assert found == [2 + hidden, 0 + hidden, 0 - 4, 0.5 - 4 * 2]


@LIVES
def test_each_output_has_its_own_target_and_hidden_nodes_see_the_first(live: Live) -> None:
    graph = layered(1, (1,), 2, activation="linear")
    found = weights(live, {"update": "target"}, [0] * 6, graph=graph, y=[[3.0, 5.0], [0.0, 0.0]])
    assert found == [3, 3, 3, 3, 5, 5]


@LIVES
def test_an_evolved_loss_takes_the_place_of_the_error(live: Live) -> None:
    # ∂(c0·output² − target)/∂output = 2·c0·output = 2·4·1.5
    more = {"coefficients": [4.0], "loss": "c0*square(output) - target"}
    assert weights(live, {"update": "err"}, [0.5, 1.0], **more) == [12.5, 13.0]
    assert weights(live, {"update": "reward"}, [0.5, 1.0], **more) == [0.5 - 2.25, 1 - 2.25]  # stays the head's own


@LIVES
def test_classes_are_counted_right_by_the_largest_answer(live: Live) -> None:
    graph = layered(1, (), 2)
    found = lived(live, {"update": "0.0"}, [1, 0, -1, 0], graph=graph, x=[[1.0], [-1.0], [0.0]],
                  y=[[1, 0], [1, 0], [1, 0]], head="softmax")  # fmt: skip
    # of equal ones the first counts; a count goes up by whole numbers and is divided once
    assert found.accuracy.tolist() == [[[np.float32(2) / np.float32(3)]]]
