"""Networks of any form: skip connections, an activation for each node, recurrent synapses; code learns as they do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.export.setting import Setting
from evometa.genetics.exchange import from_networkx
from evometa.lifetime import FIXED, SILENT, Graph
from evometa.lifetime.reference import Learner as Reference
from evometa.presentation.learner import Learner
from tests.evolved import evolved_learner
from tests.export.exported import (
    BOOLEAN,
    CLUSTERS,
    SINE,
    answers,
    examples,
    imported,
    learner_of,
    lived,
    recipe,
    run_file,
    setting_of,
    tidy,
    used,
)
from tests.language.samples import same_bits
from tests.lifetime.strategies import random_graph

RECIPES: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {  # inputs and outputs, and how they learn
    "tied": ((3, 1), recipe(
        BOOLEAN, {"update": "-0.1*grad + 0.01*p0*post*pre"}, plasticity={"count": 1, "tie": "group"},
        weights={"mode": "evolved"}, network={"credit": "backprop"}, lifetime={"batch": 1, "updates": 20},
    )),
    "descending": ((4, 3), recipe(
        CLUSTERS, {"update": "-exp(p0 - 3)*s1", "s1": "0.8*s1 + grad"}, plasticity={"count": 1},
        weights={"mode": "evolved"}, network={"credit": "backprop"}, lifetime={"batch": 4, "updates": 30},
    )),
    "rewarded": ((4, 3), recipe(
        CLUSTERS, {"update": "0.05*(reward - 0.5)*pre*post + 0.02*(target - post)*pre - 0.02*err*pre*age"},
        network={"credit": "feedback"}, lifetime={"batch": 1, "updates": 30},
    )),
    "broad": ((1, 1), recipe(
        SINE, {"update": "-0.02*grad*p0 + 0.01*(w0 - w)", "loss": "abs(output - target)"}, plasticity={"count": 1},
        weights={"mode": "fixed"}, network={"credit": "broadcast"}, lifetime={"batch": 2, "updates": 20},
    )),
}  # fmt: skip
CASES = [*((name, seed) for seed in range(4) for name in RECIPES), *(("evolved", seed) for seed in range(4))]


def made_of(folder: Path, name: str, seed: int, change: Callable[[Graph], Graph] = lambda graph: graph) -> Learner:
    """A learner with a random graph, every second time a recurrent one."""
    if name == "evolved":  # from genes, with fixed synapses
        rule = {"s1": "0.5*s1 + grad", "update": "-0.2*s1 - 0.01*w*p0"}
        return evolved_learner(folder, seed, rule, plasticity={"count": 1})
    (inputs, outputs), settings = RECIPES[name]
    rng = np.random.default_rng(seed)
    graph = change(random_graph(rng, inputs, int(rng.integers(1, 9)), outputs, recurrent=seed % 2 == 1))
    columns = int(graph.group.max()) + 1 if settings.get("plasticity", {}).get("tie") == "group" else graph.synapses
    own: dict[str, Any] = {"topology": graph}
    if "plasticity" in settings:
        own["plasticity"] = rng.standard_normal((1, columns)).astype(np.float32)
    if settings["weights"]["mode"] == "evolved":
        own["weights"] = rng.standard_normal(graph.synapses).astype(np.float32)
    return learner_of(folder, settings, f"{name}{seed}", **own)


def born(setting: Setting) -> dict[str, Any]:
    """The weights that a copy must be given to be born as in the run."""
    return {"weights": setting.weights} if setting.drawn else {}


@pytest.fixture(params=CASES, ids=[f"{name}{seed}" for name, seed in CASES])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Learner, Setting, Reference]:
    """A learner, its surroundings, and the reference after its whole life."""
    learner = made_of(tmp_path, *request.param)
    setting = setting_of(learner)
    return learner, setting, lived(setting)


def test_python_has_the_bits_of_the_lifetime(case: tuple[Learner, Setting, Reference], tmp_path: Path) -> None:
    learner, setting, reference = case
    text = str(export(learner, "python"))
    assert tidy(text, tmp_path) == ""
    copy = imported(text, tmp_path).Learner(**born(setting))
    for x, y in examples(setting):
        copy.learn(x, y)
    queries = setting.tasks.query_x
    assert same_bits(copy.w, reference.w[:, 0])
    assert same_bits(copy.predict(queries[:, :, 0]), answers(reference, queries))
    done = run_file(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_torch_learns_as_the_lifetime_did(case: tuple[Learner, Setting, Reference], tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: its exports are not run")
    learner, setting, reference = case
    text = str(export(learner, "torch"))
    assert tidy(text, tmp_path) == ""
    assert max(map(len, text.split("\n"))) <= 100
    assert "tensor([[" in used(text, tmp_path)
    network = imported(text, tmp_path).PlasticNetwork(**{k: torch.from_numpy(v) for k, v in born(setting).items()})
    at_birth = Reference(setting.phenotypes, 0, setting.tasks, setting.births, setting.plan)
    queries = setting.tasks.query_x
    asked = torch.from_numpy(queries[:, :, 0].copy())
    np.testing.assert_allclose(network(asked).numpy(), answers(at_birth, queries), rtol=5e-5, atol=1e-5)
    for x, y in examples(setting):
        network.learn(torch.from_numpy(x), torch.from_numpy(y))
    fixed = setting.graph.traits & FIXED > 0
    assert not np.array_equal(reference.w[~fixed], reference.w0[~fixed])
    assert np.array_equal(network.w.numpy()[fixed], reference.w0[fixed, 0])
    np.testing.assert_allclose(network.w.numpy(), reference.w[:, 0], rtol=5e-5, atol=2e-5)
    np.testing.assert_allclose(network(asked).numpy(), answers(reference, queries), rtol=2e-4, atol=5e-5)


def free(graph: Graph) -> Graph:
    """The graph without synapses from one output to another."""
    kept = graph.src < graph.nodes - graph.outputs
    ptr = np.concatenate([[0], np.cumsum(np.bincount(graph.dst[kept], minlength=graph.nodes))]).astype(np.int32)
    return Graph(graph.inputs, graph.outputs, ptr, graph.src[kept], graph.activation, graph.group[kept])


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_optax_learns_as_the_lifetime_did(seed: int, tmp_path: Path) -> None:
    """Of a recurrent network (1), or one whose outputs read each other, the file has the rule alone."""
    jax = pytest.importorskip("jax", reason="jax is not installed: its exports are not run")
    optax = pytest.importorskip("optax", reason="optax is not installed: its exports are not run")
    learner = made_of(tmp_path, "descending", seed)
    graph, module = setting_of(learner).graph, imported(str(export(learner, "optax")), tmp_path)
    plain = (graph.src < graph.dst) & (graph.src < graph.nodes - graph.outputs)
    assert hasattr(module, "network") == plain.all() == (seed == 0)
    learner = made_of(tmp_path / "free", "descending", seed, free)
    setting, text = setting_of(learner), str(export(learner, "optax"))
    assert tidy(text, tmp_path) == ""
    module = imported(text, tmp_path)
    if seed == 1:
        assert not hasattr(module, "network")
        return
    assert float(used(text, tmp_path)) > 0
    params, optimizer = module.INNATE, module.evolved_rule()

    @jax.jit
    def step(params: Any, state: Any, x: Any, y: Any) -> tuple[Any, Any]:
        def loss(w: Any) -> Any:
            return optax.softmax_cross_entropy(module.network(w, x), y).mean()

        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        return optax.apply_updates(params, updates), state

    state = optimizer.init(params)
    for x, y in examples(setting):
        params, state = step(params, state, x, y)
    np.testing.assert_allclose(np.asarray(params), lived(setting).w[:, 0], rtol=2e-4, atol=2e-4)


def test_a_large_graph_is_packed(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: its exports are not run")
    rng = np.random.default_rng(0)
    graph = random_graph(rng, 4, 40, 3, recurrent=False)
    assert graph.synapses > 400
    own = {"weights": rng.standard_normal(graph.synapses).astype(np.float32) * np.float32(0.2)}
    own["plasticity"] = rng.standard_normal((1, graph.synapses)).astype(np.float32)
    learner = learner_of(tmp_path, RECIPES["descending"][1], topology=graph, **own)
    setting = setting_of(learner)
    network = imported(str(export(learner, "torch")), tmp_path).PlasticNetwork()
    for x, y in examples(setting):
        network.learn(torch.from_numpy(x), torch.from_numpy(y))
    np.testing.assert_allclose(network.w.numpy(), lived(setting).w[:, 0], rtol=1e-4, atol=5e-5)


def test_synapses_that_open_and_close_are_refused_where_they_cannot_be_told(tmp_path: Path) -> None:
    def with_candidates(graph: Graph) -> Graph:
        return replace(graph, traits=np.where(np.arange(graph.synapses) == 0, SILENT, 0).astype(np.uint8))

    learner = made_of(tmp_path, "descending", 0, with_candidates)
    for form in ("python", "torch", "optax", "onnx"):
        with pytest.raises(InputError, match=rf"a rule that {form} can hold; found one that opens and closes synapses"):
            export(learner, form, tmp_path / "file")
    read = from_networkx(networkx.node_link_graph(json.loads(str(export(learner, "networkx"))), edges="edges"))
    assert read.graph == setting_of(learner).graph
