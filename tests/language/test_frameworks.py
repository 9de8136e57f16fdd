"""Rows in the words of frameworks compute what ran, and so do the frameworks' own expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from evometa.language import generated_nodes
from evometa.language.frameworks import text
from evometa.spec import ACTIVATIONS, HEADS

MODULES = {"torch": "torch", "jnp": "jax.numpy"}
EXAMPLES, OUTPUTS = 40, 3


def computed(row: str, module: str, own: Mapping[str, str] | None = None, **arrays: Any) -> Any:
    """What a row gives for arrays [examples, outputs] in a framework."""
    framework = pytest.importorskip(MODULES[module], reason=f"{module} is not installed: its words are not run")
    names = {module: framework}
    if module == "jnp":
        names |= {name: pytest.importorskip(name, reason=f"{name} is not installed") for name in ("jax", "optax")}
    given = framework.from_numpy if module == "torch" else framework.asarray
    names |= {name: given(np.ascontiguousarray(array.T)) for name, array in arrays.items()}
    statements, result = text(row, module, own, O=str(OUTPUTS))
    exec("\n".join(statements), names)
    return np.asarray(eval(result, names)).T


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", HEADS)
def test_heads(name: str, module: str) -> None:
    head, rng = HEADS[name], np.random.default_rng(0)
    z, s = rng.normal(size=(2, OUTPUTS, EXAMPLES)).astype(np.float32)
    t = np.eye(OUTPUTS, dtype=np.float32)[:, rng.integers(OUTPUTS, size=EXAMPLES)]
    y = generated_nodes.ANSWER[name](z)
    for own in (None, head.own):
        assert np.allclose(computed(head.answer, module, own, z=z), y, atol=1e-6)
    assert np.allclose(computed(head.error, module, y=y, t=t), generated_nodes.ERROR[name](y, t), atol=1e-6)
    assert np.allclose(computed(head.through, module, y=y, s=s), generated_nodes.THROUGH[name](y, s), atol=1e-6)
    for score, functions in generated_nodes.SCORE.items():
        assert np.allclose(computed(head.score(score), module, y=y, t=t), functions[name](y, t), atol=1e-6)
    loss = computed("0", module, head.own_loss, z=z, t=t)
    assert np.allclose(loss, generated_nodes.SCORE_LOSS[name](y, t).mean(), atol=1e-6)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str, module: str) -> None:
    x, d = np.random.default_rng(1).normal(size=(2, OUTPUTS, EXAMPLES)).astype(np.float32)
    a, row = generated_nodes.ACTIVATE[name](x), ACTIVATIONS[name]
    for own in (None, row.own):
        assert np.allclose(computed(row.value, module, own, x=x), a, atol=1e-6)
    assert np.allclose(computed(row.slope, module, a=a, d=d), generated_nodes.SLOPE[name](a, d), atol=1e-6)


def test_places_are_what_arrays_are_called_in_the_code_that_comes_out() -> None:
    softmax = HEADS["softmax"]
    assert text(softmax.answer, "torch", softmax.own, z="net") == ([], "torch.softmax(net, dim=1)")
    loss = text(softmax.score("loss"), "jnp", softmax.own_loss, z="net", t="wanted")
    assert loss == ([], "optax.softmax_cross_entropy(net, wanted).mean()")
    error = text(HEADS["linear"].error, "torch", y="act[-1]", t="y", O="y.shape[1]")
    assert error == ([], "(act[-1] - y) * (2.0 / y.shape[1])")
