"""A table divided by rows: every class is in all splits, and each split has rows of its own that no other meets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.tasks.families.table import TableTasks
from evometa.tasks.table_splits import divide_rows
from tests.tasks.contract import check_contract
from tests.tasks.families.test_table import NAMED, ROWS, opened, rows_met, write_classes

ROWWISE = {"divide": "rows", "shots": 2, "queries": 2, **NAMED}


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A table of six classes, twelve rows each; column a numbers the rows."""
    write_classes(tmp_path / "kinds.csv")
    return tmp_path / "kinds.csv"


def test_divided_rows_keep_the_contract(csv: Path) -> None:
    """With as many ways as classes, too."""
    for ways in (2, 6):
        family = opened(csv, ways=ways, **ROWWISE)
        assert (family.outputs, family.support["test"], family.unit) == (ways, 2 * ways, "row")
        check_contract(family)


def test_all_splits_have_all_classes_and_no_row_of_another(csv: Path) -> None:
    """Whatever the tasks, a row that one split shows or asks about is met in no other."""
    met = rows_met(opened(csv, standardise=False, **ROWWISE))
    assert all({row // ROWS for row in rows} == set(range(6)) for rows in met.values())
    assert sum(map(len, met.values())) == len(set.union(*met.values())) == 6 * ROWS


def test_rows_were_drawn_within_their_classes(csv: Path) -> None:
    family = opened(csv, **ROWWISE)
    units = family.units("test", 20, np.random.default_rng(0))
    kinds = family.strata(units)
    assert kinds is not None
    assert (kinds == units // ROWS).all()
    other = opened(csv, shots=2, queries=2, **NAMED)
    assert other.strata(other.units("test", 20, np.random.default_rng(0))) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 40), min_size=2, max_size=5), st.integers(1, 4), st.integers(1, 4),
    st.floats(0.01, 0.6), st.floats(0.01, 0.39), st.integers(0, 5),
)  # fmt: skip
def test_rows_never_overlap(
    sizes: list[int], shots: int, queries: int, test: float, validation: float, seed: int
) -> None:
    """Whatever the sizes and shares: enough rows for a task in each split, each row in one; or a refusal."""
    wanted = TableTasks(
        path="t.csv", divide="rows", shots=shots, queries=queries, test_fraction=test, validation_fraction=validation
    )
    ends = np.cumsum([0, *sizes])
    members = {f"k{i}": np.arange(*ends[i : i + 2]) for i in range(len(sizes))}
    rng = np.random.default_rng(seed)
    if min(sizes) < 3 * (shots + queries):
        with pytest.raises(InputError, match=f"at least {3 * (shots + queries)} rows of each class"):
            divide_rows(members, wanted, Path("t.csv"), rng)
        return
    parts = divide_rows(members, wanted, Path("t.csv"), rng)
    for name, rows in members.items():
        own = [parts[split][name] for split in ("train", "validation", "test")]
        assert np.array_equal(np.sort(np.concatenate(own)), rows)
        assert min(map(len, own)) >= shots + queries


def test_shares_are_kept_where_there_are_rows_enough() -> None:
    """By default half for train, a fifth for validation, three tenths for test."""
    parts = divide_rows(
        {"a": np.arange(100)}, TableTasks(path="t.csv", divide="rows"), Path("t.csv"), np.random.default_rng(0)
    )
    assert [len(parts[split]["a"]) for split in ("train", "validation", "test")] == [50, 20, 30]


def test_units_are_the_rows_asked_about(csv: Path) -> None:
    """Unit q of a task is the row of its query q, so that an interval is over rows."""
    family = opened(csv, standardise=False, **ROWWISE)
    tasks = family.sample("test", 20, np.random.default_rng(5))
    units = family.units("test", 20, np.random.default_rng(5))
    rows, met = np.unique(tasks.query_x[:, 0].astype(int), return_inverse=True)
    owner = {int(unit): int(row) for unit, row in zip(units.ravel(), rows[met].ravel(), strict=True)}
    assert len(owner) == len(rows)  # one row for each unit, whichever task asks about it
    assert [owner[int(unit)] for unit in units.ravel()] == tasks.query_x[:, 0].astype(int).ravel().tolist()


@pytest.mark.parametrize(
    "more, words",
    [
        ({"group": "b"}, r"tasks\.divide"),
        ({"train": ("sort0", "sort1"), "test": ("sort2", "sort3")}, r"tasks\.divide"),
        ({"shots": 4}, r"at least 18 rows of each class: 6 .*found 12 of sort0"),
        ({"ways": 7}, "at least 7 train classes; found 6"),
    ],
)
def test_what_divided_rows_cannot_be_is_refused(csv: Path, more: dict[str, object], words: str) -> None:
    """By key."""
    with pytest.raises((InputError, ValueError), match=words):
        opened(csv, **{**ROWWISE, **more})


@pytest.mark.parametrize(
    ("classes", "keys", "words"),
    [
        (3, {}, r'found 3\. Set tasks\.divide = "rows" to learn these classes from other rows, or name a group'),
        (3, {"ways": 5}, r'found 3\. Set tasks\.divide = "rows" and tasks\.ways = 3 to learn these'),
        (3, {"shots": 5}, r'"rows" \(with tasks\.shots \+ tasks\.queries of at most 4\) to learn'),
        (6, {"ways": 5}, r'found 6\. Lower tasks\.ways, or set tasks\.divide = "rows" to'),
        (6, {"ways": 3, "test_fraction": 0.7}, r"found 6\. Lower tasks\.ways or tasks\.test_fraction, or set"),
        (6, {"test_fraction": 0.79}, r"found 6\. Lower tasks\.test_fraction, or set"),
        (6, {"ways": 6, "divide": "rows", "shots": 5}, r"each class.* tasks\.shots or tasks\.queries, or leave"),
        (6, {"ways": 7, "divide": "rows"}, r"7 train classes; found 6\. Add train classes, or lower tasks\.ways\."),
        (6, {"shots": 9}, r"rows each \(shots .*\. Lower tasks\.shots or tasks\.queries, or leave"),
    ],
)  # fmt: skip
def test_a_table_of_few_classes_is_told_what_would_do(
    tmp_path: Path, classes: int, keys: dict[str, object], words: str
) -> None:
    """Three classes cannot be divided over train and test two by two; their rows can."""
    write_classes(tmp_path / "few.csv", classes)
    with pytest.raises(InputError, match=words):
        opened(tmp_path / "few.csv", **{"shots": 2, "queries": 2, **NAMED, **keys})


def test_what_a_table_of_few_classes_is_offered_can_be_done(tmp_path: Path) -> None:
    write_classes(tmp_path / "three.csv", 3)
    assert opened(tmp_path / "three.csv", **ROWWISE, ways=3).outputs == 3
