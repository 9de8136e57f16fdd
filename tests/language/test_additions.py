"""A classic rule and a little more is recognised as that."""

from __future__ import annotations

import pytest

from evometa.language.recognition import recognise
from evometa.language.text import parse_rule

CASES: list[tuple[dict[str, str], str, str]] = [
    ({"update": "0.11*post*(pre - post*w) + 0.02*w"}, "Oja's rule × 0.11, plus 0.02·w", "oja"),
    ({"update": "0.11*post*(pre - post*w) + 0.02*w - 0.01*pre"},
     "Oja's rule × 0.11, minus 0.01·pre, plus 0.02·w", "oja"),
    ({"update": "-0.1*grad + 0.01"}, "gradient descent × 0.1, plus 0.01", "sgd"),
    ({"update": "-0.1*s1 - 0.001*w", "s1": "0.9*s1 + grad"},
     "momentum × 0.1, minus 0.001·w", "momentum"),
    ({"update": "-0.1*s2 - 0.05*w", "s2": "0.9*s2 + 2*grad"},
     "momentum × 0.2, minus 0.05·w", "momentum"),
    ({"update": "c0*pre*(target - post) - c0*0.2*w"},
     "the delta rule × c0, minus 0.2·c0·w", "delta"),
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
        ("pre*(target - post) + 3*w", "none of the classic rules"),  # the rest is the main thing
        ("pre*(target - post) + 0.1*w - 0.2*pre + 0.1*post", "none of the classic rules"),  # three terms more
        ("pre*(target - post) + 0.3*pre*post*w*target", "none of the classic rules"),  # not a simple term
        ("sign(pre)*target", "none of the classic rules"),
        ("post*max(w, 0)", "none of the classic rules"),
        ("div(w, 0) - div(w, 0)", "none of the classic rules"),
    ],
)
def test_what_is_more_than_a_little_is_not(rule: str, text: str) -> None:
    found = recognise(parse_rule({"update": rule}))
    assert found.text.startswith(text)
    assert found.name is None
