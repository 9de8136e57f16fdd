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
    "gated": ((4, 3), recipe(  # gates close, and open again
        CLUSTERS, {"update": "-0.03*grad - 0.01*w", "gate": "abs(w) - 0.6*abs(sin(9*age)) + 0.2*gate*s1", "s1": "grad"},
        weights={"mode": "evolved"}, network={"credit": "backprop"}, lifetime={"batch": 2, "updates": 30},
    )),
    "shut": ((4, 3), recipe(
        CLUSTERS, {"update": "-0.3*grad", "gate": "gate + 20*abs(grad) - 0.2"},
        network={"credit": "feedback"}, lifetime={"batch": 1, "updates": 30},
    )),
    "broad": ((1, 1), recipe(
        SINE, {"update": "-0.02*grad*p0 + 0.01*(w0 - w)", "loss": "abs(output - target)"}, plasticity={"count": 1},
        weights={"mode": "fixed"}, network={"credit": "broadcast"}, lifetime={"batch": 2, "updates": 20},
    )),
}  # fmt: skip
LAYERS = {"hidden": [5], "credit": "backprop"}
CASES = [*((name, seed) for seed in range(4) for name in (*RECIPES, "evolved")), ("gated layers", 0)]


def made_of(folder: Path, name: str, seed: int, change: Callable[[Graph], Graph] = lambda graph: graph) -> Learner:
    """A learner with a random graph, every second time a recurrent one."""
    if name == "evolved":  # from genes, with fixed synapses
        rule = {"s1": "0.5*s1 + grad", "update": "-0.2*s1 - 0.01*w*p0"}
        return evolved_learner(folder, seed, rule, plasticity={"count": 1})
    (inputs, outputs), settings = RECIPES[name.removesuffix(" layers")]
    if name.endswith("layers"):  # in place of a graph of its own
        return learner_of(folder, {**settings, "weights": {"mode": "drawn"}, "network": LAYERS}, name.split()[0])
    rng = np.random.default_rng(seed)
    graph = change(random_graph(rng, inputs, int(rng.integers(1, 9)), outputs, recurrent=seed % 2 == 1))
    if name == "shut":  # some synapses are candidates, closed at birth, some of them fixed
        kinds = ((0.4, SILENT), (0.2, FIXED))
        silent, fixed = (np.where(rng.random(graph.synapses) < share, bit, 0) for share, bit in kinds)
        graph = replace(graph, traits=(silent | fixed).astype(np.uint8))
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


@pytest.mark.parametrize(("seed", "gate"), [(0, {}), (1, {}), (2, {"gate": "abs(w) - 0.3*age"})])
def test_what_synapses_cost_in_life_is_in_python_and_refused_elsewhere(
    seed: int, gate: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, settings = RECIPES["descending"]
    rule, life = {**settings["rule"]["init"], **gate}, {**settings["lifetime"], "synapse_cost": 0.05}
    own = {name: settings[name] for name in ("plasticity", "weights", "network")}
    monkeypatch.setitem(RECIPES, "frugal", (size, recipe(settings["tasks"], rule, lifetime=life, **own)))
    learner = made_of(tmp_path, "frugal", seed)
    setting = setting_of(learner)
    copy = imported(str(export(learner, "python")), tmp_path).Learner(**born(setting))
    for x, y in examples(setting):
        copy.learn(x, y)
    reference = lived(setting)
    assert setting.plan.synapse_cost == 0.05
    assert same_bits(copy.w, reference.w[:, 0])
    for form in ("torch", "optax"):
        with pytest.raises(InputError, match="synapses cost something in life"):
            export(learner, form, tmp_path / "file")


def free(graph: Graph) -> Graph:
    """The graph with synapses that all learn."""
    return replace(graph, traits=np.zeros_like(graph.traits))


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_optax_learns_as_the_lifetime_did(seed: int, tmp_path: Path) -> None:
    """Of a recurrent network (1), or one with fixed synapses, the file has the rule alone."""
    jax = pytest.importorskip("jax", reason="jax is not installed: its exports are not run")
    optax = pytest.importorskip("optax", reason="optax is not installed: its exports are not run")
    learner = made_of(tmp_path, "descending", seed)
    graph, module = setting_of(learner).graph, imported(str(export(learner, "optax")), tmp_path)
    plain = (graph.src < graph.dst) & (graph.traits == 0)
    assert hasattr(module, "network") == plain.all()
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


def test_graphs_tell_which_synapses_learning_leaves_open(tmp_path: Path) -> None:
    learner = made_of(tmp_path, "shut", 2)
    setting = setting_of(learner)
    reference = lived(setting)
    opened = reference.states["gate"][:, 0] > 0
    assert 0 < opened.sum() < len(opened)
    drawn = networkx.node_link_graph(json.loads(str(export(learner, "networkx", trained=True))), edges="edges")
    for e, (source, target) in enumerate(zip(setting.graph.src.tolist(), setting.graph.dst.tolist(), strict=True)):
        data = drawn.edges[source, target]
        assert (data["open"], np.float32(data["weight"])) == (opened[e], reference.w[e, 0])
    assert from_networkx(drawn).graph == setting.graph
    plain = networkx.parse_graphml(str(export(learner, "graphml")))
    assert not any("open" in data for *_, data in plain.edges(data=True))


@pytest.mark.parametrize("name", ["gated", "shut"])
def test_onnx_has_the_weights_that_synapses_transmit(name: str, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: its exports are not run")
    runtime = pytest.importorskip("onnx.reference", reason="onnx is not installed: its exports are not run")
    learner = made_of(tmp_path, name, 2)
    setting = setting_of(learner)
    export(learner, "onnx", tmp_path / "net.onnx", trained=True)
    session = runtime.ReferenceEvaluator(onnx.load(tmp_path / "net.onnx"))
    queries = setting.tasks.query_x
    (found,) = session.run(None, {"x": queries[:, :, 0]})
    np.testing.assert_allclose(found, answers(lived(setting), queries), rtol=2e-5, atol=2e-6)


def test_an_optimizer_cannot_open_and_close_synapses(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a rule that optax can hold; found one that opens and closes synapses"):
        export(made_of(tmp_path, "gated", 0), "optax", tmp_path / "file")
