"""The numbers of a genome that its lives depend on, and what becomes of it when they grow or shrink."""

from __future__ import annotations

import numpy as np

from evometa.genetics.genome import Genome
from evometa.genetics.numbers import Numbers
from evometa.language.text import parse_rule
from tests.searching import recipe

TEXTS = {
    "update": "-c0*(grad + 0.5*s1) + 0*w + p1*1e29", "s1": "-0.9*s1 + c2*grad", "s2": "0.3*w*c1",
    "loss": "square(output - target)*2",
}  # fmt: skip


def genome(**texts: str) -> Genome:
    plasticity = np.array([[1, 2], [-3, 0]], np.float32)
    return Genome(parse_rule({**TEXTS, **texts}), None, None, np.array([0.1, 0.2, -0.3], np.float32), plasticity)


def settings(**sections: dict[str, object]) -> object:
    base = {
        "rule": {"slots": ("update", "s1", "s2", "loss"), "signals": ("grad", "w", "output", "target")},
        "coefficients": {"count": 3, "low": -0.4, "high": 0.4, "scale": "linear"},
        "plasticity": {"count": 2, "tie": "group"},
    }
    return recipe(**{name: {**base.get(name, {}), **sections.get(name, {})} for name in base | sections})  # type: ignore[arg-type, return-value]


def named(numbers: Numbers) -> list[str]:
    """The places, constants by their value."""
    rule = numbers.genome.rule
    return [f"{part} {rule[part][at].name if part in rule else at}" for part, at in numbers.places]


def test_numbers_are_those_that_weights_depend_on() -> None:
    found = Numbers.of(genome(), settings())
    assert named(found) == [
        *("coefficients 0", "coefficients 2"),  # c1 is read by s2 alone, which nobody reads
        "plasticity 2",  # p1 of the first group; that of the second is 0
        *("update 0.5", "update 1e+29", "s1 -0.9", "loss 2"),
    ]
    pre = genome(update="-c0*pre*s1", s1="s1*0.9 + s2")
    assert named(Numbers.of(pre, settings())) == [
        *("coefficients 0", "coefficients 1", "s1 0.9", "s2 0.3"),  # no loss is felt, and no plasticity read
    ]


def test_what_does_not_evolve_is_left_alone() -> None:
    fixed = settings(
        rule={"init": {"update": "w", "loss": "w"}, "fixed": ("update", "loss")},
        coefficients={"mode": "fixed", "values": (0.1, 0.2, 0.3)},
        plasticity={"tie": "synapse"},
    )
    assert named(Numbers.of(genome(), fixed)) == ["s1 -0.9"]


def test_numbers_grow_by_factors_keep_their_signs_and_their_bounds() -> None:
    old = genome()
    numbers = Numbers.of(old, settings())
    same = numbers.scaled(np.zeros(7))
    assert same.to_json() == old.to_json()
    new = numbers.scaled(np.log([2, 3, 4, 1.23456, 1e9, 0.5, 2]))
    assert np.allclose(new.coefficients, [0.2, 0.2, -0.4])  # held by the bound
    assert new.plasticity.tolist() == [[1, 2], [-12, 0]]
    assert str(new.rule["update"]) == "add(add(mul(neg(c0), add(grad, mul(0.6173, s1))), mul(0, w)), mul(p1, 1e+30))"
    assert str(new.rule["s1"]) == "add(mul(-0.45, s1), mul(c2, grad))"
    assert new.rule["s2"] == old.rule["s2"]
    assert old.to_json() == genome().to_json()
    bounds = {"low": [-1.0, -1.0, -0.35], "high": [0.15, 1.0, 1.0]}
    each = Numbers.of(old, settings(coefficients=bounds)).scaled(np.log([2, 3, 1, 1, 1, 1, 1]))
    assert np.allclose(each.coefficients, [0.15, 0.2, -0.35])  # each by its own
    wild = numbers.scaled(np.full(7, 1e9))
    assert all(np.isfinite(each).all() for each in (wild.coefficients, wild.plasticity))
