"""Few-shot episodes: distinct draws, fair labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from evometa.errors import InputError
from evometa.tasks.episodes import MANY, Pool, distinct, few_shot, gather, hold_out, one_hot


@settings(max_examples=50)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=8), st.data())
def test_distinct_draws_are_different_and_in_range(sizes: list[int], data: st.DataObject) -> None:
    picks = data.draw(st.integers(1, min(sizes)))
    drawn = distinct(np.random.default_rng(0), np.array(sizes), picks)
    assert drawn.shape == (picks, len(sizes))
    for column, size in zip(drawn.T, sizes, strict=True):
        assert len(set(column.tolist())) == picks
        assert column.min() >= 0
        assert column.max() < size


@pytest.mark.parametrize("picks, size", [(4, 4), (3, 7), (MANY + 1, MANY + 1)])
def test_every_number_is_as_likely_at_every_place(picks: int, size: int) -> None:
    drawn = distinct(np.random.default_rng(1), np.full(4000, size), picks)
    for place in (0, picks - 1):
        assert chisquare(np.bincount(drawn[place], minlength=size)).pvalue > 1e-4


def test_every_order_is_equally_likely() -> None:
    drawn = distinct(np.random.default_rng(2), np.full(6000, 4), 3)
    assert chisquare(np.unique(drawn.T @ [16, 4, 1], return_counts=True)[1]).pvalue > 1e-4
    assert len(np.unique(drawn.T, axis=0)) == 24


def test_hold_out_divides_and_never_takes_all() -> None:
    kept, held = hold_out(np.arange(10), 0.3, np.random.default_rng(0))
    assert sorted([*kept, *held]) == list(range(10))
    assert len(held) == 3
    for fraction in (0.001, 0.999):
        kept, held = hold_out(np.arange(3), fraction, np.random.default_rng(0))
        assert min(len(kept), len(held)) == 1
    kept, held = hold_out(np.arange(10), 0.1, np.random.default_rng(0), least=4)
    assert (len(kept), len(held)) == (6, 4)
    kept, held = hold_out(np.arange(3), 0.5, np.random.default_rng(0), least=4)
    assert (len(kept), len(held)) == (3, 0)


def test_gather_puts_lanes_last() -> None:
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    rows = np.array([[0, 1], [3, 2], [1, 1]])
    out = gather(table, rows)
    assert out.shape == (3, 3, 2)
    assert all((out[s, :, lane] == table[rows[s, lane]]).all() for s in range(3) for lane in range(2))
    assert one_hot(np.array([1, 0]), 2, 2)[:, :, 1].tolist() == [[0, 1], [1, 0]]


def test_an_episode_shows_each_class_with_one_label_and_no_example_twice() -> None:
    pool = Pool.of({str(c): np.arange(c * 20, c * 20 + 20) for c in range(8)})
    table = np.arange(160, dtype=np.float32)[:, None]
    tasks = few_shot(table, pool, 5, 3, 4, 50, np.random.default_rng(0))
    for lane in range(50):
        rows = np.concatenate([tasks.support_x[:, 0, lane], tasks.query_x[:, 0, lane]])
        labels = np.concatenate([tasks.support_y[..., lane], tasks.query_y[..., lane]]).argmax(axis=1)
        assert len(set(rows.tolist())) == 35
        pairs = {(row // 20, label) for row, label in zip(rows.tolist(), labels.tolist(), strict=True)}
        assert len(pairs) == len({c for c, _ in pairs}) == len({label for _, label in pairs}) == 5
        assert sorted(tasks.support_y[:5, :, lane].argmax(axis=1)) == list(range(5))


def test_labels_are_dealt_evenly() -> None:
    pool = Pool.of({str(c): np.arange(c * 4, c * 4 + 4) for c in range(3)})
    tasks = few_shot(np.arange(12, dtype=np.float32)[:, None], pool, 3, 1, 1, 3000, np.random.default_rng(0))
    deals = (tasks.support_x[:, 0] // 4).T @ [9, 3, 1]
    counts = np.unique(deals, return_counts=True)[1]
    assert len(counts) == 6
    assert chisquare(counts).pvalue > 1e-4


def test_too_few_classes_or_examples_are_refused_with_numbers() -> None:
    pool = Pool.of({"a": np.arange(5), "b": np.arange(5, 8)})
    pool.check(2, 3, ("classes", "rows"), "here")
    with pytest.raises(InputError, match="here: expected at least 3 classes; found 2"):
        pool.check(3, 1, ("classes", "rows"), "here")
    with pytest.raises(InputError, match=r"at least 4 rows each .* found 3 in b"):
        pool.check(2, 4, ("classes", "rows"), "here")
