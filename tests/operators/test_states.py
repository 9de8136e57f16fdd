"""Variation of a rule's slots together: states with their readers, and rules without what nobody feels."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.genomes import Genomes
from evometa.language.codes import CONSTANT, code_of
from evometa.language.liveness import felt_signals
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import INPUTS, SIGNALS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree, node
from evometa.seeding import Draws
from evometa.spec.primitives import PRIMITIVES
from operators import breeding
from operators.rules import genRule, within
from operators.states import memories, mutSimplify, mutState
from operators.toolbox import make_toolbox
from operators.vocabulary import Limits, Vocabulary
from tests.language.samples import SPECIAL, same_bits, trees
from tests.language.test_liveness import READ, STATEFUL, lived
from tests.properties import examples
from tests.searching import recipe, shapes

WORDS = ("add", "sub", "mul", "neg", "aq", "max", "square", "sign", "abs")
SLOTS = ("update", "s1", "s2")
VOCABULARIES = {slot: Vocabulary(("grad", "w", "s1", "s2", "c0", "c1"), WORDS, (-2.0, 2.0)) for slot in SLOTS}
MEMORIES = memories(VOCABULARIES)
STILL = parse_rule({"s1": "s1", "s2": "s2"})
ANYTHING = {slot: Vocabulary(tuple(SIGNALS), WORDS, (-2.0, 2.0)) for slot in SLOTS}
CLOSE = Limits(16, 6, 4)
LOOKED_UP = 200


def test_a_state_and_its_reader_come_in_one_step() -> None:
    rule, rng = parse_rule({"update": "-c0*grad", "s1": "s1", "s2": "0.5"}), random.Random(0)
    found = [mutState(rule, MEMORIES, rng)[0] for _ in range(300)]
    for child in found:
        (state,) = {"s1", "s2"} & felt_signals(child)
        (other,) = {"s1", "s2"} - {state}
        assert child[other] == rule[other]
        assert str(child[state]) != str(rule[state])
        assert state in child[state].signals()
    assert {str(child["update"]).count("grad") for child in found} == {1, 2}
    assert {"s1", "s2"} <= frozenset().union(*(felt_signals(child) for child in found))
    assert "add(mul(c1, s1), grad)" in {str(child["s1"]) for child in found}


def test_the_new_state_enters_nearly_as_if_it_were_not_there() -> None:
    """At a state of 0.1 no answer moves by more than an eighth of the part that it enters."""
    for reader in MEMORIES["s1"].readers:
        program = {"update": Tree(item if item.name != "output" else parse("w")[0] for item in reader)}
        signals = {name: np.float32(1) for name in INPUTS}
        with_state = evaluate(compile_rule(program), {**signals, "s1": np.float32(0.1)})["update"]
        assert abs(float(with_state) - 1) <= 0.125, str(reader)


def test_states_that_weights_depend_on_stay() -> None:
    rule = parse_rule({"update": "-c0*s1", "s1": "0.9*s1 + s2", "s2": "grad"})
    assert mutState(rule, MEMORIES)[0] is rule
    for _ in range(30):
        child = mutState({**rule, "s1": parse("0.9*s1 + grad")}, MEMORIES)[0]
        assert child["s1"] == parse("0.9*s1 + grad")
        assert child["s2"] != rule["s2"]


def test_only_what_the_slots_can_say_comes_in() -> None:
    poor = {"update": Vocabulary(("pre", "s1"), ("mul", "aq")), "s1": Vocabulary(("pre", "s1"), ("max", "abs"))}
    assert memories(poor) == {}  # every trace needs a number
    rich = {**poor, "s1": Vocabulary(("pre", "s1"), ("max", "abs", "mul"), (0.0, 1.0))}
    found = memories(rich)
    assert [str(tree) for tree in found["s1"].traces] == ["max(mul(0.9, s1), pre)"]
    assert [str(tree) for tree in found["s1"].readers] == ["aq(output, s1)"]
    assert memories({"s1": rich["s1"]}) == {}
    assert memories({"update": rich["update"]}) == {}


@given(st.integers(0, 10**6))
def test_the_limits_hold(seed: int) -> None:
    rng = random.Random(seed)
    rule: Any = {slot: genRule(VOCABULARIES[slot], 1, 6, 16, rng) for slot in SLOTS}
    before = {slot: str(tree) for slot, tree in rule.items()}
    for change in (
        lambda r: mutState(r, MEMORIES, rng, CLOSE),
        lambda r: mutSimplify(r, VOCABULARIES, STILL, rng, CLOSE),
    ):
        (child,) = change(rule)
        for slot, tree in child.items():
            assert tree.whole
            assert within(tree, CLOSE.nodes, CLOSE.depth)
            assert VOCABULARIES[slot].says(tree)
        assert {slot: str(tree) for slot, tree in rule.items()} == before


@examples(300)
@given(trees(READ, 8), STATEFUL | trees(READ, 6), STATEFUL | trees(READ, 6), st.integers(0, 2**32 - 1), st.data())
def test_a_simpler_rule_changes_weights_by_the_same_bits(
    update: Tree, s1: Tree, s2: Tree, seed: int, data: st.DataObject
) -> None:
    """Whichever slots are fixed, and so have no vocabulary."""
    rule, rng = {"update": update, "s1": s1, "s2": s2}, np.random.default_rng(seed)
    free = data.draw(st.sets(st.sampled_from(SLOTS)))
    every = {slot: Vocabulary(tuple(SIGNALS), tuple(PRIMITIVES), (0.0, 0.0)) for slot in free}
    (child,) = mutSimplify(rule, every, STILL)
    assert {slot for slot in rule if child[slot] != rule[slot]} <= free
    assert sum(map(len, child.values())) <= sum(map(len, rule.values()))
    signals = [{name: rng.permutation(SPECIAL) for name in INPUTS} for _ in range(4)]
    for whole, part in pairwise((lived(rule, signals), lived(dict(child), signals))):
        assert all(same_bits(a, b) for a, b in zip(whole, part, strict=True))


def test_what_nobody_reads_is_still_again() -> None:
    rule = parse_rule({"update": "-c0*(2*0.5*grad)", "s1": "0.9*s1 + grad", "s2": "s1*w"})
    (child,) = mutSimplify(rule, VOCABULARIES, STILL)
    assert {slot: str(tree) for slot, tree in child.items()} == {"update": "mul(neg(c0), grad)", "s1": "s1", "s2": "s2"}
    assert mutSimplify(child, VOCABULARIES, STILL)[0] is child
    reads = parse_rule({"update": "-c0*s1", "s1": "0*s1"})
    assert mutSimplify(reads, {"s1": VOCABULARIES["s1"]}, STILL)[0] is reads  # a fixed update still reads it
    longer = parse_rule({"update": "s2", "s1": "s1", "s2": "grad + grad"})
    assert mutSimplify(longer, {"update": VOCABULARIES["update"]}, STILL)[0] is longer  # s2 would stand there twice
    few = {slot: Vocabulary(("grad", "s1", "s2", "c0"), ("mul", "neg")) for slot in SLOTS}
    assert mutSimplify(parse_rule({"update": "s1*grad"}), few, STILL)[0] == {
        "update": parse("s1*grad")
    }  # 0 cannot be said


@pytest.mark.parametrize("size", [400, pytest.param(4000, marks=pytest.mark.slow)])
def test_children_of_all_variations_are_genomes_of_the_recipe(size: int) -> None:
    """Ten thousand mixed variations, or a hundred thousand: every child keeps vocabulary, limits and slots.

    Whether children differ from their parents is looked up for some of each generation: texts take longest.
    """
    config = recipe(
        rule={
            "slots": SLOTS, "signals": ("grad", "w", "s1", "s2", "age", "c0", "c1"), "max_nodes": 18, "max_depth": 6,
            "init": {"s2": "s2"},
        },
        variation={"mutate_block": 0.5, "mutate_state": 0.5, "mutate_simplify": 0.3},
    )  # fmt: skip
    toolbox, rng = make_toolbox(config, shapes(config)), Draws(np.random.default_rng(3))
    genomes, names, differ = toolbox.genomes(rng, size), [one.name for one in toolbox.variations], 0
    allowed = [code_of(node(name)) for name in (*config.rule.signals, *config.rule.primitives)]
    made: set[str] = set()
    for _ in range(25):
        chosen = breeding.drawn(np.tile([one.share for one in toolbox.variations], (size, 1)), rng.arrays)
        rows = rng.arrays.permutation(size)
        children = breeding.vary(toolbox.variations, genomes, np.arange(size), rows, chosen, rng)
        made |= {names[place] for place in chosen.tolist()}
        for slot, each in children.rules.items():
            each.check()
            assert np.isin(each.codes[each.codes < CONSTANT], allowed).all(), slot
            assert each.sizes.max() <= 18
            assert max(each[row].depth for row in np.flatnonzero(each.sizes > 7).tolist()) <= 6
        differ += sum(genomes[row].to_json() != children[row].to_json() for row in range(LOOKED_UP))
        genomes = Genomes.of(list(children))
    assert made == set(names)
    assert differ > 0.9 * 25 * LOOKED_UP
