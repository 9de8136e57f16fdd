"""The section of external memories: what it says, and what it does not go together with."""

from __future__ import annotations

import pytest

from evometa.config.load import load
from evometa.errors import InputError

BASE = ["network.memory.slots=4"]
FITTING = ["lifetime.batch=1", "topology.mode=fixed"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("lifetime.batch=2", "accessed with each example"),
        ("network.head=prototype", "does not compare"),
        ("network.memory.focus=c7", "a coefficient that there is"),
        ("network.memory.sharpness=c7", "a coefficient that there is"),
        ("network.memory.focus=c9", "network.memory.focus"),
        ("network.memory.cells=0", "network.memory.cells"),
    ],
)
def test_what_does_not_go_with_a_memory_is_refused(setting: str, expected: str) -> None:
    load("sinusoid_evolution", [*BASE, *FITTING])
    with pytest.raises(InputError, match=expected.replace(".", r"\.")):
        load("sinusoid_evolution", [*BASE, *FITTING, *setting.split()])


def test_a_memory_is_lived_on_a_gpu_and_its_numbers_may_be_coefficients() -> None:
    config = load("sinusoid_evolution", [*BASE, *FITTING]).config
    assert config.backend == "auto"
    assert (
        load("sinusoid_evolution", [*BASE, *FITTING, "run.backend=cupy", "gradient.steps=2"]).config.backend == "cupy"
    )
    assert config.network.coefficients == ()
    assert config.network.inputs(3) == 3 + config.network.memory.cells
    config = load("sinusoid_evolution", [*BASE, *FITTING, "coefficients.count=2", "network.memory.focus=c1"]).config
    assert config.network.coefficients == ("c1",)
    without = load("sinusoid_evolution", [*FITTING, "coefficients.count=2", "network.memory.focus=c1"]).config
    assert without.network.coefficients == ()
    assert without.network.inputs(3) == 3
    assert without.backend == "auto"


def test_networks_that_evolve_have_no_memory() -> None:
    with pytest.raises(InputError, match="last hidden nodes"):
        load("retina", [*BASE, "lifetime.batch=1"])
