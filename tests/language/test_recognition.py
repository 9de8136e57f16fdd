"""Rules recognised: by algebra, by behaviour, or not."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.language.library import RULES
from evometa.language.probes import changes, likeness
from evometa.language.recognition import recognise
from evometa.language.text import parse_rule

CASES: list[tuple[dict[str, str], str, str | None, bool]] = [
    ({"update": "mul(pre, sub(target, post))"}, "the delta rule", "delta", True),
    ({"update": "0.5*(target - post)*pre + 0"}, "the delta rule × 0.5", "delta", True),
    ({"update": "-0.5*(target - post)*pre"}, "the delta rule × −0.5", "delta", True),
    ({"update": "2*pre*target - post*(pre + pre)"}, "the delta rule × 2", "delta", True),
    ({"update": "tanh(0.1)*(pre*(target - post)) + w - w"}, "the delta rule × 0.0997", "delta", True),
    ({"update": "div(pre*(target - post), 4) + (1 - 1)*w"}, "the delta rule × 0.25", "delta", True),
    ({"update": "+".join(["pre*(target - post)"] * 40)}, "the delta rule × 40, on all probes", "delta", False),
    ({"update": "pre*(tanh(0.1*target) - tanh(0.1*post))"}, "none of the classic rules, by algebra", None, False),
    ({"update": "-grad*exp(-square(0.02*w))"}, "none of the classic rules, by algebra", None, False),  # but for small w
    ({"update": "0.11*post*(pre - post*w) + 0.02*w"}, "Oja's rule × 0.11, plus 0.02·w", "oja", False),
    ({"update": "pre*(target - post) - 0.1*w"}, "the delta rule, minus 0.1·w", "delta", False),
    ({"update": "neg(err*pre)*0.3"}, "gradient descent × 0.3", "sgd", True),
    ({"update": "-0.3*grad"}, "gradient descent × 0.3", "sgd", True),
    (
        {"update": "-0.3*grad", "gate": "abs(w) - age"},
        "gradient descent × 0.3, with gates that open and close synapses", "sgd", True,
    ),
    (
        {"update": "-0.1*s1", "s1": "0.9*s1 + grad", "gate": "w*s1"},
        "momentum × 0.1, with gates that open and close synapses", "momentum", True,
    ),
    ({"update": "-0.1*s1", "s1": "0.5*s1 + 0.25*grad"}, "momentum (c1 = 0.5) × 0.025", "momentum", True),
    ({"update": "-0.1*s2", "s2": "0.9*s2 + grad", "s1": "pre"}, "momentum × 0.1", "momentum", True),
    ({"update": "-0.1*s1", "s1": "0.3*grad"}, "gradient descent × 0.03", "sgd", True),
    ({"update": "-grad + s1"}, "gradient descent", "sgd", True),
    ({"update": "pre*(target - step(post - 0.5))*0.7"}, "the perceptron rule × 0.7", "perceptron", True),
    ({"update": "-0.2*pre*post*(s1 - post)", "s1": "0.8*s1 + 0.2*post*post"}, "the BCM rule (c1 = 0.2) × 0.2", "bcm",
     True),
    ({"update": "-0.01*aq(1e4*grad, 1e4*sqrtabs(s2))", "s2": "0.95*s2 + 0.1*square(grad)"},
     "RMSprop (c1 = 0.95) × 0.00707, on all probes", "rmsprop", False),
    ({"update": "-0.2*sign(10*s1 + grad)", "s1": "0.99*s1 + 0.01*grad"}, "Lion × 0.2, on all probes", "lion", False),
    ({"update": "pre*(target - post) + 0.4*pre*min(w, target)"}, "none of the classic rules, by algebra", None, False),
    ({"update": "w"}, "none of the classic rules, by algebra", None, False),
    ({"update": "exp(exp(exp(w)))*pre"}, "none of the classic rules, by algebra", None, False),
    ({"update": "w*0"}, "no learning: the update is always 0", None, False),
    ({"update": "s1"}, "no learning: the update is always 0", None, False),
    ({"update": "-s1*(0.49 - 0.32*age)", "s1": "0.9*s1 + grad"}, "momentum whose step falls from 0.49 to 0.17",
     "momentum", True),
    ({"update": "grad*square(age - 1)*-2"}, "gradient descent whose step falls from 2 to 0", "sgd", True),
    ({"update": "-grad*exp(-1 - 2*age)"}, "gradient descent whose step falls from 0.368 to 0.0498", "sgd", True),
    ({"update": "-c0*(grad - age*grad)"}, "gradient descent × c0 whose step falls from 1 to 0", "sgd", True),
    ({"update": "-0.1*grad - 0.1*age*w"}, "gradient descent × 0.1, minus 0.1·w·age", "sgd", False),
    ({"update": "-s1", "s1": "0.9*s1 + age*grad"}, "none of the classic rules, by algebra", None, False),
    ({"update": "-0.5*grad - s2", "s1": "-0.773", "s2": "s2"}, "gradient descent × 0.5", "sgd", True),
    ({"s1": "pre"}, "no learning: there is no update", None, False),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "name", "exact"), CASES, ids=[str(list(c[0].values()))[:60] for c in CASES])
def test_recognised(rule: dict[str, str], text: str, name: str | None, exact: bool) -> None:
    found = recognise(parse_rule(rule))
    assert found.text.startswith(text)
    assert (found.text == text) or not exact
    assert (found.name, found.exact) == (name, exact)
    assert 0 <= found.r2 <= 1
    if exact:
        assert found.r2 == 1


@pytest.mark.parametrize("name", RULES)
def test_every_classic_rule_is_recognised(name: str) -> None:
    rule = RULES[name]
    found = recognise(rule.slots, rule.values(200), updates=200)
    assert (found.name, found.exact) == (name, True)
    assert found.scale == pytest.approx(rule.coefficients["c0"], rel=1e-5)
    assert found.text.startswith(rule.title)
    symbolic = recognise(rule.slots)
    assert (symbolic.text, symbolic.exact) == (f"{rule.title} × c0", True)


def test_coefficients_are_used() -> None:
    rule = parse_rule({"update": "c0*c1*grad"})
    assert recognise(rule, {"c0": 0.5, "c1": -2.0}).text == "gradient descent"
    assert recognise(rule).text == "gradient descent × −c0·c1"
    momentum = RULES["momentum"].slots
    assert recognise(momentum, {"c0": 0.3, "c1": 0.5}).text == "momentum (c1 = 0.5) × 0.3"
    assert recognise(momentum, {"c0": 0.3, "c1": 0.0}).text == "momentum (c1 = 0) × 0.3"


def test_noise_in_constants_is_forgiven() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        k, noise = rng.uniform(0.1, 3), rng.normal(0, 1e-5)
        text = f"{k}*(pre*target) - {k * (1 + noise)}*(post*pre)"
        assert recognise(parse_rule({"update": text})).name == "delta"


def test_likeness() -> None:
    rule = RULES["hebb"].slots
    once, thrice = changes(rule, {"c0": 1}), changes(rule, {"c0": 3})
    assert likeness(thrice, once) == pytest.approx((3, 1))
    assert likeness(once, np.zeros_like(once)) == (0, 0)
    assert likeness(np.full_like(once, np.nan), once) == (0, 0)
    noise = np.random.default_rng(0).normal(size=once.shape)
    assert likeness(noise, once)[1] < 0.01
