"""What differs between two genomes, in words."""

from __future__ import annotations

import time

import numpy as np
import pytest

from evometa.genetics.genome import Genome
from evometa.genetics.topology import layered
from evometa.language.text import parse, parse_rule
from evometa.presentation.differences import changed_part, differences, distance


def genome(*coefficients: float, **slots: str) -> Genome:
    return Genome(parse_rule(slots), coefficients=np.array(coefficients, np.float32))


CASES = [
    ("pre*post", "pre*post + 0.3*w", "Δw: + 0.3·w"),
    ("pre*post + w", "pre*post", "Δw: − w"),
    ("pre*post - w", "pre*post", "Δw: + w"),
    ("2*pre*post", "3*pre*post", "Δw: 2 → 3·pre·post"),
    ("pre*post", "3*pre*post", "Δw: pre·post → 3·pre·post"),
    ("0.5*w - pre", "0.5*w + 2*pre", "Δw: −pre → 2·pre"),
    ("w + 1", "w + 2", "Δw: 1 → 2"),
    ("2*pre*(target - post)", "5*pre*(target - post)", "Δw: × 2.5"),
    ("mul(pre, mul(2, post))", "mul(mul(pre, 2), post)", "Δw: the same formula, 5 → 5 nodes"),
    ("pre*post + 0*w", "pre*post", "Δw: the same formula, 7 → 3 nodes"),
    ("tanh(pre*max(w, target))", "tanh(pre*w)", "Δw: tanh(pre·max(w, target)) → tanh(pre·w)"),
    ("max(w, target)", "max(target, w)", "Δw: max(w, target) → max(target, w)"),
    ("pre", "post", "Δw: pre → post"),
    ("pre + w", "0.5*post + w", "Δw: pre → 0.5·post"),
    ("pre - w", "0.5*post + w", "Δw: pre − w → w + 0.5·post"),
    ("pre + w", "pre + 1.5", "Δw: w → 1.5"),
    ("max(w, 1)", "max(w, target)", "Δw: max(w, 1) → max(w, target)"),
    ("1", "w", "Δw: 1 → w"),
    ("pre*post", "pre*post", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), CASES)
def test_rules(old: str, new: str, words: str) -> None:
    assert differences(genome(update=old), genome(update=new)) == words


def test_slots_and_coefficients() -> None:
    before = genome(0.05, 1.0, update="-c0*grad")
    assert differences(before, genome(0.031, 2.0, update="-c0*grad")) == "c0 0.05 → 0.031"
    more = genome(0.05, 1.0, update="-c0*s1", s1="0.9*s1 + grad")
    assert differences(before, more) == "Δw: −c0·grad → −c0·s1; slot s1 new"
    assert differences(more, before) == "Δw: −c0·s1 → −c0·grad; slot s1 gone"


def test_numbers_of_synapses_and_networks() -> None:
    rule = parse_rule({"update": "grad"})
    small, large = layered(2, (), 1), layered(2, (3,), 1)
    before = Genome(rule, small, np.zeros(3, np.float32), plasticity=np.zeros((1, 2), np.float32))
    after = before.replace(weights=np.array([0, 0.5, -0.5], np.float32), plasticity=np.full((1, 2), 0.1, np.float32))
    assert differences(before, after) == "2 of 3 innate weights by 0.5; all 2 plasticity numbers by 0.1"
    grown = before.replace(topology=large, weights=np.zeros(large.synapses, np.float32))
    assert differences(before, grown) == f"network: +3 nodes, +{large.synapses - 3} synapses"
    assert differences(grown, before) == f"network: −3 nodes, −{large.synapses - 3} synapses"
    stepped = before.replace(strategy=np.ones(4, np.float32))
    assert differences(before, stepped) == "its own mutation steps only"


def test_the_shorter_words_are_taken() -> None:
    old = "mul(aq(mul(abs(pre), neg(pre)), tanh(target)), mul(add(neg(target), post), square(mul(pre, 3.5))))"
    new = old.replace("tanh(target)", "sign(tanh(target))")
    assert differences(genome(update=old), genome(update=new)) == "Δw: tanh(target) → sign(tanh(target))"


def test_a_signal_in_the_place_of_a_number_is_told_with_what_it_acts_on() -> None:
    old = "mul(aq(mul(abs(pre), neg(pre)), max(target, 1)), mul(add(neg(target), post), square(mul(pre, 3.5))))"
    new = old.replace("max(target, 1)", "max(target, w)")
    assert differences(genome(update=old), genome(update=new)) == "Δw: max(target, 1) → max(target, w)"
    assert differences(genome(update=new), genome(update=old)) == "Δw: max(target, w) → max(target, 1)"
    new = old.replace("max(target, 1)", "max(target, 2)")
    assert differences(genome(update=old), genome(update=new)) == "Δw: 1 → 2"


def test_the_changed_part_is_the_smallest() -> None:
    old, new = parse("add(mul(pre, w), tanh(post))"), parse("add(mul(pre, 2), tanh(post))")
    assert changed_part(old, new) == (parse("w"), parse("2"))
    both = parse("add(mul(pre, 2), tanh(w))")
    assert changed_part(old, both) == (old, both)
    assert distance(genome(update=str(old)), genome(update=str(new))) == 2
    assert distance(genome(update="pre"), genome(update="pre", s1="grad*w")) == 3
    assert distance(genome(update="pre"), genome(update="pre")) == 0


def test_rules_of_hundreds_of_nodes() -> None:
    long = " + ".join(f"{k}*pre*tanh({k}*w)" for k in range(1, 70))
    started = time.process_time()
    found = differences(genome(update=long), genome(update=f"({long}) + post"))
    assert "post" in found or "nodes" in found
    assert differences(genome(update=long), genome(update="post")) == "Δw: 620 nodes → post"
    assert time.process_time() - started < 5


def test_not_a_number() -> None:
    rule = parse_rule({"update": "grad"})
    before = Genome(rule, None, np.full(2, np.nan, np.float32))
    assert "innate weights" in differences(before, before.replace(weights=np.ones(2, np.float32)))
