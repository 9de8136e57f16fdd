"""An estimator's life is the lifetime of the contract: the same network, order, bits; and what it is born with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.genetics.topology import first_weights, graph_json, group_count, layered, spread
from evometa.language.program import compile_loss, compile_rule
from evometa.language.text import parse_rule
from evometa.lifetime import Births, Phenotype, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba import cpu
from evometa.seeding import stream
from tests.estimators.examples import DELTA, blobs, delta, momentum, regressor

LOSS = {"update": "-c0*grad*exp(p0)", "loss": "square(output - target)"}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("delta rule", {**DELTA, "head": "sigmoid", "hidden": (5,), "init": "uniform"}),
    ("backprop", {"rule": "-c0*grad*(1 + age)", "batch": 6, "activation": "relu", "init": "he"}),
    ("feedback", {"rule": "-c0*grad + 0.01*w0", "batch": 4, "credit": "feedback", "hidden": (4, 3)}),
    ("broadcast", {"rule": {"update": "-c0*s1", "s1": "grad", "s2": "s2 + reward"}, "credit": "broadcast", "batch": 3}),
    ("gates", {"rule": {"update": "-c0*grad", "gate": "abs(w) - 0.4*age"}, "batch": 5, "hidden": (6,)}),
    ("recurrent", {"rule": "-c0*grad", "recurrent": True, "batch": 2, "hidden": (4,)}),
    ("gated", {"rule": "-c0*grad", "activation": "gru", "recurrent": True, "batch": 2, "hidden": (2,)}),
    ("evolved loss", {"rule": LOSS, "plasticity": np.full((1, 4), 0.1), "batch": 5, "hidden": (4,), "bound": 0.4}),
]


@pytest.mark.parametrize(("name", "settings"), CASES, ids=[name for name, _ in CASES])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_fit_is_a_lifetime_bit_for_bit(name: str, settings: dict[str, Any], classes: int) -> None:
    x, y = blobs(classes)
    found = momentum(**{"epochs": 3, "coefficients": (0.1,), "standardize": False, **settings}).fit(x, y)
    graph, seed = found.network_, found.learned_.seed
    assert np.array_equal(found.innate_weights_, born_with(found))
    trees = parse_rule(settings["rule"] if isinstance(settings["rule"], dict) else {"update": settings["rule"]})
    loss = trees.pop("loss", None)
    tied = np.asarray(settings.get("plasticity", np.zeros((0, group_count(graph)))), np.float32)
    feedback = first_weights(spread(graph, "glorot", 1.0), stream(seed, 0, "feedback"))
    phenotypes = batch_of([
        Phenotype(
            graph, compile_rule(trees), found.innate_weights_, np.array([found.coefficients[0]], np.float32),
            np.ascontiguousarray(tied[:, graph.group]), feedback, None if loss is None else compile_loss(loss),
        )
    ])  # fmt: skip
    targets = (y[:, None] == np.arange(classes)).astype(np.float32)[:, classes - graph.outputs :]
    tasks = [np.ascontiguousarray(a, np.float32)[:, :, None] for a in (x, targets)]
    passes = [stream(seed, number, "order").permutation(60) for number in range(3)]
    order = np.concatenate(passes).reshape(-1, found.batch, 1).astype(np.int32)
    points = np.array([0, len(order)], np.int32)
    plan = Plan(order, points, found.learned_.head, found.credit, found.bound, keep_weights=True)
    lived = cpu.live(phenotypes, Tasks(*tasks, *tasks), Births(), plan)
    assert lived.weights is not None
    assert np.array_equal(found.weights_, lived.weights[0])
    if classes == 2 or found.learned_.head == "softmax":  # the accuracy of several sigmoids is that of single outputs
        assert lived.accuracy[0, 1, 0] == np.float32(found.score(x, y))
    assert not np.array_equal(found.weights_, found.innate_weights_)
    opened = found.learned_.state["gate"] > 0
    assert (opened.min(), opened.max()) == (name != "gates", True)


def born_with(found: Any) -> Any:
    """Return the first weights that an estimator should have drawn."""
    return first_weights(spread(found.network_, found.init, found.scale), stream(found.learned_.seed, 0, "births"))


NETWORK = layered(4, (3,), 3)
INNATE = np.linspace(-1, 1, NETWORK.synapses, dtype=np.float32)
NOTHING = {"rule": "0", "epochs": 1, "topology": graph_json(NETWORK), "innate_weights": INNATE, "standardize": False}


@pytest.mark.parametrize("hidden", [(3,), None])
def test_innate_weights_are_used_in_their_own_network(hidden: Any) -> None:
    found = momentum(**NOTHING, hidden=hidden).fit(*blobs())
    assert np.array_equal(found.innate_weights_, INNATE)


@pytest.mark.parametrize("other", [{"hidden": (4,)}, {"hidden": (3,), "activation": "relu"}, {"hidden": ()}])
def test_elsewhere_weights_are_drawn_with_a_warning(other: dict[str, Any]) -> None:
    with pytest.warns(UserWarning, match="innate_weights belong to another network") as caught:
        found = momentum(**NOTHING, **other).fit(*blobs())
    assert np.array_equal(found.innate_weights_, born_with(found))
    assert caught[0].filename == __file__


def test_feedback_weights_are_used_in_their_own_network() -> None:
    x, y = blobs()
    settings = {"rule": "-c0*grad", "credit": "feedback", "topology": graph_json(NETWORK), "epochs": 1}
    none, some = (momentum(**settings, feedback_weights=w, hidden=(3,)).fit(x, y) for w in (None, 5 * INNATE))
    assert not np.array_equal(none.weights_, some.weights_)
    none, some = (momentum(**settings, feedback_weights=w, hidden=(5,)).fit(x, y) for w in (None, 5 * INNATE))
    assert np.array_equal(none.weights_, some.weights_)


def test_plasticity_of_synapses_becomes_that_of_layers_in_another_network() -> None:
    own = np.arange(NETWORK.synapses, dtype=np.float32)[None]
    settings = {"rule": "p0 - w", "epochs": 1, "batch": 60, "topology": graph_json(NETWORK), "bound": 100.0}
    settings |= {"init": "zeros", "plasticity": own}
    here = momentum(**settings, hidden=(3,)).fit(*blobs())
    assert np.array_equal(here.weights_, own[0])
    there = momentum(**settings, hidden=(5,)).fit(*blobs())
    means = np.array([own[0, NETWORK.group == group].mean() for group in range(4)])
    assert np.allclose(there.weights_, means[there.network_.group])
    with pytest.raises(InputError, match="as many hidden layers"):
        momentum(**settings, hidden=(5, 5)).fit(*blobs())


def test_after_a_life_its_age_stays_at_the_end() -> None:
    x = np.zeros((4, 1))
    ages = []
    found = regressor(rule="age - w", hidden=(), batch=1, epochs=2, init="zeros", standardize=False)
    for _ in range(3):
        ages.append(found.partial_fit(x, np.zeros(4)).weights_[0])
    assert ages == [np.float32(3) / np.float32(7), 1, 1]
    # the first call says how long a life is
    first = regressor(**found.get_params()).partial_fit(x, np.zeros(4))
    assert first.partial_fit(np.zeros((2, 1)), np.zeros(2)).weights_[0] == np.float32(5) / np.float32(7)


def test_a_network_that_was_learned_stays_what_it_is() -> None:
    x, y = blobs()
    found = momentum(epochs=1, hidden=(3,)).fit(x, y)
    graph = found.network_
    found.set_params(hidden=(7,), head="sigmoid").partial_fit(x, y)
    assert found.network_ is graph
    assert found.learned_.head == "softmax"


def test_with_standardised_inputs_scales_do_not_matter() -> None:
    x, y = blobs()
    one, other = delta().fit(x, y), delta().fit(x * [1, 8, 0.5, 64] + [0, 4, 2, 1], y)
    assert np.allclose(one.weights_, other.weights_, atol=1e-3)
    constant = delta().fit(np.column_stack([x, np.full(60, 7.0)]), y)
    assert constant.score(np.column_stack([x, np.full(60, 7.0)]), y) == one.score(x, y)
