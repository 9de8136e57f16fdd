"""What a run's champion hands on to its estimators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import evometa
from evometa.config.load import load as load_config
from evometa.errors import InputError
from evometa.estimators import RuleClassifier, RuleRegressor
from evometa.estimators.inheritance import parameters
from evometa.evolution.courses import open_courses
from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_from_json, graph_key, layered
from evometa.presentation.run import load
from evometa.store import create
from evometa.store.records import Settings
from tests.estimators.examples import blobs
from tests.evolved import evolved_learner
from tests.export.cases import TIED
from tests.export.exported import learner_of, setting_of
from tests.inspected import CONFIG, RULES, commit, folder, genome
from tests.small import DELTA, GRADIENT, recipe

__all__ = ["folder"]  # a fixture


def test_a_champion_becomes_a_classifier_that_needs_no_run(folder: Path) -> None:
    champion = load(folder).champion
    assert champion is not None
    found = champion.classifier(epochs=10)
    for path in sorted(folder.rglob("*")):
        path.unlink()
    x, y = blobs()
    mine = clone(found).fit(x, y)
    assert mine.score(x, y) > 0.9
    assert (mine.rule, mine.coefficients, mine.hidden) == ({"update": RULES[2]}, (0.5,), ())
    assert (mine.head, mine.credit, mine.batch, mine.epochs, mine.random_state) == ("sigmoid", "local", 1, 10, 7)
    assert mine.standardize
    assert mine.topology is None


@pytest.mark.filterwarnings("ignore:.*diverged")
def test_tied_coefficients_are_those_of_their_groups_even_where_every_group_is_one_synapse(tmp_path: Path) -> None:
    learner = learner_of(tmp_path, TIED)
    assert learner.genome is not None
    setting, x = setting_of(learner), np.zeros((4, 1))
    assert setting.graph.group.tolist() == [0, 1, 3, 2]
    mine = learner.regressor(rule="p0 - w", init="zeros", epochs=1, batch=4).fit(x, np.zeros(4))
    assert mine.weights_.tolist() == setting.phenotypes[0].plasticity[0].tolist()
    assert mine.weights_.tolist() != learner.genome.plasticity[0].tolist()


def test_any_individual_becomes_an_estimator(folder: Path) -> None:
    run = load(folder)
    assert run.individual(0).classifier().rule == {"update": RULES[0]}
    found = run.individual(1).regressor(learning_rate=0.01)
    assert isinstance(found, RuleRegressor)
    assert "head" not in found.get_params()
    with pytest.raises(TypeError):
        run.individual(1).classifier(speed=3)


def test_a_genome_that_was_not_kept_is_said_to_be(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}) as writer:
        commit(writer, 0, keep=False)
    with pytest.raises(InputError, match="keep_genomes"):
        load(tmp_path).individual(0).classifier()


@pytest.mark.parametrize("inheritance", ["baldwin", "lamarck"])
def test_innate_weights_live_on_where_the_network_fits(tmp_path: Path, inheritance: str) -> None:
    run = evometa.run(recipe(GRADIENT, evolution={"inheritance": inheritance}), out=tmp_path / "run")
    champion = run.champion
    assert champion is not None
    assert champion.genome is not None
    found = champion.regressor()
    assert not found.standardize
    assert (found.epochs, found.updates, found.batch, found.hidden, found.activation) == (None, 2, 5, (6,), "relu")
    rng = np.random.default_rng(0)
    x = rng.uniform(-5, 5, (10, 1))
    found.fit(x, np.sin(x[:, 0]))
    assert np.array_equal(found.innate_weights_, champion.genome.weights)
    with pytest.warns(UserWarning, match="innate_weights belong to another network"):
        champion.regressor().fit(rng.uniform(-1, 1, (10, 3)), x[:, 0])
    assert isinstance(champion.classifier(), RuleClassifier)
    assert champion.classifier().head == "auto"


def genome_of(**parts: Any) -> Genome:
    return Genome.from_json(genome(RULES[2], False)).replace(**parts)


def handed_on(config: dict[str, Any], *graphs: Any, **parts: Any) -> dict[str, Any]:
    return parameters(genome_of(**parts), Settings.read(config, Path("run.db")), graphs)


def test_recipes_say_how_a_life_goes() -> None:
    config = load_config("digits").config.model_dump(mode="json")
    found = handed_on(config, layered(64, (32,), 5))
    expected = {"batch": 5, "epochs": 5, "updates": None, "hidden": (32,), "head": "softmax", "init": "glorot"}
    assert {name: found[name] for name in expected} == expected
    assert {*found, "learning_rate"} == set(RuleClassifier().get_params())
    optimizer = handed_on(
        load_config("optimizer").config.model_dump(mode="json"), layered(64, (32,), 10), layered(13, (16,), 3)
    )
    assert (optimizer["hidden"], optimizer["updates"], optimizer["epochs"]) == ((16, 16), 200, None)


def test_any_seed_of_a_run_will_do() -> None:
    found = handed_on({**CONFIG, "seed": 2**40 + 5})
    assert found["random_state"] == 5
    RuleClassifier(**{**found, "epochs": 1}).fit(*blobs())


def test_what_is_fixed_for_a_whole_run_is_handed_on() -> None:
    settings = recipe(
        DELTA, weights={"mode": "fixed"}, network={"credit": "feedback", "hidden": [4]}, rule={"signals": ["grad"]}
    )
    config = load_config(settings).config
    course = open_courses(config)[0]
    found = handed_on(config.model_dump(mode="json"), course.network)
    assert np.array_equal(found["innate_weights"], course.world.weights(course.network))
    assert np.array_equal(found["feedback_weights"], course.world.feedback(course.network))
    assert graph_key(graph_from_json(found["topology"])) == graph_key(course.network)


@pytest.mark.parametrize("network", [{"contexts": 2}, {"plastic": ["output"]}, {"bias": False}])
def test_contexts_and_layers_that_do_not_learn_come_with_their_network(network: dict[str, Any]) -> None:
    config = load_config(recipe(DELTA, network={"hidden": [4], **network})).config
    (course,) = open_courses(config)
    found = handed_on(config.model_dump(mode="json"), course.network)
    assert found["hidden"] is None
    assert graph_from_json(found["topology"]) == course.network


def test_a_network_that_is_not_layers_is_kept_as_it_is() -> None:
    graph = layered(4, (2, 2), 3)
    found = handed_on({**CONFIG, "network": {"hidden": [3]}}, topology=graph)
    assert found["hidden"] is None
    x, y = blobs()
    mine = RuleClassifier(**{**found, "batch": 1, "epochs": 3}).fit(x, y)
    assert graph_key(mine.network_) == graph_key(graph)


def test_a_configuration_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputError, match=r"a configuration of another form .lifetime.bound"):
        handed_on({**CONFIG, "lifetime": {"bound": "none"}})


def test_a_network_that_evolved_is_fitted_saved_and_loaded(tmp_path: Path) -> None:
    """Fixed synapses keep their weights; what is loaded predicts the same."""
    learner = evolved_learner(tmp_path, 2, "-0.3*grad", lifetime={"batch": 4, "updates": 30})
    one = learner.connectome
    assert one is not None
    assert one.weights is not None
    classifier = learner.classifier()
    x = np.random.default_rng(0).standard_normal((60, 3)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    classifier.fit(x, y)
    assert classifier.score(x, y) > 0.8
    path = tmp_path / "learner.json"
    classifier.save(path)
    assert np.array_equal(type(classifier).load(path).predict_proba(x), classifier.predict_proba(x))
    weights = classifier.weights_
    assert np.array_equal(weights[one.fixed], one.weights[one.fixed])
    assert not np.array_equal(weights[~one.fixed], one.weights[~one.fixed])
