"""Births by gene mark: what a draw follows from, what it does not, and how draws scatter."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.genetics.births import unit_draws

ORIGIN = (3, 7, "births 0 train")


@pytest.mark.parametrize("uniform", [False, True])
def test_a_gene_is_born_alike_in_whatever_company(uniform: bool) -> None:
    marks = np.array([5, 900, 2, 5, 2**62])
    drawn = unit_draws(ORIGIN, marks, 8, uniform)
    assert drawn.dtype == np.float32
    assert drawn[0].tobytes() == drawn[3].tobytes()
    for place, mark in enumerate(marks):
        assert unit_draws(ORIGIN, marks[place : place + 1], 8, uniform).tobytes() == drawn[place].tobytes(), mark
    assert unit_draws(ORIGIN, marks, 3, uniform).tobytes() == np.ascontiguousarray(drawn[:, :3]).tobytes()


@pytest.mark.parametrize("other", [(4, 7, "births 0 train"), (3, 8, "births 0 train"), (3, 7, "births 0 test")])
def test_other_generations_seeds_and_purposes_draw_other_weights(other: tuple[int, int, str]) -> None:
    marks = np.arange(50)
    same = unit_draws(ORIGIN, marks, 4, True) == unit_draws(other, marks, 4, True)
    assert same.mean() < 0.02


@pytest.mark.parametrize("uniform", [False, True])
def test_draws_scatter_around_0_with_deviation_1_and_know_nothing_of_each_other(uniform: bool) -> None:
    drawn = unit_draws(ORIGIN, np.arange(2000), 50, uniform).astype(np.float64)
    assert len(np.unique(drawn)) > 0.98 * drawn.size
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.std() - 1) < 0.01
    kurtosis = (drawn**4).mean()
    assert abs(kurtosis - (1.8 if uniform else 3.0)) < 0.06
    for other in (np.roll(drawn, 1, axis=0), np.roll(drawn, 1, axis=1)):
        assert abs((drawn * other).mean()) < 0.012
    if uniform:
        assert np.abs(drawn).max() <= np.sqrt(3.0) + 1e-6


def test_no_gene_gives_no_weight() -> None:
    assert unit_draws(ORIGIN, np.zeros(0, np.int64), 4, False).shape == (0, 4)
