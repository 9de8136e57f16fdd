"""Rules that answer probes alike are taken for one rule, whatever they look like; others are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import SIGNALS
from evometa.language.text import parse
from evometa.lifetime.probe import POINTS, answers, probe_inputs


def probed(*rules: dict[str, str], coefficients: tuple[float, ...] = (0.5,)) -> np.ndarray:
    programs = [compile_rule({slot: parse(text) for slot, text in rule.items()}) for rule in rules]
    return answers(programs, np.tile(np.array(coefficients, np.float32), (len(rules), 1)))


def test_answers_are_those_of_the_slow_interpreter() -> None:
    rule = {"update": "-c0 * s1 * tanh(pre) + select(err, w, age)", "s1": "0.9 * s1 + grad", "s2": "square(grad)"}
    found = probed(rule)[0]
    signals = {name: probe_inputs()[signal.register] for name, signal in SIGNALS.items()} | {"c0": np.float32(0.5)}
    expected = evaluate(compile_rule({slot: parse(text) for slot, text in rule.items()}), signals)
    for row, slot in enumerate(("update", "s1", "s2")):
        assert np.array_equal(found[row], np.broadcast_to(expected[slot], POINTS))


@pytest.mark.parametrize(
    "one, other, alike",
    [
        ("pre * (target - post)", "(target - post) * pre", True),
        ("neg(neg(grad))", "grad", True),
        ("c0 * grad", "0.5 * grad", True),
        ("pre * (target - post)", "pre * (post - target)", False),
        ("w", "w0", False),
    ],
)
def test_what_behaves_alike_is_alike(one: str, other: str, alike: bool) -> None:
    found = probed({"update": one}, {"update": other})
    assert np.array_equal(found[0], found[1]) == alike
