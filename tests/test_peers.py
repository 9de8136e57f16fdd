"""Stock learners on the same tasks."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestCentroid

from evometa import peers as module
from evometa.config.tasks import BooleanTasks, DigitsTasks, SinusoidTasks
from evometa.lifetime import Tasks
from evometa.peers import mean_interval, peers
from evometa.tasks import open_family


def digits(lanes: int = 12, **settings: int) -> Tasks:
    """Some few-shot tasks on digits 5 to 9."""
    return open_family(DigitsTasks(**settings), 0).sample("test", lanes, np.random.default_rng(0))  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:self.within_class_std_dev_:UserWarning")
def test_class_scores_are_those_of_scikit_learn() -> None:
    tasks = digits()
    found = peers(tasks, "softmax")
    models = {
        "nearest prototype": NearestCentroid(),
        "1-nearest neighbour": KNeighborsClassifier(1),
        "ridge classification": RidgeClassifier(),
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
    found = peers(tasks, "linear")
    models = {"1-nearest neighbour": KNeighborsRegressor(1), "ridge regression": Ridge()}
    assert list(found) == list(models)
    for name, model in models.items():
        for lane in range(tasks.lanes):
            answers = model.fit(tasks.support_x[..., lane], tasks.support_y[..., lane]).predict(
                tasks.query_x[..., lane]
            )
            error = np.square(answers.reshape(-1, 1) - tasks.query_y[..., lane]).mean()
            assert found[name][lane] == pytest.approx(error, rel=1e-4)


def test_a_single_output_has_logistic_regression() -> None:
    tasks = open_family(BooleanTasks(queries="unseen"), 0).sample("test", 10, np.random.default_rng(0))
    found = peers(tasks, "sigmoid")
    assert list(found) == ["nearest prototype", "1-nearest neighbour", "logistic regression"]
    for lane in range(10):
        model = LogisticRegression(tol=1e-8).fit(tasks.support_x[..., lane], tasks.support_y[:, 0, lane])
        score = model.score(tasks.query_x[..., lane], tasks.query_y[:, 0, lane])
        assert found["logistic regression"][lane] == pytest.approx(score, abs=1e-6)


def test_looking_up_the_support_is_not_learning() -> None:
    tasks = open_family(BooleanTasks(), 0).sample("test", 5, np.random.default_rng(0))
    assert list(peers(tasks, "sigmoid")) == ["nearest prototype", "logistic regression"]
    assert list(peers(tasks, "linear")) == ["ridge regression"]


def test_several_sigmoid_outputs_are_scored_by_output() -> None:
    tasks = digits(shots=1)
    whole, each = peers(tasks, "softmax"), peers(tasks, "sigmoid")
    for name, score in whole.items():
        assert np.allclose(1 - each[name], (1 - score) * 2 / 5, atol=1e-6)
        assert score.min() < 1


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_class_that_is_not_shown_is_never_answered(outputs: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 2, 3)).astype(np.float32)
    y = np.zeros((8, outputs, 3), np.float32)
    y[:, -1] = 1
    found = peers(Tasks(x[:4], y[:4], x[4:], y[4:]), "sigmoid" if outputs == 1 else "softmax")
    assert len(found) == 3
    assert all((score == 1).all() for score in found.values())


def test_blocks_of_lanes_do_not_change_a_score(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = digits()
    whole = peers(tasks, "softmax")
    monkeypatch.setattr(module, "BLOCK", 5 * 75 * 64)
    assert len(list(module._blocks(tasks))) == 3
    for name, score in peers(tasks, "softmax").items():
        assert (score == whole[name]).all()


def test_digits_reach_the_known_scores() -> None:
    """Raw pixels, 5-way, 5-shot, classes 5 to 9: 88.9, 89.7 and 88.6 % in an independent rerun."""
    found = {name: score.mean() for name, score in peers(digits(lanes=200), "softmax").items()}
    assert found["nearest prototype"] == pytest.approx(0.889, abs=0.015)
    assert found["1-nearest neighbour"] == pytest.approx(0.897, abs=0.015)
    assert found["ridge classification"] == pytest.approx(0.886, abs=0.015)


def test_mean_interval_is_students() -> None:
    mean, half = mean_interval([1.0, 2.0, 3.0, 4.0])
    assert mean == 2.5
    assert half == pytest.approx(3.182446 * np.sqrt(5 / 3) / 2, rel=1e-6)
    assert mean_interval(np.float32([3])) == (3.0, None)
    assert mean_interval(np.ones(5)) == (1.0, 0.0)
