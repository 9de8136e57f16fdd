"""Classic rules do what the literature says, written out here in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.language.library import RULES, ClassicRule
from evometa.language.program import compile_rule, evaluate
from evometa.language.text import parse_rule
from evometa.spec.primitives import PRIMITIVES

UPDATES = 200


def lived(rule: ClassicRule, signals: list[dict[str, Any]]) -> np.ndarray:
    """The weight changes of a rule over a lifetime, states beginning at 0."""
    program = compile_rule(rule.slots)
    values: dict[str, Any] = {**rule.values(UPDATES), "s1": np.float32(0), "s2": np.float32(0)}
    found = []
    for step, now in enumerate(signals):
        results = evaluate(program, {**values, **now, "age": np.float32(step / (UPDATES - 1))})
        values.update({name: results[name] for name in ("s1", "s2") if name in results})
        found.append(results["update"])
    return np.array(found, np.float64)


def drawn(seed: int = 0) -> list[dict[str, np.ndarray]]:
    """Signals of a lifetime of 8 synapses."""
    rng = np.random.default_rng(seed)
    names = ("pre", "post", "target", "grad", "w", "p0", "p1", "p2", "p3")
    return [{name: rng.normal(size=8).astype(np.float32) for name in names} for _ in range(UPDATES)]


LOCAL: dict[str, Callable[..., Any]] = {
    "hebb": lambda pre, post, target, w, **_: 0.1 * pre * post,
    "oja": lambda pre, post, target, w, **_: 0.1 * post * (pre - post * w),
    "delta": lambda pre, post, target, w, **_: pre * (target - post),
    "perceptron": lambda pre, post, target, w, **_: 0.1 * pre * (target - (post > 0.5)),
    "abcd": lambda pre, post, p0, p1, p2, p3, **_: 0.1 * (p0 * pre * post + p1 * pre + p2 * post + p3),
    "sgd": lambda grad, **_: -0.1 * grad,
    "sign_sgd": lambda grad, **_: -0.001 * np.sign(grad),
}


@pytest.mark.parametrize("name", LOCAL)
def test_rules_without_memory(name: str) -> None:
    signals = drawn()
    expected = [LOCAL[name](**{k: v.astype(float) for k, v in now.items()}) for now in signals]
    np.testing.assert_allclose(lived(RULES[name], signals), expected, rtol=1e-5, atol=1e-6)


def momentum(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Polyak."""
    m["v"] = 0.9 * m["v"] + g
    return -0.1 * m["v"]


