"""The optax export: it learns as the lifetime did, under jit, and on real data as optimizers do."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.export.layers import layers_of, matrices
from evometa.export.setting import Setting
from tests.export.cases import GRADIENT
from tests.export.exported import Lives, Made, Written, examples, imported, setting_of, tidy, used, wine

pytest.importorskip("optax", reason="optax is not installed: its exports are not run")
jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")
optax = pytest.importorskip("optax")


def params_of(setting: Setting) -> list[dict[str, Any]]:
    """The first weights of a lifetime as a tree."""
    return [
        {"w": jnp.asarray(m[:, :-1].T), "b": jnp.asarray(m[:, -1])} for m in matrices(setting.graph, setting.weights)
    ]


def loss_of(module: Any, setting: Setting, net: Any, y: Any) -> Any:
    """The loss that the lifetime descended."""
    if hasattr(module, "evolved_loss"):
        return module.evolved_loss(net, y)
    if setting.plan.head == "linear":
        return jnp.mean((net - y) ** 2)
    if setting.plan.head == "sigmoid":
        return optax.sigmoid_binary_cross_entropy(net, y).mean()
    return optax.softmax_cross_entropy(net, y).mean()


@pytest.mark.parametrize("name", GRADIENT)
def test_it_learns_as_the_lifetime_did_for_a_hundred_updates(
    name: str, lives: Lives, written: Written, tmp_path: Path
) -> None:
    module, (setting, reference) = imported(written(name, "optax"), tmp_path), lives(name)
    optimizer = module.evolved_rule(updates=100)
    params = module.INNATE if hasattr(module, "INNATE") else params_of(setting)
    assert all(np.array_equal(a["w"], b["w"]) for a, b in zip(params, params_of(setting), strict=True))
    assert isinstance(optimizer, optax.GradientTransformation)

    @jax.jit
    def step(params: Any, state: Any, x: Any, y: Any) -> tuple[Any, Any]:
        grads = jax.grad(lambda p: loss_of(module, setting, module.network(p, x), y))(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    state = optimizer.init(params)
    for x, y in examples(setting):
        params, state = step(params, state, x, y)
    assert int(state.count) == 100
    for layer, end in zip(params, matrices(setting.graph, reference.w[:, 0]), strict=True):
        np.testing.assert_allclose(layer["w"], end[:, :-1].T, rtol=2e-5, atol=5e-6)
        np.testing.assert_allclose(layer["b"], end[:, -1], rtol=2e-5, atol=5e-6)


@pytest.mark.parametrize("name", GRADIENT)
def test_it_is_formatted_and_its_example_runs(name: str, written: Written, tmp_path: Path) -> None:
    text = written(name, "optax")
    assert np.isfinite(float(used(text, tmp_path)))
    assert tidy(text, tmp_path) == ""
    assert max(map(len, text.split("\n"))) <= 100


def test_it_trains_a_network_on_wine(written: Written, tmp_path: Path) -> None:
    module = imported(written("adam", "optax"), tmp_path)
    x, y, x_new, y_new = wine()
    keys = jax.random.split(jax.random.key(0))
    params = {
        "first": {"kernel": jax.random.normal(keys[0], (13, 16)) / 4, "bias": jnp.zeros(16)},
        "second": {"kernel": jax.random.normal(keys[1], (16, 3)) / 4, "bias": jnp.zeros(3)},
    }
    optimizer = optax.chain(optax.clip_by_global_norm(5.0), module.evolved_rule(updates=100))

    def net(params: Any, x: Any) -> Any:
        hidden = jnp.tanh(x @ params["first"]["kernel"] + params["first"]["bias"])
        return hidden @ params["second"]["kernel"] + params["second"]["bias"]

    @jax.jit
    def step(params: Any, state: Any) -> tuple[Any, Any, Any]:
        loss, grads = jax.value_and_grad(
            lambda p: optax.softmax_cross_entropy_with_integer_labels(net(p, x), y).mean()
        )(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state, loss

    state, losses = optimizer.init(params), []
    for _ in range(100):
        params, state, loss = step(params, state)
        losses.append(float(loss))
    assert losses[0] > 0.9
    assert losses[-1] < 0.1
    assert (net(params, x_new).argmax(axis=1) == y_new).mean() > 0.9


def test_per_synapse_coefficients_are_numbers_or_trees(written: Written, tmp_path: Path) -> None:
    module = imported(written("anchored", "optax"), tmp_path)
    params = {"a": jnp.ones(2), "b": jnp.ones(2)}
    grads = {"a": jnp.ones(2), "b": -jnp.ones(2)}
    for p0, same in ((0.0, True), ({"a": 0.0, "b": -50.0}, False)):
        optimizer = module.evolved_rule(updates=100, p0=p0, bound=1.0)
        updates, _ = optimizer.update(grads, optimizer.init(params), params)
        assert (updates["a"] < 0).all()
        assert bool((abs(updates["b"]) < 1e-20).all())  # kept within the bound, or hardly plastic
        free = module.evolved_rule(updates=100, p0=p0, bound=None)
        updates, _ = free.update(grads, free.init(params), params)
        assert bool((updates["b"] > 1e-3).all()) == same
    with pytest.raises(ValueError, match="needs the parameters"):
        optimizer.update(grads, optimizer.init(params))


def test_a_rule_that_reads_more_than_gradients_is_refused(made: Made) -> None:
    with pytest.raises(InputError, match=r"reads post, pre, target.*Formats that can: python, torch, latex, json"):
        export(made("delta"), "optax")
    with pytest.raises(InputError, match="reads post, pre, reward"):
        export(made("rewarded"), "optax")


def test_layers_are_told_from_other_networks(made: Made) -> None:
    graph = setting_of(made("recurrent")).graph
    found = layers_of(graph)
    assert found is not None
    assert (found.inputs, found.hidden, found.outputs, found.activation, found.recurrent) == (
        1,
        (4, 3),
        1,
        "tanh",
        True,
    )
    from dataclasses import replace

    assert layers_of(replace(graph, group=np.zeros_like(graph.group))) is None
    activation = graph.activation.copy()
    activation[2] = 3
    assert layers_of(replace(graph, activation=activation)) is None


def test_what_is_outside_the_bound_is_left_alone(written: Written, tmp_path: Path) -> None:
    optimizer = imported(written("sgd", "optax"), tmp_path).evolved_rule(c0=1.0, bound=20.0)
    params = jnp.array([100.0, 1.0, -100.0, 19.0])
    state = optimizer.init(params)
    for grads, wanted in (
        ([0.0, 0.0, 0.0, 0.0], [100, 1, -100, 19]),
        ([5.0, -50.0, 5.0, -5.0], [95, 20, -100, 20]),  # inwards it moves, outwards it stays
        ([500.0, 1.0, -500.0, 1.0], [-20, 19, 20, 19]),  # and never through to the other side
    ):
        updates, state = optimizer.update(jnp.array(grads), state, params)
        params = optax.apply_updates(params, updates)
        assert params.tolist() == wanted


@pytest.mark.parametrize("compiled", [False, True])
def test_training_past_its_age_is_said_once(compiled: bool, written: Written, tmp_path: Path) -> None:
    module = imported(written("anchored", "optax"), tmp_path)
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'updates'"):
        module.evolved_rule(p0=0.0)
    with pytest.raises(ValueError, match="updates of at least 1"):
        module.evolved_rule(updates=0, p0=0.0)
    optimizer = module.evolved_rule(updates=3, p0=0.0)
    update = jax.jit(optimizer.update) if compiled else optimizer.update
    params = jnp.ones(2)
    state, said = optimizer.init(params), []
    for _ in range(9):
        with warnings.catch_warnings(record=True) as now:
            warnings.simplefilter("always")
            _, state = update(jnp.ones(2), state, params)
            jax.effects_barrier()
        said.append([str(one.message) for one in now])
    assert said == [[], [], [], ["more updates than 3: the rule's age stays at 1"], [], [], [], [], []]
