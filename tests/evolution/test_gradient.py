"""Gradients in the loop: newborn are tuned, moments are inherited, and a run is the same however it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.gradient import GradientTuner, checkpoints
from evometa.genetics.individual import Individual
from evometa.lifetime.backends import choose_descent
from evometa.lifetime.numba import cpu
from tests.searching import individual
from tests.small import GRADIENT
from tests.small import recipe as changed

SINE = changed(
    GRADIENT,
    network={"hidden": [4], "activation": "tanh"},
    rule={"slots": ["update"], "signals": ["grad", "c0", "p0"], "init": {"update": "-0.05 * grad * exp(p0 * c0)"}},
    coefficients={"count": 1, "low": -1.0, "high": 1.0, "scale": "linear"},
    weights={"init": "glorot"},
    evolution={"population": 3, "offspring": 4},
    gradient={"steps": 3, "tasks": 4, "weight_rate": 0.02, "rate": 0.02},
    run={"generations": 4},
    champion={"updates": 2},
)  # fmt: skip
GENES = {
    "topology": {"mode": "evolved", "start": "layered", "add_node": 0.5, "add_synapse": 0.5},
    "weights": {"init": "normal"}, "plasticity": {"tie": "synapse"},
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "baldwin": {"gradient": {"updates": 1, "later": {"2": {"updates": 2, "first": 3.0, "tasks": 5}}}},
    "lamarck": {"evolution": {"inheritance": "lamarck"}},
    "darwin": {"evolution": {"inheritance": "darwin"}},
    "genes": GENES,
    "absolute": {
        "gradient": {"balance": "absolute", "order": 1, "updates": 1, "warmup": 4, "decay": 2},
        "topology": {"plastic": "evolved", "plastic_share": 0.7, "mutate_plastic": 0.3, "mutate_plastic_layer": 0.2},
        "variation": {"mutate_term": 0.3},
    },
}  # fmt: skip


def recipe(kind: str) -> dict[str, Any]:
    return changed(SINE, **KINDS[kind])


def tuner_of(data: dict[str, Any]) -> GradientTuner:
    config = load(data).config
    return GradientTuner(Evaluator(config, open_courses(config), cpu.live), choose_descent("numba", 1))


def people(data: dict[str, Any], count: int) -> list[Individual]:
    """Return the first individuals of a recipe."""
    from evometa.config.load import load
    from evometa.engine import new_evolution

    config = load(data).config
    networks = [course.network for course in open_courses(config)]
    return new_evolution(config, networks).ask()[:count]


def test_newborn_become_better_and_their_lives_are_counted() -> None:
    data = changed(SINE, gradient={"steps": 40, "weight_rate": 0.03})
    tuner, newborn = tuner_of(data), people(data, 2)
    before = [one.genome for one in newborn]
    tuner.refine(newborn, 0)
    after = [one.genome for one in newborn]
    drawn = tuner.evaluator.draw("validation", 0, 60)
    losses = tuner.evaluator.judge([*before, *after], drawn, "test", rounded=False).values[:, 0]
    assert (losses[2:] < 0.95 * losses[:2]).all()
    statistics, seconds = tuner.spent()
    assert statistics.tuning_lifetimes == 2 * 4 * (40 + 1 + 2)  # steps, first running means, comparison
    assert statistics.gradient_norm > 0
    assert statistics.gradient_after < statistics.gradient_before
    assert 0 < statistics.plastic <= 1
    assert seconds > 0
    for one in after:
        assert one.moments.steps.tolist() == [40]
        assert one.moments.gained[0, 1] < one.moments.gained[0, 0]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_coefficients_stay_within_their_ranges_by_steps_that_go_by_them(scale: str) -> None:
    low, high = np.array([0.9, 0.1], np.float32), np.array([1.0, 10.0], np.float32)
    numbers = {"count": 2, "low": low.tolist(), "high": high.tolist(), "scale": scale}
    rule = {"signals": ["grad", "c0", "c1"], "init": {"update": "-0.1 * c0 * c1 * grad"}}
    data = changed(SINE, rule=rule, coefficients=numbers, plasticity={"count": 0})

    def before_and_after(**how: Any) -> tuple[Any, Any]:
        own, newborn = changed(data, gradient={"tasks": 2, **how}), people(data, 3)
        before = np.stack([one.genome.coefficients for one in newborn])
        tuner_of(own).refine(newborn, 0)
        return before, np.stack([one.genome.coefficients for one in newborn])

    before, after = before_and_after(rate=0.001, steps=1)
    assert ((low <= before) & (before <= high)).all()
    units = high - low if scale == "linear" else before
    moved = (after != low) & (after != high)  # the others met a bound
    assert moved.any()
    assert (np.abs(after - before) / units)[moved] == pytest.approx(0.001, rel=0.05)
    _, after = before_and_after(rate=3.0)
    assert ((after == low) | (after == high)).any(axis=0).all()  # so far did each go
    assert ((low <= after) & (after <= high)).all()


def test_what_becomes_of_one_depends_on_nobody_else() -> None:
    tuner = tuner_of(SINE)
    found = []
    for places in ([0, 1, 2], [2, 1, 0], [1]):
        newborn = people(SINE, 3)
        tuner.refine([newborn[place] for place in places], 5)
        found.append({place: newborn[place].genome.content() for place in places})
    assert found[0] == found[1] == {**found[0], **found[2]}
    newborn = people(SINE, 3)
    tuner.refine(newborn, 6)
    assert newborn[1].genome.content() != found[0][1]


def test_what_does_not_learn_is_tuned_at_birth_alone() -> None:
    data = changed(SINE, topology={"plastic": "evolved"}, plasticity={"tie": "synapse"})
    (one,) = people(data, 1)
    learns = np.arange(len(one.genome.weights)) % 2
    before = one.genome = one.genome.replace(plastic=learns.astype(np.uint8))
    tuner_of(data).refine([one], 0)
    moved = {name: getattr(one.genome, name) != getattr(before, name) for name in ("plasticity", "weights")}
    assert not moved["plasticity"][:, learns == 0].any()
    assert moved["plasticity"][:, learns == 1].any()
    assert moved["weights"][learns == 0].any()


def test_moments_go_on_where_they_were_left() -> None:
    """Two generations of one step each know what a generation of two does, but for the tasks."""
    tuner = tuner_of(changed(SINE, gradient={"steps": 1}))
    (one,) = people(SINE, 1)
    tuner.refine([one], 0)
    first = one.genome.moments
    tuner.refine([one], 1)
    second = one.genome.moments
    assert (first.steps.tolist(), second.steps.tolist()) == ([1], [2])
    assert np.abs(second.means - first.means).max() < 0.02 * 100
    assert (second.weights[:, 1] != first.weights[:, 1]).any()
    # the mean of gradients has the first one's trace in it: 0.9 · 0.1 g₁ + 0.1 g₂
    assert (np.abs(second.weights[:, 0] - 0.9 * first.weights[:, 0]) > 0).any()


def test_running_means_wait_for_the_generation_in_which_their_checkpoint_counts() -> None:
    tuner = tuner_of(changed(SINE, gradient={"checkpoints": [1], "later": {"1": {"checkpoints": [1, 2]}}}))
    (one,) = people(SINE, 1)
    tuner.refine([one], 0)
    first = one.genome.moments.means[0]
    assert first[0] > 0
    assert first[1] == 0
    tuner.refine([one], 1)
    assert (one.genome.moments.means[0] > 0).all()


def test_copies_of_the_best_are_tuned_further() -> None:
    tuner = tuner_of(changed(SINE, gradient={"individuals": 2}))
    some = [individual(float(value), id=value) for value in range(4)]
    assert [one.id for one, _ in tuner.tune(some, 0)] == [3, 2]
    assert all(genome is one.genome for one, genome in tuner.tune(some, 0))


def points(**changes: Any) -> tuple[int, ...]:
    config = load(changed(SINE, **changes)).config
    return checkpoints(config, config.gradient, 5)


def test_checkpoints_are_those_of_lives_but_birth() -> None:
    assert points() == (2,)
    assert points(lifetime={"checkpoints": [0, 1]}) == (1, 2)
    assert points(gradient={"checkpoints": [0, 2]}) == (0, 2)
    assert points(gradient={"updates": 1}) == (1,)
    assert points(evolution={"inheritance": "darwin"}) == (0,)


def test_lives_cut_short_for_tuning_have_the_age_of_whole_ones() -> None:
    drawn = tuner_of(changed(SINE, gradient={"updates": 1}))._lessons(0, "0")
    assert [(len(lesson.plan.order), lesson.plan.length) for _, lesson in drawn] == [(1, 2)]


@pytest.fixture(scope="module", params=list(KINDS))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, evometa.Run]:
    folder = tmp_path_factory.mktemp("gradient") / request.param
    return request.param, evometa.run(recipe(request.param), out=folder, settings=["run.threads=1"])


def test_any_threads_and_a_run_that_is_resumed_give_the_same_digest(
    whole: tuple[str, evometa.Run], tmp_path: Path
) -> None:
    kind, run = whole
    assert evometa.run(recipe(kind), out=tmp_path / "threads", settings=["run.threads=3"]).digest == run.digest
    for done in (1, 3):
        folder = tmp_path / f"after {done}"
        evometa.run(recipe(kind), out=folder, settings=["run.threads=1"], generations=done)
        assert evometa.resume(folder, generations=4).digest == run.digest


def test_children_stand_in_the_run_file_with_their_moments(whole: tuple[str, evometa.Run]) -> None:
    kind, run = whole
    everyone = [run.individual(number) for number in range(3 + 3 * 4)]
    copies = [one for one in everyone if one.operator == "tuned"]
    assert [one.born for one in copies] == [2, 3, 4]
    for child in copies:
        (parent,) = child.parents
        assert child.genome.moments.steps[0] == everyone[parent].genome.moments.steps[0] + 3
    assert all(one.genome.moments.steps[0] % 3 == 0 for one in everyone)
    assert all(row.tuning_lifetimes > 0 and row.gradient_norm >= 0 for row in run.history)
    for step in run.lineage(everyone[-1].id):
        before, after = step.summary()["tuned"]
        assert [before, after] == everyone[step.id].genome.moments.gained[0].tolist()
        assert "tuned: loss" in step.change
        assert step.change.endswith("worse on these tasks") == (after > before)
    if kind == "genes":
        assert copies[-1].genome.topology.moments.shape[1] == 4
        assert copies[-1].genome.topology.moments.any()


def test_a_recipe_that_tunes_nothing_has_the_digest_that_it_had(tmp_path: Path) -> None:
    plain = evometa.run(changed(GRADIENT, run={"generations": 2}), out=tmp_path / "plain")
    off = evometa.run(
        changed(GRADIENT, run={"generations": 2}, gradient={"steps": 0, "tasks": 3}), out=tmp_path / "off"
    )
    assert plain.digest == off.digest
    assert all("gradient_norm" not in row for row in off.history)
    assert off.individual(0).genome.moments is None


def test_where_nothing_varies_children_are_copies_that_are_tuned(tmp_path: Path) -> None:
    """So a line of descent is gradient descent: MAML, and its like, are recipes of a few lines."""
    data = changed(
        SINE, rule={"fixed": ["update"]}, coefficients={"mode": "fixed", "values": [0.0]}, plasticity={"mode": "fixed"},
        variation={"mutate_weights": 0.0}, evolution={"population": 2, "offspring": 2, "scheme": "ageing"},
        gradient={"individuals": 2},
    )  # fmt: skip
    run = evometa.run(data, out=tmp_path / "maml", generations=3)
    everyone = [run.individual(number) for number in range(2 + 2 * 2)]
    assert [one.operator for one in everyone[2:]] == ["tuned"] * 4
    assert [int(one.genome.moments.steps[0]) for one in everyone] == [3, 3, 6, 6, 9, 9]
