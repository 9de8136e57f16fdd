"""The classifier as a user of scikit-learn meets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evometa.errors import InputError
from evometa.spec.states import MEMORY
from tests.estimators.examples import blobs, delta, momentum, same

LABELS = [
    np.array(["réd", "<b>", "z"]),
    np.array(["réd", "<b>", "z"], object),
    np.array([-7, 0, 5]),
    np.array([1.0, -3.0, 1e9]),
]


@pytest.mark.parametrize(
    ("load", "least"), [(load_wine, 0.95), (load_breast_cancer, 0.94), (load_digits, 0.94)], ids=lambda x: str(x)[10:26]
)
def test_real_data_are_learned(load: Any, least: float) -> None:
    x, y = load(return_X_y=True)
    x, test_x, y, test_y = train_test_split(x, y, random_state=0, stratify=y)
    assert momentum().fit(x, y).score(test_x, test_y) >= least


@pytest.mark.parametrize("labels", LABELS, ids=["text", "objects", "whole numbers", "numbers"])
@pytest.mark.parametrize("head", ["auto", "sigmoid", "softmax"])
def test_labels_of_any_type_come_back(labels: Any, head: str) -> None:
    x, y = blobs()
    for count in (2, 3):
        mine = y < count
        found = momentum(head=head).fit(x[mine], labels[y[mine]])
        assert found.classes_.tolist() == sorted(labels[:count].tolist())
        assert found.classes_.dtype == labels.dtype
        assert found.score(x[mine], labels[y[mine]]) > 0.9
        answers = found.predict_proba(x)
        assert answers.shape == (len(x), count)
        assert np.allclose(answers.sum(axis=1), 1)
        assert (found.classes_[answers.argmax(axis=1)] == found.predict(x)).all()
        assert found.network_.outputs == (1 if count == 2 and head != "softmax" else count)


def test_labels_may_be_true_and_false() -> None:
    x, y = blobs(2)
    found = delta().fit(x, y == 1)
    assert found.predict(x).dtype == bool
    assert found.score(x, y == 1) > 0.9


def test_as_many_partial_fits_as_epochs_make_the_fit() -> None:
    x, y = blobs()
    for make in (delta, momentum):
        whole, bit = make(epochs=4, batch=1).fit(x, y), make(epochs=4, batch=1)
        for _ in range(4):
            bit.partial_fit(x, y, classes=[0, 1, 2])
        assert same(whole, bit)
        assert (bit.n_iter_, bit.n_updates_) == (4, 240)
        assert not same(whole, bit.partial_fit(x, y))


def test_partial_fit_learns_on_from_weights_and_states() -> None:
    x, y = blobs()
    found = momentum(epochs=3, batch=7).fit(x, y)
    before = found.learned_
    found.partial_fit(x[:20], y[:20])
    assert (found.n_iter_, found.n_updates_) == (4, before.updates + 3)
    assert np.array_equal(found.innate_weights_, before.innate)
    forgetful = clone(found).fit(x, y)
    nothing = {name: np.zeros_like(before.state[name]) for name in MEMORY}
    forgetful.learned_ = replace(before, state={**before.state, **nothing})
    assert not same(found, forgetful.partial_fit(x[:20], y[:20]))


def test_every_example_counts_in_every_pass() -> None:
    y = np.arange(11) % 2
    settings = {"rule": "abs(grad)", "hidden": (), "batch": 4, "epochs": 1, "init": "zeros", "standardize": False}
    found = momentum(**settings).fit(np.eye(11), y)
    assert found.n_updates_ == 3
    assert (found.weights_ > 0).all()


def test_the_seed_decides_about_first_weights_and_order() -> None:
    x, y = blobs()
    assert same(momentum().fit(x, y), momentum().fit(x, y))
    assert not same(momentum().fit(x, y), momentum(random_state=1).fit(x, y))
    zeros = [delta(init="zeros", random_state=seed).fit(x, y) for seed in (0, 1)]
    assert not same(*zeros)
    assert same(*(clone(one).set_params(shuffle=False).fit(x, y) for one in zeros))


def test_it_works_in_a_pipeline_and_in_a_search() -> None:
    x, y = load_wine(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), momentum(epochs=3, standardize=False))
    grid = {"ruleclassifier__learning_rate": [1e-6, 1.0], "ruleclassifier__hidden": [(), (8,)]}
    found = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(x, y)
    assert found.best_params_["ruleclassifier__learning_rate"] == 1.0
    assert found.best_score_ > 0.9
    own = clone(found.best_estimator_[-1])
    assert own.get_params() == {**momentum().get_params(), **own.get_params()}
    with pytest.raises(NotFittedError):
        own.predict(x)


def test_a_search_counts_what_diverges_as_lost() -> None:
    x, y = blobs()
    search = GridSearchCV(delta(), {"rule": ["log(-1) * div(1, 0) - div(1, 0)", "c0*pre*(target - post)"]}, cv=3)
    with pytest.warns(FitFailedWarning, match="diverged"), pytest.warns(UserWarning, match="non-finite"):
        found = search.fit(x, y)
    assert np.isnan(found.cv_results_["mean_test_score"][0])
    assert found.best_index_ == 1


def test_what_diverges_is_refused_and_what_gets_worse_is_said() -> None:
    x, y = blobs()
    found = delta().fit(x, y)
    before = found.learned_
    found.set_params(rule="div(1, 0) - div(1, 0)")
    with pytest.raises(InputError, match="learning has diverged"):
        found.partial_fit(x, y)
    assert found.learned_ is before
    with pytest.warns(ConvergenceWarning, match="learning has diverged") as caught:
        delta(rule="-pre*(target - post)").fit(x, y)
    assert caught[0].filename == __file__


def test_rows_out_of_range_are_refused() -> None:
    x, y = blobs()
    found = momentum(standardize=False, hidden=(), epochs=1).fit(x, y)
    for value, said in ((1e300, "within ±3e38"), (3e38, "finite answers")):
        with pytest.raises(InputError, match=said):
            found.predict(value * np.sign(found.weights_[:4]).astype(float)[None])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda e, x, y: e.fit(x, np.zeros(60)), "at least two classes"),
        (lambda e, x, y: e.fit(x, np.column_stack([y, y])), "1d array"),
        (lambda e, x, y: e.fit(x, y + 0.5 * x[:, 0]), "continuous"),
        (lambda e, x, y: e.fit(np.where(x > 1, np.nan, x), y), "NaN"),
        (lambda e, x, y: e.partial_fit(x, y), "all the labels"),
        (lambda e, x, y: e.partial_fit(x, y, classes=[0, 1]), "labels among the classes"),
        (lambda e, x, y: e.fit(x, y).partial_fit(x, y, classes=[0, 1]), "classes of the first call"),
        (lambda e, x, y: e.fit(x, y).partial_fit(x, np.where(y == 0, 9, y)), "labels among the classes.*found 9\\."),
        (lambda e, x, y: e.fit(x, y).predict(x[:, :3]), "4 features"),
    ],
)
def test_what_cannot_be_learned_is_refused(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call(delta(), *blobs())


def test_columns_have_names() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed: names of columns are not tried")
    x, y = blobs()
    table = pandas.DataFrame(x, columns=list("abcd"))
    found = delta().fit(table, y)
    assert found.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    with pytest.raises(ValueError, match="feature names"):
        found.predict(table[list("dcba")])


def test_the_description_tells_all_parameters() -> None:
    told = delta().__doc__ or ""
    assert [name for name in delta().get_params() if name not in told] == []
    assert told.startswith("A classifier")
