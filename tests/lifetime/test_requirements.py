"""What checks are made of: each lets pass what is sound, and says of all else what was expected, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import ContractError
from evometa.lifetime.requirements import all_of_sizes, array_of, broken, forbid, joined, require, within
from evometa.spec.arrays import F32, FINITE, I32, Row, arrays_of

ONES = np.ones((2, 3), np.float32)


@dataclass
class Parts:
    """Arrays as classes of the contract have them."""

    weights: Annotated[F32, "A B"]
    sound: Annotated[F32, "B", FINITE]
    places: Annotated[I32, "C"]
    each: Annotated[list[F32 | None], "A C"]
    name: str = ""


ROWS = arrays_of(Parts)


def refusal(call: Callable[..., Any], *arguments: Any) -> str:
    """Return the message of what must be refused."""
    with pytest.raises(ContractError) as refused:
        call(*arguments)
    return str(refused.value)


def test_require_says_what_where_and_instead_of_what() -> None:
    require(True, "a tree", "a stone", "the garden")
    message = refusal(require, False, "a tree", "a stone", "the garden")
    assert all(part in message for part in ("the garden", "a tree", "a stone"))


@given(st.lists(st.booleans(), max_size=20))
def test_forbid_names_the_first_that_is_wrong(wrong: list[bool]) -> None:
    if any(wrong):
        assert f"graph {wrong.index(True)}" in refusal(forbid, np.array(wrong), "sound ones", "others", "graph")
    else:
        forbid(np.array(wrong, bool), "sound ones", "others", "graph")


@pytest.mark.parametrize(
    "array, found",
    [
        (ONES.astype(np.float64), "float64[2, 3]"),
        (ONES[0], "float32[3]"),
        (ONES[None], "float32[1, 2, 3]"),
        (ONES.tolist(), "list"),
        (None, "NoneType"),
        (np.float32(1), "float32"),
    ],
)
def test_an_array_of_another_type_or_shape_is_named(array: Any, found: str) -> None:
    array_of(ONES, ROWS["weights"])
    message = refusal(array_of, array, ROWS["weights"])
    assert all(part in message for part in (found, "f32[A, B]", "weights"))
    assert "of graph 3" in refusal(array_of, array, ROWS["weights"], "weights of graph 3")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_one_number_that_is_not_finite_is_enough(number: float) -> None:
    for place in range(3):
        array = ONES[0].copy()
        array[place] = number
        assert "finite" in refusal(array_of, array, ROWS["sound"])
        array_of(np.stack([array, array]), ROWS["weights"])  # of which nothing of the kind is said
    array_of(np.full(1, np.finfo(np.float32).max), ROWS["sound"])
    array_of(np.zeros(0, np.float32), ROWS["sound"])


def test_fields_of_arrays_are_rows() -> None:
    assert {
        "weights": Row("weights", np.dtype(np.float32), ("A", "B"), False, False),
        "sound": Row("sound", np.dtype(np.float32), ("B",), True, False),
        "places": Row("places", np.dtype(np.int32), ("C",), False, False),
        "each": Row("each", np.dtype(np.float32), ("A", "C"), False, True, True),
    } == ROWS


def test_one_letter_is_one_size() -> None:
    places, sizes = np.zeros(4, np.int32), {"C": 4}
    all_of_sizes(Parts(ONES, ONES[0], places, []), sizes)
    assert sizes == {"A": 2, "B": 3, "C": 4}
    for wrong in (Parts(ONES, ONES[:, 0], places, []), Parts(ONES[:1], ONES[0], places, []),
                  Parts(ONES, ONES[0], places[:3], [])):  # fmt: skip
        message = refusal(all_of_sizes, wrong, dict(sizes))
        assert any(f"with {letter} = {size}" in message for letter, size in sizes.items())


@given(st.lists(st.integers(-5, 5), max_size=8), st.integers(-4, 4), st.integers(-4, 4))
def test_within_is_both_ends_included(numbers: list[int], low: int, high: int) -> None:
    array = np.array(numbers, np.int32)
    if all(low <= number <= high for number in numbers):
        within(array, low, high, "order")
    else:
        assert f"from {low} to {high}" in refusal(within, array, low, high, "order")


def test_parts_are_joined_or_refused_together() -> None:
    parts = [SimpleNamespace(places=np.arange(count, dtype=np.int32)) for count in (2, 0, 3)]
    assert joined(parts, ROWS["places"], "graphs").tolist() == [0, 1, 0, 1, 2]
    for wrong in ([1, 2], np.zeros((1, 1), np.int32), np.zeros(1, np.float32), np.int32(1)):
        message = refusal(joined, [parts[0], SimpleNamespace(places=wrong)], ROWS["places"], "graphs")
        assert "places of the graphs" in message


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=20))
def test_owners_of_what_is_wrong(parts: list[tuple[int, bool]]) -> None:
    owner = np.array([place for place, _ in parts], np.int64)
    wrong = np.array([is_wrong for _, is_wrong in parts], bool)
    expected = [any(is_wrong for place, is_wrong in parts if place == one) for one in range(5)]
    assert broken(wrong, owner, 5).tolist() == expected
