"""A rule in parts: each part taken out or held still is what it says."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from evometa.judging.analysis.change import Change, difference, mean_of, short, size_of
from evometa.judging.analysis.parts import changes_of
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import INPUTS
from evometa.language.text import parse
from evometa.language.tree import Tree
from tests.lifetime.strategies import random_text

RNG = np.random.default_rng(1)
PROBES: dict[str, Any] = {name: RNG.uniform(0.1, 1.0, 500).astype(np.float32) for name in INPUTS}


def values(tree: Tree) -> np.ndarray:
    with np.errstate(all="ignore"):
        found = evaluate(compile_rule({"update": tree}), PROBES)["update"]
    return np.broadcast_to(found, 500).astype(np.float64)


def changes(text: str, slot: str = "update", **known: float) -> list[Change]:
    return changes_of(slot, parse(text), known, None if slot == "loss" else values)


def named(found: list[Change]) -> list[tuple[str, str, str, str]]:
    return [(change.kind, change.term, change.change, change.formula) for change in found]


def test_terms_of_a_sum() -> None:
    found = changes("0.11*post*(pre - post*w) + 0.02*w")
    assert {change.kind for change in found} == {"term"}
    assert {change.term for change in found} == {"0.11·pre·post", "−0.11·post²·w", "0.02·w"}
    (removed,) = [c for c in found if (c.term, c.change) == ("0.02·w", "removed")]
    assert removed.formula == "0.11·pre·post − 0.11·post²·w"
    assert np.allclose(values(removed.tree), values(parse("0.11*post*(pre - post*w)")), atol=1e-6)
    (frozen,) = [c for c in found if (c.term, c.change) == ("0.02·w", "frozen")]
    mean = 0.02 * PROBES["w"].mean()
    assert np.allclose(values(frozen.tree), values(parse("0.11*post*(pre - post*w)")) + mean, atol=1e-6)


def test_factors_of_a_product_and_its_terms() -> None:
    found = changes("2*pre*(target - post)")
    assert [(kind, term) for kind, term, change, _ in named(found) if change == "removed"] == [
        ("term", "2·pre·target"), ("term", "−2·pre·post"), ("factor", "pre"), ("factor", "target − post"),
    ]  # fmt: skip
    (still,) = [c for c in found if (c.term, c.change) == ("target − post", "frozen")]
    mean = (PROBES["target"] - PROBES["post"]).mean()
    assert np.allclose(values(still.tree), 2 * PROBES["pre"] * mean, atol=1e-6)
    (gone,) = [c for c in found if (c.term, c.change) == ("target − post", "removed")]
    assert np.allclose(values(gone.tree), 2 * PROBES["pre"], atol=1e-6)


def test_a_minus_is_where_the_formula_has_it() -> None:
    assert "target − post" in {change.term for change in changes("neg(3*pre*(post - target))")}


def test_coefficients_are_numbers() -> None:
    assert {change.term for change in changes("c0*pre + c1*w", c0=0.5, c1=-2.0)} == {"0.5·pre", "−2·w"}


def test_one_is_not_spelled() -> None:
    assert {change.term for change in changes("pre*target - pre*post") if change.kind == "term"} == {
        *("pre·target", "−pre·post"),
    }


@pytest.mark.parametrize("text", ["grad", "-0.3*grad", "grad + grad", "square(grad)", "0.5", "w - w"])
def test_a_single_signal_has_no_parts(text: str) -> None:
    assert changes(text) == []


def test_the_inside_of_a_function_is_looked_at() -> None:
    found = named(changes("tanh(pre + 0.5*w)"))
    assert ("part", "0.5·w", "removed", "tanh(pre)") in found
    assert ("part", "pre", "removed", "tanh(0.5·w)") in found


def test_of_a_loss_only_what_learning_feels() -> None:
    found = named(changes("square(output - target) + target", slot="loss"))
    assert [(term, change) for _, term, change, _ in found] == [("output²", "removed"), ("−2·target·output", "removed")]


def test_without_values_nothing_is_frozen() -> None:
    found = changes_of("update", parse("pre*target - w"), {}, None)
    assert {change.change for change in found} == {"removed"}


def test_where_algebra_computes_something_else_the_tree_is_taken() -> None:
    nothing = "(1e-30*w) * (1e-30*pre) * 1e38 * 1e30"  # underflows to 0; in real numbers 1e8·w·pre
    assert {change.kind for change in changes(nothing)} == {"part"}
    assert {change.kind for change in changes("1e8*w*pre")} == {"factor"}


@pytest.mark.parametrize("size", [80, 500])
def test_large_rules_are_quick(size: int) -> None:
    rng = np.random.default_rng(2)
    terms = []
    while len(parse(" + ".join(terms) or "w")) < size:
        terms.append(f"0.1*{random_text(rng, ['pre', 'post', 'target', 'w'], 3)}")
    started = time.process_time()
    found = changes(" + ".join(terms))
    assert time.process_time() - started < 10
    assert found
    assert {change.kind for change in found} <= {"term", "part"}
    assert max(len(change.term) for change in found) <= 120
    for change in found[:20]:
        assert change.tree.whole


def test_a_long_product_is_quick() -> None:
    factor = "(pre + post + target + w + 1)"
    started = time.process_time()
    found = changes("*".join([factor] * 6))
    assert time.process_time() - started < 10
    assert found


def test_terms_of_large_sums_are_its_summands_largest_first() -> None:
    text = " + ".join(f"{k}*pre*tanh({k}*w)" for k in range(1, 40))
    found = [change for change in changes(text) if change.change == "removed"]
    assert found[0].term == "39·pre·tanh(39·w)" or found[0].term == "pre·tanh(w)"
    assert all(change.kind == "term" for change in found[:39])
    assert np.allclose(values(found[0].tree), values(parse(text)) - values(parse(_term(found[0].term))), rtol=1e-3)


def _term(shown: str) -> str:
    return shown.replace("·", "*")


def test_differences_are_relative_and_finite() -> None:
    ours = np.array([1.0, -1.0, np.nan])
    assert difference(ours, ours) == 0
    assert difference(ours, np.zeros(3)) == 1
    assert difference(ours, np.array([np.inf, 0.0, 0.0])) == 1e9
    assert difference(np.zeros(3), np.ones(3)) == 1e9
    assert difference(np.full(3, np.nan), np.ones(3)) == 0
    assert difference(np.full(3, 1e200), np.full(3, -1e200)) == 1e9


def test_means_and_sizes_of_what_is_finite() -> None:
    assert mean_of(np.array([1.0, 3.0, np.inf])) == 2
    assert mean_of(np.array([np.nan])) is None
    assert mean_of(np.array([1e39, 1e39])) is None
    assert size_of(np.array([3.0, np.nan, 4.0])) == pytest.approx(12.5**0.5)
    assert size_of(np.array([np.nan])) == 0
    assert short("x" * 121) == "x" * 119 + "…"
