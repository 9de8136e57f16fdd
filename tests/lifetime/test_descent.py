"""What the contract of slopes says beyond their values: bits that depend on nothing, lanes, births, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.errors import ContractError
from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_of, adjoint_program
from evometa.language.program import compile_rule
from evometa.language.text import parse_rule
from evometa.lifetime import DIVERGED, NONE, OK, Births, Phenotype, Plan, Slopes, Tasks, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.reference_descent import descend
from evometa.lifetime.slopes import mean_of_lanes
from tests.lifetime.faults import Batch, ints, numbers, sound
from tests.lifetime.strategies import random_batch


def arguments(batch: Batch) -> dict[str, Any]:
    """What a descent takes beside a batch, all checkpoints alike."""
    phenotypes, plan = batch[0], batch[3]
    return {
        "adjoints": [adjoint_of(program) for program in phenotypes.programs],
        "loss_adjoints": [adjoint_of(loss) for loss in phenotypes.losses],
        "weights": np.ones((len(phenotypes), len(plan.checkpoints)), np.float32),
        "order": 2,
    }


def slopes(batch: Batch, **more: Any) -> Slopes:
    return descend(*batch, **{**arguments(batch), **more})


def bits(found: Slopes, g: int) -> list[bytes]:
    """All that a descent tells of a genome."""
    innate = found.innate[g]
    parts = (found.losses[g], found.status[g], found.plasticity[g], found.coefficients[g])
    return [part.tobytes() for part in (*parts, *([] if innate is None else [innate]))]


@pytest.mark.parametrize("seed", range(12))
def test_bits_do_not_depend_on_other_genomes(seed: int) -> None:
    batch = random_batch(seed)
    count = len(batch[0])
    together = slopes(batch)
    for g in range(count):
        alone = (batch[0].take([g]), *batch[1:])
        assert bits(slopes(alone), 0) == bits(together, g)
    turned = slopes((batch[0].take([*reversed(range(count))]), *batch[1:]))
    assert [bits(turned, g) for g in reversed(range(count))] == [bits(together, g) for g in range(count)]


@pytest.mark.parametrize("seed", range(12))
def test_losses_are_those_of_the_lives(seed: int) -> None:
    batch = random_batch(seed)
    assert slopes(batch).losses.tobytes() == reference.live(*batch).loss.tobytes()


def test_checkpoints_that_count_nothing_have_no_slope() -> None:
    batch = sound()
    none = slopes(batch, weights=np.zeros((2, 2), np.float32))
    assert not any(part.any() for part in (*none.innate[:1], *none.plasticity, none.coefficients) if part is not None)
    early = slopes(batch, weights=np.array([[1, 0]] * 2, np.float32))
    short = (*batch[:3], replace(batch[3], checkpoints=ints(0)))
    only = slopes(short)
    assert early.innate[0] is not None
    assert only.innate[0] is not None
    assert early.innate[0].tobytes() == only.innate[0].tobytes()
    assert early.innate[0].any()
    assert not early.plasticity[0].any()


def test_slopes_have_the_shapes_of_what_they_are_slopes_of() -> None:
    batch = sound()
    found = slopes(batch)
    assert found.innate[0] is not None
    assert found.innate[0].shape == batch[0].innates[0].shape
    assert batch[0].innate[1] == NONE
    assert found.innate[1] is None, "weights that are drawn have none"
    assert [part.shape for part in found.plasticity] == [batch[0].plasticities[0].shape] * 2
    assert found.coefficients.shape == batch[0].coefficients.shape
    assert not found.plasticity[0][0].any(), "the rule does not read p0"
    assert found.plasticity[0][1].all()


def by_hand(x: float, w: float, rate: float, lanes: int = 1, last: float = 0.0) -> Slopes:
    """One weight, learning once from the example (x, 1) by gradient descent, is asked it again; the constant is 0."""
    net, rule = layered(1, (), 1), parse_rule({"update": "-c0*grad*p0"})
    own = np.array([[1, 0]], np.float32)  # the bias does not learn
    one = Phenotype(net, compile_rule(rule), np.array([w, 0], np.float32), np.array([rate], np.float32), own)
    examples = np.full((1, 1, lanes), x, np.float32)
    if last:
        examples[..., -1] = last
    target = np.ones((1, 1, lanes), np.float32)
    tasks, plan = (
        Tasks(examples, target, examples, target),
        Plan(np.zeros((1, 1, lanes), np.int32), ints(1), "linear", "local"),
    )
    weights = np.ones((1, 1), np.float32)
    with np.errstate(all="ignore"):
        return descend(batch_of([one]), tasks, Births(), plan, [adjoint_program(rule)], weights)


def test_one_step_of_gradient_descent_by_hand() -> None:
    """w' = w − 2c·x(wx − 1); M = (w'x − 1)²: ∂M/∂w = 2x(w'x − 1)(1 − 2cx²), ∂M/∂c = −2x(w'x − 1)·2x(wx − 1)."""
    found = by_hand(x=2.0, w=1.0, rate=0.25)  # error 1, gradient 4, w' = 0: answer 0, error −1
    assert found.losses.tolist() == [[[1.0]]]
    assert found.innate[0] is not None
    assert found.innate[0].tolist() == [2 * 2 * -1 * (1 - 2 * 0.25 * 4), -2 - 2 * 0.25 * 2 * (-2 * 2)]
    assert found.coefficients.tolist() == [[2 * 2 * -1 * -4]]
    assert found.plasticity[0][0, 0] == 2 * 2 * -1 * -4 * 0.25


def test_of_the_first_order_the_gradient_is_held() -> None:
    net, rule = layered(1, (), 1), parse_rule({"update": "-c0*grad"})
    one = Phenotype(net, compile_rule(rule), numbers(2), np.array([0.1], np.float32), np.zeros((0, 2), np.float32))
    examples = numbers(3, 1, 4)
    tasks = Tasks(examples, examples * 2, examples, examples * 2)
    plan = Plan(np.zeros((1, 2, 4), np.int32), ints(1), "linear", "backprop")
    batch = batch_of([one]), tasks, Births(), plan
    adapted = reference.live(*batch[:3], replace(plan, keep_weights=True)).weights
    assert adapted is not None
    first = slopes(batch, order=1).innate[0]
    second = slopes(batch, order=2).innate[0]
    assert first is not None
    assert second is not None
    assert not np.array_equal(first, second)
    # in lane 0 it is the slope of the queries' loss at the weights as learned (Finn et al. 2017)
    lane = np.zeros(1, np.int64)
    learned = batch_of([one._replace(innate=adapted[0])])
    at_birth = slopes((learned, tasks.take(lane), Births(), replace(plan.take(lane), checkpoints=ints(0)))).innate[0]
    alone = slopes((batch[0], tasks.take(lane), Births(), plan.take(lane)), order=1).innate[0]
    assert at_birth is not None
    assert alone is not None
    assert alone.tolist() == at_birth.tolist()


def test_a_lane_that_diverges_counts_nothing() -> None:
    whole, half = by_hand(2.0, 1.0, 0.25), by_hand(2.0, 1.0, 0.25, lanes=2, last=1e30)
    assert half.status.tolist() == [[OK, DIVERGED]]
    assert whole.status.tolist() == [[OK]]
    assert whole.innate[0] is not None
    assert half.innate[0] is not None
    assert (2 * half.innate[0]).tolist() == whole.innate[0].tolist()
    assert (2 * half.coefficients).tolist() == whole.coefficients.tolist()


def test_lanes_are_added_in_blocks_of_16_by_a_tree() -> None:
    rng = np.random.default_rng(0)
    for lanes in (1, 15, 16, 17, 50):
        rows = (rng.standard_normal((3, lanes)) * 10.0 ** rng.integers(-3, 4, (3, lanes))).astype(np.float32)
        sound_lanes = rng.random(lanes) < 0.8
        kept = np.where(sound_lanes, rows, np.float32(0))
        padded = np.concatenate([kept, np.zeros((3, -lanes % 16), np.float32)], axis=1)
        total = np.zeros(3, np.float32)
        for begin in range(0, padded.shape[1], 16):
            n = padded[:, begin : begin + 16].T
            e = [n[i] + n[i + 8] for i in range(8)]
            f = [e[i] + e[i + 4] for i in range(4)]
            total = total + ((f[0] + f[2]) + (f[1] + f[3]))
        assert mean_of_lanes(rows, sound_lanes).tobytes() == (total / np.float32(lanes)).tobytes()
    assert mean_of_lanes(np.full((2, 3), np.nan, np.float32), np.zeros(3, np.bool_)).tolist() == [0, 0]


def rule_of(text: str) -> Any:
    return adjoint_program(parse_rule({"update": text}))


ONE = np.ones((2, 2), np.float32)
FAULTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "weights of other genomes": lambda given: {"weights": ONE[:1]},
    "weights of other checkpoints": lambda given: {"weights": ONE[:, :1]},
    "weights of float64": lambda given: {"weights": ONE.astype(np.float64)},
    "weights that are NaN": lambda given: {"weights": ONE * np.float32(np.nan)},
    "order 0": lambda given: {"order": 0},
    "order 3": lambda given: {"order": 3},
    "no adjoint": lambda given: {"adjoints": []},
    "too many adjoints": lambda given: {"adjoints": given["adjoints"] * 2},
    "no adjoint of the loss": lambda given: {"loss_adjoints": []},
    "a rule for an adjoint": lambda given: {"adjoints": sound()[0].programs},
    "a loss for its adjoint": lambda given: {"loss_adjoints": sound()[0].losses},
    "an adjoint of a loss for one of a rule": lambda given: {"adjoints": given["loss_adjoints"]},
    "an adjoint of a rule for one of a loss": lambda given: {"loss_adjoints": given["adjoints"]},
    "an adjoint that reads a p that there is not": lambda given: {"adjoints": [rule_of("w*sign(p2)")]},
    "an adjoint that gives a p that there is not": lambda given: {"adjoints": [rule_of("p2")]},
    "an adjoint that reads a c that there is not": lambda given: {"adjoints": [rule_of("w*sign(c2)")]},
    "an adjoint that gives a c that there is not": lambda given: {"adjoints": [rule_of("c2")]},
    "an adjoint that reads single examples": lambda given: {"adjoints": [rule_of("w*sign(post)")]},
    "an adjoint that gives single examples": lambda given: {"adjoints": [rule_of("pre")]},
}  # fmt: skip


def test_the_sound_batch_is_differentiated() -> None:
    assert not slopes(sound()).status.any()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused(fault: str) -> None:
    batch = sound()
    given = arguments(batch)
    with pytest.raises(ContractError):
        descend(*batch, **{**given, **FAULTS[fault](given)})


def test_a_fault_of_the_batch_is_refused() -> None:
    batch = sound()
    with pytest.raises(ContractError):
        slopes((*batch[:3], replace(batch[3], head="none")))
