"""Stock learners on the same tasks."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestCentroid
from sklearn.svm import SVC, SVR

from evometa.judging import peers as module
from evometa.judging.peers import few, peers
from evometa.lifetime import F32, Tasks
from evometa.tasks import open_family
from evometa.tasks.families.boolean import BooleanTasks
from evometa.tasks.families.digits import DigitsTasks
from evometa.tasks.families.sinusoid import SinusoidTasks


def scores(tasks: Tasks, head: str) -> dict[str, F32]:
    """How well each stock learner does on each lane."""
    return {name: peer.scores(tasks.query_y) for name, peer in peers(tasks, head).items()}


def digits(lanes: int = 12, **settings: int) -> Tasks:
    """Some few-shot tasks on digits 5 to 9."""
    return open_family(DigitsTasks(**settings), 0).sample("test", lanes, np.random.default_rng(0))  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:self.within_class_std_dev_:UserWarning")
def test_class_scores_are_those_of_scikit_learn() -> None:
    tasks = digits()
    found = scores(tasks, "softmax")
    models = {
        "nearest prototype": NearestCentroid(),
        "1-nearest neighbour": KNeighborsClassifier(1),
        "ridge classification": RidgeClassifier(),
        "support vector machine": SVC(),
    }
    assert list(found) == list(models)
    for name, model in models.items():
        for lane in range(tasks.lanes):
            model.fit(tasks.support_x[..., lane], tasks.support_y[..., lane].argmax(axis=1))
            score = model.score(tasks.query_x[..., lane], tasks.query_y[..., lane].argmax(axis=1))
            assert found[name][lane] == pytest.approx(score, abs=1e-6)
            assert found[name].dtype == np.float32


def test_regression_scores_are_those_of_scikit_learn() -> None:
    tasks = open_family(SinusoidTasks(), 0).sample("test", 6, np.random.default_rng(0))
    found = scores(tasks, "linear")
    models = {
        "mean of the examples": DummyRegressor(),
        "1-nearest neighbour": KNeighborsRegressor(1),
        "ridge regression": Ridge(),
        "support vector regression": SVR(),
    }
    assert list(found) == list(models)
    for name, model in models.items():
        for lane in range(tasks.lanes):
            answers = model.fit(tasks.support_x[..., lane], tasks.support_y[:, 0, lane]).predict(
                tasks.query_x[..., lane]
            )
            error = np.square(answers.reshape(-1, 1) - tasks.query_y[..., lane]).mean()
            assert found[name][lane] == pytest.approx(error, rel=1e-4)


@pytest.mark.parametrize("head", ["linear", "softmax"])
def test_generators_and_filters_of_the_process_are_left_alone(head: str) -> None:
    tasks = (
        digits() if head == "softmax" else open_family(SinusoidTasks(), 0).sample("test", 4, np.random.default_rng(0))
    )
    before, filters = repr(np.random.get_state(legacy=False)), list(warnings.filters)
    scores(tasks, head)
    assert repr(np.random.get_state(legacy=False)) == before
    assert list(warnings.filters) == filters


def test_a_single_output_has_logistic_regression() -> None:
    tasks = open_family(BooleanTasks(queries="unseen"), 0).sample("test", 10, np.random.default_rng(0))
    found = scores(tasks, "sigmoid")
    assert list(found) == [
        "nearest prototype", "1-nearest neighbour", "logistic regression", "support vector machine",
    ]  # fmt: skip
    for lane in range(10):
        model = LogisticRegression(tol=1e-8).fit(tasks.support_x[..., lane], tasks.support_y[:, 0, lane])
        score = model.score(tasks.query_x[..., lane], tasks.query_y[:, 0, lane])
        assert found["logistic regression"][lane] == pytest.approx(score, abs=1e-6)


def test_looking_up_the_support_is_not_learning() -> None:
    tasks = open_family(BooleanTasks(), 0).sample("test", 5, np.random.default_rng(0))
    assert list(peers(tasks, "sigmoid")) == ["nearest prototype", "logistic regression", "support vector machine"]
    assert list(peers(tasks, "linear")) == ["mean of the examples", "ridge regression", "support vector regression"]


def test_several_sigmoid_outputs_are_scored_by_output() -> None:
    tasks = digits(shots=1)
    whole, each = scores(tasks, "softmax"), scores(tasks, "sigmoid")
    for name, score in whole.items():
        assert np.allclose(1 - each[name], (1 - score) * 2 / 5, atol=1e-6)
        assert score.min() < 1


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_class_that_is_not_shown_is_never_answered(outputs: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 2, 3)).astype(np.float32)
    y = np.zeros((8, outputs, 3), np.float32)
    y[:, -1] = 1
    found = scores(Tasks(x[:4], y[:4], x[4:], y[4:]), "sigmoid" if outputs == 1 else "softmax")
    assert len(found) == 4
    assert all((score == 1).all() for score in found.values())


@pytest.mark.parametrize(("support", "inputs"), [(5, 9), (9, 5), (1, 3)])
def test_ridge_is_scikit_learns_with_any_number_of_inputs_and_outputs(support: int, inputs: int) -> None:
    rng = np.random.default_rng(0)
    shapes = (support, inputs), (support, 2), (7, inputs), (7, 2)
    tasks = Tasks(*(rng.normal(size=(*shape, 4)).astype(np.float32) for shape in shapes))
    found = peers(tasks, "linear")["ridge regression"].answers
    for lane in range(4):
        model = Ridge().fit(tasks.support_x[..., lane].astype(float), tasks.support_y[..., lane].astype(float))
        assert np.allclose(found[lane], model.predict(tasks.query_x[..., lane].astype(float)), atol=1e-9)


@pytest.mark.parametrize("inputs", [1, 9])
def test_ridge_has_answers_where_its_penalty_is_lost_beside_the_inputs(inputs: int) -> None:
    x = np.repeat(np.float32([[-1e30], [0], [1e30]]), inputs, axis=1)[np.array([0, 0, 2, 2]), :, None]
    y = np.float32([0, 0, 1, 1])[:, None, None]
    assert np.allclose(peers(Tasks(x, y, x, y), "linear")["ridge regression"].answers[0], y[..., 0], atol=1e-3)


def test_blocks_of_lanes_do_not_change_a_score(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = digits()
    whole = scores(tasks, "softmax")
    monkeypatch.setattr(module, "BLOCK", 5 * 75 * 64)
    assert len(list(module._blocks(tasks))) == 3
    for name, score in scores(tasks, "softmax").items():
        assert (score == whole[name]).all()


def test_digits_reach_the_known_scores() -> None:
    """Raw pixels, 5-way, 5-shot, classes 5 to 9: 88.9, 89.7 and 88.6 % in an independent rerun."""
    found = {name: score.mean() for name, score in scores(digits(lanes=200), "softmax").items()}
    assert found["nearest prototype"] == pytest.approx(0.889, abs=0.015)
    assert found["1-nearest neighbour"] == pytest.approx(0.897, abs=0.015)
    assert found["ridge classification"] == pytest.approx(0.886, abs=0.015)
    assert found["support vector machine"] == pytest.approx(0.908, abs=0.015)


def test_queries_can_be_scored_part_by_part() -> None:
    tasks = digits()
    for peer in peers(tasks, "softmax").values():
        parts = [peer.scores(tasks.query_y, k, 5) for k in range(5)]
        assert np.mean(parts, axis=0) == pytest.approx(peer.scores(tasks.query_y), abs=1e-6)
        wrong = [
            (peer.answers[:, k::5] != k).mean(axis=1) for k in range(5)
        ]  # query q is of the class labelled q mod 5
        assert np.allclose(parts, 1 - np.array(wrong), atol=1e-6)


def test_a_learner_that_takes_long_meets_fewer_tasks_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = digits(lanes=20)
    each = module.FIT + 25 * 25 * 64 + 25 * 50 * 64
    monkeypatch.setattr(module, "WORK", 7 * each)
    found = peers(tasks, "softmax")
    assert {name: len(peer.answers) for name, peer in found.items()} == {
        "nearest prototype": 20, "1-nearest neighbour": 20, "ridge classification": 7, "support vector machine": 7,
    }  # fmt: skip
    assert found["support vector machine"].scores(tasks.query_y).shape == (7,)
    monkeypatch.setattr(module, "WORK", each - 1)
    assert few(tasks).lanes == 0
    assert [len(peer.answers) for peer in peers(tasks, "softmax").values()] == [20, 20, 0, 0]
    sines = open_family(SinusoidTasks(), 0).sample("test", 3, np.random.default_rng(0))
    monkeypatch.setattr(module, "WORK", 1)
    assert [len(peer.answers) for peer in peers(sines, "linear").values()] == [3, 3, 0, 0]


def test_what_is_classified_is_scored_by_accuracy_and_numbers_by_loss() -> None:
    assert {peer.measure for peer in peers(digits(), "softmax").values()} == {"accuracy"}
    sines = open_family(SinusoidTasks(), 0).sample("test", 3, np.random.default_rng(0))
    assert {peer.measure for peer in peers(sines, "linear").values()} == {"loss"}
