"""Factors that join a part of a rule by an exponent of 0: no bit changes, and the number is there to be tuned."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.genome import Genome
from evometa.genetics.numbers import Numbers, in_exponent
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import INPUTS
from evometa.language.text import parse_rule
from evometa.language.tree import Tree
from evometa.spec.primitives import PRIMITIVES
from operators.factors import EXPONENTS, factors, grown, mutFactor
from operators.rules import within
from operators.vocabulary import Limits, Vocabulary
from tests.language.samples import same_bits, trees
from tests.searching import recipe

WORDS = tuple(PRIMITIVES)
SLOTS = ("update", "s1", "s2")
VOCABULARIES = {
    slot: Vocabulary(("grad", "w", "w0", "s1", "s2", "age", "c0"), WORDS, (-2.0, 2.0)) for slot in (*SLOTS, "loss")
}
FACTORS = factors(VOCABULARIES)
LIMITS = Limits(40, 14, 4)
RULE = parse_rule({"update": "-c0*(1 - age)*(grad + 0.02*w)", "s1": "0.9*s1 + grad", "s2": "s2"})


@given(trees(("grad", "w", "w0", "age", "c0", "s1", "s2"), 12), st.integers(0, 10**6))
def test_a_factor_changes_no_bit(update: Tree, seed: int) -> None:
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    rule = {**RULE, "update": update}
    (child,) = mutFactor(rule, FACTORS, rng, LIMITS)
    signals = {name: numbers.normal(size=16).astype(np.float32) for name in INPUTS}
    signals["age"][:] = 0.25
    old, new = (evaluate(compile_rule(dict(one)), signals) for one in (rule, child))
    assert all(same_bits(old[slot], new[slot]) for slot in old)
    assert all(VOCABULARIES[slot].says(child[slot]) for slot in SLOTS)
    assert all(within(tree, LIMITS.nodes, LIMITS.depth) or tree is rule[slot] for slot, tree in child.items())


def test_every_factor_joins_every_part_that_weights_depend_on() -> None:
    rng, found = random.Random(0), set()
    for _ in range(2000):
        (child,) = mutFactor(RULE, FACTORS, rng, LIMITS)
        found |= {(slot, str(child[slot])) for slot in child if child[slot] is not RULE[slot]}
    parts = sum(not item.constant for item in RULE["update"])
    assert len(found) == parts * len(EXPONENTS)  # nobody reads the states


def test_only_what_a_slot_can_say_joins() -> None:
    poor = factors({"update": Vocabulary(("grad", "age"), ("mul", "exp"), (0.0, 1.0)), "loss": VOCABULARIES["loss"]})
    assert {slot: [str(form) for form in forms] for slot, forms in poor.items()} == {
        "update": ["mul(output, exp(mul(0, age)))"]
    }
    assert mutFactor(RULE, {})[0] is RULE
    assert mutFactor(RULE, FACTORS, limits=Limits(8, 14, 4))[0] is RULE
    assert factors({"update": Vocabulary(("grad", "age"), ("mul", "exp"))}) == {}  # no numbers


def test_a_genome_grows_as_far_as_there_is_room() -> None:
    genome = Genome(RULE, coefficients=np.ones(1, np.float32))
    for count in range(4):
        more = grown(FACTORS, Limits(200, 40, 50), genome, count, random.Random(count))
        assert sum(str(tree).count("exp(mul(0, ") for tree in more.rule.values()) == count
    assert grown(FACTORS, Limits(12, 14, 4), genome, 3) is genome


def test_its_number_is_shifted_where_others_are_multiplied() -> None:
    rule = parse_rule({"update": "-c0*grad*exp(0*age) - 0.5*w*exp(-0.25*age)*exp(0.5 + age)", "s1": "s1", "s2": "s2"})
    numbers = Numbers.of(Genome(rule, coefficients=np.ones(1, np.float32)), recipe(rule={"slots": SLOTS}))
    constants = [place for place in numbers.places if place.part == "update"]
    assert [float(rule["update"][at].value) for _, at in constants] == [0, 0.5, -0.25, 0.5]
    assert [in_exponent(rule["update"], at) for _, at in constants] == [True, False, True, False]
    new = numbers.scaled(np.log(2) * np.array([0] * (len(numbers.places) - 4) + [1, 1, 1, 1])).rule["update"]
    assert [float(new[at].value) for _, at in constants] == [np.float32(x) for x in (0.6931, 1, 0.4431, 1)]
