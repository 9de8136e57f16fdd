"""JAX, which knows nothing of our adjoints, finds the same slopes: it differentiates whole lives in float64.

`python -m benchmarks.slopes_in_jax` compares all rules, networks, heads and credit modes, in float32 as well.
"""

from __future__ import annotations

import numpy as np
import pytest

from evometa.spec import CREDITS
from tests.lifetime.in_jax import in_jax
from tests.lifetime.lives_of_rules import LOSSES, NAMED, NETS, distance, flat, lives_of, single, slopes
from tests.lifetime.strategies import OWN
from tests.properties import SAME

pytest.importorskip("jax", reason="jax is not installed: it differentiates no lives")
pytestmark = SAME
NEAR = 1e-9  # in float64: what float32 approximates by polynomials is NumPy's own here
RULES = ["adam", "rmsprop", "gated", "rewarded", "mixed", "oja with errors", "abcd with a trace", "anchored"]


@pytest.mark.parametrize(("seed", "name"), [*enumerate(RULES)])  # each with some network, head, credit mode and loss
def test_slopes_of_rules(seed: int, name: str) -> None:
    rule, net = NAMED[name], list(NETS.values())[seed % len(NETS)]
    plan = {"head": OWN[seed % 3], "credit": CREDITS.names[(seed + seed // 4) % 4], "synapse_cost": 0.01}
    rng, size = np.random.default_rng(seed), 1 if single(rule) else 3
    batch = lives_of(rule, [net], rng, size, 2, LOSSES[seed % len(LOSSES)], **plan)
    assert distance(flat(slopes(batch, double=True), 0, net.synapses), in_jax(batch, 0)) < NEAR
