"""Programs as text: the same results as the program, few and short lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from evometa.export.dialects import NUMPY, TORCH
from evometa.export.expressions import LONGEST, statements
from evometa.language.library import RULES
from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.language.tree import Tree
from tests.language.samples import SPECIAL, by_hand, same_bits, trees

NAMES = {"update": "update", "s1": "new_s1", "s2": "new_s2"}
RNG = np.random.default_rng(4)
VALUES = {
    name: np.concatenate([RNG.permutation(SPECIAL), RNG.normal(0, 2, 200).astype(np.float32)])
    for name in SLOTS["update"].signals
}


def computed(lines: list[str], primitives: frozenset[str]) -> dict[str, Any]:
    """Run statements on VALUES."""
    names: dict[str, Any] = {"np": np, "F": np.float32, **VALUES}
    text = "\n\n".join([*NUMPY.definitions(primitives), *lines])
    with np.errstate(all="ignore"):
        exec(compile(text, "generated", "exec"), names)
    return names


def large(depth: int, place: int = 0) -> str:
    """A rule with more than 2^depth nodes, no two parts of which are alike."""
    if depth == 0:
        return f"mul({place}.5, {('grad', 'w', 's1')[place % 3]})"
    name = ("add", "mul", "aq", "max", "sub")[(depth + place) % 5]
    return f"{name}({large(depth - 1, 2 * place)}, {large(depth - 1, 2 * place + 1)})"


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees(), trees(), trees())
def test_statements_give_the_bits_of_the_trees(update: Tree, s1: Tree, s2: Tree) -> None:
    program = compile_rule({"update": update, "s1": s1, "s2": s2})
    found = statements(program, NUMPY, NAMES)
    names = computed(found.lines, found.primitives)
    new = {**VALUES, "s1": by_hand(s1, VALUES), "s2": by_hand(s2, VALUES)}
    with np.errstate(all="ignore"):
        wanted = {"update": by_hand(update, new), "s1": new["s1"], "s2": new["s2"]}
    for slot, value in wanted.items():
        given_, expected = np.broadcast_arrays(names[found.results[slot]], value)
        assert same_bits(given_, expected), (slot, found.lines)
        assert slot in found.spread or np.size(names[found.results[slot]]) in (1, len(VALUES["c0"]))
    assert all(len(line) <= LONGEST + 40 for line in found.lines)


def test_large_rules_are_broken_into_short_lines() -> None:
    tree = parse(large(8))
    assert len(tree) > 500
    found = statements(compile_rule({"update": tree}), NUMPY, NAMES)
    assert max(map(len, found.lines)) <= LONGEST + 40
    assert same_bits(computed(found.lines, found.primitives)["update"], by_hand(tree, VALUES))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("-c0*grad", "update = -c0 * grad"),
        ("grad - 2", "update = grad - 2.0"),
        ("grad + -2", "update = grad - 2.0"),
        ("aq(grad, 2)", "update = grad / 2.236068"),
        ("aq(grad, w)", "update = aq(grad, w)"),
        ("neg(grad - w)", "update = -(grad - w)"),
        ("(w - s2)*grad", "update = (w - s2) * grad"),
        ("div(grad, w*s2)", "update = grad / (w * s2)"),
        ("w", "update = w"),
        ("0.1", "update = 0.1"),
        ("log(0) - exp(1000)", None),
    ],
)
def test_infix_has_no_needless_brackets(text: str, line: str | None) -> None:
    found = statements(compile_rule({"update": parse(text)}), TORCH, NAMES)
    assert line is None or found.lines == [line]


def test_shared_values_have_names_and_states_keep_their_old_ones() -> None:
    rule = {slot: parse(text) for slot, text in (("update", "s1*s2"), ("s1", "s1 + square(grad)"), ("s2", "s1"))}
    found = statements(compile_rule(rule), TORCH, NAMES)
    assert found.lines == ["new_s1 = torch.square(grad) + s1", "update = new_s1 * s1", "new_s2 = s1"]


def test_what_is_one_number_for_all_synapses_is_known() -> None:
    rule = {"update": parse("c0*age"), "s1": parse("0.5"), "s2": parse("p0")}
    assert statements(compile_rule(rule), TORCH, NAMES).spread == {"s2"}


def test_only_the_outputs_asked_for_are_computed() -> None:
    program = compile_loss(parse("sin(target) + square(output)"))
    found = statements(program, TORCH, {"derivative": "slope"})
    assert found.lines == ["slope = 2.0 * output"]
    assert found.primitives == {"mul"}


def test_classic_rules_read_as_people_write_them() -> None:
    lines = {name: statements(compile_rule(rule.slots), TORCH, NAMES).lines for name, rule in RULES.items()}
    assert lines["momentum"] == ["new_s1 = c1 * s1 + grad", "update = -c0 * new_s1"]
    assert lines["oja"] == ["update = c0 * (post * (pre - post * w))"]
