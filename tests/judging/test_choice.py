"""Choosing the champion: all meet the same validation tasks, the best of them more."""

from __future__ import annotations

from evometa.judging.choice import choose
from evometa.judging.exam import main_measure
from tests.judging.test_champion import DIGITS, candidate, opened


def test_the_best_on_validation_is_chosen_of_equals_the_smaller_then_the_older() -> None:
    engine = opened("digits", *DIGITS)
    worse, good = candidate(engine, 1, "grad"), candidate(engine, 2, "-0.3*grad")
    long, twin = candidate(engine, 3, "-0.3*(grad + 0*w)"), candidate(engine, 4, "-0.3*grad")
    chosen, score = choose(engine, [worse, twin, long, good])
    assert chosen.id == 2
    assert score > 0.3  # chance: 0.2
    assert engine.lived == {"choice": 80}
    assert main_measure(engine.config) == "accuracy"


def test_a_loss_is_chosen_by_how_small_it_is() -> None:
    engine = opened("digits", *DIGITS, "champion.measure=loss")
    chosen, _ = choose(engine, [candidate(engine, 1, "grad"), candidate(engine, 2, "-0.3*grad")])
    assert chosen.id == 2


def test_lives_are_spent_by_halving_on_tasks_that_were_not_met_before() -> None:
    engine = opened("digits", *DIGITS, "fitness.resolution=0")
    candidates = [candidate(engine, number, f"-{0.01 * 2**number}*grad") for number in range(8)]
    _, first = choose(engine, candidates)
    engine.lived.clear()
    chosen, score = choose(engine, candidates, 800)
    # 8 × 20 lives for all; then 800 in two rounds of 400: 5 × 4 × 20, and 10 × 2 × 20
    assert engine.lived == {"choice": 160 + 400 + 400}
    _, again = choose(engine, candidates, 800)
    assert score == again != first  # over 16 × 20 tasks, not 20
    engine.lived.clear()
    alone, _ = choose(engine, [chosen], 800)
    assert alone is chosen
    assert engine.lived == {"choice": 20}  # nothing is left to choose between


def test_more_lives_choose_better() -> None:
    engine = opened("digits", *DIGITS, "sampling.validation_tasks=5", "fitness.resolution=0")
    candidates = [candidate(engine, number, f"-{rate}*grad") for number, rate in enumerate((0.1, 0.3, 0.45, 0.6))]
    _, lucky = choose(engine, candidates)
    _, sure = choose(engine, candidates, 4000)
    _, many = choose(engine, candidates, 16_000)
    assert abs(sure - many) < abs(lucky - many)
