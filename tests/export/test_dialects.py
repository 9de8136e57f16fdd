"""Every primitive as generated text: the same bits in NumPy, the same numbers in PyTorch and JAX."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.export.dialects import JAX, NUMPY, TORCH, Dialect
from evometa.language.generated_numpy import FUNCTIONS
from evometa.spec.primitives import PRIMITIVES, Primitive
from tests.export.exported import F32, imported
from tests.language.samples import operands, same_bits
from tests.language.test_node_texts import HINGE

INFIX = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "neg": "-{}"}
ALL = list(PRIMITIVES.values())
TINY = 1.1754943508222875e-38


def source(primitive: Primitive, dialect: Dialect) -> str:
    """A file that computes one primitive, as generated code does."""
    names = ["a", "b", "c"][: primitive.arity]
    head = {"np": "import numpy as np\n\nF = np.float32", "torch": "import torch", "jnp": "import jax.numpy as jnp"}
    call = f"{dialect.function(primitive.name)}({', '.join(names)})"
    body = INFIX[primitive.name].format(*names) if primitive.name in INFIX else call
    parts = [head[dialect.module], *dialect.definitions([primitive.name])]
    return "\n\n\n".join([*parts, f"def compute({', '.join(names)}):\n    return {body}\n"])


def close(found: F32, wanted: F32, primitive: Primitive, flushed: bool) -> F32:
    """Where two results are equal: NaN to NaN, infinities with their signs, numbers within a few roundings.

    `flushed`: the framework may take numbers below 2^-126 for zero.
    """
    tolerance = {"tanh": 2e-6, "sigmoid": 2e-6, "exp": 3e-7, "log": 1e-6, "sin": 2e-6, "cos": 2e-6}
    relative = tolerance.get(primitive.name, 2.5e-7)
    absolute = 1e-6 if primitive.name in ("sin", "cos", "log") else 0.0
    with np.errstate(all="ignore"):
        distance = np.abs(found.astype(np.float64) - wanted)
        near = distance <= relative * np.abs(wanted.astype(np.float64)) + absolute
    small = (np.abs(wanted) < 2 * TINY) & (np.abs(found) < 2 * TINY) & flushed
    return (np.isnan(found) & np.isnan(wanted)) | (found == wanted) | near | small


def results(primitive: Primitive, compute: Callable[..., Any], make: Callable[[F32], Any]) -> tuple[F32, F32, F32]:
    """What the generated text and the table give for the same operands, and the smallest of these."""
    chosen = operands(primitive.opcode)[: primitive.arity]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # overflow is wanted here
        found = np.asarray(compute(*(make(x) for x in chosen)))
    wanted = FUNCTIONS[primitive.opcode](*chosen)
    return found, wanted, np.min([np.where(x == 0, 1, np.abs(x)) for x in chosen], axis=0)


@pytest.mark.parametrize("primitive", ALL, ids=lambda p: p.name)
def test_numpy_text_gives_the_same_bits(primitive: Primitive, tmp_path: Path) -> None:
    compute = imported(source(primitive, NUMPY), tmp_path).compute
    found, wanted, _ = results(primitive, compute, lambda x: x)
    assert found.dtype == np.float32
    assert same_bits(found, wanted)


@pytest.mark.parametrize("primitive", ALL, ids=lambda p: p.name)
def test_torch_text_gives_the_same_numbers(primitive: Primitive, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: its text is not run")
    compute = imported(source(primitive, TORCH), tmp_path).compute
    found, wanted, _ = results(primitive, compute, torch.from_numpy)
    assert found.dtype == np.float32
    assert close(found, wanted, primitive, flushed=False).all()
    chosen = operands(primitive.opcode)[: primitive.arity]
    double = compute(*(torch.from_numpy(x).double() for x in chosen))
    assert double.dtype == torch.float64


@pytest.mark.parametrize("primitive", ALL, ids=lambda p: p.name)
def test_jax_text_gives_the_same_numbers(primitive: Primitive, tmp_path: Path) -> None:
    jnp = pytest.importorskip("jax.numpy", reason="jax is not installed: its text is not run")
    compute = imported(source(primitive, JAX), tmp_path).compute
    found, wanted, least = results(primitive, compute, jnp.asarray)
    assert found.dtype == np.float32
    normal = least >= TINY  # XLA takes smaller operands for zero
    assert close(found, wanted, primitive, flushed=True)[normal].all()


def test_the_comparison_can_fail(tmp_path: Path) -> None:
    add, sub = PRIMITIVES["add"], PRIMITIVES["sub"]
    compute = imported(source(add, NUMPY), tmp_path).compute
    found, _, _ = results(add, compute, lambda x: x)
    wanted = results(sub, imported(source(sub, NUMPY), tmp_path).compute, lambda x: x)[1]
    assert not same_bits(found, wanted)
    assert not close(found, wanted, add, flushed=True).all()


def test_numbers_that_are_not_finite_have_names() -> None:
    assert [NUMPY.literal(x) for x in (0.1, np.inf, -np.inf, np.nan)] == [
        "F(0.1)", "F(np.inf)", "F(-np.inf)", "F(np.nan)",
    ]  # fmt: skip
    assert [JAX.literal(x) for x in (-2.0, np.inf)] == ["-2.0", "jnp.inf"]


@pytest.mark.parametrize("dialect", [TORCH, JAX], ids=["torch", "jax"])
def test_a_head_that_no_framework_has_is_written_by_its_row(dialect: Dialect) -> None:
    """Its loss goes by its own answers, and what is too long for a line gets names."""
    name = {"torch": "torch", "jnp": "jax.numpy"}[dialect.module]
    framework = pytest.importorskip(name, reason=f"{name} is not installed: its text is not run")
    z, t = np.array([[2.0, -0.5], [0.25, 3.0]], np.float32), np.array([[1, 1], [0, 0]], np.float32)
    given = framework.from_numpy if dialect is TORCH else framework.asarray
    places = {dialect.module: framework, "net": given(z), "desired": given(t)}
    text = dialect.loss(HINGE, "loss = ", z="net", t="desired")
    exec(text, places)
    assert float(places["loss"]) == pytest.approx(np.maximum(0, 1 - (2 * t - 1) * z).mean())
    assert max(map(len, text.split("\n"))) <= 92
    assert "part1 = " in text