def rmsprop(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Tieleman and Hinton."""
    m["v"] = 0.99 * m["v"] + 0.01 * g * g
    return -0.01 * g / (np.sqrt(m["v"]) + 1e-8)


def adam(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Kingma and Ba, algorithm 1."""
    m["m"] = 0.9 * m["m"] + 0.1 * g
    m["v"] = 0.999 * m["v"] + 0.001 * g * g
    return -0.01 * (m["m"] / (1 - 0.9**t)) / (np.sqrt(m["v"] / (1 - 0.999**t)) + 1e-8)


def lion(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Chen et al., algorithm 2."""
    change = -0.001 * np.sign(0.9 * m["m"] + 0.1 * g)
    m["m"] = 0.99 * m["m"] + 0.01 * g
    return change


def powersign(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Bello et al."""
    m["m"] = 0.9 * m["m"] + 0.1 * g
    return -0.1 * g * np.exp(np.sign(g) * np.sign(m["m"]))


def addsign(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Bello et al."""
    m["m"] = 0.9 * m["m"] + 0.1 * g
    return -0.1 * g * (1 + np.sign(g) * np.sign(m["m"]))


def nesterov(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Sutskever et al. 2013, eq. 3 and 4, in the parameters at which the gradient is taken: θ + μ·v."""
    before = m["v"].copy()
    m["v"] = 0.9 * m["v"] - 0.1 * g
    return m["v"] + 0.9 * (m["v"] - before)


def qhm(g: np.ndarray, m: dict[str, Any], t: int) -> Any:
    """Ma and Yarats, algorithm 1."""
    m["m"] = 0.9 * m["m"] + 0.1 * g
    return -1.0 * (0.3 * g + 0.7 * m["m"])


OPTIMIZERS = [momentum, rmsprop, adam, lion, powersign, addsign, nesterov, qhm]


@pytest.mark.parametrize("exact", OPTIMIZERS, ids=lambda f: f.__name__)
def test_optimizers(exact: Callable[..., Any]) -> None:
    signals, memory = drawn(1), {"m": np.zeros(8), "v": np.zeros(8)}
    expected = [exact(now["grad"].astype(float), memory, t) for t, now in enumerate(signals, 1)]
    np.testing.assert_allclose(lived(RULES[exact.__name__], signals), expected, rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_a_decaying_rate_falls_evenly_to_its_share(name: str) -> None:
    signals, rule = drawn(5), RULES[name]
    falling = rule.decaying()
    (dial,) = set(falling.dials) - set(rule.dials)
    assert dial.name == "decay"
    ended = replace(falling, coefficients={**falling.coefficients, dial.coefficient: 0.25})
    share = 1 - 0.75 * np.arange(UPDATES) / (UPDATES - 1)
    np.testing.assert_allclose(lived(ended, signals), lived(rule, signals) * share[:, None], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(lived(falling, signals), lived(rule, signals), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_dials_are_of_coefficients_that_the_rule_has(rule: ClassicRule) -> None:
    for dial in rule.dials:
        assert dial.coefficient in rule.coefficients.keys() - {"c0", rule.per_update}
        assert list(dial.values) == sorted(set(dial.values))
        low, high = sorted(dial.held(value) for value in (dial.values[0], dial.values[-1]))
        assert low <= rule.coefficients[dial.coefficient] <= high * (1 + 1e-12)
    named = [dial.coefficient for dial in rule.dials]
    fixed = {"c0", rule.per_update, *named}
    assert rule.coefficients.keys() <= fixed, "a coefficient that nobody tunes"


def test_bcm_threshold_follows_the_mean_square() -> None:
    signals = drawn(2)
    threshold, expected = np.zeros(8), []
    for now in signals:
        pre, post = now["pre"].astype(float), now["post"].astype(float)
        threshold = 0.9 * threshold + 0.1 * post**2
        expected.append(0.1 * pre * post * (post - threshold))
    np.testing.assert_allclose(lived(RULES["bcm"], signals), expected, rtol=1e-4, atol=1e-6)


def test_oja_finds_the_first_principal_component() -> None:
    rng = np.random.default_rng(3)
    data = rng.normal(size=(4000, 3)) @ np.diag([2.0, 1.0, 0.5])
    program, w = compile_rule(RULES["oja"].slots), np.full(3, 0.3, np.float32)
    for x in data.astype(np.float32):
        w = w + evaluate(program, {"pre": x, "post": x @ w, "w": w, "c0": 0.005})["update"]
    assert abs(w[0]) == pytest.approx(1, abs=0.1)
    assert np.linalg.norm(w) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_is_complete(rule: ClassicRule) -> None:
    program = compile_rule(rule.slots)
    used = {name for name in program.reads if name.startswith("c")}
    assert used == rule.coefficients.keys()
    assert rule.needs == program.reads - used
    assert "c0" in rule.coefficients
    assert rule.meaning
    assert rule.source
    assert parse_rule({slot: str(tree) for slot, tree in rule.slots.items()}) == rule.slots
    assert all(PRIMITIVES[n.name].stock for tree in rule.slots.values() for n in tree if n.arity)


def test_the_library_has_what_it_should() -> None:
    assert list(RULES)[:12] == [
        "hebb", "oja", "bcm", "perceptron", "delta", "abcd", "sgd", "momentum", "rmsprop", "adam", "lion", "sign_sgd",
    ]  # fmt: skip
    assert RULES["adam"].values(50)["c4"] == 49
    assert RULES["momentum"].values(50) == {"c0": 0.1, "c1": 0.9}
    assert {rule.name for rule in RULES.values() if rule.grid == "unit"} == {"rmsprop", "adam", "lion", "sign_sgd"}
