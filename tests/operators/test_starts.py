"""Where genomes without parents come from: random rules, and guesses such as those of the library."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from evometa.genetics.genome import Genome
from evometa.genetics.guesses import classic_forms, hold
from evometa.seeding import Draws
from operators.starts import quotas
from operators.toolbox import make_toolbox
from tests.searching import recipe, shapes

RULE = {"slots": ("update", "s1"), "signals": ("grad", "w", "s1", "age", "c0", "c1"), "max_nodes": 40, "max_depth": 10}


def toolbox_of(start: dict[str, float], **sections: Any) -> Any:
    config = recipe(evolution={"population": 20, "start": start}, **{"rule": RULE, **sections})
    return make_toolbox(config, shapes(config), guesses={"library": hold(classic_forms(25), config).forms})


def draws(seed: int = 0) -> Draws:
    return Draws(np.random.default_rng(seed))


def text(genome: Genome) -> str:
    return genome.to_json()


def test_shares_are_kept_and_every_form_comes_as_often_as_any_other() -> None:
    toolbox = toolbox_of({"library": 3.0, "random": 1.0})
    brood = toolbox.founders(draws(), 80)
    counts = Counter(brood.operators)
    assert len(brood.genomes) == 80
    assert counts.pop("first") == 20
    assert all(name.startswith("guess ") and name.endswith("(library)") for name in counts)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert all(parents == () for parents in brood.parents)


def test_guesses_come_as_they_are_each_once_before_one_comes_varied() -> None:
    toolbox = toolbox_of({"library": 1.0}, rule={**RULE, "slots": ("update",), "signals": ("grad", "c0")})
    plain = {str(tree) for form in hold(classic_forms(25), recipe(rule={**RULE, "slots": ("update",), "signals": (
        "grad", "c0")})).forms for guess in form.guesses for tree in guess.slots.values()}  # fmt: skip
    brood = toolbox.founders(draws(), 100)
    varied = [name.endswith("varied") for name in brood.operators]
    assert varied == sorted(varied)
    assert 0 < sum(varied) < 100
    for genome, changed in zip(brood.genomes, varied, strict=True):
        if not changed:
            assert str(genome.rule["update"]) in plain
    unvaried = [text(genome) for genome, changed in zip(brood.genomes, varied, strict=True) if not changed]
    assert len({(one.split('"coefficients"')[0], one) for one in unvaried}) == len(unvaried)


def test_a_state_that_a_guess_lacks_stays_as_it_is_born() -> None:
    brood = toolbox_of({"library": 1.0}).founders(draws(), 60)
    descents = [g for g, name in zip(brood.genomes, brood.operators, strict=True) if name == "guess sgd (library)"]
    assert descents
    assert {str(genome.rule["s1"]) for genome in descents} == {"s1"}


def test_newcomers_are_random_rules_and_guesses_varied_once() -> None:
    toolbox = toolbox_of({"library": 1.0, "init": 1.0})
    names = Counter(name for seed in range(40) for name in toolbox.newcomers(draws(seed), 3).operators)
    assert names.total() == 120
    assert 30 < names.pop("random immigrant") < 90
    assert all(name.startswith("guess ") and name.endswith(" (library), varied") for name in names)


def test_draws_alone_decide() -> None:
    toolbox = toolbox_of({"library": 1.0, "random": 1.0})
    one, same, other = (list(map(text, toolbox.founders(draws(seed), 30).genomes)) for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(("shares", "count", "expected"), [
    ([1.0], 7, [7]), ([1.0, 1.0], 7, [4, 3]), ([3.0, 1.0], 2, [2, 0]), ([1.0, 2.0, 4.0], 0, [0, 0, 0]),
])  # fmt: skip
def test_a_count_is_divided_by_shares(shares: list[float], count: int, expected: list[int]) -> None:
    assert quotas(shares, count) == expected


def test_rates_by_layer_are_alike_at_first() -> None:
    rule = {"slots": ("update",), "signals": ("grad", "c0", "p0", "p1"), "max_nodes": 40}
    start = {"library": 1.0}
    toolbox = toolbox_of(start, rule=rule, plasticity={"count": 2, "tie": "group", "low": 2.0, "high": 3.0})
    brood = toolbox.founders(draws(), 8)
    assert any("p0" in genome.rule["update"].signals() for genome in brood.genomes)
    for genome, name in zip(brood.genomes, brood.operators, strict=True):
        if not name.endswith("varied"):
            assert np.all(genome.plasticity[0] == 1.0)
            assert np.all(genome.plasticity[1] >= 2.0)
