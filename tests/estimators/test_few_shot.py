"""The few-shot classifier: the answers of the run's lives, new classes without learning anew, files."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.estimators import FewShotClassifier, RuleClassifier
from evometa.estimators.files import contents, restored
from evometa.export.setting import Setting
from evometa.lifetime.numba import cpu
from evometa.lifetime.reference import Learner as Reference
from evometa.presentation.learner import Learner
from tests.estimators.examples import blobs
from tests.export.cases import comparing
from tests.export.exported import learner_of, lived, setting_of

HEADS = ["prototype", "matching", "ridge"]
FIXED = {"init": "he", "random_state": 0}


@cache
def champion(head: str, updates: int = 0) -> tuple[Learner, Setting]:
    """A learner of drawings that compares by coefficients, and its first held-out task."""
    learner = learner_of(Path(mkdtemp()), comparing(head, updates))
    return learner, setting_of(learner)


def examples(setting: Setting) -> tuple[Any, Any, Any]:
    """Its support, with classes, and its queries."""
    tasks = setting.tasks
    return tasks.support_x[..., 0], tasks.support_y[..., 0].argmax(axis=1), tasks.query_x[..., 0]


def answers(learner: Reference) -> Any:
    """What the reference answers to the queries, f32[Q, A]."""
    one, nothing = learner.informed(), np.zeros_like(learner.tasks.query_y[0])
    return np.array([one.asked(x, nothing).output[:, 0, 0] for x in learner.tasks.query_x])


@pytest.mark.parametrize("updates", [0, 2])
@pytest.mark.parametrize("head", HEADS)
def test_answers_are_those_of_the_run_s_lives(head: str, updates: int) -> None:
    learner, setting = champion(head, updates)
    x, y, queries = examples(setting)
    found = learner.classifier().fit(x, y)
    assert isinstance(found, FewShotClassifier)
    assert np.array_equal(found.predict_proba(queries).astype(np.float32), answers(lived(setting)))
    right = found.predict(queries) == setting.tasks.query_y[..., 0].argmax(axis=1)
    for query in range(len(queries)):
        asked = replace(setting.tasks, query_x=setting.tasks.query_x[query : query + 1],
                        query_y=setting.tasks.query_y[query : query + 1])  # fmt: skip
        outcomes = cpu.live(setting.phenotypes, asked, setting.births, setting.plan, threads=1)
        assert outcomes.accuracy[0, -1, 0] == right[query]
    assert found.n_updates_ == updates


@pytest.mark.parametrize("head", HEADS[:2])
def test_new_classes_join_without_learning_anew(head: str) -> None:
    learner, setting = champion(head, 2)
    x, y, queries = examples(setting)
    names = np.array(["m", "z", "a", "k", "bb"])[y]
    known = y < 3
    found = learner.classifier().fit(x[known], names[known])
    weights = found.weights_.copy()
    before = found.predict_proba(queries)
    found.partial_fit(x[~known], names[~known])
    assert found.classes_.tolist() == ["a", "bb", "k", "m", "z"]
    assert found.predict_proba(queries).shape == (len(queries), 5)
    assert np.array_equal(found.weights_, weights)
    assert (found.n_updates_, found.score(x, names) > 0.5) == (2, True)
    old = found.predict_proba(queries)[:, [0, 3, 4]]  # among themselves, the old classes stand as they stood
    assert np.allclose(old / old.sum(axis=1, keepdims=True), before, atol=1e-5)


def test_new_classes_join_the_regression() -> None:
    learner, setting = champion("ridge", 2)
    x, y, queries = examples(setting)
    found = learner.classifier().fit(x[y < 3], y[y < 3]).partial_fit(x[y >= 3], y[y >= 3])
    known, asked = (e / np.linalg.norm(e, axis=1, keepdims=True) ** 0.5 for e in map(found.embed, (x, queries)))
    gram = known.T @ known + np.exp(-0.3) * np.eye(6)
    net = np.exp(0.7 * asked @ np.linalg.solve(gram, known.T @ np.eye(5)[y]))
    assert np.allclose(found.predict_proba(queries), net / net.sum(axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("head", HEADS)
def test_the_order_of_examples_counts_for_rounding_alone(head: str) -> None:
    x, y = blobs(5)
    whole = FewShotClassifier(head=head, **FIXED).fit(x, y)
    bit = FewShotClassifier(head=head, **FIXED)
    for part in np.array_split(np.arange(len(x)), 7):
        bit.partial_fit(x[part], y[part], classes=[0, 1])
    assert np.array_equal(bit.predict_proba(x), whole.predict_proba(x))
    order = np.random.default_rng(0).permutation(len(x))
    other = FewShotClassifier(head=head, **FIXED).partial_fit(x[order], y[order])
    assert np.allclose(other.predict_proba(x), whole.predict_proba(x), rtol=1e-4, atol=1e-6)
    assert whole.support_.units.shape == (64, 5 if head == "prototype" else 60)
    assert whole.fit(x[y < 2], y[y < 2]).classes_.tolist() == [0, 1]


@pytest.mark.parametrize("head", HEADS)
def test_what_is_loaded_is_what_was_saved(tmp_path: Path, head: str) -> None:
    x, y = blobs()
    found = FewShotClassifier(head=head, metric_scale="c0", coefficients=(0.3,), metric_norm=1.0, **FIXED).fit(x, y)
    found.save(tmp_path / "one")
    again = FewShotClassifier.load(tmp_path / "one")
    assert np.array_equal(again.predict_proba(x), found.predict_proba(x))
    for one in (found, again):
        one.partial_fit(x[:3] + 9, [7, 8, 7])
    assert np.array_equal(again.predict_proba(x), found.predict_proba(x))
    assert np.array_equal(again.embed(x), found.embed(x))
    with pytest.raises(InputError, match=r"Use FewShotClassifier\.load"):
        RuleClassifier.load(tmp_path / "one")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classes", np.zeros(3, np.int64)),
        ("counts", np.zeros(3, np.int64)),
        ("counts", np.ones(2, np.int64)),
        ("units", np.full((64, 3), np.nan, np.float32)),
        ("units", np.ones((63, 3), np.float32)),
        ("units", np.ones((64, 3))),
    ],
)
def test_examples_that_belong_to_another_are_refused(name: str, value: Any) -> None:
    arrays = contents(FewShotClassifier(**FIXED).fit(*blobs()))
    with pytest.raises(InputError):
        restored(FewShotClassifier, {**arrays, f"support {name}": value}, "there")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"head": "softmax"}, "head: expected"),
        ({"metric_scale": "c1", "coefficients": (1.0,)}, "metric_scale: expected a number, or one of 1 coefficients"),
        ({"metric_scale": -1.0}, "metric_scale: expected"),
        ({"metric_norm": 1.5}, "metric_norm: expected"),
        ({"metric_log_ridge": "c7"}, "metric_log_ridge: expected a number, or one of"),
        ({"embedding": 0}, "embedding: expected"),
        ({"rule": "pre*target", "batch": 1, "updates": 1}, "rule: expected a rule without target"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        FewShotClassifier(**wrong).fit(*blobs())


def test_estimators_that_compare_nothing_refuse_such_heads() -> None:
    for head in HEADS:
        with pytest.raises(InputError, match="head: expected"):
            RuleClassifier(head=head).fit(*blobs())
    with pytest.raises(InputError, match=r"answers with numbers; found the head prototype.*classifier\(\)"):
        champion("prototype")[0].regressor()


def test_labels_and_numbers_that_do_not_fit_are_refused() -> None:
    x, y = blobs()
    found = FewShotClassifier(**FIXED).fit(x[y == 1], y[y == 1])
    assert found.predict(x).tolist() == [1] * 60
    with pytest.raises(InputError, match=f"labels as the known ones, such as 1; found '{y[0]}'"):
        found.partial_fit(x, y.astype(str))
    with pytest.raises(InputError, match=f"such as 'a'; found {y[0]}\\."):
        FewShotClassifier(**FIXED).fit(x, np.array(["a", "b", "c"])[y % 3]).partial_fit(x, y)
    with pytest.raises(InputError, match="finite answers"):
        FewShotClassifier(hidden=(), **FIXED).fit(x, y).predict(np.full((1, 4), 1e25))
    with pytest.raises(InputError, match="two classes to learn from"):
        FewShotClassifier(rule="-0.1*grad", updates=1).fit(x[y == 1], y[y == 1])


def test_many_classes_of_one_example_are_no_reason_to_warn() -> None:
    x = np.random.default_rng(0).normal(size=(40, 4))
    assert FewShotClassifier(head="matching", **FIXED).fit(x, np.arange(40)).score(x, np.arange(40)) == 1
    with pytest.raises(ValueError, match="continuous"):
        FewShotClassifier(**FIXED).fit(x, x[:, 0])
