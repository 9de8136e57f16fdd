"""Layers and tables of any width run: what is divided by a width has a floor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.genetics.topology import Size, layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotype, Plan, Tasks, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda import streaming
from evometa.lifetime.numba import cpu, stepwise
from evometa.lifetime.numba.cpu import WIDEST, choose_width
from evometa.lifetime.numba.vector import LANES
from tests.lifetime.host_device import HostDevice
from tests.lifetime.test_parity import assert_same


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("lanes", [1, 15, 16, 17, 320, 10_000])
@pytest.mark.parametrize("fan_in", [0, 1, 31, 511, 512, 513, 600, 40_000, 2**31 - 1])
def test_a_width_is_whole_vectors_and_never_none(fan_in: int, lanes: int, batch: int) -> None:
    for outputs in (1, 180):
        width = choose_width([Size(fan_in, fan_in + 1 + outputs, fan_in * outputs)], lanes, batch)
        assert LANES <= width <= WIDEST
        assert width % LANES == 0
        assert width < lanes + LANES  # no vector of padding alone


@pytest.mark.slow
@pytest.mark.parametrize("inputs", [513, 600, 1100])
def test_a_wide_table_lives_the_reference_s_life(inputs: int, cuda_on_host: Path) -> None:
    rng = np.random.default_rng(inputs)

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    net = layered(inputs, (), 2)
    none = np.zeros((0, net.synapses), np.float32)
    rule = compile_rule({"update": parse("0.01*(target - post)*pre - 0.1*s1"), "s1": parse("s1 + pre*w")})
    phenotypes = batch_of([Phenotype(net, rule, numbers(net.synapses), none[:, 0], none)])
    tasks = Tasks(numbers(3, inputs, 5), numbers(3, 2, 5), numbers(2, inputs, 5), numbers(2, 2, 5))
    order = rng.integers(0, 3, (2, 1, 5)).astype(np.int32)
    batch = phenotypes, tasks, Births(), Plan(order, np.array([0, 2], np.int32), "linear", "local", keep_weights=True)
    expected = reference.live(*batch)
    assert_same(cpu.live(*batch), expected)
    assert_same(streaming.live(HostDevice(cuda_on_host), *batch), expected)
    lives = stepwise.Lives(phenotypes, Births(), 5, head="linear", credit="local", bound=20.0)
    (state,) = lives.learn(lives.birth(), tasks.support_x, tasks.support_y, order, 0, 2)
    assert expected.weights is not None
    assert np.array_equal(state["w"][:, 0], expected.weights[0])


@pytest.mark.slow
@pytest.mark.parametrize("hidden", ["[180,180]", "[600]"])
def test_wide_layers_run_at_one_example_a_time(hidden: str, tmp_path: Path) -> None:
    settings = [f"network.hidden={hidden}", "evolution.population=20", "sampling.repeats=1", "lifetime.epochs=1"]
    settings += ["champion.baselines=[]", "sampling.test_tasks=2"]
    found = evometa.run("delta", settings=settings, generations=1, out=tmp_path / "run")
    assert 0 <= found.summary()["champion"]["meta_test"] <= 1
