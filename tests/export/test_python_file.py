"""The Python export: the same bits as the lifetime, a check that can fail, readable code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.export.cases import ALL
from tests.export.exported import (
    Lives,
    Made,
    Written,
    answers,
    examples,
    imported,
    run_file,
    setting_of,
    tidy,
    used,
)
from tests.language.samples import same_bits


@pytest.mark.parametrize("name", ALL)
def test_it_learns_as_the_lifetime_did_bit_for_bit(name: str, lives: Lives, written: Written, tmp_path: Path) -> None:
    text, (setting, reference) = written(name, "python"), lives(name)
    module = imported(text, tmp_path)
    born = {"weights": setting.weights} if setting.drawn else {}
    if setting.phenotypes[0].feedback is not None and "feedback=None" in text:
        born["feedback"] = setting.phenotypes[0].feedback
    copy = module.Learner(**born)
    assert len(setting.plan.order) == 100
    for x, y in examples(setting):
        copy.learn(x, y)
    assert np.isfinite(reference.w).all()
    assert not np.array_equal(reference.w, reference.w0)
    assert same_bits(copy.w, reference.w[:, 0])
    queries = setting.tasks.query_x
    assert same_bits(copy.predict(queries[:, :, 0]), answers(reference, queries))


@pytest.mark.parametrize("name", ALL)
def test_it_checks_itself_and_its_example_runs(name: str, written: Written, tmp_path: Path) -> None:
    text = written(name, "python")
    done = run_file(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "as in the run" in done.stdout
    assert "held-out task of the run" in text
    assert "[[" in used(text, tmp_path)


@pytest.mark.parametrize("name", ALL)
def test_it_is_formatted_and_has_nothing_unused(name: str, written: Written, tmp_path: Path) -> None:
    text = written(name, "python")
    assert tidy(text, tmp_path) == ""
    assert max(map(len, text.split("\n"))) <= 100


@pytest.mark.parametrize(
    ("old", "new"),
    [("C0 = F(0.5)", "C0 = F(0.25)"), ("(target - post)", "(target + post)"), ("bound = F(20.0)", "bound = F(0.01)")],
)
def test_a_changed_file_fails_its_check(old: str, new: str, written: Written, tmp_path: Path) -> None:
    text = written("delta", "python")
    assert old in text
    done = run_file(text.replace(old, new), tmp_path)
    assert done.returncode == 1
    assert "numbers differ" in done.stderr


def test_wrong_shapes_are_named(written: Written, tmp_path: Path) -> None:
    module = imported(written("delta", "python"), tmp_path)
    learner = module.Learner()
    with pytest.raises(ValueError, match=r"inputs of shape \(examples, 3\) expected, not \(2, 1\)"):
        learner.predict(np.zeros((2, 1)))
    with pytest.raises(ValueError, match=r"outputs of shape \(examples, 1\) expected, not \(1,\)"):
        learner.learn(np.zeros((1, 3)), np.zeros(1))
    with pytest.raises(ValueError, match="one example at a time"):
        learner.learn(np.zeros((2, 3)), np.zeros((2, 1)))


def test_a_learner_with_drawn_weights_comes_in_any_size(written: Written, tmp_path: Path) -> None:
    module = imported(written("sgd", "python"), tmp_path)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 7))
    labels = (x[:, 0] + x[:, 1] > 0).astype(int)
    learner = module.Learner(inputs=7, hidden=(9, 5), outputs=2, seed=3)
    for _ in range(60):
        learner.learn(x, np.eye(2)[labels])
    assert (learner.predict(x).argmax(axis=1) == labels).mean() > 0.9
    assert not np.array_equal(module.Learner(seed=1).w, module.Learner(seed=2).w)


def test_tied_coefficients_want_as_many_layers_as_evolved(written: Written, tmp_path: Path) -> None:
    module = imported(written("recurrent", "python"), tmp_path)
    module.Learner(inputs=2, hidden=(5, 6), outputs=3)
    with pytest.raises(ValueError, match="as many layers"):
        module.Learner(hidden=(4, 3, 2))


def test_first_weights_scatter_as_in_the_run(made: Made, written: Written, tmp_path: Path) -> None:
    """The export draws what `topology.first_weights` draws: deviations agree within four standard errors."""
    from evometa.genetics.topology import spread

    setting = setting_of(made("recurrent"))
    module = imported(written("recurrent", "python"), tmp_path)
    drawn = np.stack([module.Learner(seed=seed).w for seed in range(300)])
    wanted = spread(setting.graph, "glorot", 1.0).deviation
    assert np.abs(drawn.std(axis=0) - wanted).max() < 4 * wanted.max() / np.sqrt(600)
