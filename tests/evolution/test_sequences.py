"""Lives as sequences: what they are asked and when, what a whole one comes to, and a run of each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check import check_tasks
from evometa.evolution.courses import open_courses
from evometa.evolution.sequences import end_of, in_ticks, judged, mean, shares
from evometa.export import export
from evometa.lifetime import Outcomes, Plan
from evometa.tasks import open_family

TINY: dict[str, Any] = {
    "name": "sequences",
    "run": {"generations": 2},
    "tasks": {"family": "sequence", "of": "digits", "ways": 2, "instances": 3},
    "sampling": {"tasks": 5, "validation_tasks": 4, "test_tasks": 6},
    "network": {"hidden": [4], "recurrent": True},
    "rule": {"slots": ["update"], "init": {"update": "-c0*grad"}, "signals": ["grad", "c0"]},
    "coefficients": {"count": 1, "low": 0.001, "high": 0.1},
    "weights": {"mode": "evolved"},
    "evolution": {"population": 6, "offspring": 6},
    "gradient": {"steps": 2, "tasks": 5, "numbers": ["weights", "coefficients"]},
    "champion": {"baselines": ["sgd"], "rates": {"low": 0.001, "high": 0.1, "points": 3}},
}
COPY = {"family": "copy", "bits": 2, "length": 3}
PLAN = Plan(np.zeros((5, 1, 3), np.int32), np.array([0, 5], np.int32), "sigmoid", "backprop")


def test_ticks_come_in_their_order_and_the_last_are_asked() -> None:
    plan = in_ticks(PLAN, 7, 3)
    assert plan.order.tolist() == [[[tick] * 3] for tick in range(7)]
    assert plan.checkpoints.tolist() == [0, 4, 5, 6]
    assert plan.asked is not None
    assert plan.asked.tolist() == [[0, 3], [0, 1], [1, 2], [2, 3]]
    assert plan.length == 7
    assert shares(plan).tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    assert end_of(plan) == -1
    assert end_of(PLAN) == 1


def test_a_sequence_is_judged_by_the_mean_over_its_queries_without_those_at_birth() -> None:
    plan, rng = in_ticks(PLAN, 7, 3), np.random.default_rng(0)
    scores = rng.random((3, 2, 4, 3), np.float32)
    found = judged(plan, Outcomes(scores, np.zeros((2, 3), np.uint8), opened=scores[0]))
    assert found.scores[:, :, :4].tobytes() == scores.tobytes()
    assert np.allclose(found.scores[:, :, 4], scores[:, :, 1:].mean(axis=2))
    assert found.opened is not None
    assert np.allclose(found.opened[:, 4], scores[0, :, 1:].mean(axis=1))
    scores[:, :, 0] = np.nan  # what nobody counts cannot harm
    assert np.isfinite(mean(plan, scores)).all()
    other = Outcomes(scores, np.zeros((2, 3), np.uint8))
    assert judged(PLAN, other) is other


@pytest.mark.parametrize("tasks", [TINY["tasks"], COPY])
def test_a_run_of_sequences(tasks: dict[str, Any], tmp_path: Path) -> None:
    """It evolves, is tuned by gradients, judged beside rivals and taken apart; the same in every run."""
    run = evometa.run({**TINY, "tasks": tasks}, out=tmp_path / "a")
    report, asked = run.champion.report, range(7, 13) if tasks is COPY else range(1, 6)
    assert [point.updates for point in report.curve] == [0, *asked]
    means = [point.mean for point in report.curve[1:]]
    assert report.test.mean == pytest.approx(np.mean(means), rel=1e-5)
    assert report.birth.mean == pytest.approx(report.curve[0].mean)
    assert [row.name for row in report.baselines] == ["sgd"], "no rival that would be shown the answers"
    if tasks is COPY:
        assert report.instances == []
        return
    assert len(report.instances) == 3
    counts = [1, 2, 2]  # of two classes, but that of the image that nobody asks for
    weighted = sum(n * one.mean for n, one in zip(counts, report.instances, strict=True)) / 5
    assert weighted == pytest.approx(report.also["accuracy"].mean, rel=1e-5)
    analysis = run.analyse(tasks=4)
    assert analysis.whole.mean is not None


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("lifetime.batch=2", "each tick is an update"),
        ("lifetime.updates=9", "an update a tick"),
        ("lifetime.epochs=2", "met once"),
        ("lifetime.checkpoints=[2]", "ticks of their own"),
        ("champion.updates=9", "ends with its last tick"),
        ("evolution.inheritance=darwin", "judges lives"),
        ("network.head=prototype lifetime.batch=all", "ticks to come"),
        ("gradient.updates=1", "all ticks count"),
        ("gradient.checkpoints=[1]", "all ticks count"),
    ],
)
def test_what_does_not_fit_sequences_is_refused(setting: str, expected: str) -> None:
    loaded = load(TINY, setting.split())
    families = [open_family(one.settings, 0) for one in loaded.config.tasks]
    with pytest.raises(InputError, match=expected) as refused:
        check_tasks(loaded, families)
    assert refused.value.where


def test_a_sequence_of_ticks_is_sound_and_its_arrays_can_be_kept() -> None:
    from evometa.evolution.courses import lessons

    loaded = load(TINY)
    (course,) = open_courses(loaded.config)
    lesson = lessons(course, loaded.config, "train", 0, 5).lasting()
    assert lesson.plan.asked is not None
    assert not lesson.plan.asked.flags.writeable
    assert lesson.part(1, 3).plan.asked is lesson.plan.asked


def test_a_run_with_an_external_memory(tmp_path: Path) -> None:
    """Its networks say what becomes of it, and read it; nothing that knows no memory takes them for others."""
    plain = {name: part for name, part in TINY.items() if name != "gradient"}
    network = {"hidden": [4], "memory": {"slots": 3, "cells": 2, "focus": "c0"}}
    run = evometa.run({**plain, "tasks": COPY, "network": network}, out=tmp_path / "a")
    graph = run.graphs[next(iter(run.graphs))]
    assert (graph.inputs, graph.outputs) == (3 + 2, 2)
    assert graph.nodes == 5 + 1 + 4 + (2 + 5) + 2
    assert "numba" in str(run.environment)
    assert run.analyse(tasks=4).whole.mean is not None
    for refused in (run.champion.classifier, lambda: export(run.champion, "torch")):
        with pytest.raises(InputError, match="external memor"):
            refused()


def test_genomes_whose_memories_go_by_other_numbers_do_not_behave_alike() -> None:
    from evometa.evolution.signatures import all_signatures
    from evometa.genetics.genome import Genome
    from evometa.language.text import parse

    rule = {"update": parse("-0.1*grad")}
    genomes = [Genome(rule, coefficients=np.array([value], np.float32)) for value in (0.01, 0.02)]
    for focus, alike in (("c0", False), (2.0, True)):
        config = load({**TINY, "gradient": {}, "network": {"memory": {"slots": 3, "focus": focus}}}).config
        one, other = all_signatures(config, genomes)
        assert (one == other) is alike
