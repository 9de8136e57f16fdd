"""What a rule does on fixed probe signals: rules are compared by their weight changes over a short lifetime.

Signals are drawn once, in the ranges they have in lifetimes: activations and targets in 0..1 for half of the
synapses and -1..1 for the other half, errors that persist from one update to the next, `grad` = err·pre. Weights
have a spread that can be chosen, up to the largest that lives allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from evometa.language.program import birth_states, compile_rule, evaluate
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.language.tree import Tree
from evometa.spec.states import MEMORY

UPDATES, SYNAPSES = 30, 128
SPREADS = (0.5, 4.0, 20.0)  # standard deviations of weights; by default lives hold them within ±20

Changes = NDArray[np.float64]


@cache
def probe_signals(spread: float = SPREADS[0]) -> dict[str, NDArray[np.float32]]:
    """Return the probe signals, f32[UPDATES, SYNAPSES] each."""
    rng = np.random.default_rng(20)
    shape, half = (UPDATES, SYNAPSES), SYNAPSES // 2

    def activations() -> NDArray[np.float64]:
        return np.concatenate([rng.uniform(0, 1, (UPDATES, half)), rng.uniform(-1, 1, (UPDATES, half))], 1)

    pre, post, target = activations(), activations(), activations()
    target[:, ::2] = np.where(target[:, ::2] > 0.5, 1.0, 0.0)
    err = np.empty(shape)
    err[0] = rng.normal(size=SYNAPSES)
    for step in range(1, UPDATES):
        err[step] = 0.7 * err[step - 1] + 0.7 * rng.normal(size=SYNAPSES)
    w = rng.normal(0, spread, shape)
    drawn = {
        "pre": pre, "post": post, "target": target, "err": err, "grad": err * pre, "w": w,
        "w0": np.broadcast_to(w[0], shape), "reward": rng.uniform(-1, 1, shape),
        **{name: np.broadcast_to(rng.normal(size=SYNAPSES), shape) for name in PLASTICITY},
    }  # fmt: skip
    return {name: values.astype(np.float32) for name, values in drawn.items()}


def changes(rule: Mapping[str, Tree], coefficients: Mapping[str, float], updates: int = UPDATES,
            spread: float = SPREADS[0]) -> Changes:  # fmt: skip
    """Return the weight changes of a rule on the probes, f64[UPDATES, SYNAPSES]; unknown coefficients count as 1.

    Weights are probe signals and do not follow the changes. The probes are the beginning of a lifetime of so many
    `updates`.
    """
    program = compile_rule(rule)
    constant = {name: np.float32(coefficients.get(name, 1.0)) for name in COEFFICIENTS}
    states = birth_states(probe_signals(spread)["w0"][0])
    found = np.empty((UPDATES, SYNAPSES))
    for step in range(UPDATES):
        signals = {name: values[step] for name, values in probe_signals(spread).items()}
        signals["age"] = np.full(SYNAPSES, min(1.0, step / max(updates - 1, 1)), np.float32)
        signals |= {"novel": np.full(SYNAPSES, step == 0, np.float32), "task": np.zeros(SYNAPSES, np.float32)}
        results = evaluate(program, {**states, **signals, **constant})
        found[step] = results["update"]
        states |= {name: np.broadcast_to(results[name], SYNAPSES) for name in MEMORY if name in results}
    return found


def likeness(mine: Changes, theirs: Changes) -> tuple[float, float]:
    """Return (scale, R²) of the least-squares fit mine ≈ scale·theirs, over the probes where both are finite."""
    both = np.isfinite(mine) & np.isfinite(theirs)
    if both.mean() < 0.8:
        return 0.0, 0.0
    y, x = mine[both], theirs[both]
    size = float(x @ x)
    total = float(y @ y)
    if size == 0 or total == 0 or not np.isfinite(size * total):
        return 0.0, 0.0
    scale = float(x @ y) / size
    rest = y - scale * x
    return scale, max(0.0, 1.0 - float(rest @ rest) / total)
