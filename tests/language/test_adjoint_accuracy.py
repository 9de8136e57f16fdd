"""Adjoints of classic rules in float32, beside those in 250 digits, on signals as lives have them."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.language.adjoint import adjoint_program
from evometa.language.library import RULES, ClassicRule
from evometa.language.program import evaluate
from evometa.language.signals import INPUTS
from tests.language.test_adjoint import exactly
from tests.language.test_slopes import MP

POINTS = 100
INVERSES = {name: {dial.coefficient for dial in rule.dials if dial.inverse} for name, rule in RULES.items()}


def lived(rule: ClassicRule, low: float, high: float, points: int = POINTS) -> dict[str, np.ndarray]:
    """Signals with gradients from 10^low to 10^high, and states such as these leave behind, f32[points] each."""
    rng = np.random.default_rng(1)
    known = {name: rng.normal(size=points) for name in INPUTS}
    scale = 10 ** rng.uniform(low, high, points)
    mean, square = rng.normal(size=points) * scale, rng.uniform(0.1, 2, points) * scale**2
    known |= {"age": rng.uniform(0, 1, points), "grad": rng.normal(size=points) * scale}
    known |= {"s1": square if rule.name == "rmsprop" else mean, "s2": square}
    known |= {name: np.full(points, value) for name, value in rule.values(20).items()}
    return {name: values.astype(np.float32) for name, values in known.items()}


@pytest.mark.parametrize("low", [-3, -6, -12])
@pytest.mark.parametrize("name", RULES)
def test_adjoints_of_classic_rules_are_right_in_float32(name: str, low: int) -> None:
    rule = RULES[name]
    known, adjoint = lived(rule, low, low + 3), adjoint_program(rule.slots)
    with np.errstate(all="ignore"):
        found = evaluate(adjoint, known)
    exact = [exactly(adjoint, {key: MP.mpf(float(row[i])) for key, row in known.items()}) for i in range(POINTS)]
    for signal in found.keys() - INVERSES[name]:
        wanted = np.array([float(point[signal]) for point in exact])
        small = 1e-5 * np.median(np.abs(wanted))  # where a slope changes its sign its terms cancel
        assert np.allclose(found[signal], wanted, rtol=2e-3, atol=small), signal


@pytest.mark.parametrize(("name", "inverse"), [(name, c) for name, found in INVERSES.items() for c in found])
def test_what_stands_for_a_small_epsilon_has_next_to_no_slope(name: str, inverse: str) -> None:
    """Its slope is the difference of two nearly equal numbers: what is left of it is rounding."""
    rule = RULES[name]
    known = lived(rule, -3, 0)
    found = evaluate(adjoint_program(rule.slots), known)
    relative = np.abs(found[inverse] * known[inverse]) / np.abs(found["c0"] * known["c0"])
    assert relative.max() < 1e-6
    exact = [
        exactly(adjoint_program(rule.slots), {key: MP.mpf(float(row[i])) for key, row in known.items()})[inverse]
        for i in range(20)
    ]
    assert np.median(np.abs(found[inverse][:20] / np.array([float(each) for each in exact]))) > 10
