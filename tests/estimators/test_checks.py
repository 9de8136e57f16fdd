"""scikit-learn's own checks of estimators, every one of the installed version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from evometa.estimators import FewShotClassifier, RuleClassifier, RuleRegressor
from evometa.estimators.inheritance import parameters
from evometa.genetics.genome import Genome
from evometa.store.records import Settings
from tests import inspected
from tests.estimators.examples import delta, momentum

SETTINGS = Settings.read(inspected.CONFIG, Path("run.db"))
HANDED_ON = parameters(Genome.from_json(inspected.genome(inspected.RULES[2], False)), SETTINGS, [])
ESTIMATORS = [
    RuleClassifier(),
    RuleRegressor(),
    delta(),
    momentum(hidden=(8,), recurrent=True, credit="feedback", head="softmax"),
    RuleClassifier(**{**HANDED_ON, "epochs": 5}),
    FewShotClassifier(),
    FewShotClassifier(
        head="matching", metric_norm=1.0, metric_scale="c0", coefficients=(5.0,), rule="-0.1*grad", updates=2
    ),
]


CASES = [(number, case) for number, one in enumerate(ESTIMATORS) for case in estimator_checks_generator(one)]


def named(check: Any) -> str:
    """Return the name of a check, which may be bound to options."""
    options = ", ".join(str(value) for value in check.keywords.values())
    return f"{check.func.__name__} {options}".strip() if hasattr(check.func, "__name__") else named(check.func)


@pytest.mark.parametrize(
    ("estimator", "check"), [case for _, case in CASES], ids=[f"{number}: {named(case[1])}" for number, case in CASES]
)
def test_scikit_learn_finds_nothing_wrong(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_classifier_that_cannot_learn_is_noticed() -> None:
    idle = RuleClassifier(rule="0", epochs=1)
    found = next(check for _, check in estimator_checks_generator(idle) if named(check) == "check_classifiers_train")
    with pytest.raises(AssertionError):
        found(idle)
