"""Rows of heads, activations and credit modes backwards: adjoints are derivatives of what goes forwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from evometa.language import generated_nodes
from evometa.spec import ACTIVATIONS, CREDITS, PRIMITIVES, SCORES
from tests.language.samples import F32
from tests.language.test_node_texts import COLUMNS, OUTPUTS, WITH_HINGE, Apply, X, derivative, numpy_columns


@pytest.fixture(scope="module")
def numpy_of() -> Apply:
    return numpy_columns()


def adjoint(function: Callable[[F32], F32], x: F32, v: F32) -> F32:
    """Σ_o v_o·∂function_o/∂x for every element of x f32[outputs, n], by differences."""
    found = np.empty(x.shape)
    for o in range(len(x)):

        def weighted(row: F32, o: int = o) -> F32:
            moved = x.copy()
            moved[o] = row
            return np.asarray((np.float64(v) * function(moved)).sum(axis=0))

        found[o] = derivative(weighted, x[o])
    return found


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_curve_of_an_activation_is_the_derivative_of_its_slope(name: str) -> None:
    activations = generated_nodes.ACTIVATE[name](X.astype(np.float32))
    activations = activations[activations != 0]  # where slopes have corners
    one = np.ones_like(activations)
    curve = generated_nodes.CURVE[name](activations, 3 * one)
    wanted = derivative(lambda a: 3 * generated_nodes.SLOPE[name](a, one), activations)
    assert np.allclose(curve, wanted, atol=2e-3)


def test_what_is_flat_has_no_slope() -> None:
    for name, row in ACTIVATIONS.items():
        assert row.flat == np.allclose(derivative(generated_nodes.ACTIVATE[name], X), 0)
    assert [name for name, row in SCORES.items() if row.flat] == ["accuracy"]
    assert [name for name, row in PRIMITIVES.items() if row.flat] == ["sign", "step"]


# Columns that go backwards: the column, the one whose adjoint it is, and the array that it is taken in.
BACKWARDS = [
    ("answer_adjoint", "answer", "z"), ("error_adjoint", "error", "y"), ("through_y", "through", "y"),
    ("through_s", "through", "s"), ("reward_slope", "reward", "y"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "of", "place"), BACKWARDS, ids=[column for column, *_ in BACKWARDS])
@pytest.mark.parametrize("name", WITH_HINGE)
def test_adjoints_of_heads_are_derivatives(name: str, column: str, of: str, place: str, numpy_of: Apply) -> None:
    rng = np.random.default_rng(5)
    z, s, v = (rng.normal(size=(OUTPUTS, 50)).astype(np.float32) for _ in range(3))
    t = np.eye(OUTPUTS, dtype=np.float32)[:, rng.integers(OUTPUTS, size=50)]
    known = {"z": z, "y": numpy_of("answer", name, [z]), "t": t, "s": s, "v": v}
    forwards = COLUMNS[of]

    def function(x: F32) -> F32:
        found = numpy_of(of, name, [{**known, place: x}[letter] for letter in forwards.reads])
        return found if forwards.writes else found[None]

    weights = v if forwards.writes else np.ones_like(v[:1])
    found = numpy_of(column, name, [known[letter] for letter in COLUMNS[column].reads])
    if of == "reward" and "accuracy" in WITH_HINGE[name].reward:
        assert not found.any()  # but for jumps
    else:
        assert np.allclose(found, adjoint(function, known[place], weights), atol=4e-3)


@pytest.mark.parametrize("name", [row.name for row in CREDITS.values() if row.hidden])
def test_the_adjoint_of_a_shared_error_is_its_derivative(name: str, numpy_of: Apply) -> None:
    e, v = np.random.default_rng(6).normal(size=(2, OUTPUTS, 50)).astype(np.float32)
    total = np.broadcast_to(v.sum(axis=0), v.shape)  # as if there were one hidden node for each row of v
    found = numpy_of("shared_adjoint", name, [np.ascontiguousarray(total)])
    wanted = adjoint(lambda x: np.broadcast_to(numpy_of("shared_error", name, [x]), v.shape), e, v)
    assert np.allclose(found, wanted, atol=2e-3)
