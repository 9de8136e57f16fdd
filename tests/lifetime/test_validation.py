"""What does not keep the lifetime contract is refused at every backend's door."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.errors import ContractError
from evometa.genetics.topology import layered
from evometa.language.program import Program, compile_rule
from evometa.language.signals import SIGNAL_COUNT, SIGNALS
from evometa.language.text import parse
from evometa.lifetime import Births, Graph, Phenotype, Plan, Tasks, in_all_lanes, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda import streaming
from evometa.lifetime.numba import cpu, stepwise
from evometa.lifetime.validation import check
from evometa.lifetime.wellformed import RULE, check_programs
from evometa.spec.primitives import PRIMITIVES
from tests.lifetime.faults import FAULTS, E, ints, numbers, sound
from tests.lifetime.host_device import HostDevice
from tests.lifetime.strategies import deep_batch, random_batch


def test_the_sound_batch_is_lived() -> None:
    check(*sound())
    assert not cpu.live(*sound()).status.any()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_at_every_door(fault: str, cuda_on_host: Path) -> None:
    batch = FAULTS[fault](sound())
    device = HostDevice(cuda_on_host)
    for live in (reference.live, cpu.live, lambda *batch: streaming.live(device, *batch)):
        with pytest.raises(ContractError) as refused:
            live(*batch)
        assert refused.value.expected
        assert refused.value.where
    assert not device.launched


def test_signals_of_single_examples_need_batches_of_one() -> None:
    check(*sound("pre*post", batch=1))
    with pytest.raises(ContractError, match="whole batches"):
        check(*sound("pre*post", batch=2))


def test_softmax_needs_two_outputs() -> None:
    net, one = layered(3, (), 1), np.zeros((0, 4), np.float32)
    phenotypes = batch_of([Phenotype(net, compile_rule({"update": parse("grad")}), numbers(4), one[:, 0], one)])
    tasks = Tasks(numbers(2, 3, 4), numbers(2, 1, 4), numbers(2, 3, 4), numbers(2, 1, 4))
    wrong = Plan(np.zeros((1, 1, 4), np.int32), ints(1), "softmax", "local")
    check(phenotypes, tasks, Births(), replace(wrong, head="sigmoid"))
    with pytest.raises(ContractError, match="softmax"):
        check(phenotypes, tasks, Births(), wrong)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_sound_passes(seed: int) -> None:
    check(*random_batch(seed))
    check(*deep_batch(seed))


def test_what_evolution_may_come_by_is_lived() -> None:
    """Innate weights, coefficients and per-synapse coefficients may be anything: such lifetimes diverge."""
    phenotypes, tasks, births, plan = sound()
    broken = replace(
        phenotypes, innates=[np.full(E, np.nan, np.float32)], coefficients=np.full((2, 2), np.inf, np.float32),
        plasticities=[np.full((2, E), -np.inf, np.float32)],
    )  # fmt: skip
    assert cpu.live(broken, tasks, births, plan).status.all()


@pytest.mark.parametrize(
    "parts", [{"plasticity": numbers(1, E)}, {"coefficients": numbers(1)}, {"feedback": None}, {"innate": numbers(3)}]
)
def test_stepwise_lives_lack_nothing_either(parts: dict[str, Any]) -> None:
    one = sound()[0][0]
    settings: dict[str, Any] = {"head": "linear", "credit": "feedback", "bound": 20.0}
    stepwise.Lives(batch_of([one]), Births(), 3, **settings)
    with pytest.raises(ContractError):
        stepwise.Lives(batch_of([one._replace(**parts)]), Births(), 3, **settings)


@pytest.mark.clocks
@pytest.mark.slow  # in plain Python it takes hours
def test_the_door_costs_next_to_nothing() -> None:
    """A thousand different rules: checked in a small part of the time that one of their generations takes."""
    rng, net = np.random.default_rng(0), layered(5, (), 1)
    one = Phenotype(net, compile_rule({}), numbers(net.synapses), numbers(0), np.zeros((0, net.synapses), np.float32))
    texts = [f"{rng.random():.6f}*(target - post)*pre + {rng.random():.6f}*w" for _ in range(1000)]
    phenotypes = batch_of([one._replace(program=compile_rule({"update": parse(text)})) for text in texts])
    tasks = Tasks(numbers(12, 5, 320), numbers(12, 1, 320), numbers(12, 5, 320), numbers(12, 1, 320))
    order = in_all_lanes((np.arange(120, dtype=np.int32) % 12)[:, None], 320)
    batch = phenotypes, tasks, Births(), Plan(order, ints(120), "linear", "local")

    def seconds(call: Callable[..., Any]) -> float:
        begin = time.process_time()
        call(*batch)
        return time.process_time() - begin

    cpu.live(*batch)
    assert min(seconds(check) for _ in range(5)) < 0.05 * min(seconds(cpu.live) for _ in range(3))


def test_graphs_are_told_apart_by_number() -> None:
    bad = Graph(3, 2, ints(0, 0), ints(), np.zeros(1, np.uint8), ints())
    phenotypes = replace(sound()[0], graphs=[layered(3, (4,), 2), bad], feedback=[numbers(E), None], graph=ints(0, 1))
    with pytest.raises(ContractError, match="graph 1"):
        check(phenotypes, *sound()[1:])


def alone(**parts: Any) -> Program:
    """Return a program of one operation, `neg(w)` for each synapse, some of it replaced."""
    w = SIGNALS["w"].register
    code = np.array([[PRIMITIVES["neg"].opcode, SIGNAL_COUNT, w, w, w]], np.int32)
    given = {
        "code": code,
        "birth_end": 0,
        "node_end": 0,
        "constants": np.zeros(0, np.float32),
        "n_rows": 0,
        "n_tiles": 1,
    }
    outputs = np.array([SIGNAL_COUNT, *[-1] * (len(RULE) - 1)], np.int32)
    return Program(**{**given, "outputs": outputs, "reads": frozenset({"w"}), **parts})


@pytest.mark.parametrize(
    "parts",
    [
        {"reads": frozenset({"w", "output"})},
        {"birth_end": 1, "node_end": 1, "n_rows": 1, "n_tiles": 0},
        {"node_end": 1, "n_rows": 1, "n_tiles": 0},
        {"outputs": np.array([SIGNAL_COUNT, SIGNALS["s1"].register, *[-1] * (len(RULE) - 2)], np.int32)},
    ],
    ids=["a signal of losses", "synapses read at birth", "synapses read for each node", "an output that is not said"],
)
def test_a_program_reads_what_is_there(parts: dict[str, Any]) -> None:
    check_programs([alone()], RULE)
    with pytest.raises(ContractError):
        check_programs([alone(**parts)], RULE)


def test_a_loss_reads_coefficients_too() -> None:
    phenotypes, tasks, births, plan = sound("c0*grad")
    check(phenotypes, tasks, births, plan)
    with pytest.raises(ContractError, match="genome 0: expected a coefficient"):
        check(replace(phenotypes, coefficients=numbers(2, 1)), tasks, births, plan)


@pytest.mark.parametrize("number", [-1, 6])
def test_an_order_names_examples_that_are_there(number: int) -> None:
    *batch, plan = sound()
    order = plan.order.copy()
    order[-1, -1, -1] = number
    with pytest.raises(ContractError, match="order: expected numbers from 0 to 5"):
        check(*batch, replace(plan, order=order))
