"""Weight changes explained by classic rules: by a factor, a step that changes, a decay rate, a term more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.language.fit import best_fit, run, steps_in_words
from evometa.language.library import RULES
from evometa.language.text import parse_rule

U, S = 40, 200


def world(seed: int = 0) -> dict[str, Any]:
    """Signals of a made-up life: gradients that persist, weights that grow."""
    rng = np.random.default_rng(seed)
    grad = rng.normal(size=(U, S))
    for update in range(1, U):
        grad[update] += 0.6 * grad[update - 1]
    signals = {
        "grad": grad, "w": rng.normal(0, 3, (U, S)), "age": np.linspace(0, 1, U)[:, None] * np.ones((1, S)),
        "pre": rng.uniform(0, 1, (U, S)), "post": rng.uniform(0, 1, (U, S)), "target": rng.integers(0, 2, (U, S)),
    }  # fmt: skip
    return {name: values.astype(np.float32) for name, values in signals.items()}


def explained(slots: dict[str, str], reads: set[str] | None = None) -> Any:
    """The best explanation of a rule's changes."""
    signals = world()
    changes = run(parse_rule(slots), {}, signals).astype(np.float64)
    return best_fit(np.broadcast_to(changes, (U, S)), signals, U, reads or set())


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"update": "-0.3*grad"}, "gradient descent × 0.3"),
        ({"update": "-(0.49 - 0.32*age)*grad"}, "gradient descent whose step falls from 0.49 to 0.17"),
        ({"update": "-exp(-1 - 2*age)*grad"}, "gradient descent whose step falls from 0.366 to 0.0488"),
        ({"update": "-(0.1 + age*(1 - age))*grad"}, "gradient descent whose step goes from 0.1 over 0.35 to 0.1"),
        ({"update": "-(0.1 + 0.2*age)*grad"}, "gradient descent whose step rises from 0.1 to 0.3"),
        ({"update": "-0.3*s1", "s1": "0.83*s1 + grad"}, "momentum (c1 = 0.83) × 0.3"),
        ({"update": "-(0.3 - 0.2*age)*s1", "s1": "0.9*s1 + grad"}, "momentum whose step falls from 0.3 to 0.1"),
        ({"update": "0.7*pre*(target - post)"}, "the delta rule × 0.7"),
        ({"update": "-0.3*grad - 0.1*w"}, "gradient descent × 0.3, minus 0.1·w"),
        ({"update": "-0.3*grad + 0.2*pre*w"}, "gradient descent × 0.3, plus 0.2·pre·w"),
        ({"update": "-grad"}, "gradient descent"),
        ({"update": "-0.01*sign(grad)"}, "sign descent × 0.01"),
    ],
)
def test_words(slots: dict[str, str], words: str) -> None:
    found = explained(slots)
    assert found.words == words
    assert found.r2 > 0.999


@pytest.mark.parametrize("name", [n for n, r in RULES.items() if r.needs <= {*world(), "s1", "s2"}])
def test_every_classic_rule_explains_itself(name: str) -> None:
    rule, signals = RULES[name], world()
    changes = run(rule.slots, rule.values(U), signals).astype(np.float64)
    found = best_fit(np.broadcast_to(changes, (U, S)), signals, U, rule.needs)
    assert found is not None
    assert found.r2 > 0.999
    assert found.rule.name == name
    assert np.allclose(found.steps, rule.coefficients["c0"], rtol=0.01)


def test_of_equals_the_one_that_reads_the_same_is_named() -> None:
    signals = world()
    signals["grad"] = signals["pre"] * (signals["post"] - signals["target"])
    changes = -signals["grad"].astype(np.float64)
    assert best_fit(changes, signals, U, {"pre", "post", "target"}).rule.name == "delta"  # type: ignore[union-attr]
    assert best_fit(changes, signals, U, {"grad"}).rule.name == "sgd"  # type: ignore[union-attr]


def test_no_addition_says_more_than_the_rule_that_is_named() -> None:
    signals = world()
    found = best_fit((1.01 * signals["w"] + 0.05 * signals["target"]).astype(np.float64), signals, U)
    assert found is None or found.r2 < 0.9, found.words


def test_what_nothing_explains() -> None:
    rng = np.random.default_rng(1)
    found = best_fit(rng.normal(size=(U, S)), world(), U)
    assert found is None or found.r2 < 0.05
    assert best_fit(np.zeros((U, S)), world(), U) is None
    assert best_fit(np.full((U, S), np.nan), world(), U) is None


def test_changes_that_are_lost_now_and_then_do_no_harm() -> None:
    signals = world()
    changes = -0.3 * signals["grad"].astype(np.float64)
    changes[::7, 3], changes[5, :9] = np.nan, np.inf
    found = best_fit(changes, signals, U)
    assert found is not None
    assert (found.words, round(found.r2, 6)) == ("gradient descent × 0.3", 1)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([1.0, 1.0], ""),
        ([5.87, 5.87], " × 5.87"),
        ([-1.0, -1.0], " × −1"),
        ([0.49, 0.3, 0.17], " whose step falls from 0.49 to 0.17"),
        ([0.3, -0.1], " whose step goes from 0.3 to −0.1"),
        ([-0.3, -0.1], " whose step goes from −0.3 to −0.1"),
        ([0.1, 0.5, 0.2], " whose step goes from 0.1 over 0.5 to 0.2"),
        ([0.5, 0.1, 0.2], " whose step goes from 0.5 over 0.1 to 0.2"),
    ],
)
def test_steps_in_words(steps: list[float], words: str) -> None:
    assert steps_in_words(steps) == words
