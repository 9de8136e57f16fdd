"""Selection: distinct survivors, the young, NSGA-II, and ε-lexicase against a plain one."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from deap import tools
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from evometa.genetics.individual import Individual
from operators import lexicase
from operators.selection import (
    best_first,
    distinct,
    ranks,
    selBestDistinct,
    selDistinctNSGA2,
    selEpsilonLexicase,
    selFront,
    selRoulette,
    selTournamentNSGA2,
    selYoungest,
)
from tests.searching import individual


def ids(individuals: list[Individual]) -> list[int]:
    return [one.id for one in individuals]


def test_ties_go_to_the_smaller_then_to_the_newer() -> None:
    people = [
        individual(1.0, id=0, rule="neg(w)"),
        individual(1.0, id=1),
        individual(1.0, id=2, rule="neg(w)"),
        individual(1.0, id=3),
        individual(2.0, id=4, rule="add(w, grad)"),
    ]
    assert ids(selBestDistinct(people, 5)) == [4, 3, 1, 2, 0]


def test_repeats_are_taken_only_when_there_are_no_others() -> None:
    people = [individual(float(n), id=n, signature=bytes([n // 2])) for n in range(6)]
    assert ids(selBestDistinct(people, 3)) == [5, 3, 1]
    assert ids(selBestDistinct(people, 5)) == [5, 3, 1, 4, 2]
    without = [individual(float(n), id=n) for n in range(3)]
    assert ids(selBestDistinct([*without, without[2]], 4)) == [2, 1, 0, 2]


@given(st.integers(1, 3).flatmap(lambda n: st.lists(st.tuples(*[st.floats(-2, 2) | st.sampled_from([0.0, -0.0])] * n))))
def test_ranks_are_places_among_the_different_values(values: list[tuple[float, ...]]) -> None:
    order = sorted(set(values))
    assert ranks(values).tolist() == [order.index(value) for value in values]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 3), st.integers(0, 9)), max_size=30), st.integers(1, 40))
def test_the_front_of_fitness_and_size_comes_first_and_then_the_best(rows: list[tuple[int, int, int]], k: int) -> None:
    rules = ("w", "neg(w)", "add(w, w)", "add(w, neg(w))")
    people = [
        individual(float(worth), id=n, rule=rules[size], signature=bytes([mark]))
        for n, (worth, size, mark) in enumerate(rows)
    ]
    first, repeats = distinct(best_first(people))
    worth = {one.id: (one.fitness.wvalues[0], -one.size) for one in people}
    beaten = {
        one.id
        for place, one in enumerate(first)
        for other in first
        if all(a >= b for a, b in zip(worth[other.id], worth[one.id], strict=True))
        and (worth[other.id] != worth[one.id] or first.index(other) < place)
    }
    expected = [one for one in first if one.id not in beaten] + [one for one in first if one.id in beaten] + repeats
    assert ids(selFront(people, k)) == ids(expected[:k])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any), st.integers(0, 10**6))
def test_the_roulette_is_deaps(worth: list[int], seed: int) -> None:
    people = [individual(float(value), id=n) for n, value in enumerate(worth)]
    random.seed(seed)
    theirs = tools.selRoulette(people, 30)
    assert ids(selRoulette(people, 30, rng=random.Random(seed))) == ids(theirs)


def test_the_roulette_gives_nothing_to_what_is_below_zero_unless_all_are() -> None:
    people = [individual(value, id=n) for n, value in enumerate((-1.0, 3.0, 0.0, 1.0))]
    picked = Counter(ids(selRoulette(people, 4000, rng=random.Random(0))))
    assert picked.keys() == {1, 3}
    assert picked[1] == pytest.approx(3000, abs=120)
    worthless = [individual(-1.0, id=n) for n in range(4)]
    assert set(ids(selRoulette(worthless, 100, rng=random.Random(0)))) == set(range(4))


def test_the_oldest_die_however_good() -> None:
    people = [individual(float(-n), id=n, born=n // 2) for n in range(6)]
    assert ids(selYoungest(people, 3)) == [5, 4, 3]


def test_nsga2_keeps_the_front_and_one_of_each_signature() -> None:
    values = [(5.0, 0.0), (0.0, 5.0), (3.0, 3.0), (3.0, 3.0), (1.0, 1.0), (2.0, 2.5)]
    people = [individual(*v, id=n, signature=repr(v).encode()) for n, v in enumerate(values)]
    assert set(ids(selDistinctNSGA2(people, 3))) == {0, 1, 3}
    assert set(ids(selDistinctNSGA2(people, 5))) == {0, 1, 3, 4, 5}
    assert len(selDistinctNSGA2(people, 6)) == 6


def test_nsga2_tournaments_prefer_the_front_then_the_less_crowded() -> None:
    # a front of four: the ends, one apart from the others, one crowded by an end; and one behind
    values = [(0.0, 10.0), (10.0, 0.0), (6.0, 4.0), (0.1, 9.9), (0.0, 0.0)]
    people = [individual(*v, id=n) for n, v in enumerate(values)]
    random.seed(1)
    picked = Counter(ids(selTournamentNSGA2(people, 3000, 2)))
    assert sum(picked.values()) == 3000
    assert min(picked[0], picked[1]) > picked[2] > picked[3] > picked[4] > 0


def plain_lexicase(errors: np.ndarray[Any, Any], margin: np.ndarray[Any, Any], order: list[int]) -> list[int]:
    """Return all candidates that are left after every case of one order."""
    left = list(range(len(errors)))
    for case in order:
        best = min(errors[row, case] for row in left)
        left = [row for row in left if errors[row, case] <= np.float32(best) + margin[case]]
    return left


error_tables = npst.arrays(
    np.float32,
    st.tuples(st.integers(1, 8), st.integers(1, 5)),
    elements=st.sampled_from([0.0, 0.5, 1.0, 1.5, 4.0]) | st.floats(0, 2, width=32),
)


@given(error_tables, st.none() | st.sampled_from((0.0, 0.5)), st.integers(0, 10**6))
def test_lexicase_picks_what_case_by_case_filtering_leaves(errors: Any, epsilon: float | None, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, kind = np.unique(errors, axis=0, return_inverse=True)
    margin = lexicase._deviation(errors) if epsilon is None else np.full(errors.shape[1], epsilon, np.float32)
    order = rng.permuted(np.tile(np.arange(errors.shape[1]), (30, 1)), axis=1)
    found = lexicase._filtered(rows, margin, order, np.bincount(kind.ravel()), rng)
    for row, cases in zip(found, order.tolist(), strict=True):
        assert row in plain_lexicase(rows, margin, cases)


@given(error_tables, st.integers(0, 10**6))
def test_lexicase_is_settled_by_the_seed_and_by_chunks_alone(errors: Any, seed: int) -> None:
    people = [individual(0.0, id=n, cases=row) for n, row in enumerate(errors)]
    picks = [ids(selEpsilonLexicase(people, 20, rng=random.Random(seed))) for _ in range(2)]
    assert picks[0] == picks[1]
    assert set(picks[0]) <= set(range(len(errors)))


def test_lexicase_in_small_parts_keeps_the_same_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0], [0.5, 0.5, 0.5], [2, 2, 2]], np.float32)
    people = [individual(0.0, id=n, cases=row) for n, row in enumerate(errors)]
    whole = Counter(ids(selEpsilonLexicase(people, 6000, 0.0, random.Random(0))))
    monkeypatch.setattr(lexicase, "ROOM", 12)
    parts = Counter(ids(selEpsilonLexicase(people, 6000, 0.0, random.Random(1))))
    assert set(whole) == set(parts) == {0, 1, 2}  # specialists win; neither the mean one nor the worst does
    for one in whole:
        assert whole[one] == pytest.approx(2000, abs=200)
        assert parts[one] == pytest.approx(2000, abs=200)


def test_lexicase_draws_evenly_among_equals() -> None:
    people = [individual(0.0, id=n, cases=np.zeros(3, np.float32)) for n in range(4)]
    random.seed(0)
    picked = Counter(ids(selEpsilonLexicase(people, 4000)))
    assert all(picked[n] == pytest.approx(1000, abs=150) for n in range(4))
    near = [individual(0.0, id=n, cases=np.array([n * 0.01], np.float32)) for n in range(4)]
    picked = Counter(ids(selEpsilonLexicase(near, 4000, 1.0, random.Random(0))))
    assert all(picked[n] == pytest.approx(1000, abs=150) for n in range(4))


def test_lexicase_agrees_with_deap() -> None:
    rng = np.random.default_rng(5)
    errors = rng.integers(0, 4, (12, 6)).astype(np.float32)
    people = [individual(*(-row).tolist(), id=n, cases=row) for n, row in enumerate(errors)]
    random.seed(5)
    theirs = Counter(ids(tools.selEpsilonLexicase(people, 4000, 1.0)))
    ours = Counter(ids(selEpsilonLexicase(people, 4000, 1.0, random.Random(5))))
    for one in range(12):
        assert ours[one] == pytest.approx(theirs[one], abs=170)


def test_lexicase_never_picks_what_is_not_finite() -> None:
    rows = [[np.nan, np.nan], [np.inf, 0.5], [0.1, np.inf], [0.2, 0.2]]
    people = [individual(0.0, id=n, cases=np.array(row, np.float32)) for n, row in enumerate(rows)]
    picked = Counter(ids(selEpsilonLexicase(people, 500, 0.0, random.Random(0))))
    assert set(picked) == {2, 3}


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(0, 2), st.integers(0, 3)), max_size=30))
def test_the_best_come_first_then_the_smaller_then_the_newer_one_of_each_signature(
    rows: list[tuple[int, int, int, int]],
) -> None:
    rules = ("w", "neg(w)", "add(w, w)")
    people = [
        individual(float(a), float(b), id=n // 2, rule=rules[size], signature=bytes([mark]) if mark else None)
        for n, (a, b, size, mark) in enumerate(rows)
    ]
    expected = sorted(people, key=lambda one: (one.fitness.wvalues, -one.size, one.id), reverse=True)
    assert best_first(people) == expected
    first, repeats = distinct(expected)
    seen: set[object] = set()
    for one in expected:
        key = one.id if one.signature is None else one.signature
        assert any(one is other for other in (repeats if key in seen else first))
        seen.add(key)
    assert [one for one in expected if one in first] == first
    assert len(first) == len(seen)
    assert len(first) + len(repeats) == len(people)
