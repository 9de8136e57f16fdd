"""The regressor as a user of scikit-learn meets it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split

from evometa.errors import InputError
from tests.estimators.examples import DELTA, regressor, same


def test_real_data_are_learned_in_their_own_units() -> None:
    x, y = load_diabetes(return_X_y=True)
    x, test_x, y, test_y = train_test_split(x, y, random_state=0)
    found = regressor(hidden=(), learning_rate=0.1).fit(x, y)
    assert found.score(test_x, test_y) > 0.3
    assert 100 < found.predict(test_x).mean() < 200
    assert found.predict(test_x).shape == (len(test_x),)


def test_without_standardising_numbers_are_taken_as_they_are() -> None:
    settings = {"rule": "target - w", "hidden": (), "batch": 1, "epochs": 1, "init": "zeros", "shuffle": False}
    found = regressor(**settings, standardize=False, bound=1e6).fit([[0.0], [0.0]], [3000.0, 1000.0])
    assert found.weights_.tolist() == [1000.0, 1000.0]
    assert found.predict([[0.0], [2.0]]).tolist() == [1000.0, 3000.0]


def test_as_many_partial_fits_as_epochs_make_the_fit() -> None:
    x, y = load_diabetes(return_X_y=True)
    whole, bit = regressor(epochs=3).fit(x, y), regressor(epochs=3)
    for _ in range(3):
        bit.partial_fit(x, y)
    assert same(whole, bit)
    assert not same(whole, bit.partial_fit(x, y))


def test_updates_make_a_life_where_epochs_are_none() -> None:
    x, y = load_diabetes(return_X_y=True)
    found = regressor(epochs=None, updates=20, batch=32).fit(x, y)
    assert (found.n_updates_, found.n_iter_) == (20, 2)
    assert regressor(epochs=1, updates=20, batch=32).fit(x, y).n_updates_ == 14
    assert same(found, clone(found).fit(x, y))


def test_a_search_finds_the_step_that_suits_another_world() -> None:
    x, y = load_diabetes(return_X_y=True)
    search = GridSearchCV(regressor(**DELTA, epochs=10), {"learning_rate": [0.001, 1.0]}, cv=3)
    with pytest.warns(ConvergenceWarning, match="lower learning_rate"):
        found = search.fit(x, y)
    assert found.best_params_ == {"learning_rate": 0.001}
    assert found.best_score_ > 0.4


def test_targets_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="RuleRegressor: y"):
        regressor(standardize=False).fit(np.eye(2), [0, 1e300])
