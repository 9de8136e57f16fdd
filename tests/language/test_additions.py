"""A classic rule and a little more is recognised as that."""

from __future__ import annotations

import pytest

from evometa.language.recognise import recognise
from evometa.language.text import parse_rule

CASES: list[tuple[dict[str, str], str, str]] = [
    ({"update": "0.11*post*(pre - post*w) + 0.02*w"}, "Oja's rule × 0.11, plus 0.02·w (R² 0.95 without it)", "oja"),
    ({"update": "0.11*post*(pre - post*w) + 0.02*w - 0.01*pre"},
     "Oja's rule × 0.11, minus 0.01·pre, plus 0.02·w (R² 0.94 without it)", "oja"),
    ({"update": "-0.1*grad + 0.01"}, "gradient descent × 0.1, plus 0.01 (R² 0.97 without it)", "sgd"),
    ({"update": "-0.1*s1 - 0.001*w", "s1": "0.9*s1 + grad"},
     "momentum × 0.1, minus 0.001·w (R² 1.00 without it)", "momentum"),
    ({"update": "-0.1*s2 - 0.05*w", "s2": "0.9*s2 + 2*grad"},
     "momentum × 0.2, minus 0.05·w (R² 0.99 without it)", "momentum"),
    ({"update": "c0*pre*(target - post) - c0*0.2*w"},
     "the delta rule × c0, minus 0.2·c0·w (R² 0.94 without it)", "delta"),
    ({"update": "pre*(tanh(0.1*target) - tanh(0.1*post)) - 0.03*w"},
     "behaves like the delta rule × 0.0997, minus 0.03·w (R² 1.0000, 0.86 without it)", "delta"),
    ({"update": "tanh(0.05*pre*(target - post)) + 0.02*pre*target"},
     "behaves like the delta rule × 0.07, plus 0.02·pre·post (R² 1.0000, 0.94 without it)", "delta"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "name"), CASES, ids=[text[:40] for _, text, _ in CASES])
def test_recognised(rule: dict[str, str], text: str, name: str) -> None:
    found = recognise(parse_rule(rule))
    assert found.text.startswith(text)
    assert (found.name, found.exact) == (name, False)
    assert 0.5 <= found.r2 <= 1


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("pre*(target - post) + 3*w", "none; nearest"),  # the rest is the main thing
        ("pre*(target - post) + 0.1*w - 0.2*pre + 0.1*post", "none; nearest: the delta rule"),  # three terms more
        ("pre*(target - post) + 0.3*pre*post*w*target", "none; nearest: the delta rule"),  # not a simple term
        ("sign(pre)*target", "none; nearest: the delta rule × 0.796, R² 0.26"),
        ("post*max(w, 0)", "none of the classic rules"),
        ("div(w, 0) - div(w, 0)", "none of the classic rules"),
    ],
)
def test_what_is_more_than_a_little_is_not(rule: str, text: str) -> None:
    found = recognise(parse_rule({"update": rule}))
    assert found.text.startswith(text)
    assert found.name is None
