"""Classic rules at their best."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution import memory
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.judging import tuning as module
from evometa.judging.exam import Drawn, figures
from evometa.judging.tuning import ROUNDS, Search, rate_grid, stock_genome, tune
from evometa.language.library import RULES
from evometa.language.text import parse
from evometa.lifetime.numba import cpu
from tests.small import DELTA, GRADIENT, recipe

DIGITS = ["network.hidden=[8]", "lifetime.epochs=2", "sampling.tasks=8", "sampling.validation_tasks=40"]


def opened(data: Any, *settings: str) -> Evaluator:
    """Return what lives lifetimes of a recipe."""
    config = load(data, settings).config
    return Evaluator(config, open_courses(config), cpu.live)


def searched(search: Search, optimum: dict[str, float]) -> Search:
    """Search where the score is the distance from a planted optimum, in the coordinates in which the dials are even."""
    best = tuple(module._even(dial, optimum[dial.name]) for dial in search.dials)

    def judge() -> None:
        search.scores = [float(np.abs(np.subtract(point, best)).sum()) for point in search.points]

    judge()
    search.keep()
    judge()
    search.settle()
    for _ in range(ROUNDS):
        search.look_around()
        judge()
        search.step()
    return search


def test_the_grid_of_rates_is_the_recipes() -> None:
    config = load(DELTA).config
    assert rate_grid(config) == pytest.approx([0.5, np.sqrt(2), 4])
    linear = load(DELTA, ["champion.rates.scale=linear"]).config
    assert rate_grid(linear) == pytest.approx([0.5, 2.25, 4])


@pytest.mark.parametrize(
    ("name", "optimum"),
    [
        ("sgd", {"rate": 0.07, "weight decay": 0.02, "decay": 0.45}),
        ("nesterov", {"rate": 0.08, "β": 0.85, "weight decay": 2e-5, "decay": 0.0}),
        ("qhm", {"rate": 1.3, "β": 0.93, "ν": 0.55, "weight decay": 3e-3, "decay": 1.0}),
        ("adam", {"rate": 0.02, "β1": 0.7, "β2": 0.95, "ε": 1e-5, "weight decay": 2.0, "decay": 0.2}),
        ("lion", {"rate": 0.002, "β1/β2": 0.95, "β2": 0.98, "weight decay": 0.01, "decay": 0.6}),
    ],
)
def test_a_planted_optimum_is_found_in_all_dials(name: str, optimum: dict[str, float]) -> None:
    search = searched(Search.of(RULES[name], load("digits").config), optimum)
    found = search.best()
    assert list(found) == list(optimum)
    for dial in search.dials:
        width = module._even(dial, dial.ends[1]) - module._even(dial, dial.ends[0])
        away = module._even(dial, found[dial.name]) - module._even(dial, optimum[dial.name])
        assert abs(away) < 0.06 * width, dial.name
    assert search.at_edge() == []


def test_a_best_at_an_end_of_what_was_tried_is_told_unless_nothing_lies_beyond() -> None:
    config = load("digits").config
    natural = searched(
        Search.of(RULES["nesterov"], config), {"rate": 0.1, "β": 0.0, "weight decay": 1e-5, "decay": 0.0}
    )
    assert (natural.best()["β"], natural.best()["decay"], natural.at_edge()) == (0.0, 0.0, [])
    ends = searched(Search.of(RULES["nesterov"], config), {"rate": 10.0, "β": 0.99, "weight decay": 0.1, "decay": 1.0})
    assert ends.at_edge() == ["rate", "β", "weight decay"]
    low = searched(
        Search.of(RULES["adam"], config),
        {"rate": 1e-3, "β1": 0.5, "β2": 0.5, "ε": 1.0, "weight decay": 0.3, "decay": 1.0},
    )
    assert low.at_edge() == ["rate", "β2", "ε"]
    single = load("digits", ["champion.rates={low=0.1, high=0.1, points=1}"]).config
    assert searched(Search.of(RULES["sgd"], single), {"rate": 0.1, "weight decay": 0.003, "decay": 1.0}).at_edge() == []


def test_rate_and_weights_decay_only_where_the_champion_may_read_its_age_and_its_weights() -> None:
    def dials(signals: str) -> list[str]:
        config = load("digits", [f"rule.signals=[grad, s1, c0, c1, c2{signals}]"]).config
        return [dial.name for dial in Search.of(RULES["momentum"], config).dials]

    assert dials(", w, age") == ["rate", "β", "weight decay", "decay"]
    assert dials(", age") == ["rate", "β", "decay"]
    assert dials(", w") == ["rate", "β", "weight decay"]
    assert dials("") == ["rate", "β"]
    assert "weight decay" not in [d.name for d in Search.of(RULES["hebb"], load("digits").config).dials]


def test_what_is_not_said_has_its_usual_value() -> None:
    usual = stock_genome(RULES["adam"], {"rate": 0.02}, 50)
    assert usual.rule == RULES["adam"].slots
    assert usual.coefficients == pytest.approx([0.02, 0.9, 0.999, 1e8, 49])
    decaying = stock_genome(RULES["adam"], {"rate": 0.02, "ε": 1e-3, "decay": 0.25}, 50)
    assert decaying.coefficients == pytest.approx([0.02, 0.9, 0.999, 1e3, 49, 0.25])
    assert "age" in decaying.rule["update"].signals()
    both = stock_genome(RULES["sgd"], {"rate": 0.5, "decay": 0.25, "weight decay": 0.125}, 5)
    assert both.rule == {"update": parse("-(c0*(1 - (1 - c2)*age))*(grad + c1*w)")}
    assert both.coefficients.tolist() == [0.5, 0.125, 0.25]
    assert stock_genome(RULES["sgd"], {"decay": 1.0, "weight decay": 0.0}, 5).rule == RULES["sgd"].slots


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Drawn]]:
    """What tasks were drawn, in order."""
    seen: list[tuple[str, Drawn]] = []
    plain = Evaluator.draw

    def draw(self: Evaluator, split: Any, *rest: Any, **more: Any) -> Drawn:
        seen.append((split, plain(self, split, *rest, **more)))
        return seen[-1][1]

    monkeypatch.setattr(Evaluator, "draw", draw)
    return seen


def test_tuning_sees_train_tasks_only_and_lives_as_long_as_the_champion(asked: list[tuple[str, Drawn]]) -> None:
    engine = opened("digits", *DIGITS, "champion.baselines=[sgd, nesterov]", "champion.updates=30")
    tune(engine, "accuracy")
    assert {split for split, _ in asked} == {"train"}
    assert max(lesson.tasks.lanes for _, drawn in asked for _, lesson in drawn) == 40
    assert {len(lesson.plan.order) for _, drawn in asked for _, lesson in drawn} == {10}
    assert set(engine.lived) == {"tuning"}


def test_a_recipe_may_say_on_how_many_tasks() -> None:
    settings = [*DIGITS, "champion.baselines=[sgd]"]
    assert tune(opened("digits", *settings), "accuracy")[0].tasks == 40
    assert tune(opened("digits", *settings, "champion.tuning_tasks=6"), "accuracy")[0].tasks == 6


def test_other_test_tasks_tune_to_the_same_dials() -> None:
    settings = [*DIGITS, "champion.baselines=[nesterov]", "tasks.ways=3"]
    found = [
        tune(opened("digits", *settings, f"tasks.test_classes={classes}"), "accuracy")[0].dials
        for classes in ("[5, 6, 7]", "[7, 8, 9]")
    ]
    assert found[0] == found[1]


def test_it_does_better_than_the_rate_alone_and_says_on_how_many_tasks() -> None:
    engine = opened("digits", *DIGITS, "champion.baselines=[momentum, nesterov]")
    tuned = tune(engine, "loss")
    drawn = engine.draw("train", 0, 40, fresh=True, purpose="tuning ")
    for one in tuned:
        rates = [stock_genome(one.rule, {"rate": rate}, 10) for rate in rate_grid(engine.config)]
        alone = figures(engine.outcomes(rates, drawn), "loss").min()
        best = figures(engine.outcomes([stock_genome(one.rule, one.dials, 10)], drawn), "loss")[0]
        assert best < alone - 0.005, one.rule.name
        assert one.tasks == 40
        assert list(one.dials) == ["rate", "β", "weight decay", "decay"]


def test_how_many_are_lived_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = [*DIGITS, "champion.baselines=[sgd, adam]", "sampling.validation_tasks=8"]
    plain = tune(opened("digits", *settings), "accuracy")
    monkeypatch.setattr(memory, "SLAB", 16 * 40 * 2 * 7)
    assert tune(opened("digits", *settings), "accuracy") == plain


def test_no_baselines_take_no_lifetimes() -> None:
    engine = opened(recipe(DELTA, champion={"baselines": []}))
    assert tune(engine, "closeness") == []
    assert not engine.lived


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if not rule.needs - {"grad", "age"}])
def test_every_rule_of_gradients_can_be_tuned(name: str) -> None:
    engine = opened(recipe(GRADIENT, champion={"baselines": [name]}))
    (found,) = tune(engine, "loss")
    assert set(found.dials) == {"rate", *(dial.name for dial in RULES[name].dials)}
    assert all(np.isfinite(value) for value in found.dials.values())
