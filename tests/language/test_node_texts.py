"""Rows of heads, activations and credit modes: the same bits in every language, and slopes that are derivatives."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evometa.language import generated_nodes, node_texts
from evometa.language.generate import cuda_text as switch_text
from evometa.language.node_columns import columns
from evometa.spec import ACTIVATIONS, CREDITS, HEADS
from evometa.spec.heads import Head
from evometa.spec.table import Table
from tests.language.samples import F32, operands, same_bits
from tests.lifetime.host_device import FLAGS

HINGE = Head(
    "hinge", "classification",
    answer="z",
    error="select((F(2.0) * t - F(1.0)) * y < F(1.0), F(1.0) - F(2.0) * t, F(0.0)) / O",
    through="s * (F(1.0) / O)",
    scores={
        "loss": "sum(select((F(2.0) * t - F(1.0)) * y < F(1.0), F(1.0) - (F(2.0) * t - F(1.0)) * y, F(0.0))) / O",
        "accuracy": "sum(select(select(y > F(0.0), F(1.0), F(0.0)) == t, F(1.0), F(0.0))) / O",
    },
    reward="-loss",
    answer_adjoint="v",
    error_adjoint="F(0.0)",
    through_y="F(0.0)",
    through_s="v * (F(1.0) / O)",
    reward_slope="select((F(2.0) * t - F(1.0)) * y < F(1.0), F(2.0) * t - F(1.0), F(0.0)) / O",
    meaning="net inputs, above 0 for yes",
    loss="hinge loss",
)  # fmt: skip
WITH_HINGE = Table(*HEADS.values(), HINGE)
COLUMNS = {column.name: column for column in columns(WITH_HINGE)}
CASES = [(name, row) for name, column in COLUMNS.items() for _, row, _ in column.texts]
OUTPUTS = 3

Apply = Callable[[str, str, list[F32]], F32]


def names_of(text: str) -> dict[str, Any]:
    """Run a text; return its names."""
    names: dict[str, Any] = {}
    exec(text, names)
    return names


def numpy_columns() -> Apply:
    """The NumPy text, with a head more."""
    names = names_of(node_texts.numpy_text("", WITH_HINGE))

    def apply(column: str, row: str, arrays: list[F32]) -> F32:
        with np.errstate(all="ignore"):
            found = names[column.upper()][row](*arrays[: len(COLUMNS[column].reads)])
        shape = arrays[0].shape if COLUMNS[column].writes else arrays[0].shape[-1:]
        return np.array(np.broadcast_to(found, shape))

    return apply


@pytest.fixture(scope="module")
def numpy_of() -> Apply:
    return numpy_columns()


def run_text(name: str) -> str:
    """A function that applies a column of the Numba text to arrays that lie one behind the other, f32[outputs, n]."""
    column = COLUMNS[name]
    size = "outputs * n" if column.over else "n"
    arguments = ", ".join(f"{number} * {size}{' + v' * (not column.writes)}" for number, _ in enumerate(column.arrays))
    shape = ", outputs, n" * column.over
    call = f"{name}(a, kind, {arguments}{shape}{', n' * bool(column.writes)})"
    if not column.writes:
        call = f"for v in range(0, n, LANES):\n        store(a, {len(column.arrays)} * {size} + v, {call})"
    return f"\n\n@njit()\ndef run_{name}(arena, kind, outputs, n):\n    a = address(arena)\n    {call}\n"


@pytest.fixture(scope="module")
def numba_of() -> Apply:
    """The Numba text, with a head more."""
    text = (
        node_texts.numba_text("", WITH_HINGE)
        .replace(", cache=True", "")
        .replace("import LANES,", "import LANES, address,")
    )
    text += "".join(run_text(name) for name in COLUMNS)
    names = names_of(text)

    def apply(column: str, row: str, arrays: list[F32]) -> F32:
        n, code = arrays[0].shape[-1], {name: code for code, name, _ in COLUMNS[column].texts}[row]
        arena = np.concatenate([*(array.reshape(-1) for array in arrays), np.zeros(n, np.float32)])
        with np.errstate(all="ignore"):  # without the JIT this is NumPy
            names[f"run_{column}"](arena, code, OUTPUTS, n)
        return result_in(arena, column, arrays)

    return apply


def result_in(arena: F32, column: str, arrays: list[F32]) -> F32:
    """What a column has written behind its arrays, or over one of them."""
    if not COLUMNS[column].writes:
        return arena[-arrays[0].shape[-1] :]
    place = COLUMNS[column].arrays.index(COLUMNS[column].writes)
    return arena[place * arrays[0].size : (place + 1) * arrays[0].size].reshape(arrays[0].shape)


@pytest.fixture(scope="module")
def cuda_of(tmp_path_factory: pytest.TempPathFactory) -> Apply:
    """The CUDA text, compiled for the host, with a head more."""
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no g++: the CUDA text cannot be compiled for the host")
    folder = tmp_path_factory.mktemp("cuda")
    lines = ["#define __device__", "#define __forceinline__ inline", "static int WIDTH;", switch_text()]
    lines += [node_texts.cuda_text("", WITH_HINGE), "using namespace evometa;"]
    for name, column in COLUMNS.items():
        size = "outputs * n" if column.over else "n"
        arguments = [f"{'' if column.over else '*'}(a + {i} * {size} + v)" for i, _ in enumerate(column.arrays)]
        call = f"{name}(kind, {', '.join(arguments)}{', outputs, n' * column.over});"
        given = "" if column.writes else f"a[{len(column.arrays)} * {size} + v] = "
        lines += [f'extern "C" void run_{name}(float* a, int kind, int outputs, int n) {{']
        lines += ["  WIDTH = n;", f"  for (int v = 0; v < n; v++) {given}{call}", "}"]
    source, library = folder / "nodes.cpp", folder / "nodes.so"
    source.write_text("\n".join(lines), encoding="utf-8")
    subprocess.run([compiler, *FLAGS, str(source), "-o", str(library)], check=True)
    text = ctypes.CDLL(str(library))

    def apply(column: str, row: str, arrays: list[F32]) -> F32:
        n, code = arrays[0].shape[-1], {name: code for code, name, _ in COLUMNS[column].texts}[row]
        arena = np.concatenate([*(array.reshape(-1) for array in arrays), np.zeros(n, np.float32)])
        getattr(text, f"run_{column}")(ctypes.c_void_p(arena.ctypes.data), code, OUTPUTS, n)
        return result_in(arena, column, arrays)

    return apply


def arrays_of(column: str, seed: int) -> list[F32]:
    """Special numbers, random bits and ordinary ones for every array of a column."""
    rng = np.random.default_rng(seed)
    numbers = operands(seed, 1000)[0]
    shape = (OUTPUTS, len(numbers)) if COLUMNS[column].over else (len(numbers),)
    return [rng.permuted(np.broadcast_to(numbers, shape), axis=-1) for _ in COLUMNS[column].arrays]


@pytest.mark.parametrize(("column", "row"), CASES, ids=lambda name: str(name))
def test_the_same_bits_in_every_language(
    column: str, row: str, numpy_of: Apply, numba_of: Apply, cuda_of: Apply
) -> None:
    arrays = arrays_of(column, len(column) + len(row))
    wanted = numpy_of(column, row, arrays)
    assert same_bits(numba_of(column, row, arrays), wanted)
    assert same_bits(cuda_of(column, row, arrays), wanted)


def test_the_comparison_can_fail(numpy_of: Apply, cuda_of: Apply) -> None:
    arrays = arrays_of("error", 1)
    assert not same_bits(numpy_of("error", "linear", arrays), cuda_of("error", "sigmoid", arrays))


X = np.linspace(-3, 3, 41) + 0.01  # no corner among them
STRAIGHT_THROUGH = {"step"}  # whose error goes back as if it were linear, since its slope is 0


def derivative(function: Callable[[Any], Any], x: Any) -> Any:
    """A central difference."""
    h = 1e-3
    return (np.float64(function(np.float32(x + h))) - np.float64(function(np.float32(x - h)))) / (2 * h)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_of_an_activation_is_its_derivative(name: str) -> None:
    activations = generated_nodes.ACTIVATE[name](X.astype(np.float32))
    slope = generated_nodes.SLOPE[name](activations, np.ones(len(X), np.float32))
    wanted = np.ones(len(X)) if name in STRAIGHT_THROUGH else derivative(generated_nodes.ACTIVATE[name], X)
    assert np.allclose(slope, wanted, atol=2e-3)


@pytest.mark.parametrize("name", WITH_HINGE)
def test_the_error_of_a_head_is_the_derivative_of_its_loss(name: str, numpy_of: Apply) -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(OUTPUTS, 50)).astype(np.float32)
    t = np.eye(OUTPUTS, dtype=np.float32)[:, rng.integers(OUTPUTS, size=50)]
    error = numpy_of("error", name, [numpy_of("answer", name, [z]), t])
    for o in range(OUTPUTS):

        def loss(x: F32, o: int = o) -> F32:
            moved = z.copy()
            moved[o] = x
            return numpy_of("score_loss", name, [numpy_of("answer", name, [moved]), t])

        assert np.allclose(error[o], derivative(loss, z[o]), atol=3e-3)


@pytest.mark.parametrize("name", WITH_HINGE)
def test_slopes_of_an_evolved_loss_go_through_a_head_by_the_chain_rule(name: str, numpy_of: Apply) -> None:
    """Here the evolved loss of an output is y²/2, so that its slope is y."""
    z = np.random.default_rng(4).normal(size=(OUTPUTS, 50)).astype(np.float32)
    y = numpy_of("answer", name, [z])
    through = numpy_of("through", name, [y, y])
    for o in range(OUTPUTS):

        def loss(x: F32, o: int = o) -> F32:
            moved = z.copy()
            moved[o] = x
            return np.asarray(np.square(numpy_of("answer", name, [moved])).mean(axis=0) / 2)

        assert np.allclose(through[o], derivative(loss, z[o]), atol=2e-3)


def test_every_row_says_all_that_is_asked_of_it() -> None:
    assert [row.name for row in HEADS.values() if "loss" not in row.scores] == []
    assert {row.kind for row in HEADS.values()} == {"classification", "regression"}
    assert all(row.hidden is None or row.back is None for row in CREDITS.values()), "one way for errors to reach a node"
    assert all((row.hidden is None) == (row.hidden_adjoint is None) for row in CREDITS.values())
