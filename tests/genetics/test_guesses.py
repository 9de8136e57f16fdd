"""Guesses: what of the rules that are known a recipe's genomes can hold, and how they hold their numbers."""

from __future__ import annotations

import pytest

from evometa.config.load import load
from evometa.genetics.guesses import (
    RATES,
    Form,
    Guess,
    classic,
    classic_forms,
    fitted,
    hold,
    lack,
    numbers_written,
    plain,
)  # fmt: skip
from evometa.language.library import RULES
from evometa.language.text import parse_rule
from tests.searching import recipe

UPDATES = 25


def guess(coefficients: dict[str, float] | None = None, **slots: str) -> Guess:
    return Guess("mine", parse_rule(slots), coefficients or {})


def rule(**settings: object) -> dict[str, object]:
    return {"slots": ("update",), "signals": ("grad", "w", "c0", "c1"), **settings}


def test_every_classic_rule_comes_over_its_grid_with_and_without_a_falling_rate_and_weights_that_decay() -> None:
    forms = {form.name: form.guesses for form in classic_forms(UPDATES)}
    descends = [name for name, one in RULES.items() if one.descends]
    assert {"sgd", "nesterov", "adam", "lion"} <= {*descends}
    assert {"hebb", "oja", "delta"}.isdisjoint(descends)
    falling = [f"{name} with decay" for name in RULES]
    assert set(forms) == {*RULES, *falling, *(f"{name} with decay and weight decay" for name in descends)}
    shrinking = forms["nesterov with decay and weight decay"][0]
    wanted = parse_rule({"update": "-(c0*(1 - (1 - c3)*age))*(grad + c1*s1 + c2*w)", "s1": "c1*s1 + grad"})
    assert shrinking.slots == wanted
    assert shrinking.coefficients["c2"] > 0
    assert [one.coefficients["c0"] for one in forms["sgd"]] == list(RATES["step"])
    assert len(forms["momentum"]) == len(RATES["step"]) * len(RULES["momentum"].dials[0].values)
    assert {one.coefficients["c1"] for one in forms["sgd with decay"]} == {0.0, 0.3}  # 1 is the form without
    assert all(one.coefficients["c4"] == UPDATES - 1 for one in forms["adam"])


def test_a_form_is_known_by_its_name() -> None:
    for form in classic_forms(UPDATES):
        rule = classic(form.name)
        assert rule is not None
        assert rule.name == plain(form.name)
        assert {*form.guesses[0].slots.values()} == {*rule.slots.values()}
    assert classic("mine with decay") is None


def test_coefficients_beyond_the_recipes_or_its_bounds_become_constants() -> None:
    config = recipe(rule=rule(), coefficients={"count": 2, "low": 1e-3, "high": 10.0})
    held = fitted(guess({"c0": 0.1, "c1": 0.0, "c2": 0.7}, update="-c0*(grad + c1*w + c2)"), config)
    assert str(held.slots["update"]) == str(parse_rule({"update": "-c0*(grad + 0*w + 0.7)"})["update"])
    assert held.coefficients == {"c0": 0.1}
    each = recipe(rule=rule(), coefficients={"count": 2, "low": [0.2, 1e-3], "high": [1.0, 0.5]})
    assert fitted(guess({"c0": 0.1, "c1": 0.1}, update="-c0*(grad + c1*w)"), each).coefficients == {"c1": 0.1}
    none = fitted(guess({"c0": 0.1}, update="-c0*grad"), recipe(rule=rule(), coefficients={"count": 0}))
    assert str(none.slots["update"]) == "mul(neg(0.1), grad)"
    unread = recipe(rule=rule(signals=("grad",)), coefficients={"count": 2})
    assert lack(fitted(guess({"c0": 0.1}, update="-c0*grad"), unread), unread.rule) == ""


def test_what_a_recipe_lacks_is_said() -> None:
    small = recipe(rule=rule(max_nodes=3, primitives=("mul", "neg", "sub"))).rule
    assert lack(guess(update="-grad"), small) == ""
    assert lack(guess(update="-grad", s1="grad"), small) == "slot s1"
    assert lack(guess(update="pre*post"), small) == "signal post, pre"
    assert lack(guess(update="exp(grad)"), small) == "primitive exp"
    assert lack(guess(update="-grad*w"), small) == "room for 4 nodes of depth 2 in update"
    fixed = recipe(rule=rule(slots=("update", "s1"), signals=("grad", "s1"), init={"s1": "grad"}, fixed=("s1",))).rule
    assert lack(guess(update="-s1", s1="grad"), fixed) == ""
    assert lack(guess(update="-s1", s1="0.9*s1 + grad"), fixed) == "another s1 than the one that is fixed"


def test_forms_that_come_to_the_same_rule_stand_there_once() -> None:
    config = recipe(rule=rule(), coefficients={"count": 0})
    twins = [guess({"c0": 0.1}, update="-c0*grad"), guess(update="neg(0.1)*grad"), guess(update="-0.2*grad")]
    held = hold([Form("one", twins), Form("none", [guess(update="pre")]), Form("again", twins[:1])], config)
    assert [(form.name, len(form.guesses)) for form in held.forms] == [("one", 2)]
    assert held.lacking == {"none": "signal pre"}


def test_layers_have_rates_of_their_own_where_the_recipe_has_numbers_for_them() -> None:
    tied = {"count": 1, "tie": "group"}
    numbers = {"rule": rule(signals=("grad", "c0", "p0"), primitives=("neg", "mul")), "coefficients": {"count": 1}}
    given = guess({"c0": 0.1}, update="-c0*grad")
    held = fitted(given, recipe(**numbers, plasticity=tied))
    assert str(held.slots["update"]) == "mul(neg(mul(c0, p0)), grad)"
    assert (held.coefficients, held.plasticity) == ({"c0": 0.1}, {"p0": 1.0})
    assert fitted(given, recipe(**numbers, plasticity={"count": 1, "tie": "synapse"})).slots == given.slots
    assert fitted(given, recipe(**numbers, plasticity={**tied, "mode": "fixed"})).slots == given.slots
    reader = guess({"c0": 0.1}, update="-c0*p0*grad")
    assert fitted(reader, recipe(**numbers, plasticity=tied)).slots == reader.slots  # reads them in its own way
    room = {**numbers, "rule": {**numbers["rule"], "max_nodes": 4}}
    assert fitted(given, recipe(**room, plasticity=tied)).slots == given.slots


@pytest.mark.parametrize("name", ["digits", "optimizer", "delta"])
def test_numbers_that_a_recipe_s_genomes_hold_as_constants_are_found_in_the_rule(name: str) -> None:
    config = load(name).config
    written = 0
    for form in classic_forms(UPDATES):
        rule = classic(form.name)
        assert rule is not None
        for given in (form.guesses[0], form.guesses[len(form.guesses) // 2], form.guesses[-1]):
            held = fitted(given, config)
            constants = numbers_written(rule, held.slots)
            read = {signal for tree in given.slots.values() for signal in tree.signals()}
            told = {name: value for name, value in given.coefficients.items() if name in read}
            assert {**held.coefficients, **constants} == pytest.approx(told)
            written += len(constants)
    assert written > 0
